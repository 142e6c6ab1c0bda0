//! Cases: reporting, looking, and every act from acceptance to closing.
//!
//! Must not decide: a handler says which act with which body, the engine does the rest.

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jingwei_core::cases::{Source, Stage};
use jingwei_core::code::{ClassCode, PlanCode};
use jingwei_engine::CaseQuery;
use jingwei_engine::cases::{
    AcceptBody, AcknowledgeForBody, ActBody, AddUnitBody, Answer, ArriveBody, AskTimeBody,
    CallBackBody, CasePage, CaseView, ConfirmBody, DecideExtensionBody, DecideObjectionBody,
    DispatchBody, FeedBackBody, FileBody, HandleBody, InstructBody, MergeBody, PassDownBody,
    PlainBody, ProposalView, ReasonBody, RelayBody, RemindBody, ReplaceBody, ReportBody,
    SetClassBody, SolveBody, SuperviseBody, SupplyBody, SuspendBody, Timeline, VerifyBody,
    VoidBody,
};

use crate::etag::{Conditions, json};
use crate::extract::{CasePath, Device, OrderPath, Query, Sent, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::shell::SEQUENCE;
use crate::state::ApiState;

const GROUP: &str = "cases";
const ORDERS: &str = "orders";
const CASE: &str = "案件编号 · Id of the case";
const ORDER: &str = "派单编号 · Id of the order";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = reads();
    all.push(
        Operation::post("/api/v1/cases", "report", report)
            .told(GROUP, Access::Session, "上报 · Report a case")
            .about("隐患在哪里都收，交由当地中心受理 · A hazard is taken wherever it lies and goes to the centre of that place")
            .command::<ReportBody>(true)
            .by_device()
            .answers::<Answer>(201, "已上报 · Reported"),
    );
    all.extend(acts());
    all.extend(order_acts());
    all
}

fn reads() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/cases", "cases", list)
            .told(
                GROUP,
                Access::ScopedList,
                "我看得到的案件，新的在前 · Cases I may see, newest first",
            )
            .query_flag("open", "是否未结 · Whether something is still to be done")
            .query_choice("stage", "阶段 · Stage", &words(Stage::ALL, Stage::as_str))
            .query("class", "类别或类型代码 · Code of the class or type", false)
            .query_choice(
                "source",
                "来源 · Source",
                &words(Source::ALL, Source::as_str),
            )
            .query("after", "上一页的 next · `next` of the page before", false)
            .query_number(
                "limit",
                "每页件数，默认 50 · Cases per page, 50 when not said",
                1,
                100,
            )
            .answers::<CasePage>(200, "一页 · A page")
            .tagged(),
        Operation::get("/api/v1/cases/{id}", "case", case)
            .told(GROUP, Access::ScopedThing, "一个案件 · One case")
            .id("id", CASE)
            .answers::<CaseView>(200, "案件 · The case")
            .tagged(),
        Operation::get("/api/v1/cases/{id}/timeline", "timeline", timeline)
            .told(
                GROUP,
                Access::ScopedThing,
                "案件的经过，先发生的在前 · What happened to a case, oldest first",
            )
            .id("id", CASE)
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
        Operation::get("/api/v1/cases/{id}/plan", "plan", plan)
            .told(
                GROUP,
                Access::ScopedThing,
                "按预案现在会派给谁 · Whom a plan would call now",
            )
            .id("id", CASE)
            .query(
                "plan",
                "预案代码；不给则用类别的预案 · Code of the plan; that of the class when not said",
                false,
            )
            .answers::<ProposalView>(200, "建议 · The proposal")
            .fresh()
            .problems(&[403]),
    ]
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| word(*value)).collect()
}

async fn list(
    State(api): State<ApiState>,
    signed: Signed,
    conditions: Conditions,
    mut query: Query,
) -> Result<Response, Problem> {
    let stage = query.word("stage", Stage::parse, "案件阶段", "a stage of a case");
    let class = query.word(
        "class",
        ClassCode::parse,
        "两位字母或再加两位数字",
        "two letters and, for a type, two digits",
    );
    let source = query.word("source", Source::parse, "案件来源", "a source of cases");
    let wanted = CaseQuery {
        open: query.flag("open"),
        stage: stage.map(|stage| stage.as_str().to_owned()),
        class: class.map(|class| class.as_str().to_owned()),
        source: source.map(|source| source.as_str().to_owned()),
        after: query.text("after"),
        limit: query.limit(100, 50),
    };
    query.finish()?;
    conditions.answer(&api.node().cases(signed.by(), &wanted).await?)
}

