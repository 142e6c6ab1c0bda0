//! The names of a gazetteer that stand in a text, and how: whole, short, with another ending, as a code.
//!
//! Keeps: a bare short form that is the beginning of a road's name is never taken for the division; digits stand whole or not at
//! all.

use std::collections::HashMap;
use std::ops::Range;

use super::Gazetteer;
use super::endings::{Ending, goes_on_as_road, is_road, written};
use super::names::{Form, Name};
use crate::code::{DivisionCode, Level};

/// A name that comes again and again is looked at so many times: no text makes a search long.
const MOST_TIMES: usize = 4;

/// How a name stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Whole,
    OtherEnding,
    Short,
    Alias,
    Code,
    /// As part of the name of a road, which may lie there.
    Road,
}

/// A name of an entry in the text, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mention {
    pub(super) start: usize,
    /// Where its ending begins; the ending gives way to a name that begins in it (乐山|市中区).
    pub(super) stem: usize,
    pub(super) end: usize,
    pub(super) entry: u32,
    pub(super) how: How,
    pub(super) former: bool,
}

impl Mention {
    /// Whether it is hardly a chance word: with an ending, or long.
    pub(super) fn is_strong(&self) -> bool {
        let length = self.stem - self.start;
        self.how != How::Road && (length >= 3 || (length == 2 && self.how != How::Short))
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Every name in a text, by start, end and entry.
pub(super) fn read(gazetteer: &Gazetteer, text: &[char]) -> Vec<Mention> {
    let mut mentions = codes(gazetteer, text);
    let mut after = After::default();
    for start in 0..text.len() {
        gazetteer.names.walk(&text[start..], |length, name| {
            let level = gazetteer.entries[name.entry as usize].level;
            let stem = start + length;
            mentions.extend(mention(text, start, stem, (name, level), &mut after));
        });
    }
    mentions.sort_by_key(|m| (m.start, m.end, m.entry));
    let mut times: HashMap<u32, usize> = HashMap::new();
    mentions.retain(|m| {
        let times = times.entry(m.entry).or_default();
        *times += 1;
        *times <= MOST_TIMES
    });
    mentions
}

/// What follows a character, for each level; read once for all the divisions that have the name before it.
#[derive(Debug, Default)]
struct After {
    at: usize,
    endings: [Option<Option<(usize, Ending)>>; 6],
    road: Option<bool>,
}

impl After {
    fn at(&mut self, at: usize) -> &mut Self {
        if self.at != at {
            *self = Self {
                at,
                ..Self::default()
            };
        }
        self
    }

    fn ending(&mut self, text: &[char], level: Level) -> Option<(usize, Ending)> {
        let at = self.at;
        *self.endings[level as usize].get_or_insert_with(|| written(level, &text[at..]))
    }

    fn is_road(&mut self, text: &[char]) -> bool {
        let at = self.at;
        *self
            .road
            .get_or_insert_with(|| goes_on_as_road(&text[at..]))
    }
}

/// A name at a piece of the text; none when a bare short form does not mean the division there: one character, or part of the
/// name of a road, which is called after any town or city.
fn mention(
    text: &[char],
    start: usize,
    stem: usize,
    (name, level): (&Name, Option<Level>),
    after: &mut After,
) -> Option<Mention> {
    let after = after.at(stem);
    let (end, how) = match (name.form, level) {
        (Form::Stem(ending), Some(level)) => match after.ending(text, level) {
            Some((length, same)) if same == ending => (stem + length, How::Whole),
            Some((length, _)) => (stem + length, How::OtherEnding),
            None => {
                let of_road = after.is_road(text)
                    || (level == Level::Community && is_road(&text[start..stem]));
                match level {
                    _ if stem - start < 2 => return None,
                    Level::Community if of_road => (stem, How::Road),
                    _ if of_road => return None,
                    _ => (stem, How::Short),
                }
            }
        },
        (Form::Alias, _) => (stem, How::Alias),
        _ => (stem, How::Whole),
    };
    // 607 does not stand in 1607.
    let is_digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    let cut = (start > 0 && is_digit(start - 1) && is_digit(start))
        || (is_digit(end - 1) && is_digit(end));
    (!cut).then_some(Mention {
        start,
        stem,
        end,
        entry: name.entry,
        how,
        former: name.former,
    })
}

/// The codes of counties, towns and communities in the text.
fn codes(gazetteer: &Gazetteer, text: &[char]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut start = 0;
    for run in text.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
        let end = start + run.len();
        let code: String = run.iter().collect();
        if let Some(code) = DivisionCode::parse(&code).filter(|_| run.len() >= 6)
            && let Some(entry) = gazetteer.by_code(&code)
        {
            found.push(Mention {
                start,
                stem: end,
                end,
                entry,
                how: How::Code,
                former: gazetteer.entries[entry as usize].code != code,
            });
        }
        start = end;
    }
    found
}
