//! `jingwei migrate` and `jingwei admin`.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jingwei_engine::clock::{Clock as _, SystemClock};
use jingwei_store::{Db, schema};

use crate::cli::{self, AdminCommand, AdminOptions, StoreOptions};
use crate::{open, serve};

/// Brings the schema up to this program.
pub(crate) fn migrate(options: &StoreOptions) -> Result<ExitCode> {
    std::fs::create_dir_all(&options.data).with_context(|| options.data.display().to_string())?;
    let url = open::database(&options.data, options.database.as_deref())?;
    let mut writer = Db::open_writer(&url).map_err(|error| open::explain(&error.into()))?;
    let report = schema::migrate(&mut writer, SystemClock.now().0)?;
    cli::say(&if report.from == report.to {
        format!(
            "schema: 已是第 {v} 版 / version {v}, up to date",
            v = report.to
        )
    } else {
        format!("schema: {} → {}", report.from, report.to)
    });
    Ok(ExitCode::SUCCESS)
}

/// Accounts.
pub(crate) fn run(options: &AdminOptions) -> Result<ExitCode> {
    let AdminCommand::Password { account, store } = &options.command;
    if std::io::stdin().is_terminal() {
        cli::say(
            "请输入新密码（会显示），回车结束 / type the new password (it is shown) and press Enter:",
        );
    }
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .context("standard input")?;
    let runtime = serve::runtime()?;
    let node = open::node(store, Arc::new(SystemClock))?;
    let outcome =
        runtime.block_on(node.set_password(account, password.trim_end_matches(['\r', '\n'])));
    node.close();
    outcome.map_err(|error| open::explain(&error))?;
    cli::say("密码已设，原有登录已失效 / password set; sessions ended");
    Ok(ExitCode::SUCCESS)
}
