//! The part of `check` for things beside cases: each is folded again from its events, and its row, its units and its timers
//! are compared with what the fold comes to; every sealed value opens.

use std::collections::BTreeMap;

use jingwei_core::access::{Acting, Role};
use jingwei_core::id::{NodeId, PersonId, UnitId};
use jingwei_core::plain::Unreadable;
use jingwei_core::things::{Thing, ThingEvent as _};
use jingwei_core::time::Timestamp;
use jingwei_store::things::{self as store, ThingRow, ThingUnitRow};
use jingwei_store::timers::TimerRow;
use jingwei_store::{Tx, journal, timers};
use uuid::Uuid;

use crate::check::{CheckReport, PAGE};
use crate::error::Result;
use crate::things::{of_kind, thing_row, timer_rows, unit_rows};
use crate::vault::Vault;

/// The payload of a row as its event is written; none when the aggregate is no thing.
pub(crate) fn rewritten(
    aggregate: &str,
    kind: &str,
    version: u32,
    payload: &[u8],
) -> Option<Result<Vec<u8>, Unreadable>> {
    of_kind!(aggregate, |T| {
        <T as Thing>::Event::read(kind, version, payload).map(|event| event.payload())
    })
}

/// Folds every thing again and compares; answers how many events they have.
pub(crate) fn check_things(
    tx: &mut Tx<'_>,
    vault: &Vault,
    node: NodeId,
    report: &mut CheckReport,
    progress: &dyn Fn(u64),
) -> Result<u64> {
    let (mut after, mut events) = (0, 0);
    loop {
        let rows = store::all_after(tx, after, PAGE)?;
        let Some(last) = rows.last() else {
            return Ok(events);
        };
        after = last.seq;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut units: BTreeMap<Uuid, Vec<ThingUnitRow>> = BTreeMap::new();
        for unit in store::units_of(tx, &ids)? {
            units.entry(unit.thing).or_default().push(unit);
        }
        for row in rows {
            let units = units.remove(&row.id).unwrap_or_default();
            let kind = row.aggregate.clone();
            let found = of_kind!(kind.as_str(), |T| {
                let mut one = One::<T>::default();
                one.fold(tx, vault, &row, report)?;
                one.compare(tx, node, &row, units, report)?;
                one.events
            });
            match found {
                Some(found) => events += found,
                None => report.fault(format!("thing {}: nobody knows the kind {kind}", row.id)),
            }
            report.things += 1;
        }
        progress(report.rows + report.cases + report.things);
    }
}

/// One thing as its events make it.
struct One<T> {
    state: Option<T>,
    events: u64,
    last_seq: i64,
}

impl<T> Default for One<T> {
    fn default() -> Self {
        Self {
            state: None,
            events: 0,
            last_seq: 0,
        }
    }
}

impl<T: Thing> One<T> {
    fn fold(
        &mut self,
        tx: &mut Tx<'_>,
        vault: &Vault,
        thing: &ThingRow,
        report: &mut CheckReport,
    ) -> Result<()> {
        let mut version = 0;
        loop {
            let rows = journal::of_aggregate(tx, thing.id, version, PAGE)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            (version, self.last_seq) = (last.version, last.seq);
            for row in &rows {
                self.events += 1;
                let by = Acting {
                    person: row.actor.map(PersonId),
                    role: row
                        .role
                        .as_deref()
                        .and_then(Role::parse)
                        .unwrap_or(Role::System),
                    unit: row.unit.map(UnitId),
                };
                // An unreadable row is a fault of its own already.
                let kind_v = u32::try_from(row.kind_v).unwrap_or(0);
                let Ok(event) = T::Event::read(&row.kind, kind_v, &row.payload) else {
                    continue;
                };
                T::apply(&mut self.state, thing.id, &event, by, Timestamp(row.at));
                for sealed in event.sealed() {
                    if !vault.opens(thing.id, sealed)? {
                        report.fault(format!(
                            "journal: a sealed value of row {} does not open",
                            row.seq
                        ));
                    }
                }
            }
        }
    }

    fn compare(
        &self,
        tx: &mut Tx<'_>,
        node: NodeId,
        row: &ThingRow,
        mut units: Vec<ThingUnitRow>,
        report: &mut CheckReport,
    ) -> Result<()> {
        let what = format!("{} {}", T::AGGREGATE, row.id);
        let Some(state) = &self.state else {
            report.fault(format!("{what} is not in the journal"));
            return Ok(());
        };
        if thing_row(row.id, state, node, row.seq, self.last_seq)? != *row {
            report.fault(format!(
                "{what}: the row is not what its {} events come to",
                self.events
            ));
        }
        let mut wanted = unit_rows(row.id, state, row.seq);
        units.sort_by_key(|unit| unit.unit);
        wanted.sort_by_key(|unit| unit.unit);
        if units != wanted {
            report.fault(format!("{what}: its units differ from its events"));
        }
        let key = |row: &TimerRow| (row.kind.clone(), row.sub);
        let mut waiting = timers::of_thing(tx, row.id)?;
        let mut wanted = timer_rows(row.id, state);
        waiting.sort_by_key(key);
        wanted.sort_by_key(key);
        if waiting != wanted {
            report.fault(format!("{what}: its timers differ from its deadlines"));
        }
        Ok(())
    }
}
