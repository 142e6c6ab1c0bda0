//! PL-b: what is cut and joined again is what it was, and parts overlap nowhere.

use jingwei_core::place::overlay::{difference, intersection, split, union};
use jingwei_core::place::valid::check;
use jingwei_core::place::{Point, Polygon, Ring, Shape};
use proptest::prelude::*;

use super::made::{at, partition, star};

/// The most two borders may be apart after a cut, in units: crossings are rounded to the unit.
const ROUNDED: f64 = 2.0;

fn shape(outer: Ring, holes: Vec<Ring>) -> Shape {
    Shape::new([Polygon { outer, holes }]).expect("a shape")
}

/// Square metres that a border so long may be off, when it moves by a unit (1.11 cm).
fn bound(shape: &Shape) -> f64 {
    let units: f64 = shape
        .rings()
        .flat_map(|ring| (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()])))
        .map(|(a, b)| f64::from(b.lon_e7 - a.lon_e7).hypot(f64::from(b.lat_e7 - a.lat_e7)))
        .sum();
    0.0112 * units * 0.0112
}

/// How far a point lies from the border, in units.
fn away(shape: &Shape, p: Point) -> f64 {
    shape
        .rings()
        .flat_map(|ring| (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()])))
        .map(|(a, b)| {
            let (dx, dy) = (
                f64::from(b.lon_e7 - a.lon_e7),
                f64::from(b.lat_e7 - a.lat_e7),
            );
            let (px, py) = (
                f64::from(p.lon_e7 - a.lon_e7),
                f64::from(p.lat_e7 - a.lat_e7),
            );
            let part = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            (px - part * dx).hypot(py - part * dy)
        })
        .fold(f64::MAX, f64::min)
}

fn valid(shape: &Shape) -> Result<(), TestCaseError> {
    let checked = check(shape.polygons().to_vec());
    prop_assert_eq!(
        (checked.shape.as_ref(), checked.turned),
        (Some(shape), 0),
        "{:?}",
        checked
    );
    Ok(())
}

/// A star with a hole or without, about 2 km across.
fn drawn() -> impl Strategy<Value = Shape> {
    (star(100_000, 40_000), prop::option::of(star(30_000, 5_000)))
        .prop_map(|(outer, hole)| shape(outer, hole.into_iter().collect()))
}

