//! The deadlines of a whistle: what waits, what happens when one passes, whose screens ring.

use uuid::Uuid;

use super::decide::raise;
use super::event::RatingEnded;
use super::{Because, Waiting, Whistle, WhistleCommand, WhistleEvent, WhistleStage};
use crate::access::Acting;
use crate::id::UnitId;
use crate::refusal::Refusal;
use crate::things::{Alarm, Context, Decided, Ring};

/// The kinds of timers, as their rows name them.
const KINDS: [(Waiting, &str); 4] = [
    (Waiting::Answer, "whistle.answer"),
    (Waiting::Arrive, "whistle.arrive"),
    (Waiting::Decide, "whistle.decide"),
    (Waiting::Rate, "whistle.rate"),
];

fn kind_of(waiting: Waiting) -> &'static str {
    KINDS
        .iter()
        .find(|(of, _)| *of == waiting)
        .map_or("whistle", |(_, kind)| kind)
}

/// The deadlines that wait.
pub(super) fn alarms(whistle: &Whistle) -> Vec<Alarm> {
    let calls = whistle.calls.iter().filter_map(|call| {
        call.clock.map(|clock| Alarm {
            kind: kind_of(clock.waiting),
            part: Some(call.unit.0),
            generation: clock.generation,
            due: clock.due,
        })
    });
    let rating = whistle.rating.map(|clock| Alarm {
        kind: kind_of(Waiting::Rate),
        part: None,
        generation: clock.generation,
        due: clock.due,
    });
    calls.chain(rating).collect()
}

/// The command of a deadline that fired.
pub(super) fn fired(kind: &str, part: Option<Uuid>, generation: u32) -> Option<WhistleCommand> {
    let (waiting, _) = KINDS.iter().find(|(_, word)| *word == kind)?;
    Some(WhistleCommand::Timer {
        waiting: *waiting,
        unit: part.map(UnitId),
        generation,
    })
}

/// Decides a deadline. [`Refusal::TimerGone`] when it was cancelled or set again since: then there is nothing to do.
pub(super) fn fire(
    whistle: &Whistle,
    waiting: Waiting,
    unit: Option<UnitId>,
    generation: u32,
    context: &Context<'_>,
) -> Result<Vec<Decided<WhistleEvent>>, Refusal> {
    let system = |event| Decided {
        by: Acting::SYSTEM,
        event,
    };
    let Some(unit) = unit else {
        whistle
            .rating
            .filter(|clock| clock.generation == generation && clock.due <= context.now)
            .filter(|_| waiting == Waiting::Rate && whistle.stage == WhistleStage::Closed)
            .ok_or(Refusal::TimerGone)?;
        let missing = u32::try_from(whistle.ratings_missing()).unwrap_or(u32::MAX);
        return Ok(vec![system(WhistleEvent::RatingEnded(RatingEnded {
            missing,
        }))]);
    };
    let call = whistle.call(unit).ok_or(Refusal::TimerGone)?;
    call.clock
        .filter(|clock| clock.waiting == waiting && clock.generation == generation)
        .filter(|clock| clock.due <= context.now)
        .ok_or(Refusal::TimerGone)?;
    let because = match waiting {
        Waiting::Answer => Because::NotAnswered,
        Waiting::Arrive => Because::NotArrived,
        Waiting::Decide => Because::NotDecided,
        Waiting::Rate => return Err(Refusal::TimerGone),
    };
    Ok(vec![system(raise(whistle, call, because, None, context))])
}

/// Whose screens an event rings: the called units hear the whistle, and the desks up to the level that a call was raised to.
pub(super) fn ring(event: &WhistleEvent) -> Option<Ring> {
    match event {
        WhistleEvent::Blown(e) => Some(Ring {
            reason: "whistle_blown",
            part: None,
            desks: None,
            units: e.calls.iter().map(|call| call.unit.unit).collect(),
        }),
        WhistleEvent::Raised(e) => Some(Ring {
            reason: "whistle_raised",
            part: Some(e.unit.0),
            desks: Some(e.level),
            units: Vec::new(),
        }),
        WhistleEvent::Instructed(e) => Some(Ring {
            reason: "whistle_instructed",
            part: Some(e.unit.0),
            desks: None,
            units: vec![e.unit],
        }),
        _ => None,
    }
}
