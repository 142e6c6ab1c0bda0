//! Tiles by the specification, and without a gap or an overlap between neighbours at any zoom.

use jingwei_core::place::{Point, Polygon, Shape};
use jingwei_mapfiles::Value;
use jingwei_mapfiles::tile::{BUFFER, EXTENT, TileId, TileLayer, encode};
use proptest::prelude::*;

use crate::support::rectangle;

type Ring = Vec<(i64, i64)>;

/// A layer as a reader of the specification sees it.
#[derive(Debug, Default, PartialEq)]
struct Layer {
    name: String,
    features: Vec<Feature>,
}

#[derive(Debug, Default, PartialEq)]
struct Feature {
    id: u64,
    kind: u64,
    properties: Vec<(String, String)>,
    rings: Vec<Ring>,
}

/// One field of a message: its number, and its number or bytes.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn number(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (&byte, rest) = bytes.split_first().expect("a byte");
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(number(&mut bytes)),
            wire @ (1 | 2) => {
                let length = if wire == 1 {
                    8
                } else {
                    number(&mut bytes) as usize
                };
                let (field, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(field)
            }
            other => panic!("wire type {other}"),
        };
        all.push((key >> 3, field));
    }
    all
}

fn numbers(mut bytes: &[u8]) -> Vec<u64> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        all.push(number(&mut bytes));
    }
    all
}

fn unfold(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn value(bytes: &[u8]) -> String {
    match fields(bytes).as_slice() {
        [(1, Field::Bytes(text))] => String::from_utf8(text.to_vec()).expect("UTF-8"),
        [(3, Field::Bytes(real))] => {
            f64::from_le_bytes((*real).try_into().expect("eight bytes")).to_string()
        }
        [(5, Field::Number(whole))] => whole.to_string(),
        [(6, Field::Number(whole))] => unfold(*whole).to_string(),
        _ => panic!("a value of another kind"),
    }
}

/// Reads a tile, and fails on everything that the specification forbids.
fn decode(tile: &[u8]) -> Vec<Layer> {
    let layers = fields(tile).into_iter().map(|field| match field {
        (3, Field::Bytes(bytes)) => decode_layer(bytes),
        (other, _) => panic!("field {other} in a tile"),
    });
    layers.collect()
}

fn decode_layer(bytes: &[u8]) -> Layer {
    let mut layer = Layer::default();
    let (mut keys, mut values, mut features) = (Vec::new(), Vec::new(), Vec::new());
    let (mut version, mut extent) = (0, 0);
    for field in fields(bytes) {
        match field {
            (1, Field::Bytes(name)) => {
                layer.name = String::from_utf8(name.to_vec()).expect("UTF-8");
            }
            (2, Field::Bytes(feature)) => features.push(feature),
            (3, Field::Bytes(key)) => keys.push(String::from_utf8(key.to_vec()).expect("UTF-8")),
            (4, Field::Bytes(bytes)) => values.push(value(bytes)),
            (5, Field::Number(number)) => extent = number,
            (15, Field::Number(number)) => version = number,
            (other, _) => panic!("field {other} in a layer"),
        }
    }
    assert_eq!((version, extent), (2, EXTENT.cast_unsigned()));
    assert!(!features.is_empty(), "a layer has features");
    for feature in features {
        let mut one = Feature::default();
        for field in fields(feature) {
            match field {
                (1, Field::Number(id)) => one.id = id,
                (2, Field::Bytes(tags)) => {
                    for pair in numbers(tags).chunks(2) {
                        one.properties.push((
                            keys[pair[0] as usize].clone(),
                            values[pair[1] as usize].clone(),
                        ));
                    }
                }
                (3, Field::Number(kind)) => one.kind = kind,
                (4, Field::Bytes(words)) => one.rings = rings(&numbers(words)),
                (other, _) => panic!("field {other} in a feature"),
            }
        }
        if one.kind == 3 {
            sound(&one.rings);
        }
        layer.features.push(one);
    }
    layer
}

fn rings(words: &[u64]) -> Vec<Ring> {
    let (mut x, mut y) = (0, 0);
    let mut rings: Vec<Ring> = Vec::new();
    let mut words = words.iter();
    while let Some(&command) = words.next() {
        match (command & 7, command >> 3) {
            (7, 1) => continue,
            (1, 1) => rings.push(Vec::new()),
            (2, n) if n >= 2 => {}
            other => panic!("command {other:?}"),
        }
        for _ in 0..command >> 3 {
            x += unfold(*words.next().expect("x"));
            y += unfold(*words.next().expect("y"));
            rings.last_mut().expect("begun").push((x, y));
        }
    }
    rings
}

fn twice_area(ring: &Ring) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| a.0 * b.1 - b.0 * a.1)
        .sum()
}

