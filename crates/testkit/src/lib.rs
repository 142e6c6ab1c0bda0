//! A whole node for tests: temporary SQLite or its own PostgreSQL database, a clock that the test moves, the real API on a
//! loopback port, and a client. Used by tests and benchmarks only.
//!
//! What a test cannot have (PostgreSQL) fails with a line that says what to do; nothing is skipped in silence.

mod client;
mod clock;
mod database;
mod tables;

use std::path::PathBuf;
use std::sync::Arc;

pub use client::{Answer, Client};
pub use clock::ManualClock;
pub use database::{Database, Engine, cluster};
use jingwei_api::ApiConfig;
use jingwei_core::code::DivisionCode;
use jingwei_core::directory::TableName;
use jingwei_core::place::Datum;
use jingwei_engine::grids::{Format, GenerateOptions, MapImportOptions};
use jingwei_engine::random::OsRandom;
use jingwei_engine::{ImportOptions, Node, NodeConfig};
pub use tables::{
    COMMUNITY, OTHER_COUNTY_TOWN, TOWN, data_folder, outlines, people, rules, rules_with,
    small_divisions, units,
};

/// The password of all accounts of a test node.
pub const PASSWORD: &str = "correct horse 电池";

/// A running node with its API.
pub struct TestNode {
    /// `http://127.0.0.1:…`
    pub base: String,
    /// The node.
    pub node: Arc<Node>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// Its database.
    pub database: Database,
    folder: tempfile::TempDir,
    runtime: Option<tokio::runtime::Runtime>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl TestNode {
    /// Starts a node with the shipped rules, a few real divisions and the demo's units and people.
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, rules())
    }

    /// Starts a node with other rules.
    pub fn start_with(engine: Engine, rules: Vec<(String, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::create(engine, folder.path());
        let clock = Arc::new(ManualClock::at("2026-11-20T10:00:00+08:00"));
        let mut this = Self::open(folder, database, clock, rules);
        this.load();
        this
    }

    fn open(
        folder: tempfile::TempDir,
        database: Database,
        clock: Arc<ManualClock>,
        rules: Vec<(String, String)>,
    ) -> Self {
        let config = NodeConfig {
            data: folder.path().join("data"),
            database: database.url(),
            readers: 3,
            default_rules: rules,
            clock: Arc::<ManualClock>::clone(&clock),
            random: Arc::new(OsRandom),
        };
        let node = Node::open(config).expect("a node");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let served = Arc::clone(&node);
        runtime.spawn(async move {
            served.run_timers();
            let stop = async {
                // Dropped or sent: both end the server.
                let _ = stopped.await;
            };
            jingwei_api::serve(listener, served, ApiConfig::default(), stop)
                .await
                .expect("the server");
        });
        Self {
            base,
            node,
            clock,
            database,
            folder,
            runtime: Some(runtime),
            stop: Some(stop),
        }
    }

    fn load(&mut self) {
        let how = ImportOptions {
            dry_run: false,
            relax: true,
        };
        for (table, files) in [
            (TableName::Divisions, small_divisions()),
            (TableName::Units, units()),
            (TableName::People, people()),
        ] {
            self.block_on(self.node.import_locally(table, files, how))
                .expect("an import");
        }
    }

    /// Loads the outlines of two counties and generates grids in them, four in a community on average, valid from today.
    pub fn draw_land(&self) {
        let wanted = MapImportOptions {
            format: Some(Format::GeoJson),
            datum: Some(Datum::Wgs84),
            repair: true,
            source: Some("outlines for tests".to_owned()),
            ..MapImportOptions::default()
        };
        self.block_on(self.node.import_outlines_locally(outlines(), wanted))
            .expect("outlines");
        let counties = ["510116", "513322"].map(|code| DivisionCode::parse(code).expect("a code"));
        let wanted = GenerateOptions {
            counties: counties.to_vec(),
            per_community: 4,
            from: None,
        };
        self.block_on(self.node.generate_grids(wanted, |_| {}))
            .expect("grids");
    }

    /// Runs a future on the node's runtime.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("running").block_on(future)
    }

    /// A client without an account.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }

    /// Signs in as an account of the demo; its password is set first.
    pub fn sign_in(&self, account: &str) -> Client {
        self.block_on(self.node.set_password(account, PASSWORD))
            .expect("the account");
        let mut client = Client::new(&self.base);
        client.sign_in(account, PASSWORD);
        client
    }

    /// The folder of keys (and of the SQLite file).
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Waits until `done` is so, at most ten seconds of the wall.
    pub fn wait_until(&self, what: &str, mut done: impl FnMut() -> bool) {
        for _ in 0..1_000 {
            if done() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("did not come to be within ten seconds: {what}");
    }

    /// Folds the journal and compares; panics with the faults.
    pub fn check(&self) {
        let report = self.node.check(|_| {}).expect("a check");
        assert_eq!(
            report.faults,
            Vec::<String>::new(),
            "the rows are what the journal says"
        );
    }

    fn shut(&mut self) {
        drop(self.stop.take());
        self.node.close();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        }
    }

    /// Stops the node and starts it again on the same data, with the same clock.
    #[must_use]
    pub fn restart(self, rules: Vec<(String, String)>) -> Self {
        self.restart_after(rules, 0)
    }

    /// Stops the node and starts it again on the same data, `seconds` later.
    #[must_use]
    pub fn restart_after(mut self, rules: Vec<(String, String)>, seconds: i64) -> Self {
        self.shut();
        self.clock.advance(seconds);
        let folder = std::mem::replace(
            &mut self.folder,
            tempfile::tempdir().expect("a temporary folder"),
        );
        let database = self.database.take();
        Self::open(folder, database, Arc::clone(&self.clock), rules)
    }
}

impl Drop for TestNode {
    fn drop(&mut self) {
        self.shut();
    }
}
