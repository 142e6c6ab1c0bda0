//! The machine a measurement ran on: what it is, how long its disk takes to sync, who used its cores.
//!
//! Reads `/proc`, so it measures on Linux. Must not tell a host name, a user or a path: the text goes into the project.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use jingwei_engine::clock::Stopwatch;

use crate::Result;
use crate::table::percentile;

/// Clock ticks a second in `/proc`: 100 on every Linux of today.
const TICKS: f64 = 100.0;
/// Writes to measure a sync with.
const SYNCS: usize = 500;

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}").into())
}

/// Cores that can be used.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The machine in one line: processor, cores, memory, kernel, file system of `folder` and the time of a sync there.
pub(crate) fn describe(folder: &Path) -> Result<String> {
    let processor = read("/proc/cpuinfo")?
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or_else(
            || "unknown processor".to_owned(),
            |(_, name)| name.trim().to_owned(),
        );
    let kilobytes: f64 = read("/proc/meminfo")?
        .lines()
        .find_map(|line| {
            line.strip_prefix("MemTotal:")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .ok_or("no MemTotal")?;
    let kernel = read("/proc/sys/kernel/osrelease")?;
    // What follows the version is the builder's own name for it.
    let kernel = kernel
        .trim()
        .split('-')
        .next()
        .unwrap_or_default()
        .to_owned();
    let sync = sync_micros(folder)?;
    Ok(format!(
        "{processor}, {} cores shared by clients and servers, {:.0} GB of memory, Linux {kernel}, {} (4 KB written and synced: median {:.0} µs, p95 {:.0} µs)",
        cores(),
        kilobytes / 1e6,
        file_system(folder)?,
        percentile(&sync, 50.0),
        percentile(&sync, 95.0),
    ))
}

fn file_system(folder: &Path) -> Result<String> {
    let folder = folder.canonicalize()?;
    read("/proc/mounts")?
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((words.next()?, words.next()?))
        })
        .filter(|(at, _)| folder.starts_with(at))
        .max_by_key(|(at, _)| at.len())
        .map(|(_, kind)| kind.to_owned())
        .ok_or_else(|| "the file system of the data is not in /proc/mounts".into())
}

/// Microseconds of writing a page over and syncing it.
fn sync_micros(folder: &Path) -> Result<Vec<u32>> {
    let mut file = tempfile::tempfile_in(folder)?;
    let page = [7_u8; 4096];
    let mut micros = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        file.seek(SeekFrom::Start(0))?;
        let watch = Stopwatch::start();
        file.write_all(&page)?;
        file.sync_data()?;
        micros.push(u32::try_from(watch.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(micros)
}

/// The commit of the checkout.
pub(crate) fn commit() -> Result<String> {
    let git = |arguments: &[&str]| -> Result<String> {
        let output = std::process::Command::new("git")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(arguments)
            .output()?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    let id = git(&["rev-parse", "--short=10", "HEAD"])?;
    let clean = git(&[
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        "crates",
        "Cargo.toml",
        "Cargo.lock",
    ])?
    .is_empty();
    Ok(if clean {
        id
    } else {
        format!("{id} and changes on top")
    })
}

/// Processor time so far, in ticks.
#[derive(Clone, Copy)]
pub(crate) struct Cpu {
    all: f64,
    idle: f64,
    own: f64,
    children: f64,
    server: f64,
}

/// Who used the cores between two readings, in percent of all cores.
#[derive(Clone, Copy)]
pub(crate) struct Shares {
    /// Clients: this process, or its children that have ended (pgbench).
    pub(crate) clients: f64,
    /// The server process.
    pub(crate) server: f64,
    /// Nobody.
    pub(crate) idle: f64,
}

/// Ticks of a process and of its children that were waited for.
fn ticks_of(process: &str) -> Result<(f64, f64)> {
    let text = read(&format!("/proc/{process}/stat"))?;
    // The name in brackets may hold blanks.
    let after = text.rsplit_once(')').ok_or("no name in /proc")?.1;
    let at = |n: usize| -> f64 {
        after
            .split_whitespace()
            .nth(n)
            .and_then(|t| t.parse().ok())
            .unwrap_or(0.0)
    };
    Ok((at(11) + at(12), at(13) + at(14)))
}

impl Cpu {
    /// Reads the clocks; `server` is the server's process id.
    pub(crate) fn now(server: Option<u32>) -> Result<Self> {
        let text = read("/proc/stat")?;
        let ticks: Vec<f64> = text
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(1)
            .take(8)
            .filter_map(|t| t.parse().ok())
            .collect();
        let (own, children) = ticks_of("self")?;
        let server = match server {
            Some(pid) => ticks_of(&pid.to_string())?.0,
            None => 0.0,
        };
        Ok(Self {
            all: ticks.iter().sum(),
            idle: ticks.iter().skip(3).take(2).sum(),
            own,
            children,
            server,
        })
    }

    /// Seconds of processor time that the server used since an earlier reading.
    pub(crate) fn server_seconds(&self, before: &Self) -> f64 {
        (self.server - before.server) / TICKS
    }

    /// Shares since an earlier reading.
    pub(crate) fn since(&self, before: &Self) -> Shares {
        let percent = |ticks: f64| 100.0 * ticks / (self.all - before.all).max(1.0);
        Shares {
            clients: percent(self.own - before.own + self.children - before.children),
            server: percent(self.server - before.server),
            idle: percent(self.idle - before.idle),
        }
    }
}