fn sound(rings: &[Ring]) {
    assert!(!rings.is_empty());
    assert!(twice_area(&rings[0]) > 0, "the first is an outer ring");
    for ring in rings {
        assert!(ring.len() >= 3 && twice_area(ring) != 0, "{ring:?}");
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            assert_ne!(a, b, "no point twice in a row");
            let within = |axis: i64| (-BUFFER..=EXTENT + BUFFER).contains(&axis);
            assert!(within(a.0) && within(a.1), "{a:?}");
        }
    }
}

/// How often the rings go around a point that lies on none of their vertices' rows; quarter units keep it off them.
fn winding(rings: &[Ring], x: f64, y: f64) -> i32 {
    let mut around = 0;
    for ring in rings {
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let ((ax, ay), (bx, by)) = ((a.0 as f64, a.1 as f64), (b.0 as f64, b.1 as f64));
            if (ay > y) != (by > y) {
                let at = ax + (y - ay) * (bx - ax) / (by - ay);
                if at > x {
                    around += if by > ay { 1 } else { -1 };
                }
            }
        }
    }
    around
}

fn shape(outer: Vec<Point>) -> Shape {
    Shape::new([Polygon {
        outer,
        holes: vec![],
    }])
    .expect("a shape")
}

fn layer_of(tile: TileId, shapes: &[Shape]) -> Vec<Vec<Ring>> {
    let mut layer = TileLayer::new(tile, "grids");
    let added: Vec<u64> = (0..)
        .zip(shapes)
        .filter(|(id, shape)| layer.add_shape(*id, shape, &[]))
        .map(|(id, _)| id)
        .collect();
    let layers = decode(&encode(&[layer]));
    let features = layers
        .into_iter()
        .flat_map(|layer| layer.features)
        .collect::<Vec<_>>();
    assert_eq!(
        features
            .iter()
            .map(|feature| feature.id)
            .collect::<Vec<_>>(),
        added
    );
    features.into_iter().map(|feature| feature.rings).collect()
}

