//! The room `mediation` (调解): a dispute is mediated with the consent of its parties until there is an agreement, in writing
//! or by oral record, or until it fails.
//!
//! Facts of the law (人民调解法): mediation is voluntary, and a party may leave it; a written or oral agreement binds; both
//! parties may ask the court together to confirm it within 30 days of its effect (art. 33; the setting
//! `court_confirmation`); when mediation fails it ends, and
//! the parties are told of arbitration, administrative and court ways (art. 26).
//!
//! Invariants: no agreement without two parties who consent; whatever ends without being performed names the lawful ways
//! that are left; a mediation has no position and stands on no map and no public list; its title is the class of the
//! dispute; who the parties are is never in a list, and elsewhere only masked.
//!
//! Who may do what (these acts belong to mediation alone and stand in no table):
//!
//! | act | who |
//! |---|---|
//! | open, for a class under MD | duty officer, duty chief or dispatcher whose area holds the case; staff of a unit with an order of it |
//! | open, for another class | duty officer or duty chief, who says so expressly |
//! | everything after | these desks, and whoever works for the mediating unit |
//!
//! It is seen by those desks, leaders, inspectors, verifiers and auditors of the area, the mediating unit and who opened it.
//! Parties (masked), notes and texts are shown to the desks, verifiers and auditors, and to the mediating unit.

mod apply;
mod command;
mod decide;
mod event;
mod state;
mod timers;

pub use command::{MediationCommand, NewParty, Open};
pub use event::*;
pub use state::{
    Agreement, Checked, Court, Mediation, MediationClock, PartyState, Session, acts_open_to,
    parties_shown_to,
};

use uuid::Uuid;

use crate::access::{Acting, Role};
use crate::id::CaseId;
use crate::refusal::Refusal;
use crate::things::{Alarm, Context, Decided, Ring, Shape, Thing};
use crate::time::Timestamp;
use crate::words;

/// Least parties of a dispute.
pub const LEAST_PARTIES: usize = 2;
/// Most parties and agents of a dispute.
pub const MOST_PARTIES: usize = 50;
/// Most sessions of a mediation.
pub const MOST_SESSIONS: usize = 100;

words! {
    /// Where a mediation stands.
    pub enum MediationStage {
        /// 调解中
        Mediating = "mediating",
        /// 已达成协议
        Agreed = "agreed",
        /// 协议已履行
        Concluded = "concluded",
        /// 协议未履行
        Unperformed = "unperformed",
        /// 调解不成
        Failed = "failed",
        /// 当事人退出
        Withdrawn = "withdrawn",
    }
}

impl MediationStage {
    /// Whether something is still to be done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Mediating | Self::Agreed)
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Mediating => "调解中",
            Self::Agreed => "已达成协议",
            Self::Concluded => "协议已履行",
            Self::Unperformed => "协议未履行",
            Self::Failed => "调解不成",
            Self::Withdrawn => "当事人退出",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Mediating => "being mediated",
            Self::Agreed => "agreed",
            Self::Concluded => "performed",
            Self::Unperformed => "not performed",
            Self::Failed => "failed",
            Self::Withdrawn => "left by a party",
        }
    }
}

words! {
    /// The part of somebody in a dispute.
    pub enum PartyRole {
        /// 当事人
        Party = "party",
        /// 代理人
        Agent = "agent",
    }
}

words! {
    /// What a session came to.
    pub enum SessionOutcome {
        /// 继续调解
        Continues = "continues",
        /// 意见趋于一致
        Nearer = "nearer",
        /// 有一方未到
        Absent = "absent",
        /// 未谈成
        NoResult = "no_result",
    }
}

words! {
    /// The form of an agreement.
    pub enum AgreementForm {
        /// 书面协议
        Written = "written",
        /// 口头协议（由调解员记录）
        Oral = "oral",
    }
}

words! {
    /// What was found when the performance was checked.
    pub enum Performance {
        /// 已履行
        Performed = "performed",
        /// 部分履行
        Partly = "partly",
        /// 未履行
        Not = "not",
    }
}

