//! What may be asked of a whistle. Words come in sealed already; distances are reckoned before.

use super::{Rating, TaskOutcome, WhistleKind, WhistleOutcome};
use crate::code::DivisionCode;
use crate::id::{CaseId, UnitId};
use crate::place::Position;
use crate::sealed::Sealed;
use crate::time::Timestamp;

/// A whistle to blow.
#[derive(Debug, Clone)]
pub struct Blow {
    /// What for.
    pub kind: WhistleKind,
    /// The case it is about.
    pub case: Option<CaseId>,
    /// Where.
    pub place: DivisionCode,
    /// Where exactly, sealed.
    pub position: Option<Sealed<Position>>,
    /// Why.
    pub reason: Sealed<String>,
    /// The units called.
    pub units: Vec<UnitId>,
    /// The units that are told and not called (抄告).
    pub copies: Vec<UnitId>,
}

/// A task for a unit that is there.
#[derive(Debug, Clone)]
pub struct Task {
    /// The unit.
    pub unit: UnitId,
    /// What it has to do.
    pub text: Sealed<String>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum WhistleCommand {
    /// 吹哨
    Blow(Box<Blow>),
    /// 应哨: the unit comes, by when
    Answer {
        /// The unit.
        unit: UnitId,
        /// By when it is there; none: within the limit of the kind.
        by: Option<Timestamp>,
    },
    /// 答复不来
    Refuse {
        /// The unit.
        unit: UnitId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 到场签到
    Arrive {
        /// The unit.
        unit: UnitId,
        /// Metres to the place, when both positions are known.
        metres: Option<u32>,
    },
    /// 分派任务
    Tasks(Vec<Task>),
    /// 办结任务
    Finish {
        /// The unit.
        unit: UnitId,
        /// What its task came to.
        outcome: TaskOutcome,
        /// What was done.
        result: Sealed<String>,
    },
    /// 同意撤回
    Release {
        /// The unit.
        unit: UnitId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 上报上级: up with reasons
    Raise {
        /// The unit it is about.
        unit: UnitId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 限期交办: down with a deadline
    Instruct {
        /// The unit.
        unit: UnitId,
        /// Until when.
        by: Timestamp,
        /// What is said to it.
        words: Sealed<String>,
    },
    /// 收哨
    Close {
        /// What it came to.
        outcome: WhistleOutcome,
        /// In words.
        note: Option<Sealed<String>>,
    },
    /// 互评
    Rate {
        /// The unit that is rated.
        unit: UnitId,
        /// How.
        level: Rating,
    },
    /// A deadline fired
    Timer {
        /// What was waited for.
        waiting: super::Waiting,
        /// Of which unit; none: of both sides.
        unit: Option<UnitId>,
        /// The generation it was set with.
        generation: u32,
    },
}
