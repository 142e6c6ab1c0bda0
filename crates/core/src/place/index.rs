//! The index of one layer: from a point to the shape that covers it, for hundreds of thousands of shapes in memory.
//!
//! Shapes get slots in the order in which they are added. Whoever adds them in the order of their codes has "a point on a
//! border goes to the lowest code" answered by the lowest slot. What a slot means, and on which day, is the caller's: every
//! question takes a closure that says which slots are valid.
//!
//! A shape covers its inside and its whole border, borders of holes too, as `ST_Covers` has it. That answer is exact: no
//! floating point is in it. Distances are in floating point.

use static_aabb2d_index::{StaticAABB2DIndex, StaticAABB2DIndexBuilder, hilbert_xy_to_index};

use super::exact::{edge_meets, edges};
use super::shape::{take, unfold_sign};
use super::{Bounds, Point, Polygon, Shape, Unpacked};

/// Metres in a unit (1e-7 degrees) of latitude, on the mean radius that [`Point::metres_to`] uses.
const METRES: f64 = 6_371_008.8 * std::f64::consts::PI / 180.0 / 1e7;

/// Marks the start of a ring that is a hole.
const HOLE: u32 = 1 << 31;

/// Gathers the shapes of a layer.
#[derive(Default)]
pub struct IndexBuilder {
    flat: Flat,
    boxes: Vec<Bounds>,
}

/// The shapes of a layer, ready to be asked. It does not change any more.
pub struct Index {
    flat: Flat,
    tree: StaticAABB2DIndex<i32>,
}

/// All vertices of all shapes in one array, with the starts of rings and shapes in it: a shape of 15 vertices takes 128 bytes.
#[derive(Default)]
struct Flat {
    points: Vec<Point>,
    /// Where each ring begins in `points`, with [`HOLE`]; it ends where the next begins.
    rings: Vec<u32>,
    /// Where each shape begins in `rings`; it ends where the next begins.
    shapes: Vec<u32>,
}

/// Where a point lies, seen from a shape.
#[derive(PartialEq)]
enum Side {
    In,
    Border,
    Out,
}

impl IndexBuilder {
    /// An empty one with room for so many shapes and vertices: adding then never copies what is there.
    pub fn with_capacity(shapes: usize, vertices: usize) -> Self {
        Self {
            flat: Flat {
                points: Vec::with_capacity(vertices),
                rings: Vec::with_capacity(shapes),
                shapes: Vec::with_capacity(shapes),
            },
            boxes: Vec::with_capacity(shapes),
        }
    }

    /// Adds a shape and gives its slot: 0, 1, 2, … in the order of adding. A layer holds fewer than 2^31 vertices.
    pub fn add(&mut self, shape: &Shape) -> u32 {
        let slot = self.flat.begin_shape();
        for polygon in shape.polygons() {
            self.flat.begin_ring(false);
            self.flat.points.extend(&polygon.outer);
            for hole in &polygon.holes {
                self.flat.begin_ring(true);
                self.flat.points.extend(hole);
            }
        }
        self.boxes.push(shape.bounds());
        slot
    }

    /// Adds what [`Shape::pack`] gave, without building the shape between. Bytes that are no shape, or have a ring of fewer
    /// than three points, add nothing.
    pub fn add_packed(&mut self, bytes: &[u8]) -> Result<u32, Unpacked> {
        let (points, rings) = (self.flat.points.len(), self.flat.rings.len());
        let slot = self.flat.begin_shape();
        match self.flat.unpack(bytes) {
            Ok(bounds) => {
                self.boxes.push(bounds);
                Ok(slot)
            }
            Err(Unpacked) => {
                self.flat.points.truncate(points);
                self.flat.rings.truncate(rings);
                self.flat.shapes.pop();
                Err(Unpacked)
            }
        }
    }

    /// The index of what was added.
    pub fn build(mut self) -> Index {
        self.flat.points.shrink_to_fit();
        self.flat.rings.shrink_to_fit();
        self.flat.shapes.shrink_to_fit();
        let mut tree = StaticAABB2DIndexBuilder::new(self.boxes.len());
        for bounds in &self.boxes {
            let [west, south, east, north] = halved(*bounds);
            tree.add(west, south, east, north);
        }
        let tree = tree
            .build()
            .expect("as many boxes as shapes, and an i32 is always an f64");
        Index {
            flat: self.flat,
            tree,
        }
    }
}

/// The box as it stands in the tree: in units of 2e-7 degrees, because the tree takes the difference of its far sides in i32.
/// It is never smaller than `bounds`; what the tree finds is looked at again with the full coordinates.
fn halved(bounds: Bounds) -> [i32; 4] {
    [
        bounds.west >> 1,
        bounds.south >> 1,
        bounds.east >> 1,
        bounds.north >> 1,
    ]
}

