//! Password hashes and sessions.
//!
//! Must not: hash, compare, see a token. Invariant: only hashes are here.

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, table};
use crate::tx::Tx;

table! {
    /// A password hash.
    pub struct CredentialRow {
        /// Person.
        person: Uuid,
        /// Hash with its algorithm and salt.
        hash: String,
        /// When it was set (instant).
        set_at: i64,
    }
}

table! {
    /// A session.
    pub struct SessionRow {
        /// Hash of the token.
        id: Vec<u8>,
        /// Person.
        person: Uuid,
        /// Secret of its forms.
        csrf: Vec<u8>,
        /// When it began (instant).
        created_at: i64,
        /// Last use (instant).
        seen_at: i64,
        /// End (instant).
        expires_at: i64,
    }
}

/// Sets a person's password hash, the first or another.
pub fn put_credential(tx: &mut Tx<'_>, row: CredentialRow) -> Result<()> {
    tx.bulk_insert(
        "credential",
        CredentialRow::COLUMNS,
        vec![row.values()],
        Conflict::Replace(&["person"]),
    )?;
    Ok(())
}

/// A person's password hash.
pub fn credential(tx: &mut Tx<'_>, person: Uuid) -> Result<Option<CredentialRow>> {
    let sql = format!(
        "SELECT {} FROM credential WHERE person = $1",
        CredentialRow::NAMES
    );
    tx.query_opt(&sql, &[person.into()])?
        .map(CredentialRow::read)
        .transpose()
}

/// Begins a session; `StoreError::Constraint` when the token was used before.
pub fn insert(tx: &mut Tx<'_>, row: SessionRow) -> Result<()> {
    tx.bulk_insert(
        "session",
        SessionRow::COLUMNS,
        vec![row.values()],
        Conflict::Fail,
    )?;
    Ok(())
}

/// The session with this token hash, also when it has ended: the caller looks at `expires_at`.
pub fn find(tx: &mut Tx<'_>, id: &[u8]) -> Result<Option<SessionRow>> {
    let sql = format!("SELECT {} FROM session WHERE id = $1", SessionRow::NAMES);
    tx.query_opt(&sql, &[id.into()])?
        .map(SessionRow::read)
        .transpose()
}

/// Notes a use and moves the end; answers whether the session is there.
pub fn touch(tx: &mut Tx<'_>, id: &[u8], seen_at: i64, expires_at: i64) -> Result<bool> {
    let sql = "UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1";
    Ok(tx.execute(sql, &[id.into(), seen_at.into(), expires_at.into()])? > 0)
}

/// Ends a session; answers whether it was there.
pub fn delete(tx: &mut Tx<'_>, id: &[u8]) -> Result<bool> {
    Ok(tx.execute("DELETE FROM session WHERE id = $1", &[id.into()])? > 0)
}

/// Ends all sessions of a person; answers how many.
pub fn delete_of_person(tx: &mut Tx<'_>, person: Uuid) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE person = $1", &[person.into()])
}

/// Drops sessions that ended at `now` or before; answers how many.
pub fn sweep(tx: &mut Tx<'_>, now: i64) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE expires_at <= $1", &[now.into()])
}
