//! The kinds of problems with their status and their titles in both languages.
//!
//! Must not hold what happened in one request. Keeps: a code has one status, and both titles are there. The document, the
//! readable page and every answer read this one list.

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Stable code for programs.
    pub(crate) code: &'static str,
    /// HTTP status.
    pub(crate) status: u16,
    /// Title, Chinese.
    pub(crate) zh: &'static str,
    /// Title, English.
    pub(crate) en: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $code:literal, $status:literal, $zh:literal, $en:literal;)*) => {
        $(pub(crate) const $name: Kind = Kind { code: $code, status: $status, zh: $zh, en: $en };)*
        /// Every kind.
        pub(crate) const ALL: &[Kind] = &[$($name),*];
    };
}

kinds! {
    MALFORMED = "malformed", 400, "内容不是完整的 JSON", "The body is not JSON";
    BAD_QUERY = "bad_query", 400, "地址里的参数不对", "A parameter of the address is not right";
    UNAUTHENTICATED = "unauthenticated", 401, "请先登录", "Sign in first";
    CSRF = "csrf", 403, "这次请求不像是从本页面发出的", "The request does not seem to come from our page";
    FORBIDDEN = "forbidden", 403, "你的岗位不能这样做", "None of your roles may do this";
    NOT_FOUND = "not_found", 404, "找不到", "Not found";
    LAYERS_OFF = "layers_off", 404, "公开图层没有开放", "The public layers are off";
    METHOD_NOT_ALLOWED = "method_not_allowed", 405, "这里不接受这种方法", "This address does not take that method";
    STALE_VERSION = "stale_version", 409, "已有更新", "It has moved on";
    KEY_REUSED = "key_reused", 409, "同一个幂等键用在了不同的内容上", "The key was used for other content";
    EXISTS = "exists", 409, "编号已经存在", "The id exists";
    WRONG_STATE = "wrong_state", 409, "现在这个阶段不能这样做", "Not at this stage";
    SEPARATION = "separation", 409, "须由另一人办理", "Somebody else has to do this";
    TOO_LARGE = "too_large", 413, "内容太大", "The body is too large";
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", 415, "内容类型不对", "Wrong type of content";
    INVALID = "invalid", 422, "有填写不对的地方", "Some fields need another value";
    TOO_MANY = "too_many", 429, "尝试太多次", "Too many tries";
    INTERNAL = "internal", 500, "系统出了故障", "A fault of the system";
    BUSY = "busy", 503, "系统正忙", "Busy";
    READ_ONLY = "read_only", 503, "系统暂时只能查看", "Read only for now";
}

/// The kind that stands for a bare status of the HTTP machinery.
pub(crate) fn of_status(status: u16) -> Kind {
    ALL.iter()
        .find(|kind| kind.status == status && **kind != CSRF)
        .copied()
        .unwrap_or(if status < 500 { MALFORMED } else { INTERNAL })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_titled_in_both_languages() {
        for (i, kind) in ALL.iter().enumerate() {
            assert!(
                ALL[..i].iter().all(|other| other.code != kind.code),
                "{}",
                kind.code
            );
            assert!(
                !kind.zh.is_empty() && !kind.en.is_empty() && !kind.zh.is_ascii(),
                "{}",
                kind.code
            );
            assert!((400..600).contains(&kind.status), "{}", kind.code);
        }
        assert_eq!(of_status(403), FORBIDDEN);
        assert_eq!(of_status(405), METHOD_NOT_ALLOWED);
        assert_eq!(of_status(503), BUSY);
        assert_eq!(of_status(418), MALFORMED);
        assert_eq!(of_status(501), INTERNAL);
    }
}
