//! The room `cases`: one case from report to closing.
//!
//! [`decide`] answers a command with events or a refusal; [`apply`] folds one event into the state. `apply` looks nothing up:
//! limits, due times, centre, class and plan were decided once and stand in the event.
//!
//! Invariants: a case that is open has an owner (its centre) and a next deadline; nobody checks or closes what they handled;
//! closing needs every mandatory leg handed in and checked; a unit that was called stays called until the case ends or a
//! person withdraws its order.

mod apply;
mod clocks;
mod command;
mod decide;
mod event;
mod levels;
mod orders;
mod procedure;
mod requests;
mod staffing;
mod stages;
mod state;
mod timers;
mod view;

pub use apply::apply;
pub use clocks::{deadline, is_reckoned_anew};
pub use command::{CaseCommand, Classing, NewOrder, Report};
pub use decide::{Context, Decided, decide};
pub use event::*;
pub use orders::{Proposal, ProposedOrder, propose};
pub use stages::{order_takes, stages_of};
pub use state::{CaseState, Clock, Order, Request, Suspension};
pub use view::{NextStep, acts_open_to, next_step, title};

use crate::words;

words! {
    /// Where a case stands.
    pub enum Stage {
        /// 已上报
        Reported = "reported",
        /// 退回补充
        Returned = "returned",
        /// 已受理
        Accepted = "accepted",
        /// 已立案
        Filed = "filed",
        /// 处置中
        Dispatched = "dispatched",
        /// 待核查
        Handled = "handled",
        /// 已核查
        Verified = "verified",
        /// 已结案
        Closed = "closed",
        /// 不予受理
        Refused = "refused",
        /// 已作废
        Voided = "voided",
        /// 挂账: the clocks stand still
        Suspended = "suspended",
        /// 已并单: it goes on in another case
        Merged = "merged",
    }
}

impl Stage {
    /// Whether something is still to be done here. A merged case goes on in another one.
    pub fn is_open(self) -> bool {
        !matches!(
            self,
            Self::Closed | Self::Refused | Self::Voided | Self::Merged
        )
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Reported => "待受理",
            Self::Returned => "退回补充",
            Self::Accepted => "已受理",
            Self::Filed => "已立案",
            Self::Dispatched => "处置中",
            Self::Handled => "待核查",
            Self::Verified => "待结案",
            Self::Closed => "已结案",
            Self::Refused => "不予受理",
            Self::Voided => "已作废",
            Self::Suspended => "挂账",
            Self::Merged => "已并单",
        }
    }
}

words! {
    /// By which way a report came.
    pub enum Source {
        /// A grid worker's phone.
        Phone = "phone",
        /// Written down at a desk.
        Desk = "desk",
        /// A resident without an account.
        Resident = "resident",
    }
}

words! {
    /// The part of a unit in a case.
    pub enum Part {
        /// 主办
        Lead = "lead",
        /// 协办
        Assist = "assist",
        /// 抄告
        Cc = "cc",
    }
}

impl Part {
    /// Whether the case waits for this unit's result.
    pub fn is_mandatory(self) -> bool {
        self != Self::Cc
    }
}

words! {
    /// How far an order is.
    pub enum OrderStage {
        /// 已派出
        Sent = "sent",
        /// 已签收
        Acknowledged = "acknowledged",
        /// 已到场
        Arrived = "arrived",
        /// 已反馈
        FedBack = "fed_back",
        /// 随案结束
        StoodDown = "stood_down",
        /// 已撤单
        Withdrawn = "withdrawn",
    }
}

impl OrderStage {
    /// Whether the unit still has something to do or to wait for.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Sent | Self::Acknowledged | Self::Arrived)
    }
}

