//! Import of tables by an administrator: all rows or none, with a dry run.
//!
//! Must not read a table or check a role: the engine does both.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_engine::{ImportOptions, ImportReport};

use crate::etag::json;
use crate::extract::{Files, FilesBody, MOST_IMPORT, Query, Signed, is_file_name};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

/// The tables that can be imported.
const TABLES: [&str; 5] = ["divisions", "units", "people", "places", "rules"];

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/v1/imports/{table}", "import", import)
            .told("imports", Access::Session, "导入表格：要么全部，要么一行不要 · Import a table: all rows or none")
            .about(
                "一个 CSV 文件直接作为内容；规则有八个文件，用 JSON 一起发 · One CSV file is the body itself; the rules are eight files, \
                 sent together as JSON. At most 8 MiB",
            )
            .choice("table", "哪张表 · Which table", &TABLES)
            .query_flag("dry_run", "只检查，不导入 · Check only")
            .query_flag("relax", "人手不足，允许兼任按规定应分开的岗位 · Allow roles that are kept apart by default, where staffing is small")
            .query("file", "文件名，用于报错；不给则为表名.csv · Name of the file, for its faults; the table's name when not said", false)
            .tables::<FilesBody>()
            .large(MOST_IMPORT)
            .roles(&["administrator"])
            .answers::<ImportReport>(200, "结果 · The report")
            .problems(&[404]),
    ]
}

async fn import(
    State(api): State<ApiState>,
    signed: Signed,
    table: Result<Path<String>, axum::extract::rejection::PathRejection>,
    mut query: Query,
    mut sent: Files,
) -> Result<Response, Problem> {
    let table = table
        .ok()
        .map(|Path(table)| table)
        .filter(|table| TABLES.contains(&table.as_str()));
    let table = table.ok_or_else(Problem::not_found)?;
    let options = ImportOptions {
        dry_run: query.flag("dry_run").unwrap_or(false),
        relax: query.flag("relax").unwrap_or(false),
    };
    let parse = |name: &str| is_file_name(name).then(|| name.to_owned());
    let file = query.word(
        "file",
        parse,
        "文件名（字母、数字、点、横线、下划线）",
        "letters, digits, dots, hyphens and underscores",
    );
    query.finish()?;
    for (name, _) in sent.files.iter_mut().filter(|(name, _)| name.is_empty()) {
        *name = file.clone().unwrap_or_else(|| format!("{table}.csv"));
    }
    // To its end, also when who asked has gone: what follows the commit must not hang on a line.
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move {
        let Files { files, meta } = sent;
        node.import(&by, &table, files, options, meta).await
    };
    let report = tokio::spawn(work)
        .await
        .map_err(|_| Problem::internal())??;
    json(StatusCode::OK, &report)
}
