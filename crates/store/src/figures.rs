//! Stock (how many cases stand where now), flow (what happened on a day) and serial numbers.
//!
//! Must not: count cases to answer a screen (`recount_stock` is for `check`). Invariant: rows are changed by adding,
//! in the transaction of the events that changed them.

use crate::cases::Level;
use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Value;

table! {
    /// Cases per stage now; as an argument of `add_stock`, what is added.
    pub struct StockRow {
        /// Division code.
        scope: String,
        /// Top class, empty before classification.
        class: String,
        /// Cases in stage `reported`.
        reported: i64,
        /// Cases in stage `accepted`.
        accepted: i64,
        /// Cases in stage `returned`.
        returned: i64,
        /// Cases in stage `filed`.
        filed: i64,
        /// Cases in stage `dispatched`.
        dispatched: i64,
        /// Cases in stage `handled`.
        handled: i64,
        /// Cases in stage `verified`.
        verified: i64,
        /// Cases in stage `closed`.
        closed: i64,
        /// Cases in stage `refused`.
        refused: i64,
        /// Cases in stage `voided`.
        voided: i64,
        /// Cases in stage `suspended`.
        suspended: i64,
        /// Cases in stage `merged`.
        merged: i64,
    }
}

table! {
    /// What happened on a day; as an argument of `add_flow`, what is added.
    pub struct FlowRow {
        /// Division code.
        scope: String,
        /// Day (yyyymmdd).
        day: i64,
        /// Cases reported.
        reported: i64,
        /// Cases accepted.
        accepted: i64,
        /// Cases filed.
        filed: i64,
        /// Cases dispatched.
        dispatched: i64,
        /// Cases handled.
        handled: i64,
        /// Cases verified.
        verified: i64,
        /// Cases closed.
        closed: i64,
        /// Cases refused.
        refused: i64,
        /// Cases voided.
        voided: i64,
        /// Orders sent.
        orders: i64,
        /// Deadlines missed.
        late: i64,
        /// Cases solved on the spot.
        solved: i64,
        /// Cases worked on again.
        reopened: i64,
    }
}

table! {
    /// The last serial number a centre gave on a day.
    pub struct SerialRow {
        /// Division code of the centre.
        centre: String,
        /// Day (yyyymmdd).
        day: i64,
        /// Last number given.
        last: i64,
    }
}

/// Adds to the stock, in one statement; rows with the same (scope, class) are summed.
pub fn add_stock(tx: &mut Tx<'_>, rows: Vec<StockRow>) -> Result<()> {
    tx.bulk_insert(
        "stock",
        StockRow::COLUMNS,
        values_of(rows),
        Conflict::Add(&["scope", "class"]),
    )?;
    Ok(())
}

/// Adds to the flow, in one statement; rows with the same (scope, day) are summed.
pub fn add_flow(tx: &mut Tx<'_>, rows: Vec<FlowRow>) -> Result<()> {
    tx.bulk_insert(
        "flow",
        FlowRow::COLUMNS,
        values_of(rows),
        Conflict::Add(&["scope", "day"]),
    )?;
    Ok(())
}

/// Stock of these scopes, by scope and class.
pub fn stock_of(tx: &mut Tx<'_>, scopes: &[String]) -> Result<Vec<StockRow>> {
    if scopes.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM stock WHERE scope = ANY($1) ORDER BY scope, class",
        StockRow::NAMES
    );
    read_all(tx.query(&sql, &[Value::texts(scopes)])?)
}

/// Flow of a scope from a day to a day, both included, by day; days on which nothing happened are left out.
pub fn flow_of(tx: &mut Tx<'_>, scope: &str, from_day: i64, to_day: i64) -> Result<Vec<FlowRow>> {
    let sql = format!(
        "SELECT {} FROM flow WHERE scope = $1 AND day BETWEEN $2 AND $3 ORDER BY day",
        FlowRow::NAMES
    );
    read_all(tx.query(&sql, &[scope.into(), from_day.into(), to_day.into()])?)
}

/// Stock after a key (scope, class), in the order of keys, at most `limit`: pages over all, for `check`.
pub fn all_stock(
    tx: &mut Tx<'_>,
    after: Option<(String, String)>,
    limit: i64,
) -> Result<Vec<StockRow>> {
    // Every scope is after the empty one: none is empty.
    let (scope, class) = after.unwrap_or_default();
    let sql = format!(
        "SELECT {} FROM stock WHERE (scope, class) > ($1, $2) ORDER BY scope, class LIMIT $3",
        StockRow::NAMES
    );
    read_all(tx.query(&sql, &[scope.into(), class.into(), limit.into()])?)
}

/// Flow after a key (scope, day), in the order of keys, at most `limit`: pages over all, for `check`.
pub fn all_flow(tx: &mut Tx<'_>, after: Option<(String, i64)>, limit: i64) -> Result<Vec<FlowRow>> {
    let (scope, day) = after.unwrap_or_default();
    let sql = format!(
        "SELECT {} FROM flow WHERE (scope, day) > ($1, $2) ORDER BY scope, day LIMIT $3",
        FlowRow::NAMES
    );
    read_all(tx.query(&sql, &[scope.into(), day.into(), limit.into()])?)
}

/// Serials after a key (centre, day), in the order of keys, at most `limit`: pages over all, for `check`.
pub fn all_serials(
    tx: &mut Tx<'_>,
    after: Option<(String, i64)>,
    limit: i64,
) -> Result<Vec<SerialRow>> {
    let (centre, day) = after.unwrap_or_default();
    let sql = format!(
        "SELECT {} FROM serial WHERE (centre, day) > ($1, $2) ORDER BY centre, day LIMIT $3",
        SerialRow::NAMES
    );
    read_all(tx.query(&sql, &[centre.into(), day.into(), limit.into()])?)
}

/// The stock as the cases say it: every level of the code path, by scope and class. Walks all cases once per level,
/// only for `check`. Rows of `stock` that are all zero have no counterpart here.
pub fn recount_stock(tx: &mut Tx<'_>) -> Result<Vec<StockRow>> {
    let stages = StockRow::COLUMNS[2..]
        .iter()
        .map(|stage| {
            format!(
                "CAST(SUM(CASE WHEN stage = '{0}' THEN 1 ELSE 0 END) AS BIGINT) AS {0}",
                stage.name
            )
        })
        .collect::<Vec<_>>()
        .join(", ");
    let levels = Level::ALL.map(|level| {
        format!(
            "SELECT {0} AS scope, COALESCE(top_class, '') AS class, {stages} FROM cases WHERE {0} IS NOT NULL GROUP BY 1, 2",
            level.column()
        )
    });
    let sql = format!(
        "SELECT * FROM ({}) AS counted ORDER BY scope, class",
        levels.join(" UNION ALL ")
    );
    read_all(tx.query(&sql, &[])?)
}

/// The last serial numbers of these (centre, day), in one statement, in no order; none where none was given.
pub fn serials(tx: &mut Tx<'_>, keys: &[(String, i64)]) -> Result<Vec<SerialRow>> {
    let select = format!("SELECT {} FROM serial", SerialRow::NAMES);
    let keys = keys
        .iter()
        .map(|(centre, day)| vec![centre.as_str().into(), (*day).into()])
        .collect();
    read_all(tx.query_keys(&select, &SerialRow::COLUMNS[..2], keys)?)
}

/// Writes last serial numbers, in one statement.
pub fn set_serials(tx: &mut Tx<'_>, rows: Vec<SerialRow>) -> Result<()> {
    tx.bulk_insert(
        "serial",
        SerialRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["centre", "day"]),
    )?;
    Ok(())
}
