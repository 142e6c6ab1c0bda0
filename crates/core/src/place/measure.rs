//! What a shape covers and how large and how far it is.
//!
//! Borders are straight lines in degrees, as PostGIS takes them. Covering is exact and its answer is that of
//! `ST_Covers` on the same numbers. Areas and distances are those of the WGS84 ellipsoid. Shapes that cross the 180th
//! meridian are not known here.

use super::exact::{edges, from, on_edge, turn};
use super::{Point, Shape};

/// Half the longer axis of the WGS84 ellipsoid in metres.
const A: f64 = 6_378_137.0;
/// The square of its eccentricity, f (2 - f) with f = 1/298.257223563.
const EE: f64 = 0.006_694_379_990_141_316;
/// Radians of one unit of 1e-7 degrees.
const UNIT: f64 = std::f64::consts::PI / 180.0 * 1e-7;
/// How many lines are laid through a shape to find a place inside.
const LINES: i64 = 17;

impl Shape {
    /// Whether `point` lies inside or on the border, that of a hole too. Exact.
    pub fn covers(&self, point: Point) -> bool {
        let mut inside = false;
        for ring in self.rings() {
            for (a, b) in edges(ring) {
                let (above_a, above_b) = (a.lat_e7 > point.lat_e7, b.lat_e7 > point.lat_e7);
                if above_a != above_b {
                    // The edge meets the parallel of the point: east of it, west of it, or in it.
                    let side = turn(a, b, point);
                    if side == 0 {
                        return true;
                    }
                    inside ^= (side > 0) == above_b;
                } else if !above_a
                    && (a.lat_e7 == point.lat_e7 || b.lat_e7 == point.lat_e7)
                    && on_edge(a, b, point)
                {
                    return true;
                }
            }
        }
        inside
    }

    /// Area in square metres on the WGS84 ellipsoid.
    ///
    /// The shape is laid on a cylinder of equal areas: y = a q(φ) / 2 with the q of the authalic latitude (J. P.
    /// Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, 1987, equation 3-12), x = a λ. Under
    /// each edge, which is straight in degrees and bent on the cylinder, Simpson's rule gives the area; for edges up to a
    /// tenth of a degree it is off by less than the micrometre to which heights are rounded. Sums are whole numbers: what two
    /// neighbours share cancels to nothing, so that the areas of the parts add up to that of the whole.
    pub fn area_m2(&self) -> f64 {
        let mut sum = 0_i128;
        for ring in self.rings() {
            for (a, b) in edges(ring) {
                if a.lon_e7 != b.lon_e7 {
                    let middle = (f64::from(a.lat_e7) + f64::from(b.lat_e7)) / 2.0;
                    let height = height_um(f64::from(a.lat_e7))
                        + 4 * height_um(middle)
                        + height_um(f64::from(b.lat_e7));
                    sum += i128::from(-from(a, b).0) * i128::from(height);
                }
            }
        }
        sum as f64 * (A * UNIT * 1e-6 / 6.0)
    }

    /// Length of all borders in metres, those of holes too: each edge with the scale of its middle latitude.
    pub fn perimeter_m(&self) -> f64 {
        let rings = self.rings().flat_map(|ring| edges(ring));
        rings
            .map(|(a, b)| Scale::at(f64::midpoint(a.lat(), b.lat())).metres(a, b))
            .sum()
    }

    /// Metres from `point` to the nearest border; 0 inside.
    ///
    /// The nearest border is looked for in a plane with the scale of the point's latitude, its distance is taken with
    /// the scale of the latitude half way. In Sichuan that is within 0.5 % up to 50 km; further away it tells near from
    /// far.
    pub fn metres_to(&self, point: Point) -> f64 {
        if self.covers(point) {
            return 0.0;
        }
        let scale = Scale::at(point.lat());
        let (east, north) =
            self.rings()
                .flat_map(|ring| edges(ring))
                .fold((f64::MAX, 0.0), |best, (a, b)| {
                    let way = scale.way_to_edge(point, a, b);
                    if scale.square(way) < scale.square(best) {
                        way
                    } else {
                        best
                    }
                });
        let middle = Scale::at(point.lat() + north * 1e-7 / 2.0);
        middle.square((east, north)).sqrt()
    }

