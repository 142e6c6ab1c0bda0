//! docs/rules.csv, written by hand from the regulation, row by row against the code.
//!
//! A row says: in this `state`, `role` with this `staffing` asks for `act`; `expected` is what the regulation says, `why` is the
//! sentence that says so. Each row is a real story: a case is brought to the state (rules_staging.rs), the actor asks, and the
//! answer is compared. The file is not made from the code: where the two disagree one of them is wrong.
//!
//! `state`: `none` (before the report) or a stage, and after a `/` what is particular about it:
//! - of the case: `small` (a dirty road, closed by the grid, not urgent), `unclassed`, `reachable` (the reporter left a number, so
//!   the class wants a call back), `confidential`, `absorbed` (another report goes on in this one), `void_asked`, `solved` (the
//!   light lane; `handled/solved` is drawn for the audit), `late` (the limit that matters has passed), `again` (worked on again
//!   once already, and closed again), `failed_once` (the check failed once before), `tried_twice` (called back in vain);
//! - of the order that the act is about, which is the lead's: `sent`, `acknowledged`, `arrived`, `fed_back`, `last` (everybody
//!   else has handed in), `nested` (a unit works beneath it), `objected`, `turned_down` (its objection was), `designated`,
//!   `extension_asked`, `extended_twice`, `suspend_asked`, `check_failed`; or another one: `assist`, `told` (cc), `grid` (the
//!   assist goes to the grid post of the place).
//!
//! `act`: a word of acts.csv, after a `/` in what way: `turned_down`, `too_long`, `same_unit`, `ended` and `unknown` (the other
//! case of a merger), `failed`, `dissatisfied`, `no_answer`.
//!
//! `staffing`, words joined by `+`; the actor is somebody fresh with this one role unless it says otherwise:
//! - `full`: everybody else is there; the actor stands at the lowest level of the role (town, for those of a centre);
//! - `level_above`: the actor stands at the county; `passed_up`: the case went to the county; `elsewhere`: another county;
//! - `own_report`: the actor reported it as grid worker; `no_receipt`, `other_receipt`: a resident without, or with another;
//! - `…_by_self`: the actor did this step of the same case (for a moment in the post that does it);
//! - `of_the_unit`: the actor's post is at the lead's unit; `other_unit`: at one that was not sent; `told_unit`: at the one told;
//! - `urgent_plan`: the dispatch is by the plan of the class;
//! - `alone`: one person is officer, chief, dispatcher, verifier and head grid worker of the town, and there is nobody above;
//! - `nobody_above`: the county's posts are empty; `nobody_checks`: no verifier and no grid worker anywhere;
//!   `no_officer_in_town`: the town has no officer, chief or dispatcher.
//!
//! `expected`: `allowed` (taken, and the stage stays), a stage (taken, and the case is there now), or `refused:` with the code
//! of the refusal.

use std::collections::{BTreeMap, BTreeSet};

use jingwei_core::access::{Act, Role};
use jingwei_core::cases::Stage;

use crate::rules_staging::{Scene, Staffing};

const BY_HAND: &str = include_str!("../../../../docs/rules.csv");

const HEADER: &str = "id,state,act,role,staffing,expected,why";

const REFUSALS: [&str; 5] = [
    "refused:forbidden",
    "refused:not_found",
    "refused:wrong_state",
    "refused:separation",
    "refused:invalid",
];

struct Row<'a> {
    id: &'a str,
    state: &'a str,
    act: &'a str,
    role: Role,
    staffing: Staffing,
    expected: &'a str,
}

impl Row<'_> {
    fn is_refused(&self) -> bool {
        self.expected.starts_with("refused:")
    }
}

/// The stage of a state, `none` before the report.
fn stage_of(state: &str) -> &str {
    state.split_once('/').map_or(state, |(stage, _)| stage)
}

fn act_of(act: &str) -> &str {
    act.split_once('/').map_or(act, |(act, _)| act)
}

/// Reads one line; the fault says what is not understood.
fn read(line: &str) -> Result<Row<'_>, String> {
    let fields: Vec<&str> = line.splitn(7, ',').collect();
    let [id, state, act, role, staffing, expected, why] = fields[..] else {
        return Err("seven fields are due".to_owned());
    };
    let (stage, variant) = state.split_once('/').unwrap_or((state, ""));
    if stage != "none" && Stage::parse(stage).is_none() || !Scene::VARIANTS.contains(&variant) {
        return Err(format!("unknown state {state}"));
    }
    if Act::parse(act_of(act)).is_none() {
        return Err(format!("unknown act {act}"));
    }
    if expected != "allowed" && Stage::parse(expected).is_none() && !REFUSALS.contains(&expected) {
        return Err(format!("unknown expectation {expected}"));
    }
    if why.trim_matches('"').len() < 10 {
        return Err("the rule is not named".to_owned());
    }
    Ok(Row {
        id,
        state,
        act,
        role: Role::parse(role).ok_or_else(|| format!("unknown role {role}"))?,
        staffing: Staffing::parse(staffing).ok_or_else(|| format!("unknown words {staffing}"))?,
        expected,
    })
}

