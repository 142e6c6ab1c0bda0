//! The measures of `docs/benchmarks.md`: `make bench` builds and runs this.
//!
//! Prints each section as Markdown and, when asked, writes it into the document. It measures the real binary over HTTP; the
//! clients share the machine with it. Invariant: a figure is printed only when the rows behind it were counted and right.

mod b1;
mod b11;
mod b2;
mod b4;
mod lean;
mod machine;
mod peer;
mod postgis;
mod reports;
mod server;
mod table;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What goes wrong here is told once and ends the run.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const USAGE: &str = "\
bench [B1] [B2] [B4] [B11] [--runs 3] [--seconds 20] [--count 400] [--write docs/benchmarks.md]
  Needs JINGWEI_TEST_POSTGRES (a cluster for measuring, for B2 with PostGIS) and pgbench on the PATH; JINGWEI_BIN names the program to measure.
  \"make bench\" sets all of it up. Without names all sections are measured.";

/// A measurement: the text of its section.
type Measure = fn(&Options) -> Result<String>;
const SECTIONS: [(&str, Measure); 4] = [
    ("B1", b1::run),
    ("B2", b2::run),
    ("B4", b4::run),
    ("B11", b11::run),
];

/// What was asked for.
pub(crate) struct Options {
    sections: Vec<String>,
    /// Runs of each measurement.
    pub(crate) runs: usize,
    /// Seconds of a run of B1; those of B11 take half as long.
    pub(crate) seconds: u64,
    /// Operations of a run of B4.
    pub(crate) count: usize,
    write: Option<PathBuf>,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut this = Self {
            sections: Vec::new(),
            runs: 3,
            seconds: 20,
            count: 400,
            write: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} needs a value\n{USAGE}"))
            };
            match argument.as_str() {
                "--runs" => this.runs = value()?.parse::<usize>()?.max(1),
                "--seconds" => this.seconds = value()?.parse::<u64>()?.clamp(1, 60),
                "--count" => this.count = value()?.parse::<usize>()?.clamp(1, 100_000),
                "--write" => this.write = Some(PathBuf::from(value()?)),
                name if SECTIONS.iter().any(|(known, _)| *known == name) => {
                    this.sections.push(name.to_owned());
                }
                other => return Err(format!("{other} is not known\n{USAGE}").into()),
            }
        }
        Ok(this)
    }
}

/// Says how far it is, on standard error.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn run() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let machine = machine::describe(&std::env::temp_dir())?;
    let commit = machine::commit()?;
    for (name, measure) in SECTIONS {
        if !options.sections.is_empty() && !options.sections.iter().any(|asked| asked == name) {
            continue;
        }
        let text = format!(
            "{}\nMachine: {machine}. Commit: {commit}.",
            measure(&options)?
        );
        let mut out = std::io::stdout().lock();
        writeln!(out, "## {name}\n\n{text}\n")?;
        if let Some(document) = &options.write {
            table::write_into(document, name, &text)?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}
