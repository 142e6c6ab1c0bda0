//! Golden journals: one file for each release, folded for ever.
//!
//! A journal that a release wrote has to be read by every later one, with the same states. The file of the present release
//! is written once, by `JINGWEI_WRITE_GOLDEN=1`, and never again: when an event changes, its version goes up and the old
//! file still has to fold.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jingwei_core::access::{Acting, Role};
use jingwei_core::cases::{CaseEvent, CaseState, apply};
use jingwei_core::directory::{CaughtUp, ClockConfirmed, DirectoryEvent, GridsChanged, Imported};
use jingwei_core::id::{CaseId, PersonId, UnitId};
use jingwei_core::plain::Unreadable;
use jingwei_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use told::told;

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    digests: Vec<CaughtUp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grid_changes: Vec<GridsChanged>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clocks_set: Vec<ClockConfirmed>,
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
                DirectoryEvent::GridsChanged(change) => folded.grid_changes.push(change),
                DirectoryEvent::PasswordSet(set) => folded.passwords.push(set.person),
                DirectoryEvent::CaughtUp(digest) => folded.digests.push(digest),
                DirectoryEvent::ClockConfirmed(set) => folded.clocks_set.push(set),
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
