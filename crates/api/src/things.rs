//! What the rooms of things beside cases (whistles, mediations) answer with.
//!
//! Must not know a room.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jingwei_engine::things::ThingAnswer;
use uuid::Uuid;

use crate::etag::json;
use crate::extract::Query;
use crate::problem::Problem;
use crate::shell::SEQUENCE;

/// The short answer; who reads next may ask for at least its sequence.
pub(crate) fn answered(status: StatusCode, answer: &ThingAnswer) -> Result<Response, Problem> {
    let mut response = json(status, answer)?;
    response
        .headers_mut()
        .insert(SEQUENCE, HeaderValue::from(answer.sequence));
    Ok(response)
}

/// The answer to a command that began a thing of the room with this address.
pub(crate) fn created(room: &str, answer: &ThingAnswer) -> Result<Response, Problem> {
    let mut response = answered(StatusCode::CREATED, answer)?;
    let place = format!("/api/v1/{room}/{}", answer.id);
    response.headers_mut().insert(
        LOCATION,
        HeaderValue::from_str(&place).map_err(|_| Problem::internal())?,
    );
    Ok(response)
}

/// The case to which a list is narrowed.
pub(crate) fn case_of(query: &mut Query) -> Option<Uuid> {
    query.word(
        "case",
        |text| Uuid::try_parse(text).ok(),
        "案件编号（UUID）",
        "the id of a case (a UUID)",
    )
}
