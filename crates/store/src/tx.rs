//! One transaction on either engine: the only way from this crate's rooms to a database.
//!
//! Must not: decide anything, wait for anything but the database. Invariant: a transaction in which a statement failed
//! can no longer commit, on either engine (PostgreSQL would turn its COMMIT into a silent ROLLBACK, SQLite would keep
//! the half), so `Ok` from a commit means that every statement happened.

use crate::dialect::{self, Conflict, Engine};
use crate::error::{Result, StoreError};
use crate::postgres::PgConn;
use crate::rows::Column;
use crate::sqlite::SqliteConn;
use crate::value::{Row, Value};

/// A connection of either engine.
pub(crate) enum Conn {
    Sqlite(SqliteConn),
    Postgres(PgConn),
}

/// How a transaction begins.
#[derive(Clone, Copy)]
pub(crate) enum Begin {
    Write,
    Snapshot,
}

impl Conn {
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) fn begin(&mut self, begin: Begin) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.control(match begin {
                Begin::Write => "BEGIN IMMEDIATE",
                Begin::Snapshot => "BEGIN DEFERRED",
            }),
            Self::Postgres(conn) => conn.control(match begin {
                Begin::Write => "BEGIN",
                Begin::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            }),
        }
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.commit(),
            Self::Postgres(conn) => conn.commit(),
        }
    }

    pub(crate) fn rollback(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.rollback(),
            Self::Postgres(conn) => conn.rollback(),
        }
    }

    /// Whether the connection can no longer be used.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(conn) => conn.is_lost(),
        }
    }

    fn query(&mut self, sql: &str, params: &[Value], cached: bool) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(conn) => conn.query(sql, params, cached),
            Self::Postgres(conn) => conn.query(sql, params),
        }
    }

    fn execute(&mut self, sql: &str, params: &[Value], cached: bool) -> Result<u64> {
        match self {
            Self::Sqlite(conn) => conn.execute(sql, params, cached),
            Self::Postgres(conn) => conn.execute(sql, params),
        }
    }

    /// How many parameters one statement may have.
    fn variable_limit(&self) -> usize {
        match self {
            Self::Sqlite(conn) => conn.variable_limit(),
            // One list per column: the number of rows does not count.
            Self::Postgres(_) => usize::MAX,
        }
    }
}

/// A running transaction. Only `Writer::transaction` and `Readers` make one.
pub struct Tx<'c> {
    conn: Result<&'c mut Conn>,
    statements: u64,
    failed: Option<StoreError>,
    texts: Option<&'c mut std::collections::BTreeSet<String>>,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("statements", &self.statements)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<'c> Tx<'c> {
    pub(crate) fn new(
        conn: &'c mut Conn,
        texts: Option<&'c mut std::collections::BTreeSet<String>>,
    ) -> Self {
        // The BEGIN before it is counted.
        Self {
            conn: Ok(conn),
            statements: 1,
            failed: None,
            texts,
        }
    }

    /// A transaction that never began: every statement answers with the reason.
    pub(crate) fn broken(reason: StoreError) -> Self {
        Self {
            conn: Err(reason),
            statements: 0,
            failed: None,
            texts: None,
        }
    }

    pub(crate) fn failed(&self) -> Option<&StoreError> {
        self.failed.as_ref()
    }

    /// Which engine this runs on; SQLite for a transaction that never began.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.conn
            .as_ref()
            .map_or(Engine::Sqlite, |conn| conn.engine())
    }

    /// Statements sent so far, the BEGIN included.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements
    }

    fn run<T>(
        &mut self,
        sql: &str,
        params: &[Value],
        f: impl FnOnce(&mut Conn, &str, &[Value]) -> Result<T>,
    ) -> Result<T> {
        let conn = match &mut self.conn {
            Ok(conn) => conn,
            Err(reason) => return Err(reason.clone()),
        };
        if let Some(texts) = &mut self.texts {
            texts.insert(dialect::render(conn.engine(), sql));
        }
        self.statements += 1;
        let checked = params.iter().try_for_each(Value::check);
        let result = checked.and_then(|()| f(conn, sql, params));
        if let Err(error) = &result
            && self.failed.is_none()
        {
            self.failed = Some(error.clone());
        }
        result
    }

    /// Runs a statement that answers rows. `sql` is written with `$1…` (see `dialect`); it is kept prepared.
    pub fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        self.run(sql, params, |conn, sql, params| {
            conn.query(sql, params, true)
        })
    }

    /// Runs a statement that answers at most one row; more are an error.
    pub fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        let mut rows = self.query(sql, params)?;
        if rows.len() > 1 {
            return Err(StoreError::Sql(format!(
                "{} rows where at most one was wanted",
                rows.len()
            )));
        }
        Ok(rows.pop())
    }

    /// Runs a statement that changes rows; answers how many.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        self.run(sql, params, |conn, sql, params| {
            conn.execute(sql, params, true)
        })
    }

    /// Inserts rows in one statement whatever their number; no rows, no statement. Answers how many rows were written.
    ///
    /// On SQLite more than `SQLITE_MAX_VARIABLE_NUMBER` values (250,000 in this build) are sent in several statements.
    pub fn bulk_insert(
        &mut self,
        table: &str,
        columns: &[Column],
        rows: Vec<Vec<Value>>,
        conflict: Conflict,
    ) -> Result<u64> {
        let mut rows = dialect::fold_rows(columns, rows, conflict)?;
        let limit = self
            .conn
            .as_ref()
            .map_or(usize::MAX, |conn| conn.variable_limit());
        let at_once = (limit / columns.len().max(1)).max(1);
        let mut written = 0;
        while !rows.is_empty() {
            let rest = if rows.len() > at_once {
                rows.split_off(at_once)
            } else {
                Vec::new()
            };
            let count = rows.len();
            let (sql, params) = dialect::bulk_text(self.engine(), table, columns, rows, conflict)?;
            written += self.run(&sql, &params, |conn, sql, params| {
                conn.execute(sql, params, count <= CACHED_ROWS)
            })?;
            rows = rest;
        }
        Ok(written)
    }

    /// Rows of `select` (which ends before its WHERE) whose `key` columns equal one of `keys`, in one statement.
    pub(crate) fn query_keys(
        &mut self,
        select: &str,
        key: &[Column],
        keys: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let cached = keys.len() <= CACHED_ROWS;
        let (sql, params) = self.keys_text(select, key, keys)?;
        self.run(&sql, &params, |conn, sql, params| {
            conn.query(sql, params, cached)
        })
    }

    /// Like `query_keys`, for a DELETE.
    pub(crate) fn execute_keys(
        &mut self,
        delete: &str,
        key: &[Column],
        keys: Vec<Vec<Value>>,
    ) -> Result<u64> {
        if keys.is_empty() {
            return Ok(0);
        }
        let cached = keys.len() <= CACHED_ROWS;
        let (sql, params) = self.keys_text(delete, key, keys)?;
        self.run(&sql, &params, |conn, sql, params| {
            conn.execute(sql, params, cached)
        })
    }

    fn keys_text(
        &self,
        head: &str,
        key: &[Column],
        keys: Vec<Vec<Value>>,
    ) -> Result<(String, Vec<Value>)> {
        let names = key.iter().map(|c| c.name).collect::<Vec<_>>().join(", ");
        let (source, params) = dialect::rows_source(self.engine(), key, keys)?;
        Ok((format!("{head} WHERE ({names}) IN ({source})"), params))
    }
}

/// Up to so many rows the statement with as many marks is kept prepared on SQLite: bigger ones come rarely twice and
/// would hold megabytes each.
const CACHED_ROWS: usize = 32;