fn rows() -> Vec<Row<'static>> {
    let mut lines = BY_HAND.lines();
    assert_eq!(lines.next(), Some(HEADER));
    let (rows, faults): (Vec<_>, Vec<_>) = lines
        .map(|line| read(line).map_err(|fault| format!("{fault}: {line}")))
        .partition(Result::is_ok);
    let faults: Vec<String> = faults.into_iter().filter_map(Result::err).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    rows.into_iter().filter_map(Result::ok).collect()
}

/// What the code answers to a row.
fn answer(row: &Row<'_>) -> Result<String, String> {
    let mut scene = Scene::bring(row.state, &row.staffing);
    let before = scene.story.state.as_ref().map(|case| case.stage);
    if let (Some(stage), word) = (before, stage_of(row.state))
        && stage.as_str() != word
    {
        return Err(format!("the story came to {stage}, not to {word}"));
    }
    let (act, how) = row.act.split_once('/').unwrap_or((row.act, ""));
    scene.prepare(act, how);
    let by = scene.actor(row.role);
    let command = scene
        .command(act, how)
        .ok_or_else(|| format!("nobody knows how to ask for {}", row.act))?;
    Ok(match scene.story.ask(&by, &command) {
        Err(refusal) => format!("refused:{}", refusal.code()),
        Ok(decided) => {
            scene.story.fold(&decided, None);
            let after = scene.story.case().stage;
            if before == Some(after) && row.expected == "allowed" {
                "allowed".to_owned()
            } else {
                after.as_str().to_owned()
            }
        }
    })
}

#[test]
fn every_row_of_the_hand_written_table_is_what_the_code_does() {
    let mut differences = Vec::new();
    for row in rows() {
        match answer(&row) {
            Ok(found) if found == row.expected => {}
            Ok(found) => differences.push(format!(
                "{} {} {} {} {:?}: {} by hand, {found} by the code",
                row.id, row.state, row.act, row.role, row.staffing, row.expected
            )),
            Err(fault) => differences.push(format!("{}: {fault}", row.id)),
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_hand_written_table_covers_every_act_and_every_state() {
    let rows = rows();
    assert!(rows.len() >= 150, "{} rows", rows.len());
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), rows.len(), "an id stands twice");
    let asked: BTreeSet<(&str, &str, Role, String)> = rows
        .iter()
        .map(|row| (row.state, row.act, row.role, format!("{:?}", row.staffing)))
        .collect();
    assert_eq!(asked.len(), rows.len(), "a question is asked twice");

    for act in Act::ALL {
        let of_act = || rows.iter().filter(|row| act_of(row.act) == act.as_str());
        assert!(
            of_act().any(|row| !row.is_refused()),
            "{act} is never taken"
        );
        assert!(of_act().any(Row::is_refused), "{act} is never refused");
    }
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *states.entry(stage_of(row.state)).or_default() += 1;
    }
    for state in Stage::ALL.iter().map(|s| s.as_str()).chain(["none"]) {
        let times = states.get(state).copied().unwrap_or_default();
        assert!(times >= 5, "{state} has {times} rows");
    }
    for role in Role::ALL {
        assert!(rows.iter().any(|row| row.role == *role), "{role}");
    }
    for word in Staffing::WORDS {
        assert!(rows.iter().any(|row| row.staffing.says(word)), "{word}");
    }
    for variant in Scene::VARIANTS {
        let at = |state: &str| state.split_once('/').map_or("", |(_, variant)| variant) == variant;
        assert!(rows.iter().any(|row| at(row.state)), "{variant}");
    }
    let refused = rows.iter().filter(|row| row.is_refused()).count();
    assert!(refused >= 60, "{refused} refusals");
    for code in REFUSALS {
        let times = rows.iter().filter(|row| row.expected == code).count();
        assert!(times >= 5, "{code} has {times} rows");
    }
}

#[test]
fn a_row_that_nobody_understands_is_a_fault() {
    let good = "1,reported,accept,duty_officer,full,accepted,DOMAIN 3.1: the officer accepts";
    assert!(read(good).is_ok());
    for (word, other) in [
        ("reported", "forgotten"),
        ("reported", "reported/somehow"),
        ("accept,", "agree,"),
        ("duty_officer", "duty_cook"),
        ("full", "full+moon"),
        ("accepted", "refused"),
        ("accepted", "refused:because"),
        ("DOMAIN 3.1: the officer accepts", "so"),
    ] {
        let bad = good.replacen(word, other, 1);
        let is_stage = other == "refused";
        assert_eq!(read(&bad).is_ok(), is_stage, "{bad}");
    }
}
