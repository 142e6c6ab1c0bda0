//! Rings without an order to outer rings and their holes.
//!
//! A Shapefile lists the rings of a feature and leaves it to their direction which are holes; many programs write the
//! direction wrong. What lies in what is never wrong: a ring inside an odd number of others is a hole of the smallest of them.

use std::cmp::Ordering;

use crate::fault::FileFault;
use crate::meter::Meter;
use crate::numbers::bounds;

type Ring = Vec<[f64; 2]>;

/// Groups rings into polygons, the outer ring first, in the order in which the outer rings came.
pub(super) fn group(rings: Vec<Ring>, meter: &mut Meter<'_>) -> Result<Vec<Vec<Ring>>, FileFault> {
    if rings.len() < 2 {
        return Ok(rings.into_iter().map(|ring| vec![ring]).collect());
    }
    let boxes: Vec<[f64; 4]> = rings
        .iter()
        .map(|ring| bounds(ring.iter().copied()))
        .collect();
    let areas: Vec<f64> = rings.iter().map(|ring| area(ring)).collect();
    // The largest first: what holds a ring comes before it.
    let mut order: Vec<usize> = (0..rings.len()).collect();
    order.sort_by(|&a, &b| areas[b].total_cmp(&areas[a]));
    // For each ring how many hold it, and the smallest that does.
    let mut held = vec![(0_usize, None); rings.len()];
    for (place, &ring) in order.iter().enumerate() {
        meter.work(place)?;
        for &other in &order[..place] {
            if holds(boxes[other], boxes[ring]) && lies_in(&rings[ring], &rings[other], meter)? {
                held[ring] = (held[ring].0 + 1, Some(other));
            }
        }
    }
    let hole_of = |ring: usize| held[ring].1.filter(|_| held[ring].0 % 2 == 1);
    let mut polygon_at = vec![None; rings.len()];
    let mut polygons = Vec::new();
    let mut holes = Vec::new();
    for (i, ring) in rings.into_iter().enumerate() {
        match hole_of(i) {
            Some(outer) => holes.push((outer, ring)),
            None => {
                polygon_at[i] = Some(polygons.len());
                polygons.push(vec![ring]);
            }
        }
    }
    for (outer, hole) in holes {
        // The holder of a hole is itself held by an even number: it is an outer ring. Rings that cross may break that; then
        // the ring stands for itself and the quality of the shape is judged where it comes in.
        match polygon_at[outer] {
            Some(at) => polygons[at].push(hole),
            None => polygons.push(vec![hole]),
        }
    }
    Ok(polygons)
}

fn holds(outer: [f64; 4], inner: [f64; 4]) -> bool {
    outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3]
}

/// Twice the area without its sign.
fn area(ring: &[[f64; 2]]) -> f64 {
    let Some(&origin) = ring.first() else {
        return 0.0;
    };
    let from = |p: [f64; 2]| (p[0] - origin[0], p[1] - origin[1]);
    let sum: f64 = ring
        .windows(2)
        .map(|two| {
            let ((ax, ay), (bx, by)) = (from(two[0]), from(two[1]));
            ax * by - bx * ay
        })
        .sum();
    sum.abs()
}

/// Whether a ring lies in another: told by its first point, or middle of a side, that is not on the other's border.
fn lies_in(
    ring: &[[f64; 2]],
    other: &[[f64; 2]],
    meter: &mut Meter<'_>,
) -> Result<bool, FileFault> {
    let middles = ring.windows(2).map(|two| {
        [
            f64::midpoint(two[0][0], two[1][0]),
            f64::midpoint(two[0][1], two[1][1]),
        ]
    });
    for point in ring.iter().copied().chain(middles) {
        meter.work(other.len())?;
        match locate(point, other) {
            Ordering::Less => return Ok(true),
            Ordering::Greater => return Ok(false),
            Ordering::Equal => {}
        }
    }
    Ok(false)
}

/// Inside (less), on the border (equal) or outside (greater).
fn locate(p: [f64; 2], ring: &[[f64; 2]]) -> Ordering {
    let mut inside = false;
    let closing = ring
        .last()
        .zip(ring.first())
        .map(|(&last, &first)| [last, first]);
    let sides = ring.windows(2).map(|two| [two[0], two[1]]).chain(closing);
    for [a, b] in sides {
        let cross = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
        let between =
            |axis: usize| a[axis].min(b[axis]) <= p[axis] && p[axis] <= a[axis].max(b[axis]);
        if cross == 0.0 && between(0) && between(1) {
            return Ordering::Equal;
        }
        // Half-open, so that a corner on the ray counts once.
        if (a[1] > p[1]) != (b[1] > p[1]) && ((cross > 0.0) == (b[1] > a[1])) {
            inside = !inside;
        }
    }
    if inside {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn square(x: f64, y: f64, side: f64) -> Ring {
        vec![
            [x, y],
            [x, y + side],
            [x + side, y + side],
            [x + side, y],
            [x, y],
        ]
    }

    fn grouped(rings: &[Ring]) -> Vec<usize> {
        let limits = Limits::default();
        let polygons = group(rings.to_vec(), &mut Meter::new(&limits)).expect("grouped");
        polygons.iter().map(Vec::len).collect()
    }

    #[test]
    fn holes_find_their_outer_rings() {
        let (outer, hole, island) = (
            square(0.0, 0.0, 10.0),
            square(1.0, 1.0, 8.0),
            square(2.0, 2.0, 3.0),
        );
        let beside = square(10.0, 0.0, 5.0);
        assert_eq!(
            grouped(&[outer.clone(), hole.clone(), island.clone(), beside.clone()]),
            [2, 1, 1]
        );
        assert_eq!(
            grouped(&[hole, island, beside, outer.clone()]),
            [1, 1, 2],
            "in any order"
        );
        let touching = vec![[0.0, 5.0], [5.0, 0.0], [10.0, 5.0], [5.0, 10.0], [0.0, 5.0]];
        assert_eq!(
            grouped(&[outer.clone(), touching]),
            [2],
            "all corners on the border"
        );
        assert_eq!(
            grouped(&[outer.clone(), outer]),
            [1, 1],
            "the same twice is no hole"
        );
        assert!(grouped(&[]).is_empty());
        assert_eq!(grouped(&[vec![], vec![[1.0, 1.0]]]), [1, 1]);
    }

    #[test]
    fn rings_within_rings_without_end_are_refused() {
        let nested = |i: u32| square(f64::from(i), f64::from(i), 10_000.0 - 2.0 * f64::from(i));
        let rings: Vec<Ring> = (0..2_000).map(nested).collect();
        let limits = Limits::default();
        let mut meter = Meter::new(&limits);
        meter.steps_left = 1_000_000;
        let fault = group(rings, &mut meter).expect_err("too much");
        assert_eq!(fault.code, "too_complex");
    }
}
