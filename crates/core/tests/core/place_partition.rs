//! Generated partitions: no gap, no overlap, every count met, the same for the same seed.
//!
//! The proof of no gap and no overlap is in whole numbers: the areas add up, every edge between two grids is there once in each
//! direction, what is left over are the edges of the outline, and no two edges cross.

use std::collections::{BTreeMap, BTreeSet};

use jingwei_core::place::{Point, Polygon, Shape, Undivided, partition};
use proptest::prelude::*;

type Edge = (Point, Point);

fn ring(points: &[(i32, i32)]) -> Vec<Point> {
    points
        .iter()
        .map(|&(lon_e7, lat_e7)| Point { lon_e7, lat_e7 })
        .collect()
}

fn shape(polygons: &[&[&[(i32, i32)]]]) -> Shape {
    Shape::new(polygons.iter().map(|rings| Polygon {
        outer: ring(rings[0]),
        holes: rings[1..].iter().map(|hole| ring(hole)).collect(),
    }))
    .expect("a shape")
}

fn edges(shape: &Shape) -> impl Iterator<Item = Edge> {
    shape
        .rings()
        .flat_map(|ring| (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()])))
}

fn twice_area(shape: &Shape) -> i128 {
    edges(shape)
        .map(|(a, b)| {
            i128::from(a.lon_e7) * i128::from(b.lat_e7)
                - i128::from(b.lon_e7) * i128::from(a.lat_e7)
        })
        .sum()
}

/// Twice the area of a triangle, positive against the clock.
fn turn(a: Point, b: Point, c: Point) -> i128 {
    let d = |a: i32, b: i32| i128::from(b) - i128::from(a);
    d(a.lon_e7, b.lon_e7) * d(a.lat_e7, c.lat_e7) - d(a.lon_e7, c.lon_e7) * d(a.lat_e7, b.lat_e7)
}

/// Whether `point` lies on the edge, its ends counted.
fn on((a, b): Edge, point: Point) -> bool {
    let between = |v: i32, a: i32, b: i32| (a.min(b)..=a.max(b)).contains(&v);
    turn(a, b, point) == 0
        && between(point.lon_e7, a.lon_e7, b.lon_e7)
        && between(point.lat_e7, a.lat_e7, b.lat_e7)
}

/// Two edges may meet at their ends only.
fn meet_wrongly(one: Edge, other: Edge) -> bool {
    let ends = |edge: Edge| [edge.0, edge.1];
    let inner = |edge: Edge, point: Point| on(edge, point) && !ends(edge).contains(&point);
    let cross = |a: Edge, b: Edge| turn(a.0, a.1, b.0).signum() * turn(a.0, a.1, b.1).signum() < 0;
    cross(one, other) && cross(other, one)
        || ends(one).into_iter().any(|point| inner(other, point))
        || ends(other).into_iter().any(|point| inner(one, point))
}

/// Checks that the parts are exactly the outline.
fn assert_exact(outline: &Shape, parts: &[&Shape]) {
    let sum: i128 = parts.iter().map(|part| twice_area(part)).sum();
    assert_eq!(sum, twice_area(outline), "the areas add up");
    let mut all = BTreeSet::new();
    for part in parts {
        assert!(twice_area(part) > 0, "no grid is empty");
        for ring in part.rings() {
            let once: BTreeSet<&Point> = ring.iter().collect();
            assert_eq!(once.len(), ring.len(), "no ring touches itself");
        }
        for edge in edges(part) {
            assert!(all.insert(edge), "{edge:?} is twice in the same direction");
        }
    }
    // What has no other side must follow the outline, edge by edge, without a gap.
    let rim: Vec<Edge> = all
        .iter()
        .copied()
        .filter(|&(a, b)| !all.contains(&(b, a)))
        .collect();
    let mut used = 0;
    for (from, to) in edges(outline) {
        let next: BTreeMap<Point, Point> = rim
            .iter()
            .copied()
            .filter(|&(a, b)| on((from, to), a) && on((from, to), b))
            .collect();
        let mut at = from;
        while at != to {
            at = *next
                .get(&at)
                .unwrap_or_else(|| panic!("no grid along {from:?} to {to:?} at {at:?}"));
            used += 1;
        }
    }
    assert_eq!(
        used,
        rim.len(),
        "an edge without another side that is not on the outline"
    );
    let lines: Vec<Edge> = all
        .iter()
        .copied()
        .filter(|&(a, b)| a < b || !all.contains(&(b, a)))
        .collect();
    for (i, &one) in lines.iter().enumerate() {
        for &other in &lines[i + 1..] {
            assert!(
                !meet_wrongly(one, other),
                "{one:?} and {other:?} cross or touch"
            );
        }
    }
}

