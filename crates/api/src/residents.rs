//! The one door that is open to all: a resident reports, and follows the report with the receipt.
//!
//! Must not log or repeat a receipt: who has it sees how the report stands.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jingwei_engine::Meta;
use jingwei_engine::cases::{
    FollowView, RateBody, Receipt, ReporterAct, ReporterTextBody, ResidentReportBody,
};

use crate::etag::json;
use crate::extract::{Client, RequestId, Sent, Word};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::shell::SEQUENCE;
use crate::state::ApiState;

const GROUP: &str = "residents";

/// What a receipt looks like in a path.
const RECEIPT: &str = "^[0-9A-Za-z]{1,64}$";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::post("/api/v1/public/reports", "resident_report", report)
            .told(GROUP, Access::Public, "居民上报 · A resident reports")
            .about("不必登录，不必留名；有危险先打电话 · No sign-in, no name needed; in danger call first")
            .command::<ResidentReportBody>(true)
            .answers::<Receipt>(201, "已收到；凭回执查询，只显示这一次 · Taken; the receipt is shown this once"),
        Operation::get("/api/v1/public/reports/{receipt}", "follow", follow)
            .told(GROUP, Access::Public, "凭回执查询办理情况 · How the report stands")
            .word("receipt", "回执 · The receipt", RECEIPT)
            .answers::<FollowView>(200, "各步骤 · The steps")
            .problems(&[404]),
    ];
    all.extend(acts());
    all.push(
        Operation::post(
            "/api/v1/public/reports/{receipt}/remind",
            "reporter_reminds",
            remind,
        )
        .told(GROUP, Access::Public, "催办 · Remind")
        .word("receipt", "回执 · The receipt", RECEIPT)
        .answers::<FollowView>(200, "各步骤 · The steps")
        .problems(&[403, 404, 409]),
    );
    all
}

/// Reminding needs no words: nothing is sent but the receipt.
async fn remind(
    State(api): State<ApiState>,
    client: Client,
    Word(receipt): Word,
    Extension(RequestId(correlation)): Extension<RequestId>,
) -> Result<Response, Problem> {
    let meta = Meta {
        correlation,
        key: None,
        body_hash: [0; 32],
        device: None,
        device_at: None,
    };
    let view = api
        .node()
        .reporter_acts(&receipt, &ReporterAct::Remind, client.address, meta)
        .await?;
    json(StatusCode::OK, &view)
}

/// Acts with the receipt: path, name, body, whether the body has a field that must be there, summary.
macro_rules! acts {
    ($($path:literal, $name:ident, $body:ty, $required:literal, $make:expr, $summary:literal;)*) => {
        $(async fn $name(
            State(api): State<ApiState>,
            client: Client,
            Word(receipt): Word,
            sent: Sent<$body>,
        ) -> Result<Response, Problem> {
            let act: fn($body) -> ReporterAct = $make;
            let view = api
                .node()
                .reporter_acts(&receipt, &act(sent.body), client.address, sent.meta)
                .await?;
            json(StatusCode::OK, &view)
        })*

        fn acts() -> Vec<Operation> {
            vec![$(
                Operation::post(concat!("/api/v1/public/reports/{receipt}/", $path), stringify!($name), $name)
                    .told(GROUP, Access::Public, $summary)
                    .word("receipt", "回执 · The receipt", RECEIPT)
                    .command::<$body>($required)
                    .answers::<FollowView>(200, "各步骤 · The steps")
                    .problems(&[403, 404]),
            )*]
        }
    };
}

acts! {
    "supply-info", reporter_supplies, ReporterTextBody, true, ReporterAct::SupplyInfo,
        "补充材料 · Supply what was asked for";
    "rate", reporter_rates, RateBody, true, ReporterAct::Rate, "评价：解决了吗 · Judge: is it solved";
    "reopen", reporter_reopens, ReporterTextBody, true, ReporterAct::Reopen,
        "没解决，请再办 · It is not solved: do it again";
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
