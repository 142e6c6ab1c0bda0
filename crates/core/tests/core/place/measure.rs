//! PL-b: what a shape covers against slower ways of saying it, and areas that add up.

use jingwei_core::place::{Point, Polygon, Shape};
use proptest::prelude::*;

use super::made::{at, on_border, partition, star};

/// How often the ring turns around the point, by the angles it is seen under: 0 outside.
fn turns(ring: &[Point], p: Point) -> i64 {
    let angle = |a: Point, b: Point| {
        let (ax, ay) = (
            f64::from(a.lon_e7 - p.lon_e7),
            f64::from(a.lat_e7 - p.lat_e7),
        );
        let (bx, by) = (
            f64::from(b.lon_e7 - p.lon_e7),
            f64::from(b.lat_e7 - p.lat_e7),
        );
        (ax * by - ay * bx).atan2(ax * bx + ay * by)
    };
    let sum: f64 = (0..ring.len())
        .map(|i| angle(ring[i], ring[(i + 1) % ring.len()]))
        .sum();
    (sum / std::f64::consts::TAU).round() as i64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn covers_what_its_rings_turn_around(
        outer in star(60, 40),
        hole in star(20, 8),
        asked in prop::collection::vec((-60..=60, -60..=60), 200),
    ) {
        let shape = Shape::new([Polygon { outer, holes: vec![hole] }]).expect("a shape");
        for (x, y) in asked {
            let p = at(x, y);
            let expected = on_border(&shape, p) || shape.rings().map(|ring| turns(ring, p)).sum::<i64>() != 0;
            prop_assert_eq!(shape.covers(p), expected, "{:?} in {:?}", p, shape);
        }
    }

    #[test]
    fn a_label_is_inside_and_the_way_to_it_is_nothing(outer in star(1_000_000, 300_000)) {
        let shape = Shape::new([Polygon { outer, holes: vec![] }]).expect("a shape");
        let inside = shape.inside();
        prop_assert!(shape.covers(inside) && !on_border(&shape, inside), "{:?}", inside);
        prop_assert_eq!(shape.metres_to(inside), 0.0);
    }

    #[test]
    fn the_areas_of_a_partition_add_up(pieces in partition(5, 4)) {
        let sum: f64 = pieces.iter().map(Shape::area_m2).sum();
        let bounds = pieces.iter().map(Shape::bounds).reduce(jingwei_core::place::Bounds::and).expect("pieces");
        let ring = vec![
            at(bounds.west, bounds.south),
            at(bounds.east, bounds.south),
            at(bounds.east, bounds.north),
            at(bounds.west, bounds.north),
        ];
        let whole = Shape::new([Polygon { outer: ring, holes: vec![] }]).expect("a box").area_m2();
        prop_assert!((sum / whole - 1.0).abs() < 1e-11, "{} and {}", sum, whole);
    }
}