/// A line with some bends that begins and ends outside of the star, or anywhere.
fn line() -> impl Strategy<Value = Vec<Point>> {
    prop::collection::vec((-120_000..=120_000, -120_000..=120_000), 2..6)
        .prop_map(|points| points.into_iter().map(|(x, y)| at(x, y)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn split_and_joined_it_is_what_it_was(
        whole in drawn(),
        line in line(),
        asked in prop::collection::vec((-100_000..=100_000, -100_000..=100_000), 50),
    ) {
        let pieces = split(&whole, &line);
        if pieces.len() == 1 {
            prop_assert_eq!(&pieces[0], &whole, "nothing was divided");
        }
        for piece in &pieces {
            valid(piece)?;
        }
        let areas: f64 = pieces.iter().map(Shape::area_m2).sum();
        prop_assert!((areas - whole.area_m2()).abs() <= bound(&whole), "{} of {}", areas, whole.area_m2());
        for (i, a) in pieces.iter().enumerate() {
            for b in &pieces[i + 1..] {
                prop_assert_eq!(intersection(a, b), None, "pieces overlap");
            }
        }
        let joined = union(&pieces.iter().collect::<Vec<_>>()).expect("pieces");
        valid(&joined)?;
        prop_assert!((joined.area_m2() - areas).abs() < 1e-4, "joined {} of {}", joined.area_m2(), areas);
        for (x, y) in asked {
            let p = at(x, y);
            let near = away(&whole, p) <= ROUNDED;
            prop_assert!(near || joined.covers(p) == whole.covers(p), "{:?}", p);
            let held = pieces.iter().filter(|piece| piece.covers(p)).count();
            let on_cut = pieces.iter().any(|piece| away(piece, p) <= ROUNDED);
            prop_assert!(near || on_cut || held == usize::from(whole.covers(p)), "{:?} is held by {}", p, held);
        }
        // Every vertex of the old border is still there, in one piece or more.
        for vertex in whole.rings().flatten() {
            prop_assert!(pieces.iter().any(|piece| piece.rings().flatten().any(|p| p == vertex)), "{:?}", vertex);
        }
    }

    #[test]
    fn what_both_cover_and_what_one_does(
        a in drawn(), b in drawn(), (x, y) in (-150_000..150_000, -150_000..150_000),
        asked in prop::collection::vec((-100_000..=100_000, -100_000..=100_000), 50),
    ) {
        let moved = |ring: &Ring| ring.iter().map(|p| at(p.lon_e7 + x, p.lat_e7 + y)).collect::<Ring>();
        let polygon = &b.polygons()[0];
        let b = shape(moved(&polygon.outer), polygon.holes.iter().map(moved).collect());
        let (both, only, any) = (intersection(&a, &b), difference(&a, &b), union(&[&a, &b]).expect("two shapes"));
        let area = |shape: &Option<Shape>| shape.as_ref().map_or(0.0, Shape::area_m2);
        let off = bound(&a) + bound(&b);
        prop_assert!((area(&both) + area(&only) - a.area_m2()).abs() <= off);
        prop_assert!((any.area_m2() + area(&both) - a.area_m2() - b.area_m2()).abs() <= off);
        for shape in [&both, &only, &Some(any.clone())].into_iter().flatten() {
            valid(shape)?;
        }
        for (x, y) in asked {
            let p = at(x, y);
            if away(&a, p) > ROUNDED && away(&b, p) > ROUNDED {
                let covers = |shape: &Option<Shape>| shape.as_ref().is_some_and(|shape| shape.covers(p));
                prop_assert_eq!(covers(&both), a.covers(p) && b.covers(p));
                prop_assert_eq!(covers(&only), a.covers(p) && !b.covers(p));
                prop_assert_eq!(any.covers(p), a.covers(p) || b.covers(p));
            }
        }
    }

    /// Neighbours with equal vertices join without rest, and no vertex of the outer border is lost.
    #[test]
    fn a_partition_joins_to_its_outline(pieces in partition(4, 3)) {
        let joined = union(&pieces.iter().collect::<Vec<_>>()).expect("pieces");
        prop_assert_eq!(joined.polygons().len(), 1);
        prop_assert!(joined.polygons()[0].holes.is_empty());
        prop_assert_eq!(joined.vertices(), 2 * (4 + 3) * 4);
        let sum: f64 = pieces.iter().map(Shape::area_m2).sum();
        prop_assert!((sum - joined.area_m2()).abs() < 1e-3);
    }
}

fn square(x: i32, y: i32, side: i32) -> Ring {
    vec![
        at(x, y),
        at(x + side, y),
        at(x + side, y + side),
        at(x, y + side),
    ]
}

#[test]
fn a_cut_by_example() {
    // A vertex in the middle of the lower side belongs to a neighbour below and stays.
    let mut outer = square(0, 0, 100);
    outer.insert(1, at(50, 0));
    let whole = shape(outer, vec![]);
    let pieces = split(&whole, &[at(30, -10), at(30, 110)]);
    assert_eq!(
        pieces
            .iter()
            .map(|piece| piece.polygons()[0].outer.clone())
            .collect::<Vec<_>>(),
        [
            vec![at(0, 0), at(30, 0), at(30, 100), at(0, 100)],
            vec![at(30, 0), at(50, 0), at(100, 0), at(100, 100), at(30, 100)],
        ]
    );
    let same = vec![whole.clone()];
    for line in [
        &[at(30, -10), at(30, 50)][..],
        &[at(30, 10), at(40, 50)],
        &[at(0, 0), at(100, 0)],
        &[at(200, 0), at(200, 100)],
        &[at(30, 30)],
        &[],
    ] {
        assert_eq!(split(&whole, line), same, "{line:?} divides nothing");
    }
    let bent = split(&whole, &[at(-10, 50), at(50, 50), at(50, 110)]);
    assert_eq!(bent.iter().map(Shape::vertices).collect::<Vec<_>>(), [7, 4]);
}

#[test]
fn a_part_that_is_not_cut_stays_with_the_nearest_piece() {
    let main = Polygon {
        outer: square(0, 0, 100),
        holes: vec![],
    };
    let exclave = Polygon {
        outer: square(200, 0, 10),
        holes: vec![],
    };
    let pieces = split(
        &Shape::new([main, exclave.clone()]).expect("a shape"),
        &[at(50, -10), at(50, 110)],
    );
    assert_eq!(
        pieces
            .iter()
            .map(|piece| piece.polygons().len())
            .collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(pieces[1].polygons()[1], exclave);
}

#[test]
fn the_ends_of_the_numbers_are_joined_too() {
    let half = |west: i32, east: i32| {
        shape(
            vec![
                at(west, i32::MIN),
                at(east, i32::MIN),
                at(east, i32::MAX),
                at(west, i32::MAX),
            ],
            vec![],
        )
    };
    let joined = union(&[&half(i32::MIN, 0), &half(0, i32::MAX)]).expect("a shape");
    assert_eq!(joined.polygons()[0].outer.len(), 6);
    assert_eq!(union(&[]), None);
    assert_eq!(
        intersection(&half(i32::MIN, 0), &half(0, i32::MAX)),
        None,
        "a common border is no area"
    );
    assert_eq!(difference(&half(i32::MIN, 0), &half(i32::MIN, 0)), None);
}
