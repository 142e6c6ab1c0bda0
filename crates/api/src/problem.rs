//! A refusal on its way out: `application/problem+json` (RFC 9457) in both languages.
//!
//! Must not tell what went wrong inside: the log has it, under the request id. A handler only says which problem it is; the
//! shell adds language and request id, so the answer for a thing one may not see is byte for byte that of a thing that
//! does not exist, apart from the id.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::table::Fault;
use jingwei_engine::EngineError;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::catalogue::{self, Kind};
use crate::language::Language;

/// Most faults that one answer names; an import may have more.
const MOST_FAULTS: usize = 1_000;

/// Which problem it is. Boxed: it travels as the error of nearly every function here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem(Box<Told>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    kind: Kind,
    zh: String,
    en: String,
    faults: Vec<FieldFault>,
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem of `kind`: what is wrong and what to do, in both languages.
    pub(crate) fn new(kind: Kind, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Box::new(Told {
            kind,
            zh: zh.into(),
            en: en.into(),
            faults: Vec::new(),
            retry_after: None,
        }))
    }

    /// The client may come back after so many seconds.
    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds.max(1));
        self
    }

    /// Its kind.
    #[cfg(test)]
    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The faults of fields.
    #[cfg(test)]
    pub(crate) fn faults(&self) -> &[FieldFault] {
        &self.0.faults
    }

    /// No such thing within what one may see.
    pub(crate) fn not_found() -> Self {
        Refusal::NotFound.into()
    }

    /// Nobody is signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            catalogue::UNAUTHENTICATED,
            "没有登录，或登录已到期。请重新登录。",
            "Nobody is signed in, or the session has ended. Sign in again.",
        )
    }

    /// Too much at once.
    pub(crate) fn busy(seconds: u32) -> Self {
        Self::new(
            catalogue::BUSY,
            format!("系统正忙，请 {seconds} 秒后用同一个幂等键重发。没有丢失任何已确认的内容。"),
            format!("Busy: send again under the same key in {seconds} s. Nothing that was confirmed is lost."),
        )
        .retry_after(seconds)
    }

    /// A fault of this program; the log has the reason.
    pub(crate) fn internal() -> Self {
        Self::new(
            catalogue::INTERNAL,
            "系统出了故障，已记入日志。请稍后重试，并把请求编号告诉管理员。",
            "A fault of the system, written to the log. Try again later and tell the administrator the request id.",
        )
    }

    /// Faults in fields.
    pub(crate) fn invalid(faults: Vec<FieldFault>) -> Self {
        Refusal::Invalid(faults).into()
    }

    /// The public layers are off and nobody is signed in.
    pub(crate) fn layers_off() -> Self {
        Self::new(
            catalogue::LAYERS_OFF,
            "公开图层没有开放：还没有设置审图号（设置项 map_review_number）。登录后可以看到自己范围内的图层。",
            "The public layers are off: no map review number (审图号) is set (setting map_review_number). Who signs in sees the \
             layers within their own scope.",
        )
    }

    /// The same faults as 400: what standards for maps ask for where a parameter of the query is not right.
    #[must_use]
    pub(crate) fn of_query(mut self) -> Self {
        if self.0.kind == catalogue::INVALID {
            self.0.kind = catalogue::BAD_QUERY;
        }
        self
    }

    /// A body over its limit.
    pub(crate) fn too_large(limit: usize) -> Self {
        let kib = limit / 1024;
        Self::new(
            catalogue::TOO_LARGE,
            format!("内容超过上限 {kib} KiB，请缩短或分开发送。"),
            format!("The body is over its limit of {kib} KiB: shorten it or send it in parts."),
        )
    }

    /// A body of another type than `wanted`.
    pub(crate) fn media_type(wanted: &str) -> Self {
        Self::new(
            catalogue::UNSUPPORTED_MEDIA_TYPE,
            format!("Content-Type 应为 {wanted}。"),
            format!("Content-Type has to be {wanted}."),
        )
    }

    /// What a bare status of the HTTP machinery means.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match catalogue::of_status(status.as_u16()) {
            catalogue::NOT_FOUND => Self::not_found(),
            catalogue::BUSY => Self::busy(1),
            catalogue::INTERNAL => Self::internal(),
            kind => Self::new(kind, format!("{}。", kind.zh), format!("{}.", kind.en)),
        }
    }

    fn import(faults: &[Fault]) -> Self {
        let named = faults.iter().take(MOST_FAULTS).map(|fault| FieldFault {
            pointer: format!("{}:{}:{}", fault.file, fault.line, fault.column),
            code: fault.code,
            zh: fault.zh.clone(),
            en: fault.en.clone(),
        });
        let (count, shown) = (faults.len(), faults.len().min(MOST_FAULTS));
        let mut problem = Self::new(
            catalogue::INVALID,
            format!(
                "表中有 {count} 处不对，一行也没有导入。errors 列出前 {shown} 处（文件:行:列）。"
            ),
            format!(
                "{count} fault(s) in the table; no row was taken. errors names the first {shown} (file:line:column)."
            ),
        );
        problem.0.faults = named.collect();
        problem
    }

    /// The answer, in the words of `language`.
    pub(crate) fn render(&self, language: Language, request: Uuid) -> Response {
        let words = |title: &str, detail: &str| Words {
            title: title.to_owned(),
            detail: detail.to_owned(),
        };
        let (zh, en) = (
            words(self.0.kind.zh, &self.0.zh),
            words(self.0.kind.en, &self.0.en),
        );
        let chosen = match language {
            Language::Zh => zh.clone(),
            Language::En => en.clone(),
        };
        let body = ProblemBody {
            kind: format!("/problems/{}", self.0.kind.code),
            code: self.0.kind.code.to_owned(),
            status: self.0.kind.status,
            title: chosen.title,
            detail: chosen.detail,
            zh,
            en,
            errors: self
                .0
                .faults
                .iter()
                .map(|fault| FaultBody {
                    pointer: fault.pointer.clone(),
                    code: fault.code.to_owned(),
                    zh: fault.zh.clone(),
                    en: fault.en.clone(),
                })
                .collect(),
            request_id: request,
        };
        let mut response = Response::new(Body::from(serde_json::to_vec(&body).unwrap_or_default()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(VARY, HeaderValue::from_static("Accept-Language"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Puts the words into an answer that a handler or the HTTP machinery left without them.
    pub(crate) fn finish(response: Response, language: Language, request: Uuid) -> Response {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return response;
        }
        let problem = match response.extensions().get::<Self>() {
            Some(problem) => problem.clone(),
            None if response.extensions().get::<Spoken>().is_some() => return response,
            None => Self::of_status(status),
        };
        let mut rendered = problem.render(language, request);
        if let Some(allow) = response.headers().get(ALLOW) {
            rendered.headers_mut().insert(ALLOW, allow.clone());
        }
        rendered
    }
}

/// Marks an answer that says for itself what is wrong and is left as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoken;

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let kind = match &refusal {
            Refusal::NotFound => catalogue::NOT_FOUND,
            Refusal::Forbidden(_)
            | Refusal::NotAdministrator
            | Refusal::HandledAbove(..)
            | Refusal::NotYours { .. } => catalogue::FORBIDDEN,
            Refusal::WrongState { .. }
            | Refusal::OrderDone(_)
            | Refusal::NotNow { .. }
            | Refusal::TimerGone => catalogue::WRONG_STATE,
            Refusal::Separation { .. } | Refusal::ClosesAbove(_) => catalogue::SEPARATION,
            Refusal::Stale { .. } => catalogue::STALE_VERSION,
            Refusal::Exists => catalogue::EXISTS,
            Refusal::Invalid(_) => catalogue::INVALID,
        };
        let mut problem = Self::new(kind, refusal.zh(), refusal.en());
        if let Refusal::Invalid(faults) = refusal {
            problem.0.faults = faults;
        }
        problem
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Refused(refusal) => refusal.into(),
            EngineError::KeyReused => Self::new(
                catalogue::KEY_REUSED,
                "这个幂等键已经用于别的内容。新的内容请换一个新的键。",
                "This key was used for other content. Take a new key for new content.",
            ),
            EngineError::Unauthenticated => Self::unauthenticated(),
            EngineError::SignInRefused => Self::new(
                catalogue::UNAUTHENTICATED,
                "账号或密码不对。",
                "Account or password is wrong.",
            ),
            EngineError::TooMany(seconds) => Self::new(
                catalogue::TOO_MANY,
                format!("尝试太多次，请 {seconds} 秒后再试。"),
                format!("Too many tries: come back in {seconds} s."),
            )
            .retry_after(seconds),
            EngineError::Busy(seconds) => Self::busy(seconds),
            EngineError::ReadOnly => Self::read_only(),
            EngineError::Deposed => Self::busy(5),
            EngineError::Import(faults) => Self::import(&faults),
            EngineError::NeedsRelaxing(count) => Self::invalid(vec![FieldFault::new(
                "?relax",
                "needs_relaxing",
                format!(
                    "有 {count} 人兼任按规定应分开的岗位。人手不足确需兼任的，请加 relax=true 再导入，并会记录在案。"
                ),
                format!(
                    "{count} person(s) hold roles that are kept apart by default. Where staffing is too small, import again with relax=true; it is recorded."
                ),
            )]),
            EngineError::Store(ref store) => match store.code() {
                "store.full" => Self::read_only(),
                "store.busy" | "store.lost" | "store.commit_unknown" => {
                    tracing::warn!(code = error.code(), %error, "the store is away");
                    Self::busy(2)
                }
                _ => Self::logged(&error),
            },
            error => Self::logged(&error),
        }
    }
}

