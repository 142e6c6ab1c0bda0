//! docs/rules.csv, which is written by hand from the regulation, against the code: each row is told as a real story.
//!
//! A row names a state, an act, a role, the staffing (or another circumstance), what is expected and why. `expected` is
//! `allowed`, `refused:<code>`, or the stage that the act leads to. `role` is `role` or `role@level`; without a level it is
//! held at the town, or where the table has it held at the lowest.

mod asked;
mod printed;
mod staged;

use std::collections::{BTreeMap, BTreeSet};

use jingwei_core::access::{Act, Role};
use jingwei_core::cases::{CaseState, Stage};
use jingwei_core::refusal::Refusal;

use asked::{actor, command};
use staged::Stage0;

const RULES: &str = include_str!("../../../../../docs/rules.csv");

/// One row.
#[derive(Debug, Clone, Copy)]
struct Row {
    id: &'static str,
    state: &'static str,
    act: &'static str,
    role: &'static str,
    staffing: &'static str,
    expected: &'static str,
    why: &'static str,
}

fn rows() -> Vec<Row> {
    let mut lines = RULES.lines();
    assert_eq!(
        lines.next(),
        Some("id,state,act,role,staffing,expected,why")
    );
    lines
        .map(|line| {
            let cells: Vec<&'static str> = line.splitn(7, ',').collect();
            let [id, state, act, role, staffing, expected, why] = cells[..] else {
                panic!("seven columns are due: {line}");
            };
            Row {
                id,
                state,
                act,
                role,
                staffing,
                expected,
                why,
            }
        })
        .collect()
}

/// What the code makes of a row.
fn outcome(row: &Row) -> String {
    let staged = Stage0::of(row);
    let mut story = staged.story();
    let by = actor(row, &story);
    let command = command(row, &mut story);
    let case = story.case.state.as_ref();
    assert_eq!(
        case.map_or("none", |case| case.stage.as_str()),
        row.state,
        "{}: the story comes to the state of the row",
        row.id
    );
    match story.case.ask(&by, &command) {
        Ok(decided) => {
            story.case.fold(&decided, None);
            story.case.case().stage.as_str().to_owned()
        }
        Err(refusal) => format!("refused:{}", code_of(&refusal)),
    }
}

fn code_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Invalid(faults) => faults[0].code,
        Refusal::HandledAbove(..) => "handled_above",
        Refusal::ClosesAbove(_) => "closes_above",
        other => other.code(),
    }
}

#[test]
fn the_code_does_what_the_regulation_says_row_by_row() {
    let mut wrong = Vec::new();
    for row in rows() {
        let outcome = outcome(&row);
        let as_expected = match row.expected {
            "allowed" => !outcome.starts_with("refused:"),
            expected => outcome == expected,
        };
        if !as_expected {
            wrong.push(format!("{row:?}: {outcome}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rows_are_many_sound_and_reach_every_act_state_and_role() {
    let rows = rows();
    assert!(rows.len() >= 150, "{} rows", rows.len());
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), rows.len(), "each id once");
    let mut by_act: BTreeMap<Act, (u32, u32)> = BTreeMap::new();
    for row in &rows {
        let act = Act::parse(row.act).unwrap_or_else(|| panic!("{row:?}"));
        let (role, _) = row.role.split_once('@').unwrap_or((row.role, ""));
        assert!(role == "resident" || Role::parse(role).is_some(), "{row:?}");
        let named = ["none"].contains(&row.state) || Stage::parse(row.state).is_some();
        assert!(named, "{row:?}");
        let sources = [
            "DOMAIN ",
            "DESIGN ",
            "issue 3",
            "role",
            "acts.csv",
            "settings.csv",
        ];
        assert!(
            sources.iter().any(|source| row.why.starts_with(source)),
            "a row cites its rule: {row:?}"
        );
        let counts = by_act.entry(act).or_default();
        match row.expected.starts_with("refused:") {
            true => counts.1 += 1,
            false => counts.0 += 1,
        }
    }
    let thin: Vec<String> = Act::ALL
        .iter()
        .map(|act| (act, by_act.get(act).copied().unwrap_or_default()))
        .filter(|(_, (taken, refused))| *taken == 0 || *refused == 0)
        .map(|(act, (taken, refused))| format!("{act}: {taken} taken, {refused} refused"))
        .collect();
    assert!(thin.is_empty(), "{thin:?}");
    for stage in Stage::ALL {
        assert!(
            rows.iter().any(|row| row.state == stage.as_str()),
            "{stage}"
        );
    }
    for role in Role::ALL.iter().filter(|role| role.is_post()) {
        assert!(
            rows.iter()
                .any(|row| row.role.split('@').next() == Some(role.as_str())),
            "{role}"
        );
    }
}

/// A story with the second case that a row may need.
struct Staged<'d> {
    case: crate::support::Story<'d>,
    other: Option<CaseState>,
}
