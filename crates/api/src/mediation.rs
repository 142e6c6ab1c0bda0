//! Mediations (调解): opening, looking, and every act to the agreement, its performance and the court's confirmation.
//!
//! Must not decide: a handler says which act with which body, the engine does the rest.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_engine::cases::{ReasonBody, Timeline};
use jingwei_engine::mediation::{
    MediationActBody, MediationAgreeBody, MediationAppointBody, MediationAskCourtBody,
    MediationConsentBody, MediationCourtBody, MediationExtendBody, MediationHeldBody,
    MediationPage, MediationPartyBody, MediationPerformanceBody, MediationSessionBody,
    MediationView, MediationWithdrawBody, OpenMediationBody,
};
use jingwei_engine::things::{ThingAnswer, ThingsQuery};

use crate::etag::Conditions;
use crate::extract::{Device, Query, Sent, Signed, ThingPath};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::things::{answered, case_of, created};

const GROUP: &str = "mediations";
const MEDIATION: &str = "调解编号 · Id of the mediation";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::get("/api/v1/mediations", "mediations", list)
            .told(
                GROUP,
                Access::ScopedList,
                "我看得到的调解，新的在前，不含当事人 · Mediations I may see, newest first, without the parties",
            )
            .query_flag("open", "是否未了结 · Whether something is still to be done")
            .query("case", "只看这个案件的 · Only those of this case", false)
            .query("after", "上一页的 next · `next` of the page before", false)
            .query_number(
                "limit",
                "每页件数，默认 50 · Mediations per page, 50 when not said",
                1,
                100,
            )
            .answers::<MediationPage>(200, "一页 · A page")
            .tagged(),
        Operation::get("/api/v1/mediations/{id}", "mediation", mediation)
            .told(GROUP, Access::ScopedThing, "一起调解 · One mediation")
            .id("id", MEDIATION)
            .answers::<MediationView>(200, "调解 · The mediation")
            .tagged(),
        Operation::get(
            "/api/v1/mediations/{id}/timeline",
            "mediation_timeline",
            timeline,
        )
        .told(
            GROUP,
            Access::ScopedThing,
            "调解的经过，先发生的在前 · What happened to a mediation, oldest first",
        )
        .id("id", MEDIATION)
        .query_number(
            "after",
            "这个版本以后的 · After this version",
            0,
            i64::from(u32::MAX),
        )
        .query_number(
            "limit",
            "每页条数，默认 100 · Entries per page, 100 when not said",
            1,
            500,
        )
        .answers::<Timeline>(200, "一页 · A page")
        .tagged(),
        Operation::post("/api/v1/mediations", "open_mediation", open)
            .told(GROUP, Access::Session, "发起调解 · Open a mediation")
            .about("在一个矛盾纠纷案件上发起；别的类别须由值班员认定 · Opened on a case of a dispute; of another class when the duty officer says so")
            .command::<OpenMediationBody>(true)
            .by_device()
            .answers::<ThingAnswer>(201, "已发起 · Opened"),
    ];
    all.extend(acts());
    all
}

async fn list(
    State(api): State<ApiState>,
    signed: Signed,
    conditions: Conditions,
    mut query: Query,
) -> Result<Response, Problem> {
    let wanted = ThingsQuery {
        open: query.flag("open"),
        case: case_of(&mut query),
        after: query.text("after"),
        limit: query.limit(100, 50),
    };
    query.finish()?;
    conditions.answer(&api.node().mediations(signed.by(), &wanted).await?)
}

async fn mediation(
    State(api): State<ApiState>,
    signed: Signed,
    ThingPath(id): ThingPath,
    conditions: Conditions,
) -> Result<Response, Problem> {
    conditions.answer(&api.node().mediation(signed.by(), id).await?)
}

async fn timeline(
    State(api): State<ApiState>,
    signed: Signed,
    ThingPath(id): ThingPath,
    conditions: Conditions,
    mut query: Query,
) -> Result<Response, Problem> {
    let after = query
        .number("after", 0..=i64::from(u32::MAX))
        .and_then(|n| u32::try_from(n).ok())
        .unwrap_or(0);
    let limit = query.limit(500, 100);
    query.finish()?;
    let node = api.node();
    conditions.answer(
        &node
            .mediation_timeline(signed.by(), id, after, limit)
            .await?,
    )
}

async fn open(
    State(api): State<ApiState>,
    signed: Signed,
    device: Device,
    sent: Sent<OpenMediationBody>,
) -> Result<Response, Problem> {
    let meta = device.of(sent.meta);
    let answer = api
        .node()
        .open_mediation(signed.by(), &sent.body, meta)
        .await?;
    created("mediations", &answer)
}

/// Acts on a mediation: path, name, body, summary.
macro_rules! mediation_acts {
    ($($path:literal, $name:ident, $body:ty, $make:expr, $summary:literal;)*) => {
        $(async fn $name(
            State(api): State<ApiState>,
            signed: Signed,
            ThingPath(id): ThingPath,
            device: Device,
            sent: Sent<$body>,
        ) -> Result<Response, Problem> {
            let act: fn($body) -> MediationActBody = $make;
            let meta = device.of(sent.meta);
            answered(StatusCode::OK, &api.node().mediation_act(signed.by(), id, &act(sent.body), meta).await?)
        })*

        fn acts() -> Vec<Operation> {
            vec![$(
                Operation::post(concat!("/api/v1/mediations/{id}/", $path), stringify!($name), $name)
                    .told(GROUP, Access::ScopedThing, $summary)
                    .id("id", MEDIATION)
                    .command::<$body>(true)
                    .by_device()
                    .answers::<ThingAnswer>(200, "已办 · Done"),
            )*]
        }
    };
}

mediation_acts! {
    "parties", add_party, MediationPartyBody, MediationActBody::AddParty, "登记当事人或代理人 · Add a party or an agent";
    "consent", note_consent, MediationConsentBody, MediationActBody::Consent, "记录当事人同意调解 · Note a party's consent";
    "withdraw", withdraw_party, MediationWithdrawBody, MediationActBody::Withdraw, "记录当事人退出 · Note that a party leaves";
    "appoint", appoint_mediator, MediationAppointBody, MediationActBody::Appoint, "指定调解人 · Appoint the mediator";
    "sessions", set_session, MediationSessionBody, MediationActBody::SetSession, "安排调解 · Set a session";
    "session-held", hold_session, MediationHeldBody, MediationActBody::HoldSession,
        "记录调解情况 · Note what a session came to";
    "extend", extend_mediation, MediationExtendBody, MediationActBody::Extend,
        "经各方同意延长一次期限 · Extend the limit once, with everybody's consent";
    "agree", record_agreement, MediationAgreeBody, MediationActBody::Agree,
        "登记书面协议或口头协议 · Record the written or oral agreement";
    "fail", fail_mediation, ReasonBody, MediationActBody::Fail,
        "调解不成，终止并告知其他途径 · End it as failed and name the other ways";
    "performance", check_performance, MediationPerformanceBody, MediationActBody::CheckPerformance,
        "回访履行情况 · Check the performance";
    "ask-court", ask_court, MediationAskCourtBody, MediationActBody::AskCourt,
        "登记共同申请司法确认（生效后三十日内） · Record that the court is asked together to confirm it, within 30 days of its effect";
    "court", answer_of_court, MediationCourtBody, MediationActBody::AnswerCourt,
        "登记司法确认结果 · Record the court's answer";
}
