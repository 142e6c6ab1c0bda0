//! One search: names in the text, the divisions above them that the text names too, and the order of what remains.
//!
//! Keeps: the longest name wins a piece of text; what the text says of the hierarchy is never outweighed by a name; a short
//! form without its ending needs something beside it that speaks for it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::endings::{Ending, goes_on_as_road, is_road, written};
use super::names::{Form, Name};
use super::text::{BREAK, Text};
use super::{Candidate, Entry, Gazetteer, Reason};
use crate::code::{DivisionCode, Level};
use crate::label::Label;

/// Length of a code at each level, from the province down.
const CODE_LENGTHS: [usize; 5] = [2, 4, 6, 9, 12];
/// Levels that a division shares with the asker's when both lie in one county.
const SAME_COUNTY: u32 = 3;
/// What every candidate that agrees with the text is ahead of all that do not.
const INSIDE: u32 = 1_000_000;

/// A name that comes again and again is looked at so many times: no text makes a search long.
const MOST_TIMES: usize = 4;

/// How a name stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Whole,
    OtherEnding,
    Short,
    Alias,
    Code,
}

/// A name of an entry in the text, in characters.
#[derive(Debug, Clone, Copy)]
struct Mention {
    start: usize,
    /// Where its ending begins; the ending gives way to a name that begins in it (乐山|市中区).
    stem: usize,
    end: usize,
    entry: u32,
    how: How,
    former: bool,
}

impl Mention {
    /// Whether it is hardly a chance word: with an ending, or long.
    fn is_strong(&self) -> bool {
        let length = self.stem - self.start;
        length >= 3 || (length == 2 && self.how != How::Short)
    }
}

/// A mention with the mentions of divisions above it that belong to it.
#[derive(Debug, Default)]
struct Chain {
    /// Spans of the divisions above, from the nearest up.
    above: Vec<Range<usize>>,
    /// Levels up to the nearest division above that is named; 0 when none is.
    to_nearest: u32,
    /// One of them stands there with another ending than today's.
    other_ending: bool,
    /// Characters of the text that the chain explains.
    explained: usize,
    /// A division that the text names right before it is not above it.
    outside: bool,
    /// The text surely means a division of this level here.
    certain: bool,
    /// Something speaks for the mention beside a bare short form.
    stands: bool,
}

struct Search<'g> {
    gazetteer: &'g Gazetteer,
    text: Text,
    /// Code of today of where the asker is.
    within: Option<&'g DivisionCode>,
    /// By start, end and entry.
    mentions: Vec<Mention>,
    /// Mentions by entry, sorted.
    by_entry: Vec<(u32, usize)>,
    /// Mentions by where they, or their stems, end.
    ending_at: Vec<Vec<usize>>,
    /// Which mentions are but pieces of longer names.
    cut_out: Vec<bool>,
    chains: Vec<Chain>,
}

pub(super) fn search(
    gazetteer: &Gazetteer,
    text: &str,
    within: Option<&DivisionCode>,
    most: usize,
) -> Vec<Candidate> {
    let within = within.and_then(|code| gazetteer.by_code(code));
    let within = within.map(|at| &gazetteer.entries[at as usize].code);
    let mut search = Search::new(gazetteer, Text::new(text), within);
    for at in 0..search.mentions.len() {
        let chain = search.chain(at);
        search.chains.push(chain);
    }
    search.answer(text, most)
}

