//! Placing orders: by a plan, by hand, and one more.

use super::command::{CaseCommand, NewOrder};
use super::decide::{Context, Decided};
use super::event::{Classified, Deadline, Dispatched, OrderAdded, OrderPlaced};
use super::{AddedBy, CaseEvent, CaseState, Part};
use crate::access::Acting;
use crate::code::{PlanCode, UnitKind};
use crate::directory::{Candidate, Directory, Unit};
use crate::id::{OrderId, UnitId};
use crate::refusal::{FieldFault, Refusal};
use crate::rules::{Plan, PlanUnit, RuleSet};
use crate::time::{Limit, Timestamp};

/// A plan with the unit that fits each of its places best now.
#[derive(Debug, Clone)]
pub struct Proposal<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its places, in order.
    pub orders: Vec<ProposedOrder<'a>>,
}

/// One place of a plan.
#[derive(Debug, Clone, Copy)]
pub struct ProposedOrder<'a> {
    /// What the plan says.
    pub place: &'a PlanUnit,
    /// The unit; none when neither the kind nor its fallback has one here.
    pub unit: Option<Candidate<'a>>,
    /// Whether the unit is of the fallback kind.
    pub by_fallback: bool,
}

/// Proposes the units of a plan for a case: the best candidate of each kind, else of its fallback kind, none twice.
pub fn propose<'a>(
    case: &CaseState,
    plan: &'a Plan,
    directory: &'a Directory,
    now: Timestamp,
) -> Proposal<'a> {
    let mut taken: Vec<UnitId> = case.orders.iter().map(|order| order.unit).collect();
    let orders = plan
        .units
        .iter()
        .map(|place| {
            let own = next_unit(case, &place.kind, directory, now, &taken, false);
            let unit =
                own.or_else(|| next_unit(case, &place.fallback, directory, now, &taken, false));
            taken.extend(unit.map(|candidate| candidate.unit.row.id));
            ProposedOrder {
                place,
                unit,
                by_fallback: own.is_none() && unit.is_some(),
            }
        })
        .collect();
    Proposal { plan, orders }
}

/// The best unit of a kind that is not yet taken.
pub(super) fn next_unit<'d>(
    case: &CaseState,
    kind: &UnitKind,
    directory: &'d Directory,
    now: Timestamp,
    taken: &[UnitId],
    on_duty_only: bool,
) -> Option<Candidate<'d>> {
    directory
        .candidates(kind, &case.code, case.point, now)
        .into_iter()
        .find(|candidate| {
            !taken.contains(&candidate.unit.row.id) && (candidate.on_duty || !on_duty_only)
        })
}

/// Limits of a new order.
struct OrderLimits {
    acknowledge: Limit,
    fallback: Option<UnitKind>,
}

fn new_order(
    unit: &Unit,
    part: Part,
    limits: OrderLimits,
    leg: Option<OrderId>,
    class: &Classified,
    context: &Context<'_>,
) -> OrderPlaced {
    let id = OrderId((context.fresh)());
    OrderPlaced {
        id,
        leg: leg.unwrap_or(id),
        unit: unit.row.id,
        unit_name: unit.row.name.clone(),
        kind: unit.row.kind.clone(),
        part,
        acknowledge: Deadline::new(limits.acknowledge, context.now),
        arrive: part
            .is_mandatory()
            .then(|| Deadline::new(class.limits.arrive, context.now)),
        fallback: limits.fallback,
    }
}

/// An order in the place of one that was not acknowledged, on the same leg.
pub(super) fn substitute(
    late: &super::Order,
    unit: &Unit,
    class: &Classified,
    context: &Context<'_>,
) -> CaseEvent {
    let same_kind = unit.row.kind == late.kind;
    let limits = OrderLimits {
        acknowledge: late.acknowledge_limit,
        fallback: if same_kind {
            late.fallback.clone()
        } else {
            None
        },
    };
    CaseEvent::OrderAdded(OrderAdded {
        order: new_order(unit, late.part, limits, Some(late.leg), class, context),
        by: if same_kind {
            AddedBy::SameKind
        } else {
            AddedBy::FallbackKind
        },
        because: Some(late.id),
        reason: None,
    })
}

