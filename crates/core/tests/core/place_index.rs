//! Properties of the index of a layer against a naive look at every shape, with exact whole numbers, and examples of the
//! rules for borders.

use jingwei_core::place::{Bounds, Index, IndexBuilder, Point, Polygon, Shape};
use proptest::prelude::*;

fn p(lon_e7: i32, lat_e7: i32) -> Point {
    Point { lon_e7, lat_e7 }
}

fn ring(points: &[(i32, i32)]) -> Vec<Point> {
    points.iter().map(|&(x, y)| p(x, y)).collect()
}

fn index(shapes: &[Shape]) -> Index {
    let mut builder = IndexBuilder::with_capacity(shapes.len(), 0);
    for (i, shape) in shapes.iter().enumerate() {
        // Both ways in, so that they are the same.
        let slot = if i % 2 == 0 {
            builder.add(shape)
        } else {
            builder.add_packed(&shape.pack()).expect("a packed shape")
        };
        assert_eq!(slot as usize, i);
    }
    builder.build()
}

/// Twice the area of a triangle, positive against the clock.
fn turn(a: (i128, i128), b: (i128, i128), c: (i128, i128)) -> i128 {
    (b.0 - a.0) * (c.1 - a.1) - (c.0 - a.0) * (b.1 - a.1)
}

fn wide(point: Point) -> (i128, i128) {
    (point.lon_e7.into(), point.lat_e7.into())
}

fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]))
}

fn on_border(ring: &[Point], point: Point) -> bool {
    edges(ring).any(|(a, b)| {
        turn(wide(a), wide(b), wide(point)) == 0
            && Bounds::of([a, b]).expect("two points").holds(point)
    })
}

/// Whether `point`, which is not on the ring, is in it. The ray goes to a point so far away and so little to the north that no
/// whole point lies on it: no vertex is ever met, and no rule for vertices is needed.
fn strictly_in(ring: &[Point], point: Point) -> bool {
    let from = wide(point);
    let to = (from.0 + (1 << 40), from.1 + 1);
    let crossed = edges(ring).filter(|&(a, b)| {
        let (a, b) = (wide(a), wide(b));
        (turn(from, to, a) > 0) != (turn(from, to, b) > 0)
            && (turn(a, b, from) > 0) != (turn(a, b, to) > 0)
    });
    crossed.count() % 2 == 1
}

fn naively_covers(shape: &Shape, point: Point) -> bool {
    shape.polygons().iter().any(|polygon| {
        let border = |ring: &Vec<Point>| on_border(ring, point);
        border(&polygon.outer)
            || polygon.holes.iter().any(border)
            || strictly_in(&polygon.outer, point)
                && !polygon.holes.iter().any(|hole| strictly_in(hole, point))
    })
}

/// Metres to the nearest border on the plane that touches the earth at the point, found by halving.
fn naive_metres(shape: &Shape, point: Point) -> f64 {
    let unit = 6_371_008.8 * std::f64::consts::PI / 180.0 / 1e7;
    let east = unit * point.lat().to_radians().cos();
    let at = |a: Point, b: Point, t: f64| {
        let along = |a: i32, b: i32| f64::from(a) + t * (f64::from(b) - f64::from(a));
        let x = (along(a.lon_e7, b.lon_e7) - f64::from(point.lon_e7)) * east;
        let y = (along(a.lat_e7, b.lat_e7) - f64::from(point.lat_e7)) * unit;
        x.hypot(y)
    };
    let one = |(a, b): (Point, Point)| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..100 {
            let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if at(a, b, left) < at(a, b, right) {
                high = right;
            } else {
                low = left;
            }
        }
        at(a, b, low)
    };
    shape
        .rings()
        .flat_map(|ring| edges(ring))
        .map(one)
        .fold(f64::INFINITY, f64::min)
}

/// Shapes on a small lattice, so that points fall on vertices and edges often: any ring, a frame with holes, two islands.
fn small_shape() -> impl Strategy<Value = Vec<Polygon>> {
    let any_ring = prop::collection::vec((0..13, 0..13), 3..9).prop_map(|points| {
        vec![Polygon {
            outer: ring(&points),
            holes: vec![],
        }]
    });
    let frame = (0..4, 0..4, 6..10, 6..10).prop_map(|(x, y, w, h)| {
        vec![Polygon {
            outer: ring(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)]),
            holes: vec![
                ring(&[
                    (x + 1, y + 1),
                    (x + 3, y + 1),
                    (x + 3, y + 3),
                    (x + 1, y + 3),
                ]),
                ring(&[
                    (x + 4, y + 4),
                    (x + 5, y + 3),
                    (x + w - 1, y + 4),
                    (x + 5, y + 5),
                ]),
            ],
        }]
    });
    let islands = (0..3, 0..3, 1..5, 1..5).prop_map(|(x, y, w, h)| {
        vec![
            Polygon {
                outer: ring(&[(x, y), (x + w, y), (x, y + h)]),
                holes: vec![],
            },
            Polygon {
                outer: ring(&[(x + w + 1, y), (x + w + 3, y + h), (x + w, y + h)]),
                holes: vec![],
            },
        ]
    });
    prop_oneof![any_ring, frame, islands]
}