words! {
    /// What a clock measures.
    pub enum ClockKind {
        /// 受理
        Accept = "accept",
        /// 派遣
        Dispatch = "dispatch",
        /// 签收, of one order
        Acknowledge = "acknowledge",
        /// 到场, of one order
        Arrive = "arrive",
        /// 处置
        Handle = "handle",
        /// 核查
        Verify = "verify",
        /// 核实, by the worker to whom a report was relayed
        Confirm = "confirm",
        /// 审批, of one request
        Decide = "decide",
        /// 恢复: the end of a suspension
        Resume = "resume",
        /// 交办时限: the level above handed the case down with it
        Finish = "finish",
        /// 回访结案
        CallBack = "call_back",
        /// 补充, by the reporter
        Supply = "supply",
    }
}

impl ClockKind {
    /// Whether it stands still when the case is handed to another level or returned: the step it measures is over.
    pub(crate) fn of_step(self) -> bool {
        !matches!(self, Self::Finish | Self::Acknowledge | Self::Arrive)
    }
}

words! {
    /// What is asked of the centre about an order or a case.
    pub enum RequestKind {
        /// 派单异议
        Objection = "objection",
        /// 延期
        Extension = "extension",
        /// 挂账
        Suspension = "suspension",
        /// 作废
        Voiding = "voiding",
    }
}

words! {
    /// How closely a case is supervised. It only rises.
    pub enum Supervision {
        /// 普通督办
        Normal = "normal",
        /// 黄牌督办
        YellowCard = "yellow_card",
        /// 红牌督办
        RedCard = "red_card",
    }
}

words! {
    /// A rung of the ladder that a clock climbs while nobody acts.
    pub enum Rung {
        /// 临期
        Yellow = "yellow",
        /// 逾期
        Red = "red",
        /// 黄牌
        YellowCard = "yellow_card",
        /// 红牌
        RedCard = "red_card",
        /// 再次提醒
        Again = "again",
    }
}

words! {
    /// What the reporter thinks of the outcome.
    pub enum Satisfaction {
        /// 满意
        Satisfied = "satisfied",
        /// 基本满意
        Basic = "basic",
        /// 不满意
        Dissatisfied = "dissatisfied",
    }
}

words! {
    /// Why a case went to the level above.
    pub enum UpBecause {
        /// A person passed it up.
        Person = "person",
        /// Nobody at the centre acted, up to the last rung of the ladder.
        Unanswered = "unanswered",
        /// The reporter is dissatisfied for the second time.
        Dissatisfied = "dissatisfied",
        /// The check failed for the second time.
        CheckFailed = "check_failed",
    }
}

words! {
    /// Why a case is worked on again.
    pub enum AgainBecause {
        /// The duty chief reopened it.
        Person = "person",
        /// The reporter asked for it or is dissatisfied.
        Reporter = "reporter",
        /// A call-back found it not solved.
        CallBack = "call_back",
    }
}

words! {
    /// How an order was acknowledged.
    pub enum AcknowledgedHow {
        /// By the unit itself.
        Unit = "unit",
        /// Told by telephone, written down by the officer.
        Telephone = "telephone",
    }
}

words! {
    /// Why an order was sent beside the dispatch.
    pub enum AddedBy {
        /// A person added the unit.
        Person = "person",
        /// An order was not acknowledged: the next unit of the same kind.
        SameKind = "same_kind",
        /// An order was not acknowledged and none of its kind was left: the fallback kind.
        FallbackKind = "fallback_kind",
    }
}

words! {
    /// Why the officer's desk rings.
    pub enum RingReason {
        /// An urgent case came in.
        NewUrgent = "new_urgent",
        /// An order was not acknowledged in time; a further unit was called.
        NotAcknowledged = "not_acknowledged",
        /// An order was not acknowledged and nobody is left to call.
        NoFurtherUnit = "no_further_unit",
        /// Another limit passed.
        Overdue = "overdue",
        /// A request waits for a decision.
        Request = "request",
        /// The case came from another level.
        Passed = "passed",
        /// A reporter is dissatisfied.
        Dissatisfied = "dissatisfied",
        /// A rule skips levels: this centre is told at once.
        Alerted = "alerted",
        /// After days off: one digest for all that ran out meanwhile.
        CaughtUp = "caught_up",
    }
}
