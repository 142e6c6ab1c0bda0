//! Golden journals: one file for each release, folded for ever.
//!
//! A journal that a release wrote has to be read by every later one, with the same states. The file of the present release
//! is written once, by `JINGWEI_WRITE_GOLDEN=1`, and never again: when an event changes, its version goes up and the old
//! file still has to fold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jingwei_core::access::{Acting, Principal, Role};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, CaseState, Classing, ClockKind, NewOrder, Part, Report, Source, apply,
};
use jingwei_core::directory::{DirectoryEvent, Imported, PasswordSet, Relaxed, TableName};
use jingwei_core::id::{CaseId, ImportId, PersonId, UnitId};
use jingwei_core::plain::Unreadable;
use jingwei_core::rules::Urgency;
use jingwei_core::sealed::{Digest, Sealed, XCHACHA20_POLY1305};
use jingwei_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::support::{
    Story, by_the_bridge, class, clock, demo, division, p_gas, person_id, unit, who,
};

/// One row of a golden journal: what the fold needs of a journal row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldenRow {
    /// The case; none for an event of the directory.
    case: Option<CaseId>,
    /// Kind of the event.
    kind: String,
    /// Version of the kind.
    v: u32,
    /// Journal time.
    at: Timestamp,
    /// By whom.
    by: By,
    /// The payload: its exact bytes as text.
    payload: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    person: Option<PersonId>,
    role: Role,
    unit: Option<UnitId>,
}

/// What a journal folds to.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Folded {
    cases: BTreeMap<CaseId, CaseState>,
    imports: Vec<Imported>,
    passwords: Vec<PersonId>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn read_journal(file: &Path) -> Vec<GoldenRow> {
    let text = std::fs::read_to_string(file)
        .unwrap_or_else(|e| panic!("{} cannot be read: {e}", file.display()));
    text.lines()
        .zip(1..)
        .map(|(line, i)| {
            serde_json::from_str(line)
                .unwrap_or_else(|e| panic!("{} line {i}: {e}", file.display()))
        })
        .collect()
}

fn fold(rows: &[GoldenRow]) -> Folded {
    let mut folded = Folded::default();
    let mut cases: BTreeMap<CaseId, Option<CaseState>> = BTreeMap::new();
    for row in rows {
        let bytes = row.payload.as_bytes();
        if let Some(id) = row.case {
            let event = CaseEvent::read(&row.kind, row.v, bytes)
                .unwrap_or_else(|e| panic!("{}@{}: {e}", row.kind, row.v));
            let by = Acting {
                person: row.by.person,
                role: row.by.role,
                unit: row.by.unit,
            };
            apply(cases.entry(id).or_default(), id, &event, by, row.at);
        } else {
            let event = DirectoryEvent::read(&row.kind, row.v, bytes)
                .unwrap_or_else(|e| panic!("{}@{}: {e}", row.kind, row.v));
            match event {
                DirectoryEvent::Imported(imported) => folded.imports.push(imported),
                DirectoryEvent::PasswordSet(set) => folded.passwords.push(set.person),
            }
        }
    }
    for (id, case) in cases {
        let case = case.unwrap_or_else(|| panic!("{id} folds to nothing"));
        folded.cases.insert(id, case);
    }
    folded
}

#[test]
fn every_golden_journal_folds_to_its_states() {
    let mut versions = BTreeSet::new();
    for entry in std::fs::read_dir(folder()).expect("the folder of golden journals") {
        let file = entry.expect("an entry").path();
        if file.extension().is_some_and(|ext| ext == "jsonl") {
            let version = file.file_stem().expect("a name").to_string_lossy();
            insta::assert_json_snapshot!(format!("golden-{version}"), fold(&read_journal(&file)));
            versions.insert(version.into_owned());
        }
    }
    assert!(
        versions.contains("0.1.0"),
        "the journal of the first release stays: {versions:?}"
    );
}

