//! The outermost part of every request: its id, its line in the log, the words of its refusal, the headers of its answer.
//!
//! Must not log a path, a query, a body or a name: a receipt in a path lets anybody follow a report. The log has the
//! pattern of the route, the status, the time taken and the request id.

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use jingwei_engine::clock::Stopwatch;
use jingwei_engine::random::{OsRandom, uuid_v7};
use tracing::Instrument;
use uuid::Uuid;

use crate::extract::RequestId;
use crate::language::Language;
use crate::problem::Problem;
use crate::state::ApiState;

/// Nothing from elsewhere, nothing inline, and nobody may put us into a frame.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// The journal sequence that an answer reflects at least.
pub(crate) const SEQUENCE: HeaderName = HeaderName::from_static("jingwei-sequence");

/// Wraps every request.
pub(crate) async fn shell(
    State(api): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Response {
    let watch = Stopwatch::start();
    let id = uuid_v7(&OsRandom, api.node().now());
    let language = Language::of(request.headers());
    let method = known(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    // Taken before the work: what is committed by now, a read that begins now sees.
    let before = api.node().sequence();
    let asked = asked(request.headers());
    request.extensions_mut().insert(RequestId(id));
    let span = tracing::info_span!("request", %id, method, route);
    let response = next.run(request).instrument(span.clone()).await;
    // A read that asked for more has waited for it.
    let reached = before.max(asked.min(api.node().sequence()));
    let mut response = Problem::finish(response, language, id);
    let (status, taken) = (response.status().as_u16(), watch.elapsed());
    let milliseconds = u64::try_from(taken.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status, milliseconds, "answered"));
    api.metrics().answered(method, route, status, taken);
    dress(response.headers_mut(), id, reached);
    response
}

/// The method for log and counters; anything unusual is one and the same, so that nobody can fill the counters with names.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// What the request asks to be reflected.
fn asked(headers: &HeaderMap) -> i64 {
    headers
        .get("jingwei-at-least")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

fn dress(headers: &mut HeaderMap, id: Uuid, sequence: i64) {
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", value);
    }
    headers
        .entry(SEQUENCE)
        .or_insert_with(|| HeaderValue::from(sequence));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_dressed_and_a_handler_may_say_better() {
        let mut headers = HeaderMap::new();
        dress(&mut headers, Uuid::from_u128(1), 41);
        assert_eq!(headers[SEQUENCE], "41");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(
            headers["x-request-id"],
            Uuid::from_u128(1).to_string().as_str()
        );
        assert!(
            !headers[CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("text")
                .contains("unsafe")
        );
        let mut said = HeaderMap::from_iter([
            (SEQUENCE, HeaderValue::from(42)),
            (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        ]);
        dress(&mut said, Uuid::from_u128(1), 41);
        assert_eq!(said[SEQUENCE], "42");
        assert_eq!(said[CACHE_CONTROL], "private, no-cache");
    }

    #[test]
    fn unusual_methods_share_one_name() {
        assert_eq!(known(&Method::GET), "GET");
        assert_eq!(
            known(&Method::from_bytes(b"BREW").expect("method")),
            "other"
        );
    }
}
