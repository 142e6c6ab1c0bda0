//! `jingwei import`: a table, whole or not at all.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use jingwei_core::directory::TableName;
use jingwei_core::rules::FILES;
use jingwei_engine::ImportOptions as Options;
use jingwei_engine::clock::SystemClock;

use crate::cli::{self, ImportOptions};
use crate::{data, land, open, serve};

/// Imports.
pub(crate) fn run(options: &ImportOptions) -> Result<ExitCode> {
    let table = match options.table {
        cli::TableName::Divisions => TableName::Divisions,
        cli::TableName::Units => TableName::Units,
        cli::TableName::People => TableName::People,
        cli::TableName::Places => TableName::Places,
        cli::TableName::Rules => TableName::Rules,
        cli::TableName::Grids | cli::TableName::Outlines => return land::import(options),
    };
    let mut files = Vec::new();
    for path in &options.files {
        if path.is_dir() {
            // One that is missing is named among the faults, with all the others.
            for name in FILES.map(|name| path.join(name)) {
                if name.exists() {
                    files.push(data::read(&name)?);
                }
            }
        } else {
            files.push(data::read(path)?);
        }
    }
    let runtime = serve::runtime()?;
    let node = open::node(&options.store, Arc::new(SystemClock))?;
    let how = Options {
        dry_run: options.dry_run,
        relax: options.relax,
    };
    let report = runtime.block_on(node.import_locally(table, files, how));
    node.close();
    let report = report.map_err(|error| open::explain(&error))?;
    let done = if report.dry_run {
        "检查通过，没有改动 / checked, nothing changed"
    } else {
        "已导入 / imported"
    };
    cli::say(&format!(
        "{table}: {done}: {} 行 rows, {} 新 new, {} 变 changed",
        report.rows, report.new, report.changed
    ));
    for relaxed in &report.relaxed {
        cli::say(&format!("  放宽 relaxed: {relaxed}"));
    }
    Ok(ExitCode::SUCCESS)
}
