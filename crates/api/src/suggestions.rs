//! Suggestions: which class and plan the words of a report speak for, and whether somebody should call first.
//!
//! Must not log or keep the words, nor write anything: what is asked here is not yet a report.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_engine::{ResidentSuggestionsView, SuggestBody, SuggestionsView};

use crate::etag::json;
use crate::extract::{Client, Plain, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/v1/suggestions", "suggest", suggest)
            .told("cases", Access::Session, "按文字建议类别和预案 · Classes and plans that the words speak for")
            .about("只是建议，附理由，由人决定；险情先列出电话；文字不留存 · A suggestion with its reasons, a person decides; a danger comes first with the numbers to call; the words are not kept")
            .body::<SuggestBody>(true)
            .answers::<SuggestionsView>(200, "建议 · The suggestions"),
        Operation::post("/api/v1/public/suggestions", "resident_suggest", resident_suggest)
            .told("residents", Access::Public, "居民填报时建议类别 · Classes to choose from for a resident who writes")
            .about("有危险先打电话；不属于本系统的事项告知去处；文字不留存 · In danger call first; what is no matter of this system is told its way; the words are not kept")
            .body::<SuggestBody>(true)
            .answers::<ResidentSuggestionsView>(200, "建议 · The suggestions"),
    ]
}

async fn suggest(
    State(api): State<ApiState>,
    _signed: Signed,
    Plain(body): Plain<SuggestBody>,
) -> Result<Response, Problem> {
    json(StatusCode::OK, &api.node().suggest(&body)?)
}

async fn resident_suggest(
    State(api): State<ApiState>,
    client: Client,
    Plain(body): Plain<SuggestBody>,
) -> Result<Response, Problem> {
    json(
        StatusCode::OK,
        &api.node().resident_suggest(&body, client.address)?,
    )
}
