//! Random acts on random land, day after day: whatever happens, the grid of a point on a day that has begun is the same for
//! ever, codes are never given twice, and land that was divided stays divided.

use std::collections::{HashMap, HashSet};

use jingwei_core::grids::{Act, Join, Layer, Split, Withdraw};
use jingwei_core::place::{Point, Shape, overlay};
use jingwei_core::time::Day;
use proptest::prelude::*;

use super::{Land, day, land};

/// What is tried on a day: an act, on the grids with these numbers, so many days ahead.
#[derive(Debug, Clone)]
struct Step {
    act: u8,
    numbers: (usize, usize),
    cut: (i32, i32),
    ahead: u8,
    days: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (
        0..4_u8,
        (0..64_usize, 0..64_usize),
        (1..99_i32, 1..99_i32),
        0..3_u8,
        0..3_u8,
    )
        .prop_map(|(act, numbers, cut, ahead, days)| Step {
            act,
            numbers,
            cut,
            ahead,
            days,
        })
}

/// A line through a grid, from beyond its box to beyond it.
fn cut(shape: &Shape, (a, b): (i32, i32)) -> Vec<Point> {
    let bounds = shape.bounds();
    let at = |part: i32| bounds.west + (bounds.east - bounds.west) / 100 * part;
    vec![
        Point {
            lon_e7: at(a),
            lat_e7: bounds.south - 5_000,
        },
        Point {
            lon_e7: at(b),
            lat_e7: bounds.north + 5_000,
        },
    ]
}

fn act(step: &Step, land: &Land) -> Option<Act> {
    let standing = land.standing();
    let code = standing
        .get(step.numbers.0 % standing.len().max(1))?
        .clone();
    Some(match step.act {
        0 | 1 => Act::Split(Split {
            line: cut(land.shape(&code), step.cut),
            code,
            names: vec![],
        }),
        2 => {
            let other = standing[step.numbers.1 % standing.len()].clone();
            Act::Join(Join {
                codes: vec![code, other],
                name: None,
            })
        }
        _ => Act::Withdraw(Withdraw { code }),
    })
}

fn after(day: Day, days: u8) -> Day {
    (0..days).fold(day, |day, _| day.next())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_grid_of_a_point_on_a_day_never_changes_afterwards(
        grids in 2..10_u32, seed: u64, steps in prop::collection::vec(step(), 1..14),
        points in prop::collection::vec((0..200_000_i32, 0..200_000_i32), 24),
    ) {
        let first = day("2026-11-20");
        let mut land = Land::divided(grids, seed, first);
        let corner = super::land().bounds();
        let points: Vec<Point> = points.iter().map(|(x, y)| Point { lon_e7: corner.west + x, lat_e7: corner.south + y }).collect();
        let mut seen: HashMap<(usize, i32), Option<String>> = HashMap::new();
        for step in &steps {
            if let Some(act) = act(step, &land) {
                let from = after(land.today, step.ahead);
                let _ = land.act(&act, from);
            }
            let memory = land.grids();
            let mut day = first;
            while day <= land.today {
                for (i, point) in points.iter().enumerate() {
                    let found = memory.at(Layer::Base, *point, day).map(|grid| grid.code().to_owned());
                    let before = seen.entry((i, day.0)).or_insert_with(|| found.clone());
                    prop_assert_eq!(&*before, &found, "point {} on {} after {:?}", i, day, step);
                }
                day = day.next();
            }
            land.today = after(land.today, step.days);
        }
        // Codes belong to one grid, and a grid's versions follow one another without a day of two.
        let mut owner = HashMap::new();
        for row in &land.rows {
            prop_assert_eq!(*owner.entry(row.code.as_str()).or_insert(row.id), row.id);
        }
        for row in &land.rows {
            let others = land.rows.iter().filter(|other| other.id == row.id && other.version != row.version);
            for other in others {
                let apart = row.valid_to.is_some_and(|to| to < other.valid_from) || other.valid_to.is_some_and(|to| to < row.valid_from);
                prop_assert!(apart, "{:?} and {:?}", row.valid_from, other.valid_from);
            }
        }
    }

    #[test]
    fn split_and_joined_again_is_the_same_land(grids in 2..8_u32, seed: u64, number in 0..8_usize, at in (1..99_i32, 1..99_i32)) {
        let mut land = Land::divided(grids, seed, day("2026-11-20"));
        let standing = land.standing();
        let code = standing[number % standing.len()].clone();
        let before = land.shape(&code).clone();
        let split = Act::Split(Split { line: cut(&before, at), code: code.clone(), names: vec![] });
        let Ok(change) = land.act(&split, day("2026-11-21")) else { return Ok(()) };
        let parts: Vec<_> = change.rows.iter().filter(|row| row.valid_to.is_none()).collect();
        let sum: f64 = parts.iter().map(|row| row.shape.area_m2()).sum();
        // The ends of the cut lie on whole units of about a centimetre, on borders of about 3 km.
        prop_assert!((sum - before.area_m2()).abs() < 30.0, "{} and {}", sum, before.area_m2());
        for (i, a) in parts.iter().enumerate() {
            for b in &parts[i + 1..] {
                prop_assert_eq!(overlay::intersection(&a.shape, &b.shape), None, "parts overlap nowhere");
            }
        }
        let codes = parts.iter().map(|row| row.code.clone()).collect();
        let joined = land.act(&Act::Join(Join { codes, name: None }), day("2026-11-22")).expect("they touch");
        let whole = joined.rows.iter().find(|row| row.valid_to.is_none()).expect("the whole");
        prop_assert!((whole.shape.area_m2() - sum).abs() < 0.001, "{} and {}", whole.shape.area_m2(), sum);
    }

    #[test]
    fn a_divided_community_has_no_gap_no_overlap_and_its_serials_in_order(grids in 1..40_u32, seed: u64) {
        let divided = Land::divided(grids, seed, day("2026-11-20"));
        let shapes: Vec<&Shape> = divided.rows.iter().map(|row| &row.shape).collect();
        prop_assert_eq!(shapes.len(), grids as usize);
        let sum: f64 = shapes.iter().map(|shape| shape.area_m2()).sum();
        prop_assert!((sum - land().area_m2()).abs() < 0.01);
        let rules = jingwei_core::place::quality::QualityRules { sliver_m: 1.0, least_m2: 0.0 };
        let problems = jingwei_core::place::quality::problems(Some(&land()), &shapes, &rules);
        prop_assert!(problems.is_empty(), "{} problems", problems.len());
        let mut rows: Vec<_> = divided.rows.iter().collect();
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        let codes: HashSet<&str> = rows.iter().map(|row| row.code.as_str()).collect();
        prop_assert_eq!(codes.len(), rows.len());
        for pair in rows.windows(2) {
            let (a, b) = (pair[0].shape.bounds().middle(), pair[1].shape.bounds().middle());
            prop_assert!(b.lon_e7 >= a.lon_e7 || b.lat_e7 <= a.lat_e7, "east of it, or in a row further south");
        }
    }
}
