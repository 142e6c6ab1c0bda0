//! The present state of a whistle, and the acts open to somebody who looks at it.

use serde::{Deserialize, Serialize};

use super::decide::{permitted, takes};
use super::{
    Because, CallStage, Rating, TaskOutcome, UnitNamed, Waiting, WhistleAct, WhistleKind,
    WhistleOutcome, WhistleStage,
};
use crate::access::Principal;
use crate::code::{DivisionCode, Level};
use crate::id::{CaseId, DivisionId, PersonId, UnitId, WhistleId};
use crate::label::Label;
use crate::place::Position;
use crate::sealed::Sealed;
use crate::time::Timestamp;

/// What is waited for of one unit, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallClock {
    /// What.
    pub waiting: Waiting,
    /// Until when.
    pub due: Timestamp,
    /// Version of the whistle that set it.
    pub generation: u32,
}

/// A task given to a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// What it has to do.
    pub text: Sealed<String>,
    /// When it was given.
    pub at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// What it came to.
    pub outcome: Option<TaskOutcome>,
    /// What was done.
    pub result: Option<Sealed<String>>,
}

/// A called unit and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The unit.
    pub unit: UnitId,
    /// Its name when it was called.
    pub name: Label,
    /// How far it is.
    pub stage: CallStage,
    /// What is waited for.
    pub clock: Option<CallClock>,
    /// Some limit passed for it.
    pub late: bool,
    /// When it answered.
    pub answered_at: Option<Timestamp>,
    /// By when it said it would be there.
    pub coming_by: Option<Timestamp>,
    /// When it checked in.
    pub arrived_at: Option<Timestamp>,
    /// Metres to the place then.
    pub metres: Option<u32>,
    /// Its tasks, in the order given.
    pub tasks: Vec<Given>,
    /// Why it will not come, or was released.
    pub reason: Option<Sealed<String>>,
    /// The level to which it was raised last, and why.
    pub raised: Option<(Level, Because)>,
    /// The centre of that level.
    pub raised_to: Option<UnitNamed>,
    /// Why it was raised, in words.
    pub raised_reason: Option<Sealed<String>>,
    /// How often it was raised.
    pub raises: u32,
    /// What the level above said to it.
    pub instruction: Option<Sealed<String>>,
}

impl Call {
    /// Whether a task of the unit is not done yet.
    pub fn has_open_task(&self) -> bool {
        self.tasks.iter().any(|task| task.done_at.is_none())
    }
}

/// A rating of one unit by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rated {
    /// The unit that rates.
    pub by: UnitId,
    /// The unit that is rated.
    pub unit: UnitId,
    /// How.
    pub level: Rating,
}

/// Until when both sides rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateClock {
    /// Until when.
    pub due: Timestamp,
    /// Version of the whistle that set it.
    pub generation: u32,
}

/// A whistle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whistle {
    /// The whistle.
    pub id: WhistleId,
    /// Number of events so far.
    pub version: u32,
    /// Where it stands.
    pub stage: WhistleStage,
    /// What it is for.
    pub kind: WhistleKind,
    /// The case it is about.
    pub case: Option<CaseId>,
    /// The division of the place.
    pub division: DivisionId,
    /// Its code on the day it was blown.
    pub code: DivisionCode,
    /// The level at which it was blown.
    pub level: Level,
    /// The unit that blew.
    pub town: UnitId,
    /// Its name then.
    pub town_name: Label,
    /// The person who blew.
    pub blower: Option<PersonId>,
    /// Why.
    pub reason: Sealed<String>,
    /// Where exactly.
    pub position: Option<Sealed<Position>>,
    /// The called units, in the order called.
    pub calls: Vec<Call>,
    /// The units told by copy.
    pub copies: Vec<UnitNamed>,
    /// What it came to.
    pub outcome: Option<WhistleOutcome>,
    /// In words.
    pub note: Option<Sealed<String>>,
    /// The ratings given.
    pub ratings: Vec<Rated>,
    /// Until when both sides rate.
    pub rating: Option<RateClock>,
    /// When it was blown.
    pub blown_at: Timestamp,
    /// When its last event was.
    pub updated_at: Timestamp,
}

impl Whistle {
    /// The call of a unit.
    pub fn call(&self, unit: UnitId) -> Option<&Call> {
        self.calls.iter().find(|call| call.unit == unit)
    }

    /// Whether `by` has rated `unit`.
    pub fn has_rated(&self, by: UnitId, unit: UnitId) -> bool {
        self.ratings
            .iter()
            .any(|rated| (rated.by, rated.unit) == (by, unit))
    }

    /// Ratings still to be given: each called unit by the town, the town by each called unit.
    pub fn ratings_missing(&self) -> usize {
        (2 * self.calls.len()).saturating_sub(self.ratings.len())
    }
}

/// The acts that `principal` may do now, with the unit for those about one.
pub fn acts_open_to(principal: &Principal, whistle: &Whistle) -> Vec<(WhistleAct, Option<UnitId>)> {
    let of_unit = [
        WhistleAct::Answer,
        WhistleAct::Refuse,
        WhistleAct::Arrive,
        WhistleAct::Finish,
        WhistleAct::Release,
        WhistleAct::Raise,
        WhistleAct::Instruct,
    ];
    let mut open = Vec::new();
    for &act in WhistleAct::ALL {
        let units: Vec<Option<UnitId>> = if of_unit.contains(&act) {
            whistle.calls.iter().map(|call| Some(call.unit)).collect()
        } else if act == WhistleAct::Rate {
            std::iter::once(whistle.town)
                .chain(whistle.calls.iter().map(|call| call.unit))
                .map(Some)
                .collect()
        } else {
            vec![None]
        };
        for unit in units {
            let may = permitted(principal, act, unit, whistle);
            if may.is_ok_and(|by| takes(whistle, act, unit, by).is_ok()) {
                open.push((act, unit));
            }
        }
    }
    open
}