#[test]
fn the_golden_journal_of_this_release_holds_every_kind_and_reads_back_to_its_bytes() {
    let file = folder().join(concat!(env!("CARGO_PKG_VERSION"), ".jsonl"));
    if std::env::var_os("JINGWEI_WRITE_GOLDEN").is_some() && !file.exists() {
        let lines: Vec<String> = told()
            .iter()
            .map(|row| serde_json::to_string(row).expect("a row is written"))
            .collect();
        std::fs::write(&file, lines.join("\n") + "\n").expect("the file is written");
    }
    assert!(
        file.exists(),
        "{} is missing: write it once with JINGWEI_WRITE_GOLDEN=1",
        file.display()
    );
    let rows = read_journal(&file);
    let mut seen: BTreeSet<(String, u32)> = BTreeSet::new();
    for row in &rows {
        let bytes = row.payload.as_bytes();
        let (again, kind, v) = if row.case.is_some() {
            let event = CaseEvent::read(&row.kind, row.v, bytes).expect("readable");
            (event.payload(), event.kind(), event.kind_version())
        } else {
            let event = DirectoryEvent::read(&row.kind, row.v, bytes).expect("readable");
            (event.payload(), event.kind(), event.kind_version())
        };
        assert_eq!((kind, v), (row.kind.as_str(), row.v));
        assert_eq!(
            String::from_utf8(again).expect("text"),
            row.payload,
            "{kind}: the same bytes"
        );
        seen.insert((row.kind.clone(), row.v));
    }
    let kinds = CaseEvent::KINDS.iter().chain(DirectoryEvent::KINDS);
    let due: BTreeSet<(String, u32)> = kinds.map(|(k, v)| ((*k).to_owned(), *v)).collect();
    assert_eq!(seen, due, "every kind is in the golden journal");
    assert!(
        rows.is_sorted_by_key(|row| row.at),
        "journal time never goes back"
    );
}

#[test]
fn what_no_release_wrote_is_not_read() {
    let rows = read_journal(&folder().join("0.1.0.jsonl"));
    let filed = rows.iter().find(|row| row.kind == "filed").expect("filed");
    let read = |kind: &str, v, payload: &str| CaseEvent::read(kind, v, payload.as_bytes());
    assert!(read("filed", 1, &filed.payload).is_ok());
    assert_eq!(
        read("filed", 99, &filed.payload),
        Err(Unreadable::Kind("filed".to_owned(), 99))
    );
    assert_eq!(
        read("exploded", 1, &filed.payload),
        Err(Unreadable::Kind("exploded".to_owned(), 1))
    );
    for (broken, why) in [
        (
            filed.payload.replace("\"serial\":17", "\"serial\":-1"),
            "out of its type",
        ),
        (
            filed.payload.replace("\"serial\"", "\"sequence\""),
            "another field",
        ),
        (
            filed.payload.replace("RQ-2026", "RQ+2026"),
            "no case number",
        ),
        (filed.payload.replace('}', ""), "cut off"),
    ] {
        assert_ne!(broken, filed.payload, "{why}");
        assert!(
            matches!(read("filed", 1, &broken), Err(Unreadable::Payload(_))),
            "{why}"
        );
    }
}

/// Sealed bytes as the vault makes them, but that the key is not one.
fn sealed<T>(text: &str) -> Sealed<T> {
    let mut bytes = vec![XCHACHA20_POLY1305];
    bytes.extend([0x5a; 24]);
    bytes.extend(text.bytes().map(|byte| byte ^ 0xa5));
    Sealed::from_bytes(bytes)
}

fn report(source: Source, class_code: Option<&str>, full: bool) -> CaseCommand {
    CaseCommand::Report(Box::new(Report {
        source,
        classing: Classing {
            class: class_code.map(class),
            ..Classing::default()
        },
        place: division("510116111001"),
        words: sealed("smoke by the bridge"),
        contact: full.then(|| sealed("a telephone number")),
        position: full.then(|| (sealed("a position"), by_the_bridge())),
        receipt: full.then_some(Digest([0xab; 32])),
    }))
}

/// The stories of the golden journal: a case closed the long way, one refused, one voided, and an import.
fn told() -> Vec<GoldenRow> {
    let mut rows = vec![imported(), password_set()];
    for story in [refused(), voided(), closed()] {
        rows.extend(story.log.iter().map(|(at, step)| GoldenRow {
            case: Some(story.id),
            kind: step.event.kind().to_owned(),
            v: step.event.kind_version(),
            at: *at,
            by: By {
                person: step.by.person,
                role: step.by.role,
                unit: step.by.unit,
            },
            payload: String::from_utf8(step.event.payload()).expect("JSON is text"),
        }));
    }
    rows.sort_by_key(|row| row.at);
    rows
}

fn imported() -> GoldenRow {
    let event = DirectoryEvent::Imported(Imported {
        import: ImportId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001)),
        table: TableName::People,
        digest: Digest([0xcd; 32]),
        rows: 29,
        relaxed: vec![Relaxed {
            person: person_id("officer-hlx"),
            a: Role::DutyChief,
            b: Role::Dispatcher,
        }],
    });
    GoldenRow {
        case: None,
        kind: event.kind().to_owned(),
        v: event.kind_version(),
        at: clock("08:00:00"),
        by: By {
            person: Some(person_id("admin-sl")),
            role: Role::Administrator,
            unit: Some(unit("SL-CGC")),
        },
        payload: String::from_utf8(event.payload()).expect("JSON is text"),
    }
}