/// How the lattice is laid on the earth: factor and first value.
fn laid() -> impl Strategy<Value = (i32, i32)> {
    prop_oneof![
        Just((1, 0)),
        Just((1_000, -6_000)),
        Just((178_000_000, i32::MIN))
    ]
}

fn lay(polygons: Vec<Polygon>, (factor, first): (i32, i32)) -> Option<Shape> {
    let put = |p: Point| Point {
        lon_e7: p.lon_e7 * factor + first,
        lat_e7: p.lat_e7 * factor + first,
    };
    let ring = |ring: Vec<Point>| ring.into_iter().map(put).collect();
    Shape::new(polygons.into_iter().map(|polygon| Polygon {
        outer: ring(polygon.outer),
        holes: polygon.holes.into_iter().map(ring).collect(),
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Every question gives what a look at each shape gives, whichever shapes are valid that day.
    #[test]
    fn answers_are_those_of_a_look_at_every_shape(
        polygons in prop::collection::vec(small_shape(), 0..40),
        laid in laid(),
        points in prop::collection::vec((-1..14, -1..14, -1..=1, -1..=1), 1..40),
        not_valid in prop::collection::vec(any::<bool>(), 40),
    ) {
        let shapes: Vec<Shape> = polygons.into_iter().filter_map(|one| lay(one, laid)).collect();
        let index = index(&shapes);
        prop_assert_eq!(index.len(), shapes.len());
        prop_assert_eq!(index.is_empty(), shapes.is_empty());
        let valid = |slot: u32| !not_valid[slot as usize];
        let lay = |v: i32, d: i32| {
            v.saturating_mul(laid.0).saturating_add(laid.1).saturating_add(d)
        };
        let points: Vec<Point> =
            points.into_iter().map(|(x, y, dx, dy)| p(lay(x, dx), lay(y, dy))).collect();
        let singly: Vec<Option<u32>> = points.iter().map(|&one| index.covering(one, valid)).collect();
        prop_assert_eq!(index.covering_each(&points, valid), singly);
        for point in points {
            let naive: Vec<u32> = (0..).zip(&shapes)
                .filter(|(_, shape)| naively_covers(shape, point))
                .map(|(slot, _)| slot)
                .collect();
            let today: Vec<u32> = naive.iter().copied().filter(|&slot| valid(slot)).collect();
            prop_assert_eq!(index.all_covering(point, |_| true), naive.clone());
            prop_assert_eq!(index.all_covering(point, valid), today.clone());
            prop_assert_eq!(index.covering(point, |_| true), naive.first().copied());
            prop_assert_eq!(index.covering(point, valid), today.first().copied());
            for (slot, shape) in (0..).zip(&shapes) {
                prop_assert_eq!(index.covers(slot, point), naively_covers(shape, point));
            }
        }
    }

    /// What went in comes out again, and a box finds each shape whose box it meets, once.
    #[test]
    fn shapes_and_boxes_come_out_as_they_went_in(
        polygons in prop::collection::vec(small_shape(), 0..60),
        laid in laid(),
        (a, b) in ((0..13, 0..13), (0..13, 0..13)),
    ) {
        let shapes: Vec<Shape> = polygons.into_iter().filter_map(|one| lay(one, laid)).collect();
        let index = index(&shapes);
        let lay = |(x, y): (i32, i32)| p(x * laid.0 + laid.1, y * laid.0 + laid.1);
        let bounds = Bounds::of([lay(a), lay(b)]).expect("two points");
        let mut met = Vec::new();
        index.meeting(bounds, |slot| met.push(slot));
        met.sort_unstable();
        let naive: Vec<u32> = (0..).zip(&shapes)
            .filter(|(_, shape)| shape.bounds().meets(bounds))
            .map(|(slot, _)| slot)
            .collect();
        prop_assert_eq!(met, naive);
        for (slot, shape) in (0..).zip(&shapes) {
            prop_assert_eq!(&index.shape(slot), shape);
            prop_assert_eq!(index.bounds(slot), shape.bounds());
            prop_assert_eq!(
                index.rings(slot).map(|(ring, _)| ring.len()).sum::<usize>(),
                shape.vertices()
            );
        }
        let vertices: usize = shapes.iter().map(Shape::vertices).sum();
        prop_assert!(index.bytes() >= 8 * vertices + 24 * shapes.len());
    }

    /// The nearest is the nearest: with shapes near and far, of a few metres and of kilometres, whichever are valid.
    #[test]
    fn the_nearest_is_the_nearest(
        placed in prop::collection::vec(
            (small_shape(), prop_oneof![Just(30), Just(2_000)], 0..60, 0..60), 1..40),
        (x, y) in (-1_000_000..4_000_000, -1_000_000..4_000_000),
        most in prop_oneof![Just(0_u32), 1_u32..1_000, Just(1_000_000)],
        not_valid in prop::collection::vec(any::<bool>(), 40),
    ) {
        let shapes: Vec<Shape> = placed.into_iter().filter_map(|(polygons, size, dx, dy)| {
            let put = |p: Point| Point {
                lon_e7: 1_040_000_000 + dx * 50_000 + p.lon_e7 * size,
                lat_e7: 300_000_000 + dy * 50_000 + p.lat_e7 * size,
            };
            let ring = |ring: Vec<Point>| ring.into_iter().map(put).collect();
            Shape::new(polygons.into_iter().map(|polygon| Polygon {
                outer: ring(polygon.outer),
                holes: polygon.holes.into_iter().map(ring).collect(),
            }))
        }).collect();
        let point = p(1_040_000_000 + x, 300_000_000 + y);
        let valid = |slot: u32| !not_valid[slot as usize];
        let index = index(&shapes);
        let distance = |shape: &Shape| {
            if naively_covers(shape, point) { 0.0 } else { naive_metres(shape, point) }
        };
        let all: Vec<(u32, f64)> = (0..).zip(&shapes)
            .filter(|(slot, _)| valid(*slot))
            .map(|(slot, shape)| (slot, distance(shape)))
            .collect();
        let least = all.iter().map(|(_, metres)| *metres).fold(f64::INFINITY, f64::min);
        match index.nearest(point, most, valid) {
            Some((slot, metres)) => {
                prop_assert!((metres - least).abs() < 1e-4, "{} is not {}", metres, least);
                prop_assert!(metres <= f64::from(most));
                let (_, own) = all.iter().find(|(other, _)| *other == slot).expect("a valid slot");
                prop_assert!((metres - own).abs() < 1e-4, "the distance of another shape");
                if metres == 0.0 {
                    prop_assert_eq!(Some(slot), index.covering(point, valid));
                }
            }
            None => prop_assert!(least > f64::from(most) - 1e-4, "one is {} m away", least),
        }
    }

    /// Bytes that the index takes are those that `Shape` takes, without rings of fewer than three points; what is refused
    /// leaves nothing behind.
    #[test]
    fn hostile_bytes_are_refused_and_leave_nothing(
        good in small_shape(),
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(0_u8..5, 0..40),
        ],
        change in (any::<prop::sample::Index>(), any::<u8>()),
    ) {
        let Some(good) = Shape::new(good) else { return Ok(()) };
        let mut changed = good.pack();
        let at = change.0.index(changed.len());
        changed[at] = change.1;
        let mut builder = IndexBuilder::default();
        builder.add(&good);
        let mut shapes = vec![good.clone()];
        for bytes in [bytes, changed] {
            match Shape::unpack(&bytes) {
                Ok(shape) if shape.rings().all(|ring| ring.len() > 2) => {
                    prop_assert_eq!(builder.add_packed(&bytes), Ok(u32::try_from(shapes.len()).expect("few")));
                    shapes.push(shape);
                }
                _ => prop_assert!(builder.add_packed(&bytes).is_err()),
            }
        }
        builder.add(&good);
        shapes.push(good);
        let index = builder.build();
        for (slot, shape) in (0..).zip(&shapes) {
            prop_assert_eq!(&index.shape(slot), shape);
        }
        prop_assert_eq!(index.len(), shapes.len());
    }
}

/// Two squares side by side, the right one with a hole in which a third lies, and a triangle over all three.
fn neighbours() -> Vec<Shape> {
    let square = |x: i32, y: i32, size: i32| {
        ring(&[(x, y), (x + size, y), (x + size, y + size), (x, y + size)])
    };
    let whole = |outer: Vec<Point>| Polygon {
        outer,
        holes: vec![],
    };
    let right = Polygon {
        outer: square(10, 0, 10),
        holes: vec![square(13, 3, 4)],
    };
    [
        whole(square(0, 0, 10)),
        right,
        whole(square(13, 3, 4)),
        whole(ring(&[(0, 0), (20, 0), (20, 10)])),
    ]
    .into_iter()
    .map(|polygon| Shape::new([polygon]).expect("a shape"))
    .collect()
}

#[test]
fn a_point_on_a_border_goes_to_the_lowest_slot() {
    let index = index(&neighbours());
    for (place, point, slots) in [
        ("inside the left square", p(2, 5), vec![0]),
        (
            "on the border of both squares, and of the triangle",
            p(10, 5),
            vec![0, 1, 3],
        ),
        ("on the corner of both squares", p(10, 10), vec![0, 1]),
        ("on the level border below", p(5, 0), vec![0, 3]),
        ("in the hole", p(14, 6), vec![2, 3]),
        (
            "on the border of the hole, which is the border of what lies in it",
            p(13, 4),
            vec![1, 2, 3],
        ),
        ("on a corner of the hole", p(17, 7), vec![1, 2, 3]),
        (
            "on the slanting border of the triangle",
            p(12, 6),
            vec![1, 3],
        ),
        ("one unit beside it", p(12, 7), vec![1]),
        ("level with a corner, outside", p(21, 10), vec![]),
        ("level with a border, outside", p(-1, 0), vec![]),
    ] {
        assert_eq!(index.all_covering(point, |_| true), slots, "{place}");
        assert_eq!(
            index.covering(point, |_| true),
            slots.first().copied(),
            "{place}"
        );
    }
    assert_eq!(
        index.covering(p(10, 5), |slot| slot > 0),
        Some(1),
        "a shape that is not valid today is not there"
    );
}

#[test]
fn of_equally_near_shapes_the_lowest_slot() {
    // A corner that two shapes share.
    let at = |x: i32, y: i32| p(1_040_000_000 + x, 300_000_000 + y);
    let shape = |points: &[Point]| {
        Shape::new([Polygon {
            outer: points.to_vec(),
            holes: vec![],
        }])
        .expect("a shape")
    };
    let left = shape(&[at(-777, -333), at(0, 0), at(-900, -100)]);
    let right = shape(&[at(0, 0), at(801, -333), at(953, -77)]);
    for shapes in [[left.clone(), right.clone()], [right, left]] {
        let index = index(&shapes);
        let (slot, metres) = index.nearest(at(7, 5_003), 100, |_| true).expect("near");
        assert_eq!(slot, 0, "the corner belongs to both");
        assert!((metres - f64::from(at(7, 5_003).metres_to(at(0, 0)))).abs() < 1.0);
        assert_eq!(
            index.nearest(at(7, 5_003), 55, |_| true),
            None,
            "55.6 m away"
        );
        assert_eq!(
            index
                .nearest(at(7, 5_003), 100, |slot| slot == 1)
                .map(|it| it.0),
            Some(1)
        );
        assert_eq!(
            index.nearest(at(0, 0), 0, |_| true),
            Some((0, 0.0)),
            "on it"
        );
    }
    // A small shape over a large one with the same border below.
    let large = shape(&[at(-1_003, 17), at(1_009, 31), at(0, 600)]);
    let small = shape(&[at(-1_003, 17), at(1_009, 31), at(0, 60)]);
    for shapes in [[large.clone(), small.clone()], [small, large]] {
        let (slot, _) = index(&shapes)
            .nearest(at(100, -9_000), 1_000, |_| true)
            .expect("near");
        assert_eq!(slot, 0, "the border below belongs to both");
    }
}

#[test]
fn the_poles_and_the_ends_of_the_numbers_are_no_trap() {
    let index = index(&neighbours());
    for point in [
        p(0, 900_000_000),
        p(0, -900_000_000),
        p(i32::MIN, i32::MIN),
        p(i32::MAX, i32::MAX),
    ] {
        assert_eq!(index.covering(point, |_| true), None);
        assert_eq!(index.nearest(point, 1_000, |_| true), None);
        assert!(index.nearest(point, u32::MAX, |_| true).is_some());
    }
    let empty = IndexBuilder::default().build();
    assert_eq!(empty.covering(p(0, 0), |_| true), None);
    assert_eq!(empty.nearest(p(0, 0), u32::MAX, |_| true), None);
}
