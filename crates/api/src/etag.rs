//! Reads that a client may keep: a strong tag over the whole answer, and 304 when the client has that answer.
//!
//! Keeps: the tag is a hash of the bytes, so whatever a viewer may see decides it and nothing else does.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use jingwei_engine::body_hash;
use serde::Serialize;

use crate::problem::Problem;
use crate::state::ApiState;

/// What the client has already.
#[derive(Debug, Default)]
pub(crate) struct Conditions(Vec<String>);

impl Conditions {
    fn of(headers: &HeaderMap) -> Self {
        let lists = headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok());
        // A weak comparison (RFC 9110, 13.1.2): a cache on the way may have weakened our tag.
        Self(
            lists
                .flat_map(|list| list.split(','))
                .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
                .collect(),
        )
    }

    /// Whether the client has the answer with `tag`.
    pub(crate) fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|held| held == tag || held == "*")
    }

    /// The answer with its tag, or 304 without it.
    pub(crate) fn answer<T: Serialize>(&self, value: &T) -> Result<Response, Problem> {
        self.answer_as(value, "application/json")
    }

    /// The same, in a kind of JSON with a name of its own.
    pub(crate) fn answer_as<T: Serialize>(
        &self,
        value: &T,
        kind: &'static str,
    ) -> Result<Response, Problem> {
        let bytes = bytes(value)?;
        let tag = tag(&bytes);
        match self.unchanged(&tag)? {
            Some(response) => Ok(response),
            None => kept(&tag, kind, Body::from(bytes)),
        }
    }

    /// 304, when the client has the answer with this tag.
    pub(crate) fn unchanged(&self, tag: &str) -> Result<Option<Response>, Problem> {
        if !self.has(tag) {
            return Ok(None);
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        tagged(&mut response, tag)?;
        Ok(Some(response))
    }
}

impl FromRequestParts<ApiState> for Conditions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _api: &ApiState) -> Result<Self, Problem> {
        Ok(Self::of(&parts.headers))
    }
}

/// An answer that a client may keep and has to ask about each time.
pub(crate) fn kept(tag: &str, kind: &'static str, body: Body) -> Result<Response, Problem> {
    let mut response = Response::new(body);
    tagged(&mut response, tag)?;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

/// Marks an answer that a client may keep.
pub(crate) fn tagged(response: &mut Response, tag: &str) -> Result<(), Problem> {
    let tag = HeaderValue::from_str(tag).map_err(|_| Problem::internal())?;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(ETAG, tag);
    Ok(())
}

/// A JSON answer that is not kept.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Result<Response, Problem> {
    let mut response = Response::new(Body::from(bytes(value)?));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Problem::internal()
    })
}

/// The tag of an answer: the first half of its hash, in quotes.
pub(crate) fn tag(bytes: &[u8]) -> String {
    let hash = body_hash(&[bytes]);
    let hex: String = hash
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(values: &[&str]) -> Conditions {
        Conditions::of(
            &values
                .iter()
                .map(|v| (IF_NONE_MATCH, v.parse().expect("value")))
                .collect(),
        )
    }

    #[test]
    fn the_same_answer_is_not_sent_twice() {
        let first = Conditions::default().answer(&"案件").expect("answer");
        assert_eq!(first.status(), 200);
        let tag = first.headers()[ETAG].to_str().expect("tag").to_owned();
        assert_eq!(tag.len(), 34);
        for held in [
            &[tag.as_str()][..],
            &["\"a\"", &format!("W/{tag}")],
            &[&format!("\"a\", {tag}")],
            &["*"],
        ] {
            let again = conditions(held).answer(&"案件").expect("answer");
            assert_eq!(again.status(), 304, "{held:?}");
            assert_eq!(again.headers()[ETAG], tag.as_str());
            assert!(again.headers().get(CONTENT_TYPE).is_none());
        }
        assert_eq!(
            conditions(&[&tag])
                .answer(&"另案")
                .expect("answer")
                .status(),
            200
        );
        assert_eq!(
            conditions(&["\"a\""])
                .answer(&"案件")
                .expect("answer")
                .status(),
            200
        );
    }
}
