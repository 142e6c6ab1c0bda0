//! Borders that were meant to be one become one: neighbours get equal vertices.
//!
//! Vertices that lie together become one vertex, and a vertex that lies at another's edge is put into that edge. A vertex
//! moves by twice the tolerance at most: onto a fixed edge, and along it to another one; fixed shapes never move. What
//! comes out is valid: a piece that would be left with nothing stays as it was. The same pieces in the same order give
//! the same answer.

use std::collections::{HashMap, HashSet};

use super::exact::edges;
use super::measure::Scale;
use super::nearby::Nearby;
use super::{Bounds, Point, Polygon, Ring, Shape, valid};

/// An edge that is bent to a vertex may come near another one: so many times edges are looked at again.
const ROUNDS: usize = 4;

/// What became of some pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapped {
    /// The pieces, in their order.
    pub pieces: Vec<Shape>,
    /// How many vertices were moved or put into an edge.
    pub moved: usize,
    /// The pieces that would have been left with nothing and stay as they were, by their place in the list.
    pub stayed: Vec<usize>,
}

/// Makes vertices of the pieces that lie within the tolerance (metres, at most 100) of a vertex of a fixed shape, or
/// else of each other, equal to it, and puts vertices that lie within it of another's edge into that edge. The edges of
/// fixed shapes take no vertices: a vertex at one moves onto it, to the unit.
pub fn snap(pieces: Vec<Shape>, fixed: &[&Shape], tolerance_m: f64) -> Snapped {
    let all: Vec<Point> = pieces
        .iter()
        .flat_map(Shape::rings)
        .flatten()
        .copied()
        .collect();
    let Some(bounds) = Bounds::of(all.iter().copied()) else {
        return Snapped {
            pieces,
            moved: 0,
            stayed: vec![],
        };
    };
    let reach = Reach::new(bounds, tolerance_m);
    let targets = reach.targets(all, fixed);
    let anchors = fixed.iter().flat_map(|shape| shape.rings()).flatten();
    let vertices = Nearby::new(targets.values().chain(anchors).copied().collect());
    let (mut moved, mut stayed) = (0, Vec::new());
    let mut snapped = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let mut count = piece
            .rings()
            .flatten()
            .filter(|p| targets[p] != **p)
            .count();
        let mut own: HashSet<Point> = piece.rings().flatten().map(|p| targets[p]).collect();
        let mut new = |ring: &Ring| {
            let ring = ring.iter().map(|p| targets[p]).collect();
            let (ring, put_in) = reach.filled(ring, &mut own, &vertices);
            count += put_in;
            ring
        };
        let mut polygons = Vec::with_capacity(piece.polygons().len());
        for polygon in piece.polygons() {
            let outer = new(&polygon.outer);
            let holes = polygon.holes.iter().map(&mut new).collect();
            polygons.push(Polygon { outer, holes });
        }
        let whole = if count > 0 {
            valid::repair(polygons)
        } else {
            None
        };
        match whole {
            Some(whole) => {
                moved += count;
                snapped.push(whole.shape);
            }
            None => {
                if count > 0 {
                    stayed.push(snapped.len());
                }
                snapped.push(piece);
            }
        }
    }
    Snapped {
        pieces: snapped,
        moved,
        stayed,
    }
}

/// How far is together.
struct Reach {
    scale: Scale,
    square: f64,
    lon_e7: i32,
    lat_e7: i32,
}

impl Reach {
    fn new(bounds: Bounds, tolerance_m: f64) -> Self {
        let metres = tolerance_m.clamp(0.0, 100.0);
        let scale = Scale::at(bounds.middle().lat());
        let (lon_e7, lat_e7) = scale.units(metres);
        Self {
            scale,
            square: metres * metres,
            lon_e7,
            lat_e7,
        }
    }

