//! A JSON body, with what makes the command one of its own: request id, idempotency key and the hash of what was sent.
//!
//! Keeps: broken JSON is 400 with line and column; a field that is missing, unknown or of a wrong type is 422 with its
//! pointer; nothing of the body is logged.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use jingwei_core::refusal::FieldFault;
use jingwei_engine::{Meta, body_hash};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::{MOST_BODY, MostBody, RequestId};
use crate::catalogue;
use crate::problem::Problem;
use crate::state::ApiState;

/// Most characters of an idempotency key.
const MOST_KEY: usize = 64;
/// Most characters of a name from the body that an answer repeats.
const MOST_ECHO: usize = 60;

/// A JSON body of a command, with its meta data.
pub(crate) struct Sent<T> {
    /// The body.
    pub(crate) body: T,
    /// What goes with the command.
    pub(crate) meta: Meta,
}

/// A JSON body alone, of a request that is no command.
pub(crate) struct Plain<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<ApiState> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, Problem> {
        let (head, bytes) = read(request, api).await?;
        let meta = meta(&head, &bytes)?;
        Ok(Self {
            body: parse(&head.headers, &bytes)?,
            meta,
        })
    }
}

impl<T: DeserializeOwned> FromRequest<ApiState> for Plain<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, Problem> {
        let (head, bytes) = read(request, api).await?;
        Ok(Self(parse(&head.headers, &bytes)?))
    }
}

/// Reads the whole body, which the route's limit bounds.
pub(super) async fn read(request: Request, api: &ApiState) -> Result<(Parts, Bytes), Problem> {
    let (head, body) = request.into_parts();
    let limit = head.extensions.get::<MostBody>();
    let limit = limit.map_or(MOST_BODY, |most| most.0);
    let mut whole = Request::new(body);
    // The limit of the route travels in the extensions.
    *whole.extensions_mut() = head.extensions.clone();
    let bytes = Bytes::from_request(whole, api).await.map_err(|rejection| {
        match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(limit),
            _ => Problem::new(
                catalogue::MALFORMED,
                "内容没有收全，请重发。",
                "The body broke off: send it again.",
            ),
        }
    })?;
    Ok((head, bytes))
}

/// What goes with a command of this request.
pub(super) fn meta(head: &Parts, bytes: &[u8]) -> Result<Meta, Problem> {
    let target = head
        .uri
        .path_and_query()
        .map_or("/", axum::http::uri::PathAndQuery::as_str);
    let id = head
        .extensions
        .get::<RequestId>()
        .ok_or_else(Problem::internal)?;
    Ok(Meta {
        correlation: id.0,
        key: key(&head.headers)?,
        body_hash: body_hash(&[head.method.as_str().as_bytes(), target.as_bytes(), bytes]),
        device: None,
        device_at: None,
    })
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let bytes = value.as_bytes();
    match value.to_str() {
        Ok(key)
            if (1..=MOST_KEY).contains(&bytes.len())
                && bytes.iter().all(|b| (b' '..=b'~').contains(b)) =>
        {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Problem::invalid(vec![FieldFault::new(
            "header:Idempotency-Key",
            "not_understood",
            "应为 1 至 64 个可见的 ASCII 字符",
            "1 to 64 printable ASCII characters",
        )])),
    }
}

/// Whether the type of content is `wanted`, parameters aside.
pub(super) fn is_type(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

/// Reads a JSON body. An empty one counts as `{}`: an act that needs no more than itself needs no body.
pub(super) fn parse<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    let bytes = match bytes {
        [] => b"{}",
        _ if !is_type(headers, "application/json") => {
            return Err(Problem::media_type("application/json"));
        }
        bytes => bytes,
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().clone();
        // A wrong field may stand before a place where the JSON itself breaks: what is broken is said first.
        match serde_json::from_slice::<serde_json::Value>(bytes) {
            Err(broken) => malformed(&broken),
            Ok(_) => fault_of(&path, &error.into_inner()),
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(
        catalogue::MALFORMED,
        format!("第 {line} 行第 {column} 列起不是正确的 JSON。"),
        format!("Not JSON at line {line}, column {column}."),
    )
}

/// Says where and what, from the words of the JSON reader.
fn fault_of(path: &Path, error: &serde_json::Error) -> Problem {
    if !error.is_data() {
        return malformed(error);
    }
    let message = error.to_string();
    let quoted = || message.split('`').nth(1).unwrap_or_default();
    let mut place = pointer(path);
    let fault = if message.starts_with("missing field") {
        push(&mut place, quoted());
        FieldFault::new(&place, "required", "缺少这一项", "is missing")
    } else if message.starts_with("unknown field") {
        // Some paths already end in the unknown name.
        let name = escaped(quoted());
        if !place.ends_with(&format!("/{name}")) {
            push(&mut place, quoted());
        }
        FieldFault::new(
            &place,
            "unknown_field",
            "没有这一项，请核对名称",
            "there is no such field, check its name",
        )
    } else if message.starts_with("duplicate field") {
        let name = escaped(quoted());
        if !place.ends_with(&format!("/{name}")) {
            push(&mut place, quoted());
        }
        FieldFault::new(&place, "duplicate", "这一项出现了两次", "is given twice")
    } else {
        let wanted = message
            .rsplit_once("expected ")
            .map_or("another value", |(_, rest)| rest);
        let wanted = wanted
            .rsplit_once(" at line ")
            .map_or(wanted, |(wanted, _)| wanted);
        let wanted: String = wanted.chars().take(MOST_ECHO).collect();
        FieldFault::new(
            &place,
            "wrong_type",
            format!("类型或范围不对，应为 {wanted}"),
            format!("wrong type or range, expected {wanted}"),
        )
    };
    Problem::invalid(vec![fault])
}

/// The JSON pointer (RFC 6901) of a path; the root is `/`.
fn pointer(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut text, &index.to_string()),
            Segment::Map { key } => push(&mut text, key),
            Segment::Enum { variant } => push(&mut text, variant),
            Segment::Unknown => {}
        }
    }
    if text.is_empty() {
        "/".to_owned()
    } else {
        text
    }
}