/// Decides a dispatch or an added unit.
pub(super) fn place(
    case: &CaseState,
    command: &CaseCommand,
    class: &Classified,
    by: Acting,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let event = match command {
        CaseCommand::DispatchByPlan(code) => {
            let plan = fitting_plan(code, case, class, context.rules)?;
            let proposal = propose(case, plan, context.directory, context.now);
            let lead_missing = proposal
                .orders
                .iter()
                .any(|o| o.place.part == Part::Lead && o.unit.is_none());
            if lead_missing {
                return Err(fault(
                    "/plan",
                    "no_lead",
                    format!("预案 {code} 的主办单位在这里一个也没有，请手工选单位派遣"),
                    format!(
                        "there is no lead unit for the plan {code} here: choose the units by hand"
                    ),
                ));
            }
            let orders = proposal
                .orders
                .iter()
                .filter_map(|proposed| {
                    let unit = proposed.unit?.unit;
                    let limits = OrderLimits {
                        acknowledge: proposed.place.acknowledge,
                        fallback: (!proposed.by_fallback).then(|| proposed.place.fallback.clone()),
                    };
                    Some(new_order(
                        unit,
                        proposed.place.part,
                        limits,
                        None,
                        class,
                        context,
                    ))
                })
                .collect();
            dispatched(Some(code.clone()), orders, class, context.now)
        }
        CaseCommand::Dispatch { plan, orders } => {
            let plan_read = plan
                .as_ref()
                .map(|code| fitting_plan(code, case, class, context.rules))
                .transpose()?;
            check_parts(orders)?;
            let mut placed = Vec::new();
            for (i, order) in orders.iter().enumerate() {
                let unit = sendable(case, order.unit, &format!("/orders/{i}/unit"), context)?;
                placed.push(new_order(
                    unit,
                    order.part,
                    limits_for(unit, plan_read, class),
                    None,
                    class,
                    context,
                ));
            }
            dispatched(plan.clone(), placed, class, context.now)
        }
        CaseCommand::AddUnit { order, reason } => {
            let unit = sendable(case, order.unit, "/unit", context)?;
            if order.part == Part::Lead {
                return Err(fault(
                    "/part",
                    "one_lead",
                    "已有主办单位，加派的单位只能协办或抄告",
                    "there is a lead unit already: a unit that is added assists or is told (cc)",
                ));
            }
            let plan = case
                .plan
                .as_ref()
                .and_then(|code| context.rules.plans.get(code));
            CaseEvent::OrderAdded(OrderAdded {
                order: new_order(
                    unit,
                    order.part,
                    limits_for(unit, plan, class),
                    None,
                    class,
                    context,
                ),
                by: AddedBy::Person,
                because: None,
                reason: Some(reason.clone()),
            })
        }
        _ => return Err(Refusal::NotFound),
    };
    Ok(vec![Decided { by, event }])
}

fn dispatched(
    plan: Option<PlanCode>,
    orders: Vec<OrderPlaced>,
    class: &Classified,
    now: Timestamp,
) -> CaseEvent {
    CaseEvent::Dispatched(Dispatched {
        plan,
        handle: Deadline::new(class.limits.handle, now),
        orders,
    })
}

/// A plan's limit for the kind goes before the limit of the class.
fn limits_for(unit: &Unit, plan: Option<&Plan>, class: &Classified) -> OrderLimits {
    let planned = plan.and_then(|plan| {
        plan.units
            .iter()
            .find(|planned| planned.kind == unit.row.kind)
    });
    OrderLimits {
        acknowledge: planned.map_or(class.limits.acknowledge, |planned| planned.acknowledge),
        fallback: planned.map(|planned| planned.fallback.clone()),
    }
}

fn check_parts(orders: &[NewOrder]) -> Result<(), Refusal> {
    let leads = orders
        .iter()
        .filter(|order| order.part == Part::Lead)
        .count();
    if leads != 1 {
        return Err(fault(
            "/orders",
            "one_lead",
            format!("应恰有一个主办单位，现有 {leads} 个"),
            format!("exactly one unit leads; there are {leads}"),
        ));
    }
    for (i, order) in orders.iter().enumerate() {
        if orders[..i].iter().any(|other| other.unit == order.unit) {
            return Err(fault(
                &format!("/orders/{i}/unit"),
                "twice",
                "同一单位派了两次",
                "the unit is sent twice",
            ));
        }
    }
    Ok(())
}

fn sendable<'d>(
    case: &CaseState,
    id: UnitId,
    pointer: &str,
    context: &Context<'d>,
) -> Result<&'d Unit, Refusal> {
    if case.orders.iter().any(|order| order.unit == id) {
        return Err(fault(
            pointer,
            "already_called",
            "这个单位已经派过，仍在待命；可以催办",
            "the unit has been called already and stays called; remind it instead",
        ));
    }
    context
        .directory
        .unit(id)
        .filter(|unit| unit.row.active)
        .ok_or_else(|| {
            fault(
                pointer,
                "unknown_unit",
                "没有这个单位，或它已停用",
                "there is no such unit, or it takes no orders any more",
            )
        })
}

/// The plan, when the case's class starts it at the case's severity: a gas plan does not lead a fire.
fn fitting_plan<'r>(
    code: &PlanCode,
    case: &CaseState,
    class: &Classified,
    rules: &'r RuleSet,
) -> Result<&'r Plan, Refusal> {
    let plan = rules.plans.get(code).ok_or_else(|| {
        fault(
            "/plan",
            "unknown_plan",
            format!("没有预案 {code}"),
            format!("there is no plan {code}"),
        )
    })?;
    if plan.triggers.contains(&class.class) && case.severity >= plan.min_severity {
        return Ok(plan);
    }
    Err(fault(
        "/plan",
        "plan_does_not_fit",
        format!("预案 {code} 不适用于“{}”，请手工选单位派遣", class.name_zh),
        format!(
            "the plan {code} is not for \"{}\": choose the units by hand",
            class.name_en
        ),
    ))
}

fn fault(
    pointer: &str,
    code: &'static str,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Refusal {
    Refusal::Invalid(vec![FieldFault::new(pointer, code, zh, en)])
}
