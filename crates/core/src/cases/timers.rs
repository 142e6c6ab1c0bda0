//! What happens when a limit passes.
//!
//! An order that is not acknowledged adds the next unit of its kind that is on duty, nearest first, then one of the fallback
//! kind, and rings the officer's desk. The first unit stays called: nothing is withdrawn here.

use super::decide::{Context, Decided};
use super::event::{DeskRung, Overdue, Reminded};
use super::orders::{next_unit, substitute};
use super::{CaseEvent, CaseState, ClockKind, OrderStage, RingReason, Stage};
use crate::id::{OrderId, UnitId};
use crate::refusal::Refusal;

/// Decides a timer. [`Refusal::TimerGone`] when it was cancelled or set again since: then there is nothing to do.
pub(super) fn fire(
    case: &CaseState,
    kind: ClockKind,
    order: Option<OrderId>,
    generation: u32,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    case.clocks
        .iter()
        .find(|clock| {
            clock.kind == kind
                && clock.order == order
                && clock.generation == generation
                && clock.is_armed()
        })
        .filter(|clock| clock.due <= context.now)
        .ok_or(Refusal::TimerGone)?;
    let mut events = vec![CaseEvent::Overdue(Overdue { clock: kind, order })];
    match (kind, order.and_then(|id| case.order(id)), &case.classified) {
        // The clocks of a leg that is handed in are stopped: here the leg still needs somebody.
        (ClockKind::Acknowledge, Some(late), Some(class)) if case.stage == Stage::Dispatched => {
            let taken: Vec<UnitId> = case.orders.iter().map(|order| order.unit).collect();
            let next = |kind| next_unit(case, kind, context.directory, context.now, &taken, true);
            let unit = next(&late.kind).or_else(|| late.fallback.as_ref().and_then(next));
            events.push(CaseEvent::Reminded(Reminded {
                orders: vec![late.id],
            }));
            let reason = match unit {
                Some(candidate) => {
                    events.push(substitute(late, candidate.unit, class, context));
                    RingReason::NotAcknowledged
                }
                None => RingReason::NoFurtherUnit,
            };
            events.push(CaseEvent::DeskRung(DeskRung { reason, order }));
        }
        (_, waited, _) => {
            let orders = waited.map_or_else(|| waited_for(case), |order| vec![order.id]);
            events.push(CaseEvent::Reminded(Reminded { orders }));
            // After the results nobody is called any more, and a unit that was only told does not ring the desk.
            if waited.is_none_or(|order| order.part.is_mandatory()) {
                events.push(CaseEvent::DeskRung(DeskRung {
                    reason: RingReason::Overdue,
                    order,
                }));
            }
        }
    }
    Ok(events.into_iter().map(Decided::system).collect())
}

/// The orders whose units are waited for: the mandatory ones not handed in, whose leg is not done by another unit.
pub(super) fn waited_for(case: &CaseState) -> Vec<OrderId> {
    case.orders
        .iter()
        .filter(|order| {
            order.part.is_mandatory()
                && !matches!(order.stage, OrderStage::FedBack | OrderStage::StoodDown)
                && !case.leg_is_done(order.leg)
        })
        .map(|order| order.id)
        .collect()
}
