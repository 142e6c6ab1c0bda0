//! Signing in, signing out, and who one is.
//!
//! Must not keep a password anywhere: it is neither printed nor logged, and goes to the engine only.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jingwei_core::refusal::FieldFault;
use jingwei_core::time::Timestamp;
use jingwei_engine::Me;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::etag::json;
use crate::extract::{Client, Plain, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

/// How long a browser may keep the cookie, in seconds (30 days). It only has to outlive the session, which slides on with
/// use: when that ends is for the server to say, and it does so at every request.
const COOKIE_KEPT: i64 = 30 * 24 * 3_600;
/// Name of the session cookie.
pub(crate) const COOKIE_NAME: &str = "jingwei_session";

const GROUP: &str = "sessions";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/v1/sessions", "sign_in", sign_in)
            .told(GROUP, Access::Public, "登录 · Sign in")
            .about("账号或密码不对是同一个答复；试得太多要等 · A wrong account and a wrong password answer the same; too many tries have to wait")
            .body::<SignInBody>(true)
            .answers::<SignedInView>(201, "已登录，同时给出 Cookie · Signed in; a cookie is set too")
            .problems(&[401]),
        Operation::delete("/api/v1/sessions/current", "sign_out", sign_out)
            .told(GROUP, Access::Session, "退出登录 · Sign out")
            .plain(204, "已退出 · Signed out"),
        Operation::get("/api/v1/me", "me", me)
            .told(GROUP, Access::Session, "我是谁、有哪些岗位 · Who I am and what I hold")
            .answers::<Me>(200, "我 · Me"),
    ]
}

/// Account and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    /// Account, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    account: String,
    /// Password, 1 to 256 characters.
    #[schema(min_length = 1, max_length = 256)]
    password: String,
}

/// A new session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInView {
    /// For `Authorization: Bearer`, in programs without cookies.
    token: String,
    /// For `X-CSRF-Token`, with the cookie.
    csrf: String,
    /// When the session ends by itself.
    #[schema(format = "date-time")]
    expires_at: String,
    /// Who signed in.
    me: Me,
}

fn bounded(pointer: &str, text: &str, most: usize, faults: &mut Vec<FieldFault>) {
    let count = text.chars().count();
    if count == 0 || count > most || text.chars().any(char::is_control) {
        faults.push(FieldFault::new(
            pointer,
            "out_of_range",
            format!("应为 1 至 {most} 个字符，不含控制字符"),
            format!("1 to {most} characters, no control characters"),
        ));
    }
}

async fn sign_in(
    State(api): State<ApiState>,
    client: Client,
    Plain(body): Plain<SignInBody>,
) -> Result<Response, Problem> {
    let mut faults = Vec::new();
    bounded("/account", &body.account, 64, &mut faults);
    bounded("/password", &body.password, 256, &mut faults);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let signed = api
        .node()
        .sign_in(&body.account, &body.password, client.address)
        .await?;
    let me = api.node().me(&signed.session)?;
    let cookie = cookie(&signed.token, COOKIE_KEPT, api.config().secure_cookies)?;
    let view = SignedInView {
        token: signed.token,
        csrf: signed.session.csrf,
        expires_at: Timestamp::rfc3339(signed.session.expires_at),
        me,
    };
    let mut response = json(StatusCode::CREATED, &view)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

async fn sign_out(State(api): State<ApiState>, signed: Signed) -> Result<Response, Problem> {
    api.node().sign_out(&signed.token).await?;
    let cookie = cookie("", 0, api.config().secure_cookies)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

async fn me(State(api): State<ApiState>, signed: Signed) -> Result<Response, Problem> {
    json(StatusCode::OK, &api.node().me(&signed.session)?)
}

/// No script reads it, no other site makes a browser send it, and with TLS it never travels in the open.
fn cookie(token: &str, seconds: i64, secure: bool) -> Result<HeaderValue, Problem> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!(
        "{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    );
    HeaderValue::from_str(&text).map_err(|_| Problem::internal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_kept_from_scripts_and_other_sites() {
        let plain = cookie("abc", 60, false).expect("cookie");
        assert_eq!(
            plain,
            "jingwei_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60"
        );
        let secure = cookie("abc", 60, true).expect("cookie");
        assert!(secure.to_str().expect("text").ends_with("; Secure"));
    }

    #[test]
    fn account_and_password_have_bounds() {
        let mut faults = Vec::new();
        bounded("/account", "officer-hlx", 64, &mut faults);
        bounded("/password", "口令", 256, &mut faults);
        assert!(faults.is_empty());
        for wrong in ["", "a\0b", &"长".repeat(65)] {
            bounded("/account", wrong, 64, &mut faults);
        }
        assert_eq!(faults.len(), 3);
    }
}
