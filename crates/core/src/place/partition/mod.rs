//! Generated partitions: a county's outline divided into towns, communities and grids, for the demo, tests and measures.
//!
//! No outlines below the county are published, so these are made up, and whoever shows them must say so. They have what real
//! ones should have: no gap, no overlap, equal vertices on both sides of a border, grids of similar area, and towns and
//! communities that lie together.
//!
//! One triangulation fills the outline, its corners are whole points, and each triangle goes to exactly one grid. So the
//! partition is exact without any reckoning with areas, and the outline's own edges stay where they were. The same outline,
//! counts and seed give the same partition.

mod mesh;
mod share;
mod sites;

use super::{Point, Shape};

/// Why an outline cannot be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undivided {
    /// It holds fewer whole points than there shall be grids.
    TooSmall,
    /// Its rings cross each other or themselves.
    Crossing,
}

impl std::fmt::Display for Undivided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooSmall => {
                "辖区范围过小，容不下所需的网格数；请减少网格数 / the outline is too small for that many grids; ask for fewer"
            }
            Self::Crossing => {
                "辖区边界自相交；请先修复边界 / the outline crosses itself; mend it first"
            }
        })
    }
}

impl std::error::Error for Undivided {}

/// Divides `outline` into grids: `counts[town][community]` says how many, and the answer has the grids in the same places. The
/// grids of a community lie together, and so do the communities of a town; within a community they are in no order.
///
/// Together the grids are exactly the outline, and no two have more than a border in common. A border between two grids has the
/// same vertices on both sides. New vertices on the outline lie exactly on its edges; a long edge with no whole points on it
/// gets none, and then the grids along it are less alike. A grid is in one piece, unless the outline is not: an island too small
/// for a grid goes to the nearest one. Without any grids there are no parts.
pub fn partition(
    outline: &Shape,
    counts: &[Vec<u32>],
    seed: u64,
) -> Result<Vec<Vec<Vec<Shape>>>, Undivided> {
    let mut random = Random(seed);
    let plane = Plane::of(outline);
    let sites = sites::sites(outline, counts, &plane, &mut random)?;
    let mesh = mesh::mesh(outline, &sites, &plane, &mut random)?;
    let mut grids = share::shapes(&mesh, &sites, &plane).into_iter();
    Ok(counts
        .iter()
        .map(|communities| {
            let community = |&grid_count: &u32| grids.by_ref().take(grid_count as usize).collect();
            communities.iter().map(community).collect()
        })
        .collect())
}

/// Numbers that look random and depend on the seed only: splitmix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to below `end`.
    fn below(&mut self, end: i64) -> i64 {
        let wide = u128::from(self.next()) * u128::from(end.unsigned_abs());
        i64::try_from(wide >> 64).expect("below an i64")
    }

    /// -1 to below 1.
    fn signed(&mut self) -> f64 {
        // 2^53 steps: what an f64 holds exactly.
        self.below(1 << 53) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// The length of a line on the plane: by operations that give the same bits on each machine, which `hypot` need not.
fn length(dx: f64, dy: f64) -> f64 {
    (dx * dx + dy * dy).sqrt()
}

/// The outline laid flat: units of latitude from its middle, east and north, so that a distance is the same in each direction.
struct Plane {
    middle: Point,
    /// Units of latitude in a unit of longitude.
    stretch: f64,
}

impl Plane {
    fn of(outline: &Shape) -> Self {
        let middle = outline.bounds().middle();
        // The cosine by its series, which is near enough and the same on each machine.
        let square = middle.lat().to_radians() * middle.lat().to_radians();
        let cosine = 1.0 - square / 2.0 + square * square / 24.0;
        Self {
            middle,
            stretch: cosine.clamp(0.1, 1.0),
        }
    }

    fn lay(&self, point: Point) -> (f64, f64) {
        let d = |a: i32, b: i32| f64::from(a) - f64::from(b);
        (
            d(point.lon_e7, self.middle.lon_e7) * self.stretch,
            d(point.lat_e7, self.middle.lat_e7),
        )
    }

    /// The whole point next to a place on the plane.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from float stops at the ends of i32"
    )]
    fn lift(&self, (x, y): (f64, f64)) -> Point {
        Point {
            lon_e7: (x / self.stretch + f64::from(self.middle.lon_e7)).round() as i32,
            lat_e7: (y + f64::from(self.middle.lat_e7)).round() as i32,
        }
    }
}
