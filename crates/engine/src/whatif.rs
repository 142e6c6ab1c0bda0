//! `whatif`: the journal of a period replayed under other rules. Only reads, also beside a running node.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jingwei_core::access::{Acting, Role};
use jingwei_core::cases::{CaseEvent, ClockKind, Rung};
use jingwei_core::id::{CaseId, PersonId, UnitId};
use jingwei_core::place::Point;
use jingwei_core::rules::RuleSet;
use jingwei_core::time::Timestamp;
use jingwei_core::whatif::{Called, Happened, Replayed, replay};
use jingwei_store::cases as case_store;
use jingwei_store::{DatabaseUrl, Db, Tx, journal};
use serde::Serialize;

use crate::directory::{digest_of_rules, refuse};
use crate::error::{EngineError, Result};
use crate::random::OsRandom;
use crate::vault::Vault;
use crate::world::World;

const PAGE: i64 = 500;
/// Cases that are told one by one; the sums are of all.
const TOLD: usize = 1_000;

/// One kind of clock of one class, as it was and as it would have been.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Clocks.
    pub clocks: u64,
    /// Late then.
    pub late: u64,
    /// Late under the other rules.
    pub late_new: u64,
    /// Past a card then.
    pub cards: u64,
    /// Past a card under the other rules.
    pub cards_new: u64,
}

/// A clock of a case that would have been otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockChange {
    /// What it measures.
    pub clock: String,
    /// Of which unit.
    pub unit: Option<String>,
    /// The limit then.
    pub limit: String,
    /// The limit under the other rules.
    pub limit_new: String,
    /// When it was over.
    pub due: String,
    /// When it would have been.
    pub due_new: String,
    /// The highest rung then: `yellow`, `red`, `yellow_card`, `red_card`; none: done before the first.
    pub rung: Option<String>,
    /// The highest rung under the other rules.
    pub rung_new: Option<String>,
    /// A further unit that would have been called; empty text: nobody was left to call.
    pub called: Option<String>,
    /// A further unit that was called and would not have been.
    pub not_called: Option<String>,
}

/// A dispatch that would have gone elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// When.
    pub at: String,
    /// The plan then.
    pub plan: Option<String>,
    /// The plan under the other rules.
    pub plan_new: Option<String>,
    /// Units called only then.
    pub only_then: Vec<String>,
    /// Units called only under the other rules.
    pub only_new: Vec<String>,
}

/// A case that would have been otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseChange {
    /// Its number, or its id when it was not filed.
    pub case: String,
    /// Class.
    pub class: Option<String>,
    /// When it was reported.
    pub reported_at: String,
    /// Clocks that would have been otherwise.
    pub clocks: Vec<ClockChange>,
    /// Dispatches that would have gone elsewhere.
    pub elsewhere: Vec<Elsewhere>,
    /// The other rules have no class for it.
    pub unknown_class: bool,
}

/// What would have been of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// Cases reported in the period.
    pub cases: u64,
    /// Cases that would have been otherwise.
    pub otherwise: u64,
    /// By top class (empty: not classed) and kind of clock.
    pub sums: BTreeMap<String, BTreeMap<String, Sum>>,
    /// Further units that would have been called.
    pub called: u64,
    /// Further units that were called and would not have been.
    pub not_called: u64,
    /// Dispatches that would have gone elsewhere.
    pub elsewhere: u64,
    /// The cases, at most 1,000.
    pub changes: Vec<CaseChange>,
}

/// Replays the cases that were reported between `from` and `to` under the rules of `files`. Blocking.
///
/// Errors: the faults of the rules, all at once; a database that cannot be read.
pub fn whatif(
    data: &Path,
    database: &DatabaseUrl,
    files: &[(String, String)],
    (from, to): (Timestamp, Timestamp),
    progress: impl Fn(u64) + Send + 'static,
) -> Result<WhatIf> {
    let rules = RuleSet::read(files, digest_of_rules(files)).map_err(refuse)?;
    let vault = Vault::open_reading(data, Arc::new(OsRandom))?;
    let readers = Db::open_readers(database, 1)?;
    readers.blocking(move |tx| {
        let world = World::load(tx)?
            .ok_or_else(|| EngineError::Internal("the node has no rules yet".to_owned()))?;
        let mut sum = WhatIf::default();
        let mut after = 0;
        loop {
            let rows = case_store::all_after(tx, after, PAGE)?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            let asked = |at: i64| (from.0..=to.0).contains(&at);
            for row in rows.iter().filter(|row| asked(row.reported_at)) {
                let (events, point) = events_of(tx, &vault, row.id)?;
                let case = CaseId(row.id);
                let replayed = replay(case, &events, point, &rules, &world.directory, to);
                if let Some(replayed) = replayed {
                    add(&mut sum, &replayed);
                }
            }
            progress(sum.cases);
        }
        Ok(sum)
    })
}

