//! Ids and words in the path. What is no id names nothing: the same answer as for a thing that does not exist.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use jingwei_core::id::CaseId;
use jingwei_engine::maps::TileId;
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

/// The set and the square of `/tiles/{set}/{z}/{x}/{y}`; `.mvt` or `.pbf` may follow the row.
#[derive(Debug, Clone)]
pub(crate) struct TilePath(pub(crate) String, pub(crate) TileId);

/// The layer of `/collections/{collection}`.
#[derive(Debug, Clone)]
pub(crate) struct LayerPath(pub(crate) String);

/// Layer and feature of `/collections/{collection}/items/{id}`.
#[derive(Debug, Clone)]
pub(crate) struct FeaturePath(pub(crate) String, pub(crate) String);

/// The square of these words; none when there is none.
fn square(z: &str, x: &str, y: &str) -> Option<TileId> {
    let y = y
        .strip_suffix(".mvt")
        .or(y.strip_suffix(".pbf"))
        .unwrap_or(y);
    // Digits alone, so that a square has few addresses.
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fit = [z, x, y].into_iter().all(digits);
    let tile = TileId::new(z.parse().ok()?, x.parse().ok()?, y.parse().ok()?);
    tile.filter(|_| fit)
}

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

impl FromRequestParts<ApiState> for TilePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let path = Path::<(String, String, String, String)>::from_request_parts(parts, api).await;
        let Path((set, z, x, y)) = path.map_err(|_| Problem::not_found())?;
        let tile = square(&z, &x, &y).ok_or_else(Problem::not_found)?;
        Ok(Self(set, tile))
    }
}

impl FromRequestParts<ApiState> for LayerPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, api).await;
        path.map(|Path(word)| Self(word))
            .map_err(|_| Problem::not_found())
    }
}

impl FromRequestParts<ApiState> for FeaturePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, api).await;
        path.map(|Path((word, id))| Self(word, id))
            .map_err(|_| Problem::not_found())
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
    fn a_square_is_three_numbers_of_the_web_map() {
        for y in ["1681", "1681.mvt", "1681.pbf"] {
            assert_eq!(square("12", "3232", y), TileId::new(12, 3232, 1681), "{y}");
        }
        assert!(square("12", "3232", "1681").is_some());
        for (z, x, y) in [
            ("12", "4096", "0"),
            ("23", "0", "0"),
            ("256", "0", "0"),
            ("+1", "0", "0"),
            ("1", "0", "-1"),
            ("1", "0", "0.png"),
            ("1", "0", ".mvt"),
            ("1", "", "0"),
            ("1", "0", "0.mvt.pbf"),
        ] {
            assert_eq!(square(z, x, y), None, "{z}/{x}/{y}");
        }
    }

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