#[test]
fn a_tile_says_what_was_put_into_it() {
    let point = Point::from_degrees(104.06, 30.66).expect("a point");
    let tile = TileId::of(14, point).expect("a tile");
    let mut grids = TileLayer::new(tile, "grids");
    let square = shape(rectangle(104.059, 30.659, 0.002, 0.002));
    let properties = [
        ("code", Value::Text("双流")),
        ("households", Value::Integer(312)),
        ("below", Value::Integer(-312)),
        ("share", Value::Real(0.25)),
        ("nothing", Value::None),
    ];
    assert!(grids.add_shape(u64::MAX, &square, &properties));
    assert!(grids.add_shape(2, &square, &properties[..1]));
    let mut points = TileLayer::new(tile, "points");
    assert!(points.add_point(3, point, &[]));
    let elsewhere = Point::from_degrees(105.0, 30.66).expect("a point");
    assert!(!points.add_point(4, elsewhere, &[]), "not in the tile");
    let empty = TileLayer::new(tile, "empty");
    assert!(empty.is_empty());
    let layers = decode(&encode(&[grids, empty, points]));
    assert_eq!(
        layers
            .iter()
            .map(|layer| layer.name.as_str())
            .collect::<Vec<_>>(),
        ["grids", "points"]
    );
    let [first, second] = layers[0].features.as_slice() else {
        panic!("two features")
    };
    assert_eq!((first.id, first.kind, second.id), (u64::MAX, 3, 2));
    let expected = [
        ("code", "双流"),
        ("households", "312"),
        ("below", "-312"),
        ("share", "0.25"),
    ];
    assert_eq!(
        first.properties,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(first.rings[0].len(), 4);
    assert_eq!(
        (
            layers[1].features[0].kind,
            layers[1].features[0].rings[0].len()
        ),
        (1, 1)
    );
    assert!(encode(&[]).is_empty());
}

#[test]
fn what_a_tile_shows_of_large_and_small_things() {
    let tile = TileId::new(14, 12_928, 6_725).expect("a tile");
    let bounds = tile.bounds();
    let around = Polygon {
        outer: rectangle(100.0, 25.0, 8.0, 8.0),
        holes: vec![],
    };
    let whole = layer_of(tile, &[Shape::new([around.clone()]).expect("a shape")]);
    assert_eq!(
        twice_area(&whole[0][0]),
        2 * (EXTENT + 2 * BUFFER).pow(2),
        "the box, once"
    );
    let hole = rectangle(
        bounds.middle().lon() - 1.0,
        bounds.middle().lat() - 1.0,
        2.0,
        2.0,
    );
    let with_hole = Polygon {
        holes: vec![hole],
        ..around.clone()
    };
    assert!(
        layer_of(tile, &[Shape::new([with_hole]).expect("a shape")]).is_empty(),
        "the tile lies in the hole"
    );
    let (lon, lat) = (bounds.middle().lon(), bounds.middle().lat());
    let small_hole = Polygon {
        holes: vec![rectangle(lon, lat, 0.001, 0.001)],
        ..around
    };
    let shown = layer_of(tile, &[Shape::new([small_hole]).expect("a shape")]);
    assert_eq!(shown[0].len(), 2);
    assert!(
        twice_area(&shown[0][1]) < 0,
        "a hole runs against the clock"
    );
    let tiny = shape(rectangle(lon, lat, 0.000_001, 0.000_001));
    assert!(layer_of(tile, &[tiny]).is_empty(), "smaller than a unit");
    let beside = shape(rectangle(lon + 0.5, lat, 0.01, 0.01));
    assert!(layer_of(tile, &[beside]).is_empty());
}

/// A partition: cells of a net whose knots and whose borders between the knots are moved about, yet never cross.
#[derive(Debug, Clone)]
struct Net {
    west: f64,
    south: f64,
    cell: f64,
    side: usize,
    steps: usize,
    moves: Vec<(f64, f64)>,
}

impl Net {
    /// The point at a place of the fine grid (`steps` between knots), the same for every cell that uses it.
    fn point(&self, i: usize, j: usize) -> Point {
        let n = self.side * self.steps + 1;
        let (dx, dy) = self.moves[(i * n + j) % self.moves.len()];
        let fine = self.cell / self.steps as f64;
        let at = |k: usize, shift: f64| (k as f64 + shift * 0.45) * fine;
        Point::from_degrees(self.west + at(i, dx), self.south + at(j, dy)).expect("a point")
    }

    /// The outline of a block of cells, against the clock.
    fn outline(&self, i: usize, j: usize, side: usize) -> Vec<Point> {
        let (i, j, n) = (i * self.steps, j * self.steps, side * self.steps);
        let south = (0..n).map(|k| (i + k, j));
        let east = (0..n).map(|k| (i + n, j + k));
        let north = (0..n).map(|k| (i + n - k, j + n));
        let west = (0..n).map(|k| (i, j + n - k));
        south
            .chain(east)
            .chain(north)
            .chain(west)
            .map(|(i, j)| self.point(i, j))
            .collect()
    }

    fn cells(&self) -> Vec<Shape> {
        let places = (0..self.side).flat_map(|i| (0..self.side).map(move |j| (i, j)));
        places.map(|(i, j)| shape(self.outline(i, j, 1))).collect()
    }

    fn whole(&self) -> Shape {
        shape(self.outline(0, 0, self.side))
    }
}

fn any_net(cell: std::ops::Range<f64>) -> impl Strategy<Value = Net> {
    let moves = proptest::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 300..400);
    (
        103.5..104.5_f64,
        30.0..31.0_f64,
        cell,
        2..5_usize,
        1..6_usize,
        moves,
    )
        .prop_map(|(west, south, cell, side, steps, moves)| Net {
            west,
            south,
            cell,
            side,
            steps,
            moves,
        })
}

/// The tile of a zoom that holds a place of the net.
fn tile_in(net: &Net, z: u8, part: (f64, f64)) -> TileId {
    let over = net.cell * net.side as f64;
    let point =
        Point::from_degrees(net.west + part.0 * over, net.south + part.1 * over).expect("a point");
    TileId::of(z, point).expect("a tile")
}

