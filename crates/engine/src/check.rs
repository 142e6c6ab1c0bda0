//! `check`: proves that the rows are what the journal says.
//!
//! Reads in pages, so that memory is bounded by one case and one page, whatever the size. What it compares:
//! 1. the journal has no gap, its time never goes back, every event can be read, the head names its last row;
//! 2. each case folded again from its events is the stored state, and its rows, orders and timers follow from it; so is each
//!    thing beside the cases, with its units and timers;
//! 3. the stock is the recount of the cases; flow and serials are what the events add up to; no case has been given the
//!    number of another (the schema holds that);
//! 4. each import's content has the digest of its event, and folding the imports gives the directory;
//! 5. positions in the open are those sealed in the journal, every sealed value opens, and each row says who did it in which
//!    role. That nobody wrote the whole anew, rows and journal together, is for the proofs of a later issue.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jingwei_core::access::{Acting, Role};
use jingwei_core::cases::{AcknowledgedHow, CaseEvent, CaseState};
use jingwei_core::directory::{DirectoryEvent, PlaceRow};
use jingwei_core::grids::{GridRow, OutlineRow};
use jingwei_core::id::{CaseId, GridId, NodeId, PersonId, UnitId};
use jingwei_core::time::Timestamp;
use jingwei_store::cases::{self as case_store, CaseRow};
use jingwei_store::journal::{self, Head, JournalRow};
use jingwei_store::{
    DatabaseUrl, Db, StoreError, Tx, directory as directory_store, figures, grids as grid_store,
    node, rules, things as thing_store, timers,
};
use uuid::Uuid;

use crate::check_things::{check_things, rewritten};
use crate::directory::{Content, digest_of_parts, digest_of_rules, unpack};
use crate::error::Result;
use crate::grids::rows as grid_rows;
use crate::node::Node;
use crate::projection;
use crate::random::OsRandom;
use crate::vault::Vault;
use crate::world;

pub(crate) const PAGE: i64 = 1_000;
/// Faults after which the search ends: the rest would be the same.
const ENOUGH: usize = 100;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Rows of the journal read.
    pub rows: u64,
    /// Cases folded.
    pub cases: u64,
    /// Things beside cases folded.
    pub things: u64,
    /// Imports folded.
    pub imports: u64,
    /// What is wrong, one line each; empty when all is well.
    pub faults: Vec<String>,
}

impl CheckReport {
    pub(crate) fn fault(&mut self, text: String) {
        if self.faults.len() < ENOUGH {
            self.faults.push(text);
        }
    }
}

impl Node {
    /// Checks everything in one snapshot. Blocking. `progress` hears of rows done.
    pub fn check(&self, progress: impl Fn(u64) + Send + 'static) -> Result<CheckReport> {
        let shared = std::sync::Arc::clone(&self.shared);
        self.readers
            .blocking(move |tx| check(tx, &shared.vault, shared.node, &progress))
    }
}

/// Checks what lies in a data folder and a database, without writing anything and beside a running node. Blocking.
pub fn check_data(
    data: &Path,
    database: &DatabaseUrl,
    progress: impl Fn(u64) + Send + 'static,
) -> Result<CheckReport> {
    let vault = Vault::open_reading(data, Arc::new(OsRandom))?;
    let readers = Db::open_readers(database, 1)?;
    readers.blocking(move |tx| {
        let node = node::read(tx)?
            .ok_or_else(|| StoreError::Open("there is no node in this database".to_owned()))?;
        check(tx, &vault, NodeId(node.id), &progress)
    })
}

fn check(
    tx: &mut Tx<'_>,
    vault: &Vault,
    node: NodeId,
    progress: &dyn Fn(u64),
) -> Result<CheckReport> {
    let mut report = CheckReport::default();
    let (events_of_cases, events_of_things) = check_journal(tx, &mut report, progress)?;
    let mut counted = Counted::default();
    check_cases(tx, vault, node, &mut report, &mut counted, progress)?;
    if events_of_cases != counted.events {
        report.fault(format!(
            "the journal has {events_of_cases} events of cases, the cases have {}",
            counted.events
        ));
    }
    let of_things = check_things(tx, vault, node, &mut report, progress)?;
    if events_of_things != of_things {
        report.fault(format!(
            "the journal has {events_of_things} events of things, the things have {of_things}"
        ));
    }
    check_timers(tx, &mut report)?;
    check_stock(tx, &mut report)?;
    check_counted(tx, counted, &mut report)?;
    check_directory(tx, &mut report)?;
    Ok(report)
}

