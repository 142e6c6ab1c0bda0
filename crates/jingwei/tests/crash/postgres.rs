//! PostgreSQL clusters of this test alone, so that a server can be killed and its settings changed.
//!
//! Must not touch the cluster that other tests share. Dropping one stops it and removes everything.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A cluster.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    url: String,
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres.sh")
}

impl Cluster {
    /// A new cluster, started.
    pub(crate) fn start() -> Self {
        let mut this = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            url: String::new(),
        };
        this.url = this.script("start");
        this
    }

    /// `postgres://…` of its only database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// SIGKILL to all its processes.
    pub(crate) fn kill(&self) {
        self.script("kill9");
    }

    /// Up again after a kill, on the same port.
    pub(crate) fn start_again(&self) {
        assert_eq!(self.script("start"), self.url, "the address stays");
    }

    /// Adds a setting to the server's own; killed and started again, so that it holds for everybody.
    pub(crate) fn set(&self, setting: &str) {
        let dir = std::fs::read_to_string(self.folder.path().join("pg/dir")).expect("the folder");
        let conf = Path::new(dir.trim()).join("postgresql.conf");
        let mut conf = File::options()
            .append(true)
            .open(conf)
            .expect("the settings");
        writeln!(conf, "{setting}").expect("the settings are written");
        self.kill();
        self.start_again();
    }

    fn script(&self, action: &str) -> String {
        let output = Command::new(script())
            .arg(action)
            .arg(self.folder.path().join("pg"))
            .output()
            .expect("the script runs");
        assert!(
            output.status.success(),
            "postgres.sh {action}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Must not panic while a failed test unwinds.
        let _ = Command::new(script())
            .arg("stop")
            .arg(self.folder.path().join("pg"))
            .output();
    }
}
