//! Events of a mediation. What was decided stands in them; whatever could name a person is sealed.

use super::{AgreementForm, PartyRole, Performance, SessionOutcome, Way};
use crate::cases::Contact;
use crate::code::{ClassCode, DivisionCode};
use crate::id::{CaseId, DivisionId, UnitId};
use crate::label::Label;
use crate::sealed::Sealed;
use crate::things::Term;
use crate::time::{Day, Timestamp};
use crate::{events, plain_struct, thing_event, words};

words! {
    /// What falls due in a mediation.
    pub enum Due {
        /// The whole: an agreement or its failure.
        Limit = "limit",
        /// The performance of the agreement.
        Performance = "performance",
        /// The time in which the court may be asked.
        Court = "court",
    }
}

plain_struct! {
    /// Somebody in the dispute.
    pub struct Party {
        /// Number within the mediation, from 1.
        no: u32,
        /// Their part.
        role: PartyRole,
        /// Whether they consent to the mediation.
        consents: bool,
        /// Name and how to reach them.
        words: Sealed<Contact>,
    }
}

plain_struct! {
    /// Who mediates.
    pub struct Mediator {
        /// The unit.
        unit: UnitId,
        /// Its name on that day.
        name: Label,
        /// The mediator's own name.
        person: Option<Sealed<String>>,
    }
}

plain_struct! {
    /// The class of the dispute with its names on that day: all that its title says.
    pub struct DisputeClass {
        /// Class or type.
        class: ClassCode,
        /// Chinese name.
        name_zh: Label,
        /// English name.
        name_en: Label,
    }
}

events! {
    /// What happens to a mediation.
    pub enum MediationEvent {
        /// It was opened.
        Opened("opened", 1) {
            /// The case it is about.
            case: CaseId,
            /// Class of the dispute.
            class: DisputeClass,
            /// The division of the case, for ever.
            division: DivisionId,
            /// Its code on the day of the case's report.
            code: DivisionCode,
            /// Parties and agents.
            parties: Vec<Party>,
            /// Who mediates.
            mediator: Mediator,
            /// Until when it comes to an agreement or fails.
            limit: Term,
        },
        /// Somebody else is in the dispute.
        PartyAdded("party-added", 1) {
            /// Who.
            party: Party,
        },
        /// A party consents to the mediation.
        ConsentNoted("consent-noted", 1) {
            /// Number of the party.
            party: u32,
        },
        /// A party leaves it.
        PartyLeft("party-left", 1) {
            /// Number of the party.
            party: u32,
            /// Why.
            reason: Sealed<String>,
            /// Whether it ends: fewer than two parties are left.
            ends: bool,
            /// The lawful ways that are left.
            ways: Vec<Way>,
        },
        /// Another mediates.
        Appointed("appointed", 1) {
            /// Who.
            mediator: Mediator,
        },
        /// A session was set.
        SessionSet("session-set", 1) {
            /// Number of the session, from 1.
            session: u32,
            /// When.
            at: Timestamp,
            /// Where.
            place: Sealed<String>,
        },
        /// A session was held.
        SessionHeld("session-held", 1) {
            /// Number of the session.
            session: u32,
            /// What it came to.
            outcome: SessionOutcome,
            /// In words.
            note: Option<Sealed<String>>,
        },
        /// The limit was extended.
        Extended("extended", 1) {
            /// The further limit, from the end of the first.
            limit: Term,
            /// Why.
            reason: Sealed<String>,
        },
        /// The limit passed: those who mediate are reminded.
        LimitPassed("limit-passed", 1) {},
        /// There is an agreement.
        Agreed("agreed", 1) {
            /// Its form.
            form: AgreementForm,
            /// Its text or record.
            text: Sealed<String>,
            /// The day from which it binds.
            effect: Day,
            /// The last day to perform it.
            perform_by: Day,
            /// When that day is over.
            perform_due: Timestamp,
            /// When the time to ask the court is over.
            court_until: Timestamp,
        },
        /// It failed.
        Failed("failed", 1) {
            /// Why.
            reason: Sealed<String>,
            /// The lawful ways the parties were told of.
            ways: Vec<Way>,
        },
        /// The time to perform is over: somebody has to look.
        PerformanceDue("performance-due", 1) {},
        /// The performance was checked.
        PerformanceChecked("performance-checked", 1) {
            /// What was found.
            result: Performance,
            /// In words.
            note: Option<Sealed<String>>,
            /// A further last day to perform, and when it is over.
            perform_by: Option<Day>,
            /// When that day is over.
            perform_due: Option<Timestamp>,
            /// The lawful ways that are left when it ends without performance.
            ways: Vec<Way>,
        },
        /// The parties asked the court together to confirm it.
        CourtAsked("court-asked", 1) {
            /// The day.
            on: Day,
        },
        /// The court answered.
        CourtAnswered("court-answered", 1) {
            /// Whether it confirmed the agreement.
            confirmed: bool,
            /// In words.
            note: Option<Sealed<String>>,
        },
        /// The time to ask the court is over.
        CourtPeriodEnded("court-period-ended", 1) {},
    }
}

impl MediationEvent {
    /// The sealed values, as bytes.
    pub(crate) fn sealed_bytes(&self) -> Vec<&[u8]> {
        fn some(sealed: Option<&Sealed<String>>) -> Vec<&[u8]> {
            sealed.map(Sealed::as_bytes).into_iter().collect()
        }
        match self {
            Self::Opened(e) => e
                .parties
                .iter()
                .map(|party| party.words.as_bytes())
                .chain(e.mediator.person.as_ref().map(Sealed::as_bytes))
                .collect(),
            Self::PartyAdded(e) => vec![e.party.words.as_bytes()],
            Self::PartyLeft(e) => vec![e.reason.as_bytes()],
            Self::Appointed(e) => some(e.mediator.person.as_ref()),
            Self::SessionSet(e) => vec![e.place.as_bytes()],
            Self::SessionHeld(e) => some(e.note.as_ref()),
            Self::Extended(e) => vec![e.reason.as_bytes()],
            Self::Agreed(e) => vec![e.text.as_bytes()],
            Self::Failed(e) => vec![e.reason.as_bytes()],
            Self::PerformanceChecked(e) => some(e.note.as_ref()),
            Self::CourtAnswered(e) => some(e.note.as_ref()),
            Self::ConsentNoted(_)
            | Self::LimitPassed(_)
            | Self::PerformanceDue(_)
            | Self::CourtAsked(_)
            | Self::CourtPeriodEnded(_) => Vec::new(),
        }
    }
}

thing_event!(MediationEvent);
