//! From a limit to its rungs: yellow, red, the two cards, on the work calendar and by the ladder of the rules.
//!
//! What was reckoned stands in the event; nothing here is asked again when the event is folded.

use super::{CaseState, Clock, ClockKind, Deadline, Restarted};
use crate::calendar::{Calendar, Hours};
use crate::code::ClassCode;
use crate::directory::Directory;
use crate::rules::{After, RuleSet, Rungs, YellowAt};
use crate::time::{Limit, Timestamp};

/// The deadline of `limit` from `start`, in the working time `hours`, with the rungs that the ladder has for this class and
/// kind of clock.
pub fn deadline(
    rules: &RuleSet,
    class: Option<&ClassCode>,
    kind: ClockKind,
    limit: Limit,
    start: Timestamp,
    hours: Hours<'_>,
) -> Deadline {
    Reckoner::new(rules, class, kind, limit, hours).whole(start)
}

/// Reckons the deadlines of one clock.
pub(super) struct Reckoner<'r> {
    calendar: &'r Calendar,
    rungs: &'r Rungs,
    limit: Limit,
    hours: Hours<'r>,
    /// The clock of a unit that is only told: red alone.
    red_alone: bool,
}

impl<'r> Reckoner<'r> {
    pub(super) fn new(
        rules: &'r RuleSet,
        class: Option<&ClassCode>,
        kind: ClockKind,
        limit: Limit,
        hours: Hours<'r>,
    ) -> Self {
        Self {
            calendar: &rules.calendar,
            rungs: rules.ladder.rungs(class, kind),
            limit,
            hours,
            red_alone: false,
        }
    }

    /// The reckoner of a clock of a case, with the duty hours of the order's unit.
    pub(super) fn of(
        clock: &Clock,
        case: &CaseState,
        rules: &'r RuleSet,
        directory: &'r Directory,
    ) -> Self {
        let class = case.classified.as_ref().map(|c| &c.class);
        let hours = hours_of(clock, case, directory);
        let told = clock
            .order
            .and_then(|id| case.order(id))
            .is_some_and(|order| !order.part.is_mandatory());
        Self {
            red_alone: told,
            ..Self::new(rules, class, clock.kind, clock.limit, hours)
        }
    }

    /// The whole limit from `start`.
    pub(super) fn whole(&self, start: Timestamp) -> Deadline {
        let due = self.calendar.due(self.limit, start, &self.hours);
        let yellow = match self.rungs.yellow {
            YellowAt::Share(percent) => {
                self.calendar
                    .share(self.limit, percent, start, &self.hours)
                    .at
            }
            YellowAt::Limit(limit) => self.calendar.due(limit, start, &self.hours).at,
        };
        let card = |at| match at {
            After::Share(percent) => {
                self.calendar
                    .share(self.limit, percent, start, &self.hours)
                    .at
            }
            After::Limit(limit) => self.calendar.due(limit, due.at, &self.hours).at,
        };
        self.deadline(
            due.at,
            due.provisional,
            Some(yellow),
            card(self.rungs.yellow_card),
            card(self.rungs.red_card),
        )
    }

    /// What is left of the limit, `left` milliseconds of its own kind of time, from `start`.
    pub(super) fn rest(&self, left: i64, start: Timestamp) -> Deadline {
        let whole = self.limit.milliseconds();
        let due = self.calendar.again(self.limit, left, start, &self.hours);
        let until_yellow = match self.rungs.yellow {
            YellowAt::Share(percent) => whole * i64::from(percent) / 100,
            YellowAt::Limit(limit) if limit.is_work() == self.limit.is_work() => {
                limit.milliseconds()
            }
            // An explicit limit of the other kind of time has no place in what is left: three quarters then.
            YellowAt::Limit(_) => whole * 3 / 4,
        };
        let left_until_yellow = left - (whole - until_yellow);
        let yellow = (left_until_yellow > 0).then(|| {
            self.calendar
                .again(self.limit, left_until_yellow, start, &self.hours)
                .at
        });
        let card = |at| match at {
            After::Share(percent) => {
                let beyond = whole * (i64::from(percent) - 100) / 100;
                self.calendar
                    .again(self.limit, left + beyond, start, &self.hours)
                    .at
            }
            After::Limit(limit) => self.calendar.due(limit, due.at, &self.hours).at,
        };
        self.deadline(
            due.at,
            due.provisional,
            yellow,
            card(self.rungs.yellow_card),
            card(self.rungs.red_card),
        )
    }

