//! The one door that is open to all: a resident reports, and follows the report with the receipt.
//!
//! Must not log or repeat a receipt: who has it sees how the report stands.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jingwei_engine::cases::{FollowView, Receipt, ResidentReportBody};

use crate::etag::json;
use crate::extract::{Client, Sent, Word};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::shell::SEQUENCE;
use crate::state::ApiState;

const GROUP: &str = "residents";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/v1/public/reports", "resident_report", report)
            .told(GROUP, Access::Public, "居民上报 · A resident reports")
            .about("不必登录，不必留名；有危险先打电话 · No sign-in, no name needed; in danger call first")
            .command::<ResidentReportBody>(true)
            .answers::<Receipt>(201, "已收到；凭回执查询，只显示这一次 · Taken; the receipt is shown this once"),
        Operation::get("/api/v1/public/reports/{receipt}", "follow", follow)
            .told(GROUP, Access::Public, "凭回执查询办理情况 · How the report stands")
            .word("receipt", "回执 · The receipt", "^[0-9A-Za-z]{1,64}$")
            .answers::<FollowView>(200, "各步骤 · The steps")
            .problems(&[404]),
    ]
}

async fn report(
    State(api): State<ApiState>,
    client: Client,
    sent: Sent<ResidentReportBody>,
) -> Result<Response, Problem> {
    let receipt = api
        .node()
        .resident_report(&sent.body, client.address, sent.meta)
        .await?;
    let mut response = json(StatusCode::CREATED, &receipt)?;
    response
        .headers_mut()
        .insert(SEQUENCE, HeaderValue::from(receipt.sequence));
    Ok(response)
}

async fn follow(
    State(api): State<ApiState>,
    client: Client,
    Word(receipt): Word,
) -> Result<Response, Problem> {
    json(
        StatusCode::OK,
        &api.node().follow(&receipt, client.address).await?,
    )
}
