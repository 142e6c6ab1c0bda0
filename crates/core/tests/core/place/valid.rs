//! Rings from outside: what is refused is what a slow comparison of every edge with every other refuses, and what is
//! mended is a shape that covers what the rings turn around.

use jingwei_core::place::valid::{ShapeFaultKind, check, repair};
use jingwei_core::place::{Point, Polygon, Ring, Shape};
use proptest::prelude::*;

use super::made::{at, on_border, star};

fn turn(a: Point, b: Point, c: Point) -> i64 {
    i64::from(b.lon_e7 - a.lon_e7) * i64::from(c.lat_e7 - a.lat_e7)
        - i64::from(b.lat_e7 - a.lat_e7) * i64::from(c.lon_e7 - a.lon_e7)
}

fn on_edge(a: Point, b: Point, p: Point) -> bool {
    let within = |a: i32, b: i32, p: i32| a.min(b) <= p && p <= a.max(b);
    turn(a, b, p) == 0
        && within(a.lon_e7, b.lon_e7, p.lon_e7)
        && within(a.lat_e7, b.lat_e7, p.lat_e7)
}

fn edges(ring: &[Point]) -> Vec<(Point, Point)> {
    (0..ring.len())
        .map(|i| (ring[i], ring[(i + 1) % ring.len()]))
        .collect()
}

fn cross(a: (Point, Point), b: (Point, Point)) -> bool {
    let apart = |e: (Point, Point), f: (Point, Point)| {
        turn(e.0, e.1, f.0).signum() * turn(e.0, e.1, f.1).signum() < 0
    };
    apart(a, b) && apart(b, a)
}

/// No two edges have a point in common but the one between neighbours.
fn is_simple(ring: &[Point]) -> bool {
    let edges = edges(ring);
    (0..edges.len()).all(|i| {
        (i + 1..edges.len()).all(|j| {
            let (a, b) = (edges[i], edges[j]);
            let shared = [b.0, b.1]
                .into_iter()
                .filter(|p| on_edge(a.0, a.1, *p))
                .count()
                + [a.0, a.1]
                    .into_iter()
                    .filter(|p| on_edge(b.0, b.1, *p))
                    .count();
            let neighbours = j == i + 1 || (i == 0 && j == edges.len() - 1);
            // The point between neighbours is counted from both sides.
            !cross(a, b) && shared == if neighbours { 2 } else { 0 }
        })
    })
}

/// Whether every stretch of one ring between points of touch with the other satisfies something: asked of its middle.
/// Points are even, so that a middle is a point.
fn stretches(one: &[Point], other: &[Point], holds: impl Fn(Point) -> bool) -> bool {
    edges(one).into_iter().all(|(a, b)| {
        let mut stops = vec![a, b];
        stops.extend(other.iter().copied().filter(|p| on_edge(a, b, *p)));
        stops.extend(
            one.iter().copied().filter(|p| {
                edges(other).iter().any(|e| on_edge(e.0, e.1, *p)) && on_edge(a, b, *p)
            }),
        );
        stops.sort();
        stops.dedup();
        stops.windows(2).all(|w| {
            holds(at(
                i32::midpoint(w[0].lon_e7, w[1].lon_e7),
                i32::midpoint(w[0].lat_e7, w[1].lat_e7),
            ))
        })
    }) && !edges(one)
        .into_iter()
        .any(|a| edges(other).into_iter().any(|b| cross(a, b)))
}

fn shape(outer: Ring) -> Shape {
    Shape::new([Polygon {
        outer,
        holes: vec![],
    }])
    .expect("a shape")
}

/// A few points on a coarse lattice, none twice in a row, so that touching and overlapping happen often.
fn rough_ring(size: i32, most: usize) -> impl Strategy<Value = Ring> {
    prop::collection::vec((0..size, 0..size), 3..most).prop_map(|points| {
        let mut ring: Ring = points.into_iter().map(|(x, y)| at(2 * x, 2 * y)).collect();
        ring.dedup();
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        ring
    })
}

