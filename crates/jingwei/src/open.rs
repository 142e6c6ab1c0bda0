//! Opening a node from the options.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_engine::clock::Clock;
use jingwei_engine::random::OsRandom;
use jingwei_engine::{EngineError, Node, NodeConfig};
use jingwei_store::{DatabaseUrl, StoreError};

use crate::cli::StoreOptions;
use crate::data;

const READERS: usize = 4;

/// The database of the options: the one named, else a file in the data folder.
pub(crate) fn database(data: &Path, url: Option<&str>) -> Result<DatabaseUrl> {
    let text = match url {
        Some(url) => url.to_owned(),
        None => format!("sqlite:{}", data.join("jingwei.db").display()),
    };
    text.parse().with_context(|| "--database")
}

/// Opens a node as its writer.
pub(crate) fn node(options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Arc<Node>> {
    let config = NodeConfig {
        data: options.data.clone(),
        database: database(&options.data, options.database.as_deref())?,
        readers: READERS,
        default_rules: data::rules(options.rules.as_deref())?,
        clock,
        random: Arc::new(OsRandom),
    };
    Node::open(config).map_err(|error| explain(&error))
}

/// What to do about an error of the engine, in both languages.
pub(crate) fn explain(error: &EngineError) -> anyhow::Error {
    match error {
        EngineError::Import(faults) => {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!(
                "表格有 {n} 处不对，什么都没有导入 / {n} fault(s), nothing was imported:\n{}",
                lines.join("\n"),
                n = faults.len()
            )
        }
        EngineError::NeedsRelaxing(people) => anyhow::anyhow!(
            "{people} 人兼任一般应分开的角色；确实如此请加 --relax，会写入日志 / {people} person(s) hold roles that are usually kept apart; if that is meant, add --relax (it is written into the journal)"
        ),
        EngineError::Store(StoreError::WriterRunning(_)) => anyhow::anyhow!(
            "{error}；这份数据已有程序在写，请先停下它，或改用 POST /api/v1/imports / another process writes to this data: stop it first, or use POST /api/v1/imports"
        ),
        EngineError::ClockWentBack { .. } => {
            anyhow::anyhow!("时钟倒退了，请校准后再启动 / {error}")
        }
        EngineError::SignInRefused => anyhow::anyhow!("没有这个账号 / there is no such account"),
        EngineError::Refused(Refusal::Invalid(faults)) => {
            let line =
                |fault: &FieldFault| format!("{}: {} / {}", fault.pointer, fault.zh, fault.en);
            let lines: Vec<String> = faults.iter().map(line).collect();
            anyhow::anyhow!(
                "有 {n} 处不对，什么都没有改动 / {n} fault(s), nothing was changed:\n{}",
                lines.join("\n"),
                n = faults.len()
            )
        }
        EngineError::Refused(refusal) => anyhow::anyhow!("{} / {}", refusal.zh(), refusal.en()),
        _ => anyhow::anyhow!("{error}"),
    }
}