/// Places all over a tile and its buffer, a quarter of a unit off every row and column.
fn places(seed: u64) -> impl Iterator<Item = (f64, f64)> {
    let mut state = seed | 1;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % (EXTENT + 2 * BUFFER).cast_unsigned()
    };
    (0..400).map(move |_| {
        let (x, y) = (next() as f64, next() as f64);
        (x - BUFFER as f64 + 0.25, y - BUFFER as f64 + 0.25)
    })
}

/// The distance from a place to the nearest border of any ring.
fn to_border(rings: &[Vec<Ring>], x: f64, y: f64) -> f64 {
    let mut least = f64::INFINITY;
    for ring in rings.iter().flatten() {
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let ((ax, ay), (bx, by)) = ((a.0 as f64, a.1 as f64), (b.0 as f64, b.1 as f64));
            let (dx, dy) = (bx - ax, by - ay);
            let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            least = least.min((x - ax - along * dx).hypot(y - ay - along * dy));
        }
    }
    least
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Cells of many units: their borders are the same line on both sides, to the last unit.
    #[test]
    fn neighbours_meet_exactly(net in any_net(0.01..0.2), z in 11..17_u8, part in (0.0..1.0, 0.0..1.0), seed in any::<u64>()) {
        let tile = tile_in(&net, z, part);
        let cells = layer_of(tile, &net.cells());
        let whole = layer_of(tile, &[net.whole()]);
        let whole = whole.first().map(Vec::as_slice).unwrap_or_default();
        let area = |rings: &[Ring]| rings.iter().map(twice_area).sum::<i64>();
        prop_assert_eq!(cells.iter().map(|rings| area(rings)).sum::<i64>(), area(whole), "no gap and no overlap in all");
        for (x, y) in places(seed) {
            let times: i32 = cells.iter().map(|rings| winding(rings, x, y)).sum();
            prop_assert_eq!(times, winding(whole, x, y), "at {}, {}", x, y);
        }
    }

    /// Cells down to a unit and below: whatever vanishes, nothing is more than a step of the zoom's grid away from right.
    #[test]
    fn what_vanishes_leaves_no_gap_wider_than_the_grid(net in any_net(0.000_5..0.05), z in 4..13_u8, part in (0.0..1.0, 0.0..1.0), seed in any::<u64>()) {
        let tile = tile_in(&net, z, part);
        let cells = layer_of(tile, &net.cells());
        let whole = layer_of(tile, &[net.whole()]);
        let whole = whole.first().map(Vec::as_slice).unwrap_or_default();
        let step = if z <= 8 { 4.0 } else { 2.0 };
        let inside = cells.iter().flatten().flatten().map(|&(x, y)| (x as f64 + 0.25, y as f64 + 0.25));
        for (x, y) in places(seed).chain(inside.take(400)) {
            let times: i32 = cells.iter().map(|rings| winding(rings, x, y)).sum();
            if times != winding(whole, x, y) {
                prop_assert!(to_border(&cells, x, y) <= step, "{} times at {}, {}", times, x, y);
            }
        }
    }

    /// Two tiles side by side show one border at one place.
    #[test]
    fn a_shape_is_the_same_across_tiles(net in any_net(0.01..0.2), z in 11..15_u8, part in (0.0..1.0, 0.0..1.0)) {
        let tile = tile_in(&net, z, part);
        let next = TileId::new(z, tile.x() + 1, tile.y()).expect("a tile");
        let shape = net.whole();
        let inside = |rings: Vec<Vec<Ring>>, shift: i64| {
            let spots = rings.into_iter().flatten().flatten().map(move |(x, y)| (x + shift, y));
            // Strictly inside of what both draw, where neither cut.
            let mut spots: Vec<_> = spots
                .filter(|&(x, y)| x > EXTENT - BUFFER && x < EXTENT + BUFFER && y > -BUFFER && y < EXTENT + BUFFER)
                .collect();
            spots.sort_unstable();
            spots
        };
        prop_assert_eq!(
            inside(layer_of(tile, std::slice::from_ref(&shape)), 0),
            inside(layer_of(next, &[shape]), EXTENT)
        );
    }
}
