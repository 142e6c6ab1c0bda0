//! Figures: how many cases of which class stand where, now.

use axum::extract::State;
use axum::response::Response;
use jingwei_core::code::DivisionCode;
use jingwei_core::refusal::FieldFault;
use jingwei_engine::cases::Stock;

use crate::etag::Conditions;
use crate::extract::{Query, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/stock", "stock", stock)
            .told(
                "figures",
                Access::ScopedThing,
                "一个区划现有案件，按类别和阶段 · Cases of a division by class and stage, now",
            )
            .query("scope", "区划代码 · Code of the division", true)
            .answers::<Stock>(200, "存量 · The figures")
            .tagged(),
    ]
}

async fn stock(
    State(api): State<ApiState>,
    signed: Signed,
    conditions: Conditions,
    mut query: Query,
) -> Result<Response, Problem> {
    let scope = query.text("scope");
    query.finish()?;
    let Some(scope) = scope else {
        return Err(Problem::invalid(vec![FieldFault::new(
            "?scope",
            "required",
            "请给出区划代码",
            "name the code of a division",
        )]));
    };
    // What is no code names no division: the same answer as for one that is not there.
    let scope = DivisionCode::parse(&scope).ok_or_else(Problem::not_found)?;
    conditions.answer(&api.node().stock(signed.by(), scope.as_str()).await?)
}
