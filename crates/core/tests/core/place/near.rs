//! The units nearest to a point.

use jingwei_core::code::UnitKind;
use jingwei_core::directory::{Candidate, Directory, nearest_units};
use jingwei_core::place::Point;
use proptest::prelude::*;

use crate::support::{by_the_bridge, clock, demo, directory_with};

fn codes(found: &[Candidate<'_>]) -> Vec<String> {
    found
        .iter()
        .map(|c| c.unit.row.code.as_str().to_owned())
        .collect()
}

fn kind(text: &str) -> UnitKind {
    UnitKind::parse(text).expect("a kind")
}

#[test]
fn the_nearest_come_first_whether_on_duty_or_not() {
    // By day the post of the next community is on duty; at night it is nearest all the same, and shown as off duty.
    let baima = Point::from_degrees(103.9541, 30.3390).expect("a point");
    for (time, on_duty) in [("10:00:00", true), ("23:00:00", false)] {
        let found = nearest_units(demo(), baima, Some(&kind("GRID")), clock(time), 3, 100_000);
        assert_eq!(
            codes(&found),
            ["HLX-GRID-003", "HLX-GRID-004", "HLX-GRID-005"]
        );
        assert_eq!(found[0].on_duty, on_duty, "{time}");
        assert_eq!(found[0].metres, Some(15));
    }
}

#[test]
fn the_county_does_not_matter_and_the_distance_does() {
    let luding = Point::from_degrees(102.2330, 29.9120).expect("a point");
    let near = |most_m| {
        codes(&nearest_units(
            demo(),
            luding,
            Some(&kind("GAS")),
            clock("10:00:00"),
            9,
            most_m,
        ))
    };
    assert_eq!(near(1_000), ["LD-GAS"]);
    assert_eq!(
        near(1_000_000),
        ["LD-GAS", "SL-GAS-1", "SL-GAS-2"],
        "another county's come after"
    );
    let all = nearest_units(demo(), by_the_bridge(), None, clock("10:00:00"), 2, 300);
    assert_eq!(codes(&all), ["HLX-GRID-001", "HLX-HEADGRID"]);
}

#[test]
fn a_unit_that_takes_no_orders_or_has_no_base_is_not_near_and_ties_go_by_code() {
    let base = by_the_bridge();
    let changed = directory_with(|row| match row.code.as_str() {
        "HLX-GRID-001" => row.active = false,
        "HLX-HEADGRID" => row.base = None,
        "HLX-CGC" | "HLX-POLST" | "SL-EMB" => row.base = Some(base),
        _ => {}
    });
    let found = nearest_units(&changed, base, None, clock("10:00:00"), 9, 0);
    assert_eq!(codes(&found), ["HLX-CGC", "HLX-POLST", "SL-EMB"]);
    assert!(found.iter().all(|c| c.metres == Some(0)));
}

proptest! {
    #[test]
    fn the_answer_is_what_a_walk_over_all_units_finds(
        lon in 102.0_f64..104.5,
        lat in 29.5_f64..31.0,
        most in 0_usize..40,
        most_m in 0_u32..300_000,
    ) {
        let at = Point::from_degrees(lon, lat).expect("a point");
        let found = nearest_units(demo(), at, None, clock("10:00:00"), most, most_m);
        let mut due: Vec<(u32, String)> = Directory::units(demo())
            .filter_map(|unit| Some((unit.row.base?.metres_to(at), unit.row.code.as_str().to_owned())))
            .filter(|(metres, _)| *metres <= most_m)
            .collect();
        due.sort();
        due.truncate(most);
        let found: Vec<(u32, String)> = found
            .iter()
            .map(|c| (c.metres.expect("a distance"), c.unit.row.code.as_str().to_owned()))
            .collect();
        prop_assert_eq!(found, due);
    }
}