impl Problem {
    fn read_only() -> Self {
        Self::new(
            catalogue::READ_ONLY,
            "磁盘已满，系统只能查看，不能办理。紧急情况请用电话。请管理员清理磁盘空间，之后自动恢复；告警见日志和 /metrics 的 jingwei_read_only。",
            "The disk is full: the system shows, but takes nothing. Use the telephone when it is urgent. The administrator has to free disk space, then it goes on by itself; the alarm is in the log and in /metrics as jingwei_read_only.",
        )
        .retry_after(60)
    }

    fn logged(error: &EngineError) -> Self {
        tracing::error!(code = error.code(), %error, "request failed");
        Self::internal()
    }
}

/// What is wrong, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemWords)]
pub(crate) struct Words {
    /// The kind of problem.
    title: String,
    /// What is wrong here and what to do.
    detail: String,
}

/// A fault in one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Fault)]
pub(crate) struct FaultBody {
    /// Where: JSON pointer of the field (`/position/lon`), `?name` of the query, `header:Name`, or `file:line:column` of a table.
    pointer: String,
    /// Stable code: `required`, `too_long`, `unknown_field`, …
    code: String,
    /// What is wrong and what to do, Chinese.
    zh: String,
    /// What is wrong and what to do, English.
    en: String,
}