/// What the events of all cases add up to.
#[derive(Default)]
struct Counted {
    events: u64,
    figures: projection::Figures,
    serials: BTreeMap<(String, i64), i64>,
}

/// Order and readability of the whole journal; answers how many events are of cases, and of things beside them.
fn check_journal(
    tx: &mut Tx<'_>,
    report: &mut CheckReport,
    progress: &dyn Fn(u64),
) -> Result<(u64, u64)> {
    let (mut seq, mut at, mut of_cases, mut of_things) = (0, 0, 0, 0);
    let head = journal::head(tx)?;
    loop {
        let rows = journal::range(tx, seq, PAGE)?;
        let Some(last) = rows.last() else { break };
        let end = last.seq;
        for row in &rows {
            if row.seq != seq + 1 {
                report.fault(format!("journal: after row {seq} comes row {}", row.seq));
            }
            if row.at < at {
                report.fault(format!(
                    "journal: row {} is earlier than the row before",
                    row.seq
                ));
            }
            (seq, at) = (row.seq, row.at);
            check_frame(row, head.as_ref(), report);
            let version = u32::try_from(row.kind_v).unwrap_or(0);
            let readable = match row.aggregate.as_str() {
                "case" => {
                    of_cases += 1;
                    CaseEvent::read(&row.kind, version, &row.payload).map(|event| event.payload())
                }
                aggregate => match rewritten(aggregate, &row.kind, version, &row.payload) {
                    Some(readable) => {
                        of_things += 1;
                        readable
                    }
                    None => DirectoryEvent::read(&row.kind, version, &row.payload)
                        .map(|event| event.payload()),
                },
            };
            // What was written is what the event is written as, to the byte.
            if readable
                .as_ref()
                .is_ok_and(|written| *written != row.payload)
            {
                report.fault(format!(
                    "journal: the payload of row {} is not as its event is written",
                    row.seq
                ));
            }
            if let Err(error) = readable {
                report.fault(format!("journal: row {}: {error}", row.seq));
            }
        }
        report.rows += rows.len() as u64;
        progress(report.rows);
        seq = end;
    }
    match head {
        Some(head) if head.seq == seq => {}
        Some(head) => report.fault(format!(
            "the head names row {}, the last one is {seq}",
            head.seq
        )),
        None => report.fault("the journal has no head".to_owned()),
    }
    Ok((of_cases, of_things))
}

/// What a row says beside its payload: node, epoch, and who in which role.
fn check_frame(row: &JournalRow, head: Option<&Head>, report: &mut CheckReport) {
    if head.is_some_and(|head| head.node != row.node || row.epoch > head.epoch) {
        report.fault(format!(
            "journal: row {} is of another node or epoch",
            row.seq
        ));
    }
    let role = row.role.as_deref().and_then(Role::parse);
    let fits = match role {
        Some(role) => role.is_post() == row.actor.is_some() && role.is_post() == row.unit.is_some(),
        None => false,
    };
    if !fits {
        report.fault(format!(
            "journal: row {} does not say who did it in which role",
            row.seq
        ));
    }
}

/// Folds each case again and compares its rows.
fn check_cases(
    tx: &mut Tx<'_>,
    vault: &Vault,
    node: NodeId,
    report: &mut CheckReport,
    counted: &mut Counted,
    progress: &dyn Fn(u64),
) -> Result<()> {
    let mut after = 0;
    loop {
        let cases = case_store::all_after(tx, after, PAGE)?;
        let Some(last) = cases.last() else {
            return Ok(());
        };
        after = last.seq;
        let ids: Vec<Uuid> = cases.iter().map(|row| row.id).collect();
        let mut orders: BTreeMap<Uuid, Vec<case_store::OrderRow>> = BTreeMap::new();
        for order in case_store::orders_of(tx, &ids)? {
            orders.entry(order.case_id).or_default().push(order);
        }
        let seqs: Vec<i64> = cases.iter().map(|row| row.seq).collect();
        let mut grids: BTreeMap<i64, Vec<grid_store::CaseGridRow>> = BTreeMap::new();
        for grid in grid_store::of_cases(tx, &seqs)? {
            grids.entry(grid.seq).or_default().push(grid);
        }
        for row in cases {
            let (state, last_seq) = fold(tx, vault, row.id, report, counted)?;
            match state {
                Some(state) => {
                    let mut due = projection::grid_rows(&state, row.seq);
                    due.sort_by(|a, b| (&a.layer, a.grid).cmp(&(&b.layer, b.grid)));
                    if grids.remove(&row.seq).unwrap_or_default() != due {
                        report.fault(format!(
                            "case {}: its grids are not those of its report",
                            row.id
                        ));
                    }
                    compare(
                        tx,
                        vault,
                        node,
                        &row,
                        state,
                        last_seq,
                        orders.remove(&row.id).unwrap_or_default(),
                        report,
                    )?;
                }
                None => report.fault(format!("case {} is not in the journal", row.id)),
            }
            report.cases += 1;
        }
        progress(report.rows + report.cases);
    }
}

