//! What would have been: the events of a case replayed under other rules.
//!
//! Nobody's acts change: what happened at 10:01:20 still happens at 10:01:20. Only what the tables decide is decided again: the
//! limits and rungs of each clock, and whom a plan would have called. A clock is compared with the act that stopped it, or with
//! the end of the period when nothing did.

use crate::access::Acting;
use crate::calendar::Hours;
use crate::cases::{
    self, CaseEvent, CaseState, Clock, ClockKind, Deadline, Part, Rung, apply, deadline, propose,
};
use crate::code::{ClassCode, PlanCode};
use crate::directory::Directory;
use crate::id::{CaseId, OrderId, UnitId};
use crate::label::Label;
use crate::place::Point;
use crate::rules::{Plan, RuleSet};
use crate::time::{Limit, Timestamp};

/// One event with its role and instant.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Acting,
    /// What.
    pub event: CaseEvent,
}

/// A clock as it ran and as it would have run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// What it measures.
    pub kind: ClockKind,
    /// Of which order.
    pub order: Option<OrderId>,
    /// Of which unit.
    pub unit: Option<Label>,
    /// The limit then.
    pub limit: Limit,
    /// The limit now.
    pub new_limit: Limit,
    /// When it was over then.
    pub due: Timestamp,
    /// When it would have been over.
    pub new_due: Timestamp,
    /// The highest rung that it reached; none when it was done before the first.
    pub rung: Option<Rung>,
    /// The highest rung that it would have reached.
    pub new_rung: Option<Rung>,
    /// A further unit that would have been called because the order was not acknowledged in time, and was not; or the other
    /// way round.
    pub called: Option<Called>,
}

impl Compared {
    /// Whether it was late.
    pub fn was_late(&self) -> bool {
        self.rung.is_some_and(|rung| rung >= Rung::Red)
    }

    /// Whether it would have been late.
    pub fn would_be_late(&self) -> bool {
        self.new_rung.is_some_and(|rung| rung >= Rung::Red)
    }
}

/// A further unit called because an order was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// It would have been called, and was not; none left to call.
    More(Option<Label>),
    /// It was called, and would not have been.
    Less(Label),
}

/// A dispatch by plan that would have gone to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// When it was dispatched.
    pub at: Timestamp,
    /// The plan followed; none when units were chosen by hand.
    pub plan: Option<PlanCode>,
    /// The plan that would have been proposed.
    pub new_plan: Option<PlanCode>,
    /// Units called then and not proposed now.
    pub only_then: Vec<Label>,
    /// Units proposed now and not called then.
    pub only_now: Vec<Label>,
}

/// What would have been of one case.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The case as it stood at the end of the period.
    pub case: CaseState,
    /// Every clock, in the order in which they were started.
    pub clocks: Vec<Compared>,
    /// Dispatches that would have gone elsewhere.
    pub elsewhere: Vec<Elsewhere>,
    /// Whether the new rules have no class for it: then it is compared with nothing.
    pub unknown_class: bool,
}

impl Replayed {
    /// Whether anything would have been otherwise.
    pub fn differs(&self) -> bool {
        self.unknown_class
            || !self.elsewhere.is_empty()
            || self
                .clocks
                .iter()
                .any(|clock| clock.rung != clock.new_rung || clock.called.is_some())
    }
}