/// The events of a case, and where it is: the position, which the rules look at when a unit is sought, comes from its seal.
fn events_of(
    tx: &mut Tx<'_>,
    vault: &Vault,
    id: uuid::Uuid,
) -> Result<(Vec<Happened>, Option<Point>)> {
    let rows = journal::of_aggregate(tx, id, 0, i64::MAX)?;
    let mut point = None;
    let events = rows
        .into_iter()
        .map(|row| {
            let version = u32::try_from(row.kind_v).unwrap_or(0);
            let event = CaseEvent::read(&row.kind, version, &row.payload)
                .map_err(|e| EngineError::Journal(format!("row {}: {e}", row.seq)))?;
            if let CaseEvent::Reported(reported) = &event
                && let Some(sealed) = &reported.position
            {
                point = vault
                    .open_sealed(id, sealed)?
                    .map(|position| position.point);
            }
            Ok(Happened {
                at: Timestamp(row.at),
                by: Acting {
                    person: row.actor.map(PersonId),
                    role: row
                        .role
                        .as_deref()
                        .and_then(Role::parse)
                        .unwrap_or(Role::System),
                    unit: row.unit.map(UnitId),
                },
                event,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok((events, point))
}

fn add(sum: &mut WhatIf, replayed: &Replayed) {
    sum.cases += 1;
    let class = replayed.case.classified.as_ref().map(|class| &class.class);
    let top = class.map_or_else(String::new, |class| class.top().as_str().to_owned());
    for clock in &replayed.clocks {
        let kinds = sum.sums.entry(top.clone()).or_default();
        let row = kinds.entry(clock.kind.as_str().to_owned()).or_default();
        let card = |rung: Option<Rung>| rung.is_some_and(|rung| rung >= Rung::YellowCard);
        row.clocks += 1;
        row.late += u64::from(clock.was_late());
        row.late_new += u64::from(clock.would_be_late());
        row.cards += u64::from(card(clock.rung));
        row.cards_new += u64::from(card(clock.new_rung));
        match &clock.called {
            Some(Called::More(_)) => sum.called += 1,
            Some(Called::Less(_)) => sum.not_called += 1,
            None => {}
        }
    }
    sum.elsewhere += u64::try_from(replayed.elsewhere.len()).unwrap_or(0);
    if !replayed.differs() {
        return;
    }
    sum.otherwise += 1;
    if sum.changes.len() < TOLD {
        sum.changes.push(change(replayed));
    }
}

fn change(replayed: &Replayed) -> CaseChange {
    let case = &replayed.case;
    let word = |kind: ClockKind| kind.as_str().to_owned();
    CaseChange {
        case: case
            .number
            .as_ref()
            .map_or_else(|| case.id.to_string(), ToString::to_string),
        class: case.classified.as_ref().map(|c| c.class.to_string()),
        reported_at: case.reported_at.rfc3339(),
        clocks: replayed
            .clocks
            .iter()
            .filter(|clock| clock.rung != clock.new_rung || clock.called.is_some())
            .map(|clock| {
                let (called, not_called) = match &clock.called {
                    Some(Called::More(unit)) => {
                        let name = unit.as_ref().map(ToString::to_string);
                        (Some(name.unwrap_or_default()), None)
                    }
                    Some(Called::Less(unit)) => (None, Some(unit.to_string())),
                    None => (None, None),
                };
                ClockChange {
                    clock: word(clock.kind),
                    unit: clock.unit.as_ref().map(ToString::to_string),
                    limit: clock.limit.to_string(),
                    limit_new: clock.new_limit.to_string(),
                    due: clock.due.rfc3339(),
                    due_new: clock.new_due.rfc3339(),
                    rung: clock.rung.map(|rung| rung.as_str().to_owned()),
                    rung_new: clock.new_rung.map(|rung| rung.as_str().to_owned()),
                    called,
                    not_called,
                }
            })
            .collect(),
        elsewhere: replayed
            .elsewhere
            .iter()
            .map(|sent| Elsewhere {
                at: sent.at.rfc3339(),
                plan: sent.plan.as_ref().map(ToString::to_string),
                plan_new: sent.new_plan.as_ref().map(ToString::to_string),
                only_then: sent.only_then.iter().map(ToString::to_string).collect(),
                only_new: sent.only_now.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        unknown_class: replayed.unknown_class,
    }
}
