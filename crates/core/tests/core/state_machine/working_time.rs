//! Clocks neither lose nor gain time: what was used and what is left are together the limit, whatever stood still meanwhile.

use std::collections::HashMap;

use jingwei_core::calendar::{Calendar, Hours};
use jingwei_core::cases::{CaseEvent, CaseState, Clock, ClockKind, Decided};
use jingwei_core::directory::Directory;
use jingwei_core::time::Timestamp;

/// What one clock has used, in milliseconds of its limit's own kind of time.
#[derive(Debug, Clone, Copy)]
struct Spent {
    /// Used and left together.
    whole: i64,
    used: i64,
    /// Since when it runs; none while it stands still.
    since: Option<Timestamp>,
}

/// What every running clock has used.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// By the place of the clock among those of the case.
    clocks: HashMap<usize, Spent>,
    /// The last year of the calendar: a new notice begins a new reckoning.
    year: Option<i32>,
}

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
        if self.year != calendar.last_year() {
            self.year = calendar.last_year();
            self.clocks.clear();
        }
        let running = case.clocks.iter().enumerate();
        for (place, clock) in running.filter(|(_, clock)| clock.stopped.is_none()) {
            let hours = hours(clock, case, directory);
            // A clock that stands still shows what was left when it was stopped.
            let left = calendar.left(clock.limit, clock.paused.unwrap_or(now), clock.due, &hours);
            let fresh = Spent {
                whole: left,
                used: 0,
                since: None,
            };
            let known = self.clocks.get(&place).copied();
            let mut known = match known.filter(|_| reckoned_on(clock, decided)) {
                Some(mut known) => {
                    if let Some(since) = known.since.take() {
                        known.used += calendar.left(clock.limit, since, now, &hours);
                    }
                    known.whole += extended(clock, decided, known, left);
                    known
                }
                None => fresh,
            };
            known.since = clock.paused.is_none().then_some(now);
            if clock.fired.is_none() && clock.due > now {
                assert_eq!(
                    known.used + left,
                    known.whole,
                    "{} {:?}: used and left are the limit",
                    clock.kind,
                    clock.order
                );
            }
            self.clocks.insert(place, known);
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
