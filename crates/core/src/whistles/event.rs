//! Events of a whistle. What was decided stands in them; words are sealed.

use super::{Because, Rating, TaskOutcome, WhistleKind, WhistleOutcome};
use crate::code::{DivisionCode, Level};
use crate::id::{CaseId, DivisionId, UnitId};
use crate::label::Label;
use crate::place::Position;
use crate::sealed::Sealed;
use crate::things::Term;
use crate::time::Timestamp;
use crate::{events, plain_struct, thing_event, words};

words! {
    /// What is waited for.
    pub enum Waiting {
        /// The unit's answer.
        Answer = "answer",
        /// The unit's arrival.
        Arrive = "arrive",
        /// What the level above decides of a refusal.
        Decide = "decide",
        /// The ratings of both sides.
        Rate = "rate",
    }
}

plain_struct! {
    /// A unit with its name of that day.
    pub struct UnitNamed {
        /// The unit.
        unit: UnitId,
        /// Its name.
        name: Label,
    }
}

plain_struct! {
    /// A unit that is called.
    pub struct UnitCalled {
        /// The unit.
        unit: UnitNamed,
        /// Until when it has to answer: the limit runs in its own working time.
        answer: Term,
    }
}

plain_struct! {
    /// A task given to a unit.
    pub struct TaskGiven {
        /// The unit.
        unit: UnitId,
        /// What it has to do.
        text: Sealed<String>,
    }
}

events! {
    /// What happens to a whistle.
    pub enum WhistleEvent {
        /// A town blew.
        Blown("blown", 1) {
            /// What for.
            kind: WhistleKind,
            /// The case it is about.
            case: Option<CaseId>,
            /// The division of the place, for ever.
            division: DivisionId,
            /// Its code on that day.
            code: DivisionCode,
            /// The unit that blew: the centre of the place.
            town: UnitNamed,
            /// The level at which it was blown.
            level: Level,
            /// The units called.
            calls: Vec<UnitCalled>,
            /// The units told by copy.
            copies: Vec<UnitNamed>,
            /// Where exactly.
            position: Option<Sealed<Position>>,
            /// Why.
            reason: Sealed<String>,
        },
        /// A unit answered: it comes.
        Answered("answered", 1) {
            /// The unit.
            unit: UnitId,
            /// By when it is there.
            by: Timestamp,
        },
        /// A unit will not come.
        RefusedToCome("refused-to-come", 1) {
            /// The unit.
            unit: UnitId,
            /// Why.
            reason: Sealed<String>,
        },
        /// A unit is there.
        Arrived("arrived", 1) {
            /// The unit.
            unit: UnitId,
            /// Metres to the place, when both positions are known.
            metres: Option<u32>,
        },
        /// The town split the work.
        TasksGiven("tasks-given", 1) {
            /// Whose is what.
            tasks: Vec<TaskGiven>,
        },
        /// A unit's task is done.
        Finished("finished", 1) {
            /// The unit.
            unit: UnitId,
            /// What the task came to.
            outcome: TaskOutcome,
            /// What was done.
            result: Sealed<String>,
        },
        /// A unit may go, or need not come.
        Released("released", 1) {
            /// The unit.
            unit: UnitId,
            /// Why.
            reason: Sealed<String>,
        },
        /// A call went up.
        Raised("raised", 1) {
            /// The unit it is about.
            unit: UnitId,
            /// Why.
            because: Because,
            /// In words, when a person raised it.
            reason: Option<Sealed<String>>,
            /// The level it went to.
            level: Level,
            /// Whether it stood there already: nobody is above.
            again: bool,
            /// The centre of that level; none where there is none at all.
            centre: Option<UnitNamed>,
            /// Until when something has to happen now.
            next: Term,
        },
        /// The level above set a deadline.
        Instructed("instructed", 1) {
            /// The unit.
            unit: UnitId,
            /// Until when.
            by: Timestamp,
            /// What was said to it.
            words: Sealed<String>,
        },
        /// The town closed it.
        Closed("closed", 1) {
            /// What it came to.
            outcome: WhistleOutcome,
            /// In words.
            note: Option<Sealed<String>>,
            /// Until when both sides rate.
            rate: Term,
        },
        /// One side rated the other.
        RatingGiven("rating-given", 1) {
            /// The unit that rates.
            by: UnitId,
            /// The unit that is rated.
            unit: UnitId,
            /// How.
            level: Rating,
        },
        /// The time to rate is over.
        RatingEnded("rating-ended", 1) {
            /// How many ratings were not given.
            missing: u32,
        },
    }
}

impl WhistleEvent {
    /// The sealed values, as bytes.
    pub(crate) fn sealed_bytes(&self) -> Vec<&[u8]> {
        match self {
            Self::Blown(e) => std::iter::once(e.reason.as_bytes())
                .chain(e.position.as_ref().map(Sealed::as_bytes))
                .collect(),
            Self::RefusedToCome(e) => vec![e.reason.as_bytes()],
            Self::TasksGiven(e) => e.tasks.iter().map(|task| task.text.as_bytes()).collect(),
            Self::Finished(e) => vec![e.result.as_bytes()],
            Self::Released(e) => vec![e.reason.as_bytes()],
            Self::Raised(e) => e.reason.iter().map(Sealed::as_bytes).collect(),
            Self::Instructed(e) => vec![e.words.as_bytes()],
            Self::Closed(e) => e.note.iter().map(Sealed::as_bytes).collect(),
            Self::Answered(_) | Self::Arrived(_) | Self::RatingGiven(_) | Self::RatingEnded(_) => {
                Vec::new()
            }
        }
    }
}

thing_event!(WhistleEvent);
