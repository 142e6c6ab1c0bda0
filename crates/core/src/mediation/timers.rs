//! The deadlines of a mediation. They remind and ring; none of them ends anything by itself.

use super::event::{CourtPeriodEnded, LimitPassed, PerformanceDue};
use super::{Due, Mediation, MediationCommand, MediationEvent};
use crate::access::Acting;
use crate::code::Level;
use crate::refusal::Refusal;
use crate::things::{Alarm, Context, Decided, Ring};

/// The kinds of timers, as their rows name them.
const KINDS: [(Due, &str); 3] = [
    (Due::Limit, "mediation.limit"),
    (Due::Performance, "mediation.performance"),
    (Due::Court, "mediation.court"),
];

/// The deadlines that wait.
pub(super) fn alarms(mediation: &Mediation) -> Vec<Alarm> {
    mediation
        .clocks
        .iter()
        .filter(|clock| clock.passed.is_none())
        .filter_map(|clock| {
            let (_, kind) = KINDS.iter().find(|(due, _)| *due == clock.due)?;
            Some(Alarm {
                kind,
                part: None,
                generation: clock.generation,
                due: clock.at,
            })
        })
        .collect()
}

/// The command of a deadline that fired.
pub(super) fn fired(kind: &str, generation: u32) -> Option<MediationCommand> {
    let (due, _) = KINDS.iter().find(|(_, word)| *word == kind)?;
    Some(MediationCommand::Timer {
        due: *due,
        generation,
    })
}

/// Decides a deadline. [`Refusal::TimerGone`] when it was cancelled or set again since: then there is nothing to do.
pub(super) fn fire(
    mediation: &Mediation,
    due: Due,
    generation: u32,
    context: &Context<'_>,
) -> Result<Vec<Decided<MediationEvent>>, Refusal> {
    mediation
        .clock(due)
        .filter(|clock| clock.passed.is_none() && clock.generation == generation)
        .filter(|clock| clock.at <= context.now)
        .ok_or(Refusal::TimerGone)?;
    let event = match due {
        Due::Limit => MediationEvent::LimitPassed(LimitPassed {}),
        Due::Performance => MediationEvent::PerformanceDue(PerformanceDue {}),
        Due::Court => MediationEvent::CourtPeriodEnded(CourtPeriodEnded {}),
    };
    Ok(vec![Decided {
        by: Acting::SYSTEM,
        event,
    }])
}

/// Whose screens an event rings: the desks of town and county.
pub(super) fn ring(event: &MediationEvent) -> Option<Ring> {
    let reason = match event {
        MediationEvent::LimitPassed(_) => "mediation_limit",
        MediationEvent::PerformanceDue(_) => "mediation_performance",
        _ => return None,
    };
    Some(Ring {
        reason,
        part: None,
        desks: Some(Level::County),
        units: Vec::new(),
    })
}
