//! What the present state means to somebody who looks at it: the title, the next step, the acts open to them.

use super::staffing::{self, Asking};
use super::stages::{is_of_order, order_takes, takes};
use super::{CaseState, ClockKind, OrderStage, Part, Stage};
use crate::access::{Act, Principal};
use crate::directory::Directory;
use crate::id::OrderId;
use crate::rules::RuleSet;
use crate::time::Timestamp;

/// What happens next, by whom, by when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// Chinese.
    pub what_zh: String,
    /// English.
    pub what_en: String,
    /// The units waited for, by order; empty: the centre.
    pub orders: Vec<OrderId>,
    /// When it is due.
    pub due: Option<Timestamp>,
}

/// A title names place and thing, never words of the report.
pub fn title(case: &CaseState, place: &str) -> (String, String) {
    match &case.classified {
        Some(class) => (
            format!("{place} · {}", class.name_zh),
            format!("{place} · {}", class.name_en),
        ),
        None => (
            format!("{place} · 未定类"),
            format!("{place} · not yet classed"),
        ),
    }
}

/// The next step of a case; none when it has ended.
pub fn next_step(case: &CaseState) -> Option<NextStep> {
    let due = |kind| case.running(kind, None).map(|clock| clock.due);
    let step = |zh: &str, en: &str, due| {
        Some(NextStep {
            what_zh: zh.to_owned(),
            what_en: en.to_owned(),
            orders: Vec::new(),
            due,
        })
    };
    match case.stage {
        Stage::Reported => step("受理", "accept", due(ClockKind::Accept)),
        Stage::Returned => step(
            "报告人补充材料",
            "the reporter supplies what is missing",
            due(ClockKind::Supply),
        ),
        Stage::Accepted => step("立案", "file", due(ClockKind::Dispatch)),
        Stage::Filed => step("派遣", "dispatch", due(ClockKind::Dispatch)),
        Stage::Dispatched => Some(next_of_orders(case)),
        Stage::Handled => step(
            "由未参与处置的人核查",
            "checked by somebody who did not handle it",
            due(ClockKind::Verify),
        ),
        Stage::Verified => step(
            "回访、结案",
            "call back and close",
            due(ClockKind::CallBack),
        ),
        Stage::Suspended => step("挂账到期后恢复", "resume", due(ClockKind::Resume)),
        Stage::Closed | Stage::Refused | Stage::Voided | Stage::Merged => None,
    }
}

fn next_of_orders(case: &CaseState) -> NextStep {
    // A leg is as far as its foremost unit: one that was called first and has not answered holds nothing up.
    let foremost = |leg: OrderId| {
        let of_leg = case.orders.iter().filter(|order| order.leg == leg);
        of_leg.map(|order| order.stage).max()
    };
    let waiting = |stage: OrderStage| -> Vec<OrderId> {
        case.orders
            .iter()
            .filter(|order| {
                order.stage == stage && order.part != Part::Cc && foremost(order.leg) == Some(stage)
            })
            .map(|order| order.id)
            .collect()
    };
    let steps = [
        (
            OrderStage::Sent,
            "签收",
            "acknowledge",
            Some(ClockKind::Acknowledge),
        ),
        (
            OrderStage::Acknowledged,
            "到场",
            "arrive",
            Some(ClockKind::Arrive),
        ),
        (OrderStage::Arrived, "反馈结果", "feed back", None),
    ];
    for (stage, zh, en, clock) in steps {
        let orders = waiting(stage);
        if orders.is_empty() {
            continue;
        }
        let due = match clock {
            Some(kind) => orders
                .iter()
                .filter_map(|&id| case.running(kind, Some(id)))
                .map(|clock| clock.due)
                .min(),
            None => case.running(ClockKind::Handle, None).map(|clock| clock.due),
        };
        return NextStep {
            what_zh: zh.to_owned(),
            what_en: en.to_owned(),
            orders,
            due,
        };
    }
    NextStep {
        what_zh: "反馈结果".to_owned(),
        what_en: "feed back".to_owned(),
        orders: Vec::new(),
        due: None,
    }
}

/// The acts that `principal` may do on the case now, with the order for those of an order.
pub fn acts_open_to(
    principal: &Principal,
    case: &CaseState,
    rules: &RuleSet,
    directory: &Directory,
) -> Vec<(Act, Option<OrderId>)> {
    let is_open = |act, order| {
        let may = staffing::permitted(principal, act, case, order, rules, directory);
        may.is_ok_and(|by| {
            staffing::kept_apart(Asking {
                principal,
                by,
                act,
                by_plan: act == Act::Dispatch,
                case,
                rules,
                directory,
            })
            .is_ok()
        })
    };
    let mut open = Vec::new();
    // To handle a case is to work on one of its orders.
    for &act in Act::ALL.iter().filter(|act| takes(case, **act, principal)) {
        if is_of_order(act) {
            let orders = case
                .orders
                .iter()
                .filter(|order| order_takes(case, order, act));
            open.extend(
                orders
                    .filter(|order| is_open(act, Some(order.id)))
                    .map(|order| (act, Some(order.id))),
            );
        } else if is_open(act, None) {
            open.push((act, None));
        }
    }
    open
}
