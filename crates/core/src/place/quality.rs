//! Is a partition whole: no gap, no overlap, nothing outside?
//!
//! The pieces are the grids of one layer inside a division, the outline is that of the division. What is found is a
//! shape, so that it can be shown on the map and put right there. What is as narrow as the rounding of crossings (two
//! units, 2.5 cm) is nothing. Each pair of pieces is compared only when their boxes meet.

use super::nearby::Nearby;
use super::overlay::{difference, intersection, union};
use super::{Bounds, Polygon, Shape};
use crate::words;

/// Narrower than this, in metres, is how two straight edges differ that were rounded to units at their crossings.
const ROUNDING_M: f64 = 0.025;

words! {
    /// What is wrong with a partition.
    pub enum ProblemKind {
        /// No piece covers it.
        Gap = "gap",
        /// Two pieces cover it.
        Overlap = "overlap",
        /// A gap, an overlap or a part outside so narrow or small that the borders were meant to be one.
        Sliver = "sliver",
        /// A piece covers it, and it lies outside of the outline.
        Outside = "outside",
    }
}

/// What counts as a sliver.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityRules {
    /// Narrower than this is a sliver, metres.
    pub sliver_m: f64,
    /// Smaller than this is a sliver, square metres.
    pub least_m2: f64,
}

/// One thing that is wrong with a partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// Where: one polygon.
    pub shape: Shape,
    /// Its area in square metres.
    pub area_m2: f64,
    /// Its width in metres: twice the area by the perimeter, which is the width of something long and narrow.
    pub width_m: f64,
    /// The pieces it lies at or in, by their place in the list.
    pub pieces: Vec<usize>,
}

/// Everything that is wrong: gaps, then overlaps by pairs of pieces, then what lies outside.
///
/// Without an outline a gap is a hole that the pieces enclose, and nothing lies outside.
pub fn problems(outline: Option<&Shape>, pieces: &[&Shape], rules: &QualityRules) -> Vec<Problem> {
    let found = Finder {
        pieces,
        boxes: pieces.iter().map(|piece| piece.bounds()).collect(),
        rules,
    };
    let all = union(pieces);
    let gaps = match (outline, &all) {
        (Some(outline), Some(all)) => difference(outline, all),
        (Some(outline), None) => Some(outline.clone()),
        (None, all) => all.as_ref().and_then(enclosed),
    };
    let outside = outline
        .zip(all.as_ref())
        .and_then(|(outline, all)| difference(all, outline));
    let gaps = found.each(ProblemKind::Gap, gaps, |gap| found.around(gap));
    let overlaps = found.neighbours().into_iter().flat_map(|(a, b)| {
        found.each(
            ProblemKind::Overlap,
            intersection(pieces[a], pieces[b]),
            |_| vec![a, b],
        )
    });
    let outside = found.each(ProblemKind::Outside, outside, |part| found.over(part));
    gaps.into_iter().chain(overlaps).chain(outside).collect()
}

/// The holes of a shape, without what lies in them.
fn enclosed(shape: &Shape) -> Option<Shape> {
    let holes = shape.polygons().iter().flat_map(|polygon| &polygon.holes);
    let filled = holes.map(|hole| Polygon {
        outer: hole.clone(),
        holes: vec![],
    });
    difference(&Shape::new(filled)?, shape)
}

struct Finder<'a> {
    pieces: &'a [&'a Shape],
    boxes: Vec<Bounds>,
    rules: &'a QualityRules,
}

impl Finder<'_> {
    /// One problem a polygon.
    fn each(
        &self,
        kind: ProblemKind,
        shape: Option<Shape>,
        pieces: impl Fn(&Shape) -> Vec<usize>,
    ) -> Vec<Problem> {
        let polygons = shape.iter().flat_map(Shape::polygons).cloned();
        let parts = polygons.filter_map(|polygon| Shape::new([polygon]));
        parts
            .filter_map(|shape| {
                let area_m2 = shape.area_m2();
                let width_m = 2.0 * area_m2 / shape.perimeter_m();
                let sliver = width_m < self.rules.sliver_m || area_m2 < self.rules.least_m2;
                (width_m >= ROUNDING_M).then(|| Problem {
                    kind: if sliver { ProblemKind::Sliver } else { kind },
                    area_m2,
                    width_m,
                    pieces: pieces(&shape),
                    shape,
                })
            })
            .collect()
    }

    /// Pairs of pieces whose boxes meet, by a sweep from west to east.
    fn neighbours(&self) -> Vec<(usize, usize)> {
        let mut by_west: Vec<usize> = (0..self.boxes.len()).collect();
        by_west.sort_by_key(|i| self.boxes[*i].west);
        let mut pairs = Vec::new();
        for (k, a) in by_west.iter().enumerate() {
            let reached = |b: &&usize| self.boxes[**b].west <= self.boxes[*a].east;
            for b in by_west[k + 1..].iter().take_while(reached) {
                if self.boxes[*a].meets(self.boxes[*b]) {
                    pairs.push((*a.min(b), *a.max(b)));
                }
            }
        }
        pairs.sort_unstable();
        pairs
    }

    /// Pieces whose boxes meet that of a part, or all but meet it.
    fn near(&self, part: &Shape) -> impl Iterator<Item = usize> {
        let bounds = part.bounds().grown(2, 2);
        (0..self.pieces.len()).filter(move |i| self.boxes[*i].meets(bounds))
    }

    /// The pieces that have a border with a gap. Joining and cutting keep vertices and put one wherever a border ends
    /// at another, so that a vertex of the gap lies on each of them.
    fn around(&self, gap: &Shape) -> Vec<usize> {
        let vertices = Nearby::new(gap.rings().flatten().copied().collect());
        let touches = |i: &usize| {
            let mut near = vertices.within(self.boxes[*i].grown(2, 2));
            near.any(|p| self.pieces[*i].metres_to(p) < ROUNDING_M)
        };
        self.near(gap).filter(touches).collect()
    }

    /// The pieces that cover a part.
    fn over(&self, part: &Shape) -> Vec<usize> {
        self.near(part)
            .filter(|i| intersection(part, self.pieces[*i]).is_some())
            .collect()
    }
}
