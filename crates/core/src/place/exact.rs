//! Exact arithmetic on points: which way three points turn, what an edge touches.
//!
//! Everything is whole numbers wide enough for any two points; no answer here is rounded.

use super::{Bounds, Point};

/// The edges of a ring, the one that closes it last.
pub(super) fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    let next = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(next.copied())
}

/// Twice the area of the triangle: positive when `c` lies left of the line from `a` to `b`, 0 when on it.
pub(super) fn turn(a: Point, b: Point, c: Point) -> i128 {
    let (bx, by) = from(a, b);
    let (cx, cy) = from(a, c);
    i128::from(bx) * i128::from(cy) - i128::from(by) * i128::from(cx)
}

/// The way from `a` to `b` in units, east and north.
pub(super) fn from(a: Point, b: Point) -> (i64, i64) {
    (
        i64::from(b.lon_e7) - i64::from(a.lon_e7),
        i64::from(b.lat_e7) - i64::from(a.lat_e7),
    )
}

/// Whether `p` lies on the edge from `a` to `b`, ends included.
pub(super) fn on_edge(a: Point, b: Point, p: Point) -> bool {
    let within = |a: i32, b: i32, p: i32| a.min(b) <= p && p <= a.max(b);
    within(a.lon_e7, b.lon_e7, p.lon_e7)
        && within(a.lat_e7, b.lat_e7, p.lat_e7)
        && turn(a, b, p) == 0
}

/// Whether the edge from `a` to `b` and the box have a point in common: neither the sides of the box nor the edge itself part
/// them.
pub(super) fn edge_meets(a: Point, b: Point, bounds: Bounds) -> bool {
    let around = Bounds::of([a, b]).is_some_and(|edge| edge.meets(bounds));
    around && {
        let corner = |lon_e7, lat_e7| turn(a, b, Point { lon_e7, lat_e7 });
        let turns = [
            corner(bounds.west, bounds.south),
            corner(bounds.east, bounds.south),
            corner(bounds.east, bounds.north),
            corner(bounds.west, bounds.north),
        ];
        turns.iter().any(|turn| *turn <= 0) && turns.iter().any(|turn| *turn >= 0)
    }
}
