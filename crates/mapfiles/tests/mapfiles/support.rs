//! A layer with everything that is hard about layers, and what the tests reckon themselves.

use jingwei_core::place::{Point, Polygon, Shape};
use jingwei_mapfiles::{Column, Geometry, Kind, Row, Value};

pub(crate) const COLUMNS: [Column<'static>; 6] = [
    column("code", Kind::Text),
    column("name", Kind::Text),
    column("households", Kind::Integer),
    column("serial", Kind::Integer),
    column("area_km2", Kind::Real),
    column("note", Kind::Text),
];

const fn column(name: &'static str, kind: Kind) -> Column<'static> {
    Column { name, kind }
}

pub(crate) fn ring(points: &[(f64, f64)]) -> Vec<Point> {
    points
        .iter()
        .map(|&(lon, lat)| Point::from_degrees(lon, lat).expect("a point"))
        .collect()
}

pub(crate) fn rectangle(west: f64, south: f64, width: f64, height: f64) -> Vec<Point> {
    let (east, north) = (west + width, south + height);
    ring(&[(west, south), (east, south), (east, north), (west, north)])
}

/// A plain shape, one with two holes and an island in one of them, and one of three parts.
pub(crate) fn shapes() -> Vec<Shape> {
    let plain = Polygon {
        outer: ring(&[
            (103.923_456_7, 30.512_345_6),
            (103.951_234_5, 30.500_000_1),
            (103.962_222_2, 30.541_111_1),
            (103.930_000_9, 30.555_555_5),
        ]),
        holes: vec![],
    };
    let holed = Polygon {
        outer: rectangle(104.0, 30.5, 0.1, 0.1),
        holes: vec![
            rectangle(104.01, 30.51, 0.03, 0.03),
            rectangle(104.06, 30.56, 0.01, 0.02),
        ],
    };
    let island = Polygon {
        outer: rectangle(104.02, 30.52, 0.01, 0.01),
        holes: vec![],
    };
    let parts = [0.0, 0.2, 0.4].map(|east| Polygon {
        outer: rectangle(102.1 + east, 29.7 + east / 3.0, 0.123_456_7, 0.07),
        holes: vec![],
    });
    let shape = |polygons: Vec<Polygon>| Shape::new(polygons).expect("a shape");
    vec![
        shape(vec![plain]),
        shape(vec![holed, island]),
        shape(parts.to_vec()),
    ]
}

/// A row for each shape, with words, numbers and gaps that are easily lost.
pub(crate) fn rows(shapes: &[Shape]) -> Vec<Row<'_>> {
    let values = [
        vec![
            Value::Text("510116001001001"),
            Value::Text("双流区东升街道第一网格"),
            Value::Integer(312),
            Value::Integer(9_007_199_254_740_993),
            Value::Real(0.1 + 0.2),
            Value::Text("\"quoted\", <b>&amp;</b>; 'ä' 𠮷"),
        ],
        vec![
            Value::Text("007"),
            Value::Text("two\nlines"),
            Value::Integer(-1),
            Value::None,
            Value::Real(1e-7),
            Value::None,
        ],
        vec![
            Value::Text("510116001001003"),
            Value::None,
            Value::None,
            Value::Integer(0),
            Value::Real(-12_345.625),
            Value::Text("=1+1"),
        ],
    ];
    let rows = shapes.iter().zip(values);
    rows.map(|(shape, values)| Row { shape, values }).collect()
}

/// The planar area of a shape in square degrees.
pub(crate) fn area(shape: &Shape) -> f64 {
    let ring = |points: &[Point]| {
        planar(
            &points
                .iter()
                .map(|point| [point.lon(), point.lat()])
                .collect::<Vec<_>>(),
        )
    };
    let polygon = |polygon: &Polygon| {
        ring(&polygon.outer) - polygon.holes.iter().map(|hole| ring(hole)).sum::<f64>()
    };
    shape.polygons().iter().map(polygon).sum()
}

/// The same of what was read.
pub(crate) fn area_read(geometry: &Geometry) -> f64 {
    let Geometry::Polygons(polygons) = geometry else {
        return 0.0;
    };
    let polygon = |rings: &Vec<Vec<[f64; 2]>>| {
        let holes: f64 = rings[1..].iter().map(|hole| planar(hole)).sum();
        planar(&rings[0]) - holes
    };
    polygons.iter().map(polygon).sum()
}

/// The area under a ring, closed or not, without its sign; from its first point, so that few digits are lost.
pub(crate) fn planar(ring: &[[f64; 2]]) -> f64 {
    let from = |p: [f64; 2]| (p[0] - ring[0][0], p[1] - ring[0][1]);
    let next = ring.iter().cycle().skip(1);
    let twice: f64 = ring
        .iter()
        .zip(next)
        .map(|(&a, &b)| {
            let ((ax, ay), (bx, by)) = (from(a), from(b));
            ax * by - bx * ay
        })
        .sum();
    twice.abs() / 2.0
}

/// The shape that was read, as the normal form of whole units.
pub(crate) fn shape_read(geometry: &Geometry) -> Shape {
    let Geometry::Polygons(polygons) = geometry else {
        panic!("polygons, not {geometry:?}");
    };
    let ring = |ring: &Vec<[f64; 2]>| -> Vec<Point> {
        ring.iter()
            .map(|&[lon, lat]| Point::from_degrees(lon, lat).expect("a point"))
            .collect()
    };
    let polygons = polygons.iter().map(|rings| Polygon {
        outer: ring(&rings[0]),
        holes: rings[1..].iter().map(ring).collect(),
    });
    Shape::new(polygons).expect("a shape")
}

/// Whether two areas are equal but for the rounding of the sums.
pub(crate) fn same_area(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}