fn push(pointer: &mut String, name: &str) {
    if pointer != "/" {
        pointer.push('/');
    }
    pointer.push_str(&escaped(name));
}

fn escaped(name: &str) -> String {
    let short: String = name.chars().take(MOST_ECHO).collect();
    short.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jingwei_engine::cases::{AcceptBody, DispatchBody, PlainBody, ReasonBody, ReportBody};

    fn json() -> HeaderMap {
        HeaderMap::from_iter([(
            CONTENT_TYPE,
            "application/json; charset=utf-8".parse().expect("value"),
        )])
    }

    fn fault<T: DeserializeOwned>(text: &str) -> String {
        let problem = parse::<T>(&json(), text.as_bytes())
            .err()
            .expect("a problem");
        match problem.faults() {
            [fault] => format!("{} {} {}", problem.kind().status, fault.pointer, fault.code),
            _ => format!("{} {}", problem.kind().status, problem.kind().code),
        }
    }

    #[test]
    fn the_place_of_a_fault_is_named() {
        assert_eq!(fault::<ReasonBody>("{}"), "422 /reason required");
        assert_eq!(fault::<ReasonBody>(""), "422 /reason required");
        assert_eq!(
            fault::<ReasonBody>(r#"{"reason":3}"#),
            "422 /reason wrong_type"
        );
        assert_eq!(
            fault::<ReasonBody>(r#"{"reason":"a","reason":"b"}"#),
            "422 /reason duplicate"
        );
        assert_eq!(
            fault::<PlainBody>(r#"{"version":-1}"#),
            "422 /version wrong_type"
        );
        assert_eq!(
            fault::<PlainBody>(r#"{"version":1.5}"#),
            "422 /version wrong_type"
        );
        assert_eq!(
            fault::<PlainBody>(r#"{"colour/~":1}"#),
            "422 /colour~1~0 unknown_field"
        );
        assert_eq!(fault::<PlainBody>("7"), "422 / wrong_type");
        assert_eq!(
            fault::<DispatchBody>(r#"{"orders":[{"unit":"a","part":"lead"},{"unit":"b"}]}"#),
            "422 /orders/1/part required"
        );
        assert_eq!(
            fault::<DispatchBody>(r#"{"orders":[{"unit":"a","part":"lead","x":1}]}"#),
            "422 /orders/0/x unknown_field"
        );
        assert_eq!(
            fault::<ReportBody>(
                r#"{"id":"a","source":"desk","division":"5","description":"d","position":{"lon":"x"}}"#
            ),
            "422 /position/lon wrong_type"
        );
    }

    #[test]
    fn broken_json_is_said_with_line_and_column() {
        for text in [
            "{",
            "{\"a\" 1}",
            "{} {}",
            "\u{1}",
            "{\"reason\":\"\\ud800\"}",
            "{\"version\":1e999}",
        ] {
            assert_eq!(fault::<AcceptBody>(text), "400 malformed", "{text}");
        }
        assert_eq!(fault::<AcceptBody>(&"[".repeat(1_000)), "400 malformed");
        let problem = parse::<AcceptBody>(&json(), b"{\n  \"class\": x}").expect_err("a problem");
        let response = problem.render(crate::language::Language::En, uuid::Uuid::nil());
        assert_eq!(response.status(), 400);
        assert!(
            parse::<AcceptBody>(&json(), b"{\"class\":\"\xff\"}").is_err(),
            "not UTF-8"
        );
    }

    #[test]
    fn only_json_is_taken_and_an_empty_body_needs_no_type() {
        let none = HeaderMap::new();
        assert!(parse::<PlainBody>(&none, b"").is_ok());
        assert!(parse::<PlainBody>(&json(), b"{\"version\":3}").is_ok());
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/jsonx",
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().expect("value"))]);
            let problem = parse::<PlainBody>(&headers, b"{}").expect_err("a problem");
            assert_eq!(problem.kind().status, 415, "{kind}");
        }
        assert_eq!(
            parse::<PlainBody>(&none, b"{}")
                .expect_err("a problem")
                .kind()
                .status,
            415
        );
    }

    #[test]
    fn a_key_is_1_to_64_printable_characters() {
        let with = |value: &[u8]| {
            HeaderMap::from_iter([(
                axum::http::HeaderName::from_static("idempotency-key"),
                axum::http::HeaderValue::from_bytes(value).expect("value"),
            )])
        };
        assert_eq!(key(&HeaderMap::new()), Ok(None));
        assert_eq!(key(&with(b"a b-1")), Ok(Some("a b-1".to_owned())));
        assert_eq!(key(&with(&[b'k'; 64])), Ok(Some("k".repeat(64))));
        for wrong in [&b""[..], &[b'k'; 65], "键".as_bytes(), b"a\tb"] {
            assert!(key(&with(wrong)).is_err(), "{wrong:?}");
        }
    }
}
