//! Placing orders: by a plan, by hand, and one more.

use super::command::{CaseCommand, NewOrder};
use super::decide::fault;
use super::decide::{Context, Decided};
use super::event::{Classified, Dispatched, OrderAdded, OrderPlaced, OrdersNested};
use super::{AddedBy, CaseEvent, CaseState, ClockKind, Part, Stage};
use crate::access::Acting;
use crate::code::{PlanCode, UnitKind};
use crate::directory::{Candidate, Directory, Unit};
use crate::id::{OrderId, UnitId};
use crate::refusal::Refusal;
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
    let mut taken = called(case);
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

/// The units that are called: one whose order has ended may be called again.
pub(super) fn called(case: &CaseState) -> Vec<UnitId> {
    case.orders
        .iter()
        .filter(|order| is_called(case, order))
        .map(|order| order.unit)
        .collect()
}

/// The units whose orders of the present dispatch were withdrawn: a person may call them again, a timer does not.
pub(super) fn withdrawn(case: &CaseState) -> impl Iterator<Item = UnitId> + '_ {
    case.orders
        .iter()
        .filter(|order| order.round == case.round && order.stage == super::OrderStage::Withdrawn)
        .map(|order| order.unit)
}

/// Whether the order's unit is called now: it works on it, or has handed in and may be asked again.
fn is_called(case: &CaseState, order: &super::Order) -> bool {
    order.stage.is_live() || order.stage == super::OrderStage::FedBack && order.round == case.round
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

/// Limits of a new order, and where it belongs.
struct OrderLimits {
    acknowledge: Limit,
    fallback: Option<UnitKind>,
    leg: Option<OrderId>,
    parent: Option<OrderId>,
}

fn new_order(
    unit: &Unit,
    part: Part,
    limits: OrderLimits,
    class: &Classified,
    context: &Context<'_>,
) -> OrderPlaced {
    let id = OrderId((context.fresh)());
    let deadline = |kind, limit| context.deadline_of(unit, part, class, kind, limit);
    OrderPlaced {
        id,
        leg: limits.leg.unwrap_or(id),
        unit: unit.row.id,
        unit_name: unit.row.name.clone(),
        kind: unit.row.kind.clone(),
        part,
        acknowledge: deadline(ClockKind::Acknowledge, limits.acknowledge),
        arrive: part
            .is_mandatory()
            .then(|| deadline(ClockKind::Arrive, class.limits.arrive)),
        fallback: limits.fallback,
        parent: limits.parent,
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
        leg: Some(late.leg),
        parent: late.parent,
    };
    CaseEvent::OrderAdded(OrderAdded {
        order: new_order(unit, late.part, limits, class, context),
        by: if same_kind {
            AddedBy::SameKind
        } else {
            AddedBy::FallbackKind
        },
        because: Some(late.id),
        reason: None,
    })
}

/// An order to `unit` in the place of `order`, on the same leg with the same limits.
pub(super) fn replacement(
    case: &CaseState,
    order: &super::Order,
    id: UnitId,
    pointer: &str,
    class: &Classified,
    context: &Context<'_>,
) -> Result<OrderPlaced, Refusal> {
    // A unit that has handed in its part may take over another one's: where few have anybody, nobody else is left.
    let handed_in = case.orders.iter().any(|other| {
        other.unit == id && other.leg != order.leg && other.stage == super::OrderStage::FedBack
    });
    let unit = if id == order.unit {
        known(id, pointer, context)?
    } else {
        sendable(case, (id, handed_in), pointer, order.parent, context)?
    };
    let limits = OrderLimits {
        acknowledge: order.acknowledge_limit,
        fallback: order.fallback.clone(),
        leg: Some(order.leg),
        parent: order.parent,
    };
    Ok(new_order(unit, order.part, limits, class, context))
}

/// Decides a dispatch or an added unit.
pub(super) fn place(
    case: &CaseState,
    command: &CaseCommand,
    class: &Classified,
    by: Acting,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    beneath(case, command)?;
    let event = match command {
        CaseCommand::Dispatch {
            plan,
            orders,
            under: Some(under),
        } => {
            let plan = match plan {
                Some(code) => Some(fitting_plan(code, case, class, context.rules)?),
                None => case
                    .plan
                    .as_ref()
                    .and_then(|code| context.rules.plans.get(code)),
            };
            nested(case, (*under, orders), plan, class, context)?
        }
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
                        leg: None,
                        parent: None,
                    };
                    Some(new_order(unit, proposed.place.part, limits, class, context))
                })
                .collect();
            dispatched(Some(code.clone()), orders, case, class, context)
        }
        CaseCommand::Dispatch {
            plan,
            orders,
            under: None,
        } => {
            let plan_read = plan
                .as_ref()
                .map(|code| fitting_plan(code, case, class, context.rules))
                .transpose()?;
            check_parts(orders)?;
            let mut placed = Vec::new();
            for (i, order) in orders.iter().enumerate() {
                let pointer = format!("/orders/{i}/unit");
                let unit = sendable(case, (order.unit, false), &pointer, None, context)?;
                let limits = limits_for(unit, plan_read, class, None);
                placed.push(new_order(unit, order.part, limits, class, context));
            }
            dispatched(plan.clone(), placed, case, class, context)
        }
        CaseCommand::AddUnit { order, reason } => {
            let unit = sendable(case, (order.unit, false), "/unit", None, context)?;
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
                    limits_for(unit, plan, class, None),
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

/// A case is dispatched once at a time; after that orders are placed beneath one another.
fn beneath(case: &CaseState, command: &CaseCommand) -> Result<(), Refusal> {
    let under = match command {
        CaseCommand::DispatchByPlan(_) => None,
        CaseCommand::Dispatch { under, .. } => *under,
        _ => return Ok(()),
    };
    match (case.stage, under) {
        (Stage::Dispatched, None) => Err(fault(
            "/under",
            "required",
            "本案已派遣：再派是在某张派单之下分派，请写明是哪张；加派用加派",
            "the case is dispatched: name the order beneath which you send units, or add a unit",
        )),
        (Stage::Dispatched, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(fault(
            "/under",
            "not_wanted",
            "本案还没有派单，先派遣主办单位",
            "there are no orders yet: dispatch the lead first",
        )),
    }
}

/// Units beneath an order: the unit that got it hands parts of it on. A unit of the chain above is not called again.
fn nested(
    case: &CaseState,
    (under, orders): (OrderId, &[NewOrder]),
    plan: Option<&Plan>,
    class: &Classified,
    context: &Context<'_>,
) -> Result<CaseEvent, Refusal> {
    let above = case
        .order(under)
        .filter(|order| order.stage.is_live())
        .ok_or_else(|| {
            fault(
                "/under",
                "unknown_order",
                "没有这张派单，或它已经结束",
                "there is no such order, or it has ended",
            )
        })?;
    if case
        .request(super::RequestKind::Objection, Some(under))
        .is_some()
    {
        return Err(fault(
            "/under",
            "objection_pending",
            "这张派单正在审核异议，先定由谁承办再分派",
            "an objection to this order waits for its decision: decide first whose it is",
        ));
    }
    if !above.part.is_mandatory() {
        return Err(fault(
            "/under",
            "only_told",
            "抄告的单位不承办，不能在它下面分派",
            "a unit that is only told (cc) carries nothing out: nothing is sent beneath it",
        ));
    }
    if case.leg_is_done(above.leg) {
        return Err(fault(
            "/under",
            "handed_in",
            "这一路已由别的单位反馈结果，没有可分派的了",
            "another unit of the same leg has handed in: there is nothing left to hand on",
        ));
    }
    let depth = case.chain(under).len();
    let most = context.rules.settings.nested_most as usize;
    if depth >= most {
        return Err(fault(
            "/under",
            "too_deep",
            format!("派单最多分派 {most} 级"),
            format!("orders are nested {most} deep at most"),
        ));
    }
    if orders.is_empty() {
        return Err(fault(
            "/orders",
            "required",
            "请列出要派的单位",
            "list the units to send",
        ));
    }
    twice(orders)?;
    let mut placed = Vec::new();
    for (i, order) in orders.iter().enumerate() {
        if order.part == Part::Lead {
            return Err(fault(
                &format!("/orders/{i}/part"),
                "one_lead",
                "主办单位只有一个；下级派单只能协办或抄告",
                "there is one lead: beneath it units assist or are told (cc)",
            ));
        }
        let pointer = format!("/orders/{i}/unit");
        let unit = sendable(case, (order.unit, false), &pointer, Some(above.id), context)?;
        let limits = limits_for(unit, plan, class, Some(above.id));
        placed.push(new_order(unit, order.part, limits, class, context));
    }
    Ok(CaseEvent::OrdersNested(OrdersNested {
        under,
        orders: placed,
    }))
}

fn dispatched(
    plan: Option<PlanCode>,
    orders: Vec<OrderPlaced>,
    case: &CaseState,
    class: &Classified,
    context: &Context<'_>,
) -> CaseEvent {
    CaseEvent::Dispatched(Dispatched {
        plan,
        handle: context.deadline(Some(case), ClockKind::Handle, class.limits.handle),
        orders,
    })
}

/// A plan's limit for the kind goes before the limit of the class.
fn limits_for(
    unit: &Unit,
    plan: Option<&Plan>,
    class: &Classified,
    parent: Option<OrderId>,
) -> OrderLimits {
    let planned = plan.and_then(|plan| {
        plan.units
            .iter()
            .find(|planned| planned.kind == unit.row.kind)
    });
    OrderLimits {
        acknowledge: planned.map_or(class.limits.acknowledge, |planned| planned.acknowledge),
        fallback: planned.map(|planned| planned.fallback.clone()),
        leg: None,
        parent,
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
    twice(orders)
}

/// No unit is sent twice by one decision.
fn twice(orders: &[NewOrder]) -> Result<(), Refusal> {
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

/// The unit, when it can be sent beneath `parent`: it takes orders, and is not called already (`again`: it has handed in and
/// is called once more).
fn sendable<'d>(
    case: &CaseState,
    (id, again): (UnitId, bool),
    pointer: &str,
    parent: Option<OrderId>,
    context: &Context<'d>,
) -> Result<&'d Unit, Refusal> {
    let above = parent.map_or_else(Vec::new, |parent| case.chain(parent));
    if above.iter().any(|order| order.unit == id) {
        return Err(fault(
            pointer,
            "cycle",
            "这个单位就在上面的派单里，不能转一圈派回去",
            "the unit is in the chain of orders above: an order does not come back in a circle",
        ));
    }
    if case.orders.iter().any(|order| {
        order.unit == id && is_called(case, order) && (order.stage.is_live() || !again)
    }) {
        return Err(fault(
            pointer,
            "already_called",
            "这个单位已经派过，仍在待命；可以催办",
            "the unit has been called already and stays called; remind it instead",
        ));
    }
    known(id, pointer, context)
}

fn known<'d>(id: UnitId, pointer: &str, context: &Context<'d>) -> Result<&'d Unit, Refusal> {
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