impl<'g> Search<'g> {
    fn new(gazetteer: &'g Gazetteer, text: Text, within: Option<&'g DivisionCode>) -> Self {
        let mut mentions = codes(gazetteer, &text.chars);
        let mut after = After::default();
        for start in 0..text.chars.len() {
            gazetteer.names.walk(&text.chars[start..], |length, name| {
                let level = gazetteer.entries[name.entry as usize].level;
                let name = (name, level);
                mentions.extend(mention(
                    &text.chars,
                    start,
                    start + length,
                    name,
                    &mut after,
                ));
            });
        }
        mentions.sort_by_key(|m| (m.start, m.end, m.entry));
        let mut times: HashMap<u32, usize> = HashMap::new();
        mentions.retain(|m| {
            let times = times.entry(m.entry).or_default();
            *times += 1;
            *times <= MOST_TIMES
        });
        let mut by_entry: Vec<(u32, usize)> = mentions.iter().map(|m| m.entry).zip(0..).collect();
        by_entry.sort_unstable();
        let mut ending_at = vec![Vec::new(); text.chars.len() + 1];
        for (at, mention) in mentions.iter().enumerate() {
            ending_at[mention.end].push(at);
            if mention.stem != mention.end {
                ending_at[mention.stem].push(at);
            }
        }
        let mut search = Self {
            gazetteer,
            text,
            within,
            mentions,
            by_entry,
            ending_at,
            cut_out: Vec::new(),
            chains: Vec::new(),
        };
        search.cut_out = search.cut_out();
        search
    }

