//! The units nearest to a point, whatever county they belong to.
//!
//! This is for looking at the map. Whom a plan calls by itself is [`Directory::candidates`], which never leaves the county; here
//! nobody is called. Keeps: the order is by distance alone, so that being on duty is shown and never hides who is nearer.

use super::{Candidate, Directory, Unit};
use crate::code::UnitKind;
use crate::place::Point;
use crate::time::Timestamp;

/// At most `most` active units (of a kind, when one is given) whose base lies within `most_m` metres of `at`, the nearest
/// first, ties by code. Each says whether it is on duty at `now`. A unit without a base is never found.
pub fn nearest_units<'d>(
    directory: &'d Directory,
    at: Point,
    kind: Option<&UnitKind>,
    now: Timestamp,
    most: usize,
    most_m: u32,
) -> Vec<Candidate<'d>> {
    let of_kind = kind.into_iter().flat_map(|kind| directory.of_kind(kind));
    let of_all = directory.units().filter(|_| kind.is_none());
    let mut found: Vec<(u32, &'d Unit)> = of_kind
        .chain(of_all)
        .filter(|unit| unit.row.active)
        .filter_map(|unit| Some((at.metres_to(unit.row.base?), unit)))
        .filter(|(metres, _)| *metres <= most_m)
        .collect();
    found.sort_unstable_by(|(metres_a, a), (metres_b, b)| {
        (metres_a, &a.row.code).cmp(&(metres_b, &b.row.code))
    });
    let candidate = |(metres, unit): (u32, &'d Unit)| Candidate {
        unit,
        metres: Some(metres),
        on_duty: unit.on_duty(now),
    };
    found.into_iter().take(most).map(candidate).collect()
}
