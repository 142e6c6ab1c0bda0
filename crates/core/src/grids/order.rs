//! The order in which serials are given inside a community: west to east, north to south (GB/T 30428.1).

use crate::place::{Point, Shape};

/// Positions of the shapes in the order of their serials: rows from north to south, in a row from west to east.
///
/// A row is as high as the shapes are on average: whatever has its middle within that height below the northernmost one left
/// belongs to one row. Ties go by the point itself, so that the order never depends on that in which the shapes came.
pub fn serial_order(shapes: &[&Shape]) -> Vec<usize> {
    let middles: Vec<Point> = shapes.iter().map(|shape| shape.bounds().middle()).collect();
    let heights: i64 = shapes
        .iter()
        .map(|shape| {
            let bounds = shape.bounds();
            i64::from(bounds.north) - i64::from(bounds.south)
        })
        .sum();
    let height = heights / i64::try_from(shapes.len().max(1)).unwrap_or(i64::MAX) / 2;
    let mut left: Vec<usize> = (0..shapes.len()).collect();
    left.sort_by_key(|&i| (std::cmp::Reverse(middles[i].lat_e7), middles[i].lon_e7, i));
    let mut order = Vec::with_capacity(left.len());
    let mut rest = left.as_slice();
    while let Some(&first) = rest.first() {
        let lowest = i64::from(middles[first].lat_e7) - height;
        let end = rest
            .iter()
            .position(|&i| i64::from(middles[i].lat_e7) < lowest)
            .unwrap_or(rest.len());
        let (row, after) = rest.split_at(end);
        let mut row = row.to_vec();
        row.sort_by_key(|&i| (middles[i].lon_e7, std::cmp::Reverse(middles[i].lat_e7), i));
        order.extend(row);
        rest = after;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Polygon;

    fn square(column: i32, row: i32) -> Shape {
        let at = |x: i32, y: i32| Point {
            lon_e7: (column + x) * 1_000,
            lat_e7: (row + y) * 1_000,
        };
        Shape::new([Polygon {
            outer: vec![at(0, 0), at(1, 0), at(1, 1), at(0, 1)],
            holes: vec![],
        }])
        .expect("a square")
    }

    #[test]
    fn serials_run_west_to_east_and_north_to_south() {
        let shapes: Vec<Shape> = [(2, 0), (0, 1), (1, 0), (0, 0), (1, 1), (2, 1)]
            .map(|(column, row)| square(column, row))
            .to_vec();
        let order = serial_order(&shapes.iter().collect::<Vec<_>>());
        assert_eq!(order, [1, 4, 5, 3, 2, 0], "the northern row first");
    }
}
