//! Ids and words in the path. What is no id names nothing: the same answer as for a thing that does not exist.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use jingwei_core::id::CaseId;
use uuid::Uuid;

use crate::problem::Problem;
use crate::state::ApiState;

/// The case of `/cases/{id}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CasePath(pub(crate) CaseId);

/// Case and order of `/cases/{id}/orders/{order}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderPath(pub(crate) CaseId, pub(crate) Uuid);

/// The thing of `/whistles/{id}` and its like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThingPath(pub(crate) Uuid);

/// A thing and a part of it, as in `/whistles/{id}/calls/{unit}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartPath(pub(crate) Uuid, pub(crate) Uuid);

/// A code or receipt: 1 to 64 ASCII letters and digits.
#[derive(Debug, Clone)]
pub(crate) struct Word(pub(crate) String);

/// Hyphenated form only, so that a thing has one address.
fn id(text: &str) -> Result<Uuid, Problem> {
    let id = Uuid::try_parse(text).map_err(|_| Problem::not_found())?;
    if text.len() == 36 {
        Ok(id)
    } else {
        Err(Problem::not_found())
    }
}

impl FromRequestParts<ApiState> for CasePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, api)
            .await
            .map_err(|_| Problem::not_found())?;
        Ok(Self(CaseId(id(&text)?)))
    }
}

impl FromRequestParts<ApiState> for OrderPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, api).await;
        let Path((case, order)) = path.map_err(|_| Problem::not_found())?;
        Ok(Self(CaseId(id(&case)?), id(&order)?))
    }
}

impl FromRequestParts<ApiState> for ThingPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let CasePath(CaseId(id)) = CasePath::from_request_parts(parts, api).await?;
        Ok(Self(id))
    }
}

impl FromRequestParts<ApiState> for PartPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let OrderPath(CaseId(id), part) = OrderPath::from_request_parts(parts, api).await?;
        Ok(Self(id, part))
    }
}

impl FromRequestParts<ApiState> for Word {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, api)
            .await
            .map_err(|_| Problem::not_found())?;
        let fits =
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if fits {
            Ok(Self(text))
        } else {
            Err(Problem::not_found())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        assert!(id("01936d5a-0000-7000-8000-000000000001").is_ok());
        for text in [
            "",
            "17",
            "01936d5a000070008000000000000001",
            "{01936d5a-0000-7000-8000-000000000001}",
            "案",
        ] {
            assert_eq!(id(text), Err(Problem::not_found()), "{text}");
        }
    }
}