/// A refusal (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    kind: String,
    /// Stable code for programs.
    code: String,
    /// The HTTP status again.
    status: u16,
    /// The kind of problem, in the language asked for.
    title: String,
    /// What is wrong here and what to do, in the language asked for.
    detail: String,
    /// In Chinese.
    zh: Words,
    /// In English.
    en: Words,
    /// Faults in single fields; empty when it is not about fields.
    errors: Vec<FaultBody>,
    /// Under this id the log has more.
    request_id: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jingwei_core::access::Act;
    use jingwei_core::cases::Stage;
    use jingwei_core::code::Level;

    fn all() -> Vec<(EngineError, &'static str, u16)> {
        let refused = EngineError::Refused;
        vec![
            (refused(Refusal::NotFound), "not_found", 404),
            (refused(Refusal::Forbidden(Act::Close)), "forbidden", 403),
            (refused(Refusal::NotAdministrator), "forbidden", 403),
            (
                refused(Refusal::WrongState {
                    act: Act::Close,
                    stage: Stage::Filed,
                }),
                "wrong_state",
                409,
            ),
            (refused(Refusal::OrderDone(Act::Arrive)), "wrong_state", 409),
            (
                refused(Refusal::Separation {
                    did: Act::Handle,
                    act: Act::Verify,
                    zh: "因".into(),
                    en: "why".into(),
                }),
                "separation",
                409,
            ),
            (
                refused(Refusal::ClosesAbove(Level::County)),
                "separation",
                409,
            ),
            (
                refused(Refusal::Stale {
                    expected: 1,
                    present: 2,
                }),
                "stale_version",
                409,
            ),
            (refused(Refusal::Exists), "exists", 409),
            (
                refused(Refusal::Invalid(vec![FieldFault::new(
                    "/a", "required", "缺", "missing",
                )])),
                "invalid",
                422,
            ),
            (refused(Refusal::TimerGone), "wrong_state", 409),
            (EngineError::KeyReused, "key_reused", 409),
            (EngineError::Unauthenticated, "unauthenticated", 401),
            (EngineError::SignInRefused, "unauthenticated", 401),
            (EngineError::TooMany(30), "too_many", 429),
            (EngineError::Busy(1), "busy", 503),
            (EngineError::ReadOnly, "read_only", 503),
            (EngineError::Deposed, "busy", 503),
            (
                EngineError::Import(vec![Fault {
                    file: "units.csv".into(),
                    line: 7,
                    column: "kind".into(),
                    code: "unknown",
                    zh: "不认识".into(),
                    en: "unknown".into(),
                }]),
                "invalid",
                422,
            ),
            (EngineError::NeedsRelaxing(2), "invalid", 422),
            (EngineError::Vault("secret".into()), "internal", 500),
            (
                EngineError::ClockWentBack {
                    now: "a".into(),
                    journal: "b".into(),
                },
                "internal",
                500,
            ),
            (EngineError::Journal("secret".into()), "internal", 500),
            (EngineError::Internal("secret".into()), "internal", 500),
        ]
    }

    #[test]
    fn every_error_has_its_problem_in_both_languages() {
        for (error, code, status) in all() {
            let text = format!("{error:?}");
            let problem = Problem::from(error);
            assert_eq!(
                (problem.0.kind.code, problem.0.kind.status),
                (code, status),
                "{text}"
            );
            assert!(
                !problem.0.zh.is_ascii() && !problem.0.en.is_empty(),
                "{text}"
            );
            assert!(
                !problem.0.zh.contains("secret") && !problem.0.en.contains("secret"),
                "{text} tells of the inside"
            );
            let waits = problem.0.retry_after.is_some();
            assert_eq!(waits, matches!(status, 429 | 503), "{text}");
            assert_eq!(problem.0.faults.is_empty(), status != 422, "{text}");
        }
    }

    #[test]
    fn a_fault_of_a_table_names_file_line_and_column() {
        let (error, ..) = all()
            .into_iter()
            .find(|(e, ..)| matches!(e, EngineError::Import(_)))
            .expect("one");
        assert_eq!(Problem::from(error).0.faults[0].pointer, "units.csv:7:kind");
    }

    #[tokio::test]
    async fn the_answer_speaks_the_language_asked_for_and_carries_both() {
        let id = Uuid::from_u128(7);
        for (language, title) in [(Language::Zh, "找不到"), (Language::En, "Not found")] {
            let response = Problem::finish(Problem::not_found().into_response(), language, id);
            assert_eq!(response.status(), 404);
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
            let bytes = axum::body::to_bytes(response.into_body(), 10_000)
                .await
                .expect("body");
            let body: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            assert_eq!(body["type"], "/problems/not_found");
            assert_eq!(body["title"], title);
            assert_eq!(body["zh"]["title"], "找不到");
            assert_eq!(body["en"]["title"], "Not found");
            assert_eq!(body["request_id"], id.to_string());
        }
    }
}
