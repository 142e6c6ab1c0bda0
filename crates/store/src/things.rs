//! The present rows of things beside cases (whistles, mediations): states for the writer, lists for screens.
//!
//! Must not: look into `state`, decide who may see what (the scopes come from the caller). Invariant: a list is one
//! statement whose work is bounded by scopes × limit, newest first by `seq`.

use std::fmt::Write as _;

use uuid::Uuid;

use crate::cases::Scope;
use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Value;

table! {
    /// A thing with everything lists need.
    pub struct ThingRow {
        /// Id, given by the sender.
        id: Uuid,
        /// Kind of thing, as the journal names it.
        aggregate: String,
        /// Journal sequence of its first event.
        seq: i64,
        /// Node that owns it.
        owner: Uuid,
        /// Version, that of its last event.
        version: i64,
        /// Stage, in the words of its kind.
        stage: String,
        /// Something is still to be done.
        open: bool,
        /// Id of the division it lies in.
        division: Uuid,
        /// Code of that division on the day it began.
        code: String,
        /// Code path of that day: province.
        province: String,
        /// City.
        city: Option<String>,
        /// County.
        county: Option<String>,
        /// Town.
        town: Option<String>,
        /// Community.
        community: Option<String>,
        /// The case it belongs to.
        case_id: Option<Uuid>,
        /// Person who began it.
        person: Option<Uuid>,
        /// Its nearest deadline (instant).
        next_due: Option<i64>,
        /// Journal time of its last event (instant).
        updated_at: i64,
        /// Journal sequence of its last event.
        updated_seq: i64,
        /// The folded state.
        state: Vec<u8>,
    }
}

table! {
    /// A unit that takes part in a thing.
    pub struct ThingUnitRow {
        /// The thing.
        thing: Uuid,
        /// The unit.
        unit: Uuid,
        /// `seq` of the thing.
        seq: i64,
    }
}

/// Which things of one kind a list shows: those in any of the scopes, or in which one of the units takes part, or begun by
/// the person. With none of these the list is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThingQuery {
    /// Kind of thing.
    pub aggregate: String,
    /// Scopes.
    pub scopes: Vec<Scope>,
    /// Units that take part.
    pub units: Vec<Uuid>,
    /// Person who began it.
    pub person: Option<Uuid>,
    /// Only open things, or only others.
    pub open: Option<bool>,
    /// Only those of this case.
    pub case_id: Option<Uuid>,
    /// Only things before this sequence (the last of the page before).
    pub before_seq: Option<i64>,
    /// At most so many rows.
    pub limit: i64,
}

/// The things with these ids, in one statement; ids that do not exist are left out; in no order.
pub fn load(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<ThingRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {} FROM thing WHERE id = ANY($1)", ThingRow::NAMES);
    read_all(tx.query(&sql, &[Value::ids(ids)])?)
}

/// Writes whole rows, new or replaced, in one statement.
pub fn upsert(tx: &mut Tx<'_>, rows: Vec<ThingRow>) -> Result<()> {
    tx.bulk_insert(
        "thing",
        ThingRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["id"]),
    )?;
    Ok(())
}

/// Writes units that take part, new or replaced, in one statement.
pub fn upsert_units(tx: &mut Tx<'_>, rows: Vec<ThingUnitRow>) -> Result<()> {
    tx.bulk_insert(
        "thing_unit",
        ThingUnitRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["thing", "unit"]),
    )?;
    Ok(())
}

/// Takes units (thing, unit) out, in one statement; answers how many there were.
pub fn delete_units(tx: &mut Tx<'_>, keys: Vec<(Uuid, Uuid)>) -> Result<u64> {
    let keys = keys
        .into_iter()
        .map(|(thing, unit)| vec![thing.into(), unit.into()])
        .collect();
    tx.execute_keys("DELETE FROM thing_unit", &ThingUnitRow::COLUMNS[..2], keys)
}

/// Units of these things, by thing and unit.
pub fn units_of(tx: &mut Tx<'_>, things: &[Uuid]) -> Result<Vec<ThingUnitRow>> {
    if things.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM thing_unit WHERE thing = ANY($1) ORDER BY thing, unit",
        ThingUnitRow::NAMES
    );
    read_all(tx.query(&sql, &[Value::ids(things)])?)
}

/// Things of every kind after a sequence, in order, at most `limit`: pages over all, for `check`.
pub fn all_after(tx: &mut Tx<'_>, after_seq: i64, limit: i64) -> Result<Vec<ThingRow>> {
    let sql = format!(
        "SELECT {} FROM thing WHERE seq > $1 ORDER BY seq LIMIT $2",
        ThingRow::NAMES
    );
    read_all(tx.query(&sql, &[after_seq.into(), limit.into()])?)
}

/// A list for a screen: newest first by `seq`, at most `limit`, in one statement.
pub fn list(tx: &mut Tx<'_>, query: &ThingQuery) -> Result<Vec<ThingRow>> {
    let mut params: Vec<Value> = Vec::new();
    let mut param = |value: Value| {
        params.push(value);
        format!("${}", params.len())
    };
    let aggregate = param(query.aggregate.as_str().into());
    let before = param(query.before_seq.unwrap_or(i64::MAX).into());
    let limit = param(query.limit.max(0).into());
    let mut narrow = format!(" AND t.aggregate = {aggregate} AND t.seq < {before}");
    if let Some(open) = query.open {
        let open = param(i64::from(open).into());
        let _ = write!(narrow, " AND t.open = {open}");
    }
    if let Some(case) = query.case_id {
        let case = param(case.into());
        let _ = write!(narrow, " AND t.case_id = {case}");
    }
    let mut parts: Vec<String> = Vec::new();
    for scope in &query.scopes {
        let code = param(scope.code.as_str().into());
        let column = scope.level.column();
        parts.push(format!("FROM thing t WHERE t.{column} = {code}{narrow}"));
    }
    for unit in &query.units {
        let unit = param((*unit).into());
        parts.push(format!(
            "FROM thing_unit u JOIN thing t ON t.seq = u.seq WHERE u.unit = {unit} AND u.seq < {before}{narrow}"
        ));
    }
    if let Some(person) = query.person {
        let person = param(person.into());
        parts.push(format!("FROM thing t WHERE t.person = {person}{narrow}"));
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let mut seqs = String::new();
    for (i, part) in parts.iter().enumerate() {
        let union = if i > 0 { " UNION " } else { "" };
        let _ = write!(
            seqs,
            "{union}SELECT seq FROM (SELECT t.seq AS seq {part} ORDER BY t.seq DESC LIMIT {limit}) AS p{i}"
        );
    }
    let sql = format!(
        "SELECT {} FROM thing WHERE seq IN ({seqs}) ORDER BY seq DESC LIMIT {limit}",
        ThingRow::NAMES
    );
    read_all(tx.query(&sql, &params)?)
}
