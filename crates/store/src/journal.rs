//! The journal and its head.
//!
//! Must not: change or delete a row of the journal, look into a payload. Invariant: whoever appends has claimed the
//! head in the same transaction; the head is the last row.

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::{Result, StoreError};
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Value;

table! {
    /// The end of the journal, and who may write.
    pub struct Head {
        /// Id of this node.
        node: Uuid,
        /// Epoch of this node.
        epoch: i64,
        /// Sequence of the last row, 0 before the first.
        seq: i64,
        /// Journal time of the last row (instant).
        at: i64,
        /// Id of the writer that may write.
        writer: Uuid,
        /// Raised when another writer takes over.
        term: i64,
    }
}

table! {
    /// One event.
    pub struct JournalRow {
        /// Sequence in this node.
        seq: i64,
        /// Node where it happened.
        node: Uuid,
        /// Epoch of that node.
        epoch: i64,
        /// Journal time (instant).
        at: i64,
        /// Person who did it, none for the node itself.
        actor: Option<Uuid>,
        /// Role in which it was done.
        role: Option<String>,
        /// Unit for which it was done.
        unit: Option<Uuid>,
        /// On whose behalf it was done: a person, or a unit that was told by telephone.
        on_behalf: Option<Uuid>,
        /// Device it came from.
        device: Option<Uuid>,
        /// Time by that device's clock (instant).
        device_at: Option<i64>,
        /// When the node received the command (instant).
        received_at: i64,
        /// Kind of the thing it happened to.
        aggregate: String,
        /// Id of the thing.
        aggregate_id: Uuid,
        /// Version of the thing after this event.
        version: i64,
        /// Kind of the event.
        kind: String,
        /// Version of that kind's payload.
        kind_v: i64,
        /// Id shared by everything one command caused.
        correlation: Uuid,
        /// The event's bytes.
        payload: Vec<u8>,
    }
}

/// The head for readers; `None` before the first `set_head`.
pub fn head(tx: &mut Tx<'_>) -> Result<Option<Head>> {
    let sql = format!("SELECT {} FROM journal_head WHERE one = 1", Head::NAMES);
    tx.query_opt(&sql, &[])?.map(Head::read).transpose()
}

/// The head for the writer, locked until the end of the transaction. `StoreError::Open` when there is none.
pub fn claim_head(tx: &mut Tx<'_>) -> Result<Head> {
    let sql = format!(
        "SELECT {} FROM journal_head WHERE one = 1 FOR UPDATE",
        Head::NAMES
    );
    let row = tx.query_opt(&sql, &[])?;
    row.map_or_else(
        || {
            Err(StoreError::Open(
                "the journal has no head: the node is not set up".into(),
            ))
        },
        Head::read,
    )
}

/// Writes the head, the first time and every time.
pub fn set_head(tx: &mut Tx<'_>, head: &Head) -> Result<()> {
    let mut sets = String::new();
    for column in Head::COLUMNS {
        if !sets.is_empty() {
            sets.push_str(", ");
        }
        sets.push_str(&format!("{0} = excluded.{0}", column.name));
    }
    let sql = format!(
        "INSERT INTO journal_head (one, {}) VALUES (1, $1, $2, $3, $4, $5, $6) ON CONFLICT (one) DO UPDATE SET {sets}",
        Head::NAMES
    );
    tx.execute(&sql, &head.clone().values())?;
    Ok(())
}

/// Appends events, in one statement. `StoreError::Constraint` when a sequence or a version of a thing exists.
pub fn append(tx: &mut Tx<'_>, rows: Vec<JournalRow>) -> Result<()> {
    tx.bulk_insert(
        "journal",
        JournalRow::COLUMNS,
        values_of(rows),
        Conflict::Fail,
    )?;
    Ok(())
}

/// Events of a thing after a version, oldest first, at most `limit`.
pub fn of_aggregate(
    tx: &mut Tx<'_>,
    id: Uuid,
    after_version: i64,
    limit: i64,
) -> Result<Vec<JournalRow>> {
    let sql = format!(
        "SELECT {} FROM journal WHERE aggregate_id = $1 AND version > $2 ORDER BY version LIMIT $3",
        JournalRow::NAMES
    );
    read_all(tx.query(&sql, &[id.into(), after_version.into(), limit.into()])?)
}

/// Events of a thing that are of these kinds, newest first, at most `limit`.
pub fn newest_of_kinds(
    tx: &mut Tx<'_>,
    id: Uuid,
    kinds: &[String],
    limit: i64,
) -> Result<Vec<JournalRow>> {
    let sql = format!(
        "SELECT {} FROM journal WHERE aggregate_id = $1 AND kind = ANY($2) ORDER BY version DESC LIMIT $3",
        JournalRow::NAMES
    );
    read_all(tx.query(&sql, &[id.into(), Value::texts(kinds), limit.into()])?)
}

/// Which of these ids are those of things that have begun, of whatever kind.
pub fn begun(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT aggregate_id FROM journal WHERE aggregate_id = ANY($1) AND version = 1";
    tx.query(sql, &[Value::ids(ids)])?
        .into_iter()
        .map(|mut row| row.uuid(0))
        .collect()
}

/// Events after a sequence, in order, at most `limit`.
pub fn range(tx: &mut Tx<'_>, after_seq: i64, limit: i64) -> Result<Vec<JournalRow>> {
    let sql = format!(
        "SELECT {} FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2",
        JournalRow::NAMES
    );
    read_all(tx.query(&sql, &[after_seq.into(), limit.into()])?)
}

/// Number of events; walks the whole journal, only for `check`.
pub fn count(tx: &mut Tx<'_>) -> Result<i64> {
    tx.query_opt("SELECT count(*) FROM journal", &[])?
        .map_or(Ok(0), |mut row| row.int(0))
}
