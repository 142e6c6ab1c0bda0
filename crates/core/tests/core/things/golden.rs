//! The golden journal of things: every kind of event of whistles and mediations as this release writes it, folded for ever.
//!
//! The file is written once, by `JINGWEI_WRITE_GOLDEN=1`, and never again: when an event changes, its version goes up and
//! the old file still has to fold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jingwei_core::access::{Acting, Role};
use jingwei_core::id::{PersonId, UnitId};
use jingwei_core::mediation::{
    Mediation, MediationCommand, MediationEvent, PartyRole, Performance, SessionOutcome,
};
use jingwei_core::things::{Decided, Thing, ThingEvent as _};
use jingwei_core::time::Timestamp;
use jingwei_core::whistles::{
    Rating, Task, TaskOutcome, Whistle, WhistleCommand, WhistleEvent, WhistleKind, WhistleOutcome,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Told;
use super::mediation::{agree, opened, party};
use super::whistles::blow;
use crate::support::{demo, sealed, unit, who};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    aggregate: String,
    id: Uuid,
    kind: String,
    v: u32,
    at: Timestamp,
    person: Option<PersonId>,
    role: Role,
    unit: Option<UnitId>,
    payload: String,
}

fn rows<T: Thing>(id: Uuid, log: &[(Timestamp, Decided<T::Event>)]) -> Vec<Row> {
    log.iter()
        .map(|(at, step)| Row {
            aggregate: T::AGGREGATE.to_owned(),
            id,
            kind: step.event.kind().to_owned(),
            v: step.event.kind_version(),
            at: *at,
            person: step.by.person,
            role: step.by.role,
            unit: step.by.unit,
            payload: String::from_utf8(step.event.payload()).expect("JSON"),
        })
        .collect()
}

fn whistle() -> Vec<Row> {
    let (officer, gas, fire) = (who("officer-hlx"), unit("SL-GAS-1"), unit("SL-FIRE-YA"));
    let mut told = Told::<Whistle>::new(demo());
    told.id = Uuid::from_u128(1);
    told.does(
        &officer,
        &blow(WhistleKind::Emergency, "510116111001", &[gas, fire]),
    );
    told.does(
        &who("gas-1"),
        &WhistleCommand::Answer {
            unit: gas,
            by: None,
        },
    );
    let no = WhistleCommand::Refuse {
        unit: fire,
        reason: sealed("no"),
    };
    told.does(&who("fire-ya"), &no);
    let order = WhistleCommand::Instruct {
        unit: fire,
        by: told.now.plus_ms(60_000),
        words: sealed("go"),
    };
    told.does(&who("chief-sl"), &order);
    let arrive = WhistleCommand::Arrive {
        unit: gas,
        metres: Some(7),
    };
    told.does(&who("gas-1"), &arrive);
    told.fires();
    let task = Task {
        unit: gas,
        text: sealed("do"),
    };
    told.does(&officer, &WhistleCommand::Tasks(vec![task]));
    let done = WhistleCommand::Finish {
        unit: gas,
        outcome: TaskOutcome::Partly,
        result: sealed("done"),
    };
    told.does(&who("gas-1"), &done);
    let release = WhistleCommand::Release {
        unit: fire,
        reason: sealed("go"),
    };
    told.does(&officer, &release);
    let close = WhistleCommand::Close {
        outcome: WhistleOutcome::Partly,
        note: Some(sealed("note")),
    };
    told.does(&officer, &close);
    let rate = WhistleCommand::Rate {
        unit: gas,
        level: Rating::Basic,
    };
    told.does(&officer, &rate);
    told.fires();
    rows::<Whistle>(told.id, &told.log)
}

