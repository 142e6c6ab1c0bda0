//! Where the grids of a partition lie: one site a grid, spread evenly over the outline, neighbours in the list near each other.
//!
//! Many samples are spread over the outline. The list of towns is cut in two and the samples likewise, by a line, in the
//! proportion of the grids on each side; then the halves, the communities and the grids. So each grid gets as many samples as
//! every other, towns and communities lie together, and the middle sample of a grid is its site.

use super::super::index::{Index, IndexBuilder};
use super::super::shape::twice_area;
use super::super::{Bounds, Point, Shape};
use super::{Plane, Random, Undivided, length};

/// Samples for each grid: with many more, grids become squares of equal size.
const SAMPLES: u32 = 14;

/// How near to the outline a border keeps no corner, in pitches: it would leave slivers.
const MARGIN: f64 = 0.07;

/// The sites of an outline.
pub(super) struct Sites {
    /// Inside the outline, no two the same, in the order of the counts.
    pub(super) points: Vec<Point>,
    /// How far apart neighbours are, in units of the plane.
    pub(super) pitch: f64,
    /// The outline, to ask what lies in it.
    outline: Index,
    /// The edges of the outline on the plane.
    edges: Vec<[(f64, f64); 2]>,
}

impl Sites {
    /// Whether a point is so near to the outline that a corner there would leave slivers.
    pub(super) fn beside_border(&self, point: Point, plane: &Plane) -> bool {
        let margin = MARGIN * self.pitch;
        let (x, y) = plane.lay(point);
        self.edges.iter().any(|&[(ax, ay), (bx, by)]| {
            let near = |v: f64, a: f64, b: f64| v > a.min(b) - margin && v < a.max(b) + margin;
            near(x, ax, bx) && near(y, ay, by) && {
                let (dx, dy) = (bx - ax, by - ay);
                let along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
                let t = along.clamp(0.0, 1.0);
                length(ax + t * dx - x, ay + t * dy - y) < margin
            }
        })
    }

    /// Whether a point lies in the outline and not on its border.
    pub(super) fn inside(&self, point: Point) -> bool {
        self.outline.inside(0, point)
    }
}

/// Chooses a site for each grid.
pub(super) fn sites(
    outline: &Shape,
    counts: &[Vec<u32>],
    plane: &Plane,
    random: &mut Random,
) -> Result<Sites, Undivided> {
    let grids = counts.iter().flatten().map(|&count| count as usize).sum();
    let area = outline.rings().map(|ring| twice_area(ring)).sum::<i128>() as f64 / 2.0;
    let mut index = IndexBuilder::default();
    index.add(outline);
    let mut sites = Sites {
        points: Vec::with_capacity(grids),
        pitch: (area * plane.stretch / grids.max(1) as f64).sqrt(),
        outline: index.build(),
        edges: outline
            .rings()
            .flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)))
            .map(|(a, b)| [plane.lay(*a), plane.lay(*b)])
            .collect(),
    };
    let mut samples = sites.samples(outline, plane, grids, random)?;
    let of = |communities: &Vec<u32>| communities.iter().map(|&count| count as usize).sum();
    let towns: Vec<usize> = counts.iter().map(of).collect();
    let points = &mut sites.points;
    let mut cut = Cut { plane, random };
    cut.each(&towns, &mut samples, &mut |cut, town, samples| {
        let communities: Vec<usize> = counts[town].iter().map(|&count| count as usize).collect();
        cut.each(&communities, samples, &mut |cut, community, samples| {
            let grids = vec![1; communities[community]];
            cut.each(&grids, samples, &mut |cut, _, samples| {
                points.push(middle(samples, cut.plane));
            });
        });
    });
    Ok(sites)
}