    fn deadline(
        &self,
        due: Timestamp,
        provisional: bool,
        yellow: Option<Timestamp>,
        yellow_card: Timestamp,
        red_card: Timestamp,
    ) -> Deadline {
        // A rung has its own instant: a card that falls on red comes right after it.
        let yellow_card = yellow_card.max(due.plus_ms(1));
        if self.red_alone {
            return Deadline {
                limit: self.limit,
                due,
                yellow: None,
                yellow_card: None,
                red_card: None,
                again: None,
                provisional,
            };
        }
        Deadline {
            limit: self.limit,
            due,
            yellow: yellow.filter(|at| *at < due),
            yellow_card: Some(yellow_card),
            red_card: Some(red_card.max(yellow_card.plus_ms(1))),
            again: Some(self.rungs.again),
            provisional,
        }
    }

    /// What is left of a clock at `now`, in milliseconds of the limit's own kind of time; 0 when it is over.
    pub(super) fn left(&self, clock: &Clock, now: Timestamp) -> i64 {
        self.left_until(clock.due, now)
    }

    /// What lies between `now` and `due`, in milliseconds of the limit's own kind of time; 0 when it is over.
    pub(super) fn left_until(&self, due: Timestamp, now: Timestamp) -> i64 {
        self.calendar.left(self.limit, now, due, &self.hours)
    }

    /// The clock reckoned again as it was: from its start, or from where it went on.
    pub(super) fn anew(&self, clock: &Clock) -> Deadline {
        match clock.rest {
            None => self.whole(clock.started),
            Some((from, left)) => self.rest(left, from),
        }
    }
}

/// The working time of the order's unit for what the unit does, else of the office: a request is decided in the office.
fn hours_of<'d>(clock: &Clock, case: &CaseState, directory: &'d Directory) -> Hours<'d> {
    let of_unit = matches!(clock.kind, ClockKind::Acknowledge | ClockKind::Arrive);
    clock
        .order
        .filter(|_| of_unit)
        .and_then(|id| case.order(id))
        .and_then(|order| directory.unit(order.unit))
        .map_or(Hours::Standard, |unit| Hours::Unit(&unit.duty))
}

/// Every clock of the case that stands still, going on at `now`. What was left is what was left when it was stopped.
pub(super) fn restart(
    case: &CaseState,
    now: Timestamp,
    rules: &RuleSet,
    directory: &Directory,
) -> Vec<Restarted> {
    let paused = case
        .clocks
        .iter()
        .filter(|clock| clock.stopped.is_none() && clock.paused.is_some());
    paused
        .map(|clock| {
            let reckoner = Reckoner::of(clock, case, rules, directory);
            // By the calendar of today: a notice may have come while it stood still.
            let due = match clock.fired {
                None => reckoner.anew(clock).due,
                Some(_) => clock.due,
            };
            let left = reckoner.left_until(due, clock.paused.unwrap_or(now));
            Restarted {
                kind: clock.kind,
                order: clock.order,
                left,
                deadline: reckoner.rest(left, now),
            }
        })
        .collect()
}

/// Whether a new calendar changes a deadline of the case.
pub fn is_reckoned_anew(case: &CaseState, rules: &RuleSet, directory: &Directory) -> bool {
    !recompute(case, rules, directory).is_empty()
}

/// Every clock in working time that the calendar now reckons otherwise, or surely. A notice may reach back into the December
/// before its year: not the provisional ones alone are reckoned again.
pub(super) fn recompute(
    case: &CaseState,
    rules: &RuleSet,
    directory: &Directory,
) -> Vec<Restarted> {
    let working = case
        .clocks
        .iter()
        .filter(|clock| clock.limit.is_work() && clock.stopped.is_none() && clock.paused.is_none());
    working
        .filter_map(|clock| {
            let reckoner = Reckoner::of(clock, case, rules, directory);
            let deadline = reckoner.anew(clock);
            // What is over is over.
            let ahead = clock.fired.is_none();
            let other = deadline.due != clock.due || deadline.provisional != clock.provisional;
            (ahead && other).then(|| Restarted {
                kind: clock.kind,
                order: clock.order,
                left: clock
                    .rest
                    .map_or(clock.limit.milliseconds(), |(_, left)| left),
                deadline,
            })
        })
        .collect()
}