impl Flat {
    fn begin_shape(&mut self) -> u32 {
        let slot = u32::try_from(self.shapes.len()).expect("fewer shapes than vertices");
        let ring = u32::try_from(self.rings.len()).expect("fewer rings than vertices");
        self.shapes.push(ring);
        slot
    }

    fn begin_ring(&mut self, hole: bool) {
        let start = u32::try_from(self.points.len()).unwrap_or(HOLE);
        assert!(start < HOLE, "a layer holds fewer than 2^31 vertices");
        self.rings.push(if hole { start | HOLE } else { start });
    }

    /// Reads a packed shape to the end of the arrays; on an error the caller takes away what was read.
    fn unpack(&mut self, bytes: &[u8]) -> Result<Bounds, Unpacked> {
        let mut rest = bytes;
        let (mut lon, mut lat) = (0_i64, 0_i64);
        let mut bounds: Option<Bounds> = None;
        for _ in 0..take(&mut rest)? {
            let holes = take(&mut rest)?;
            for ring in 0..=holes {
                self.begin_ring(ring > 0);
                let start = self.points.len();
                let points = take(&mut rest)?;
                if points < 3 {
                    return Err(Unpacked);
                }
                for _ in 0..points {
                    lon += unfold_sign(take(&mut rest)?);
                    lat += unfold_sign(take(&mut rest)?);
                    self.points.push(Point {
                        lon_e7: i32::try_from(lon).map_err(|_| Unpacked)?,
                        lat_e7: i32::try_from(lat).map_err(|_| Unpacked)?,
                    });
                }
                if ring == 0 {
                    let ring = Bounds::of(self.points[start..].iter().copied()).ok_or(Unpacked)?;
                    bounds = Some(bounds.map_or(ring, |bounds| bounds.and(ring)));
                }
            }
        }
        if rest.is_empty() {
            bounds.ok_or(Unpacked)
        } else {
            Err(Unpacked)
        }
    }

    fn rings(&self, slot: u32) -> impl Iterator<Item = (&[Point], bool)> {
        let slot = slot as usize;
        let first = self.shapes[slot] as usize;
        let end = self
            .shapes
            .get(slot + 1)
            .map_or(self.rings.len(), |&ring| ring as usize);
        (first..end).map(|ring| {
            let start = self.rings[ring];
            let end = self
                .rings
                .get(ring + 1)
                .map_or(self.points.len(), |&next| (next & !HOLE) as usize);
            (
                &self.points[(start & !HOLE) as usize..end],
                start & HOLE != 0,
            )
        })
    }

    /// Where `point` lies seen from the shape: a ray to the east crosses its rings an odd number of times when it is in it.
    fn side(&self, slot: u32, point: Point) -> Side {
        let mut inside = false;
        for (ring, _) in self.rings(slot) {
            match ring_side(ring, point) {
                Side::Border => return Side::Border,
                Side::In => inside = !inside,
                Side::Out => {}
            }
        }
        if inside { Side::In } else { Side::Out }
    }
}

/// Where `point` lies seen from one ring, exactly. An edge counts with its lower end and without its upper one, so that a ray
/// through a vertex is counted once.
fn ring_side(ring: &[Point], point: Point) -> Side {
    let Some(&last) = ring.last() else {
        return Side::Out;
    };
    let (x, y) = (point.lon_e7, point.lat_e7);
    let mut inside = false;
    let mut a = last;
    for &b in ring {
        if (a.lat_e7 > y) != (b.lat_e7 > y) {
            if a.lon_e7 > x && b.lon_e7 > x {
                inside = !inside;
            } else if a.lon_e7 >= x || b.lon_e7 >= x {
                // Which side of the edge: two products of differences of i32, each below 2^64, so i64 would not hold them.
                let (low, high) = if a.lat_e7 < b.lat_e7 { (a, b) } else { (b, a) };
                let d = |p: i32, q: i32| i128::from(i64::from(p) - i64::from(q));
                let along = d(high.lon_e7, low.lon_e7) * d(y, low.lat_e7);
                let across = d(x, low.lon_e7) * d(high.lat_e7, low.lat_e7);
                if along == across {
                    return Side::Border;
                }
                inside ^= along > across;
            }
        } else if b.lat_e7 == y
            && (b.lon_e7 == x || (a.lat_e7 == y && (a.lon_e7 > x) != (b.lon_e7 > x)))
        {
            return Side::Border;
        }
        a = b;
    }
    if inside { Side::In } else { Side::Out }
}

impl Index {
    /// How many shapes it holds: the slots are 0 to `len() - 1`.
    pub fn len(&self) -> usize {
        self.flat.shapes.len()
    }

    /// Whether it holds no shape.
    pub fn is_empty(&self) -> bool {
        self.flat.shapes.is_empty()
    }

