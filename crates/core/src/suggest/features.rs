//! The numbers by which a text and a candidate are compared. Every candidate has the same ones, so that one weight each is
//! learned from few examples.

use super::index::{Entries, Index, Kind, Part, Target};
use super::words::{Found, Place};

/// The names of the numbers, as suggestion.csv has them, in order.
pub const FEATURES: [&str; FEATURE_COUNT] = [
    "keyword",
    "word",
    "together",
    "top",
    "near",
    "near_share",
    "share",
    "first",
    "danger",
    "rest",
    "unclear",
    "out",
    "out_evidence",
];

/// How many there are.
pub const FEATURE_COUNT: usize = 13;

/// The numbers of one candidate for one text.
pub type Row = [f64; FEATURE_COUNT];

/// An expression found for a candidate.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) kind: Kind,
    pub(super) weight: f64,
    pub(super) places: Vec<Place>,
}

/// After a word these say that it only names a place: "法院门口的路灯" is about the lamp.
const BESIDE: [&str; 16] = [
    "门口",
    "大门口",
    "旁边",
    "旁",
    "附近",
    "对面",
    "边上",
    "后面",
    "前面",
    "外面",
    "背后",
    "侧边",
    "墙外",
    "围墙",
    "周边",
    "路口",
];
/// What is left of the weight of a word that only names a place.
const PLACE_PART: f64 = 0.3;

/// What was found for all candidates.
pub(super) struct Evidence {
    pub(super) rows: Vec<Row>,
    pub(super) hits: Vec<Vec<Hit>>,
    pub(super) top_hits: Vec<Vec<Hit>>,
}

/// Compares. `danger`: whether a danger that was recognised is of this candidate.
pub(super) fn compare(
    index: &Index,
    text: &[char],
    found: &Found,
    danger: &dyn Fn(usize) -> bool,
) -> Evidence {
    let count = index.candidates.len();
    let hits = gather(&index.entries, count, text, found);
    let top_hits = gather(&index.top_entries, index.tops, text, found);
    let near = index.near(text);
    let own: Vec<f64> = hits.iter().map(|all| sum(all, None)).collect();
    let total: f64 = own.iter().sum();
    let nearest = near.iter().copied().fold(0.0, f64::max);
    let strongest_other = index
        .candidates
        .iter()
        .zip(&own)
        .filter(|(candidate, _)| !is_unclear(&candidate.target))
        .map(|(_, own)| *own)
        .fold(0.0, f64::max);
    let begins: Vec<Option<usize>> = hits.iter().map(|mine| begin(mine)).collect();
    let earliest = begins.iter().flatten().copied().min().unwrap_or(0);
    let rows = (0..count)
        .map(|of| {
            let candidate = &index.candidates[of];
            let mine = &hits[of];
            let tops = if is_class(&candidate.target) {
                sum(&top_hits[candidate.top], None).min(4.0)
            } else {
                0.0
            };
            let out = f64::from(u8::from(!is_class(&candidate.target)));
            [
                softened(sum(mine, Some(Kind::Keyword))),
                softened(sum(mine, Some(Kind::Word))),
                softened(sum(mine, Some(Kind::Together))),
                softened(tops),
                near[of],
                if nearest > 0.0 {
                    near[of] / nearest
                } else {
                    0.0
                },
                if total > 0.0 { own[of] / total } else { 0.0 },
                // What is told first is mostly what it is about.
                begins[of].map_or(0.0, |from| 1.0 / (1.0 + (from - earliest) as f64 / 10.0)),
                f64::from(u8::from(danger(of))),
                f64::from(u8::from(is_rest(&candidate.target))),
                if is_unclear(&candidate.target) {
                    (1.0 - strongest_other / 2.0).max(0.0)
                } else {
                    0.0
                },
                out,
                out * softened(own[of]),
            ]
        })
        .collect();
    Evidence {
        rows,
        hits,
        top_hits,
    }
}

fn is_class(target: &Target) -> bool {
    matches!(target, Target::Class { .. })
}

fn is_rest(target: &Target) -> bool {
    matches!(target, Target::Class { part, .. } if *part == Part::Rest)
}

fn is_unclear(target: &Target) -> bool {
    matches!(target, Target::Class { part, .. } if *part == Part::Unclear)
}

fn softened(sum: f64) -> f64 {
    (1.0 + sum).ln()
}

fn begin(hits: &[Hit]) -> Option<usize> {
    let places = hits.iter().flat_map(|hit| &hit.places);
    places.map(|place| place.from).min()
}

fn sum(hits: &[Hit], kind: Option<Kind>) -> f64 {
    hits.iter()
        .filter(|hit| kind.is_none_or(|kind| hit.kind == kind))
        .map(|hit| hit.weight)
        .sum()
}

fn names_a_place(text: &[char], word: Place) -> bool {
    let after: String = text[word.end()..].iter().take(3).collect();
    BESIDE.iter().any(|beside| after.starts_with(beside))
}

/// The hits of each owner, without those whose characters a heavier one of the same owner has already.
fn gather(entries: &Entries, owners: usize, text: &[char], found: &Found) -> Vec<Vec<Hit>> {
    let mut all: Vec<Vec<Hit>> = vec![Vec::new(); owners];
    for entry in entries.possible(found) {
        if let Some(places) = found.of(&entry.expression) {
            let part = match places.as_slice() {
                [only] if names_a_place(text, *only) => PLACE_PART,
                _ => 1.0,
            };
            all[entry.of].push(Hit {
                kind: entry.kind,
                weight: entry.weight * part,
                places,
            });
        }
    }
    for hits in &mut all {
        hits.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let mut kept: Vec<Hit> = Vec::new();
        for hit in hits.drain(..) {
            let within = |place: &Place| {
                kept.iter()
                    .flat_map(|k| &k.places)
                    .any(|other| other.from <= place.from && place.end() <= other.end())
            };
            if !hit.places.iter().all(within) {
                kept.push(hit);
            }
        }
        *hits = kept;
    }
    all
}