    fn entry(&self, mention: &Mention) -> &'g Entry {
        &self.gazetteer.entries[mention.entry as usize]
    }

    /// The mentions of an entry that are no mere pieces of longer names.
    fn of_entry(&self, entry: u32) -> impl Iterator<Item = &Mention> {
        let from = self.by_entry.partition_point(|(known, _)| *known < entry);
        self.by_entry[from..]
            .iter()
            .take_while(move |(known, _)| *known == entry)
            .filter(|(_, at)| !self.cut_out[*at])
            .map(|(_, at)| &self.mentions[*at])
    }

    /// The chain of a mention; the chains of all mentions that begin before it are there already.
    fn chain(&self, at: usize) -> Chain {
        let own = &self.mentions[at];
        let rank = self.entry(own).rank();
        let mut chain = Chain::default();
        let mut left = own.start;
        // Where the parts before the mention begin, and where the part before that ends.
        let mut joints = Vec::new();
        for above in self.gazetteer.above(own.entry) {
            let before = self
                .of_entry(above)
                .filter(|m| m.stem <= left && m.start < left);
            let (span, how) = if let Some(m) = before.max_by_key(|m| m.start) {
                let span = m.start..m.end.min(left);
                joints.push((left, span.end));
                left = span.start;
                (span, m.how)
            } else {
                let apart = |m: &&Mention| {
                    let other = |span| overlap(span, &(m.start..m.end));
                    m.start >= own.end && !chain.above.iter().any(other)
                };
                let Some(m) = self.of_entry(above).filter(apart).min_by_key(|m| m.start) else {
                    continue;
                };
                (m.start..m.end, m.how)
            };
            chain.other_ending |= how == How::OtherEnding;
            if chain.above.is_empty() {
                chain.to_nearest = self.gazetteer.entries[above as usize].rank() - rank;
            }
            chain.above.push(span);
        }
        joints.push((left, 0));
        chain.explained = chain
            .above
            .iter()
            .map(ExactSizeIterator::len)
            .sum::<usize>()
            + (own.end - own.start);
        chain.outside = joints
            .iter()
            .any(|(start, before)| start != before && self.contradicts(own, *start, *before));
        chain.certain = self.is_certain(own, &chain);
        chain.stands = self.stands(own, &chain);
        chain
    }

    /// For each mention whether it is but a piece of a longer name of something else: 黄龙 in 黄龙溪镇. The name of what lies in a
    /// division may begin with the name of that (黄龙溪大桥); then both are meant.
    fn cut_out(&self) -> Vec<bool> {
        let names: Vec<&[Mention]> = self
            .mentions
            .chunk_by(|a, b| (a.start, a.end) == (b.start, b.end))
            .filter(|name| name.iter().any(Mention::is_strong))
            .collect();
        let is_piece = |part: &Mention| {
            names
                .iter()
                .skip_while(|name| name[0].end <= part.start)
                .take_while(|name| name[0].start <= part.start)
                .filter(|name| is_longer(&(name[0].start..name[0].end), part))
                .any(|name| !name.iter().any(|m| self.lies_in(m.entry, part.entry)))
        };
        self.mentions.iter().map(is_piece).collect()
    }

    /// Whether the text names, right before the character `start` and not before `before`, a division larger than the one of
    /// `own` that this one does not lie in.
    fn contradicts(&self, own: &Mention, start: usize, before: usize) -> bool {
        // A place lies in its division, and so may a smaller one that is named before it.
        let entry = self.entry(own);
        let home = entry.level.map_or(entry.above, |_| Some(own.entry));
        let agrees = |other: &Mention| {
            self.lies_in(own.entry, other.entry)
                || home.is_some_and(|home| self.lies_in(other.entry, home))
        };
        let mut against = false;
        let mut joints = vec![start];
        while let Some(joint) = joints.pop() {
            let gap = joint
                .checked_sub(1)
                .filter(|gap| matches!(self.text.chars[*gap], BREAK | '的'));
            let before = std::iter::once(joint)
                .chain(gap)
                .flat_map(|end| &self.ending_at[end])
                .map(|at| (&self.mentions[*at], self.chains.get(*at)))
                .filter(|(other, _)| (before..joint.min(own.start)).contains(&other.start));
            let larger = |other: &Mention| self.entry(other).rank() > entry.rank();
            let mut certain = before
                .clone()
                .filter_map(|(other, chain)| Some((other, chain?)))
                .filter(|(other, chain)| chain.certain && larger(other))
                .peekable();
            if certain.peek().is_none() {
                continue;
            }
            if before.clone().any(|(other, _)| agrees(other)) {
                return false;
            }
            for (other, chain) in certain {
                // What does not agree with the text itself says nothing; what stands before it does.
                if chain.outside {
                    joints.push(other.start);
                } else {
                    against = true;
                }
            }
            joints.sort_unstable();
            joints.dedup();
        }
        against
    }

    /// Whether an entry is the other or lies in it.
    fn lies_in(&self, entry: u32, other: u32) -> bool {
        entry == other || self.gazetteer.above(entry).any(|above| above == other)
    }

    /// Whether a mention surely means a division of its level, so that what follows has to lie in one.
    fn is_certain(&self, mention: &Mention, chain: &Chain) -> bool {
        let joined = || chain.above.iter().any(|above| above.end == mention.start);
        match (mention.how, self.entry(mention).level) {
            (How::Code, _) => true,
            (How::Whole | How::OtherEnding, _) => self.is_own_name(mention) || joined(),
            (How::Short, Some(Level::City | Level::Province)) => true,
            (How::Short, Some(Level::County)) => self.text.begins(mention.start) || joined(),
            _ => false,
        }
    }

    /// Whether a name with its ending is more than a word for a part of a place: 东区 and 新村 are everywhere, 荣县 is not.
    fn is_own_name(&self, mention: &Mention) -> bool {
        mention.stem - mention.start >= 2 || self.text.chars.get(mention.stem) == Some(&'县')
    }

    /// Whether a mention is more than a word that happens to be a name somewhere.
    fn stands(&self, own: &Mention, chain: &Chain) -> bool {
        let entry = self.entry(own);
        let length = own.stem - own.start;
        let alone = match (own.how, entry.level) {
            (How::Code, _) | (How::Short, Some(Level::Province | Level::City | Level::County)) => {
                true
            }
            (How::Whole | How::OtherEnding, Some(_)) => self.is_own_name(own),
            (How::Short, Some(Level::Town)) => length >= 3 || self.text.begins(own.start),
            (How::Whole | How::Alias, None) => length >= 3,
            _ => false,
        };
        // A community is placed by its town or county, a town by its county or city.
        let most_up = if entry.level.is_none() { 3 } else { 2 };
        let placed = (1..=most_up).contains(&chain.to_nearest) || self.shared(entry) >= SAME_COUNTY;
        // A short word in the middle of a sentence is a word, also where a village has that name (大家团结起来).
        let apart = length >= 3
            || own.end > own.stem
            || self.text.begins(own.start)
            || chain
                .above
                .iter()
                .any(|above| self.joins(above.end, own.start));
        alone || (placed && apart) || (length >= 2 && self.text.is_clause(own.start, own.end))
    }

    /// Whether nothing but a sign or a 的 stands between what ends and what begins.
    fn joins(&self, end: usize, start: usize) -> bool {
        end == start || (end + 1 == start && matches!(self.text.chars[end], BREAK | '的'))
    }

    /// How many levels an entry's path has in common with that of the asker.
    fn shared(&self, entry: &Entry) -> u32 {
        let Some(within) = self.within else {
            return 0;
        };
        let same = |length: &usize| {
            let part = |code: &'g str| code.get(..*length);
            let (here, there) = (part(within.as_str()), part_of(&entry.code, *length));
            here.is_some() && here == there
        };
        CODE_LENGTHS
            .iter()
            .map(|length| u32::from(same(length)))
            .sum()
    }

    /// Whether a longer name holds the mention, and does not itself cut through a division that belongs to it.
    fn is_part_of_longer(&self, own: &Mention, chain: &Chain, standing: &[Range<usize>]) -> bool {
        standing.iter().any(|longer| {
            is_longer(longer, own) && !chain.above.iter().any(|above| overlap(above, longer))
        })
    }

    /// How closely the text says the names of today, 0 to 3.
    fn exact(&self, own: &Mention, chain: &Chain) -> u32 {
        let written = &self.text.chars[own.start..own.end];
        match own.how {
            _ if chain.other_ending => 0,
            How::Code => 3,
            // 五道河社区居民委员会 and 五道河社区村民委员会 stand in one town.
            How::Whole
                if self
                    .entry(own)
                    .name
                    .as_str()
                    .chars()
                    .eq(written.iter().copied()) =>
            {
                3
            }
            How::Whole if !own.former => 2,
            How::Whole | How::Short | How::Alias => 1,
            How::OtherEnding => 0,
        }
    }

    /// Points of a candidate, see [`Gazetteer::search`] for their order.
    fn score(&self, own: &Mention, chain: &Chain) -> u32 {
        let entry = self.entry(own);
        let explained = u32::try_from(chain.explained).expect("a text has at most 200 characters");
        u32::from(!chain.outside) * INSIDE
            + explained * 1_000
            + (self.shared(entry) + known_afar(entry)) * 100
            + self.exact(own, chain) * 10
            + entry.rank()
    }

    /// Whether the text fits another candidate as well as this one; where the asker is says nothing of the text.
    fn fits_as_well(
        &self,
        (other, there): (&Mention, &Chain),
        (own, here): (&Mention, &Chain),
    ) -> bool {
        other.entry != own.entry
            && !there.outside
            && there.explained == here.explained
            && other.start == own.start
            && self.exact(other, there) >= self.exact(own, here)
            && known_afar(self.entry(other)) >= known_afar(self.entry(own))
    }

    fn answer(&self, written: &str, most: usize) -> Vec<Candidate> {
        let mentions = || self.mentions.iter().zip(&self.chains);
        let mut standing: Vec<Range<usize>> = mentions()
            .filter(|(_, chain)| chain.stands)
            .map(|(mention, _)| mention.start..mention.end)
            .collect();
        standing.dedup();
        let mut ranked: Vec<(u32, &Mention, &Chain)> = mentions()
            .filter(|(own, chain)| chain.stands && !self.is_part_of_longer(own, chain, &standing))
            .map(|(own, chain)| (self.score(own, chain), own, chain))
            .collect();
        ranked.sort_by(|(score_a, a, _), (score_b, b, _)| {
            score_b
                .cmp(score_a)
                .then_with(|| self.entry(a).code.cmp(&self.entry(b).code))
                .then(a.entry.cmp(&b.entry))
                .then(a.start.cmp(&b.start))
        });
        let ranked = without_repeats(ranked);
        let is_ambiguous = |own: &Mention, chain: &Chain| {
            let others = || ranked.iter().map(|(_, other, there)| (*other, *there));
            !chain.outside && others().any(|other| self.fits_as_well(other, (own, chain)))
        };
        ranked
            .iter()
            .take(most)
            .map(|(score, own, chain)| {
                let reasons = self.reasons(own, chain, is_ambiguous(own, chain));
                self.candidate(written, *score, own, chain, reasons)
            })
            .collect()
    }

    fn reasons(&self, own: &Mention, chain: &Chain, ambiguous: bool) -> Vec<Reason> {
        let how = match own.how {
            How::Whole => Reason::Named,
            How::OtherEnding => Reason::OtherEnding,
            How::Short => Reason::Short,
            How::Alias => Reason::Alias,
            How::Code => Reason::Code,
        };
        let beside = [
            (own.former, Reason::Former),
            (!chain.above.is_empty(), Reason::InsideNamed),
            (self.shared(self.entry(own)) >= SAME_COUNTY, Reason::Near),
            (ambiguous, Reason::Ambiguous),
            (chain.outside, Reason::Outside),
        ];
        let beside = beside
            .into_iter()
            .filter_map(|(is, reason)| is.then_some(reason));
        std::iter::once(how).chain(beside).collect()
    }

    fn candidate(
        &self,
        written: &str,
        score: u32,
        own: &Mention,
        chain: &Chain,
        reasons: Vec<Reason>,
    ) -> Candidate {
        let entry = self.entry(own);
        let mut matched: Vec<Range<usize>> = std::iter::once(own.start..own.end)
            .chain(chain.above.iter().cloned())
            .map(|span| self.text.bytes(span.start, span.end))
            .collect();
        matched.sort_unstable_by_key(|span| span.start);
        let rest = matched.last().map_or("", |last| &written[last.end..]);
        let mut path: Vec<Label> = std::iter::once(own.entry)
            .chain(self.gazetteer.above(own.entry))
            .map(|at| &self.gazetteer.entries[at as usize])
            .filter(|at| at.level != Some(Level::Province) || entry.level == at.level)
            .map(|at| at.name.clone())
            .collect();
        path.reverse();
        Candidate {
            what: entry.what,
            division: entry.code.clone(),
            name: entry.name.clone(),
            path,
            matched,
            rest: tidy(rest).to_owned(),
            score,
            reasons,
        }
    }
}

