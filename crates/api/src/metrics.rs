//! `/metrics` in the text form of Prometheus: what this floor counts and what the node tells.
//!
//! Must not use anything that a client chooses as a label, and answers on loopback only: figures of load are nobody
//! else's business.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::extract::Client;
use crate::problem::Problem;
use crate::state::ApiState;

/// Bounds of the histogram of request times, seconds.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// Counters of the HTTP floor.
pub(crate) struct HttpMetrics {
    answered: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        }
    }
}

impl HttpMetrics {
    /// Notes an answer; `route` is the pattern of the route, of which there are few.
    pub(crate) fn answered(
        &self,
        method: &'static str,
        route: String,
        status: u16,
        taken: Duration,
    ) {
        self.seconds
            .get_or_create(&Route {
                route: route.clone(),
            })
            .observe(taken.as_secs_f64());
        self.answered
            .get_or_create(&Answered {
                method,
                route,
                status,
            })
            .inc();
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Answers by method, route and status",
            self.answered.clone(),
        );
        registry.register(
            "http_seconds",
            "Time from request to answer",
            self.seconds.clone(),
        );
    }
}

/// `GET /metrics`
pub(crate) async fn metrics(
    State(api): State<ApiState>,
    client: Client,
) -> Result<Response, Problem> {
    if !client.local {
        return Err(Problem::not_found());
    }
    let mut registry = Registry::with_prefix("jingwei");
    api.metrics().register(&mut registry);
    crate::meta::register_node(&api.node().metrics(), &mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| Problem::internal())?;
    Ok((
        [(
            CONTENT_TYPE,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        text,
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_route() {
        let metrics = HttpMetrics::default();
        metrics.answered(
            "GET",
            "/api/v1/cases/{id}".to_owned(),
            200,
            Duration::from_millis(3),
        );
        metrics.answered(
            "GET",
            "/api/v1/cases/{id}".to_owned(),
            200,
            Duration::from_millis(3),
        );
        let mut registry = Registry::with_prefix("jingwei");
        metrics.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).expect("text");
        assert!(
            text.contains("jingwei_http_requests_total{method=\"GET\",route=\"/api/v1/cases/{id}\",status=\"200\"} 2"),
            "{text}"
        );
        assert!(
            text.contains(
                "jingwei_http_seconds_bucket{le=\"0.005\",route=\"/api/v1/cases/{id}\"} 2"
            ),
            "{text}"
        );
    }
}
