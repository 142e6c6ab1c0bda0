//! PostgreSQL: connecting, settings, running statements.
//!
//! Must not: rewrite SQL (dialect.rs) or know a table. Invariants: the server syncs (`fsync` and
//! `synchronous_commit` on) or the connection is refused; a client is made and dropped on a plain thread, never inside
//! an asynchronous runtime, where the synchronous driver would panic.

use std::collections::HashMap;
use std::error::Error as StdError;

use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type};
use postgres::{Client, NoTls, Statement};

use crate::error::{Result, StoreError};
use crate::value::{List, Row, Value};

/// One connection with its prepared statements.
pub(crate) struct PgConn {
    /// None only while dropping.
    client: Option<Client>,
    prepared: HashMap<String, Statement>,
}

/// How often, and how far apart, a writer asks again for the lock of one that has just gone.
const LOCK_TRIES: u32 = 15;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

const KEPT_STATEMENTS: usize = 512;
/// The lock that says "this process writes in this database"; any constant would do ("jingwei").
const WRITER_LOCK: i64 = 0x6a_696e_6777_6569;

/// Work on a thread of its own, so that the driver's runtime never meets the caller's.
fn on_own_thread<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(f).join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

impl PgConn {
    pub(crate) fn connect(url: &str, writer: bool) -> Result<Self> {
        on_own_thread(|| Self::connect_here(url, writer))
    }

    fn connect_here(url: &str, writer: bool) -> Result<Self> {
        let open = |error: postgres::Error| StoreError::Open(reason(&error));
        let mut config: postgres::Config = url.parse().map_err(open)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(10));
        }
        if config.get_application_name().is_none() {
            config.application_name("jingwei");
        }
        let mut client = config.connect(NoTls).map_err(open)?;
        // jit off: the rooms' statements are short, compiling them costs more than it saves.
        client
            .batch_execute(
                "SET synchronous_commit = on; SET TIME ZONE 'UTC'; SET lock_timeout = '5s';
                 SET statement_timeout = '120s'; SET idle_in_transaction_session_timeout = '120s';
                 SET client_min_messages = warning; SET jit = off;",
            )
            .map_err(open)?;
        // The writer's statements are prepared once, often while the tables are still empty, and a plan made for an empty
        // table reads all of it: each of them has an index, and is made to use it, planned once. A reader's lists depend on
        // who asks (somebody who has reported nothing must not walk all cases): they are planned for the values given.
        let plans = if writer {
            "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan;"
        } else {
            "SET plan_cache_mode = force_custom_plan;"
        };
        client.batch_execute(plans).map_err(open)?;
        for (name, wanted, advice) in [
            (
                "fsync",
                "on",
                "a crash would lose acknowledged events; set fsync = on in postgresql.conf and restart it",
            ),
            (
                "server_encoding",
                "UTF8",
                "create the database with ENCODING 'UTF8' TEMPLATE template0",
            ),
        ] {
            let found: String = client
                .query_one(&format!("SHOW {name}"), &[])
                .map_err(open)?
                .get(0);
            if found != wanted {
                return Err(StoreError::Open(format!(
                    "the server has {name} = {found}: {advice}"
                )));
            }
        }
        if writer {
            let mut take = || -> Result<bool> {
                let row = client.query_one("SELECT pg_try_advisory_lock($1)", &[&WRITER_LOCK]);
                Ok(row.map_err(open)?.get(0))
            };
            // A writer that was killed a moment ago still holds the lock until its server process has noticed.
            let mut got = take()?;
            for _ in 0..LOCK_TRIES {
                if got {
                    break;
                }
                std::thread::sleep(LOCK_PAUSE);
                got = take()?;
            }
            if !got {
                let database: String = client
                    .query_one("SELECT current_database()::text", &[])
                    .map_err(open)?
                    .get(0);
                return Err(StoreError::WriterRunning(format!(
                    "the database {database}"
                )));
            }
        }
        Ok(Self {
            client: Some(client),
            prepared: HashMap::new(),
        })
    }

    fn client(&mut self) -> Result<&mut Client> {
        self.client
            .as_mut()
            .ok_or_else(|| StoreError::Lost("the client was closed".into()))
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.client.as_ref().is_none_or(Client::is_closed)
    }

    pub(crate) fn control(&mut self, sql: &str) -> Result<()> {
        Ok(self.client()?.batch_execute(sql)?)
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        match self.control("COMMIT") {
            // The server went away between our sending and its answer.
            Err(StoreError::Lost(reason)) => Err(StoreError::CommitUnknown(reason)),
            other => other,
        }
    }

    pub(crate) fn rollback(&mut self) -> Result<()> {
        self.control("ROLLBACK")
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client()?.prepare(sql)?;
        if self.prepared.len() >= KEPT_STATEMENTS {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let statement = self.prepare(sql)?;
        let rows = self.client()?.query(&statement, &as_params(params))?;
        rows.iter().map(decode).collect()
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let statement = self.prepare(sql)?;
        Ok(self.client()?.execute(&statement, &as_params(params))?)
    }
}

impl Drop for PgConn {
    fn drop(&mut self) {
        self.close();
    }
}

impl PgConn {
    /// Closes the connection and with it the session's locks; every later call answers `Lost`.
    pub(crate) fn close(&mut self) {
        self.prepared.clear();
        if let Some(client) = self.client.take() {
            on_own_thread(move || drop(client));
        }
    }
}

/// An error with its cause ("connection refused" is only in the cause).
fn reason(error: &postgres::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn as_params(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

fn decode(row: &postgres::Row) -> Result<Row> {
    let mut values = Vec::with_capacity(row.len());
    for (column, description) in row.columns().iter().enumerate() {
        let value = match *description.type_() {
            Type::INT8 => row.get::<_, Option<i64>>(column).into(),
            Type::INT4 => row.get::<_, Option<i32>>(column).into(),
            Type::BOOL => row.get::<_, Option<bool>>(column).into(),
            Type::TEXT | Type::VARCHAR | Type::NAME => row.get::<_, Option<String>>(column).into(),
            Type::BYTEA => row.get::<_, Option<Vec<u8>>>(column).into(),
            // A SUM without its cast is NUMERIC and ends here, in the first test that runs it.
            _ => {
                return Err(StoreError::Decode {
                    column,
                    wanted: "int, text or blob",
                    found: "another type",
                });
            }
        };
        values.push(value);
    }
    Ok(Row::new(values))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(v), &Type::INT8) => v.to_sql(ty, out),
            (Self::Int(v), &Type::INT4) => i32::try_from(*v)?.to_sql(ty, out),
            (Self::Text(v), _) => v.to_sql_checked(ty, out),
            (Self::Blob(v), _) => v.to_sql_checked(ty, out),
            (Self::List(List::Ints(v)), _) => v.to_sql_checked(ty, out),
            (Self::List(List::Texts(v)), _) => v.to_sql_checked(ty, out),
            (Self::List(List::Blobs(v)), _) => v.to_sql_checked(ty, out),
            (Self::Int(_), _) => Err(format!("a number for a parameter of type {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        // The kind of the value decides, in `to_sql`.
        true
    }

    postgres::types::to_sql_checked!();
}
