//! PL-b: a partition has no gap and no overlap, what is wrong is found with its area and place, and borders that were
//! meant to be one become one.

use jingwei_core::place::overlay::union;
use jingwei_core::place::quality::{Problem, ProblemKind, QualityRules, problems};
use jingwei_core::place::snap::snap;
use jingwei_core::place::valid::check;
use jingwei_core::place::{Bounds, Point, Polygon, Ring, Shape};
use proptest::prelude::*;

use super::made::{CELL, at, partition};

const RULES: QualityRules = QualityRules {
    sliver_m: 2.0,
    least_m2: 50.0,
};
/// Units that make 2 m and a little more, north; east a little less.
const TOLERANCE: i32 = 181;

fn shape(outer: Ring) -> Shape {
    Shape::new([Polygon {
        outer,
        holes: vec![],
    }])
    .expect("a shape")
}

fn square(x: i32, y: i32, wide: i32, high: i32) -> Shape {
    let (x, y) = (1_040_000_000 + x, 305_000_000 + y);
    shape(vec![
        at(x, y),
        at(x + wide, y),
        at(x + wide, y + high),
        at(x, y + high),
    ])
}

fn found(outline: Option<&Shape>, pieces: &[Shape]) -> Vec<Problem> {
    problems(outline, &pieces.iter().collect::<Vec<_>>(), &RULES)
}

fn outline_of(pieces: &[Shape]) -> Shape {
    union(&pieces.iter().collect::<Vec<_>>()).expect("pieces")
}

/// The box around the pieces, without any vertex between its corners.
fn box_around(pieces: &[Shape]) -> Shape {
    let b = pieces
        .iter()
        .map(Shape::bounds)
        .reduce(Bounds::and)
        .expect("pieces");
    shape(vec![
        at(b.west, b.south),
        at(b.east, b.south),
        at(b.east, b.north),
        at(b.west, b.north),
    ])
}

