//! What the node has to say for itself: digests after days off, and its clock.
//!
//! Must not decide anything: the engine does.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_engine::notices::{ClockStatus, ConfirmClockBody, DigestList};

use crate::etag::json;
use crate::extract::{Plain, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

const GROUP: &str = "operation";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/digests", "digests", digests)
            .told(
                GROUP,
                Access::Session,
                "停机期间到时事项的汇总，只有本人岗位所在的中心 · Digests of what ran out while the node stood still, of the centres of one's own posts",
            )
            .answers::<DigestList>(200, "汇总，新的在前 · The digests, newest first"),
        Operation::get("/api/v1/clock", "clock", clock)
            .told(GROUP, Access::Session, "节点的时钟与工作日历 · The clock of the node and its work calendar")
            .answers::<ClockStatus>(200, "时钟 · The clock")
            .fresh(),
        Operation::post("/api/v1/clock/confirm", "confirm_clock", confirm)
            .told(
                GROUP,
                Access::Session,
                "确认时钟正确，恢复升级提醒 · Confirm that the clock is right: what was held goes on",
            )
            .roles(&["administrator"])
            .body::<ConfirmClockBody>(true)
            .answers::<ClockStatus>(200, "时钟 · The clock"),
    ]
}

async fn digests(State(api): State<ApiState>, signed: Signed) -> Result<Response, Problem> {
    json(StatusCode::OK, &api.node().digests(signed.by()).await?)
}

async fn clock(State(api): State<ApiState>, _signed: Signed) -> Result<Response, Problem> {
    json(StatusCode::OK, &api.node().clock())
}

async fn confirm(
    State(api): State<ApiState>,
    signed: Signed,
    Plain(body): Plain<ConfirmClockBody>,
) -> Result<Response, Problem> {
    json(
        StatusCode::OK,
        &api.node().confirm_clock(signed.by(), &body).await?,
    )
}