/// The state of a case from its events, and the sequence of the last.
fn fold(
    tx: &mut Tx<'_>,
    vault: &Vault,
    id: Uuid,
    report: &mut CheckReport,
    counted: &mut Counted,
) -> Result<(Option<CaseState>, i64)> {
    let (mut state, mut version, mut last_seq) = (None, 0, 0);
    loop {
        let rows = journal::of_aggregate(tx, id, version, PAGE)?;
        let Some(last) = rows.last() else {
            return Ok((state, last_seq));
        };
        (version, last_seq) = (last.version, last.seq);
        for row in &rows {
            counted.events += 1;
            // An unreadable row is a fault of its own already.
            let kind_v = u32::try_from(row.kind_v).unwrap_or(0);
            if let Ok(event) = CaseEvent::read(&row.kind, kind_v, &row.payload) {
                fold_event(&mut state, row, &event, vault, report, counted)?;
            }
        }
    }
}

fn fold_event(
    state: &mut Option<CaseState>,
    row: &JournalRow,
    event: &CaseEvent,
    vault: &Vault,
    report: &mut CheckReport,
    counted: &mut Counted,
) -> Result<()> {
    let by = Acting {
        person: row.actor.map(PersonId),
        role: row
            .role
            .as_deref()
            .and_then(Role::parse)
            .unwrap_or(Role::System),
        unit: row.unit.map(UnitId),
    };
    let at = Timestamp(row.at);
    jingwei_core::cases::apply(state, CaseId(row.aggregate_id), event, by, at);
    let Some(case) = state else { return Ok(()) };
    counted.figures.happened(case, event, at.local_day());
    if let CaseEvent::Filed(filed) = event {
        let key = (case.centre.as_str().to_owned(), i64::from(filed.day.0));
        let last = counted.serials.entry(key).or_default();
        *last = (*last).max(i64::from(filed.serial));
    }
    let told = match event {
        CaseEvent::Acknowledged(e) if e.how == AcknowledgedHow::Telephone => {
            case.order(e.order).map(|order| order.unit.0)
        }
        _ => None,
    };
    if told != row.on_behalf {
        report.fault(format!(
            "journal: row {} is on behalf of another than its event says",
            row.seq
        ));
    }
    for sealed in event.sealed() {
        if !vault.opens(row.aggregate_id, sealed)? {
            report.fault(format!(
                "journal: a sealed value of row {} does not open",
                row.seq
            ));
        }
    }
    Ok(())
}

