//! What may be asked of a mediation. Words come in sealed already.

use super::{AgreementForm, Due, PartyRole, Performance, SessionOutcome};
use crate::cases::Contact;
use crate::id::{CaseId, UnitId};
use crate::sealed::Sealed;
use crate::time::{Day, Timestamp};

/// Somebody in the dispute.
#[derive(Debug, Clone)]
pub struct NewParty {
    /// Their part.
    pub role: PartyRole,
    /// Whether they consent to the mediation.
    pub consents: bool,
    /// Name and how to reach them.
    pub words: Sealed<Contact>,
}

/// A mediation to open.
#[derive(Debug, Clone)]
pub struct Open {
    /// The case it is about.
    pub case: CaseId,
    /// The officer says that a case of another class than MD is a dispute.
    pub other_class: bool,
    /// The parties and their agents.
    pub parties: Vec<NewParty>,
    /// The unit that mediates.
    pub mediator: UnitId,
    /// The mediator's name.
    pub person: Option<Sealed<String>>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum MediationCommand {
    /// 发起调解
    Open(Box<Open>),
    /// 登记当事人
    AddParty(NewParty),
    /// 记录当事人同意
    Consent {
        /// Number of the party.
        party: u32,
    },
    /// 记录当事人退出
    Withdraw {
        /// Number of the party.
        party: u32,
        /// Why, as they say it.
        reason: Sealed<String>,
    },
    /// 指定调解人
    Appoint {
        /// The unit.
        unit: UnitId,
        /// The mediator's name.
        person: Option<Sealed<String>>,
    },
    /// 安排调解
    SetSession {
        /// When.
        at: Timestamp,
        /// Where, and what to bring.
        place: Sealed<String>,
    },
    /// 记录调解情况
    HoldSession {
        /// Number of the session.
        session: u32,
        /// What it came to.
        outcome: SessionOutcome,
        /// In words.
        note: Option<Sealed<String>>,
    },
    /// 延长期限
    Extend {
        /// All parties consent.
        consented: bool,
        /// Why.
        reason: Sealed<String>,
    },
    /// 登记协议
    Agree {
        /// Its form.
        form: AgreementForm,
        /// Its text, or the record of what was said.
        text: Sealed<String>,
        /// The day from which it binds.
        effect: Day,
        /// The last day to perform it.
        perform_by: Day,
    },
    /// 终止调解
    Fail {
        /// Why.
        reason: Sealed<String>,
    },
    /// 回访履行情况
    CheckPerformance {
        /// What was found.
        result: Performance,
        /// In words.
        note: Option<Sealed<String>>,
        /// The last day of a further time to perform.
        perform_by: Option<Day>,
    },
    /// 登记司法确认申请
    AskCourt {
        /// The parties ask together.
        jointly: bool,
        /// The day they asked; none: today.
        on: Option<Day>,
    },
    /// 登记司法确认结果
    AnswerCourt {
        /// Whether the court confirmed it.
        confirmed: bool,
        /// In words.
        note: Option<Sealed<String>>,
    },
    /// A deadline fired
    Timer {
        /// Which.
        due: Due,
        /// The generation it was set with.
        generation: u32,
    },
}
