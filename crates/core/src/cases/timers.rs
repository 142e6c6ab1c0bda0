//! What happens when a clock reaches a rung of its ladder.
//!
//! Yellow reminds, red goes to the leader, then the two cards, each to its receivers; after the last one it is repeated while
//! nothing happens. An order that is not acknowledged adds, at red, the next unit of its kind that is on duty, nearest first,
//! then one of the fallback kind, and rings the officer's desk. The first unit stays called: nothing is withdrawn here.
//!
//! One firing is one rung, so that each has its effect once. Only after days off ([`CaseCommand::Timer`](super::CaseCommand)
//! with `caught_up`) the rungs between are left out; what red does is done all the same.

use super::clocks;
use super::decide::{Context, Decided};
use super::event::{Escalated, Overdue, Receiver, Reminded, Resumed};
use super::orders::{called, next_unit, substitute, withdrawn};
use super::procedure::ring;
use super::staffing::centre_above;
use super::{
    CaseEvent, CaseState, Clock, ClockKind, Order, OrderStage, RingReason, Rung, Stage, UpBecause,
};
use crate::access::Role;
use crate::code::DivisionCode;
use crate::id::OrderId;
use crate::refusal::Refusal;
use crate::rules::Receiver as Word;

/// Decides a timer (kind, order, generation). [`Refusal::TimerGone`] when it was cancelled or set again since: then there is
/// nothing to do.
pub(super) fn fire(
    case: &CaseState,
    (kind, order, generation): (ClockKind, Option<OrderId>, u32),
    caught_up: bool,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let clock = case
        .clocks
        .iter()
        .find(|clock| {
            clock.kind == kind
                && clock.order == order
                && clock.generation == generation
                && clock.is_armed()
        })
        .ok_or(Refusal::TimerGone)?;
    let (next, _) = clock
        .next()
        .filter(|(_, at)| *at <= context.now)
        .ok_or(Refusal::TimerGone)?;
    let rung = if caught_up {
        clock.highest(context.now).unwrap_or(next)
    } else {
        next
    };
    // Red ends the suspension, and its clock with it.
    let rung = if kind == ClockKind::Resume && next <= Rung::Red {
        rung.min(Rung::Red)
    } else {
        rung
    };
    let firing = Firing {
        case,
        clock,
        order: order.and_then(|id| case.order(id)),
        caught_up,
        context,
    };
    Ok(firing.rungs(next, rung))
}

struct Firing<'a> {
    case: &'a CaseState,
    clock: &'a Clock,
    order: Option<&'a Order>,
    caught_up: bool,
    context: &'a Context<'a>,
}