    /// The lowest slot for which `valid` holds and whose shape covers `point`.
    pub fn covering(&self, point: Point, valid: impl Fn(u32) -> bool) -> Option<u32> {
        let mut lowest = None;
        self.boxes_at(point, |slot| {
            if lowest.is_none_or(|low| slot < low) && valid(slot) && self.covers(slot, point) {
                lowest = Some(slot);
            }
        });
        lowest
    }

    /// [`covering`](Self::covering) of many points, in their order. They are looked up along a curve that visits neighbours one
    /// after the other, so that most of what a look-up reads was read by the one before: with a large layer and thousands of
    /// points or more several times the rate of single look-ups.
    pub fn covering_each(&self, points: &[Point], valid: impl Fn(u32) -> bool) -> Vec<Option<u32>> {
        let cell = |value: i32| ((value.cast_unsigned() ^ (1 << 31)) >> 16) as u16;
        let mut along: Vec<(u32, usize)> = points
            .iter()
            .enumerate()
            .map(|(i, point)| {
                (
                    hilbert_xy_to_index(cell(point.lon_e7), cell(point.lat_e7)),
                    i,
                )
            })
            .collect();
        along.sort_unstable();
        let mut slots = vec![None; points.len()];
        for (_, i) in along {
            slots[i] = self.covering(points[i], &valid);
        }
        slots
    }

    /// All slots for which `valid` holds and whose shapes cover `point`, lowest first.
    pub fn all_covering(&self, point: Point, valid: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut slots = Vec::new();
        self.boxes_at(point, |slot| {
            if valid(slot) && self.covers(slot, point) {
                slots.push(slot);
            }
        });
        slots.sort_unstable();
        slots
    }

    /// Whether the shape in `slot` covers `point`: in it or on its border. Panics when there is no such slot.
    pub fn covers(&self, slot: u32, point: Point) -> bool {
        self.flat.side(slot, point) != Side::Out
    }

    /// Whether the shape in `slot`, border included, and the box have a point in common. Exact. Panics when there is no such
    /// slot.
    pub fn meets(&self, slot: u32, bounds: Bounds) -> bool {
        let corner = Point {
            lon_e7: bounds.west,
            lat_e7: bounds.south,
        };
        // Where no edge comes into the box, all of it lies in the shape or none of it.
        self.bounds(slot).meets(bounds)
            && (self
                .rings(slot)
                .any(|(ring, _)| edges(ring).any(|(a, b)| edge_meets(a, b, bounds)))
                || self.covers(slot, corner))
    }

    /// Whether `point` lies in the shape in `slot` and not on its border. Panics when there is no such slot.
    pub(super) fn inside(&self, slot: u32, point: Point) -> bool {
        self.flat.side(slot, point) == Side::In
    }

    /// The valid shape whose border is nearest to `point`, and how many metres away it is (0 when it covers the point); none
    /// within `most_m` metres gives none. Of equally near ones the lowest slot.
    ///
    /// Measured on the plane that touches the earth at `point`: within 0.5 % of the great circle up to 50 km. Borders beyond
    /// the 180th meridian are not looked for.
    pub fn nearest(
        &self,
        point: Point,
        most_m: u32,
        valid: impl Fn(u32) -> bool,
    ) -> Option<(u32, f64)> {
        if let Some(slot) = self.covering(point, &valid) {
            return Some((slot, 0.0));
        }
        let plane = Plane::at(point);
        let most = f64::from(most_m);
        let mut best: Option<(u32, f64)> = None;
        let mut radius = most.min(250.0);
        loop {
            // What is not met by the window is farther than `radius`.
            self.meeting(plane.window(radius), |slot| {
                let limit = best.map_or(most, |(_, metres)| metres);
                // The micrometre is for rounding: an equally near shape of a lower slot must not be passed over.
                if plane.to_box(self.bounds(slot)) > limit + 1e-6 || !valid(slot) {
                    return;
                }
                let metres = self.metres(slot, &plane);
                if metres <= limit && best.is_none_or(|best| (metres, slot) < (best.1, best.0)) {
                    best = Some((slot, metres));
                }
            });
            let enough = best.map_or(most, |(_, metres)| metres);
            if enough <= radius {
                return best;
            }
            radius = enough.min(radius * 4.0);
        }
    }

    /// Calls `visit` with each slot whose box has a point in common with `bounds`, in no order.
    pub fn meeting(&self, bounds: Bounds, mut visit: impl FnMut(u32)) {
        self.boxes_meeting(bounds, |slot| {
            if self.bounds(slot).meets(bounds) {
                visit(slot);
            }
        });
    }