/// The pieces drawn again by somebody else: every vertex of every piece a little beside where it was, differently for
/// each piece, and here and there one more in the middle of an edge.
fn redrawn(pieces: Vec<Shape>, jitter: &[(i32, i32, u8)]) -> Vec<Shape> {
    let mut jitter = jitter.iter().cycle();
    let mut beside = |p: Point| {
        let (x, y, more) = jitter.next().expect("it goes round");
        (at(p.lon_e7 + x, p.lat_e7 + y), *more == 0)
    };
    let mut draw = |ring: &Ring| -> Ring {
        let mut drawn = Ring::new();
        for i in 0..ring.len() {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            let (p, more) = beside(a);
            drawn.push(p);
            if more {
                let middle = at(
                    i32::midpoint(a.lon_e7, b.lon_e7),
                    i32::midpoint(a.lat_e7, b.lat_e7),
                );
                drawn.push(beside(middle).0);
            }
        }
        drawn
    };
    pieces
        .iter()
        .map(|piece| shape(draw(&piece.polygons()[0].outer)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_partition_has_no_problem(pieces in partition(4, 3)) {
        prop_assert_eq!(found(None, &pieces), vec![]);
        prop_assert_eq!(found(Some(&outline_of(&pieces)), &pieces), vec![]);
        prop_assert_eq!(found(Some(&box_around(&pieces)), &pieces), vec![]);
    }

    /// A piece taken away is a gap with its shape, a piece twice is an overlap, a piece beyond the outline lies
    /// outside.
    #[test]
    fn what_is_wrong_is_found_whole(pieces in partition(4, 3), which in 0..12_usize) {
        let outline = outline_of(&pieces);
        let piece = pieces[which].clone();
        let mut less = pieces.clone();
        less.remove(which);
        let gaps = found(Some(&outline), &less);
        prop_assert_eq!(gaps.iter().map(|p| (p.kind, &p.shape)).collect::<Vec<_>>(), [(ProblemKind::Gap, &piece)]);
        prop_assert!((gaps[0].area_m2 - piece.area_m2()).abs() < 1e-3);
        // Its neighbours, by the cells around it: those that share an edge or a corner.
        let (column, row) = (which % 4, which / 4);
        let near = |i: &usize| i % 4 + 1 >= column && i % 4 <= column + 1 && i / 4 + 1 >= row && i / 4 <= row + 1;
        let around: Vec<usize> =
            (0..12).filter(|i| *i != which && near(i)).map(|i| if i > which { i - 1 } else { i }).collect();
        prop_assert_eq!(&gaps[0].pieces, &around);
        let mut more = pieces.clone();
        more.push(piece.clone());
        let overlaps = found(Some(&outline), &more);
        prop_assert_eq!(overlaps.len(), 1);
        prop_assert_eq!((overlaps[0].kind, &overlaps[0].shape), (ProblemKind::Overlap, &piece));
        prop_assert_eq!(&overlaps[0].pieces, &[which, 12]);
        let inner = outline_of(&less);
        let outside = found(Some(&inner), &pieces);
        prop_assert_eq!(outside.len(), 1);
        prop_assert_eq!((outside[0].kind, &outside[0].shape), (ProblemKind::Outside, &piece));
        prop_assert_eq!(&outside[0].pieces, &[which]);
    }

    /// Two drawings of one partition, apart by less than the tolerance, become one without gap and overlap.
    #[test]
    fn drawings_that_differ_by_less_than_the_tolerance_become_one(
        pieces in partition(4, 3),
        jitter in prop::collection::vec((-40..=40, -40..=40, 0..3_u8), 997),
    ) {
        let (outline, corners) = (outline_of(&pieces), box_around(&pieces));
        let drawn = redrawn(pieces, &jitter);
        prop_assert!(!found(None, &drawn).is_empty() || !found(Some(&outline), &drawn).is_empty(), "they do differ");
        for fixed in [None, Some(&outline), Some(&corners)] {
            let fixed_list: Vec<&Shape> = fixed.into_iter().collect();
            let snapped = snap(drawn.clone(), &fixed_list, 2.0);
            prop_assert!(snapped.moved > 0 && snapped.stayed.is_empty());
            prop_assert_eq!(found(fixed, &snapped.pieces), vec![], "{}", fixed.is_some());
            for piece in &snapped.pieces {
                prop_assert_eq!(check(piece.polygons().to_vec()).faults, vec![]);
            }
            // No vertex is further away than twice the tolerance.
            for (before, after) in drawn.iter().zip(&snapped.pieces) {
                for p in before.rings().flatten() {
                    let apart = |q: &Point| (p.lon_e7 - q.lon_e7).abs().max((p.lat_e7 - q.lat_e7).abs());
                    let near = after.rings().flatten().any(|q| apart(q) <= 2 * TOLERANCE);
                    prop_assert!(near, "{:?} is gone", p);
                }
            }
            // Once snapped, there is nothing to snap.
            let again = snap(snapped.pieces.clone(), &fixed_list, 2.0);
            prop_assert_eq!((again.pieces, again.moved), (snapped.pieces, 0));
        }
    }
}

#[test]
fn problems_by_example() {
    let two = |gap: i32| [square(0, 0, CELL, CELL), square(CELL + gap, 0, CELL, CELL)];
    let outline = |gap: i32| square(0, 0, 2 * CELL + gap, CELL);
    let kinds = |problems: &[Problem]| problems.iter().map(|p| p.kind.as_str()).collect::<Vec<_>>();
    // 500 units are 4.8 m on the ground at 30.5° N, 100 are 0.96 m.
    let gap = found(Some(&outline(500)), &two(500));
    assert_eq!(kinds(&gap), ["gap"]);
    assert!((gap[0].width_m - 4.8).abs() < 0.1, "{} m", gap[0].width_m);
    assert!(
        (gap[0].area_m2 - 4.8 * 1_109.0).abs() < 20.0,
        "{} m²",
        gap[0].area_m2
    );
    assert_eq!(gap[0].pieces, [0, 1]);
    assert_eq!(
        kinds(&found(Some(&outline(100)), &two(100))),
        ["sliver"],
        "narrower than 2 m"
    );
    assert_eq!(
        kinds(&found(Some(&outline(1)), &two(1))),
        [""; 0],
        "a unit is rounding"
    );
    assert_eq!(kinds(&found(None, &two(500))), [""; 0], "not enclosed");
    let overlap = found(Some(&outline(-500)), &two(-500));
    assert_eq!(
        (kinds(&overlap), &overlap[0].pieces),
        (vec!["overlap"], &vec![0, 1])
    );
    assert_eq!(kinds(&found(Some(&outline(-100)), &two(-100))), ["sliver"]);
    // 600 by 600 units are 38 m²: too small to be meant.
    let dot = square(0, 0, 600, 600);
    assert_eq!(kinds(&found(Some(&dot), &[])), ["sliver"]);
    let outside = found(Some(&square(0, 0, CELL, CELL)), &two(0));
    assert_eq!(
        (kinds(&outside), &outside[0].pieces),
        (vec!["outside"], &vec![1])
    );
    assert_eq!(
        kinds(&found(Some(&outline(0)), &[])),
        ["gap"],
        "no piece at all"
    );
    assert_eq!(found(None, &[]), vec![]);
}

/// A ring of pieces encloses a gap; an island in it is no gap.
#[test]
fn an_enclosed_gap_without_outline() {
    let side = CELL;
    let pieces = [
        square(0, 0, 3 * side, side),
        square(0, 2 * side, 3 * side, side),
        square(0, side, side, side),
        square(2 * side, side, side, side),
    ];
    let gaps = found(None, &pieces);
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        (gaps[0].kind, &gaps[0].shape),
        (ProblemKind::Gap, &square(side, side, side, side))
    );
    assert_eq!(gaps[0].pieces, [0, 1, 2, 3]);
    let mut pieces = pieces.to_vec();
    let island = square(side + side / 4, side + side / 4, side / 2, side / 2);
    pieces.push(island.clone());
    let gaps = found(None, &pieces);
    assert_eq!(gaps.len(), 1);
    assert!(
        (gaps[0].area_m2 + island.area_m2() - square(side, side, side, side).area_m2()).abs()
            < 1e-3
    );
    assert_eq!(gaps[0].pieces, [0, 1, 2, 3, 4]);
}

#[test]
fn snapping_by_example() {
    // A vertex of the right piece lies 0.96 m beside the long edge of the left one: it is put into it.
    let left = square(0, 0, CELL, 2 * CELL);
    let right = [
        square(CELL + 100, 0, CELL, CELL),
        square(CELL, CELL, CELL, CELL),
    ];
    let snapped = snap(
        vec![left.clone(), right[0].clone(), right[1].clone()],
        &[],
        2.0,
    );
    assert_eq!(snapped.pieces[0].vertices(), 5);
    assert_eq!(found(None, &snapped.pieces), vec![]);
    let outline = square(0, 0, 2 * CELL, 2 * CELL);
    assert_eq!(
        found(
            Some(&outline),
            &snap(snapped.pieces, &[&outline], 2.0).pieces
        ),
        vec![]
    );
    // A fixed neighbour stands still, and what is narrower than the tolerance stays as it was.
    let thin = square(-100, 0, 100, CELL);
    let snapped = snap(
        vec![thin.clone(), square(CELL + 50, 0, CELL, 2 * CELL)],
        &[&left],
        2.0,
    );
    assert_eq!((&snapped.pieces[0], &snapped.stayed), (&thin, &vec![0]));
    assert_eq!(snapped.pieces[1], square(CELL, 0, CELL + 50, 2 * CELL));
    assert_eq!(snapped.moved, 2);
    // Nothing within reach, no tolerance, nothing at all.
    let apart = vec![square(0, 0, 9_000, 9_000), square(20_000, 0, 9_000, 9_000)];
    assert_eq!(snap(apart.clone(), &[], 2.0).pieces, apart);
    assert_eq!(
        snap(vec![left.clone(), right[0].clone()], &[], f64::NAN).moved,
        0
    );
    assert_eq!(snap(vec![], &[&left], 2.0).pieces, vec![]);
}