    /// The centre of gravity in degrees, rounded to the unit. It may lie outside.
    pub fn centroid(&self) -> Point {
        let origin = self.polygons()[0].outer[0];
        let (mut twice, mut east, mut north) = (0_i128, 0_i128, 0_i128);
        for ring in self.rings() {
            for (a, b) in edges(ring) {
                let (ax, ay) = from(origin, a);
                let (bx, by) = from(origin, b);
                let cross = i128::from(ax) * i128::from(by) - i128::from(ay) * i128::from(bx);
                twice += cross;
                east += i128::from(ax + bx) * cross;
                north += i128::from(ay + by) * cross;
            }
        }
        // A valid shape has an area; for anything else an answer that is at least near.
        if twice <= 0 {
            return self.bounds().middle();
        }
        let step = |sum: i128, start: i32| {
            let at = i128::from(start) + (2 * sum + 3 * twice).div_euclid(6 * twice);
            at.clamp(i32::MIN.into(), i32::MAX.into()) as i32
        };
        Point {
            lon_e7: step(east, origin.lon_e7),
            lat_e7: step(north, origin.lat_e7),
        }
    }

    /// A point surely inside and well away from the border, for a label; on the border where a shape is so thin that it
    /// holds no point of 1e-7 degrees.
    ///
    /// Lines are laid through the shape from west to east; the middle of the longest stretch of each, and the centre of
    /// gravity, are tried, and the one with the most room around it is taken.
    pub fn inside(&self) -> Point {
        let bounds = self.bounds();
        let scale = Scale::at(bounds.middle().lat());
        let high = i64::from(bounds.north) - i64::from(bounds.south);
        let lines = (0..LINES).map(|k| i64::from(bounds.south) + high * (2 * k + 1) / (2 * LINES));
        let mut best = (self.polygons()[0].outer[0], 0.0);
        for try_at in lines
            .filter_map(|lat| self.middle_of_longest(lat))
            .chain([self.centroid()])
        {
            let room = self
                .rings()
                .flat_map(|ring| edges(ring))
                .map(|(a, b)| scale.square(scale.way_to_edge(try_at, a, b)))
                .fold(f64::MAX, f64::min);
            if room > best.1 && self.covers(try_at) {
                best = (try_at, room);
            }
        }
        best.0
    }

    /// The middle of the longest stretch inside along a parallel.
    fn middle_of_longest(&self, lat: i64) -> Option<Point> {
        let mut crossings: Vec<f64> = self
            .rings()
            .flat_map(|ring| edges(ring))
            .filter(|(a, b)| (i64::from(a.lat_e7) > lat) != (i64::from(b.lat_e7) > lat))
            .map(|(a, b)| {
                let part = (lat - i64::from(a.lat_e7)) as f64 / from(a, b).1 as f64;
                f64::from(a.lon_e7) + part * from(a, b).0 as f64
            })
            .collect();
        crossings.sort_by(f64::total_cmp);
        let longest = crossings
            .chunks_exact(2)
            .max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])))?;
        Some(Point {
            lon_e7: f64::midpoint(longest[0], longest[1]).round() as i32,
            lat_e7: i32::try_from(lat).ok()?,
        })
    }
}

/// Height on the cylinder of equal areas in whole micrometres, of a latitude in units.
fn height_um(lat_e7: f64) -> i64 {
    let e = EE.sqrt();
    let sin = (lat_e7 * UNIT).sin();
    let q = (1.0 - EE) * (sin / (1.0 - EE * sin * sin) + (e * sin).atanh() / e);
    (A / 2.0 * q * 1e6).round() as i64
}

