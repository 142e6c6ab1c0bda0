//! Shapes: what lies inside one border, polygons with holes in fixed point.
//!
//! A [`Shape`] is always in normal form: outer rings run against the clock, holes with it; rings are not closed by a repeated
//! point, begin at their least point, have at least three points and no point twice in a row. Whether rings cross is checked
//! where a shape comes in, not here.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Point;

/// A closed line without its last point, which is the first.
pub type Ring = Vec<Point>;

/// One outer ring and the holes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polygon {
    /// Runs against the clock.
    pub outer: Ring,
    /// Run with the clock.
    pub holes: Vec<Ring>,
}

/// One or more polygons that do not overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape(Vec<Polygon>);

/// The smallest box around something, borders included, in 1e-7 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Least longitude.
    pub west: i32,
    /// Least latitude.
    pub south: i32,
    /// Greatest longitude.
    pub east: i32,
    /// Greatest latitude.
    pub north: i32,
}

/// Packed bytes that are no shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked;

impl Bounds {
    /// The box around some points; none when there are none.
    pub fn of(points: impl IntoIterator<Item = Point>) -> Option<Self> {
        points.into_iter().fold(None, |bounds: Option<Self>, p| {
            let one = Self {
                west: p.lon_e7,
                south: p.lat_e7,
                east: p.lon_e7,
                north: p.lat_e7,
            };
            Some(bounds.map_or(one, |bounds| bounds.and(one)))
        })
    }

    /// The smallest box around both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// The box with so many units more on each side, as far as numbers go.
    #[must_use]
    pub fn grown(self, lon_e7: i32, lat_e7: i32) -> Self {
        Self {
            west: self.west.saturating_sub(lon_e7),
            south: self.south.saturating_sub(lat_e7),
            east: self.east.saturating_add(lon_e7),
            north: self.north.saturating_add(lat_e7),
        }
    }

    /// Whether the two have a point in common.
    pub fn meets(self, other: Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// Whether `point` lies in it or on its border.
    pub fn holds(self, point: Point) -> bool {
        (self.west..=self.east).contains(&point.lon_e7)
            && (self.south..=self.north).contains(&point.lat_e7)
    }

    /// Its middle.
    pub fn middle(self) -> Point {
        let half = |a: i32, b: i32| i32::midpoint(a, b);
        Point {
            lon_e7: half(self.west, self.east),
            lat_e7: half(self.south, self.north),
        }
    }
}

/// Twice the area under the ring in square units: positive against the clock.
pub(crate) fn twice_area(ring: &[Point]) -> i128 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| {
            i128::from(a.lon_e7) * i128::from(b.lat_e7)
                - i128::from(b.lon_e7) * i128::from(a.lat_e7)
        })
        .sum()
}

/// A ring in normal form: without repeats, beginning at its least point, in the wanted direction; none when fewer than three
/// points or no area are left.
fn normal(mut ring: Ring, against_the_clock: bool) -> Option<Ring> {
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let area = twice_area(&ring);
    if ring.len() < 3 || area == 0 {
        return None;
    }
    if (area > 0) != against_the_clock {
        ring.reverse();
    }
    let least = ring
        .iter()
        .enumerate()
        .min_by_key(|(_, point)| **point)
        .map_or(0, |(i, _)| i);
    ring.rotate_left(least);
    Some(ring)
}

impl Shape {
    /// A shape in normal form of polygons whose rings may run either way and may be closed; rings without area are left out.
    /// None when nothing is left.
    pub fn new(polygons: impl IntoIterator<Item = Polygon>) -> Option<Self> {
        let mut polygons: Vec<Polygon> = polygons
            .into_iter()
            .filter_map(|polygon| {
                let outer = normal(polygon.outer, true)?;
                let mut holes: Vec<Ring> = polygon
                    .holes
                    .into_iter()
                    .filter_map(|hole| normal(hole, false))
                    .collect();
                holes.sort();
                Some(Polygon { outer, holes })
            })
            .collect();
        polygons.sort_by(|a, b| a.outer.cmp(&b.outer));
        (!polygons.is_empty()).then_some(Self(polygons))
    }

    /// A shape of polygons that are those of a shape already.
    pub(super) fn of_normal(polygons: Vec<Polygon>) -> Self {
        Self(polygons)
    }

    /// Its polygons, in the order of their outer rings.
    pub fn polygons(&self) -> &[Polygon] {
        &self.0
    }

