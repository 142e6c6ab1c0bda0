//! The storage floor: journal, rows, figures, timers, receipts, sessions, directory and rule sets, on SQLite (one
//! machine) or PostgreSQL.
//!
//! Must not: hold rules, speak HTTP, read a clock, do slow work inside a transaction. Invariants: one writer per
//! database; every change is one durable transaction; every room function does the same on both engines.
//!
//! # Rules for statements (each has a test by value on both engines)
//! 1. Parameters are `$1, $2 …` and may come in any order and more than once; the value belongs to the number.
//! 2. No JSON in SQL, above all no `CAST(… AS JSON)`: it means a number in SQLite. Structures are bytes.
//! 3. No `lower()`, `upper()` or `LIKE` on text that may be other than ASCII: SQLite folds ASCII only, PostgreSQL by
//!    locale. Fold in Rust and store the folded text in a column. Order of text is by bytes (`COLLATE "C"`).
//! 4. `SUM` of whole numbers is written `CAST(SUM(x) AS BIGINT)`: PostgreSQL answers NUMERIC otherwise.
//! 5. `$1 IS NULL` is written `CAST($1 AS BIGINT) IS NULL` (or `BYTEA`, `TEXT`; SQLite takes any word): PostgreSQL
//!    cannot guess the type. Better: two statements.
//! 6. Lists are one parameter, `= ANY($1)`; an empty list matches nothing. Lists of pairs are `(a, b) IN (rows)`.
//! 7. NULLs sort first in SQLite and last in PostgreSQL: write `NULLS FIRST` or `NULLS LAST`.
//! 8. A text never holds the character NUL; both engines refuse it.
//! 9. A statement that failed dooms its transaction on both engines.

mod db;
pub mod dialect;
mod error;
mod postgres;
mod readers;
mod rows;
pub mod schema;
mod sqlite;
mod tx;
mod value;

pub mod cases;
pub mod directory;
pub mod figures;
pub mod grids;
pub mod journal;
pub mod node;
pub mod receipts;
pub mod rules;
pub mod sessions;
pub mod things;
pub mod timers;

pub use db::{DatabaseUrl, Db, Writer};
pub use dialect::{Conflict, Engine};
pub use error::{Result, StoreError};
pub use readers::{Job, Readers};
pub use rows::Column;
pub use tx::Tx;
pub use value::{Kind, List, Row, Value};
