//! Who is signed in.
//!
//! Keeps: a cookie alone never changes anything. A browser sends it whoever made it ask, so a change also needs the token
//! that only our page can read, and an `Origin`, where there is one, that is our own. A bearer token is sent by nobody but
//! the program that holds it.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use jingwei_core::access::Principal;
use jingwei_core::refusal::FieldFault;
use jingwei_engine::Session;
use subtle::ConstantTimeEq;

use crate::catalogue;
use crate::problem::Problem;
use crate::sessions::COOKIE_NAME;
use crate::state::ApiState;

/// Most characters of a token; longer ones are not even looked up.
const MOST_TOKEN: usize = 256;

/// A valid session.
pub(crate) struct Signed {
    /// Its token.
    pub(crate) token: String,
    /// The session.
    pub(crate) session: Session,
}

impl Signed {
    /// Who asks.
    pub(crate) fn by(&self) -> &Principal {
        &self.session.principal
    }
}

/// A token as sent.
#[derive(Debug, PartialEq, Eq)]
enum Token<'h> {
    Bearer(&'h str),
    Cookie(&'h str),
}

fn token(headers: &HeaderMap) -> Option<Token<'_>> {
    let found = if let Some(value) = headers.get(AUTHORIZATION) {
        // Who sends the header means it: the cookie does not stand in for a wrong one.
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| Token::Bearer(token.trim()))
    } else {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .find_map(|value| {
                value.split(';').find_map(|pair| {
                    let (name, token) = pair.trim().split_once('=')?;
                    (name == COOKIE_NAME).then_some(Token::Cookie(token))
                })
            })
    };
    found.filter(|token| {
        let (Token::Bearer(text) | Token::Cookie(text)) = token;
        (1..=MOST_TOKEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    })
}

/// Checks that a change asked for with the cookie comes from our own page.
fn check_origin(headers: &HeaderMap, csrf: &str) -> Result<(), Problem> {
    let refused = |zh: &str, en: &str| Err(Problem::new(catalogue::CSRF, zh, en));
    let sent = headers
        .get("x-csrf-token")
        .map(axum::http::HeaderValue::as_bytes)
        .unwrap_or_default();
    if !bool::from(sent.ct_eq(csrf.as_bytes())) {
        return refused(
            "缺少 X-CSRF-Token，或与登录时给的不同。请刷新页面后再试。",
            "X-CSRF-Token is missing or is not the one given at sign-in. Load the page again and try once more.",
        );
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok());
    let same = origin
        .as_ref()
        .and_then(Uri::authority)
        .zip(host)
        .is_some_and(|(authority, host)| authority.as_str().eq_ignore_ascii_case(host));
    if same {
        return Ok(());
    }
    refused(
        "请求来自别的网站（Origin 与 Host 不同）。",
        "The request comes from another site (Origin is not Host).",
    )
}

/// Waits until what a read asks for with `Jingwei-At-Least` is there. Only for who is signed in: waiting takes a place.
///
/// Errors: 422 when the header is no sequence, 503 when it is not reached in time.
async fn at_least(headers: &HeaderMap, api: &ApiState) -> Result<(), Problem> {
    let Some(value) = headers.get("jingwei-at-least") else {
        return Ok(());
    };
    match value
        .to_str()
        .ok()
        .and_then(|text| text.parse::<i64>().ok())
        .filter(|n| *n >= 0)
    {
        Some(sequence) if sequence <= api.node().sequence() => Ok(()),
        Some(sequence) => Ok(api.node().at_least(sequence).await?),
        None => Err(Problem::invalid(vec![FieldFault::new(
            "header:Jingwei-At-Least",
            "not_understood",
            "应为日志序号（0 或正整数）",
            "a journal sequence (0 or a whole number above)",
        )])),
    }
}

impl FromRequestParts<ApiState> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let found = token(&parts.headers).ok_or_else(Problem::unauthenticated)?;
        let (Token::Bearer(text) | Token::Cookie(text)) = found;
        let session = api.node().session(text).await?;
        if parts.method.is_safe() {
            at_least(&parts.headers, api).await?;
        } else if matches!(found, Token::Cookie(_)) {
            check_origin(&parts.headers, &session.csrf)?;
        }
        Ok(Self {
            token: text.to_owned(),
            session,
        })
    }
}

/// For what anybody may ask and who is signed in sees more of. A cookie that no longer counts is none: the page is public. A
/// token that does not count is refused: its program would go on with less than it means to have.
impl OptionalFromRequestParts<ApiState> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        api: &ApiState,
    ) -> Result<Option<Self>, Problem> {
        let means_it = parts.headers.contains_key(AUTHORIZATION);
        if !means_it && token(&parts.headers).is_none() {
            return Ok(None);
        }
        let signed = <Self as FromRequestParts<ApiState>>::from_request_parts(parts, api).await;
        match signed {
            Err(problem) if !means_it && problem == Problem::unauthenticated() => Ok(None),
            signed => signed.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("value"));
        }
        headers
    }

    #[test]
    fn the_token_comes_from_the_header_or_the_cookie() {
        let bearer = headers(&[
            ("authorization", "Bearer abc"),
            ("cookie", "jingwei_session=xyz"),
        ]);
        assert_eq!(token(&bearer), Some(Token::Bearer("abc")));
        let cookie = headers(&[("cookie", "a=b; jingwei_session=xyz; c=d")]);
        assert_eq!(token(&cookie), Some(Token::Cookie("xyz")));
        let split = headers(&[("cookie", "a=b"), ("cookie", "jingwei_session=xyz")]);
        assert_eq!(token(&split), Some(Token::Cookie("xyz")));
        let long = format!("Bearer {}", "a".repeat(300));
        for wrong in [
            headers(&[]),
            headers(&[
                ("authorization", "Basic abc"),
                ("cookie", "jingwei_session=xyz"),
            ]),
            headers(&[("authorization", "Bearer ")]),
            headers(&[("authorization", "Bearer a b")]),
            headers(&[("authorization", &long)]),
            headers(&[("cookie", "jingwei_session=")]),
            headers(&[("cookie", "other_jingwei_session=xyz")]),
        ] {
            assert_eq!(token(&wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_change_by_cookie_needs_the_token_and_our_own_origin() {
        let check =
            |pairs: &[_]| check_origin(&headers(pairs), "secret").map_err(|p| p.kind().code);
        assert_eq!(check(&[("x-csrf-token", "secret")]), Ok(()));
        assert_eq!(
            check(&[
                ("x-csrf-token", "secret"),
                ("origin", "http://127.0.0.1:8080"),
                ("host", "127.0.0.1:8080")
            ]),
            Ok(())
        );
        for wrong in [
            &[][..],
            &[("x-csrf-token", "")],
            &[("x-csrf-token", "secre")],
            &[("x-csrf-token", "Secret")],
            &[
                ("x-csrf-token", "secret"),
                ("origin", "null"),
                ("host", "a.example"),
            ],
            &[
                ("x-csrf-token", "secret"),
                ("origin", "http://b.example"),
                ("host", "a.example"),
            ],
            &[
                ("x-csrf-token", "secret"),
                ("origin", "http://a.example:81"),
                ("host", "a.example"),
            ],
            &[("x-csrf-token", "secret"), ("origin", "http://a.example")],
        ] {
            assert_eq!(check(wrong), Err("csrf"), "{wrong:?}");
        }
    }
}
