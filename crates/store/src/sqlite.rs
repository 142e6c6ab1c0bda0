//! SQLite: opening, settings, running statements.
//!
//! Must not: rewrite SQL (dialect.rs) or know a table. Invariant: the write connection is WAL with
//! `synchronous=FULL`: a commit that was answered is on the disk.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value as SqliteValue, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};

use crate::dialect::{self, Engine};
use crate::error::{Result, StoreError};
use crate::value::{List, Row, Value};

/// One connection with its rewritten texts.
pub(crate) struct SqliteConn {
    conn: Connection,
    texts: HashMap<String, String>,
    variables: usize,
}

/// More distinct texts than the rooms have; lists of scopes make a few more.
const KEPT_TEXTS: usize = 1024;
const KEPT_STATEMENTS: usize = 256;

impl SqliteConn {
    pub(crate) fn open_writer(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let this = Self::open(path, flags)?;
        let mode: String = this
            .conn
            .query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreError::Open(format!(
                "{}: write-ahead log refused (mode {mode}); use a local disk",
                path.display()
            )));
        }
        // FULL: the log is synced at every commit. 4000 pages of 4 KiB between checkpoints; the log is cut back
        // to 64 MiB after a big batch. secure_delete: erased rows are overwritten.
        this.conn.execute_batch(
            "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=4000;
             PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-65536;",
        )?;
        Ok(this)
    }

    pub(crate) fn open_reader(path: &Path) -> Result<Self> {
        // Not READ_ONLY: the log's shared memory must be writable for a reader. No CREATE: a reader makes no database.
        let this = Self::open(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        this.conn
            .execute_batch("PRAGMA query_only=ON; PRAGMA cache_size=-16384;")?;
        Ok(this)
    }

    fn open(path: &Path, flags: OpenFlags) -> Result<Self> {
        let conn = Connection::open_with_flags(path, flags)
            .map_err(|error| StoreError::Open(format!("{}: {error}", path.display())))?;
        conn.busy_timeout(Duration::from_secs(5))?;
        // temp_store: sorted rows never touch another file; trusted_schema: the file's own text calls no functions.
        conn.execute_batch(
            "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;",
        )?;
        conn.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
        rusqlite::vtab::array::load_module(&conn)?;
        let variables =
            usize::try_from(conn.limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER)?).unwrap_or(999);
        Ok(Self {
            conn,
            texts: HashMap::new(),
            variables,
        })
    }

    pub(crate) fn variable_limit(&self) -> usize {
        self.variables
    }

    pub(crate) fn control(&mut self, sql: &str) -> Result<()> {
        self.conn.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        let result = self.control("COMMIT");
        match result {
            // The log may hold the commit although its sync failed: only a look after opening again tells.
            Err(StoreError::Sql(reason)) => Err(StoreError::CommitUnknown(reason)),
            other => other,
        }
    }

    pub(crate) fn rollback(&mut self) -> Result<()> {
        // After a full disk SQLite has rolled back by itself.
        if self.conn.is_autocommit() {
            Ok(())
        } else {
            self.control("ROLLBACK")
        }
    }

    fn text(&mut self, sql: &str) {
        if !self.texts.contains_key(sql) {
            if self.texts.len() >= KEPT_TEXTS {
                self.texts.clear();
            }
            self.texts
                .insert(sql.to_owned(), dialect::render(Engine::Sqlite, sql));
        }
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value], cached: bool) -> Result<Vec<Row>> {
        if !cached {
            let mut statement = self.conn.prepare(&dialect::render(Engine::Sqlite, sql))?;
            return collect(&mut statement, params);
        }
        self.text(sql);
        let mut statement = self
            .conn
            .prepare_cached(self.texts.get(sql).map_or(sql, String::as_str))?;
        collect(&mut statement, params)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value], cached: bool) -> Result<u64> {
        let changed = if cached {
            self.text(sql);
            let mut statement = self
                .conn
                .prepare_cached(self.texts.get(sql).map_or(sql, String::as_str))?;
            statement.execute(params_from_iter(params))?
        } else {
            self.conn
                .prepare(&dialect::render(Engine::Sqlite, sql))?
                .execute(params_from_iter(params))?
        };
        Ok(changed as u64)
    }
}

fn collect(statement: &mut rusqlite::Statement<'_>, params: &[Value]) -> Result<Vec<Row>> {
    let width = statement.column_count();
    let mut rows = statement.query(params_from_iter(params))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(width);
        for column in 0..width {
            values.push(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(v) => Value::Int(v),
                ValueRef::Text(v) => {
                    Value::Text(
                        String::from_utf8(v.to_vec()).map_err(|_| StoreError::Decode {
                            column,
                            wanted: "text",
                            found: "bytes that are not UTF-8",
                        })?,
                    )
                }
                ValueRef::Blob(v) => Value::Blob(v.to_vec()),
                ValueRef::Real(_) => {
                    return Err(StoreError::Decode {
                        column,
                        wanted: "int",
                        found: "real",
                    });
                }
            });
        }
        out.push(Row::new(values));
    }
    Ok(out)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(v) => ToSqlOutput::Borrowed(ValueRef::Integer(*v)),
            Self::Text(v) => ToSqlOutput::Borrowed(ValueRef::Text(v.as_bytes())),
            Self::Blob(v) => ToSqlOutput::Borrowed(ValueRef::Blob(v)),
            Self::List(list) => ToSqlOutput::from_rc(Rc::new(values_of(list)), c"rarray"),
        })
    }
}

fn values_of(list: &List) -> Vec<SqliteValue> {
    match list {
        List::Ints(v) => v.iter().map(|v| SqliteValue::from(*v)).collect(),
        List::Texts(v) => v.iter().map(|v| SqliteValue::from(v.clone())).collect(),
        List::Blobs(v) => v.iter().map(|v| SqliteValue::from(v.clone())).collect(),
    }
}

/// The right to write a database file: a lock on `<file>.lock`, held while this value lives and given back by the
/// operating system when the process ends, however it ends.
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    pub(crate) fn take(database: &Path) -> Result<Self> {
        // One file under two names (a symbolic link) must be one lock.
        let real = database
            .canonicalize()
            .unwrap_or_else(|_| database.to_path_buf());
        let mut name = real.clone().into_os_string();
        name.push(".lock");
        let path = PathBuf::from(name);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| StoreError::Open(format!("{}: {error}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::WriterRunning(real.display().to_string()))
            }
            Err(TryLockError::Error(error)) => {
                Err(StoreError::Open(format!("{}: {error}", path.display())))
            }
        }
    }
}
