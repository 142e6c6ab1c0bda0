//! The triangulation that fills an outline: whole points as corners, the borders of the sites' cells among its edges.
//!
//! The borders are those of Voronoi cells, a little bent, wherever they lie inside the outline. It knows nothing of grids.

use std::collections::{HashMap, HashSet};

use spade::handles::{DirectedEdgeHandle, FixedVertexHandle};
use spade::{ConstrainedDelaunayTriangulation, DelaunayTriangulation, Point2, Triangulation as _};

use super::super::{Point, Shape};
use super::sites::Sites;
use super::{Plane, Random, Undivided, length};

/// How long the straight pieces of a border are at most, about, in pitches: shorter ones give more vertices.
const PIECE: f64 = 0.3;

/// How far a border is bent aside, in parts of its length.
const BEND: f64 = 0.1;

/// How far a border runs from the line between its two sites, in pitches.
const REACH: f64 = 6.0;

/// What lies beside a triangle on the outline.
pub(super) const OUTSIDE: u32 = u32::MAX;

/// The triangles inside an outline.
pub(super) struct Mesh {
    /// The corners.
    pub(super) points: Vec<Point>,
    /// The corner that is the first site; the others follow.
    pub(super) first_site: usize,
    /// Whether a corner was put between two points of the outline, on the straight line.
    pub(super) between: Vec<bool>,
    /// Every place inside the outline is in one of them, or on a border of some.
    pub(super) triangles: Vec<Triangle>,
}

/// A triangle, its corners against the clock. Its edge `i` runs from corner `i` to the next.
pub(super) struct Triangle {
    pub(super) corners: [u32; 3],
    /// The triangle beyond each edge, or [`OUTSIDE`].
    pub(super) beside: [u32; 3],
    /// Whether each edge is a border between two sites' cells.
    pub(super) wall: [bool; 3],
}

type Faces = ConstrainedDelaunayTriangulation<Point2<f64>>;

/// Triangulates an outline with its sites.
pub(super) fn mesh(
    outline: &Shape,
    sites: &Sites,
    plane: &Plane,
    random: &mut Random,
) -> Result<Mesh, Undivided> {
    let mut corners = Corners::default();
    let edges = corners.outline(outline, sites.pitch, plane);
    let first_site = corners.points.len();
    for site in &sites.points {
        corners.put(*site);
    }
    let walls = corners.walls(sites, plane, random);
    corners.between.resize(corners.points.len(), false);

    let mut faces = Faces::new();
    for point in &corners.points {
        // Whole numbers from a whole middle: exact, so the triangulation is too.
        let d = |a: i32, b: i32| f64::from(a) - f64::from(b);
        let east = d(point.lon_e7, plane.middle.lon_e7);
        let north = d(point.lat_e7, plane.middle.lat_e7);
        faces
            .insert(Point2::new(east, north))
            .expect("whole numbers of 33 bits");
    }
    // A wall that would cross another or the outline is left out: the grids beside it then meet where they meet. An edge of the
    // outline that is left out because it crosses another is missed by `rim`.
    for &[a, b] in edges.iter().chain(&walls) {
        let [a, b] = [a, b].map(FixedVertexHandle::from_index);
        faces.try_add_constraint(a, b);
    }
    let rim = rim(&faces, &corners.points, &edges)?;
    Ok(Mesh {
        triangles: inside(&faces, &rim),
        points: corners.points,
        first_site,
        between: corners.between,
    })
}

/// The corners of the triangulation, each point once.
#[derive(Default)]
struct Corners {
    points: Vec<Point>,
    between: Vec<bool>,
    at: HashMap<Point, usize>,
}

impl Corners {
    fn put(&mut self, point: Point) -> usize {
        *self.at.entry(point).or_insert_with(|| {
            self.points.push(point);
            self.points.len() - 1
        })
    }

