//! The language of an answer: Chinese unless the client says that it would rather read English.
//!
//! Must not fail: a header that cannot be read counts as absent.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The language that the request's `Accept-Language` puts first among ours.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .map_or(Self::Zh, Self::choose)
    }

    /// The best of ours in a list such as `en-GB,en;q=0.8,zh;q=0.3`; of equals the one named first.
    fn choose(list: &str) -> Self {
        let mut best = (Self::Zh, 0.0_f32);
        for entry in list.split(',') {
            let mut parts = entry.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let language = match tag.split('-').next().unwrap_or_default() {
                primary if primary.eq_ignore_ascii_case("zh") => Self::Zh,
                primary if primary.eq_ignore_ascii_case("en") => Self::En,
                _ => continue,
            };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// One of two texts.
    pub(crate) fn pick<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The tag for `lang` and `Content-Language`.
    pub(crate) fn tag(self) -> &'static str {
        self.pick("zh", "en")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_unless_english_is_preferred() {
        for (list, language) in [
            ("", Language::Zh),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Zh),
            ("en", Language::En),
            ("en-GB,en;q=0.8,zh;q=0.3", Language::En),
            ("fr;q=1.0, EN;q=0.4", Language::En),
            ("en;q=0.5,zh;q=0.9", Language::Zh),
            ("en;q=0,fr", Language::Zh),
            ("fr,de", Language::Zh),
            ("en;q=x", Language::Zh),
            ("*", Language::Zh),
        ] {
            assert_eq!(Language::choose(list), language, "{list}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::Zh);
    }
}
