//! This node's own row.
//!
//! Must not: make ids. Invariant: there is at most one row.

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::{Result, StoreError};
use crate::rows::{TableRow, read_all, table};
use crate::tx::Tx;

table! {
    /// This node.
    pub struct NodeRow {
        /// Id of the node.
        id: Uuid,
        /// Its name for people.
        name: String,
        /// Raised by every restore.
        epoch: i64,
        /// When the node was set up (instant).
        created_at: i64,
    }
}

/// This node, `None` before it was set up.
pub fn read(tx: &mut Tx<'_>) -> Result<Option<NodeRow>> {
    Ok(read_all(tx.query(&format!("SELECT {} FROM node", NodeRow::NAMES), &[])?)?.pop())
}

/// Sets the node up; `StoreError::Constraint` when there is one already.
pub fn create(tx: &mut Tx<'_>, node: NodeRow) -> Result<()> {
    if read(tx)?.is_some() {
        return Err(StoreError::Constraint("the node is set up already".into()));
    }
    tx.bulk_insert(
        "node",
        NodeRow::COLUMNS,
        vec![node.values()],
        Conflict::Fail,
    )?;
    Ok(())
}
