//! The room `cases`: one case from report to closing.
//!
//! [`decide`] answers a command with events or a refusal; [`apply`] folds one event into the state. `apply` looks nothing up:
//! limits, due times, centre, class and plan were decided once and stand in the event.
//!
//! Invariants: a case that is open has an owner (its centre); nobody checks or closes what they handled; closing needs every
//! mandatory leg handed in and checked; a unit that was called stays called until the case ends.

mod apply;
mod command;
mod decide;
mod event;
mod orders;
mod state;
mod timers;
mod view;

pub use apply::apply;
pub use command::{CaseCommand, Classing, NewOrder, Report};
pub use decide::{Context, Decided, decide};
pub use event::*;
pub use orders::{Proposal, ProposedOrder, propose};
pub use state::{CaseState, Clock, Order};
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
    }
}

impl Stage {
    /// Whether something is still to be done.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Refused | Self::Voided)
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
        /// 确认: a report passed on, confirmed by the grid worker of the place
        Confirm = "confirm",
        /// 审批: an extension, a suspension, a voiding or an objection
        Decide = "decide",
        /// 恢复: of a suspended case
        Resume = "resume",
        /// 完成: of a piece of work given to one unit
        Finish = "finish",
        /// 回访
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
    }
}
