//! What may be asked of a case. Words come in sealed already; ids of new things come from the sender or the engine.

use super::{Contact, Part, Source, Words};
use crate::code::{ClassCode, DivisionCode, PlanCode};
use crate::id::{OrderId, UnitId};
use crate::place::{Point, Position};
use crate::rules::{Severity, Urgency};
use crate::sealed::{Digest, Sealed};
use crate::time::Timestamp;

/// A report.
#[derive(Debug, Clone)]
pub struct Report {
    /// By which way.
    pub source: Source,
    /// Class, severity and urgency as the reporter sees them.
    pub classing: Classing,
    /// Where: a town or a community, better a community.
    pub place: DivisionCode,
    /// Words.
    pub words: Sealed<Words>,
    /// How to reach the reporter.
    pub contact: Option<Sealed<Contact>>,
    /// Position, sealed and in the open.
    pub position: Option<(Sealed<Position>, Point)>,
    /// Hash of a resident's receipt.
    pub receipt: Option<Digest>,
}

/// Class, severity and urgency, as far as said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classing {
    /// Class or type.
    pub class: Option<ClassCode>,
    /// Severity.
    pub severity: Option<Severity>,
    /// Urgency.
    pub urgency: Option<Urgency>,
}

impl Classing {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A unit to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// The unit.
    pub unit: UnitId,
    /// Its part.
    pub part: Part,
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum CaseCommand {
    /// 上报
    Report(Box<Report>),
    /// 受理, with a class if the report has none or a wrong one
    Accept(Classing),
    /// 不予受理
    Refuse(Sealed<String>),
    /// 退回补充
    ReturnForInfo(Sealed<String>),
    /// 补充材料
    SupplyInfo(Sealed<String>),
    /// 立案
    File,
    /// 派遣 by a plan: the units that fit best now
    DispatchByPlan(PlanCode),
    /// 派遣 to chosen units, following a plan's limits where the plan knows the kind
    Dispatch {
        /// The plan whose limits apply.
        plan: Option<PlanCode>,
        /// The units.
        orders: Vec<NewOrder>,
    },
    /// 加派
    AddUnit {
        /// The unit.
        order: NewOrder,
        /// Why.
        reason: Sealed<String>,
    },
    /// 签收
    Acknowledge(OrderId),
    /// 代签收: told by telephone
    AcknowledgeFor {
        /// The order.
        order: OrderId,
        /// When the unit was told.
        told_at: Timestamp,
        /// Who was told, in what words.
        whom: Sealed<String>,
        /// Why the unit did not acknowledge itself.
        reason: Sealed<String>,
    },
    /// 到场
    Arrive {
        /// The order.
        order: OrderId,
        /// Where the unit is; only the distance is kept.
        at: Option<Point>,
    },
    /// 反馈结果
    FeedBack {
        /// The order.
        order: OrderId,
        /// The result.
        result: Sealed<String>,
    },
    /// 核查
    Verify {
        /// Whether it is done.
        passed: bool,
        /// What was found.
        note: Option<Sealed<String>>,
        /// Orders to be worked on again when it is not done; empty: all mandatory ones that were handed in.
        orders: Vec<OrderId>,
    },
    /// 结案
    Close,
    /// 作废
    Void(Sealed<String>),
    /// 催办: an order, or all that are waited for
    Remind(Option<OrderId>),
    /// A timer fired
    Timer {
        /// Which clock.
        clock: super::ClockKind,
        /// Of which order.
        order: Option<OrderId>,
        /// The generation it was set with.
        generation: u32,
    },
}
