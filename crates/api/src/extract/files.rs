//! The tables of an import: one CSV file as the body, or several in one JSON object.
//!
//! Must not read a table: that is the engine's. Keeps: what is not UTF-8 is refused and never guessed.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use jingwei_core::refusal::FieldFault;
use jingwei_engine::Meta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body;
use crate::problem::Problem;
use crate::state::ApiState;

/// Most files of one import.
const MOST_FILES: usize = 20;

/// Several tables at once: the rules are eight files that are checked against each other.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilesBody {
    /// Name of each file (`classes.csv`) and its whole text; at most 20 files.
    files: BTreeMap<String, String>,
}

/// The files of an import with what goes with the command. A file that came as the body has no name of its own.
pub(crate) struct Files {
    /// Name and text; the name is empty when the file came as the body.
    pub(crate) files: Vec<(String, String)>,
    /// What goes with the command.
    pub(crate) meta: Meta,
}

impl FromRequest<ApiState> for Files {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, Problem> {
        let (head, bytes) = body::read(request, api).await?;
        let meta = body::meta(&head, &bytes)?;
        let files = if body::is_type(&head.headers, "text/csv") {
            vec![(String::new(), utf8(&bytes)?)]
        } else if body::is_type(&head.headers, "application/json") {
            let FilesBody { files } = body::parse(&head.headers, &bytes)?;
            named(files)?
        } else {
            return Err(Problem::media_type(
                "text/csv; charset=utf-8 或 / or application/json",
            ));
        };
        Ok(Self { files, meta })
    }
}

/// Whether `name` can be the name of a table's file: no path, nothing that could be taken for one.
pub(crate) fn is_file_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && !name.starts_with('.')
}

fn named(files: BTreeMap<String, String>) -> Result<Vec<(String, String)>, Problem> {
    let fault = |code, zh: String, en: String| {
        Err(Problem::invalid(vec![FieldFault::new(
            "/files", code, zh, en,
        )]))
    };
    if !(1..=MOST_FILES).contains(&files.len()) {
        return fault(
            "out_of_range",
            format!("应有 1 至 {MOST_FILES} 个文件"),
            format!("1 to {MOST_FILES} files are due"),
        );
    }
    if files.keys().any(|name| !is_file_name(name)) {
        return fault(
            "not_understood",
            "文件名只用字母、数字、点、横线和下划线，最多 64 个字符".to_owned(),
            "names of files are letters, digits, dots, hyphens and underscores, at most 64 characters".to_owned(),
        );
    }
    Ok(files.into_iter().collect())
}

fn utf8(bytes: &[u8]) -> Result<String, Problem> {
    String::from_utf8(bytes.to_vec()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + bytes.iter().take(at).filter(|b| **b == b'\n').count();
        Problem::invalid(vec![FieldFault::new(
            "/",
            "not_utf8",
            format!("第 {line} 行起不是 UTF-8 编码，请另存为 CSV UTF-8 后再导入"),
            format!("not UTF-8 from line {line} on: save as CSV UTF-8, then import again"),
        )])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_not_utf8_is_refused_with_its_line() {
        assert_eq!(
            utf8("code,name\n51,四川\n".as_bytes()).expect("UTF-8"),
            "code,name\n51,四川\n"
        );
        let problem = utf8(b"code,name\n51,\xcb\xc4\n").expect_err("GBK");
        assert!(problem.faults()[0].en.contains("line 2"), "{problem:?}");
    }

    #[test]
    fn names_of_files_are_no_paths() {
        assert!(is_file_name("role_acts.csv"));
        for wrong in ["", "../a", "a/b", ".hidden", "表.csv", &"a".repeat(65)] {
            assert!(!is_file_name(wrong), "{wrong}");
        }
        assert!(named(BTreeMap::new()).is_err());
        assert!(named(BTreeMap::from([("a.csv".to_owned(), String::new())])).is_ok());
    }
}
