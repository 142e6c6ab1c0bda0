//! What was acknowledged against what is there: the journal and the rows, read from the database while no server runs, and
//! what a signed-in person is shown, read over HTTP.
//!
//! Must not trust the server's own word for what it did: the ledgers of the clients are the measure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jingwei_core::cases::CaseEvent;
use jingwei_store::cases as case_store;
use jingwei_store::journal;
use jingwei_store::{DatabaseUrl, Db, Result, Tx};
use uuid::Uuid;

use crate::fault::{Fault, Kind};
use crate::http::{Line, request};
use crate::ledger::{Acknowledged, Act};
use crate::server::Program;

const PAGE: i64 = 1_000;

/// An event that a person caused.
struct Event {
    seq: i64,
    case: Uuid,
    version: i64,
    kind: String,
    correlation: Uuid,
    orders: Vec<Uuid>,
}

/// Cases (version and number) and events, as they lie in the database.
#[derive(Default)]
struct Stored {
    cases: HashMap<Uuid, (i64, Option<String>)>,
    twice: Vec<Uuid>,
    events: Vec<Event>,
    /// Case, version and correlation of each row of the journal, also those of the system.
    rows: BTreeMap<i64, (Uuid, i64, Uuid)>,
}

fn read(tx: &mut Tx<'_>) -> Result<Stored> {
    let mut stored = Stored::default();
    let mut after = 0;
    loop {
        let rows = journal::range(tx, after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in rows.into_iter().filter(|row| row.aggregate == "case") {
            stored
                .rows
                .insert(row.seq, (row.aggregate_id, row.version, row.correlation));
            if row.actor.is_none() {
                continue;
            }
            let version = u32::try_from(row.kind_v).unwrap_or(0);
            let orders = match CaseEvent::read(&row.kind, version, &row.payload) {
                Ok(CaseEvent::Dispatched(e)) => e.orders.iter().map(|o| o.id.0).collect(),
                _ => Vec::new(),
            };
            stored.events.push(Event {
                seq: row.seq,
                case: row.aggregate_id,
                version: row.version,
                kind: row.kind,
                correlation: row.correlation,
                orders,
            });
        }
    }
    let mut after = 0;
    loop {
        let rows = case_store::all_after(tx, after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in rows {
            if stored
                .cases
                .insert(row.id, (row.version, row.number))
                .is_some()
            {
                stored.twice.push(row.id);
            }
        }
    }
    Ok(stored)
}

/// Compares the ledgers with the database. `open` is what was sent and not acknowledged: it may be there once, or not.
pub(crate) fn with_database(
    url: &DatabaseUrl,
    ledger: &[Acknowledged],
    open: &[(Uuid, Act)],
) -> Vec<Fault> {
    let readers = Db::open_readers(url, 1).expect("a reader");
    let stored = readers.blocking(read).expect("the database is read");
    let mut faults = Vec::new();
    entries(&stored, ledger, &mut faults);
    counts(&stored, ledger, open, &mut faults);
    numbers(&stored, &mut faults);
    faults
}

/// Each acknowledgement is there as it was said.
fn entries(stored: &Stored, ledger: &[Acknowledged], faults: &mut Vec<Fault>) {
    let mut by_command: HashMap<(Uuid, &str), Vec<&Event>> = HashMap::new();
    for event in &stored.events {
        by_command
            .entry((event.correlation, event.kind.as_str()))
            .or_default()
            .push(event);
    }
    let mut fault = |kind, text| faults.push(Fault::new(kind, text));
    for entry in ledger {
        let what = format!("{} of {}", entry.act.word(), entry.case);
        match stored.cases.get(&entry.case) {
            None => {
                fault(Kind::Missing, format!("{what}: the case is not there"));
                continue;
            }
            Some((version, _)) if *version < entry.version => {
                let text = format!(
                    "{what}: version {} was acknowledged, {version} is there",
                    entry.version
                );
                fault(Kind::Missing, text);
                continue;
            }
            Some((_, number)) if entry.number.is_some() && *number != entry.number => {
                let text = format!(
                    "{what}: number {:?} was acknowledged, {number:?} is there",
                    entry.number
                );
                fault(Kind::Changed, text);
            }
            Some(_) => {}
        }
        let Some(&(case, version, correlation)) = stored.rows.get(&entry.sequence) else {
            let text = format!("{what}: row {} of the journal is not there", entry.sequence);
            fault(Kind::Missing, text);
            continue;
        };
        let done = by_command.get(&(correlation, entry.act.kind()));
        let event = match done.map(Vec::as_slice) {
            Some(&[event]) if (case, version) == (entry.case, entry.version) => event,
            _ => {
                let text = format!(
                    "{what}: row {} of the journal is another event",
                    entry.sequence
                );
                fault(Kind::Changed, text);
                continue;
            }
        };
        if event.case != entry.case || event.seq > entry.sequence || event.version > entry.version {
            fault(
                Kind::Changed,
                format!("{what}: done to another case or later than acknowledged"),
            );
        }
        if entry.act == Act::Dispatch && event.orders != entry.orders {
            fault(
                Kind::Changed,
                format!("{what}: other orders than acknowledged"),
            );
        }
    }
}

/// Each act was done exactly as often as it was acknowledged; at most once more while its request is open.
fn counts(stored: &Stored, ledger: &[Acknowledged], open: &[(Uuid, Act)], faults: &mut Vec<Fault>) {
    // Acknowledged, open, there.
    let mut counts: BTreeMap<(Uuid, &str), (usize, usize, usize)> = BTreeMap::new();
    for entry in ledger {
        counts.entry((entry.case, entry.act.kind())).or_default().0 += 1;
    }
    for (case, act) in open {
        counts.entry((*case, act.kind())).or_default().1 += 1;
    }
    for event in &stored.events {
        counts
            .entry((event.case, event.kind.as_str()))
            .or_default()
            .2 += 1;
    }
    for ((case, kind), (acknowledged, open, there)) in counts {
        let text =
            || format!("{case}: {kind} {there} times, acknowledged {acknowledged}, open {open}");
        if there < acknowledged {
            faults.push(Fault::new(Kind::Missing, text()));
        } else if there > acknowledged + open {
            faults.push(Fault::new(Kind::Doubled, text()));
        }
    }
    for case in stored.twice.iter().map(|id| format!("{id} has two rows")) {
        faults.push(Fault::new(Kind::Doubled, case));
    }
}

fn numbers(stored: &Stored, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for number in stored
        .cases
        .values()
        .filter_map(|(_, number)| number.as_ref())
    {
        if !seen.insert(number) {
            faults.push(Fault::new(
                Kind::Doubled,
                format!("two cases have the number {number}"),
            ));
        }
    }
}

/// Compares the ledgers with the lists that the officer gets, page by page: each case once, with its number, and nothing
/// else. Only for a time at which no request is open.
pub(crate) fn with_lists(program: &Program, token: &str, ledger: &[Acknowledged]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut listed: HashMap<Uuid, (i64, Option<String>)> = HashMap::new();
    let (mut line, mut after) = (Line::new(program.address), String::new());
    loop {
        let path = format!("/api/v1/cases?limit=100{after}");
        let answer = line
            .send(&request("GET", &path, Some(token), None, ""), || {})
            .expect("a page");
        let page = answer.json();
        for item in page["items"].as_array().into_iter().flatten() {
            let id = item["id"].as_str().and_then(|id| id.parse().ok());
            let id: Uuid = id.expect("an id");
            let seen = (
                item["version"].as_i64().unwrap_or(0),
                item["number"].as_str().map(str::to_owned),
            );
            if listed.insert(id, seen).is_some() {
                faults.push(Fault::new(Kind::Doubled, format!("{id} is listed twice")));
            }
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    for entry in ledger {
        match listed.get(&entry.case) {
            Some((version, number))
                if *version >= entry.version
                    && (entry.number.is_none() || *number == entry.number) => {}
            found => faults.push(Fault::new(
                Kind::Missing,
                format!(
                    "{} of {}: the list shows {found:?}",
                    entry.act.word(),
                    entry.case
                ),
            )),
        }
    }
    let known: BTreeSet<Uuid> = ledger.iter().map(|entry| entry.case).collect();
    for id in listed.keys().filter(|id| !known.contains(id)) {
        faults.push(Fault::new(
            Kind::Doubled,
            format!("{id} is listed and was not acknowledged"),
        ));
    }
    faults
}
