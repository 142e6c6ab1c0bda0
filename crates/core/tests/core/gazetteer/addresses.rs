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