/// Metres of one unit at a latitude, east and north.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    east: f64,
    north: f64,
}

impl Scale {
    /// By the radii of curvature of WGS84 at `lat` degrees.
    pub(super) fn at(lat: f64) -> Self {
        let (sin, cos) = lat.to_radians().sin_cos();
        let w = 1.0 - EE * sin * sin;
        Self {
            east: UNIT * A / w.sqrt() * cos,
            north: UNIT * A * (1.0 - EE) / (w * w.sqrt()),
        }
    }

    /// The square of the metres of a way in units.
    pub(super) fn square(self, (east, north): (f64, f64)) -> f64 {
        (east * self.east).powi(2) + (north * self.north).powi(2)
    }

    /// Metres between two points.
    pub(super) fn metres(self, a: Point, b: Point) -> f64 {
        let (east, north) = from(a, b);
        self.square((east as f64, north as f64)).sqrt()
    }

    /// How many whole units east and north are enough for so many metres.
    pub(super) fn units(self, metres: f64) -> (i32, i32) {
        let units = |one: f64| (metres / one).ceil() as i32;
        (units(self.east), units(self.north))
    }

    /// The part of the way along the edge from `a` to `b`, 0 to 1, at which it is nearest to `p`.
    pub(super) fn along(self, p: Point, a: Point, b: Point) -> f64 {
        let ((px, py), (dx, dy)) = (from(a, p), from(a, b));
        let (dx, dy) = (dx as f64 * self.east, dy as f64 * self.north);
        let long = dx * dx + dy * dy;
        if long > 0.0 {
            ((px as f64 * self.east * dx + py as f64 * self.north * dy) / long).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// The way in units from `p` to the nearest point of the edge from `a` to `b`.
    pub(super) fn way_to_edge(self, p: Point, a: Point, b: Point) -> (f64, f64) {
        let part = self.along(p, a, b);
        let ((ax, ay), (dx, dy)) = (from(p, a), from(a, b));
        (ax as f64 + part * dx as f64, ay as f64 + part * dy as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Polygon;
    use super::*;

    fn boxed(west: i32, south: i32, east: i32, north: i32) -> Vec<Point> {
        [(west, south), (east, south), (east, north), (west, north)]
            .map(|(lon_e7, lat_e7)| Point { lon_e7, lat_e7 })
            .to_vec()
    }

    fn shape(outer: Vec<Point>, holes: Vec<Vec<Point>>) -> Shape {
        Shape::new([Polygon { outer, holes }]).expect("a shape")
    }

    fn degrees(west: i32, south: i32, east: i32, north: i32) -> Shape {
        let e7 = 10_000_000;
        shape(boxed(west * e7, south * e7, east * e7, north * e7), vec![])
    }

    fn at(lon_e7: i32, lat_e7: i32) -> Point {
        Point { lon_e7, lat_e7 }
    }

    #[test]
    fn the_border_is_covered_and_so_is_that_of_a_hole() {
        let ring = shape(boxed(0, 0, 10, 10), vec![boxed(3, 3, 6, 6)]);
        for (lon, lat, covered) in [
            (0, 0, true),
            (10, 10, true),
            (5, 0, true),
            (0, 5, true),
            (10, 5, true),
            (5, 10, true),
            (1, 1, true),
            (3, 3, true),
            (6, 6, true),
            (3, 4, true),
            (4, 3, true),
            (4, 4, false),
            (5, 5, false),
            (-1, 0, false),
            (11, 10, false),
            (5, 11, false),
            (5, -1, false),
            (-1, 3, false),
        ] {
            assert_eq!(ring.covers(at(lon, lat)), covered, "{lon} {lat}");
        }
        let whole = shape(boxed(i32::MIN, i32::MIN, i32::MAX, i32::MAX), vec![]);
        assert!(
            whole.covers(at(i32::MAX, i32::MIN)) && whole.covers(at(0, 0)),
            "as far as numbers go"
        );
    }

    #[test]
    fn areas_of_the_ellipsoid() {
        // C. F. F. Karney's GeographicLib gives 510,065,621,724,088.44 m² for the whole of WGS84.
        let earth = degrees(-180, -90, 180, 90).area_m2();
        assert!((earth - 510_065_621_724_088.4).abs() < 1e3, "{earth}");
        // A cell of one degree, by the integral of both radii of curvature over the latitudes.
        for south in [0, 26, 30, 34, 60, -45] {
            let cell = degrees(103, south, 104, south + 1).area_m2();
            let steps = 10_000;
            let sum: f64 = (0..steps)
                .map(|k| {
                    let lat = f64::from(south) + (f64::from(k) + 0.5) / f64::from(steps);
                    let scale = Scale::at(lat);
                    scale.east * scale.north * 1e14 / f64::from(steps)
                })
                .sum();
            assert!(
                (cell / sum - 1.0).abs() < 1e-9,
                "{south}: {cell} m², by the integral {sum}"
            );
        }
    }

    #[test]
    fn the_area_of_a_hole_is_taken_off_and_parts_add_up() {
        let hole = boxed(1_035_000_000, 305_000_000, 1_036_000_000, 306_000_000);
        let ring = shape(
            boxed(1_030_000_000, 300_000_000, 1_040_000_000, 310_000_000),
            vec![hole.clone()],
        );
        let whole = degrees(103, 30, 104, 31).area_m2();
        let sum = ring.area_m2() + shape(hole, vec![]).area_m2();
        assert!((sum - whole).abs() < 1e-3, "{sum} {whole}");
    }

    #[test]
    fn the_length_of_a_border() {
        // A degree of the meridian from 30° to 31° N is 110,861 m on WGS84, of the parallels 96,486 m and 95,506 m.
        let cell = degrees(103, 30, 104, 31).perimeter_m();
        assert!(
            (cell - (2.0 * 110_861.0 + 96_486.0 + 95_506.0)).abs() < 5.0,
            "{cell}"
        );
    }

    #[test]
    fn metres_to_the_border() {
        let cell = degrees(103, 30, 104, 31);
        assert!(cell.metres_to(at(1_035_000_000, 305_000_000)) == 0.0);
        assert!(cell.metres_to(at(1_030_000_000, 300_000_000)) == 0.0);
        for (lon, lat, near) in [
            (1_035_000_000, 299_000_000, (1_035_000_000, 300_000_000)),
            (1_029_900_000, 305_000_000, (1_030_000_000, 305_000_000)),
            (1_040_500_000, 310_500_000, (1_040_000_000, 310_000_000)),
        ] {
            let metres = cell.metres_to(at(lon, lat));
            let sphere = f64::from(at(lon, lat).metres_to(at(near.0, near.1)));
            assert!(
                (metres / sphere - 1.0).abs() < 0.004,
                "{metres} m, on a sphere {sphere}"
            );
        }
    }

    #[test]
    fn a_label_lies_inside() {
        // A horseshoe has its centre of gravity outside.
        let shoe = [
            (0, 0),
            (90, 0),
            (90, 60),
            (60, 60),
            (60, 20),
            (30, 20),
            (30, 60),
            (0, 60),
        ];
        let shoe = shape(shoe.map(|(x, y)| at(x, y)).to_vec(), vec![]);
        assert_eq!(shoe.centroid(), at(45, 27), "45, 27 1/7");
        assert!(!shoe.covers(shoe.centroid()));
        assert!(shoe.covers(shoe.inside()));
        let square = shape(boxed(0, 0, 100, 100), vec![]);
        assert_eq!(
            (square.centroid(), square.inside()),
            (at(50, 50), at(50, 50))
        );
        // One unit high: no point lies strictly inside.
        let thin = shape(boxed(0, 0, 100, 1), vec![]);
        assert!(thin.covers(thin.inside()));
    }
}