async fn case(
    State(api): State<ApiState>,
    signed: Signed,
    CasePath(id): CasePath,
    conditions: Conditions,
) -> Result<Response, Problem> {
    conditions.answer(&api.node().case(signed.by(), id).await?)
}

async fn timeline(
    State(api): State<ApiState>,
    signed: Signed,
    CasePath(id): CasePath,
    conditions: Conditions,
    mut query: Query,
) -> Result<Response, Problem> {
    let after = query
        .number("after", 0..=i64::from(u32::MAX))
        .and_then(|n| u32::try_from(n).ok())
        .unwrap_or(0);
    let limit = query.limit(500, 100);
    query.finish()?;
    conditions.answer(&api.node().timeline(signed.by(), id, after, limit).await?)
}

async fn plan(
    State(api): State<ApiState>,
    signed: Signed,
    CasePath(id): CasePath,
    mut query: Query,
) -> Result<Response, Problem> {
    let plan = query.word(
        "plan",
        PlanCode::parse,
        "预案代码，如 P_GAS",
        "the code of a plan, such as P_GAS",
    );
    query.finish()?;
    let proposal = api
        .node()
        .proposal(signed.by(), id, plan.as_ref().map(PlanCode::as_str))
        .await?;
    json(StatusCode::OK, &proposal)
}

async fn report(
    State(api): State<ApiState>,
    signed: Signed,
    device: Device,
    sent: Sent<ReportBody>,
) -> Result<Response, Problem> {
    let answer = api
        .node()
        .report(signed.by(), &sent.body, device.of(sent.meta))
        .await?;
    let mut response = answered(StatusCode::CREATED, &answer)?;
    let place = format!("/api/v1/cases/{}", answer.id);
    response.headers_mut().insert(
        LOCATION,
        HeaderValue::from_str(&place).map_err(|_| Problem::internal())?,
    );
    Ok(response)
}

/// The short answer; who reads next may ask for at least its sequence.
fn answered(status: StatusCode, answer: &Answer) -> Result<Response, Problem> {
    let mut response = json(status, answer)?;
    response
        .headers_mut()
        .insert(SEQUENCE, HeaderValue::from(answer.sequence));
    Ok(response)
}

/// Acts on a case: path, name, body, whether the body has a field that must be there, summary.
macro_rules! case_acts {
    ($($path:literal, $name:ident, $body:ty, $required:literal, $make:expr, $summary:literal;)*) => {
        $(async fn $name(
            State(api): State<ApiState>,
            signed: Signed,
            CasePath(id): CasePath,
            device: Device,
            sent: Sent<$body>,
        ) -> Result<Response, Problem> {
            let act: fn($body) -> ActBody = $make;
            answered(StatusCode::OK, &api.node().act(signed.by(), id, &act(sent.body), device.of(sent.meta)).await?)
        })*

        fn acts() -> Vec<Operation> {
            vec![$(
                Operation::post(concat!("/api/v1/cases/{id}/", $path), stringify!($name), $name)
                    .told(GROUP, Access::ScopedThing, $summary)
                    .id("id", CASE)
                    .command::<$body>($required)
                    .by_device()
                    .answers::<Answer>(200, "已办 · Done"),
            )*]
        }
    };
}