    /// Where each vertex goes: to the nearest fixed vertex; or onto the nearest fixed edge, or nowhere, and then to the
    /// first of those that have come to lie together, those on fixed edges before the others.
    fn targets(&self, mut all: Vec<Point>, fixed: &[&Shape]) -> HashMap<Point, Point> {
        all.sort_unstable();
        all.dedup();
        let anchors = Nearby::new(
            fixed
                .iter()
                .flat_map(|shape| shape.rings())
                .flatten()
                .copied()
                .collect(),
        );
        let feet = self.feet(&all, fixed);
        let mut targets: HashMap<Point, Point> = HashMap::with_capacity(all.len());
        // Rank, place, vertex: those on fixed edges first, then from west to east.
        let mut free: Vec<(bool, Point, Point)> = Vec::with_capacity(all.len());
        for p in all {
            match (
                self.nearest(p, anchors.within(self.around(p))),
                feet.get(&p),
            ) {
                (Some(anchor), _) => _ = targets.insert(p, anchor),
                (None, Some((_, foot))) => free.push((false, *foot, p)),
                (None, None) => free.push((true, p, p)),
            }
        }
        free.sort_unstable();
        let places = Nearby::new(free.iter().map(|(_, place, _)| *place).collect());
        let mut stand: HashSet<Point> = HashSet::new();
        for (_, place, p) in free {
            let near = places
                .within(self.around(place))
                .filter(|q| stand.contains(q));
            let to = self.nearest(place, near).unwrap_or(place);
            stand.insert(to);
            targets.insert(p, to);
        }
        targets
    }

    /// The nearest point on a fixed edge, for the vertices within reach of one, and the square of the metres to it.
    fn feet(&self, all: &[Point], fixed: &[&Shape]) -> HashMap<Point, (f64, Point)> {
        let vertices = Nearby::new(all.to_vec());
        let mut feet: HashMap<Point, (f64, Point)> = HashMap::new();
        let fixed_edges = fixed
            .iter()
            .flat_map(|shape| shape.rings())
            .flat_map(|ring| edges(ring));
        for (a, b) in fixed_edges {
            for p in vertices.within(self.beside(a, b)) {
                let way = self.scale.way_to_edge(p, a, b);
                let square = self.scale.square(way);
                if square <= self.square && feet.get(&p).is_none_or(|best| square < best.0) {
                    feet.insert(p, (square, p.moved(way)));
                }
            }
        }
        feet
    }

    /// The nearest of some points within reach.
    fn nearest(&self, p: Point, of: impl Iterator<Item = Point>) -> Option<Point> {
        of.map(|q| (self.scale.metres(p, q).powi(2), q))
            .filter(|(square, _)| *square <= self.square)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, q)| q)
    }

    fn around(&self, p: Point) -> Bounds {
        self.beside(p, p)
    }

    fn beside(&self, a: Point, b: Point) -> Bounds {
        let bounds = Bounds::of([a, b]).expect("two points");
        bounds.grown(self.lon_e7, self.lat_e7)
    }

    /// A ring with the vertices of others that lie at its edges, each at the nearest, and how many were put in.
    fn filled(&self, mut ring: Ring, own: &mut HashSet<Point>, vertices: &Nearby) -> (Ring, usize) {
        let mut count = 0;
        for _ in 0..ROUNDS {
            ring.dedup();
            // Vertex, square of the metres to the edge, number of the edge, part of the way along it.
            let mut found: Vec<(Point, f64, usize, f64)> = Vec::new();
            for (number, (a, b)) in edges(&ring).enumerate() {
                for p in vertices
                    .within(self.beside(a, b))
                    .filter(|p| !own.contains(p))
                {
                    let (square, part) = (
                        self.scale.square(self.scale.way_to_edge(p, a, b)),
                        self.scale.along(p, a, b),
                    );
                    if square <= self.square && part > 0.0 && part < 1.0 {
                        found.push((p, square, number, part));
                    }
                }
            }
            found.sort_by(|x, y| x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then(x.2.cmp(&y.2)));
            found.dedup_by_key(|(p, ..)| *p);
            if found.is_empty() {
                break;
            }
            count += found.len();
            own.extend(found.iter().map(|(p, ..)| *p));
            found.sort_by(|x, y| x.2.cmp(&y.2).then(x.3.total_cmp(&y.3)).then(x.0.cmp(&y.0)));
            let mut full = Ring::with_capacity(ring.len() + found.len());
            let mut found = found.into_iter().peekable();
            for (number, p) in ring.iter().enumerate() {
                full.push(*p);
                full.extend(
                    std::iter::from_fn(|| found.next_if(|put| put.2 == number)).map(|(p, ..)| p),
                );
            }
            ring = full;
        }
        (ring, count)
    }
}

impl Point {
    /// The point so many units further, to the nearest unit.
    fn moved(self, (east, north): (f64, f64)) -> Self {
        Self {
            lon_e7: (f64::from(self.lon_e7) + east).round() as i32,
            lat_e7: (f64::from(self.lat_e7) + north).round() as i32,
        }
    }
}
