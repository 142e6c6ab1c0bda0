//! Clocks neither lose nor gain time: what was used and what is left are together the limit, whatever stood still meanwhile.

use std::collections::HashMap;

use jingwei_core::calendar::{Calendar, Hours};
use jingwei_core::cases::{CaseEvent, CaseState, Clock, ClockKind, Decided};
use jingwei_core::directory::Directory;
use jingwei_core::id::OrderId;
use jingwei_core::time::Timestamp;

/// What one clock has used, in milliseconds of its limit's own kind of time.
#[derive(Debug, Clone, Copy)]
struct Spent {
    started: Timestamp,
    /// Used and left together.
    whole: i64,
    used: i64,
    /// Since when it runs; none while it stands still.
    since: Option<Timestamp>,
}

/// What every running clock has used.
#[derive(Debug, Default)]
pub(super) struct Used(HashMap<(ClockKind, Option<OrderId>), Spent>);

impl Used {
    /// Reckons on to the state after a step, and compares.
    pub(super) fn step(
        &mut self,
        case: &CaseState,
        decided: &[Decided],
        calendar: &Calendar,
        directory: &Directory,
    ) {
        let now = case.updated_at;
        for clock in case.clocks.iter().filter(|clock| clock.stopped.is_none()) {
            let hours = hours(clock, case, directory);
            let left = calendar.left(clock.limit, now, clock.due, &hours);
            let spent = |from: Timestamp| calendar.left(clock.limit, from, now, &hours);
            let key = (clock.kind, clock.order);
            let fresh = Spent {
                started: clock.started,
                whole: calendar.left(clock.limit, now, clock.due, &hours),
                used: 0,
                since: Some(now),
            };
            let known = self.0.get(&key).copied();
            let known =
                known.filter(|known| known.started == clock.started && reckoned_on(clock, decided));
            let mut known = known.unwrap_or(fresh);
            if let Some(since) = known.since.take() {
                known.used += spent(since);
            }
            known.whole += extended(clock, decided, known, left);
            known.since = clock.paused.is_none().then_some(now);
            // A clock that stands still shows what was left when it was stopped.
            let left = match clock.paused {
                Some(at) => calendar.left(clock.limit, at, clock.due, &hours),
                None => left,
            };
            if clock.fired.is_none() && clock.due > now {
                assert_eq!(
                    known.used + left,
                    known.whole,
                    "{} {:?}: used and left are the limit",
                    clock.kind,
                    clock.order
                );
            }
            self.0.insert(key, known);
        }
    }
}

/// Whether the clock goes on by the same limit and the same calendar as before: a new class or a new notice begins a new
/// reckoning.
fn reckoned_on(clock: &Clock, decided: &[Decided]) -> bool {
    !decided.iter().any(|step| match &step.event {
        CaseEvent::Classed(_) => clock.order.is_none(),
        CaseEvent::Recomputed(_) => true,
        _ => false,
    })
}

/// What was granted to the handle clock by this step. An end that had passed counts from itself: then what is left is what
/// was granted less what has gone by since.
fn extended(clock: &Clock, decided: &[Decided], known: Spent, left: i64) -> i64 {
    let granted = decided.iter().find_map(|step| match &step.event {
        CaseEvent::ExtensionDecided(e) if clock.kind == ClockKind::Handle => e.granted,
        _ => None,
    });
    match granted {
        Some(_) if known.used >= known.whole => known.used + left - known.whole,
        Some(limit) => limit.milliseconds(),
        None => 0,
    }
}

fn hours<'d>(clock: &Clock, case: &CaseState, directory: &'d Directory) -> Hours<'d> {
    clock
        .order
        .filter(|_| matches!(clock.kind, ClockKind::Acknowledge | ClockKind::Arrive))
        .and_then(|id| case.order(id))
        .and_then(|order| directory.unit(order.unit))
        .map_or(Hours::Standard, |unit| Hours::Unit(&unit.duty))
}