case_acts! {
    "accept", accept, AcceptBody, false, ActBody::Accept, "受理 · Accept";
    "refuse", refuse, ReasonBody, true, ActBody::Refuse, "不予受理 · Refuse";
    "return-for-info", return_for_info, ReasonBody, true, ActBody::ReturnForInfo, "退回补充 · Return for information";
    "supply-info", supply_info, SupplyBody, true, ActBody::SupplyInfo, "补充材料 · Supply information";
    "confirm", confirm, ConfirmBody, true, ActBody::Confirm, "核实 · Confirm on the spot";
    "relay", relay, RelayBody, true, ActBody::Relay, "转办来报 · Relay a report to a worker near the place";
    "set-class", set_class, SetClassBody, true, ActBody::SetClass, "定类定级 · Set class, severity and urgency";
    "solve-on-spot", solve_on_spot, SolveBody, true, ActBody::SolveOnSpot, "当场处置 · Solve on the spot what one reported";
    "file", file, FileBody, false, ActBody::File, "立案 · File, by a filing condition where one is met";
    "dispatch", dispatch, DispatchBody, true, ActBody::Dispatch, "派遣 · Dispatch by a plan or to chosen units";
    "add-unit", add_unit, AddUnitBody, true, ActBody::AddUnit, "加派 · Add a unit";
    "verify", verify, VerifyBody, true, ActBody::Verify, "核查 · Verify";
    "close", close, PlainBody, false, ActBody::Close, "结案 · Close";
    "call-back", call_back, CallBackBody, true, ActBody::CallBack, "回访 · Call the reporter back";
    "reopen", reopen, ReasonBody, true, ActBody::Reopen, "重办 · Reopen what has ended";
    "request-void", request_void, ReasonBody, true, ActBody::RequestVoid, "申请作废 · Ask for voiding";
    "void", void, VoidBody, true, ActBody::Void, "作废 · Void, or turn the request down";
    "suspend", suspend, SuspendBody, true, ActBody::Suspend, "挂账 · Suspend, or turn the request down";
    "resume", resume, ReasonBody, true, ActBody::Resume, "恢复 · Resume";
    "pass-up", pass_up, ReasonBody, true, ActBody::PassUp, "上报上级 · Pass up to the centre of the level above";
    "pass-down", pass_down, PassDownBody, true, ActBody::PassDown, "交办下级 · Hand down with a deadline";
    "merge", merge, MergeBody, true, ActBody::Merge, "并单 · Merge into another case about the same thing";
    "unmerge", unmerge, ReasonBody, true, ActBody::Unmerge, "拆单 · Take apart again";
    "mark-urgent", mark_urgent, ReasonBody, true, ActBody::MarkUrgent, "加急 · Mark urgent";
    "mark-confidential", mark_confidential, ReasonBody, true, ActBody::MarkConfidential, "设为保密 · Mark confidential";
    "supervise", supervise, SuperviseBody, true, ActBody::Supervise, "普通督办 · Supervise";
    "yellow-card", yellow_card, SuperviseBody, true, ActBody::YellowCard, "黄牌督办 · Show the yellow card";
    "red-card", red_card, SuperviseBody, true, ActBody::RedCard, "红牌督办 · Show the red card";
    "instruct", instruct, InstructBody, true, ActBody::Instruct, "批示 · Instruct";
    "remind", remind, RemindBody, false, ActBody::Remind, "催办 · Remind";
}

/// Acts on an order of a case.
macro_rules! order_acts {
    ($($path:literal, $name:ident, $body:ty, $required:literal, $make:expr, $summary:literal;)*) => {
        $(async fn $name(
            State(api): State<ApiState>,
            signed: Signed,
            OrderPath(id, order): OrderPath,
            device: Device,
            sent: Sent<$body>,
        ) -> Result<Response, Problem> {
            let act: fn(uuid::Uuid, $body) -> ActBody = $make;
            answered(StatusCode::OK, &api.node().act(signed.by(), id, &act(order, sent.body), device.of(sent.meta)).await?)
        })*

        fn order_acts() -> Vec<Operation> {
            vec![$(
                Operation::post(concat!("/api/v1/cases/{id}/orders/{order}/", $path), stringify!($name), $name)
                    .told(ORDERS, Access::ScopedThing, $summary)
                    .id("id", CASE)
                    .id("order", ORDER)
                    .command::<$body>($required)
                    .by_device()
                    .answers::<Answer>(200, "已办 · Done"),
            )*]
        }
    };
}

order_acts! {
    "acknowledge", acknowledge, PlainBody, false, ActBody::Acknowledge, "签收 · Acknowledge";
    "acknowledge-for", acknowledge_for, AcknowledgeForBody, true, ActBody::AcknowledgeFor,
        "代签收：电话已告知 · Acknowledge on behalf: told by telephone";
    "arrive", arrive, ArriveBody, false, ActBody::Arrive, "到场 · Arrive";
    "handle", handle, HandleBody, true, ActBody::Handle, "办理 · Say how far it is";
    "feed-back", feed_back, FeedBackBody, true, ActBody::FeedBack, "反馈结果 · Feed back the result";
    "object-order", object_order, ReasonBody, true, ActBody::ObjectOrder, "派单异议 · Object to the order";
    "decide-objection", decide_objection, DecideObjectionBody, true, ActBody::DecideObjection, "审核异议 · Decide the objection";
    "request-extension", request_extension, AskTimeBody, true, ActBody::RequestExtension, "申请延期 · Ask for more time";
    "decide-extension", decide_extension, DecideExtensionBody, true, ActBody::DecideExtension, "审批延期 · Decide on more time";
    "request-suspend", request_suspend, AskTimeBody, true, ActBody::RequestSuspend, "申请挂账 · Ask that the clocks stand still";
    "withdraw-order", withdraw_order, ReasonBody, true, ActBody::WithdrawOrder, "撤单 · Withdraw the order";
    "redispatch", redispatch, ReplaceBody, true, ActBody::Redispatch, "改派 · Send another unit in its place";
    "designate", designate, ReplaceBody, true, ActBody::Designate, "指定承办 · Designate a unit that may not object";
}