    /// Puts the rings of the outline, with points between those that are far from each other: only such as lie exactly on the
    /// line. Gives the edges.
    fn outline(&mut self, outline: &Shape, pitch: f64, plane: &Plane) -> Vec<[usize; 2]> {
        for point in outline.rings().flatten() {
            self.put(*point);
        }
        self.between.resize(self.points.len(), false);
        let mut edges = Vec::new();
        for ring in outline.rings() {
            for (&a, &b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                let d = |a: i32, b: i32| i64::from(b) - i64::from(a);
                let (dx, dy) = (d(a.lon_e7, b.lon_e7), d(a.lat_e7, b.lat_e7));
                let steps = common_divisor(dx.unsigned_abs(), dy.unsigned_abs());
                let long = length(dx as f64 * plane.stretch, dy as f64);
                let parts = steps.min(parts(long, pitch / 2.0));
                let mut from = self.put(a);
                for part in 1..parts {
                    let step =
                        i64::try_from(u128::from(steps) * u128::from(part) / u128::from(parts));
                    let step = step.expect("fewer steps than units");
                    let steps = i64::try_from(steps).expect("fewer steps than units");
                    let along = |a: i32, d: i64| {
                        i32::try_from(i64::from(a) + d / steps * step).expect("between a and b")
                    };
                    let to = self.put(Point {
                        lon_e7: along(a.lon_e7, dx),
                        lat_e7: along(a.lat_e7, dy),
                    });
                    self.between.resize(self.points.len(), true);
                    edges.push([from, to]);
                    from = to;
                }
                edges.push([from, self.put(b)]);
            }
        }
        edges
    }

    /// Puts the corners of the borders between the sites' cells and gives their pieces, as far as they lie inside.
    fn walls(&mut self, sites: &Sites, plane: &Plane, random: &mut Random) -> Vec<[usize; 2]> {
        let mut cells = DelaunayTriangulation::<Point2<f64>>::new();
        for site in &sites.points {
            let (x, y) = plane.lay(*site);
            cells
                .insert(Point2::new(x, y))
                .expect("a point of the earth");
        }
        let reach = REACH * sites.pitch;
        let mut walls = Vec::new();
        // By site, so that what is put one after the other lies near each other.
        for site in cells.vertices() {
            for edge in site
                .out_edges()
                .filter(|edge| edge.to().index() > site.index())
            {
                let [a, b] = [edge.from().position(), edge.to().position()];
                let middle = [(a.x + b.x) / 2.0, (a.y + b.y) / 2.0];
                let apart = [b.x - a.x, b.y - a.y];
                let [left, right] = [edge, edge.rev()].map(|edge| {
                    let face = edge.face().as_inner()?;
                    Some(face.circumcenter()).map(|at| [at.x, at.y])
                });
                // Where no third site bounds it, a border runs on, away from the sites.
                let on = |from: Option<[f64; 2]>, side: f64| {
                    let [x, y] = from.unwrap_or(middle);
                    let unit = side * reach / length(apart[0], apart[1]);
                    [x - apart[1] * unit, y + apart[0] * unit]
                };
                let from = left.unwrap_or_else(|| on(right, 1.0));
                let to = right.unwrap_or_else(|| on(left, -1.0));
                let ends = [from, to].map(|end| within(end, middle, reach));
                self.wall(ends, sites, plane, random, &mut walls);
            }
        }
        walls
    }

    /// Puts one border, bent, and adds its pieces to `walls`.
    fn wall(
        &mut self,
        [from, to]: [[f64; 2]; 2],
        sites: &Sites,
        plane: &Plane,
        random: &mut Random,
        walls: &mut Vec<[usize; 2]>,
    ) {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let parts = parts(length(dx, dy), PIECE * sites.pitch);
        let mut before = None;
        for part in 0..=parts {
            let (t, aside) = match part {
                0 => (0.0, 0.0),
                _ if part == parts => (1.0, 0.0),
                _ => (
                    part as f64 / parts as f64,
                    random.signed() * BEND / parts as f64,
                ),
            };
            let point = plane.lift((from[0] + dx * t - dy * aside, from[1] + dy * t + dx * aside));
            let known = self.at.get(&point).copied();
            let free = || sites.inside(point) && !sites.beside_border(point, plane);
            let corner = known.or_else(|| free().then(|| self.put(point)));
            if let Some((a, b)) = before.zip(corner)
                && a != b
            {
                walls.push([a, b]);
            }
            before = corner;
        }
    }
}