impl Sites {
    /// Points spread over the outline, no two the same: one at random in each cell of a lattice that lies inside.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cell is smaller than the outline, whose sides fit in 33 bits"
    )]
    fn samples(
        &self,
        outline: &Shape,
        plane: &Plane,
        grids: usize,
        random: &mut Random,
    ) -> Result<Vec<Point>, Undivided> {
        let mut cell = self.pitch / f64::from(SAMPLES).sqrt();
        loop {
            let (width, height) = ((cell / plane.stretch) as i64, cell as i64);
            let (width, height) = (width.max(1), height.max(1));
            let mut samples = Vec::with_capacity(grids * SAMPLES as usize);
            for polygon in outline.polygons() {
                let bounds = Bounds::of(polygon.outer.iter().copied());
                let bounds = bounds.expect("a ring has points");
                // Each polygon has its own lattice; the box of an island in a bay meets another polygon, whose points are not
                // taken twice.
                let mut lat = i64::from(bounds.south);
                while lat <= i64::from(bounds.north) {
                    let mut lon = i64::from(bounds.west);
                    while lon <= i64::from(bounds.east) {
                        let at = |from: i64, by: i64| i32::try_from(from + by).ok();
                        let point = at(lon, random.below(width)).zip(at(lat, random.below(height)));
                        if let Some((lon_e7, lat_e7)) = point {
                            let point = Point { lon_e7, lat_e7 };
                            if self.inside(point) {
                                samples.push(point);
                            }
                        }
                        lon += width;
                    }
                    lat += height;
                }
            }
            if outline.polygons().len() > 1 {
                samples.sort_unstable();
                samples.dedup();
            }
            let smallest = width == 1 && height == 1;
            if samples.len() >= grids * (SAMPLES as usize / 2) || smallest && samples.len() >= grids
            {
                return Ok(samples);
            }
            if smallest {
                return Err(Undivided::TooSmall);
            }
            cell /= 2.0;
        }
    }
}

/// Cuts samples in proportion to weights.
struct Cut<'a> {
    plane: &'a Plane,
    random: &'a mut Random,
}

/// Takes the place in the list of weights and the samples that belong to it.
type Visit<'v> = &'v mut dyn FnMut(&mut Cut<'_>, usize, &mut [Point]);

impl Cut<'_> {
    /// Shares out `samples` by `weights` and visits each that is not 0, in order. Each gets at least its weight in samples.
    fn each(&mut self, weights: &[usize], samples: &mut [Point], visit: Visit<'_>) {
        let some: Vec<(usize, usize)> = weights
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, weight)| *weight > 0)
            .collect();
        self.halve(&some, samples, visit);
    }

    fn halve(&mut self, some: &[(usize, usize)], samples: &mut [Point], visit: Visit<'_>) {
        match some {
            [] => {}
            [(one, _)] => visit(self, *one, samples),
            _ => {
                let all: usize = some.iter().map(|(_, weight)| weight).sum();
                let mut left = some[0].1;
                let mut end = 1;
                while end + 1 < some.len() && left + some[end].1 / 2 < all / 2 {
                    left += some[end].1;
                    end += 1;
                }
                let share = samples.len() * left / all;
                let share = share.clamp(left, samples.len() - (all - left));
                self.part(samples, share);
                let (near, far) = samples.split_at_mut(share);
                self.halve(&some[..end], near, visit);
                self.halve(&some[end..], far, visit);
            }
        }
    }

    /// Orders samples so that the first `share` lie on one side of a line that crosses them the short way, somewhat aslant.
    fn part(&mut self, samples: &mut [Point], share: usize) {
        let Some(bounds) = Bounds::of(samples.iter().copied()) else {
            return;
        };
        let corner = |lon_e7, lat_e7| self.plane.lay(Point { lon_e7, lat_e7 });
        let (west, south) = corner(bounds.west, bounds.south);
        let (east, north) = corner(bounds.east, bounds.north);
        let slant = self.random.signed() * 0.35;
        let wide = east - west > north - south;
        let plane = self.plane;
        let along = |point: &Point| {
            let (x, y) = plane.lay(*point);
            if wide { x + slant * y } else { y + slant * x }
        };
        if share < samples.len() {
            samples.select_nth_unstable_by(share, |a, b| {
                along(a).total_cmp(&along(b)).then_with(|| a.cmp(b))
            });
        }
    }
}

/// The sample nearest to the middle of all.
fn middle(samples: &[Point], plane: &Plane) -> Point {
    let count = i64::try_from(samples.len()).expect("samples in memory");
    let mean = |of: fn(&Point) -> i32| {
        let sum: i64 = samples.iter().map(|sample| i64::from(of(sample))).sum();
        i32::try_from(sum / count).expect("between the least and the greatest")
    };
    let (x, y) = plane.lay(Point {
        lon_e7: mean(|sample| sample.lon_e7),
        lat_e7: mean(|sample| sample.lat_e7),
    });
    let away = |sample: &Point| {
        let (east, north) = plane.lay(*sample);
        (east - x) * (east - x) + (north - y) * (north - y)
    };
    let by = |a: &&Point, b: &&Point| away(a).total_cmp(&away(b)).then_with(|| a.cmp(b));
    *samples.iter().min_by(by).expect("each grid has a sample")
}
