//! The present state of a mediation, who is shown the parties, and the acts open to somebody who looks at it.

use serde::{Deserialize, Serialize};

use super::decide::{permitted, takes};
use super::{
    AgreementForm, DisputeClass, Due, MediationAct, MediationStage, PartyRole, Performance,
    SessionOutcome, Way,
};
use crate::access::{Principal, Role};
use crate::cases::Contact;
use crate::code::DivisionCode;
use crate::id::{CaseId, DivisionId, MediationId, PersonId, UnitId};
use crate::label::Label;
use crate::sealed::Sealed;
use crate::things;
use crate::time::{Day, Timestamp};

/// Somebody in the dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyState {
    /// Number within the mediation, from 1.
    pub no: u32,
    /// Their part.
    pub role: PartyRole,
    /// Whether they consent to the mediation.
    pub consents: bool,
    /// When they left it.
    pub left_at: Option<Timestamp>,
    /// Name and how to reach them.
    pub words: Sealed<Contact>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Number, from 1.
    pub no: u32,
    /// When.
    pub at: Timestamp,
    /// Where.
    pub place: Sealed<String>,
    /// What it came to.
    pub outcome: Option<SessionOutcome>,
    /// In words.
    pub note: Option<Sealed<String>>,
}

/// A check of the performance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// When.
    pub at: Timestamp,
    /// What was found.
    pub result: Performance,
    /// In words.
    pub note: Option<Sealed<String>>,
}

/// What the court was asked and said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Court {
    /// The day the parties asked.
    pub asked_on: Day,
    /// Whether it confirmed the agreement.
    pub confirmed: Option<bool>,
    /// In words.
    pub note: Option<Sealed<String>>,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its form.
    pub form: AgreementForm,
    /// Its text or record.
    pub text: Sealed<String>,
    /// The day from which it binds.
    pub effect: Day,
    /// The last day to perform it.
    pub perform_by: Day,
    /// When the time to ask the court is over.
    pub court_until: Timestamp,
    /// Checks of the performance.
    pub checks: Vec<Checked>,
    /// What the court was asked.
    pub court: Option<Court>,
}

/// A deadline of a mediation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediationClock {
    /// Which.
    pub due: Due,
    /// When.
    pub at: Timestamp,
    /// Version of the mediation that set it.
    pub generation: u32,
    /// When it was found passed.
    pub passed: Option<Timestamp>,
}

/// A mediation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mediation {
    /// The mediation.
    pub id: MediationId,
    /// Number of events so far.
    pub version: u32,
    /// Where it stands.
    pub stage: MediationStage,
    /// The case it is about.
    pub case: CaseId,
    /// Class of the dispute.
    pub class: DisputeClass,
    /// The division of the case.
    pub division: DivisionId,
    /// Its code.
    pub code: DivisionCode,
    /// The person who opened it.
    pub opener: Option<PersonId>,
    /// The mediating unit.
    pub mediator: UnitId,
    /// Its name when it was appointed.
    pub mediator_name: Label,
    /// The mediator's name.
    pub mediator_person: Option<Sealed<String>>,
    /// Parties and agents.
    pub parties: Vec<PartyState>,
    /// Sessions.
    pub sessions: Vec<Session>,
    /// Whether the limit was extended.
    pub extended: bool,
    /// The agreement.
    pub agreement: Option<Agreement>,
    /// Why it was extended, failed or left, whichever was last.
    pub reason: Option<Sealed<String>>,
    /// The lawful ways the parties were told of.
    pub ways: Vec<Way>,
    /// Its deadlines.
    pub clocks: Vec<MediationClock>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its last event was.
    pub updated_at: Timestamp,
}

impl Mediation {
    /// Somebody by their number.
    pub fn party(&self, no: u32) -> Option<&PartyState> {
        self.parties.iter().find(|party| party.no == no)
    }

    /// The parties (not their agents) who have not left.
    pub fn present_parties(&self) -> impl Iterator<Item = &PartyState> {
        self.parties
            .iter()
            .filter(|party| party.role == PartyRole::Party && party.left_at.is_none())
    }

    /// A deadline.
    pub fn clock(&self, due: Due) -> Option<&MediationClock> {
        self.clocks.iter().find(|clock| clock.due == due)
    }
}

/// Whether `principal` is shown the parties (masked), notes and texts.
pub fn parties_shown_to(principal: &Principal, mediation: &Mediation) -> bool {
    let judges = principal.posts().iter().any(|post| {
        matches!(
            post.role,
            Role::DutyOfficer | Role::DutyChief | Role::Dispatcher | Role::Verifier | Role::Auditor
        ) && post.covers(&mediation.code)
    });
    judges || things::own_units(principal).any(|unit| unit == mediation.mediator)
}

/// The acts that `principal` may do now.
pub fn acts_open_to(principal: &Principal, mediation: &Mediation) -> Vec<MediationAct> {
    MediationAct::ALL
        .iter()
        .copied()
        .filter(|act| {
            permitted(principal, *act, mediation).is_ok() && takes(mediation, *act).is_ok()
        })
        .collect()
}
