//! Joining, cutting and splitting of shapes.
//!
//! The work is done by `i_overlay` on whole numbers: its 64-bit engine takes every unit there is as it stands (it is good to
//! ±2^62), so nothing is scaled or shifted. Where two borders cross between units the crossing is rounded to the unit,
//! and an edge may move by about a unit (1 cm) there. Vertices stay, also those in the middle of a straight line: neighbours share them.
//! Parts that touch at a point stay apart, as the standard of simple features asks.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{IntOverlayOptions, Overlay};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;

use super::{Point, Polygon, Ring, Shape};

/// The rings of an operation as the library takes them.
pub(super) type Contours = Vec<Vec<IntPoint<i64>>>;

/// What is covered by any of the shapes; none without shapes.
pub fn union(shapes: &[&Shape]) -> Option<Shape> {
    let all: Contours = shapes.iter().flat_map(|shape| contours(shape)).collect();
    overlaid(&all, &Vec::new(), OverlayRule::Subject, FillRule::NonZero)
}

/// What is covered by both; none when they have no area in common.
pub fn intersection(a: &Shape, b: &Shape) -> Option<Shape> {
    if !a.bounds().meets(b.bounds()) {
        return None;
    }
    overlaid(
        &contours(a),
        &contours(b),
        OverlayRule::Intersect,
        FillRule::NonZero,
    )
}

/// What is covered by `a` and not by `b`; none when nothing is left.
pub fn difference(a: &Shape, b: &Shape) -> Option<Shape> {
    if !a.bounds().meets(b.bounds()) {
        return Some(a.clone());
    }
    overlaid(
        &contours(a),
        &contours(b),
        OverlayRule::Difference,
        FillRule::NonZero,
    )
}

/// Outer rings run against the clock and holes with it, so that the rule "not zero" fills what the shapes cover.
pub(super) fn contours(shape: &Shape) -> Contours {
    shape.rings().map(|ring| contour(ring)).collect()
}

pub(super) fn contour(ring: &[Point]) -> Vec<IntPoint<i64>> {
    ring.iter()
        .map(|p| IntPoint::new(p.lon_e7.into(), p.lat_e7.into()))
        .collect()
}

/// One operation, with every vertex kept.
pub(super) fn overlaid(
    subject: &Contours,
    clip: &Contours,
    rule: OverlayRule,
    fill: FillRule,
) -> Option<Shape> {
    let mut options = IntOverlayOptions::keep_all_points();
    options.ogc = true;
    let parts =
        Overlay::<i64>::from_subj_and_clip_custom(subject, clip, options, Default::default())
            .overlay(rule, fill);
    Shape::new(parts.into_iter().map(polygon))
}

fn polygon(part: Contours) -> Polygon {
    let mut rings = part.into_iter().map(ring);
    Polygon {
        outer: rings.next().unwrap_or_default(),
        holes: rings.collect(),
    }
}

fn ring(contour: Vec<IntPoint<i64>>) -> Ring {
    let unit = |v: i64| i32::try_from(v).expect("a crossing lies between the points that came in");
    let point = |p: IntPoint<i64>| Point {
        lon_e7: unit(p.x),
        lat_e7: unit(p.y),
    };
    contour.into_iter().map(point).collect()
}
