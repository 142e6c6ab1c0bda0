//! Rings on the tile's grid: what is left of them when points that say nothing are dropped and the tile's box is cut out.
//!
//! Invariant: whatever is done to a piece of a border depends on that piece alone, not on the ring it is in or the way the ring
//! runs. A point of a straight line can go in one ring and stay in the neighbour's: the line is the same.

use super::{BUFFER, EXTENT, Spot};

/// A ring without its last point.
pub(super) type Ring = Vec<Spot>;

const LEAST: i64 = -BUFFER;
const MOST: i64 = EXTENT + BUFFER;

/// Twice the area of the clipped box.
pub(super) const TWICE_THE_BOX: i64 = 2 * (MOST - LEAST) * (MOST - LEAST);

/// A point drawn in the tile or its buffer.
pub(super) fn within((x, y): Spot) -> bool {
    (LEAST..=MOST).contains(&x) && (LEAST..=MOST).contains(&y)
}

/// Twice the area as the specification reckons it: positive when the ring runs with the clock on the screen.
pub(super) fn twice_area(ring: &[Spot]) -> i64 {
    // Only of clipped rings: their coordinates are small.
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| a.0 * b.1 - b.0 * a.1)
        .sum()
}

/// Drops points that lie twice in a row, that lie exactly between their neighbours, and spikes that go out and come back the
/// same way: what is left encloses the same. Empty when nothing is enclosed.
pub(super) fn tidy(ring: impl IntoIterator<Item = Spot>) -> Ring {
    let mut kept: Ring = Vec::new();
    for spot in ring {
        push(&mut kept, spot);
    }
    // The end may be in line with the beginning: go on around until both are corners.
    let mut start = 0;
    loop {
        let left = kept.len() - start;
        if left < 3 {
            return Vec::new();
        }
        let (first, second) = (kept[start], kept[start + 1]);
        let (before, last) = (kept[kept.len() - 2], kept[kept.len() - 1]);
        if last == first || in_line(before, last, first) {
            kept.pop();
        } else if in_line(last, first, second) {
            start += 1;
        } else {
            break;
        }
    }
    kept.drain(..start);
    kept
}

/// Adds a point and drops what it makes needless.
fn push(kept: &mut Ring, spot: Spot) {
    while let Some(&last) = kept.last() {
        if last == spot {
            return;
        }
        match kept.len().checked_sub(2).map(|i| kept[i]) {
            Some(before) if in_line(before, last, spot) => kept.pop(),
            _ => break,
        };
    }
    kept.push(spot);
}

/// Whether the three lie on one line, in whichever order.
fn in_line(a: Spot, b: Spot, c: Spot) -> bool {
    // Far outside the tile coordinates reach 2^34 units: products need more than 64 bits.
    let cross = i128::from(b.0 - a.0) * i128::from(c.1 - b.1)
        - i128::from(b.1 - a.1) * i128::from(c.0 - b.0);
    cross == 0
}

/// What of a ring lies in the tile and its buffer (Sutherland and Hodgman: one side of the box after the other).
pub(super) fn clip(ring: Ring) -> Ring {
    let flipped = |(x, y): Spot| (y, x);
    let mut ring = ring;
    for side in [LEAST, MOST] {
        ring = cut(&ring, side, side == MOST);
    }
    ring = ring.into_iter().map(flipped).collect();
    for side in [LEAST, MOST] {
        ring = cut(&ring, side, side == MOST);
    }
    let ring = tidy(ring.into_iter().map(flipped));
    // Loops that cancel each other enclose nothing either.
    if twice_area(&ring) == 0 {
        Vec::new()
    } else {
        ring
    }
}

/// What of a ring lies on this side of x = `side`: below it when `below`.
fn cut(ring: &[Spot], side: i64, below: bool) -> Ring {
    let inside = |spot: Spot| {
        if below {
            spot.0 <= side
        } else {
            spot.0 >= side
        }
    };
    let mut out = Vec::with_capacity(ring.len() + 4);
    let Some(&last) = ring.last() else {
        return out;
    };
    let mut before = last;
    for &spot in ring {
        if inside(before) != inside(spot) {
            out.push((side, crossing(before, spot, side)));
        }
        if inside(spot) {
            out.push(spot);
        }
        before = spot;
    }
    out
}

/// Where the line from `a` to `b` meets x = `side`, to the nearest unit. The same whichever end is named first: the
/// neighbour's ring runs the other way.
#[expect(
    clippy::cast_possible_truncation,
    reason = "lies between two numbers of 64 bits"
)]
fn crossing(a: Spot, b: Spot, side: i64) -> i64 {
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    let run = i128::from(b.0 - a.0);
    let rise = i128::from(b.1 - a.1) * i128::from(side - a.0);
    a.1 + (2 * rise + run).div_euclid(2 * run) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_that_say_nothing_go() {
        let square = [(0, 0), (10, 0), (10, 10), (0, 10)];
        let wordy = [
            (5, 0),
            (10, 0),
            (10, 0),
            (10, 10),
            (10, 14),
            (10, 10),
            (4, 10),
            (0, 10),
            (0, 0),
            (3, 0),
        ];
        let mut tidied = tidy(wordy);
        tidied.sort_unstable();
        let mut corners = square.to_vec();
        corners.sort_unstable();
        assert_eq!(tidied, corners);
        assert_eq!(
            tidy([(0, 0), (5, 5), (9, 9)]),
            [],
            "a line encloses nothing"
        );
        assert_eq!(
            tidy([(0, 0), (5, 5), (0, 0), (5, 5)]),
            [],
            "nor does one there and back"
        );
        assert_eq!(tidy([(1, 1)]), []);
    }

    #[test]
    fn a_ring_around_the_tile_becomes_its_box() {
        let far = 1 << 33;
        let ring = clip(vec![(-far, -far), (far, -far), (far, far), (-far, far)]);
        assert_eq!(ring.len(), 4);
        assert_eq!(twice_area(&ring).abs(), TWICE_THE_BOX);
        assert_eq!(
            clip(vec![(5000, 0), (6000, 0), (6000, 100)]),
            [],
            "beside the tile"
        );
    }

    #[test]
    fn a_crossing_is_the_same_from_both_ends() {
        for (a, b) in [
            ((-100, 0), (5000, 777)),
            ((-100, 777), (5000, 0)),
            ((-65, 3), (-63, 4)),
        ] {
            assert_eq!(crossing(a, b, LEAST), crossing(b, a, LEAST));
        }
    }
}
