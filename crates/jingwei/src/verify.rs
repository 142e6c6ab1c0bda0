//! `jingwei check`: proves that the rows are what the journal says.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use jingwei_engine::clock::SystemClock;

use crate::cli::{self, StoreOptions};
use crate::open;

/// Checks; the exit code is 1 when something is wrong.
pub(crate) fn run(options: &StoreOptions) -> Result<ExitCode> {
    let node = open::node(options, Arc::new(SystemClock))?;
    let report = node.check(|rows| {
        if rows % 10_000 < 1_000 {
            cli::progress("check", rows);
        }
    });
    node.close();
    let report = report.map_err(|error| open::explain(&error))?;
    for fault in &report.faults {
        cli::say(fault);
    }
    cli::say(&format!(
        "check: {} journal rows, {} cases, {} imports, {} faults",
        report.rows,
        report.cases,
        report.imports,
        report.faults.len()
    ));
    Ok(if report.faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
