//! Joining, cutting and splitting of shapes.
//!
//! The work is done by `i_overlay` on whole numbers: its 64-bit engine takes every unit there is as it stands (it is
//! good to ±2^62), so nothing is scaled or shifted. Where two borders cross between units the crossing is rounded to
//! the unit, and an edge may move by about a unit (1 cm) there. Vertices stay, also those in the middle of a straight
//! line: neighbours share them. Parts that touch at a point stay apart, as the standard of simple features asks.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{IntOverlayOptions, Overlay};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;
use i_overlay::string::slice::IntSlice;

use super::exact::{edges, turn};
use super::nearby::Nearby;
use super::{Bounds, Point, Polygon, Ring, Shape};

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

/// Cuts a shape along a line; its pieces in the order of their westernmost points.
///
/// Where the line runs through a polygon, each side of it becomes a piece; ends that do not reach the border, and
/// stretches along it, cut nothing. Polygons that the line does not divide stay whole, with the piece that lies
/// nearest. When nothing is divided, the one shape that comes back is the one that went in. The pieces have the same
/// vertices on both sides of the cut; where it meets the old border it is rounded to the unit, so that the pieces
/// together differ from the whole by less than a unit beside the edges that were met.
pub fn split(shape: &Shape, line: &[Point]) -> Vec<Shape> {
    let (mut pieces, mut whole) = (Vec::new(), Vec::new());
    for polygon in shape.polygons() {
        match cut(polygon, line) {
            parts if parts.len() > 1 => pieces.extend(parts.into_iter().map(|part| vec![part])),
            _ => whole.push(polygon.clone()),
        }
    }
    if pieces.is_empty() {
        return vec![shape.clone()];
    }
    let cuts: Vec<Shape> = pieces
        .iter()
        .filter_map(|piece| Shape::new(piece.clone()))
        .collect();
    for polygon in whole {
        let label = Shape::new([polygon.clone()]).map_or(polygon.outer[0], |part| part.inside());
        let metres = |i: &usize| cuts[*i].metres_to(label);
        let nearest = (0..cuts.len()).min_by(|a, b| metres(a).total_cmp(&metres(b)));
        pieces[nearest.expect("there are pieces")].push(polygon);
    }
    let mut pieces: Vec<Shape> = pieces.into_iter().filter_map(Shape::new).collect();
    pieces.sort_by(|a, b| a.polygons()[0].outer.cmp(&b.polygons()[0].outer));
    pieces
}

/// The parts of a polygon on either side of a line.
fn cut(polygon: &Polygon, line: &[Point]) -> Vec<Polygon> {
    let rings = || std::iter::once(&polygon.outer).chain(&polygon.holes);
    let subject: Contours = rings().map(|ring| contour(ring)).collect();
    let parts = subject.slice_by_path(&contour(line), FillRule::NonZero);
    // Cutting leaves out vertices in the middle of straight lines.
    let vertices = Nearby::new(rings().flatten().chain(line).copied().collect());
    let full = |contour| with_vertices(&ring(contour), &vertices);
    parts
        .into_iter()
        .filter_map(|part| {
            let rings: Contours = part
                .into_iter()
                .map(|contour| self::contour(&full(contour)))
                .collect();
            overlaid(&rings, &Vec::new(), OverlayRule::Subject, FillRule::NonZero)
        })
        .flat_map(|part| part.polygons().to_vec())
        .collect()
}

/// A ring with those of the vertices that lie on its edges.
fn with_vertices(ring: &[Point], vertices: &Nearby) -> Ring {
    let mut full = Ring::with_capacity(ring.len());
    for (a, b) in edges(ring) {
        full.push(a);
        let of = Bounds::of([a, b]).expect("two points");
        let start = full.len();
        full.extend(
            vertices
                .within(of)
                .filter(|p| *p != a && *p != b && turn(a, b, *p) == 0),
        );
        full[start..].sort_unstable();
        if a > b {
            full[start..].reverse();
        }
    }
    full
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
