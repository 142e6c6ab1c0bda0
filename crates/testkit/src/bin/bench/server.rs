//! The node under measurement: the real binary on data of its own, set up through the command line as an operator would.
//!
//! Must not reach into the node: what is measured goes over HTTP, what is counted is read from the database afterwards.
//! Invariant: the process ends with this value, and its data with it.

use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jingwei_engine::clock::Stopwatch;
use jingwei_store::{Db, StoreError};
use jingwei_testkit::{Client, Database, Engine, PASSWORD, data_folder};

use crate::Result;

/// Accounts that sign in: grid workers who report, and the officer on duty of their town.
pub(crate) const REPORTERS: [&str; 2] = ["grid-hl1", "grid-hl2"];
/// The officer on duty.
pub(crate) const OFFICER: &str = "officer-hlx";
/// How long a start may take.
const START: Duration = Duration::from_secs(60);

/// The engine's name as its makers write it.
pub(crate) fn called(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

/// The program: `JINGWEI_BIN`, else the one beside this one.
pub(crate) fn program() -> Result<PathBuf> {
    let path = match std::env::var_os("JINGWEI_BIN") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("jingwei"),
    };
    if path.exists() {
        return Ok(path);
    }
    Err("no jingwei to measure: run \"make bench\", or build it and set JINGWEI_BIN".into())
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str], data: &Path, address: &str, input: &str) -> Result<()> {
    let mut child = Command::new(program()?)
        .args(["--log", "warn"])
        .args(arguments)
        .arg("--data")
        .arg(data)
        .args(["--database", address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("jingwei {}: {}: {told}", arguments.join(" "), output.status).into())
}

/// A running node.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    // Dropped after the process has ended.
    database: Database,
    folder: tempfile::TempDir,
}

impl Server {
    /// The same with the grids of the whole province.
    pub(crate) fn start_with_land(engine: Engine) -> Result<Self> {
        Self::start_after(engine, crate::b2::land)
    }

    /// Sets a node up (the divisions of Sichuan, units and people of the demo, shipped rules) and starts it with its
    /// default settings.
    pub(crate) fn start(engine: Engine) -> Result<Self> {
        Self::start_after(engine, |_, _| Ok(()))
    }

    fn start_after(engine: Engine, more: impl Fn(&Path, &str) -> Result<()>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = Database::create(engine, folder.path());
        let (data, url) = (folder.path().join("data"), database.address());
        let tables = data_folder();
        for (table, files) in [
            (
                "divisions",
                [
                    "cities.csv.gz",
                    "areas.csv.gz",
                    "streets.csv.gz",
                    "villages.csv.gz",
                ]
                .map(|f| format!("divisions/sichuan/{f}"))
                .to_vec(),
            ),
            ("units", vec!["demo/units.csv".to_owned()]),
            ("people", vec!["demo/people.csv".to_owned()]),
        ] {
            let files: Vec<String> = files
                .iter()
                .map(|file| tables.join(file).display().to_string())
                .collect();
            let mut arguments = vec!["import", table];
            arguments.extend(files.iter().map(String::as_str));
            arguments.push("--relax");
            run(&arguments, &data, &url, "")?;
        }
        for account in REPORTERS.into_iter().chain([OFFICER]) {
            run(&["admin", "password", account], &data, &url, PASSWORD)?;
        }
        more(&data, &url)?;
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = File::create(folder.path().join("log"))?;
        let child = Command::new(program()?)
            .arg("serve")
            .args(["--listen", &listen.to_string(), "--database", &url])
            .arg("--data")
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut this = Self {
            child,
            address: listen,
            database,
            folder,
        };
        this.wait()?;
        Ok(this)
    }

    fn wait(&mut self) -> Result<()> {
        let watch = Stopwatch::start();
        while watch.elapsed() < START {
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(self.folder.path().join("log"))?;
                return Err(format!("the node ended before it was ready: {status}: {log}").into());
            }
            if TcpStream::connect(self.address).is_ok()
                && self.client().get("/readyz").status == 200
            {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("the node was not ready within a minute".into())
    }

    /// A client without an account.
    pub(crate) fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address))
    }

    /// The token of an account.
    pub(crate) fn token(&self, account: &str) -> Result<String> {
        let mut client = self.client();
        client.sign_in(account, PASSWORD);
        client
            .token()
            .map(str::to_owned)
            .ok_or_else(|| "no token".into())
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A figure of `/metrics`.
    pub(crate) fn figure(&self, name: &str) -> Result<f64> {
        let text = self.client().get("/metrics").text;
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
            .ok_or_else(|| format!("/metrics has no {name}").into())
    }

    /// A number that one statement reads from the database.
    pub(crate) fn count(&self, sql: &str) -> Result<i64> {
        let sql = sql.to_owned();
        let readers = Db::open_readers(&self.database.url(), 1)?;
        let found = readers
            .blocking(move |tx| tx.query_opt(&sql, &[])?.map_or(Ok(0), |mut row| row.int(0)));
        Ok(found.map_err(|error: StoreError| error.to_string())?)
    }

    /// The database, for reading what was written.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; the data is thrown away in any case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
