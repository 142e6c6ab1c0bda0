//! Rule sets (classes, limits, plans), by digest, and which one is in force.
//!
//! Must not: read a rule set. Invariant: a rule set once put never changes, and the present one is there.

use crate::error::Result;
use crate::tx::Tx;

/// Keeps a rule set; a digest that is there already stays as it is. `at` is the present instant.
pub fn put(tx: &mut Tx<'_>, digest: &[u8], content: &[u8], at: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO ruleset (digest, content, at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING",
        &[digest.into(), content.into(), at.into()],
    )?;
    Ok(())
}

/// Digest and content of the rule set in force; `None` before the first.
pub fn present(tx: &mut Tx<'_>) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    let sql = "SELECT r.digest, r.content FROM ruleset_present p JOIN ruleset r ON r.digest = p.digest WHERE p.one = 1";
    tx.query_opt(sql, &[])?
        .map(|mut row| Ok((row.blob(0)?, row.blob(1)?)))
        .transpose()
}

/// Content of the rule set with this digest.
pub fn get(tx: &mut Tx<'_>, digest: &[u8]) -> Result<Option<Vec<u8>>> {
    let row = tx.query_opt(
        "SELECT content FROM ruleset WHERE digest = $1",
        &[digest.into()],
    )?;
    row.map(|mut row| row.blob(0)).transpose()
}

/// Puts a rule set in force; `StoreError::Constraint` when it was never put.
pub fn set_present(tx: &mut Tx<'_>, digest: &[u8]) -> Result<()> {
    tx.execute(
        "INSERT INTO ruleset_present (one, digest) VALUES (1, $1) \
         ON CONFLICT (one) DO UPDATE SET digest = excluded.digest",
        &[digest.into()],
    )?;
    Ok(())
}
