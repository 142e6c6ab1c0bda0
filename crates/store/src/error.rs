//! What can go wrong on the storage floor, as one type with a stable code per kind.
//!
//! Must not: carry values of rows. Both engines are asked for messages without the offending values (PostgreSQL's
//! `DETAIL` line is left out on purpose), so an error may be logged. Invariant: the same fault has the same kind on
//! both engines; all kinds are plain text and can be cloned to every command of a failed batch.

/// An error of the storage floor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store could not be opened: wrong address, missing folder, wrong server settings, not set up.
    #[error("cannot open the store: {0}")]
    Open(String),
    /// Another process holds the right to write here.
    #[error("another process is writing to {0}; stop it first")]
    WriterRunning(String),
    /// A lock or a statement took too long; the same call may succeed later.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// A uniqueness, null, check or foreign key rule of the schema refused the row, or a text held the character NUL.
    #[error("a rule of the schema was broken: {0}")]
    Constraint(String),
    /// A column did not hold what the reader asked for.
    #[error("column {column} holds {found} where {wanted} was wanted")]
    Decode {
        /// Index of the column in the row, from 0.
        column: usize,
        /// What the reader asked for.
        wanted: &'static str,
        /// What was there.
        found: &'static str,
    },
    /// The disk is full; nothing was written.
    #[error("the disk of the store is full: {0}")]
    Full(String),
    /// The commit was sent and its answer never came: it may or may not have happened. Reconnect and look.
    #[error("the outcome of a commit is unknown: {0}")]
    CommitUnknown(String),
    /// The schema is newer than this program.
    #[error("the schema has version {found}, this program knows {known}; run the newer program")]
    Schema {
        /// Version found in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// The connection is gone (or a reader thread is); nothing of the transaction was written.
    #[error("the connection to the store was lost: {0}")]
    Lost(String),
    /// Any other refusal of the engine; a fault of this program or of the database file.
    #[error("a statement failed: {0}")]
    Sql(String),
}

impl StoreError {
    /// The stable code of the kind, for logs, metrics and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open(_) => "store.open",
            Self::WriterRunning(_) => "store.writer_running",
            Self::Busy(_) => "store.busy",
            Self::Constraint(_) => "store.constraint",
            Self::Decode { .. } => "store.decode",
            Self::Full(_) => "store.full",
            Self::CommitUnknown(_) => "store.commit_unknown",
            Self::Schema { .. } => "store.schema",
            Self::Lost(_) => "store.lost",
            Self::Sql(_) => "store.sql",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::OperationInterrupted) => {
                Self::Busy(text)
            }
            Some(Code::ConstraintViolation) => Self::Constraint(text),
            Some(Code::DiskFull) => Self::Full(text),
            Some(Code::CannotOpen | Code::NotADatabase | Code::PermissionDenied) => {
                Self::Open(text)
            }
            _ => Self::Sql(text),
        }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState as State;
        let Some(db) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(&error)
                    .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
            {
                Self::Lost(error.to_string())
            } else {
                Self::Sql(error.to_string())
            };
        };
        let state = db.code();
        let text = match db.constraint() {
            Some(name) => format!("{} ({name}, {})", db.message(), state.code()),
            None => format!("{} ({})", db.message(), state.code()),
        };
        let class = state.code().get(..2).unwrap_or("");
        if *state == State::DISK_FULL {
            Self::Full(text)
        } else if class == "08" || state.code().starts_with("57P") {
            Self::Lost(text)
        } else if class == "23" || *state == State::CHARACTER_NOT_IN_REPERTOIRE {
            Self::Constraint(text)
        } else if class == "55" || class == "40" || *state == State::QUERY_CANCELED {
            Self::Busy(text)
        } else {
            Self::Sql(text)
        }
    }
}

/// Shorthand of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