/// A ring around a middle, concave or not: a radius for each of so many directions.
fn star(radii: &[u32], scale: f64, (x, y): (i32, i32)) -> Vec<Point> {
    let step = std::f64::consts::TAU / radii.len() as f64;
    radii
        .iter()
        .enumerate()
        .map(|(i, &radius)| {
            let (sin, cos) = (i as f64 * step).sin_cos();
            let reach = f64::from(radius) * scale;
            Point {
                lon_e7: x + (cos * reach).round() as i32,
                lat_e7: y + (sin * reach).round() as i32,
            }
        })
        .collect()
}

/// Outlines of some hundred units up to a county's size: any star, with or without a hole in its middle, with or without an island.
fn outline() -> impl Strategy<Value = Shape> {
    (
        prop::collection::vec(20_u32..100, 3..24),
        prop::option::of(prop::collection::vec(1_u32..8, 3..9)),
        prop::option::of(prop::collection::vec(2_u32..40, 3..9)),
        prop_oneof![Just(3.0), Just(101.0), Just(40_000.0)],
        prop_oneof![
            Just((0, 0)),
            Just((1_040_000_000, 300_000_000)),
            Just((-7, 650_000_000))
        ],
    )
        .prop_map(|(radii, hole, island, scale, middle)| {
            let main = Polygon {
                outer: star(&radii, scale, middle),
                holes: hole.iter().map(|hole| star(hole, scale, middle)).collect(),
            };
            let aside = (middle.0 + (150.0 * scale) as i32, middle.1);
            let island = island.map(|radii| Polygon {
                outer: star(&radii, scale, aside),
                holes: vec![],
            });
            Shape::new(std::iter::once(main).chain(island)).expect("a shape")
        })
}

