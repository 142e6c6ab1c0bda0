//! The query of an address, read name by name.
//!
//! Keeps: every fault is named at once (`?limit`), and a name that the operation does not know is a fault too: a filter
//! that is silently left out would show more than was asked for.

use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jingwei_core::refusal::FieldFault;

use crate::problem::Problem;
use crate::state::ApiState;

/// Most characters of a value.
const MOST: usize = 300;

/// The pairs that were not taken yet, and the faults so far.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    faults: Vec<FieldFault>,
}

impl Query {
    fn of(uri: &axum::http::Uri) -> Self {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
        Self {
            pairs: pairs.map(|pairs| pairs.0).unwrap_or_default(),
            faults: Vec::new(),
        }
    }

    /// Notes a fault of `name`.
    pub(crate) fn fault(
        &mut self,
        name: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.faults
            .push(FieldFault::new(&format!("?{name}"), code, zh, en));
    }

    /// The value of `name`, at most 300 characters without control characters; none when absent or empty.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let mut values = Vec::new();
        self.pairs.retain(|(key, value)| {
            let taken = key == name;
            if taken {
                values.push(value.clone());
            }
            !taken
        });
        if values.len() > 1 {
            self.fault(name, "duplicate", "只能给一次", "may be given once");
            return None;
        }
        let value = values.pop().filter(|value| !value.is_empty())?;
        if value.chars().count() > MOST {
            self.fault(
                name,
                "too_long",
                format!("最多 {MOST} 个字符"),
                format!("at most {MOST} characters"),
            );
            return None;
        }
        if value.chars().any(char::is_control) {
            self.fault(
                name,
                "control_character",
                "含有不可见的控制字符",
                "holds a control character",
            );
            return None;
        }
        Some(value)
    }

    /// The value of `name` as one of the words that `parse` knows.
    pub(crate) fn word<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        zh: &str,
        en: &str,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.fault(
                name,
                "not_understood",
                format!("看不懂，应为{zh}"),
                format!("not understood: {en}"),
            );
        }
        value
    }

    /// The value of `name` as a whole number within `bounds`.
    pub(crate) fn number(&mut self, name: &str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(name)?;
        // A sign or blanks are no part of the form.
        let number = text
            .parse::<i64>()
            .ok()
            .filter(|n| bounds.contains(n) && !text.starts_with('+'));
        if number.is_none() {
            let (least, most) = (bounds.start(), bounds.end());
            self.fault(
                name,
                "out_of_range",
                format!("应为 {least} 至 {most} 的整数"),
                format!("a whole number from {least} to {most}"),
            );
        }
        number
    }

    /// The value of `name` as a number of items, 1 to `most`; `usual` when absent.
    pub(crate) fn limit(&mut self, most: u32, usual: u32) -> u32 {
        let limit = self.number("limit", 1..=i64::from(most));
        limit.and_then(|n| u32::try_from(n).ok()).unwrap_or(usual)
    }

    /// The value of `name` as `true` or `false`.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let parse = |text: &str| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.word(name, parse, " true 或 false", "true or false")
    }

    /// To be called last: a name that nobody took is unknown.
    ///
    /// Errors: 422 with every fault.
    pub(crate) fn finish(&mut self) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.pairs) {
            let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            self.fault(
                &name,
                "unknown_field",
                "这里没有这个参数",
                "there is no such parameter here",
            );
        }
        match std::mem::take(&mut self.faults) {
            faults if faults.is_empty() => Ok(()),
            faults => Err(Problem::invalid(faults)),
        }
    }
}

impl FromRequestParts<ApiState> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _api: &ApiState) -> Result<Self, Problem> {
        Ok(Self::of(&parts.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::of(&format!("/x?{text}").parse().expect("address"))
    }

    fn faults(mut query: Query) -> Vec<String> {
        let problem = query.finish().expect_err("faults");
        problem
            .faults()
            .iter()
            .map(|f| format!("{} {}", f.pointer, f.code))
            .collect()
    }

    #[test]
    fn values_are_read_within_their_bounds() {
        let mut q = query("limit=100&open=true&after=a%20b&stage=");
        assert_eq!(q.limit(100, 50), 100);
        assert_eq!(q.flag("open"), Some(true));
        assert_eq!(q.text("after").as_deref(), Some("a b"));
        assert_eq!(q.text("stage"), None);
        assert_eq!(q.limit(100, 50), 50);
        assert_eq!(q.finish(), Ok(()));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        for wrong in ["0", "101", "-1", "+1", "1.0", "x", "99999999999999999999"] {
            let mut q = query(&format!("limit={wrong}"));
            q.limit(100, 50);
            assert_eq!(faults(q), ["?limit out_of_range"], "{wrong}");
        }
        let mut q = query("limit=1&limit=2&open=yes&colour=red&after=%00");
        q.limit(100, 50);
        q.flag("open");
        q.text("after");
        assert_eq!(
            faults(q),
            [
                "?limit duplicate",
                "?open not_understood",
                "?after control_character",
                "?colour unknown_field"
            ]
        );
    }
}
