//! The table of states: in which stages a case takes an act, and which orders take it.
//!
//! docs/rules.md is printed from here and from the tables of roles; docs/rules.csv, written by hand from the regulation, is
//! compared with it.

use super::{CaseState, Order, OrderStage, Part, RequestKind, Stage};
use crate::access::{Act, Principal};
use crate::id::OrderId;

/// The stages in which a case takes an act.
pub fn stages_of(act: Act) -> &'static [Stage] {
    use Stage::{
        Accepted, Closed, Dispatched, Filed, Handled, Merged, Refused, Reported, Returned,
        Suspended, Verified, Voided,
    };
    match act {
        // A report that was sent back may be taken (or not) without what was asked for: nothing waits for ever.
        Act::Accept | Act::Refuse => &[Reported, Returned],
        Act::ReturnForInfo | Act::Relay | Act::SolveOnSpot => &[Reported],
        Act::SupplyInfo => &[Returned],
        Act::Confirm => &[Reported, Accepted],
        Act::SetClass => &[Reported, Accepted, Filed, Dispatched, Handled],
        Act::File => &[Accepted],
        // The second time beneath an order: orders nest.
        Act::Dispatch => &[Filed, Dispatched],
        // A unit added after the results would be a leg that nobody waits for: a failed check opens the work again.
        Act::AddUnit
        | Act::ObjectOrder
        | Act::DecideObjection
        | Act::RequestExtension
        | Act::DecideExtension
        | Act::RequestSuspend
        | Act::Suspend
        | Act::WithdrawOrder
        | Act::Redispatch
        | Act::Designate => &[Dispatched],
        Act::Resume => &[Suspended],
        Act::Acknowledge | Act::AcknowledgeFor | Act::Arrive | Act::FeedBack | Act::Handle => {
            &[Dispatched, Handled]
        }
        Act::PassUp | Act::PassDown => &[Reported, Accepted, Filed],
        Act::Merge => &[Reported, Returned, Accepted, Filed],
        Act::Unmerge => &[Merged],
        Act::Verify => &[Handled],
        Act::CallBack => &[Verified, Closed],
        Act::Rate => &[Handled, Verified, Closed],
        Act::Close => &[Verified],
        Act::Reopen => &[Closed, Refused, Voided],
        Act::Void | Act::RequestVoid => &[
            Reported, Returned, Accepted, Filed, Dispatched, Handled, Suspended,
        ],
        Act::Remind => &[
            Reported, Returned, Accepted, Filed, Dispatched, Handled, Verified,
        ],
        Act::MarkUrgent
        | Act::MarkConfidential
        | Act::Instruct
        | Act::Supervise
        | Act::YellowCard
        | Act::RedCard => &[
            Reported, Returned, Accepted, Filed, Dispatched, Handled, Verified, Suspended,
        ],
        Act::Report => &[],
    }
}

/// Whether the case takes the act of `principal` as it stands. The reporter's wish to have it done again is about what was
/// closed; what was refused or voided is the duty chief's to take up again.
pub(super) fn takes(case: &CaseState, act: Act, principal: &Principal) -> bool {
    stages_of(act).contains(&case.stage)
        && !(act == Act::Reopen
            && matches!(principal, Principal::Holder(_))
            && case.stage != Stage::Closed)
        && !(act == Act::RequestVoid && case.request(RequestKind::Voiding, None).is_some())
}

/// Whether an act is about one order.
pub(super) fn is_of_order(act: Act) -> bool {
    matches!(
        act,
        Act::Acknowledge
            | Act::AcknowledgeFor
            | Act::Arrive
            | Act::Handle
            | Act::FeedBack
            | Act::ObjectOrder
            | Act::DecideObjection
            | Act::RequestExtension
            | Act::DecideExtension
            | Act::RequestSuspend
            | Act::WithdrawOrder
            | Act::Redispatch
            | Act::Designate
    )
}

/// Whether an order takes an act as it stands.
pub fn order_takes(case: &CaseState, order: &Order, act: Act) -> bool {
    use OrderStage::{Acknowledged, Sent};
    let asked = |kind| case.request(kind, Some(order.id)).is_some();
    // The case waits for the unit: its part is mandatory and no other unit of the leg has handed in.
    let waited_for =
        || order.stage.is_live() && order.part.is_mandatory() && !case.leg_is_done(order.leg);
    match act {
        Act::Acknowledge | Act::AcknowledgeFor => order.stage == Sent,
        Act::Arrive => matches!(order.stage, Sent | Acknowledged),
        Act::Handle => order.stage.is_live(),
        Act::FeedBack => order.stage.is_live() && !case.waits_for_nested(order.id),
        // An order that was designated, or whose objection was turned down, is carried out: no second return. Whoever has
        // handed parts of it on has taken it.
        Act::ObjectOrder => {
            matches!(order.stage, Sent | Acknowledged)
                && waited_for()
                && !order.designated
                && !has_live_nested(case, order.id)
                && !asked(RequestKind::Objection)
        }
        Act::DecideObjection => asked(RequestKind::Objection),
        Act::RequestExtension => waited_for() && !asked(RequestKind::Extension),
        Act::DecideExtension => asked(RequestKind::Extension),
        Act::RequestSuspend => waited_for() && !asked(RequestKind::Suspension),
        Act::WithdrawOrder => {
            order.stage.is_live()
                && !has_live_nested(case, order.id)
                && (order.part != Part::Lead || leg_has_another(case, order))
        }
        Act::Redispatch | Act::Designate => {
            order.stage.is_live()
                && !case.leg_is_done(order.leg)
                && !has_live_nested(case, order.id)
        }
        _ => order.stage.is_live(),
    }
}

/// Whether units are waited for beneath an order; those that were only told, or whose leg another handed in, hold nothing up.
fn has_live_nested(case: &CaseState, order: OrderId) -> bool {
    case.orders.iter().any(|nested| {
        case.lies_beneath(nested, order)
            && nested.part.is_mandatory()
            && nested.stage.is_live()
            && !case.leg_is_done(nested.leg)
    })
}

/// Whether another unit of the same leg is still called or has handed in: the lead is never left without anybody.
fn leg_has_another(case: &CaseState, order: &Order) -> bool {
    case.orders.iter().any(|other| {
        other.leg == order.leg
            && other.id != order.id
            && (other.stage.is_live() || other.stage == OrderStage::FedBack)
    })
}
