//! Shapes made for tests: stars around a point, and partitions of a box whose neighbours share their vertices.

use jingwei_core::place::{Point, Polygon, Shape};
use proptest::prelude::*;

/// A point in units.
pub(super) fn at(lon_e7: i32, lat_e7: i32) -> Point {
    Point { lon_e7, lat_e7 }
}

/// A ring around the origin that crosses itself nowhere: a vertex in each of some directions, between `near` and `far`
/// away.
pub(super) fn star(far: i32, near: i32) -> impl Strategy<Value = Vec<Point>> {
    prop::collection::vec(near..=far, 8..24).prop_map(|lengths| {
        let step = std::f64::consts::TAU / lengths.len() as f64;
        lengths
            .iter()
            .enumerate()
            .map(|(k, length)| {
                let (sin, cos) = (step * k as f64).sin_cos();
                at(
                    (f64::from(*length) * cos).round() as i32,
                    (f64::from(*length) * sin).round() as i32,
                )
            })
            .collect()
    })
}

/// How many units a cell of a partition is wide and high: about a kilometre.
pub(super) const CELL: i32 = 100_000;
/// How many edges a cell has on each side.
const STEPS: i32 = 4;

/// A partition of a box near Chengdu into `columns` by `rows` cells with crooked borders: each cell's border runs
/// through vertices on a lattice that are moved by at most a third of the way to the next one, so that no edge crosses
/// another.
pub(super) fn partition(columns: i32, rows: i32) -> impl Strategy<Value = Vec<Shape>> {
    let count = ((columns * STEPS + 1) * (rows * STEPS + 1)) as usize;
    let most = CELL / STEPS / 3;
    prop::collection::vec((-most..=most, -most..=most), count).prop_map(move |moves| {
        let (wide, high) = (columns * STEPS, rows * STEPS);
        let vertex = |i: i32, j: i32| {
            let (dx, dy) = moves[(j * (wide + 1) + i) as usize];
            let dx = if i == 0 || i == wide { 0 } else { dx };
            let dy = if j == 0 || j == high { 0 } else { dy };
            at(
                1_039_500_000 + i * CELL / STEPS + dx,
                303_200_000 + j * CELL / STEPS + dy,
            )
        };
        let mut pieces = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                let (i, j) = (column * STEPS, row * STEPS);
                let outer = (0..STEPS)
                    .map(|k| vertex(i + k, j))
                    .chain((0..STEPS).map(|k| vertex(i + STEPS, j + k)))
                    .chain((0..STEPS).map(|k| vertex(i + STEPS - k, j + STEPS)))
                    .chain((0..STEPS).map(|k| vertex(i, j + STEPS - k)))
                    .collect();
                pieces.push(
                    Shape::new([Polygon {
                        outer,
                        holes: vec![],
                    }])
                    .expect("a cell"),
                );
            }
        }
        pieces
    })
}

/// Whether the point lies on the border, by looking at every edge.
pub(super) fn on_border(shape: &Shape, p: Point) -> bool {
    shape.rings().any(|ring| {
        (0..ring.len()).any(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            let cross = i64::from(b.lon_e7 - a.lon_e7) * i64::from(p.lat_e7 - a.lat_e7)
                - i64::from(b.lat_e7 - a.lat_e7) * i64::from(p.lon_e7 - a.lon_e7);
            let dot = i64::from(a.lon_e7 - p.lon_e7) * i64::from(b.lon_e7 - p.lon_e7)
                + i64::from(a.lat_e7 - p.lat_e7) * i64::from(b.lat_e7 - p.lat_e7);
            cross == 0 && dot <= 0
        })
    })
}
