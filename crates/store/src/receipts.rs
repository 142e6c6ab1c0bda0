//! Answers kept so that a repeated command gets the same one.
//!
//! Must not: compare bodies (the caller does). Invariant: one answer per (sender, key).

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Row;

table! {
    /// A kept answer.
    pub struct ReceiptRow {
        /// Person or device that sent the command.
        sender: Uuid,
        /// Its key.
        key: String,
        /// Hash of the body.
        body_hash: Vec<u8>,
        /// The short answer.
        answer: Vec<u8>,
        /// Journal sequence of the answer.
        seq: i64,
        /// When (instant).
        at: i64,
    }
}

/// Receipts of these (sender, key), in one statement, in no order.
pub fn find(tx: &mut Tx<'_>, keys: &[(Uuid, String)]) -> Result<Vec<ReceiptRow>> {
    let select = format!("SELECT {} FROM receipt", ReceiptRow::NAMES);
    let keys = keys
        .iter()
        .map(|(sender, key)| vec![(*sender).into(), key.as_str().into()])
        .collect();
    read_all(tx.query_keys(&select, &ReceiptRow::COLUMNS[..2], keys)?)
}

/// Keeps answers, in one statement; `StoreError::Constraint` when one is there already.
pub fn insert(tx: &mut Tx<'_>, rows: Vec<ReceiptRow>) -> Result<()> {
    tx.bulk_insert(
        "receipt",
        ReceiptRow::COLUMNS,
        values_of(rows),
        Conflict::Fail,
    )?;
    Ok(())
}

/// Drops receipts from before an instant, the oldest first, at most `limit`; answers how many.
pub fn sweep(tx: &mut Tx<'_>, before_at: i64, limit: i64) -> Result<u64> {
    // Two statements: as one, PostgreSQL would expect a tenth of the table and walk all of it.
    let sql = "SELECT sender, key FROM receipt WHERE at < $1 ORDER BY at LIMIT $2";
    let rows = tx.query(sql, &[before_at.into(), limit.into()])?;
    let keys = rows.into_iter().map(Row::into_values).collect();
    tx.execute_keys("DELETE FROM receipt", &ReceiptRow::COLUMNS[..2], keys)
}