fn simple_ring(size: i32, most: usize) -> impl Strategy<Value = Ring> {
    rough_ring(size, most).prop_filter("simple", |ring| ring.len() > 2 && is_simple(ring))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_local_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn a_ring_is_taken_when_it_is_simple(ring in rough_ring(6, 8)) {
        let expected = ring.len() > 2 && is_simple(&ring);
        let checked = check(vec![Polygon { outer: ring, holes: vec![] }]);
        prop_assert_eq!(checked.shape.is_some(), expected, "{:?}", checked);
        prop_assert_eq!(checked.faults.is_empty(), expected);
    }

    #[test]
    fn a_hole_is_taken_when_it_lies_in_its_polygon(outer in simple_ring(6, 9), hole in simple_ring(6, 6)) {
        let around = shape(outer.clone());
        let expected = stretches(&hole, &outer, |p| around.covers(p) && !on_border(&around, p));
        let checked = check(vec![Polygon { outer, holes: vec![hole] }]);
        prop_assert_eq!(checked.shape.is_some(), expected, "{:?}", checked);
        prop_assert!(checked.faults.iter().all(|fault| fault.kind == ShapeFaultKind::HoleOutside));
    }

    #[test]
    fn parts_are_taken_when_they_touch_at_points_at_most(one in simple_ring(6, 8), two in simple_ring(6, 8)) {
        let (a, b) = (shape(one.clone()), shape(two.clone()));
        let expected = stretches(&one, &two, |p| !b.covers(p)) && stretches(&two, &one, |p| !a.covers(p));
        let polygon = |outer: Ring| Polygon { outer, holes: vec![] };
        let checked = check(vec![polygon(one), polygon(two)]);
        prop_assert_eq!(checked.shape.is_some(), expected, "{:?}", checked);
        prop_assert!(checked.faults.iter().all(|fault| fault.kind == ShapeFaultKind::PartsOverlap));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// The even-odd rule, away from the border: an edge may have moved by a unit where two cross.
    #[test]
    fn a_mended_shape_covers_what_the_ring_turns_around_oddly(
        ring in prop::collection::vec((0..100_000, 0..100_000), 3..14),
        asked in prop::collection::vec((0..100_000, 0..100_000), 100),
    ) {
        let ring: Ring = ring.into_iter().map(|(x, y)| at(x, y)).collect();
        let Some(repaired) = repair(vec![Polygon { outer: ring.clone(), holes: vec![] }]) else {
            prop_assert!(ring.iter().all(|p| turn(ring[0], ring[1], *p) == 0), "nothing is left of {ring:?}");
            return Ok(());
        };
        let again = check(repaired.shape.polygons().to_vec());
        prop_assert_eq!((again.faults, again.turned), (vec![], 0), "{:?}", repaired);
        for (x, y) in asked {
            let p = at(x, y);
            let near = edges(&ring).into_iter().any(|(a, b)| {
                let long = f64::from(b.lon_e7 - a.lon_e7).hypot(f64::from(b.lat_e7 - a.lat_e7));
                (turn(a, b, p) as f64 / long).abs() < 3.0
            });
            let odd = edges(&ring).into_iter().filter(|(a, b)| {
                (a.lat_e7 > y) != (b.lat_e7 > y) && (turn(*a, *b, p) > 0) == (b.lat_e7 > y)
            }).count() % 2 == 1;
            prop_assert!(near || repaired.shape.covers(p) == odd, "{:?} {:?}", p, repaired);
        }
    }

    /// Whatever was drawn crooked, on a coarse lattice where everything meets, comes out as a shape.
    #[test]
    fn what_is_mended_is_a_shape(
        rings in prop::collection::vec((rough_ring(8, 9), prop::collection::vec(rough_ring(8, 7), 0..3)), 1..4),
    ) {
        let raw: Vec<Polygon> = rings.into_iter().map(|(outer, holes)| Polygon { outer, holes }).collect();
        if let Some(repaired) = repair(raw) {
            let again = check(repaired.shape.polygons().to_vec());
            prop_assert_eq!((again.shape.as_ref(), again.turned), (Some(&repaired.shape), 0), "{:?} {:?}", again, repaired);
            let twice = repair(repaired.shape.polygons().to_vec()).expect("a shape");
            prop_assert_eq!((twice.shape, twice.mended), (repaired.shape, vec![]));
        }
    }

    #[test]
    fn the_way_it_was_written_does_not_matter(outer in star(1_000_000, 300_000), hole in star(200_000, 1_000)) {
        let written = Shape::new([Polygon { outer: outer.clone(), holes: vec![hole.clone()] }]);
        let (mut turned_outer, mut turned_hole) = (outer, hole);
        turned_outer.reverse();
        turned_outer.push(turned_outer[0]);
        turned_hole.insert(1, turned_hole[0]);
        let checked = check(vec![Polygon { outer: turned_outer, holes: vec![turned_hole] }]);
        prop_assert_eq!((checked.faults, checked.turned), (vec![], 2), "a star runs against the clock");
        prop_assert_eq!(checked.shape, written);
    }
}

/// Names of what is wrong, and where.
fn faults(raw: Vec<Polygon>) -> Vec<(&'static str, (i32, i32))> {
    check(raw)
        .faults
        .iter()
        .map(|fault| (fault.kind.as_str(), (fault.at.lon_e7, fault.at.lat_e7)))
        .collect()
}

fn ring(points: &[(i32, i32)]) -> Ring {
    points.iter().map(|(x, y)| at(*x, *y)).collect()
}

fn square(x: i32, y: i32, side: i32) -> Ring {
    ring(&[(x, y), (x + side, y), (x + side, y + side), (x, y + side)])
}

#[test]
fn each_fault_by_example() {
    let one = |outer: Ring| {
        vec![Polygon {
            outer,
            holes: vec![],
        }]
    };
    let with = |holes: Vec<Ring>| {
        vec![Polygon {
            outer: square(0, 0, 100),
            holes,
        }]
    };
    let part = |outer: Ring| Polygon {
        outer,
        holes: vec![],
    };
    let table = [
        (
            "two points",
            one(ring(&[(3, 4), (5, 6), (3, 4)])),
            vec![("too-few-points", (3, 4))],
        ),
        ("no point", one(vec![]), vec![("too-few-points", (0, 0))]),
        (
            "a line",
            one(ring(&[(0, 0), (5, 5), (9, 9)])),
            vec![("no-area", (0, 0))],
        ),
        (
            "a bow tie",
            one(ring(&[(0, 0), (10, 10), (10, 0), (0, 10)])),
            vec![("self-crossing", (5, 5))],
        ),
        (
            "a spike",
            one(ring(&[
                (0, 0),
                (10, 0),
                (10, 10),
                (10, 20),
                (10, 10),
                (0, 10),
            ])),
            vec![("spike", (10, 10))],
        ),
        (
            "an hourglass that touches itself",
            one(ring(&[(0, 0), (10, 0), (5, 5), (10, 10), (0, 10), (5, 5)])),
            vec![("self-crossing", (5, 5))],
        ),
        (
            "a hole elsewhere",
            with(vec![square(200, 200, 9)]),
            vec![("hole-outside", (200, 200))],
        ),
        (
            "a hole over the border",
            with(vec![ring(&[(50, 50), (150, 50), (50, 60)])]),
            vec![("hole-outside", (100, 50)), ("hole-outside", (100, 55))],
        ),
        (
            "a hole in a hole",
            with(vec![square(10, 10, 50), square(20, 20, 9)]),
            vec![("holes-overlap", (20, 20))],
        ),
        (
            "a hole twice",
            with(vec![square(10, 10, 50), square(10, 10, 50)]),
            vec![("holes-overlap", (10, 10))],
        ),
        (
            "a part in a part",
            vec![part(square(0, 0, 100)), part(square(20, 20, 9))],
            vec![("parts-overlap", (20, 20))],
        ),
        (
            "parts side by side",
            vec![part(square(0, 0, 9)), part(square(9, 0, 9))],
            vec![("parts-overlap", (9, 0))],
        ),
        (
            "parts corner to corner",
            vec![part(square(0, 0, 9)), part(square(9, 9, 9))],
            vec![],
        ),
        (
            "an island in a lake",
            [with(vec![square(10, 10, 50)]), one(square(20, 20, 9))].concat(),
            vec![],
        ),
        (
            "a hole at a corner",
            with(vec![ring(&[(0, 0), (50, 20), (20, 50)])]),
            vec![],
        ),
    ];
    for (name, raw, expected) in table {
        let found = faults(raw.clone());
        if name == "a hole twice" {
            assert!(
                !found.is_empty() && found.iter().all(|fault| fault.0 == "holes-overlap"),
                "{name}: {found:?}"
            );
        } else {
            assert_eq!(found, expected, "{name}");
        }
        assert_eq!(check(raw).shape.is_some(), expected.is_empty(), "{name}");
    }
}

#[test]
fn a_bow_tie_becomes_two_triangles() {
    let bow = ring(&[(0, 0), (10, 10), (10, 0), (0, 10)]);
    let repaired = repair(vec![Polygon {
        outer: bow,
        holes: vec![],
    }])
    .expect("a shape");
    let triangles: Vec<&Ring> = repaired
        .shape
        .polygons()
        .iter()
        .map(|polygon| &polygon.outer)
        .collect();
    assert_eq!(
        triangles,
        [
            &ring(&[(0, 0), (5, 5), (0, 10)]),
            &ring(&[(5, 5), (10, 0), (10, 10)])
        ]
    );
    assert_eq!(repaired.mended.len(), 1);
    assert_eq!(
        repaired.mended[0].en(),
        "at 0.0000005°E, 0.0000005°N: the border crosses, touches or runs along itself. Correct the border there, or \
         have it repaired and check the result."
    );
    assert!(
        repaired.mended[0]
            .zh()
            .starts_with("东经0.0000005°、北纬0.0000005°处边界与自身相交")
    );
}

#[test]
fn every_kind_has_its_words() {
    for kind in ShapeFaultKind::ALL {
        let fault = jingwei_core::place::valid::ShapeFault {
            kind: *kind,
            at: at(-1_234_567, -12_345_678),
        };
        assert!(
            fault.zh().contains("西经0.1234567°、南纬1.2345678°") && fault.zh().ends_with('。'),
            "{}",
            fault.zh()
        );
        assert!(
            fault.en().contains("0.1234567°W, 1.2345678°S") && fault.en().ends_with('.'),
            "{}",
            fault.en()
        );
    }
}

/// A hundred thousand edges of which each crosses each: the answer comes, and nothing is tried that would not end.
#[test]
fn hostile_rings_are_refused() {
    let far = 1_000_000_000;
    let n = 100_000;
    let zigzag: Ring = (0..n)
        .map(|k| at(if k % 2 == 0 { 0 } else { far }, (k * 7_919) % n * 10))
        .collect();
    let checked = check(vec![Polygon {
        outer: zigzag.clone(),
        holes: vec![],
    }]);
    assert_eq!((checked.shape, checked.faults.len()), (None, 100));
    assert_eq!(
        repair(vec![Polygon {
            outer: zigzag,
            holes: vec![]
        }]),
        None
    );
    // Thin teeth all over each other cross nowhere, and are still too many to be joined or cut.
    let comb = (0..n)
        .map(|k| at(if (k + 1) / 2 % 2 == 0 { 0 } else { far }, k / 2 * 10))
        .chain([at(-10, n * 10), at(-10, 0)]);
    let found = faults(vec![Polygon {
        outer: comb.collect(),
        holes: vec![],
    }]);
    assert_eq!(
        found.iter().map(|fault| fault.0).collect::<Vec<_>>(),
        ["too-intricate"]
    );
}
