//! Points by where they are: which of many lie in a box.
//!
//! A grid of about as many cells as points, laid out once. The points of a box come in the same order every time.

use super::{Bounds, Point};

/// At most so many cells on a side.
const MOST_CELLS: usize = 1_024;

/// Points in the cells of a grid.
pub(super) struct Nearby {
    bounds: Bounds,
    /// Cells on a side.
    side: usize,
    /// Where the points of each cell begin in `points`; one more than there are cells.
    starts: Vec<u32>,
    points: Vec<Point>,
}

impl Nearby {
    /// A grid of some points, each kept once.
    pub(super) fn new(mut points: Vec<Point>) -> Self {
        points.sort_unstable();
        points.dedup();
        let nowhere = Bounds {
            west: 0,
            south: 0,
            east: 0,
            north: 0,
        };
        let side = points.len().isqrt().clamp(1, MOST_CELLS);
        let mut grid = Self {
            bounds: Bounds::of(points.iter().copied()).unwrap_or(nowhere),
            side,
            starts: vec![0; side * side + 1],
            points: Vec::new(),
        };
        points.sort_by_cached_key(|p| grid.number(*p));
        for p in &points {
            let number = grid.number(*p);
            grid.starts[number + 1] += 1;
        }
        for i in 1..grid.starts.len() {
            grid.starts[i] += grid.starts[i - 1];
        }
        grid.points = points;
        grid
    }

    /// The points in a box, its border included.
    pub(super) fn within(&self, of: Bounds) -> impl Iterator<Item = Point> + '_ {
        let columns = self.column(of.west)..=self.column(of.east);
        (self.row(of.south)..=self.row(of.north))
            .flat_map(move |row| {
                let first = row * self.side;
                let (from, to) = (
                    self.starts[first + columns.start()],
                    self.starts[first + columns.end() + 1],
                );
                &self.points[from as usize..to as usize]
            })
            .copied()
            .filter(move |p| of.holds(*p))
    }

    /// The cell of a point.
    fn number(&self, p: Point) -> usize {
        self.row(p.lat_e7) * self.side + self.column(p.lon_e7)
    }

    fn column(&self, lon_e7: i32) -> usize {
        self.cell(lon_e7, self.bounds.west, self.bounds.east)
    }

    fn row(&self, lat_e7: i32) -> usize {
        self.cell(lat_e7, self.bounds.south, self.bounds.north)
    }

    /// The cell on one side; what lies beyond the grid belongs to the outermost.
    fn cell(&self, at: i32, least: i32, most: i32) -> usize {
        let (at, long) = (
            i64::from(at.clamp(least, most)) - i64::from(least),
            i64::from(most) - i64::from(least) + 1,
        );
        (at * self.side as i64 / long) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_holds_what_looking_at_all_finds() {
        let at = |k: i32| Point {
            lon_e7: k.wrapping_mul(7_919).rem_euclid(1_009),
            lat_e7: k.wrapping_mul(104_729).rem_euclid(997),
        };
        let points: Vec<Point> = (0..2_000).map(at).collect();
        let grid = Nearby::new(points.clone());
        for k in 0..500 {
            let (a, b) = (at(3 * k), at(5 * k + 1));
            let of = Bounds::of([a, b]).expect("two points");
            let mut found: Vec<Point> = grid.within(of).collect();
            let mut all: Vec<Point> = points.iter().copied().filter(|p| of.holds(*p)).collect();
            found.sort();
            all.sort();
            assert_eq!(found, all);
        }
        let far = Bounds {
            west: 2_000,
            south: 0,
            east: i32::MAX,
            north: 10,
        };
        assert_eq!(grid.within(far).count(), 0);
        assert_eq!(Nearby::new(vec![]).within(far).count(), 0);
        let ends = [(i32::MIN, i32::MIN), (i32::MAX, i32::MAX), (0, 0), (1, 1)];
        let ends = Nearby::new(
            ends.map(|(lon_e7, lat_e7)| Point { lon_e7, lat_e7 })
                .to_vec(),
        );
        assert_eq!(ends.within(far).count(), 0);
        assert_eq!(
            ends.within(Bounds {
                west: 0,
                south: 0,
                east: i32::MAX,
                north: i32::MAX
            })
            .count(),
            3
        );
    }
}
