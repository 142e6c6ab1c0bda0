//! What may be asked of a case. Words come in sealed already; ids of new things come from the sender or the engine.

use super::{ClockKind, Contact, Part, Satisfaction, Source, Supervision, Words};
use crate::code::{ClassCode, ConditionCode, DivisionCode, PlanCode};
use crate::id::{CaseId, OrderId, UnitId};
use crate::place::{Point, Position};
use crate::rules::{Severity, Urgency};
use crate::sealed::{Digest, Sealed};
use crate::time::{Limit, Timestamp};

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
    /// What the worker did about it on the spot (当场处置): the light lane.
    pub solved: Option<Sealed<String>>,
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
    /// 核实
    Confirm {
        /// Whether it is as reported.
        found: bool,
        /// What was found.
        note: Option<Sealed<String>>,
        /// Where the worker is; only the distance is kept.
        at: Option<Point>,
    },
    /// 转办来报: to the post of a worker near the place
    Relay(UnitId),
    /// 定类定级
    SetClass(Classing),
    /// 当场处置, of one's own report
    SolveOnSpot(Sealed<String>),
    /// 立案, by a filing condition where the class has one that is met
    File(Option<ConditionCode>),
    /// 派遣 by a plan: the units that fit best now
    DispatchByPlan(PlanCode),
    /// 派遣 to chosen units, following a plan's limits where the plan knows the kind
    Dispatch {
        /// The plan whose limits apply.
        plan: Option<PlanCode>,
        /// The units.
        orders: Vec<NewOrder>,
        /// The order beneath which they are sent, of a case that is dispatched already.
        under: Option<OrderId>,
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
    /// 办理: how far it is
    Handle {
        /// The order.
        order: OrderId,
        /// How far.
        note: Sealed<String>,
    },
    /// 反馈结果
    FeedBack {
        /// The order.
        order: OrderId,
        /// The result.
        result: Sealed<String>,
    },
    /// 派单异议
    ObjectOrder {
        /// The order.
        order: OrderId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 审核异议
    DecideObjection {
        /// The order.
        order: OrderId,
        /// Whether the unit is right.
        upheld: bool,
        /// The unit in its place; a lead is never left without one.
        unit: Option<UnitId>,
        /// Why.
        reason: Sealed<String>,
    },
    /// 申请延期
    RequestExtension {
        /// The order.
        order: OrderId,
        /// How much more.
        limit: Limit,
        /// Why.
        reason: Sealed<String>,
    },
    /// 审批延期
    DecideExtension {
        /// The order.
        order: OrderId,
        /// Whether more time is granted.
        granted: bool,
        /// How much, when it is less than asked for.
        limit: Option<Limit>,
        /// Why.
        reason: Sealed<String>,
    },
    /// 申请挂账
    RequestSuspend {
        /// The order.
        order: OrderId,
        /// For how long.
        limit: Limit,
        /// Why.
        reason: Sealed<String>,
    },
    /// 挂账, on a unit's request or of one's own accord; or the request is turned down
    Suspend {
        /// The order whose unit asked.
        order: Option<OrderId>,
        /// Whether the clocks stand still.
        granted: bool,
        /// For how long; what was asked for when not said.
        limit: Option<Limit>,
        /// Why.
        reason: Sealed<String>,
    },
    /// 恢复
    Resume(Sealed<String>),
    /// 撤单
    WithdrawOrder {
        /// The order.
        order: OrderId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 改派
    Redispatch {
        /// The order that ends.
        order: OrderId,
        /// The unit in its place.
        unit: UnitId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 指定承办: the unit may not object; the same unit may be designated
    Designate {
        /// The order that ends.
        order: OrderId,
        /// The unit in its place.
        unit: UnitId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 上报上级
    PassUp(Sealed<String>),
    /// 交办下级
    PassDown {
        /// The division whose centre takes it.
        to: DivisionCode,
        /// To have it closed.
        limit: Limit,
        /// Why.
        reason: Sealed<String>,
    },
    /// 并单
    Merge {
        /// The case in which this one goes on.
        into: CaseId,
        /// Why.
        reason: Sealed<String>,
    },
    /// 拆单
    Unmerge(Sealed<String>),
    /// 加急
    MarkUrgent(Sealed<String>),
    /// 设为保密
    MarkConfidential(Sealed<String>),
    /// 核查
    Verify {
        /// Whether it is done.
        passed: bool,
        /// What was found.
        note: Option<Sealed<String>>,
        /// Orders to be worked on again when it is not done; empty: all mandatory ones that were handed in.
        orders: Vec<OrderId>,
    },
    /// 回访
    CallBack {
        /// Whether somebody answered.
        reached: bool,
        /// Whether it is solved, in the reporter's words; needed when somebody answered.
        solved: Option<bool>,
        /// How satisfied.
        satisfaction: Option<Satisfaction>,
        /// What was said.
        note: Option<Sealed<String>>,
    },
    /// 结案
    Close,
    /// 评价
    Rate {
        /// Whether it is solved.
        solved: bool,
        /// How satisfied.
        satisfaction: Satisfaction,
        /// What is to be said.
        note: Option<Sealed<String>>,
    },
    /// 重办
    Reopen(Sealed<String>),
    /// 申请作废
    RequestVoid(Sealed<String>),
    /// 作废, or the request is turned down
    Void {
        /// Whether it is voided.
        granted: bool,
        /// Why.
        reason: Sealed<String>,
    },
    /// 催办: an order, or all that are waited for
    Remind(Option<OrderId>),
    /// 督办, with or without a card
    Supervise {
        /// How closely.
        level: Supervision,
        /// About which order.
        order: Option<OrderId>,
        /// Why.
        reason: Sealed<String>,
    },
    /// 批示
    Instruct(Sealed<String>),
    /// A timer fired
    Timer {
        /// Which clock.
        clock: ClockKind,
        /// Of which order.
        order: Option<OrderId>,
        /// The generation it was set with.
        generation: u32,
        /// Found after days off: straight to the highest rung, and no desk rings; one digest says it.
        caught_up: bool,
    },
    /// A new calendar came: provisional deadlines are reckoned again
    Recompute,
}