    /// All rings.
    pub fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.0
            .iter()
            .flat_map(|polygon| std::iter::once(&polygon.outer).chain(&polygon.holes))
    }

    /// How many points its rings have.
    pub fn vertices(&self) -> usize {
        self.rings().map(Vec::len).sum()
    }

    /// The smallest box around it.
    pub fn bounds(&self) -> Bounds {
        let outer = self.0.iter().flat_map(|polygon| &polygon.outer);
        Bounds::of(outer.copied()).expect("a shape has points")
    }

    /// Packs it: counts and differences between points as variable-length numbers (LEB128, signs folded in).
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(8 + self.vertices() * 5);
        let (mut lon, mut lat) = (0_i64, 0_i64);
        put(&mut out, self.0.len() as u64);
        for polygon in &self.0 {
            put(&mut out, polygon.holes.len() as u64);
            for ring in std::iter::once(&polygon.outer).chain(&polygon.holes) {
                put(&mut out, ring.len() as u64);
                for point in ring {
                    let (x, y) = (i64::from(point.lon_e7), i64::from(point.lat_e7));
                    put(&mut out, fold_sign(x - lon));
                    put(&mut out, fold_sign(y - lat));
                    (lon, lat) = (x, y);
                }
            }
        }
        out
    }

    /// Reads a packed shape. Counts are believed no further than there are bytes.
    pub fn unpack(bytes: &[u8]) -> Result<Self, Unpacked> {
        let mut rest = bytes;
        let (mut lon, mut lat) = (0_i64, 0_i64);
        let mut polygons = Vec::new();
        for _ in 0..take(&mut rest)? {
            let holes = take(&mut rest)?;
            let mut rings = Vec::new();
            for _ in 0..=holes {
                let points = take(&mut rest)?;
                if points < 3 {
                    return Err(Unpacked);
                }
                let mut ring =
                    Vec::with_capacity(rest.len().min(usize::try_from(points).unwrap_or(0)));
                for _ in 0..points {
                    lon += unfold_sign(take(&mut rest)?);
                    lat += unfold_sign(take(&mut rest)?);
                    ring.push(Point {
                        lon_e7: i32::try_from(lon).map_err(|_| Unpacked)?,
                        lat_e7: i32::try_from(lat).map_err(|_| Unpacked)?,
                    });
                }
                rings.push(ring);
            }
            let outer = rings.remove(0);
            polygons.push(Polygon {
                outer,
                holes: rings,
            });
        }
        if polygons.is_empty() || !rest.is_empty() {
            return Err(Unpacked);
        }
        Ok(Self(polygons))
    }
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn take(rest: &mut &[u8]) -> Result<u64, Unpacked> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(Unpacked)?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Unpacked)
}

fn fold_sign(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

pub(super) fn unfold_sign(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// In JSON a shape is its packed bytes in base64: small, and the same bytes every time.
impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use base64::Engine as _;
        serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(self.pack()))
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use base64::Engine as _;
        let text = String::deserialize(deserializer)?;
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .ok()
            .and_then(|bytes| Self::unpack(&bytes).ok())
            .ok_or_else(|| serde::de::Error::custom("not a packed shape"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(i32, i32)]) -> Ring {
        points
            .iter()
            .map(|&(lon_e7, lat_e7)| Point { lon_e7, lat_e7 })
            .collect()
    }

    #[test]
    fn a_shape_is_the_same_however_it_was_written() {
        let a = Polygon {
            outer: ring(&[(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]),
            holes: vec![ring(&[(2, 2), (4, 2), (4, 4), (2, 4)])],
        };
        let b = Polygon {
            outer: ring(&[(10, 10), (10, 0), (0, 0), (0, 10)]),
            holes: vec![ring(&[(4, 4), (4, 2), (2, 2), (2, 4), (4, 4)])],
        };
        assert_eq!(Shape::new([a]), Shape::new([b]));
        let line = Polygon {
            outer: ring(&[(0, 0), (5, 5), (10, 10)]),
            holes: vec![],
        };
        assert_eq!(Shape::new([line]), None, "a line holds nothing");
    }

    #[test]
    fn packed_and_unpacked_is_the_same() {
        let polygon = Polygon {
            outer: ring(&[
                (i32::MIN, i32::MIN),
                (i32::MAX, i32::MIN),
                (i32::MAX, i32::MAX),
                (i32::MIN, i32::MAX),
            ]),
            holes: vec![ring(&[(-2, -2), (-2, 4), (4, 4), (4, -2)])],
        };
        let shape = Shape::new([polygon]).expect("a shape");
        let packed = shape.pack();
        assert_eq!(Shape::unpack(&packed), Ok(shape.clone()));
        for end in 0..packed.len() {
            assert_eq!(Shape::unpack(&packed[..end]), Err(Unpacked), "cut at {end}");
        }
        assert_eq!(
            Shape::unpack(&[1, 0, 0xff, 0xff, 0xff, 0xff, 0x7f]),
            Err(Unpacked),
            "a count that the bytes do not hold"
        );
        assert_eq!(
            Shape::unpack(&[1, 0, 2, 0, 0, 2, 2]),
            Err(Unpacked),
            "two points are no ring"
        );
        let json = serde_json::to_string(&shape).expect("JSON");
        assert_eq!(serde_json::from_str::<Shape>(&json).expect("JSON"), shape);
    }
}
