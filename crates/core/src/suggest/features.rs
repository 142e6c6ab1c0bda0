//! The numbers by which a text and a candidate are compared. Every candidate has the same ones, so that one weight each is
//! learned from few examples.

use super::index::{Entry, Index, Kind, Part, Target};
use super::text::BREAK;
use super::words::{Found, Place};

/// The names of the numbers, as suggestion.csv has them, in order.
pub const FEATURES: [&str; FEATURE_COUNT] = [
    "keyword",
    "word",
    "together",
    "best",
    "covered",
    "top",
    "top_and_own",
    "name",
    "description",
    "near",
    "near_share",
    "share",
    "most",
    "first",
    "danger",
    "rest",
    "unclear",
    "out",
    "out_evidence",
];

/// How many there are.
pub const FEATURE_COUNT: usize = 19;

/// The numbers of one candidate for one text.
pub type Row = [f64; FEATURE_COUNT];

/// An expression found for a candidate.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) kind: Kind,
    pub(super) weight: f64,
    pub(super) places: Vec<Place>,
}

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
    let hits = gather(&index.entries, count, found);
    let top_hits = gather(&index.top_entries, index.tops, found);
    let near = index.near(text);
    let length = text.iter().filter(|c| **c != BREAK).count().clamp(8, 40) as f64;
    let own: Vec<f64> = hits.iter().map(|all| sum(all, None)).collect();
    let strongest = own.iter().copied().fold(0.0, f64::max);
    let total: f64 = own.iter().sum();
    let nearest = near.iter().map(|row| row[0]).fold(0.0, f64::max);
    let strongest_other = index
        .candidates
        .iter()
        .zip(&own)
        .filter(|(candidate, _)| !is_unclear(&candidate.target))
        .map(|(_, own)| *own)
        .fold(0.0, f64::max);
    let rows = (0..count)
        .map(|of| {
            let candidate = &index.candidates[of];
            let mine = &hits[of];
            let tops = if is_class(&candidate.target) {
                sum(&top_hits[candidate.top], None).min(4.0)
            } else {
                0.0
            };
            let first = mine
                .iter()
                .filter_map(|hit| hit.places.iter().map(|place| place.from).min())
                .min();
            let covered = covered(mine) as f64 / length;
            let out = f64::from(u8::from(!is_class(&candidate.target)));
            [
                softened(sum(mine, Some(Kind::Keyword))),
                softened(sum(mine, Some(Kind::Word))),
                softened(sum(mine, Some(Kind::Together))),
                mine.iter().map(|hit| hit.weight).fold(0.0, f64::max),
                covered.min(1.0),
                softened(tops),
                softened(tops) * own[of].min(1.0),
                near[of][1],
                near[of][2],
                near[of][0],
                if nearest > 0.0 {
                    near[of][0] / nearest
                } else {
                    0.0
                },
                if total > 0.0 { own[of] / total } else { 0.0 },
                f64::from(u8::from(own[of] > 0.0 && own[of] >= strongest)),
                first.map_or(0.0, |from| 1.0 / (1.0 + from as f64 / 10.0)),
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

fn sum(hits: &[Hit], kind: Option<Kind>) -> f64 {
    hits.iter()
        .filter(|hit| kind.is_none_or(|kind| hit.kind == kind))
        .map(|hit| hit.weight)
        .sum()
}

fn covered(hits: &[Hit]) -> usize {
    let mut marks: Vec<usize> = hits
        .iter()
        .flat_map(|hit| hit.places.iter().flat_map(|place| place.from..place.end()))
        .collect();
    marks.sort_unstable();
    marks.dedup();
    marks.len()
}

/// The hits of each owner, without those whose characters a heavier one of the same owner has already.
fn gather(entries: &[Entry], owners: usize, found: &Found) -> Vec<Vec<Hit>> {
    let mut all: Vec<Vec<Hit>> = vec![Vec::new(); owners];
    for entry in entries {
        if let Some(places) = found.of(&entry.expression) {
            all[entry.of].push(Hit {
                kind: entry.kind,
                weight: entry.weight,
                places,
            });
        }
    }
    for hits in &mut all {
        hits.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let mut kept: Vec<Hit> = Vec::new();
        for hit in hits.drain(..) {
            let within = |place: &Place| {
                kept.iter().flat_map(|k| &k.places).any(|other| {
                    other.from <= place.from && place.end() <= other.end()
                })
            };
            if !hit.places.iter().all(within) {
                kept.push(hit);
            }
        }
        *hits = kept;
    }
    all
}
