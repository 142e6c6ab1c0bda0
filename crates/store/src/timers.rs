//! Deadlines that will fire.
//!
//! Must not: fire, read a clock. Invariant: one row per (thing, kind, part).

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Value;

table! {
    /// A deadline.
    pub struct TimerRow {
        /// Thing it belongs to.
        thing: Uuid,
        /// Kind of the deadline.
        kind: String,
        /// Part of the thing, or the nil id for the thing itself.
        sub: Uuid,
        /// Raised whenever it is set again.
        generation: i64,
        /// When it fires (instant).
        due: i64,
    }
}

/// Sets timers, in one statement.
pub fn upsert(tx: &mut Tx<'_>, rows: Vec<TimerRow>) -> Result<()> {
    tx.bulk_insert(
        "timer",
        TimerRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["thing", "kind", "sub"]),
    )?;
    Ok(())
}

/// Takes timers (thing, kind, part) away, in one statement; answers how many there were.
pub fn delete(tx: &mut Tx<'_>, keys: Vec<(Uuid, String, Uuid)>) -> Result<u64> {
    let keys = keys
        .into_iter()
        .map(|(thing, kind, sub)| vec![thing.into(), kind.into(), sub.into()])
        .collect();
    tx.execute_keys("DELETE FROM timer", &TimerRow::COLUMNS[..3], keys)
}

/// Timers due at `now` or before, the longest due first, at most `limit`.
pub fn due(tx: &mut Tx<'_>, now: i64, limit: i64) -> Result<Vec<TimerRow>> {
    let sql = format!(
        "SELECT {} FROM timer WHERE due <= $1 ORDER BY due, thing, kind, sub LIMIT $2",
        TimerRow::NAMES
    );
    read_all(tx.query(&sql, &[now.into(), limit.into()])?)
}

/// When the next timer fires (instant).
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    tx.query_opt("SELECT due FROM timer ORDER BY due LIMIT 1", &[])?
        .map(|mut row| row.int(0))
        .transpose()
}

/// Timers of a thing, by when they fire.
pub fn of_thing(tx: &mut Tx<'_>, thing: Uuid) -> Result<Vec<TimerRow>> {
    let sql = format!(
        "SELECT {} FROM timer WHERE thing = $1 ORDER BY due, kind, sub",
        TimerRow::NAMES
    );
    read_all(tx.query(&sql, &[thing.into()])?)
}

/// Timers after a key (thing, kind, part), in the order of keys, at most `limit`: pages over all, for `check`.
pub fn all(
    tx: &mut Tx<'_>,
    after: Option<(Uuid, String, Uuid)>,
    limit: i64,
) -> Result<Vec<TimerRow>> {
    let sql = format!(
        "SELECT {} FROM timer WHERE (thing, kind, sub) > ($1, $2, $3) ORDER BY thing, kind, sub LIMIT $4",
        TimerRow::NAMES
    );
    // No id is an empty blob, and every id is after it.
    let empty = || Value::Blob(Vec::new());
    let [thing, kind, sub] = after.map_or_else(
        || [empty(), "".into(), empty()],
        |(thing, kind, sub)| [thing.into(), kind.into(), sub.into()],
    );
    read_all(tx.query(&sql, &[thing, kind, sub, limit.into()])?)
}