/// How many parts a length has, none longer than about `most`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length in units, not negative, over a pitch"
)]
fn parts(long: f64, most: f64) -> u64 {
    ((long / most.max(1.0)).round() as u64).clamp(1, 1_000)
}

/// The place itself when it is within `reach` of the middle, else the one that far from it in the same direction.
fn within([x, y]: [f64; 2], middle: [f64; 2], reach: f64) -> [f64; 2] {
    let (dx, dy) = (x - middle[0], y - middle[1]);
    let away = length(dx, dy);
    if away <= reach {
        [x, y]
    } else {
        [middle[0] + dx * reach / away, middle[1] + dy * reach / away]
    }
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

fn pair(a: usize, b: usize) -> [usize; 2] {
    [a.min(b), a.max(b)]
}

/// The edges of the triangulation that make up the outline. What two rings have in common is no border between in and out, and
/// is not among them.
fn rim(
    faces: &Faces,
    points: &[Point],
    edges: &[[usize; 2]],
) -> Result<HashSet<[usize; 2]>, Undivided> {
    let d = |a: i32, b: i32| i128::from(b) - i128::from(a);
    let mut rim = HashSet::new();
    for &[from, to] in edges {
        let mut at = from;
        while at != to {
            // A corner of another ring may lie on this edge; then it is in pieces.
            let (p, end) = (points[at], points[to]);
            let vertex = faces.vertex(FixedVertexHandle::from_index(at));
            let next = vertex
                .out_edges()
                .map(|edge| edge.to().index())
                .find(|&next| {
                    let q = points[next];
                    let (dx, dy) = (d(p.lon_e7, end.lon_e7), d(p.lat_e7, end.lat_e7));
                    let (x, y) = (d(p.lon_e7, q.lon_e7), d(p.lat_e7, q.lat_e7));
                    dx * y == dy * x && dx * x + dy * y > 0
                });
            let next = next.ok_or(Undivided::Crossing)?;
            if !rim.insert(pair(at, next)) {
                rim.remove(&pair(at, next));
            }
            at = next;
        }
    }
    Ok(rim)
}

/// The triangles inside: those from which one crosses the rim an odd number of times on the way out.
fn inside(faces: &Faces, rim: &HashSet<[usize; 2]>) -> Vec<Triangle> {
    let crosses = |from: usize, to: usize| rim.contains(&pair(from, to));
    let mut known: Vec<Option<bool>> = vec![None; faces.num_all_faces()];
    let outer = faces.outer_face().index();
    known[outer] = Some(false);
    let mut open: Vec<_> = faces.convex_hull().map(|edge| (edge, false)).collect();
    while let Some((edge, inside)) = open.pop() {
        let edge = edge.rev();
        let face = edge.face();
        let inside = inside != crosses(edge.from().index(), edge.to().index());
        if known[face.index()].is_none() {
            known[face.index()] = Some(inside);
            open.extend([edge.next(), edge.prev()].map(|edge| (edge, inside)));
        }
    }
    let mut number = vec![OUTSIDE; known.len()];
    let mut count = 0;
    for (face, inside) in known.iter().enumerate() {
        if *inside == Some(true) {
            number[face] = count;
            count += 1;
        }
    }
    let small = |index: usize| u32::try_from(index).expect("fewer corners than 2^32");
    faces
        .inner_faces()
        .filter(|face| number[face.index()] != OUTSIDE)
        .map(|face| {
            let edges = face.adjacent_edges();
            Triangle {
                corners: edges.map(|edge| small(edge.from().index())),
                beside: edges.map(|edge| number[edge.rev().face().index()]),
                wall: edges.map(DirectedEdgeHandle::is_constraint_edge),
            }
        })
        .collect()
}
