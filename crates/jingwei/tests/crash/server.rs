//! The real binary as a child: started, waited for until it is ready, killed with SIGKILL, checked.
//!
//! Must not outlive the test: dropping a server kills it. Only children of this test are ever killed, by their handle.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jingwei_engine::clock::Stopwatch;

use crate::http::{self, Line};
use crate::random::Dice;

/// How long a start may take.
const START: Duration = Duration::from_secs(60);

/// The program under test: `JINGWEI_BIN`, else the one built for this test.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("JINGWEI_BIN")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_jingwei")), absolute)
}

/// The program with the faults built in.
pub(crate) fn mutant_program() -> PathBuf {
    let path = std::env::var_os("JINGWEI_MUTANT_BIN")
        .map(absolute)
        .filter(|path| path.is_file());
    path.unwrap_or_else(|| {
        panic!(
            "no program with faults to find: run \"make test\", or: cargo build -p jingwei --features mutants && \
             mkdir -p target/mutants && cp target/debug/jingwei target/mutants/jingwei && \
             export JINGWEI_MUTANT_BIN=$PWD/target/mutants/jingwei"
        )
    })
}

/// A path of the environment is meant from the project's root: a test runs in the folder of its package.
fn absolute(path: std::ffi::OsString) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// A port that nobody listens on, outside the range from which the system takes the ports of clients: a client of the test
/// that tries while the server is down must not connect to itself.
fn free_port(dice: &mut Dice) -> u16 {
    for _ in 0..1_000 {
        let port = u16::try_from(dice.between(10_000, 32_000)).expect("a port");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 10000 and 32000");
}

/// How to run the program.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    binary: PathBuf,
    folder: PathBuf,
    database: String,
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
    pub(crate) address: SocketAddr,
}

impl Program {
    /// The program on the data that lies in `folder`.
    pub(crate) fn new(binary: PathBuf, folder: &Path, database: String, dice: &mut Dice) -> Self {
        Self {
            binary,
            folder: folder.to_owned(),
            database,
            environment: Vec::new(),
            arguments: Vec::new(),
            address: (Ipv4Addr::LOCALHOST, free_port(dice)).into(),
        }
    }

    /// With a variable of its environment set.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With these arguments of `serve`, instead of those it had.
    #[must_use]
    pub(crate) fn serving(mut self, arguments: &[String]) -> Self {
        self.arguments = arguments.to_vec();
        self
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.binary);
        // Nothing of the caller's surroundings changes what is tested.
        for name in [
            "JINGWEI_MUTANT",
            "JINGWEI_DATA",
            "JINGWEI_DATABASE",
            "JINGWEI_RULES",
        ] {
            command.env_remove(name);
        }
        command
            .args([subcommand, "--database", &self.database, "--data"])
            .arg(self.folder.join("data"))
            .args(["--log", "warn"])
            .stdin(Stdio::null());
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// What the servers said, its end.
    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Starts the server and waits until it takes commands.
    pub(crate) fn start(&self) -> Server {
        let watch = Stopwatch::start();
        loop {
            if let Some(server) = self.try_start() {
                return server;
            }
            // As an init system would: a database server may notice a moment late that the killed writer is gone.
            assert!(
                watch.elapsed() < START && self.log_tail().contains("another process"),
                "the server does not start again:\n{}",
                self.log_tail()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn try_start(&self) -> Option<Server> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("the log");
        let child = self
            .command("serve")
            .args(["--listen", &self.address.to_string()])
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.binary.display()));
        let mut server = Server(child);
        let (watch, ready) = (
            Stopwatch::start(),
            http::request("GET", "/readyz", None, None, ""),
        );
        while server.is_running() {
            let mut line = Line::new(self.address);
            if line.send(&ready, || {}).is_ok_and(|a| a.status == 200) {
                return Some(server);
            }
            assert!(
                watch.elapsed() < START,
                "the server does not become ready:\n{}",
                self.log_tail()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Runs a subcommand to its end: whether it succeeded, and everything it said.
    pub(crate) fn run(&self, subcommand: &str) -> (bool, String) {
        let watch = Stopwatch::start();
        loop {
            let output = self.command(subcommand).output().expect("the program runs");
            let said = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            if said.contains("another process") && watch.elapsed() < START {
                std::thread::sleep(Duration::from_millis(20));
                continue;
            }
            return (output.status.success(), said);
        }
    }

    /// `jingwei check`: what it said when something is wrong.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.run("check") {
            (true, said) if said.contains(" 0 faults") => Ok(()),
            (_, said) => Err(said),
        }
    }
}

/// A running server. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        // An error means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