fn counts() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(0_u32..9, 0..4), 1..4)
        .prop_filter("some grids", |counts| {
            counts.iter().flatten().any(|&count| count > 0)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_partition_is_exactly_its_outline(outline in outline(), counts in counts(), seed: u64) {
        let towns = match partition(&outline, &counts, seed) {
            Ok(towns) => towns,
            // A narrow star of three directions may have its hole stick out.
            Err(Undivided::Crossing) if outline.rings().count() > 1 => return Err(TestCaseError::reject("crossing")),
            Err(why) => return Err(TestCaseError::fail(why.to_string())),
        };
        let met: Vec<Vec<u32>> = towns
            .iter()
            .map(|town| town.iter().map(|grids| u32::try_from(grids.len()).expect("few")).collect())
            .collect();
        prop_assert_eq!(&met, &counts, "every count is met");
        let parts: Vec<&Shape> = towns.iter().flatten().flatten().collect();
        assert_exact(&outline, &parts);
        prop_assert_eq!(partition(&outline, &counts, seed), Ok(towns), "the same once more");
    }
}

#[test]
fn outlines_of_every_kind() {
    let square = shape(&[&[&[(0, 0), (90_000, 0), (90_000, 90_000), (0, 90_000)]]]);
    let comb = shape(&[&[&[
        (0, 0),
        (90_000, 0),
        (90_000, 90_000),
        (70_000, 90_000),
        (70_000, 9_000),
        (50_000, 9_000),
        (50_000, 90_000),
        (40_000, 90_000),
        (40_000, 9_000),
        (10_000, 9_000),
        (10_000, 90_000),
        (0, 90_000),
    ]]]);
    let needle = shape(&[&[&[(0, 0), (1_000_003, 7), (1_000_001, 90)]]]);
    let hole_touches_border = shape(&[&[
        &[
            (0, 0),
            (50_000, 0),
            (90_000, 0),
            (90_000, 90_000),
            (0, 90_000),
        ],
        &[(50_000, 0), (30_000, 60_000), (70_000, 60_000)],
    ]]);
    let hole_touches_an_edge_between_its_ends = shape(&[&[
        &[(0, 0), (90_000, 0), (90_000, 90_000), (0, 90_000)],
        &[(45_000, 0), (30_000, 60_000), (70_000, 60_000)],
    ]]);
    let islands_in_a_lake = shape(&[
        &[
            &[(0, 0), (90_000, 0), (90_000, 90_000), (0, 90_000)],
            &[
                (10_000, 10_000),
                (80_000, 10_000),
                (80_000, 80_000),
                (10_000, 80_000),
            ],
        ],
        &[&[(20_000, 20_000), (70_000, 30_000), (60_000, 60_000)]],
        &[&[(20_000, 70_000), (20_010, 70_000), (20_000, 70_020)]],
    ]);
    let touching_at_a_corner = shape(&[
        &[&[(0, 0), (45_000, 0), (45_000, 45_000), (0, 45_000)]],
        &[&[
            (45_000, 45_000),
            (90_000, 45_000),
            (90_000, 90_000),
            (45_000, 90_000),
        ]],
    ]);
    for (name, outline) in [
        ("square", square),
        ("comb", comb),
        ("needle", needle),
        ("hole touches border", hole_touches_border),
        (
            "hole touches an edge between its ends",
            hole_touches_an_edge_between_its_ends,
        ),
        ("islands in a lake", islands_in_a_lake),
        ("touching at a corner", touching_at_a_corner),
    ] {
        for counts in [
            vec![vec![1]],
            vec![vec![2]],
            vec![vec![5, 0, 7], vec![], vec![9, 12]],
        ] {
            for seed in 0..4 {
                let towns = partition(&outline, &counts, seed)
                    .unwrap_or_else(|why| panic!("{name} with {counts:?}: {why}"));
                let parts: Vec<&Shape> = towns.iter().flatten().flatten().collect();
                let wanted: u32 = counts.iter().flatten().sum();
                assert_eq!(parts.len(), wanted as usize, "{name}");
                if name != "hole touches an edge between its ends" {
                    assert_exact(&outline, &parts);
                } else {
                    let sum: i128 = parts.iter().map(|part| twice_area(part)).sum();
                    assert_eq!(sum, twice_area(&outline), "{name}");
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_divided_is_refused() {
    let small = shape(&[&[&[(0, 0), (3, 0), (3, 3), (0, 3)]]]);
    assert_eq!(
        partition(&small, &[vec![4]], 1).map(|towns| towns[0][0].len()),
        Ok(4),
        "four points inside, four grids"
    );
    assert_eq!(partition(&small, &[vec![5]], 1), Err(Undivided::TooSmall));
    let knot = shape(&[&[&[(0, 0), (9_000, 9_000), (9_000, 0), (0, 4_000)]]]);
    assert_eq!(partition(&knot, &[vec![5]], 1), Err(Undivided::Crossing));
    let no_grids: &[Vec<u32>] = &[vec![], vec![0, 0]];
    let empty = vec![vec![], vec![vec![], vec![]]];
    assert_eq!(
        partition(&small, no_grids, 1),
        Ok(empty),
        "no grids, no parts"
    );
    assert!(Undivided::TooSmall.to_string().contains("too small"));
}

#[test]
fn grids_are_alike_and_lie_together() {
    let county = shape(&[&[&[
        (1_040_000_000, 300_000_000),
        (1_044_001_000, 300_100_000),
        (1_045_000_000, 303_000_700),
        (1_043_000_000, 304_000_000),
        (1_039_500_100, 302_500_000),
    ]]]);
    let counts: Vec<Vec<u32>> = (0..6)
        .map(|town| (0..7).map(|community| 5 + (town + community) % 7).collect())
        .collect();
    for seed in [1, 2, 20_260_101] {
        let towns = partition(&county, &counts, seed).expect("divided");
        let parts: Vec<&Shape> = towns.iter().flatten().flatten().collect();
        let mean = twice_area(&county) / parts.len() as i128;
        for part in &parts {
            let area = twice_area(part);
            assert!(
                area * 3 > mean && area * 2 < mean * 5,
                "{area} against {mean} on average"
            );
            assert_eq!(part.polygons().len(), 1, "in one piece");
        }
        let vertices: usize = parts.iter().map(|part| part.vertices()).sum();
        assert!(
            (10..=18).contains(&(vertices / parts.len())),
            "{vertices} vertices"
        );
        for town in &towns {
            for grids in town {
                assert!(
                    together(&grids.iter().collect::<Vec<_>>()),
                    "a community is in pieces"
                );
            }
            assert!(
                together(&town.iter().flatten().collect::<Vec<_>>()),
                "a town is in pieces"
            );
        }
    }
    assert_ne!(
        partition(&county, &counts, 1),
        partition(&county, &counts, 2),
        "another seed, another partition"
    );
}

/// Whether one can go from each grid to each other over borders within the group.
fn together(grids: &[&Shape]) -> bool {
    let mut side = BTreeMap::new();
    for (grid, shape) in grids.iter().enumerate() {
        side.extend(edges(shape).map(|edge| (edge, grid)));
    }
    let mut seen = BTreeSet::from([0]);
    let mut open = vec![0];
    while let Some(grid) = open.pop() {
        for (a, b) in edges(grids[grid]) {
            if let Some(&other) = side.get(&(b, a))
                && seen.insert(other)
            {
                open.push(other);
            }
        }
    }
    seen.len() == grids.len()
}
