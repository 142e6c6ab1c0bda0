//! What belongs to a name in the text: the divisions above it that the text names too, and whether the text contradicts it.
//!
//! Keeps: what the text itself says of the hierarchy is read from the text alone, never from where the asker is; a name without its
//! ending counts only with something beside it that speaks for it.

use std::ops::Range;

use super::mentions::{self, How, Mention};
use super::text::{BREAK, Text};
use super::{Entry, Gazetteer};
use crate::code::{DivisionCode, Level};

/// Length of a code at each level, from the province down.
const CODE_LENGTHS: [usize; 5] = [2, 4, 6, 9, 12];
/// Levels that a division shares with the asker's when both lie in one county.
pub(super) const SAME_COUNTY: u32 = 3;

/// A mention with the mentions of divisions above it that belong to it.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// Spans of the divisions above, from the nearest up.
    pub(super) above: Vec<Range<usize>>,
    /// Levels up to the nearest division above that is named; 0 when none is.
    to_nearest: u32,
    /// One of them stands there with another ending than today's.
    pub(super) other_ending: bool,
    /// Characters of the text that the chain explains.
    pub(super) explained: usize,
    /// A division that the text names right before it is not above it.
    pub(super) outside: bool,
    /// The text surely means a division of this level here.
    certain: bool,
    /// Something speaks for the mention beside a bare short form.
    pub(super) stands: bool,
}

/// A text as it is being read.
pub(super) struct Search<'g> {
    pub(super) gazetteer: &'g Gazetteer,
    pub(super) text: Text,
    /// Code of today of where the asker is.
    within: Option<&'g DivisionCode>,
    /// By start, end and entry.
    pub(super) mentions: Vec<Mention>,
    /// Mentions by entry, sorted.
    by_entry: Vec<(u32, usize)>,
    /// Mentions by where they, or their stems, end.
    ending_at: Vec<Vec<usize>>,
    /// Which mentions are but pieces of other names.
    cut_out: Vec<bool>,
    /// By mention.
    pub(super) chains: Vec<Chain>,
}

impl<'g> Search<'g> {
    pub(super) fn new(
        gazetteer: &'g Gazetteer,
        text: Text,
        within: Option<&'g DivisionCode>,
    ) -> Self {
        let mentions = mentions::read(gazetteer, &text.chars);
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
        for at in 0..search.mentions.len() {
            let chain = search.chain(at);
            search.chains.push(chain);
        }
        search
    }

    pub(super) fn entry(&self, mention: &Mention) -> &'g Entry {
        &self.gazetteer.entries[mention.entry as usize]
    }

    /// The mentions of an entry that are no mere pieces of other names.
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
                    let other = |span| overlap(span, &m.span());
                    m.start >= own.end && !chain.above.iter().any(other)
                };
                let Some(m) = self.of_entry(above).filter(apart).min_by_key(|m| m.start) else {
                    continue;
                };
                (m.span(), m.how)
            };
            chain.other_ending |= how == How::OtherEnding;
            if chain.above.is_empty() {
                chain.to_nearest = self.gazetteer.entries[above as usize].rank() - rank;
            }
            chain.above.push(span);
        }
        joints.push((left, 0));
        let above: usize = chain.above.iter().map(ExactSizeIterator::len).sum();
        chain.explained = match own.how {
            // A hint comes after the division that the text names.
            How::Road => above.saturating_sub(1),
            _ => above + own.end - own.start,
        };
        chain.outside = joints
            .iter()
            .any(|(start, before)| start != before && self.contradicts(own, *start, *before));
        chain.certain = self.is_certain(own, &chain);
        chain.stands = self.stands(own, &chain);
        chain
    }

    /// For each mention whether it is but a piece of a longer name of something else: 黄龙 in 黄龙溪镇, 古佛 in 古佛街. The name of what
    /// lies in a division may begin with the name of that (黄龙溪大桥); then both are meant.
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
                .filter(|name| is_longer(&name[0].span(), part))
                .any(|name| !name.iter().any(|m| self.lies_in(m.entry, part.entry)))
        };
        self.mentions
            .iter()
            .map(|m| m.how == How::Road || is_piece(m))
            .collect()
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
        if own.how == How::Road {
            return (1..=most_up).contains(&chain.to_nearest);
        }
        alone || (placed && apart) || (length >= 2 && self.text.is_clause(own.start, own.end))
    }

    /// Whether nothing but a sign or a 的 stands between what ends and what begins.
    fn joins(&self, end: usize, start: usize) -> bool {
        end == start || (end + 1 == start && matches!(self.text.chars[end], BREAK | '的'))
    }

    /// How many levels an entry's path has in common with that of the asker.
    pub(super) fn shared(&self, entry: &Entry) -> u32 {
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
    pub(super) fn is_part_of_longer(
        &self,
        own: &Mention,
        chain: &Chain,
        standing: &[Range<usize>],
    ) -> bool {
        standing.iter().any(|longer| {
            is_longer(longer, own) && !chain.above.iter().any(|above| overlap(above, longer))
        })
    }
}

/// Whether a name holds a mention and more.
fn is_longer(name: &Range<usize>, part: &Mention) -> bool {
    name.start <= part.start && part.end <= name.end && name.len() > part.end - part.start
}

/// Whether two spans have a character in common.
pub(super) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn part_of(code: &DivisionCode, length: usize) -> Option<&str> {
    code.as_str().get(..length)
}