/// Replays the events of one case, in their order, up to `until`; `point` is where it is, which no event has in the open. None
/// when there are none.
pub fn replay(
    id: CaseId,
    events: &[Happened],
    point: Option<Point>,
    rules: &RuleSet,
    directory: &Directory,
    until: Timestamp,
) -> Option<Replayed> {
    let mut state = None;
    let mut elsewhere = Vec::new();
    for happened in events.iter().take_while(|happened| happened.at <= until) {
        if let (Some(case), CaseEvent::Dispatched(dispatched)) = (&state, &happened.event) {
            elsewhere.extend(sent_elsewhere(
                case,
                dispatched,
                rules,
                directory,
                happened.at,
            ));
        }
        apply(&mut state, id, &happened.event, happened.by, happened.at);
        if let Some(case) = &mut state {
            case.point = point;
        }
    }
    let case: CaseState = state?;
    let class = case.classified.as_ref().map(|class| &class.class);
    let known = class.is_none_or(|class| rules.classes.get(class).is_some());
    let clocks = if known {
        case.clocks
            .iter()
            .map(|clock| compared(clock, &case, rules, directory, until))
            .collect()
    } else {
        Vec::new()
    };
    Some(Replayed {
        clocks,
        elsewhere,
        unknown_class: !known,
        case,
    })
}

/// The limit that the new rules have for a clock.
fn limit_of(clock: &Clock, case: &CaseState, rules: &RuleSet) -> Limit {
    let class = case
        .classified
        .as_ref()
        .and_then(|class| rules.classes.get(&class.class));
    let settings = &rules.settings;
    let of_class = |kind| class.and_then(|class| class.limits_at(case.severity).of(kind));
    let limit = match clock.kind {
        ClockKind::Acknowledge => planned(clock, case, rules).or(of_class(clock.kind)),
        ClockKind::Handle => class
            .zip(case.condition.as_ref())
            .and_then(|(class, code)| class.condition(code))
            .map(|condition| condition.handle)
            .or(of_class(clock.kind)),
        ClockKind::Confirm => Some(settings.confirm_limit),
        ClockKind::Decide => Some(settings.decide_limit),
        ClockKind::CallBack => Some(settings.call_back_limit),
        ClockKind::Supply => Some(settings.supply_limit),
        // How long a case is suspended, and by when it is handed back, was decided by a person.
        ClockKind::Resume | ClockKind::Finish => None,
        ClockKind::Accept if class.is_none() => rules.classes.unclassed_accept(),
        kind => of_class(kind),
    };
    limit.unwrap_or(clock.limit)
}

/// The limit that the case's plan has for the kind of the order's unit.
fn planned(clock: &Clock, case: &CaseState, rules: &RuleSet) -> Option<Limit> {
    let order = case.order(clock.order?)?;
    let plan = rules.plans.get(case.plan.as_ref()?)?;
    let unit = plan.units.iter().find(|unit| unit.kind == order.kind)?;
    Some(unit.acknowledge)
}

fn compared(
    clock: &Clock,
    case: &CaseState,
    rules: &RuleSet,
    directory: &Directory,
    until: Timestamp,
) -> Compared {
    let new_limit = limit_of(clock, case, rules);
    let class: Option<&ClassCode> = case.classified.as_ref().map(|class| &class.class);
    let order = clock.order.and_then(|id| case.order(id));
    let hours = order
        .and_then(|order| directory.unit(order.unit))
        .map_or(Hours::Standard, |unit| Hours::Unit(&unit.duty));
    // A clock that stood still or was extended keeps what that gave it: the new limit moves its end by the difference.
    let new = match clock.rest {
        None => deadline(rules, class, clock.kind, new_limit, clock.started, hours),
        Some((from, left)) => {
            let more = new_limit.milliseconds() - clock.limit.milliseconds();
            let left = (left + more).max(0);
            let due = rules.calendar.again(new_limit, left, from, &hours);
            let whole = deadline(rules, class, clock.kind, new_limit, from, hours);
            Deadline {
                due: due.at,
                yellow: None,
                ..whole
            }
        }
    };
    let ended = clock.stopped.unwrap_or(until).min(until);
    let only_told = order.is_some_and(|order| order.part == Part::Cc);
    let rung = |yellow: Option<Timestamp>,
                due: Timestamp,
                yellow_card: Option<Timestamp>,
                red_card: Option<Timestamp>| {
        let rungs = [
            (Rung::Yellow, yellow),
            (Rung::Red, Some(due)),
            (Rung::YellowCard, yellow_card),
            (Rung::RedCard, red_card),
        ];
        rungs
            .into_iter()
            .filter(|(rung, at)| {
                at.is_some_and(|at| at <= ended) && (!only_told || *rung == Rung::Red)
            })
            .map(|(rung, _)| rung)
            .next_back()
    };
    let then = rung(clock.yellow, clock.due, clock.yellow_card, clock.red_card);
    let now = rung(new.yellow, new.due, new.yellow_card, new.red_card);
    Compared {
        kind: clock.kind,
        order: clock.order,
        unit: order.map(|order| order.unit_name.clone()),
        limit: clock.limit,
        new_limit,
        due: clock.due,
        new_due: new.due,
        rung: then,
        new_rung: now,
        called: order.and_then(|order| {
            (clock.kind == ClockKind::Acknowledge && order.part.is_mandatory())
                .then(|| further_unit(order, case, (then, now), new.due, directory))
                .flatten()
        }),
    }
}

