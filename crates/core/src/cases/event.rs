//! Events of a case. What was decided stands in them; words that could name or describe a person are sealed.

use serde::{Deserialize, Serialize};

use super::{AcknowledgedHow, AddedBy, ClockKind, Part, RingReason, Source};
use crate::code::{CaseNumber, ClassCode, DivisionCode, Level, PlanCode, UnitKind};
use crate::id::{DivisionId, OrderId, PersonId, UnitId};
use crate::label::Label;
use crate::place::Position;
use crate::rules::{Severity, StageLimits, Urgency};
use crate::sealed::{Digest, Sealed};
use crate::time::{Day, Limit, Timestamp};
use crate::{events, plain_struct};

/// The words of a report. Only ever stored sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What was seen.
    pub description: String,
    /// Where, in words.
    pub address: Option<String>,
}

/// How the reporter can be reached. Only ever stored sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    pub name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
}

plain_struct! {
    /// A limit and the instant at which it is over.
    pub struct Deadline {
        /// The limit as the table had it.
        limit: Limit,
        /// When it is over.
        due: Timestamp,
    }
}

impl Deadline {
    /// The deadline of `limit` that starts at `start`. One in working time is due at once: without the calendar it is
    /// rather asked about too early than forgotten.
    pub fn new(limit: Limit, start: Timestamp) -> Self {
        Self {
            limit,
            due: limit.due_from(start).unwrap_or(start),
        }
    }
}

plain_struct! {
    /// A class with what it decided under the rules of the day.
    pub struct Classified {
        /// Class or type.
        class: ClassCode,
        /// Its Chinese name on that day.
        name_zh: Label,
        /// Its English name on that day.
        name_en: Label,
        /// The six limits.
        limits: StageLimits,
        /// The least level at which it closes.
        close_level: Level,
        /// Digest of the rules it was read from.
        rules: Digest,
    }
}

plain_struct! {
    /// An order to one unit.
    pub struct OrderPlaced {
        /// The order.
        id: OrderId,
        /// The first order of its leg: a unit added because another did not answer works on the same leg.
        leg: OrderId,
        /// The unit.
        unit: UnitId,
        /// Its name on that day.
        unit_name: Label,
        /// Its kind.
        kind: UnitKind,
        /// Its part.
        part: Part,
        /// To acknowledge.
        acknowledge: Deadline,
        /// To arrive; none for cc.
        arrive: Option<Deadline>,
        /// The kind called when none of its own kind is left.
        fallback: Option<UnitKind>,
    }
}