/// Each entry once, by its best mention, and without what a better candidate has used up: a division that is named only to say
/// where that one lies, and a name that begins or ends inside its name.
fn without_repeats<'m>(
    ranked: Vec<(u32, &'m Mention, &'m Chain)>,
) -> Vec<(u32, &'m Mention, &'m Chain)> {
    let mut seen = HashSet::new();
    let mut used_up: Vec<Range<usize>> = Vec::new();
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut kept = Vec::new();
    for (score, own, chain) in ranked {
        let span = own.start..own.end;
        let used = used_up.iter().any(|other| overlap(other, &span))
            || taken
                .iter()
                .any(|other| overlap(other, &span) && *other != span);
        if used || !seen.insert(own.entry) {
            continue;
        }
        if !chain.outside {
            used_up.extend(
                chain
                    .above
                    .iter()
                    .filter(|above| !used_up.contains(above))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            if !taken.contains(&span) {
                taken.push(span);
            }
        }
        kept.push((score, own, chain));
    }
    kept
}

/// Who writes a bare 成都 means the city, also where the next village has that name.
fn known_afar(entry: &Entry) -> u32 {
    match entry.level {
        Some(Level::Province) => 3,
        Some(Level::City) => 2,
        Some(Level::County) => 1,
        _ => 0,
    }
}

/// Whether a name holds a mention and more.
fn is_longer(name: &Range<usize>, part: &Mention) -> bool {
    name.start <= part.start && part.end <= name.end && name.len() > part.end - part.start
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn part_of(code: &DivisionCode, length: usize) -> Option<&str> {
    code.as_str().get(..length)
}

/// What follows a name, without the signs, blanks and the 的 that join it.
fn tidy(rest: &str) -> &str {
    let signs = |c: char| !c.is_alphanumeric();
    let rest = rest.trim_start_matches(signs);
    rest.strip_prefix('的').unwrap_or(rest).trim()
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
/// name of a road.
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
                if of_road || stem - start < 2 {
                    return None;
                }
                (stem, How::Short)
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
