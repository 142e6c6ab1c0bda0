//! The schema and its migrations, one text for both engines.
//!
//! Must not: go backwards, read a clock. Invariant: a database whose version is newer than this program's is refused
//! before anything is read from it or written to it.

use crate::db::Writer;
use crate::dialect::Engine;
use crate::error::{Result, StoreError};
use crate::tx::Tx;

/// The whole schema after the last migration, commented, with its type words unfilled.
pub const WHOLE: &str = include_str!("schema.sql");

/// The migrations, oldest first; the first has version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_things.sql"),
    include_str!("migrations/0003_procedure.sql"),
    include_str!("migrations/0004_grids.sql"),
];

/// The newest version this program knows.
pub const KNOWN: i64 = MIGRATIONS.len() as i64;

/// What `migrate` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Version found, 0 for an empty database.
    pub from: i64,
    /// Version now.
    pub to: i64,
}

/// Brings the schema to the version of this program, each migration in a transaction of its own. `at` is the present
/// instant (UTC milliseconds), written beside each version. `StoreError::Schema` when the database is newer.
pub fn migrate(writer: &mut Writer, at: i64) -> Result<Report> {
    let from = writer.transaction(|tx| {
        let found = version(tx)?;
        refuse(found)?;
        Ok::<_, StoreError>(found)
    })?;
    for (text, version) in MIGRATIONS
        .iter()
        .zip(1i64..)
        .filter(|(_, version)| *version > from)
    {
        writer.transaction(|tx| {
            apply(tx, text)?;
            tx.execute(
                "INSERT INTO schema_version (version, at) VALUES ($1, $2)",
                &[version.into(), at.into()],
            )
        })?;
        tracing::info!(version, "schema migrated");
    }
    Ok(Report { from, to: KNOWN })
}

/// The version of the schema in the database, 0 when there is none.
pub fn version(tx: &mut Tx<'_>) -> Result<i64> {
    let there = match tx.engine() {
        Engine::Sqlite => {
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
        }
        Engine::Postgres => {
            "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_version')"
        }
    };
    let there = tx
        .query_opt(there, &[])?
        .map_or(Ok(0), |mut row| row.int(0))?;
    if there == 0 {
        return Ok(0);
    }
    let row = tx.query_opt("SELECT max(version) FROM schema_version", &[])?;
    Ok(row.map_or(Ok(None), |mut row| row.opt_int(0))?.unwrap_or(0))
}

/// Runs every statement of a schema text in this transaction. Public for the test that compares whole and migrated.
pub fn apply(tx: &mut Tx<'_>, text: &str) -> Result<()> {
    for statement in statements(tx.engine(), text) {
        tx.execute(&statement, &[])?;
    }
    Ok(())
}

pub(crate) fn refuse_newer(tx: &mut Tx<'_>) -> Result<()> {
    refuse(version(tx)?)
}

fn refuse(found: i64) -> Result<()> {
    if found > KNOWN {
        Err(StoreError::Schema {
            found,
            known: KNOWN,
        })
    } else {
        Ok(())
    }
}

/// The statements of a text, comments taken out, type words filled in.
fn statements(engine: Engine, text: &str) -> Vec<String> {
    let words = match engine {
        Engine::Sqlite => [
            ("{int}", "INTEGER"),
            ("{blob}", "BLOB"),
            ("{text}", "TEXT"),
            ("{strict}", "STRICT"),
            ("{clustered}", "STRICT, WITHOUT ROWID"),
        ],
        Engine::Postgres => [
            ("{int}", "BIGINT"),
            ("{blob}", "BYTEA"),
            ("{text}", "TEXT COLLATE \"C\""),
            ("{strict}", ""),
            ("{clustered}", ""),
        ],
    };
    let bare: Vec<&str> = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    let mut bare = bare.join("\n");
    for (word, fill) in words {
        bare = bare.replace(word, fill);
    }
    bare.split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
        .map(str::to_owned)
        .collect()
}