/// Flow and serials are what the events add up to.
fn check_counted(tx: &mut Tx<'_>, counted: Counted, report: &mut CheckReport) -> Result<()> {
    let (_, flow) = counted.figures.into_rows();
    let mut due: BTreeMap<(String, i64), _> = flow
        .into_iter()
        .map(|row| ((row.scope.clone(), row.day), row))
        .collect();
    let mut after = None;
    loop {
        let rows = figures::all_flow(tx, after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some((last.scope.clone(), last.day));
        for row in &rows {
            if due.remove(&(row.scope.clone(), row.day)).as_ref() != Some(row) {
                report.fault(format!(
                    "flow of {} on {} is not what the events add up to",
                    row.scope, row.day
                ));
            }
        }
    }
    for (scope, day) in due.keys() {
        report.fault(format!("flow of {scope} on {day} is missing"));
    }
    let mut due = counted.serials;
    let mut after = None;
    loop {
        let rows = figures::all_serials(tx, after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some((last.centre.clone(), last.day));
        for row in &rows {
            if due.remove(&(row.centre.clone(), row.day)) != Some(row.last) {
                report.fault(format!(
                    "the last serial of {} on {} is not that of its cases",
                    row.centre, row.day
                ));
            }
        }
    }
    for (centre, day) in due.keys() {
        report.fault(format!("the last serial of {centre} on {day} is missing"));
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "everything a case has")]
fn compare(
    tx: &mut Tx<'_>,
    vault: &Vault,
    node: NodeId,
    row: &CaseRow,
    mut state: CaseState,
    last_seq: i64,
    mut orders: Vec<case_store::OrderRow>,
    report: &mut CheckReport,
) -> Result<()> {
    // The position in the open is the sealed one while the case is open, and is gone afterwards.
    if state.stage.is_open()
        && let Some(sealed) = &state.position
    {
        state.point = vault
            .open_sealed(row.id, sealed)?
            .map(|position| position.point);
    }
    let due = projection::case_row(&state, node, row.seq, last_seq)?;
    if due != *row {
        report.fault(format!(
            "case {}: the row is not what its {} events come to",
            row.id, state.version
        ));
    }
    let mut wanted = projection::order_rows(&state, row.seq);
    orders.sort_by_key(|order| order.id);
    wanted.sort_by_key(|order| order.id);
    if orders != wanted {
        report.fault(format!(
            "case {}: the rows of its orders differ from its events",
            row.id
        ));
    }
    let mut timers = timers::of_thing(tx, row.id)?;
    let mut wanted = projection::timer_rows(&state);
    let key = |row: &timers::TimerRow| (row.kind.clone(), row.sub);
    timers.sort_by_key(key);
    wanted.sort_by_key(key);
    if timers != wanted {
        report.fault(format!(
            "case {}: its timers differ from its clocks",
            row.id
        ));
    }
    Ok(())
}

/// No timer waits for a case or thing that is not there.
fn check_timers(tx: &mut Tx<'_>, report: &mut CheckReport) -> Result<()> {
    let mut after = None;
    loop {
        let rows = timers::all(tx, after, PAGE)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some((last.thing, last.kind.clone(), last.sub));
        // The one that reckons deadlines again after an import belongs to no thing.
        let of_things = rows
            .iter()
            .filter(|row| row.kind != crate::timers::RECOMPUTE);
        let mut things: Vec<Uuid> = of_things.map(|row| row.thing).collect();
        things.dedup();
        let mut there: Vec<Uuid> = case_store::load_states(tx, &things)?
            .into_iter()
            .map(|row| row.id)
            .collect();
        there.extend(
            thing_store::load(tx, &things)?
                .into_iter()
                .map(|row| row.id),
        );
        for thing in things.iter().filter(|thing| !there.contains(thing)) {
            report.fault(format!("a timer waits for {thing}, which is not there"));
        }
    }
}

fn check_stock(tx: &mut Tx<'_>, report: &mut CheckReport) -> Result<()> {
    let key = |row: &figures::StockRow| (row.scope.clone(), row.class.clone());
    let zero = |row: &figures::StockRow| {
        let numbers = [
            row.reported,
            row.returned,
            row.accepted,
            row.filed,
            row.dispatched,
            row.handled,
            row.verified,
            row.closed,
            row.refused,
            row.voided,
            row.suspended,
            row.merged,
        ];
        numbers.iter().all(|n| *n == 0)
    };
    let mut stored = BTreeMap::new();
    let mut after = None;
    loop {
        let rows = figures::all_stock(tx, after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some(key(last));
        stored.extend(
            rows.into_iter()
                .filter(|row| !zero(row))
                .map(|row| (key(&row), row)),
        );
    }
    let counted: BTreeMap<_, _> = figures::recount_stock(tx)?
        .into_iter()
        .map(|row| (key(&row), row))
        .collect();
    for at in counted
        .keys()
        .chain(stored.keys())
        .collect::<std::collections::BTreeSet<_>>()
    {
        if stored.get(at) != counted.get(at) {
            report.fault(format!(
                "stock of {} class \"{}\" differs from the recount of its cases",
                at.0, at.1
            ));
        }
    }
    Ok(())
}

/// Folds the imports in the order of the journal and compares with the live rows.
fn check_directory(tx: &mut Tx<'_>, report: &mut CheckReport) -> Result<()> {
    let (mut divisions, mut units, mut people) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (mut grids, mut outlines, mut places) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut present = None;
    let mut seq = 0;
    loop {
        let rows = journal::range(tx, seq, PAGE)?;
        let Some(last) = rows.last() else { break };
        seq = last.seq;
        for row in rows.iter().filter(|row| row.aggregate == "directory") {
            let event = DirectoryEvent::read(
                &row.kind,
                u32::try_from(row.kind_v).unwrap_or(0),
                &row.payload,
            );
            let (import, what, digest) = match event {
                Ok(DirectoryEvent::Imported(event)) => {
                    (event.import, event.table.to_string(), event.digest)
                }
                Ok(DirectoryEvent::GridsChanged(event)) => {
                    (event.change, "grids".to_owned(), event.digest)
                }
                _ => continue,
            };
            report.imports += 1;
            let parts = directory_store::staged_parts(tx, import.0)?;
            if digest_of_parts(parts.iter().map(|part| part.content.as_slice())) != digest {
                report.fault(format!(
                    "import {import} of {what}: its content is not what the journal says"
                ));
                continue;
            }
            for part in parts {
                match unpack(&part.content)? {
                    Content::Divisions(rows) => {
                        divisions.extend(rows.into_iter().map(|row| (row.id, row)));
                    }
                    Content::Units(rows) => units.extend(rows.into_iter().map(|row| (row.id, row))),
                    Content::People(rows) => {
                        people.extend(rows.into_iter().map(|row| (row.id, row)));
                    }
                    Content::Grids(rows) => {
                        grids.extend(rows.into_iter().map(|row| ((row.id, row.version), row)));
                    }
                    Content::Outlines(rows) => {
                        outlines.extend(rows.into_iter().map(|row| (row.division, row)));
                    }
                    Content::Places(rows) => {
                        places.extend(rows.into_iter().map(|row| (row.code.clone(), row)));
                    }
                    Content::Rules(files) => present = Some(digest_of_rules(&files)),
                }
            }
        }
    }
    check_grids(tx, grids, report)?;
    let live = grid_store::all_outlines(tx)?;
    let live = live.iter().map(grid_rows::outline);
    let live = live.collect::<Result<Vec<_>>>()?;
    let of_id = |row: OutlineRow| (row.division, row);
    differ(
        "outlines",
        &outlines,
        live.into_iter().map(of_id).collect(),
        report,
    );
    let live = grid_store::all_places(tx)?.into_iter();
    let live = live.map(grid_rows::place).collect::<Result<Vec<_>>>()?;
    let of_code = |row: PlaceRow| (row.code.clone(), row);
    differ(
        "places",
        &places,
        live.into_iter().map(of_code).collect(),
        report,
    );
    let live = directory_store::all_divisions(tx)?
        .into_iter()
        .map(world::division)
        .collect::<Result<Vec<_>>>()?;
    differ(
        "divisions",
        &divisions,
        live.into_iter().map(|row| (row.id, row)).collect(),
        report,
    );
    let live = directory_store::all_units(tx)?
        .into_iter()
        .map(world::unit)
        .collect::<Result<Vec<_>>>()?;
    differ(
        "units",
        &units,
        live.into_iter().map(|row| (row.id, row)).collect(),
        report,
    );
    let live = world::people(tx)?;
    differ(
        "people",
        &people,
        live.into_iter().map(|row| (row.id, row)).collect(),
        report,
    );
    let live = rules::present(tx)?.map(|(digest, _)| digest);
    if live.as_deref() != present.as_ref().map(|digest| digest.0.as_slice()) {
        report.fault("the rules in force are not those of the last import".to_owned());
    }
    Ok(())
}

/// Every version of a grid is the one that the changes left, page by page.
fn check_grids(
    tx: &mut Tx<'_>,
    mut folded: BTreeMap<(GridId, u32), GridRow>,
    report: &mut CheckReport,
) -> Result<()> {
    let mut after = None;
    loop {
        let rows = grid_store::all_after(tx, after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = Some((last.id, last.version));
        for row in &rows {
            let key = (
                GridId(row.id),
                u32::try_from(row.version).unwrap_or(u32::MAX),
            );
            let due = folded.remove(&key).map(|row| grid_rows::grid_row(&row));
            if due.transpose()?.as_ref() != Some(row) {
                report.fault(format!(
                    "grids: version {} of {} is not what the changes say",
                    row.version, row.id
                ));
            }
        }
    }
    for (id, version) in folded.keys() {
        report.fault(format!("grids: version {version} of {id} is missing"));
    }
    Ok(())
}

fn differ<K: Ord + std::fmt::Display, R: PartialEq>(
    table: &str,
    folded: &BTreeMap<K, R>,
    live: BTreeMap<K, R>,
    report: &mut CheckReport,
) {
    for (id, row) in &live {
        if folded.get(id) != Some(row) {
            report.fault(format!("{table}: the row {id} is not what the imports say"));
        }
    }
    for id in folded.keys().filter(|id| !live.contains_key(id)) {
        report.fault(format!("{table}: the row {id} of an import is missing"));
    }
}