words! {
    /// A lawful way that is left to the parties.
    pub enum Way {
        /// 仲裁
        Arbitration = "arbitration",
        /// 行政途径
        Administrative = "administrative",
        /// 诉讼
        Court = "court",
        /// 申请强制执行
        Enforcement = "enforcement",
    }
}

impl Way {
    /// The ways that are left when there is no agreement (人民调解法 art. 26).
    pub const WITHOUT_AGREEMENT: [Self; 3] = [Self::Arbitration, Self::Administrative, Self::Court];

    /// What the parties are told, Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Arbitration => "可以依法申请仲裁",
            Self::Administrative => "可以请有关行政机关依法处理",
            Self::Court => "可以向人民法院起诉",
            Self::Enforcement => "协议经法院确认有效，可以向人民法院申请强制执行",
        }
    }

    /// What the parties are told, English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Arbitration => "they may apply for arbitration",
            Self::Administrative => "they may ask the competent administrative body to decide",
            Self::Court => "they may bring an action before the people's court",
            Self::Enforcement => {
                "the court has confirmed the agreement: they may ask it to enforce it"
            }
        }
    }
}

macro_rules! acts {
    ($($act:ident = $word:literal, $zh:literal, $en:literal;)*) => {
        words! {
            /// Acts on a mediation.
            pub enum MediationAct { $(#[doc = $zh] $act = $word,)* }
        }
        impl MediationAct {
            /// Chinese.
            pub fn zh(self) -> &'static str {
                match self { $(Self::$act => $zh,)* }
            }
            /// English.
            pub fn en(self) -> &'static str {
                match self { $(Self::$act => $en,)* }
            }
        }
    };
}

acts! {
    Open = "open", "发起调解", "open a mediation";
    AddParty = "add_party", "登记当事人", "add a party";
    Consent = "consent", "记录当事人同意", "note a party's consent";
    Withdraw = "withdraw", "记录当事人退出", "note that a party leaves";
    Appoint = "appoint", "指定调解人", "appoint the mediator";
    SetSession = "set_session", "安排调解", "set a session";
    HoldSession = "hold_session", "记录调解情况", "note what a session came to";
    Extend = "extend", "延长期限", "extend the limit";
    Agree = "agree", "登记协议", "record the agreement";
    Fail = "fail", "终止调解", "end the mediation as failed";
    CheckPerformance = "check_performance", "回访履行情况", "check the performance";
    AskCourt = "ask_court", "登记司法确认申请", "record that the court is asked to confirm";
    AnswerCourt = "answer_court", "登记司法确认结果", "record the court's answer";
}

impl Thing for Mediation {
    const AGGREGATE: &'static str = "mediation";
    const AREA_ROLES: Option<&'static [Role]> = Some(&[
        Role::DutyOfficer,
        Role::DutyChief,
        Role::Dispatcher,
        Role::Leader,
        Role::Inspector,
        Role::Verifier,
        Role::Auditor,
    ]);
    type Command = MediationCommand;
    type Event = MediationEvent;

    fn decide(
        thing: Option<&Self>,
        command: &MediationCommand,
        context: &Context<'_>,
    ) -> Result<Vec<Decided<MediationEvent>>, Refusal> {
        decide::decide(thing, command, context)
    }

    fn apply(
        thing: &mut Option<Self>,
        id: Uuid,
        event: &MediationEvent,
        by: Acting,
        at: Timestamp,
    ) {
        apply::apply(thing, id, event, by, at);
    }

    fn shape(&self) -> Shape {
        Shape {
            version: self.version,
            stage: self.stage.as_str(),
            open: self.stage.is_open(),
            division: self.division,
            code: self.code.clone(),
            case: Some(self.case),
            person: self.opener,
            updated_at: self.updated_at,
            units: vec![self.mediator],
        }
    }

    fn alarms(&self) -> Vec<Alarm> {
        timers::alarms(self)
    }

    fn ring(event: &MediationEvent) -> Option<Ring> {
        timers::ring(event)
    }

    fn case_of(command: &MediationCommand) -> Option<CaseId> {
        match command {
            MediationCommand::Open(open) => Some(open.case),
            _ => None,
        }
    }

    fn fired(kind: &str, _part: Option<Uuid>, generation: u32) -> Option<MediationCommand> {
        timers::fired(kind, generation)
    }
}
