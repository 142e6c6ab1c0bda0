//! A database of its own for each test.

use std::path::{Path, PathBuf};

use jingwei_store::DatabaseUrl;
use postgres::{Client, NoTls};
use uuid::Uuid;

/// What to say when there is no PostgreSQL.
const NO_POSTGRES: &str = "no PostgreSQL for the tests: run \"make test\", which starts one, or set JINGWEI_TEST_POSTGRES";

/// The engine of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of the cluster that `JINGWEI_TEST_POSTGRES` names.
    Postgres,
}

/// A database that goes when it is dropped.
#[derive(Debug)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database: cluster and name.
    Postgres(String, String),
    /// Handed on.
    None,
}

/// The cluster for tests.
pub fn cluster() -> String {
    std::env::var("JINGWEI_TEST_POSTGRES").unwrap_or_else(|_| panic!("{NO_POSTGRES}"))
}

/// A `postgres` client must live outside the async runtime: each statement has its own thread.
fn on_cluster(cluster: &str, sql: String) {
    let cluster = cluster.to_owned();
    std::thread::spawn(move || {
        let mut client =
            Client::connect(&cluster, NoTls).unwrap_or_else(|e| panic!("{NO_POSTGRES}: {e}"));
        client.batch_execute(&sql).expect("the statement");
    })
    .join()
    .expect("the cluster");
}

impl Database {
    /// A new, empty database.
    pub fn create(engine: Engine, folder: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite(folder.join("jingwei.db")),
            Engine::Postgres => {
                let (cluster, name) = (
                    cluster(),
                    format!(
                        "jw_{}",
                        Uuid::new_v5(&Uuid::NAMESPACE_URL, folder.as_os_str().as_encoded_bytes())
                            .simple()
                    ),
                );
                on_cluster(&cluster, format!("CREATE DATABASE {name}"));
                Self::Postgres(cluster, name)
            }
        }
    }

    /// Its address as `--database` takes it.
    pub fn address(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(cluster, name) => match cluster.rsplit_once('/') {
                Some((server, _)) => format!("{server}/{name}"),
                None => cluster.clone(),
            },
            Self::None => String::new(),
        }
    }

    /// Its address, read.
    pub fn url(&self) -> DatabaseUrl {
        self.address().parse().expect("an address")
    }

    /// Breaks every connection to it, as a server that was restarted does. Nothing for SQLite, which has none.
    pub fn cut(&self) {
        if let Self::Postgres(cluster, name) = self {
            let sql = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            );
            on_cluster(cluster, sql);
        }
    }

    /// Hands the database on: this one no longer drops it.
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::None)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres(cluster, name) = self {
            on_cluster(
                cluster,
                format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            );
        }
    }
}