    /// The smallest box around the shape in `slot`. Panics when there is no such slot.
    pub fn bounds(&self, slot: u32) -> Bounds {
        let outer = self.rings(slot).filter(|(_, hole)| !hole);
        Bounds::of(outer.flat_map(|(ring, _)| ring.iter().copied())).expect("a shape has points")
    }

    /// The shape in `slot` as it was added. Panics when there is no such slot.
    pub fn shape(&self, slot: u32) -> Shape {
        let mut polygons: Vec<Polygon> = Vec::new();
        for (ring, hole) in self.rings(slot) {
            match polygons.last_mut() {
                Some(polygon) if hole => polygon.holes.push(ring.to_vec()),
                _ => polygons.push(Polygon {
                    outer: ring.to_vec(),
                    holes: Vec::new(),
                }),
            }
        }
        Shape::of_normal(polygons)
    }

    /// The rings of the shape in `slot`, not closed, and whether each is a hole: each outer ring with its holes behind it.
    /// Panics when there is no such slot.
    pub fn rings(&self, slot: u32) -> impl Iterator<Item = (&[Point], bool)> {
        self.flat.rings(slot)
    }

    /// How many bytes of memory it holds.
    pub fn bytes(&self) -> usize {
        size_of_val(self.flat.points.as_slice())
            + size_of_val(self.flat.rings.as_slice())
            + size_of_val(self.flat.shapes.as_slice())
            + size_of_val(self.tree.all_boxes())
            + size_of_val(self.tree.all_box_indices())
    }

    /// Metres from the middle of the plane to the nearest border of a shape.
    fn metres(&self, slot: u32, plane: &Plane) -> f64 {
        self.rings(slot)
            .flat_map(|(ring, _)| {
                let before = ring.iter().cycle().skip(ring.len() - 1);
                before.zip(ring).map(|(a, b)| plane.to_edge(*a, *b))
            })
            .fold(f64::INFINITY, f64::min)
    }

    fn boxes_at(&self, point: Point, visit: impl FnMut(u32)) {
        let at = Bounds {
            west: point.lon_e7,
            south: point.lat_e7,
            east: point.lon_e7,
            north: point.lat_e7,
        };
        self.boxes_meeting(at, visit);
    }

    /// Slots whose box meets `bounds`, and now and then one whose box only touches it within a unit.
    fn boxes_meeting(&self, bounds: Bounds, mut visit: impl FnMut(u32)) {
        let [west, south, east, north] = halved(bounds);
        self.tree
            .visit_query(west, south, east, north, &mut |slot: usize| {
                visit(u32::try_from(slot).expect("a slot is an u32"));
            });
    }
}

/// The plane that touches the earth at a point, in metres from it, east and north.
struct Plane {
    point: Point,
    /// Metres in a unit of longitude: more than nothing, at the poles too.
    east: f64,
}

impl Plane {
    fn at(point: Point) -> Self {
        Self {
            point,
            east: METRES * point.lat().to_radians().cos().max(1e-12),
        }
    }

    fn place(&self, p: Point) -> (f64, f64) {
        let d = |a: i32, b: i32| f64::from(a) - f64::from(b);
        (
            d(p.lon_e7, self.point.lon_e7) * self.east,
            d(p.lat_e7, self.point.lat_e7) * METRES,
        )
    }

    /// A box that holds everything within `metres`, by one unit larger than needed for what rounding takes away.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from float stops at the ends of i32"
    )]
    fn window(&self, metres: f64) -> Bounds {
        let lon = (metres / self.east).ceil() + 1.0;
        let lat = (metres / METRES).ceil() + 1.0;
        let (x, y) = (f64::from(self.point.lon_e7), f64::from(self.point.lat_e7));
        Bounds {
            west: (x - lon) as i32,
            south: (y - lat) as i32,
            east: (x + lon) as i32,
            north: (y + lat) as i32,
        }
    }

    /// Metres to the nearest point of a box.
    fn to_box(&self, bounds: Bounds) -> f64 {
        let (x, y) = self.place(Point {
            lon_e7: self.point.lon_e7.clamp(bounds.west, bounds.east),
            lat_e7: self.point.lat_e7.clamp(bounds.south, bounds.north),
        });
        x.hypot(y)
    }

    /// Metres to the nearest point of an edge. A corner that many edges have gives each of them the same bits.
    fn to_edge(&self, a: Point, b: Point) -> f64 {
        let ((ax, ay), (bx, by)) = (self.place(a), self.place(b));
        let (dx, dy) = (bx - ax, by - ay);
        let square = dx * dx + dy * dy;
        let along = -(ax * dx + ay * dy);
        if along <= 0.0 {
            ax.hypot(ay)
        } else if along >= square {
            bx.hypot(by)
        } else {
            let t = along / square;
            (ax + t * dx).hypot(ay + t * dy)
        }
    }
}
