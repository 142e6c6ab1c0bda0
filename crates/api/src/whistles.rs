//! Whistles (吹哨报到): blowing, looking, and every act from the answer to the rating.
//!
//! Must not decide: a handler says which act with which body, the engine does the rest.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_engine::cases::{ArriveBody, ReasonBody, Timeline};
use jingwei_engine::things::{ThingAnswer, ThingsQuery};
use jingwei_engine::whistles::{
    BlowBody, WhistleActBody, WhistleAnswerBody, WhistleCloseBody, WhistleFinishBody,
    WhistleInstructBody, WhistlePage, WhistleRateBody, WhistleTasksBody, WhistleView,
};

use crate::etag::Conditions;
use crate::extract::{Device, PartPath, Query, Sent, Signed, ThingPath};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::things::{answered, case_of, created};

const GROUP: &str = "whistles";
const WHISTLE: &str = "吹哨编号 · Id of the whistle";
const UNIT: &str = "被叫单位编号 · Id of the called unit";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::get("/api/v1/whistles", "whistles", list)
            .told(
                GROUP,
                Access::ScopedList,
                "我看得到的吹哨，新的在前 · Whistles I may see, newest first",
            )
            .query_flag("open", "是否未收哨 · Whether it is not closed yet")
            .query("case", "只看这个案件的 · Only those of this case", false)
            .query("after", "上一页的 next · `next` of the page before", false)
            .query_number(
                "limit",
                "每页件数，默认 50 · Whistles per page, 50 when not said",
                1,
                100,
            )
            .answers::<WhistlePage>(200, "一页 · A page")
            .tagged(),
        Operation::get("/api/v1/whistles/{id}", "whistle", whistle)
            .told(GROUP, Access::ScopedThing, "一次吹哨 · One whistle")
            .id("id", WHISTLE)
            .answers::<WhistleView>(200, "吹哨 · The whistle")
            .tagged(),
        Operation::get(
            "/api/v1/whistles/{id}/timeline",
            "whistle_timeline",
            timeline,
        )
        .told(
            GROUP,
            Access::ScopedThing,
            "吹哨的经过，先发生的在前 · What happened to a whistle, oldest first",
        )
        .id("id", WHISTLE)
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
        Operation::post("/api/v1/whistles", "blow", blow)
            .told(GROUP, Access::Session, "吹哨 · Blow a whistle")
            .about("乡镇叫部门到场；到时不应的逐级上报 · A town calls departments to a place; what nobody answers in time goes up level by level")
            .command::<BlowBody>(true)
            .by_device()
            .answers::<ThingAnswer>(201, "已吹哨 · Blown"),
    ];
    all.extend(acts());
    all.extend(call_acts());
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
    conditions.answer(&api.node().whistles(signed.by(), &wanted).await?)
}

async fn whistle(
    State(api): State<ApiState>,
    signed: Signed,
    ThingPath(id): ThingPath,
    conditions: Conditions,
) -> Result<Response, Problem> {
    conditions.answer(&api.node().whistle(signed.by(), id).await?)
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
    conditions.answer(&node.whistle_timeline(signed.by(), id, after, limit).await?)
}

async fn blow(
    State(api): State<ApiState>,
    signed: Signed,
    device: Device,
    sent: Sent<BlowBody>,
) -> Result<Response, Problem> {
    let meta = device.of(sent.meta);
    let answer = api.node().blow(signed.by(), &sent.body, meta).await?;
    created("whistles", &answer)
}

/// Acts on a whistle: path, name, body, summary.
macro_rules! whistle_acts {
    ($($path:literal, $name:ident, $body:ty, $make:expr, $summary:literal;)*) => {
        $(async fn $name(
            State(api): State<ApiState>,
            signed: Signed,
            ThingPath(id): ThingPath,
            device: Device,
            sent: Sent<$body>,
        ) -> Result<Response, Problem> {
            let act: fn($body) -> WhistleActBody = $make;
            let meta = device.of(sent.meta);
            answered(StatusCode::OK, &api.node().whistle_act(signed.by(), id, &act(sent.body), meta).await?)
        })*

        fn acts() -> Vec<Operation> {
            vec![$(
                Operation::post(concat!("/api/v1/whistles/{id}/", $path), stringify!($name), $name)
                    .told(GROUP, Access::ScopedThing, $summary)
                    .id("id", WHISTLE)
                    .command::<$body>(true)
                    .by_device()
                    .answers::<ThingAnswer>(200, "已办 · Done"),
            )*]
        }
    };
}

whistle_acts! {
    "tasks", give_tasks, WhistleTasksBody, WhistleActBody::Tasks, "分派任务 · Give tasks to the units that are there";
    "close", close_whistle, WhistleCloseBody, WhistleActBody::Close, "收哨 · Close the whistle";
    "rate", rate_whistle, WhistleRateBody, WhistleActBody::Rate,
        "互评：乡镇评部门，部门评乡镇，每方一次 · Rate the other side, once: the town each unit, each unit the town";
}

/// Acts about one called unit.
macro_rules! call_acts {
    ($($path:literal, $name:ident, $body:ty, $required:literal, $make:expr, $summary:literal;)*) => {
        $(async fn $name(
            State(api): State<ApiState>,
            signed: Signed,
            PartPath(id, unit): PartPath,
            device: Device,
            sent: Sent<$body>,
        ) -> Result<Response, Problem> {
            let act: fn(uuid::Uuid, $body) -> WhistleActBody = $make;
            let meta = device.of(sent.meta);
            answered(StatusCode::OK, &api.node().whistle_act(signed.by(), id, &act(unit, sent.body), meta).await?)
        })*

        fn call_acts() -> Vec<Operation> {
            vec![$(
                Operation::post(concat!("/api/v1/whistles/{id}/calls/{unit}/", $path), stringify!($name), $name)
                    .told(GROUP, Access::ScopedThing, $summary)
                    .id("id", WHISTLE)
                    .id("unit", UNIT)
                    .command::<$body>($required)
                    .by_device()
                    .answers::<ThingAnswer>(200, "已办 · Done"),
            )*]
        }
    };
}

call_acts! {
    "answer", answer_whistle, WhistleAnswerBody, false, WhistleActBody::Answer, "应哨 · Answer: the unit comes";
    "refuse", refuse_whistle, ReasonBody, true, WhistleActBody::Refuse,
        "答复不来，交上级定 · Refuse to come: the level above decides";
    "arrive", arrive_whistle, ArriveBody, false, WhistleActBody::Arrive, "到场签到 · Check in at the place";
    "finish", finish_whistle_task, WhistleFinishBody, true, WhistleActBody::Finish, "办结任务 · Finish the task";
    "release", release_unit, ReasonBody, true, WhistleActBody::Release, "同意撤回 · Release the unit";
    "raise", raise_whistle, ReasonBody, true, WhistleActBody::Raise, "上报上级 · Raise it to the level above";
    "instruct", instruct_unit, WhistleInstructBody, true, WhistleActBody::Instruct,
        "限期交办：上级给单位定时限 · Instruct: the level above sets the unit a deadline";
}
