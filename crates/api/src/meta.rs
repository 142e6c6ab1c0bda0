//! About the API itself and about the running node: the document, its readable page, signs of life, figures of load.

use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};

use axum::response::{IntoResponse, Response};
use jingwei_engine::Metrics;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::{metrics, pages, readable};

const GROUP: &str = "meta";
const RUNNING: &str = "operation";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/", "page", pages::page)
            .told(GROUP, Access::Public, "页面 · The page")
            .other(200, "页面 · The page", "text/html")
            .other(
                503,
                "没有带上页面 · The page was not built in",
                "text/plain",
            ),
        Operation::get("/api", "readable", readable::page)
            .told(
                GROUP,
                Access::Public,
                "本接口的说明，可读 · This API, to be read",
            )
            .query_choice("lang", "语言 · Language", &["zh", "en"])
            .other(200, "说明 · The text", "text/html"),
        Operation::get("/api/style.css", "readable_style", readable::style)
            .told(
                GROUP,
                Access::Public,
                "说明页的样式 · Style of the readable page",
            )
            .other(200, "样式 · The style", "text/css"),
        Operation::get("/api/openapi.json", "openapi", openapi)
            .told(
                GROUP,
                Access::Public,
                "本接口的 OpenAPI 文档 · The OpenAPI document of this API",
            )
            .other(200, "文档 · The document", "application/json"),
        Operation::get("/problems/{code}", "problem", readable::problem)
            .told(
                GROUP,
                Access::Public,
                "一种拒绝的说明 · What a kind of problem means",
            )
            .choice(
                "code",
                "代码 · The code",
                &crate::catalogue::ALL
                    .iter()
                    .map(|kind| kind.code)
                    .collect::<Vec<_>>(),
            )
            .plain(303, "在说明页上 · On the readable page")
            .problems(&[404]),
        Operation::get("/healthz", "healthz", healthz)
            .told(RUNNING, Access::Public, "程序在运行 · The program runs")
            .other(200, "ok", "text/plain"),
        Operation::get("/readyz", "readyz", readyz)
            .told(RUNNING, Access::Public, "能办理业务：有写入权、磁盘有空间、数据库有应答 · The node takes work: it is the writer, the disk has room, the database answers")
            .other(200, "ok", "text/plain"),
        Operation::get("/metrics", "metrics", metrics::metrics)
            .told(
                RUNNING,
                Access::Public,
                "运行指标，仅限本机 · Figures of load, on this machine only",
            )
            .other(200, "OpenMetrics", "application/openmetrics-text")
            .problems(&[404]),
    ]
}

async fn openapi(State(api): State<ApiState>) -> Response {
    (
        [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "no-cache"),
        ],
        api.document(),
    )
        .into_response()
}

async fn healthz() -> &'static str {
    "ok"
}

async fn readyz(State(api): State<ApiState>) -> Result<&'static str, Problem> {
    api.node().ready().await?;
    Ok("ok")
}

/// Puts what the node tells into the registry of one scrape.
pub(crate) fn register_node(told: &Metrics, registry: &mut Registry) {
    let commands = Family::<Outcome, Counter>::default();
    for (outcome, count) in &told.commands {
        commands
            .get_or_create(&Outcome {
                outcome: outcome.clone(),
            })
            .inc_by(*count);
    }
    registry.register("commands", "Commands by outcome", commands);
    let mut counter = |name: &str, help: &str, value: u64| {
        let counter: Counter = Counter::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    };
    counter("batches", "Batches committed by the writer", told.batches);
    counter(
        "batched_commands",
        "Commands in those batches",
        told.batched_commands,
    );
    counter("statements", "Statements of those batches", told.statements);
    counter("timers_fired", "Timers fired", told.timers_fired);
    let seconds = Counter::<f64, AtomicU64>::default();
    seconds.inc_by(told.batch_seconds);
    registry.register("batch_seconds", "Time spent in batches", seconds);
    let mut gauge = |name: &str, help: &str, value: u64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    };
    gauge(
        "statements_most",
        "Statements of the largest batch",
        told.statements_most,
    );
    gauge("queue", "Commands that wait for the writer", told.queue);
    gauge("feeds", "Open feeds", told.feeds);
    gauge(
        "sequence",
        "Last sequence of the journal",
        u64::try_from(told.sequence).unwrap_or(0),
    );
    gauge(
        "read_only",
        "1 when the disk is full and the node only reads",
        u64::from(told.read_only),
    );
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_the_node_are_told() {
        let told = Metrics {
            commands: [("ok".to_owned(), 3), ("stale_version".to_owned(), 1)].into(),
            batch_seconds: 0.25,
            sequence: 41,
            read_only: true,
            ..Metrics::default()
        };
        let mut registry = Registry::with_prefix("jingwei");
        register_node(&told, &mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("text");
        for line in [
            "jingwei_commands_total{outcome=\"ok\"} 3",
            "jingwei_commands_total{outcome=\"stale_version\"} 1",
            "jingwei_batch_seconds_total 0.25",
            "jingwei_sequence 41",
            "jingwei_read_only 1",
            "jingwei_queue 0",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
