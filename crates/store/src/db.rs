//! Opening a store and writing to it.
//!
//! Must not: migrate by itself (`schema::migrate` takes the time as a parameter), read a clock. Invariants: at most one
//! `Writer` exists per database, over all processes; a transaction is all or nothing, also when its closure panics.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::dialect::Engine;
use crate::error::{Result, StoreError};
use crate::postgres::PgConn;
use crate::readers::Readers;
use crate::schema;
use crate::sqlite::{FileLock, SqliteConn};
use crate::tx::{Begin, Conn, Tx};

/// Where a store is: `sqlite:PATH` or a bare path, or `postgres://…` / `postgresql://…`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL address, as the driver takes it. May hold a password: `Debug` and `Display` leave it out.
    Postgres(String),
}

impl DatabaseUrl {
    /// Which engine serves this address.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(StoreError::Open(
                "the address of a store is sqlite:PATH or postgres://…".into(),
            ));
        }
        if path.contains("://") {
            return Err(StoreError::Open(format!(
                "unknown kind of store: {}; sqlite:PATH and postgres://… are known",
                path.split("://").next().unwrap_or_default()
            )));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                // Everything before the last @ may be a name and a password; so may the query.
                let tail = url.rsplit_once('@').map_or_else(
                    || url.split_once("://").map_or("", |(_, tail)| tail),
                    |(_, tail)| tail,
                );
                write!(
                    f,
                    "postgres://{}",
                    tail.split('?').next().unwrap_or_default()
                )
            }
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// The doors to a store.
#[derive(Debug)]
pub struct Db;

impl Db {
    /// Opens for writing and reading. `readers` is the number of reader threads (at least 1).
    ///
    /// The schema may still be empty or older: call `schema::migrate` before anything else.
    pub fn open(url: &DatabaseUrl, readers: usize) -> Result<(Writer, Readers)> {
        let writer = Self::open_writer(url)?;
        let readers = Self::open_readers(url, readers)?;
        Ok((writer, readers))
    }

    /// Opens the one write connection; `StoreError::WriterRunning` if another process (or this one) has it.
    pub fn open_writer(url: &DatabaseUrl) -> Result<Writer> {
        let lock = match url {
            DatabaseUrl::Sqlite(path) => Some(take_lock(path)?),
            DatabaseUrl::Postgres(_) => None,
        };
        let mut writer = Writer {
            conn: connect(url, true)?,
            url: url.clone(),
            _lock: lock,
            last_statements: 0,
            total_statements: 0,
            texts: None,
        };
        writer.transaction(schema::refuse_newer)?;
        Ok(writer)
    }

    /// Opens reader threads; needs no lock, so a command line tool can read beside a running writer.
    pub fn open_readers(url: &DatabaseUrl, readers: usize) -> Result<Readers> {
        let readers = Readers::start(url, readers)?;
        readers.blocking(schema::refuse_newer)?;
        Ok(readers)
    }
}

fn take_lock(path: &Path) -> Result<FileLock> {
    // The lock's name follows symbolic links, which needs the file to be there.
    std::fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| StoreError::Open(format!("{}: {error}", path.display())))?;
    FileLock::take(path)
}

pub(crate) fn connect(url: &DatabaseUrl, writer: bool) -> Result<Conn> {
    Ok(match url {
        DatabaseUrl::Sqlite(path) if writer => Conn::Sqlite(SqliteConn::open_writer(path)?),
        DatabaseUrl::Sqlite(path) => Conn::Sqlite(SqliteConn::open_reader(path)?),
        DatabaseUrl::Postgres(url) => Conn::Postgres(PgConn::connect(url, writer)?),
    })
}

/// The one write connection. `Send`: it is moved to the writer's own thread. Its methods block and must not be called
/// inside an asynchronous runtime.
pub struct Writer {
    conn: Conn,
    url: DatabaseUrl,
    _lock: Option<FileLock>,
    last_statements: u64,
    total_statements: u64,
    texts: Option<BTreeSet<String>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Runs `f` in one durable transaction: commits when it answers `Ok`, rolls back when it answers `Err` or panics
    /// (the panic goes on). When a statement failed and `f` still answers `Ok`, nothing is written and that failure is
    /// the answer. `StoreError::CommitUnknown` means: `reconnect` and look.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.last_statements = 0;
        self.conn.begin(Begin::Write)?;
        let mut tx = Tx::new(&mut self.conn, self.texts.as_mut());
        let outcome = catch_unwind(AssertUnwindSafe(|| f(&mut tx)));
        let failed = tx.failed().cloned();
        let statements = tx.statements() + 1;
        self.last_statements = statements;
        self.total_statements += statements;
        let value = match outcome {
            Ok(Ok(value)) => value,
            Ok(Err(error)) => {
                self.roll_back();
                return Err(error);
            }
            Err(panic) => {
                self.roll_back();
                resume_unwind(panic);
            }
        };
        if let Some(failed) = failed {
            self.roll_back();
            return Err(failed.into());
        }
        if let Err(error) = self.conn.commit() {
            self.roll_back();
            return Err(error.into());
        }
        Ok(value)
    }

    fn roll_back(&mut self) {
        if self.conn.is_lost() {
            return;
        }
        if let Err(error) = self.conn.rollback() {
            tracing::warn!(code = error.code(), %error, "rollback failed; the connection is given up");
        }
    }

    /// Statements of the last transaction, its BEGIN and COMMIT included; 0 when it never began.
    #[must_use]
    pub fn last_statements(&self) -> u64 {
        self.last_statements
    }

    /// Statements of all transactions of this writer.
    #[must_use]
    pub fn total_statements(&self) -> u64 {
        self.total_statements
    }

    /// Whether the connection is gone and `reconnect` is needed.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.conn.is_lost()
    }

    /// Opens the connection again, after `StoreError::Lost` or `StoreError::CommitUnknown`.
    ///
    /// On PostgreSQL the right to write is taken anew, so this can answer `WriterRunning`: another process took over
    /// (then stop), or the server has not yet noticed that the old connection is gone (then try again shortly).
    pub fn reconnect(&mut self) -> Result<()> {
        if let Conn::Postgres(old) = &mut self.conn {
            // Give the old lock back before asking for it.
            old.close();
        }
        self.conn = connect(&self.url, true)?;
        Ok(())
    }

    /// Where this writes.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Which engine this writes to.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.conn.engine()
    }

    /// Starts collecting the texts of all statements, for tests that explain them.
    pub fn record_texts(&mut self) {
        self.texts = Some(BTreeSet::new());
    }

    /// The texts collected since `record_texts`, as the engine saw them.
    #[must_use]
    pub fn take_texts(&mut self) -> BTreeSet<String> {
        self.texts.take().unwrap_or_default()
    }
}