impl Firing<'_> {
    fn rungs(&self, next: Rung, rung: Rung) -> Vec<Decided> {
        let mut events = Vec::new();
        if next <= Rung::Red && rung >= Rung::Red {
            events.extend(self.red());
        }
        if rung != Rung::Red {
            events.push(self.escalated(rung));
        }
        // After days off the people at the centre come first: the level above takes the case when it is repeated.
        if rung >= Rung::RedCard && !self.caught_up {
            events.extend(self.goes_up());
        }
        if self.caught_up {
            // One digest says it for all that were found late; no desk rings for each.
            events.retain(|decided| !matches!(decided.event, CaseEvent::DeskRung(_)));
        }
        events
    }

    fn escalated(&self, rung: Rung) -> Decided {
        Decided::system(CaseEvent::Escalated(Escalated {
            clock: self.clock.kind,
            order: self.clock.order,
            rung,
            to: self.receivers(rung),
            caught_up: self.caught_up,
        }))
    }

    /// The limit is over.
    fn red(&self) -> Vec<Decided> {
        let (kind, order) = (self.clock.kind, self.clock.order);
        let mut events = vec![Decided::system(CaseEvent::Overdue(Overdue {
            clock: kind,
            order,
            to: self.receivers(Rung::Red),
        }))];
        match (kind, self.order, &self.case.classified) {
            // The clocks of a leg that is handed in are stopped: here the leg still needs somebody.
            (ClockKind::Acknowledge, Some(late), Some(class))
                if self.case.stage == Stage::Dispatched && late.part.is_mandatory() =>
            {
                // Neither one that is called nor one that said it is not its matter.
                let mut taken = called(self.case);
                taken.extend(withdrawn(self.case));
                let next = |kind| {
                    next_unit(
                        self.case,
                        kind,
                        self.context.directory,
                        self.context.now,
                        &taken,
                        true,
                    )
                };
                let unit = next(&late.kind).or_else(|| late.fallback.as_ref().and_then(next));
                events.push(reminded(vec![late.id]));
                let reason = match unit {
                    Some(candidate) => {
                        let added = substitute(late, candidate.unit, class, self.context);
                        events.push(Decided::system(added));
                        RingReason::NotAcknowledged
                    }
                    None => RingReason::NoFurtherUnit,
                };
                events.push(ring(reason, order));
            }
            // The end of a suspension: the case goes on by itself.
            (ClockKind::Resume, ..) => {
                let clocks = clocks::restart(
                    self.case,
                    self.context.now,
                    self.context.rules,
                    self.context.directory,
                );
                events.push(Decided::system(CaseEvent::Resumed(Resumed {
                    reason: None,
                    clocks,
                })));
                events.push(ring(RingReason::Overdue, None));
            }
            (_, waited, _) => {
                let orders = waited.map_or_else(|| waited_for(self.case), |order| vec![order.id]);
                events.push(reminded(orders));
                // A unit that was only told does not ring the desk.
                if waited.is_none_or(|order| order.part.is_mandatory()) {
                    events.push(ring(RingReason::Overdue, order));
                }
            }
        }
        events
    }

    /// Nobody at the centre acted up to the last rung: the level above takes the case.
    fn goes_up(&self) -> Vec<Decided> {
        if !matches!(self.clock.kind, ClockKind::Accept | ClockKind::Dispatch) {
            return Vec::new();
        }
        super::levels::up(self.case, UpBecause::Unanswered, None, self.context)
            .map_or_else(Vec::new, |up| {
                vec![Decided::system(up), ring(RingReason::Passed, None)]
            })
    }

    /// Who is told of a rung, by the ladder. A post that nobody holds is looked for in the levels above; where nobody holds it
    /// anywhere, the centre's own post stands, so that there is no hole.
    fn receivers(&self, rung: Rung) -> Vec<Receiver> {
        let class = self.case.classified.as_ref().map(|class| &class.class);
        let rungs = self.context.rules.ladder.rungs(class, self.clock.kind);
        // A clock of the first release knew no rungs: its journal named nobody.
        let words: &[Word] = match (self.clock.again, rung) {
            (None, _) => &[],
            (_, Rung::Yellow) => &rungs.yellow_to,
            (_, Rung::Red) => &rungs.red_to,
            (_, Rung::YellowCard) => &rungs.yellow_card_to,
            (_, Rung::RedCard | Rung::Again) => &rungs.red_card_to,
        };
        let mut to = Vec::new();
        for word in words {
            let receiver = self.receiver(*word);
            if !to.contains(&receiver) {
                to.push(receiver);
            }
        }
        to
    }

    fn receiver(&self, word: Word) -> Receiver {
        let unit = self
            .order
            .and_then(|order| self.context.directory.unit(order.unit));
        let centre = &self.case.centre;
        // The division of the unit that is waited for, else of the centre.
        let near = unit.map_or(centre, |unit| &unit.row.division);
        match (word, self.order) {
            (Word::Handler, Some(order)) => Receiver {
                role: Role::UnitStaff,
                division: near.clone(),
                unit: Some(order.unit),
            },
            (Word::Handler | Word::Officer, _) => self.held(Role::DutyOfficer, centre),
            (Word::Chief, _) => self.held(Role::DutyChief, centre),
            (Word::Dispatcher, _) => self.held(Role::Dispatcher, centre),
            (Word::Leader, _) => self.held(Role::Leader, near),
            (Word::Inspector, _) => self.held(Role::Inspector, centre),
            (Word::LevelAbove, _) => {
                let above = centre_above(&self.case.code, centre.level(), self.context.directory);
                let (division, unit) = above.map_or_else(
                    || (centre.clone(), self.case.centre_unit),
                    |(code, unit)| (code, Some(unit)),
                );
                Receiver {
                    role: Role::DutyOfficer,
                    division,
                    unit,
                }
            }
        }
    }

    /// The nearest division from `from` up in which somebody holds `role`.
    fn held(&self, role: Role, from: &DivisionCode) -> Receiver {
        let division = from
            .path()
            .into_iter()
            .find(|code| self.context.directory.is_held(role, code));
        match division {
            Some(division) => Receiver {
                role,
                division,
                unit: None,
            },
            None => Receiver {
                role: Role::DutyOfficer,
                division: self.case.centre.clone(),
                unit: self.case.centre_unit,
            },
        }
    }
}

fn reminded(orders: Vec<OrderId>) -> Decided {
    Decided::system(CaseEvent::Reminded(Reminded { orders }))
}

/// The orders whose units are waited for: the mandatory ones not handed in, whose leg is not done by another unit.
pub(super) fn waited_for(case: &CaseState) -> Vec<OrderId> {
    case.orders
        .iter()
        .filter(|order| {
            order.part.is_mandatory()
                && !matches!(
                    order.stage,
                    OrderStage::FedBack | OrderStage::StoodDown | OrderStage::Withdrawn
                )
                && !case.leg_is_done(order.leg)
        })
        .map(|order| order.id)
        .collect()
}