fn password_set() -> GoldenRow {
    let event = DirectoryEvent::PasswordSet(PasswordSet {
        person: person_id("officer-hlx"),
    });
    GoldenRow {
        case: None,
        kind: event.kind().to_owned(),
        v: event.kind_version(),
        at: clock("08:01:00"),
        by: By {
            person: None,
            role: Role::System,
            unit: None,
        },
        payload: String::from_utf8(event.payload()).expect("JSON is text"),
    }
}

fn refused() -> Story<'static> {
    let mut story = Story::new(demo(), 101);
    story.at("09:00:00");
    story.does(&Principal::Resident, &report(Source::Resident, None, true));
    story
        .at("09:01:00")
        .does(&who("officer-hlx"), &CaseCommand::Refuse(sealed("a test")));
    story
}

fn voided() -> Story<'static> {
    let mut story = Story::new(demo(), 102);
    let officer = who("officer-hlx");
    story.at("09:10:00");
    story.does(&officer, &report(Source::Desk, Some("RQ04"), false));
    story.at("09:11:00").does(
        &officer,
        &CaseCommand::Accept(Classing {
            urgency: Some(Urgency::Low),
            ..Classing::default()
        }),
    );
    story
        .at("09:12:00")
        .does(&officer, &CaseCommand::File(None));
    let orders = vec![
        NewOrder {
            unit: unit("SL-GAS-2"),
            part: Part::Lead,
        },
        NewOrder {
            unit: unit("SL-UMB"),
            part: Part::Cc,
        },
    ];
    story.at("09:13:00").does(
        &who("dispatcher-sl"),
        &CaseCommand::Dispatch {
            plan: None,
            orders,
            under: None,
        },
    );
    story.at("09:20:00").does(
        &officer,
        &CaseCommand::Void {
            granted: true,
            reason: sealed("reported twice"),
        },
    );
    story
}

fn closed() -> Story<'static> {
    let mut story = Story::new(demo(), 103);
    let (officer, reporter) = (who("officer-hlx"), who("grid-hl1"));
    story.does(&reporter, &report(Source::Phone, Some("RQ"), true));
    story
        .at("10:00:30")
        .does(&officer, &CaseCommand::ReturnForInfo(sealed("where?")));
    story
        .at("10:00:50")
        .does(&reporter, &CaseCommand::SupplyInfo(sealed("north side")));
    story.at("10:01:00").does(
        &officer,
        &CaseCommand::Accept(Classing {
            class: Some(class("RQ01")),
            urgency: Some(Urgency::High),
            ..Classing::default()
        }),
    );
    story
        .at("10:01:10")
        .does(&officer, &CaseCommand::File(None));
    story
        .at("10:01:20")
        .does(&officer, &CaseCommand::DispatchByPlan(p_gas()));
    let (gas, fire) = (story.order_id("SL-GAS-1"), story.order_id("SL-FIRE-HLX"));
    story
        .at("10:01:40")
        .does(&who("gas-1"), &CaseCommand::Acknowledge(gas));
    let late = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(fire)));
    story.at("10:02:20").does(&Principal::System, &late);
    story
        .at("10:02:30")
        .does(&who("inspector-sl"), &CaseCommand::Remind(None));
    story.at("10:02:50").does(
        &officer,
        &CaseCommand::AcknowledgeFor {
            order: fire,
            told_at: clock("10:02:40"),
            whom: sealed("the shift leader"),
            reason: sealed("the unit has no phone of ours"),
        },
    );
    story.at("10:03:00").does(
        &officer,
        &CaseCommand::AddUnit {
            order: NewOrder {
                unit: unit("SL-GAS-2"),
                part: Part::Cc,
            },
            reason: sealed("to stand by"),
        },
    );
    let there = CaseCommand::Arrive {
        order: gas,
        at: Some(by_the_bridge()),
    };
    story.at("10:05:00").does(&who("gas-1"), &there);
    let hand_in = |story: &mut Story<'_>, account: &str, code: &str| {
        let order = story.order_id(code);
        let result = sealed("done");
        story.does(&who(account), &CaseCommand::FeedBack { order, result });
    };
    story.at("10:06:00");
    for (account, code) in [
        ("gas-1", "SL-GAS-1"),
        ("fire-ya", "SL-FIRE-YA"),
        ("grid-hl1", "HLX-GRID-001"),
        ("police-hlx", "HLX-POLST"),
    ] {
        hand_in(&mut story, account, code);
    }
    let check = |passed, note: &str, orders| CaseCommand::Verify {
        passed,
        note: Some(sealed(note)),
        orders,
    };
    let verifier = who("verifier-hlx");
    story
        .at("10:20:00")
        .does(&verifier, &check(false, "it still smells", vec![gas]));
    hand_in(story.at("10:40:00"), "gas-1", "SL-GAS-1");
    story
        .at("10:50:00")
        .does(&verifier, &check(true, "nothing smelled", Vec::new()));
    story
        .at("11:00:00")
        .does(&who("chief-sl"), &CaseCommand::Close);
    story
}
