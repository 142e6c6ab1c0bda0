//! Divisions, units, classes and plans, for choosing from.
//!
//! Must not show people: contacts of units stay with the engine.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_core::code::{DivisionCode, UnitKind};
use jingwei_engine::{ClassList, DivisionPage, DivisionView, PlanList, UnitPage};

use crate::etag::{Conditions, json};
use crate::extract::{Query, Signed, Word};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

const GROUP: &str = "directory";
const LIMIT: &str = "每页条数，默认 50 · Items per page, 50 when not said";
const AFTER: &str = "上一页的 next · `next` of the page before";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/divisions", "divisions", divisions)
            .told(GROUP, Access::Session, "下一级区划 · Divisions below one")
            .query(
                "parent",
                "上级代码；不给则为最上一级 · Code of the one above; the top when not said",
                false,
            )
            .query("after", AFTER, false)
            .query_number("limit", LIMIT, 1, 500)
            .answers::<DivisionPage>(200, "一页，按代码排列 · A page in the order of codes")
            .problems(&[404])
            .fresh(),
        Operation::get("/api/v1/divisions/{code}", "division", division)
            .told(GROUP, Access::Session, "一个区划 · One division")
            .word("code", "区划代码 · Code of the division", "^[0-9]{2,12}$")
            .answers::<DivisionView>(200, "区划 · The division")
            .problems(&[404])
            .fresh(),
        Operation::get("/api/v1/units", "units", units)
            .told(
                GROUP,
                Access::ScopedList,
                "我辖区内的单位和我自己的单位 · Units of my areas, and my own",
            )
            .query("kind", "单位类型代码 · Code of the kind", false)
            .query("after", AFTER, false)
            .query_number("limit", LIMIT, 1, 500)
            .answers::<UnitPage>(200, "一页 · A page")
            .fresh(),
        Operation::get("/api/v1/classes", "classes", classes)
            .told(
                GROUP,
                Access::Session,
                "案件类别及时限 · Classes of cases with their limits",
            )
            .answers::<ClassList>(200, "类别 · The classes")
            .tagged(),
        Operation::get("/api/v1/plans", "plans", plans)
            .told(
                GROUP,
                Access::Session,
                "预案：出动单位、步骤、告知居民的话 · Response plans: units, steps, messages to residents",
            )
            .answers::<PlanList>(200, "预案 · The plans")
            .tagged(),
    ]
}

fn limit(query: &mut Query) -> usize {
    usize::try_from(query.limit(500, 50)).unwrap_or(50)
}

async fn divisions(
    State(api): State<ApiState>,
    _signed: Signed,
    mut query: Query,
) -> Result<Response, Problem> {
    let parent = query.word(
        "parent",
        DivisionCode::parse,
        "区划代码 2、4、6、9 或 12 位",
        "a division code of 2, 4, 6, 9 or 12 digits",
    );
    let (after, limit) = (query.text("after"), limit(&mut query));
    query.finish()?;
    let page = api.node().divisions(
        parent.as_ref().map(DivisionCode::as_str),
        after.as_deref(),
        limit,
    )?;
    json(StatusCode::OK, &page)
}

async fn division(
    State(api): State<ApiState>,
    _signed: Signed,
    Word(code): Word,
) -> Result<Response, Problem> {
    json(StatusCode::OK, &api.node().division(&code)?)
}

async fn units(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
) -> Result<Response, Problem> {
    let kind = query.word(
        "kind",
        UnitKind::parse,
        "单位类型代码，如 GAS",
        "the code of a kind of unit, such as GAS",
    );
    let (after, limit) = (query.text("after"), limit(&mut query));
    query.finish()?;
    let page = api.node().units(
        signed.by(),
        kind.as_ref().map(UnitKind::as_str),
        after.as_deref(),
        limit,
    )?;
    json(StatusCode::OK, &page)
}

async fn classes(
    State(api): State<ApiState>,
    _signed: Signed,
    conditions: Conditions,
) -> Result<Response, Problem> {
    conditions.answer(&api.node().classes())
}

async fn plans(
    State(api): State<ApiState>,
    _signed: Signed,
    conditions: Conditions,
) -> Result<Response, Problem> {
    conditions.answer(&api.node().plans())
}