fn mediations() -> Vec<Row> {
    let police = who("police-hlx");
    let two = || {
        vec![
            party(PartyRole::Party, true),
            party(PartyRole::Party, false),
        ]
    };
    let leave = |party| MediationCommand::Withdraw {
        party,
        reason: sealed("leaves"),
    };
    let mut told = opened(two());
    told.id = Uuid::from_u128(2);
    told.does(&police, &MediationCommand::Consent { party: 2 });
    told.does(
        &police,
        &MediationCommand::AddParty(party(PartyRole::Party, true)),
    );
    told.does(&police, &leave(3));
    let session = MediationCommand::SetSession {
        at: told.now,
        place: sealed("where"),
    };
    told.does(&police, &session);
    let held = MediationCommand::HoldSession {
        session: 1,
        outcome: SessionOutcome::Continues,
        note: Some(sealed("note")),
    };
    told.does(&police, &held);
    let longer = MediationCommand::Extend {
        consented: true,
        reason: sealed("why"),
    };
    told.does(&police, &longer);
    told.fires();
    let today = told.now.local_day();
    told.does(&police, &agree(today, today.next()));
    told.does(
        &police,
        &MediationCommand::AskCourt {
            jointly: true,
            on: None,
        },
    );
    let court = MediationCommand::AnswerCourt {
        confirmed: true,
        note: None,
    };
    told.does(&police, &court);
    told.fires();
    let check = MediationCommand::CheckPerformance {
        result: Performance::Not,
        note: Some(sealed("note")),
        perform_by: None,
    };
    told.does(&police, &check);
    let mut all = rows::<Mediation>(told.id, &told.log);
    let mut failed = opened(two());
    failed.id = Uuid::from_u128(3);
    let appoint = MediationCommand::Appoint {
        unit: unit("HLX-POLST"),
        person: Some(sealed("mediator")),
    };
    failed.does(&who("officer-hlx"), &appoint);
    let reason = sealed("too far apart");
    failed.does(&police, &MediationCommand::Fail { reason });
    all.extend(rows::<Mediation>(failed.id, &failed.log));
    let mut lapsed = opened(vec![party(PartyRole::Party, true); 2]);
    lapsed.id = Uuid::from_u128(4);
    let today = lapsed.now.local_day();
    lapsed.does(&police, &agree(today, today.next()));
    lapsed.fires();
    lapsed.fires();
    all.extend(rows::<Mediation>(lapsed.id, &lapsed.log));
    all
}

fn file(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/things")
        .join(format!("{version}.jsonl"))
}

fn read(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file)
        .unwrap_or_else(|e| panic!("{} cannot be read: {e}", file.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a row"))
        .collect()
}

fn fold<T: Thing>(rows: &[Row]) -> BTreeMap<Uuid, Option<T>> {
    let mut things: BTreeMap<Uuid, Option<T>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.aggregate == T::AGGREGATE) {
        let event = T::Event::read(&row.kind, row.v, row.payload.as_bytes())
            .unwrap_or_else(|e| panic!("{}@{}: {e}", row.kind, row.v));
        assert_eq!(
            String::from_utf8(event.payload()).as_deref(),
            Ok(row.payload.as_str()),
            "read back to its bytes"
        );
        let by = Acting {
            person: row.person,
            role: row.role,
            unit: row.unit,
        };
        T::apply(
            things.entry(row.id).or_default(),
            row.id,
            &event,
            by,
            row.at,
        );
    }
    things
}

#[test]
fn the_golden_journals_of_things_fold_for_ever() {
    let mut versions = 0;
    for entry in std::fs::read_dir(file("0").parent().expect("a folder")).expect("the folder") {
        let file = entry.expect("a file").path();
        let version = file.file_stem().expect("a name").to_string_lossy();
        let rows = read(&file);
        let folded = (fold::<Whistle>(&rows), fold::<Mediation>(&rows));
        insta::assert_json_snapshot!(format!("golden-things-{version}"), folded);
        versions += 1;
    }
    assert!(
        versions > 0,
        "the journal of the first release that has things stays"
    );
}

#[test]
fn the_golden_journal_of_this_release_holds_every_kind_of_event_of_things() {
    let file = file(env!("CARGO_PKG_VERSION"));
    if std::env::var_os("JINGWEI_WRITE_GOLDEN").is_some() && !file.exists() {
        let told = [whistle(), mediations()].concat();
        let lines: Vec<String> = told
            .iter()
            .map(|row| serde_json::to_string(row).expect("JSON"))
            .collect();
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(&file, lines.join("\n") + "\n").expect("the file is written");
    }
    let rows = read(&file);
    let seen: BTreeSet<(&str, &str, u32)> = rows
        .iter()
        .map(|row| (row.aggregate.as_str(), row.kind.as_str(), row.v))
        .collect();
    let kinds = WhistleEvent::KINDS
        .iter()
        .map(|(kind, v)| (Whistle::AGGREGATE, *kind, *v))
        .chain(
            MediationEvent::KINDS
                .iter()
                .map(|(kind, v)| (Mediation::AGGREGATE, *kind, *v)),
        );
    for kind in kinds {
        assert!(seen.contains(&kind), "{kind:?} is not in it");
    }
    let unknown = WhistleEvent::read("hummed", 1, b"{}");
    assert!(
        unknown.is_err(),
        "a kind of a newer program is refused by name"
    );
}
