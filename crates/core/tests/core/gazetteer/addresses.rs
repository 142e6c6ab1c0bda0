//! Written addresses as people write them, and what they mean: tests/data/addresses.csv.

use std::collections::BTreeSet;

use jingwei_core::directory::gazetteer::Reason;
use jingwei_core::rules::table::{Row, Table};

use super::{code, found};

/// What of a row is not as the table says.
fn fault(row: Row<'_>) -> Option<String> {
    let (text, within) = (row.text("text"), row.text("within"));
    let due: BTreeSet<String> = row.list("first").map(str::to_owned).collect();
    let found = found(text, within, 40);
    let first: BTreeSet<String> = found.iter().take(due.len().max(1)).map(code).collect();
    let agree = |reason: Reason| {
        found
            .iter()
            .take(due.len())
            .all(|candidate| candidate.reasons.contains(&reason))
    };
    let outside = found
        .iter()
        .find(|candidate| code(candidate) == row.text("outside"))
        .map(|candidate| candidate.reasons.contains(&Reason::Outside));
    let fault = if first != due {
        format!("the first is {first:?} and not {due:?}")
    } else if due.len() > 1 && !agree(Reason::Ambiguous) {
        "the first are not said to be as good as each other".to_owned()
    } else if !due.is_empty() && agree(Reason::Outside) {
        "the first is outside".to_owned()
    } else if found
        .first()
        .is_some_and(|first| first.rest != row.text("rest"))
    {
        format!("the rest is {:?}", found[0].rest)
    } else if !row.text("outside").is_empty() && outside != Some(true) {
        format!(
            "{} is not marked as outside: {outside:?}",
            row.text("outside")
        )
    } else {
        return None;
    };
    Some(format!("line {} {text} ({within}): {fault}", row.line))
}

#[test]
fn each_written_address_means_what_the_table_says() {
    let mut faults = Vec::new();
    let table = Table::read(
        "addresses.csv",
        include_str!("../../data/addresses.csv"),
        &mut faults,
    );
    assert_eq!(faults, []);
    let wrong: Vec<String> = table.rows().filter_map(fault).collect();
    assert!(table.rows().count() > 100);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_road_hints_at_the_community_it_is_called_after() {
    let found = found("黄龙溪镇古佛路8号", "", 5);
    let codes: Vec<String> = found.iter().map(code).collect();
    assert_eq!(codes, ["510116111", "510116111002"]);
    assert_eq!(found[1].rest, "古佛路8号");
    assert_eq!(found[1].reasons, [Reason::Road, Reason::InsideNamed]);
    assert_eq!(
        super::found("古佛路8号", "510116111", 5),
        [],
        "no hint without its town or county"
    );
}