events! {
    /// What happens to a case.
    pub enum CaseEvent {
        /// Somebody reported.
        Reported("reported", 1) {
            /// By which way.
            source: Source,
            /// The class, when the reporter chose one.
            classified: Option<Classified>,
            /// Severity.
            severity: Severity,
            /// Urgency.
            urgency: Urgency,
            /// The division of the place, for ever.
            division: DivisionId,
            /// Its code on that day.
            code: DivisionCode,
            /// The centre it goes to, by code.
            centre: DivisionCode,
            /// The centre's unit; none where none is registered.
            centre_unit: Option<UnitId>,
            /// The person who reported; none for residents.
            reporter: Option<PersonId>,
            /// What was seen.
            words: Sealed<Words>,
            /// How to reach the reporter.
            contact: Option<Sealed<Contact>>,
            /// Where.
            position: Option<Sealed<Position>>,
            /// Hash of the resident's receipt.
            receipt: Option<Digest>,
            /// To accept.
            accept: Deadline,
        },
        /// The centre took the case.
        Accepted("accepted", 1) {
            /// A class set with it.
            classified: Option<Classified>,
            /// Severity.
            severity: Severity,
            /// Urgency.
            urgency: Urgency,
            /// To dispatch.
            dispatch: Deadline,
        },
        /// The centre did not take the case.
        Refused("refused", 1) {
            /// Why.
            reason: Sealed<String>,
        },
        /// Sent back to the reporter for more.
        ReturnedForInfo("returned-for-info", 1) {
            /// What is missing.
            reason: Sealed<String>,
        },
        /// More was given.
        InfoSupplied("info-supplied", 1) {
            /// What was added.
            text: Sealed<String>,
            /// To accept, from now.
            accept: Deadline,
        },
        /// The case got its number.
        Filed("filed", 1) {
            /// The number.
            number: CaseNumber,
            /// Day of filing.
            day: Day,
            /// Serial of the centre on that day.
            serial: u32,
        },
        /// Several units were sent at once.
        Dispatched("dispatched", 1) {
            /// The plan followed; none when chosen by hand.
            plan: Option<PlanCode>,
            /// To handle.
            handle: Deadline,
            /// The orders.
            orders: Vec<OrderPlaced>,
        },
        /// A further unit was sent.
        OrderAdded("order-added", 1) {
            /// The order.
            order: OrderPlaced,
            /// By whom or by which rule.
            by: AddedBy,
            /// The order that was not acknowledged.
            because: Option<OrderId>,
            /// Why a person added it.
            reason: Option<Sealed<String>>,
        },
        /// The unit knows.
        Acknowledged("acknowledged", 1) {
            /// The order.
            order: OrderId,
            /// How.
            how: AcknowledgedHow,
            /// When the unit was told, if by telephone.
            told_at: Option<Timestamp>,
            /// Who was told, if by telephone.
            whom: Option<Sealed<String>>,
            /// Why the unit did not acknowledge itself, if by telephone.
            reason: Option<Sealed<String>>,
        },
        /// The unit is on the spot.
        Arrived("arrived", 1) {
            /// The order.
            order: OrderId,
            /// Metres to the case; none when one of the two positions is not known.
            metres: Option<u32>,
        },
        /// The unit handed in its result.
        FedBack("fed-back", 1) {
            /// The order.
            order: OrderId,
            /// The result.
            result: Sealed<String>,
        },
        /// Every mandatory leg is handed in.
        Handled("handled", 1) {
            /// To check.
            verify: Deadline,
        },
        /// Somebody other than the handlers checked and found it done.
        Verified("verified", 1) {
            /// What was found.
            note: Option<Sealed<String>>,
        },
        /// The check found it not done: these orders are worked on again.
        CheckFailed("check-failed", 1) {
            /// Orders to be worked on again.
            orders: Vec<OrderId>,
            /// What was found.
            note: Option<Sealed<String>>,
            /// To handle, from now.
            handle: Deadline,
        },
        /// The case is closed; orders still open end with it.
        Closed("closed", 1) {
            /// Orders that ended with the case.
            stood_down: Vec<OrderId>,
        },
        /// The case was a mistake.
        Voided("voided", 1) {
            /// Why.
            reason: Sealed<String>,
            /// Orders that ended with the case.
            stood_down: Vec<OrderId>,
        },
        /// A person or a timer reminded those who are waited for.
        Reminded("reminded", 1) {
            /// The orders reminded; empty when the centre was.
            orders: Vec<OrderId>,
        },
        /// A limit passed.
        Overdue("overdue", 1) {
            /// Which.
            clock: ClockKind,
            /// Of which order.
            order: Option<OrderId>,
        },
        /// The desk of the centre rang.
        DeskRung("desk-rung", 1) {
            /// Why.
            reason: RingReason,
            /// About which order.
            order: Option<OrderId>,
        },
    }
}

impl CaseEvent {
    /// The sealed values of the event, as bytes: `check` opens each.
    pub fn sealed(&self) -> Vec<&[u8]> {
        fn some<T>(sealed: Option<&Sealed<T>>) -> impl Iterator<Item = &[u8]> {
            sealed.map(Sealed::as_bytes).into_iter()
        }
        match self {
            Self::Reported(e) => std::iter::once(e.words.as_bytes())
                .chain(some(e.contact.as_ref()))
                .chain(some(e.position.as_ref()))
                .collect(),
            Self::Refused(e) => vec![e.reason.as_bytes()],
            Self::ReturnedForInfo(e) => vec![e.reason.as_bytes()],
            Self::InfoSupplied(e) => vec![e.text.as_bytes()],
            Self::OrderAdded(e) => some(e.reason.as_ref()).collect(),
            Self::Acknowledged(e) => some(e.whom.as_ref())
                .chain(some(e.reason.as_ref()))
                .collect(),
            Self::FedBack(e) => vec![e.result.as_bytes()],
            Self::Verified(e) => some(e.note.as_ref()).collect(),
            Self::CheckFailed(e) => some(e.note.as_ref()).collect(),
            Self::Voided(e) => vec![e.reason.as_bytes()],
            Self::Accepted(_)
            | Self::Filed(_)
            | Self::Dispatched(_)
            | Self::Arrived(_)
            | Self::Handled(_)
            | Self::Closed(_)
            | Self::Reminded(_)
            | Self::Overdue(_)
            | Self::DeskRung(_) => Vec::new(),
        }
    }
}
