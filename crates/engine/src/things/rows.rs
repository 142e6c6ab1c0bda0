//! From the state of a thing to its rows: the thing, its units, its timers. `check` uses the same functions.

use jingwei_core::code::Level;
use jingwei_core::id::NodeId;
use jingwei_core::things::Thing;
use jingwei_store::things::{ThingRow, ThingUnitRow};
use jingwei_store::timers::TimerRow;
use uuid::Uuid;

use crate::error::{EngineError, Result};

/// The row of a thing. `seq` is the sequence of its first event, `updated_seq` that of its last.
pub(crate) fn thing_row<T: Thing>(
    id: Uuid,
    thing: &T,
    node: NodeId,
    seq: i64,
    updated_seq: i64,
) -> Result<ThingRow> {
    let shape = thing.shape();
    let at = |level| {
        shape
            .code
            .at_level(level)
            .map(|code| code.as_str().to_owned())
    };
    Ok(ThingRow {
        id,
        aggregate: T::AGGREGATE.to_owned(),
        seq,
        owner: node.0,
        version: i64::from(shape.version),
        stage: shape.stage.to_owned(),
        open: shape.open,
        division: shape.division.0,
        code: shape.code.as_str().to_owned(),
        province: at(Level::Province).unwrap_or_default(),
        city: at(Level::City),
        county: at(Level::County),
        town: at(Level::Town),
        community: at(Level::Community),
        case_id: shape.case.map(|case| case.0),
        person: shape.person.map(|person| person.0),
        next_due: thing.alarms().iter().map(|alarm| alarm.due.0).min(),
        updated_at: shape.updated_at.0,
        updated_seq,
        state: serde_json::to_vec(thing).map_err(|e| EngineError::Internal(e.to_string()))?,
    })
}

/// Reads a state back from its row.
pub(crate) fn read_state<T: Thing>(row: &ThingRow) -> Result<T> {
    serde_json::from_slice(&row.state).map_err(|e| {
        EngineError::Journal(format!(
            "the state of a {} cannot be read: {e}",
            T::AGGREGATE
        ))
    })
}

/// The units that take part.
pub(crate) fn unit_rows<T: Thing>(id: Uuid, thing: &T, seq: i64) -> Vec<ThingUnitRow> {
    let units = thing.shape().units;
    units
        .into_iter()
        .map(|unit| ThingUnitRow {
            thing: id,
            unit: unit.0,
            seq,
        })
        .collect()
}

/// The timers that wait for a thing.
pub(crate) fn timer_rows<T: Thing>(id: Uuid, thing: &T) -> Vec<TimerRow> {
    thing
        .alarms()
        .into_iter()
        .map(|alarm| TimerRow {
            thing: id,
            kind: alarm.kind.to_owned(),
            sub: alarm.part.unwrap_or_default(),
            generation: i64::from(alarm.generation),
            due: alarm.due.0,
        })
        .collect()
}
