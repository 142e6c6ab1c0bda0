//! `jingwei check`: proves that the rows are what the journal says. Only reads; a node may be running on the same data.

use std::process::ExitCode;

use anyhow::{Result, bail};
use jingwei_engine::check::check_data;
use jingwei_store::DatabaseUrl;

use crate::cli::{self, StoreOptions};
use crate::open;

/// Checks; the exit code is 1 when something is wrong.
pub(crate) fn run(options: &StoreOptions) -> Result<ExitCode> {
    let database = open::database(&options.data, options.database.as_deref())?;
    if let DatabaseUrl::Sqlite(file) = &database
        && !file.exists()
    {
        bail!(
            "{} 不存在 / there is no database there: check --data and --database",
            file.display()
        );
    }
    let report = check_data(&options.data, &database, |rows| {
        if rows % 10_000 < 1_000 {
            cli::progress("check", rows);
        }
    })
    .map_err(|error| open::explain(&error))?;
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