/// Whether an order that was not acknowledged would have called a further unit when it did not, or the other way round.
fn further_unit(
    order: &cases::Order,
    case: &CaseState,
    (then, now): (Option<Rung>, Option<Rung>),
    at: Timestamp,
    directory: &Directory,
) -> Option<Called> {
    let late = |rung: Option<Rung>| rung.is_some_and(|rung| rung >= Rung::Red);
    let added = case.orders.iter().find(|other| {
        other
            .added
            .is_some_and(|(_, because)| because == Some(order.id))
    });
    match (late(then), late(now), added) {
        (false, true, None) => {
            let taken: Vec<UnitId> = case.orders.iter().map(|order| order.unit).collect();
            let next = |kind| {
                directory
                    .candidates(kind, &case.code, case.point, at)
                    .into_iter()
                    .find(|unit| unit.on_duty && !taken.contains(&unit.unit.row.id))
                    .map(|unit| unit.unit.row.name.clone())
            };
            let unit = next(&order.kind).or_else(|| order.fallback.as_ref().and_then(next));
            Some(Called::More(unit))
        }
        (true, false, Some(added)) => Some(Called::Less(added.unit_name.clone())),
        _ => None,
    }
}

/// Whom the new rules' plan would have called, compared with whom it did.
fn sent_elsewhere(
    case: &CaseState,
    dispatched: &cases::Dispatched,
    rules: &RuleSet,
    directory: &Directory,
    at: Timestamp,
) -> Option<Elsewhere> {
    let class = case.classified.as_ref()?;
    let plan: Option<&Plan> = rules
        .plans
        .for_class(&class.class)
        .filter(|plan| plan.min_severity <= case.severity);
    // Units chosen by hand are a person's decision, as long as there is still no plan.
    let (plan, was) = match (plan, &dispatched.plan) {
        (None, None) => return None,
        (plan, was) => (plan, was.clone()),
    };
    let proposed: Vec<(UnitId, Label)> = plan.map_or_else(Vec::new, |plan| {
        propose(case, plan, directory, at)
            .orders
            .iter()
            .filter_map(|order| order.unit)
            .map(|unit| (unit.unit.row.id, unit.unit.row.name.clone()))
            .collect()
    });
    let called = &dispatched.orders;
    let only_then: Vec<Label> = called
        .iter()
        .filter(|order| !proposed.iter().any(|(unit, _)| *unit == order.unit))
        .map(|order| order.unit_name.clone())
        .collect();
    let only_now: Vec<Label> = proposed
        .iter()
        .filter(|(unit, _)| !called.iter().any(|order| order.unit == *unit))
        .map(|(_, name)| name.clone())
        .collect();
    let new_plan = plan.map(|plan| plan.code.clone());
    let same = only_then.is_empty() && only_now.is_empty() && new_plan == was;
    (!same).then_some(Elsewhere {
        at,
        plan: was,
        new_plan,
        only_then,
        only_now,
    })
}
