//! The answer to a text: which names count, in which order, each once, and why.
//!
//! Keeps: the longest name wins a piece of text; a candidate that agrees with the text comes before every one that does not; the
//! order is whole, so that equal candidates stand by their codes.

use std::collections::HashSet;
use std::ops::Range;

use super::chains::{Chain, SAME_COUNTY, Search, overlap};
use super::mentions::{How, Mention};
use super::text::Text;
use super::{Candidate, Entry, Gazetteer, Reason};
use crate::code::{DivisionCode, Level};
use crate::label::Label;

/// What every candidate that agrees with the text is ahead of all that do not.
const INSIDE: u32 = 1_000_000;

pub(super) fn search(
    gazetteer: &Gazetteer,
    text: &str,
    within: Option<&DivisionCode>,
    most: usize,
) -> Vec<Candidate> {
    let within = within.and_then(|code| gazetteer.by_code(code));
    let within = within.map(|at| &gazetteer.entries[at as usize].code);
    Search::new(gazetteer, Text::new(text), within).answer(text, most)
}

impl Search<'_> {
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
            How::OtherEnding | How::Road => 0,
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
            .filter(|(own, chain)| chain.stands && own.how != How::Road)
            .map(|(own, _)| own.span())
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
            How::Road => Reason::Road,
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
        let own_span = (own.how != How::Road).then(|| own.span());
        let mut matched: Vec<Range<usize>> = own_span
            .into_iter()
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
        let span = own.span();
        let used = used_up.iter().any(|other| overlap(other, &span))
            || taken
                .iter()
                .any(|other| overlap(other, &span) && *other != span);
        if used || !seen.insert(own.entry) {
            continue;
        }
        if !chain.outside {
            for above in &chain.above {
                add(&mut used_up, above.clone());
            }
            add(&mut taken, span);
        }
        kept.push((score, own, chain));
    }
    kept
}

fn add(spans: &mut Vec<Range<usize>>, span: Range<usize>) {
    if !spans.contains(&span) {
        spans.push(span);
    }
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

/// What follows a name, without the signs, blanks and the 的 that join it.
fn tidy(rest: &str) -> &str {
    let signs = |c: char| !c.is_alphanumeric();
    let rest = rest.trim_start_matches(signs);
    rest.strip_prefix('的').unwrap_or(rest).trim()
}
