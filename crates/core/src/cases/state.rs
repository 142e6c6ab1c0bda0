//! The present state of a case: what the events so far amount to.

use serde::{Deserialize, Serialize};

use super::{
    AcknowledgedHow, AddedBy, Classified, ClockKind, Contact, OrderStage, Part, Source, Stage,
    Words,
};
use crate::access::Act;
use crate::code::{CaseNumber, DivisionCode, PlanCode, UnitKind};
use crate::id::{CaseId, DivisionId, OrderId, PersonId, UnitId};
use crate::label::Label;
use crate::place::{Point, Position};
use crate::rules::{Severity, Urgency};
use crate::sealed::{Digest, Sealed};
use crate::time::{Limit, Timestamp};

/// A running or stopped clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it measures.
    pub kind: ClockKind,
    /// Of which order.
    pub order: Option<OrderId>,
    /// The limit.
    pub limit: Limit,
    /// Start.
    pub started: Timestamp,
    /// When the limit is over.
    pub due: Timestamp,
    /// Version of the case that set it: a timer that was set again has another generation.
    pub generation: u32,
    /// When it was stopped.
    pub stopped: Option<Timestamp>,
    /// Whether what it measured was done (not: ended with the case).
    pub done: bool,
    /// When the limit was found passed.
    pub fired: Option<Timestamp>,
}

impl Clock {
    /// Whether a timer is waiting for it.
    pub fn is_armed(&self) -> bool {
        self.stopped.is_none() && self.fired.is_none()
    }
}

/// An order and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// The first order of its leg.
    pub leg: OrderId,
    /// The unit.
    pub unit: UnitId,
    /// Its name when it was sent.
    pub unit_name: Label,
    /// Its kind.
    pub kind: UnitKind,
    /// Its part.
    pub part: Part,
    /// How far it is.
    pub stage: OrderStage,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Limit to acknowledge, for a unit added in its place.
    pub acknowledge_limit: Limit,
    /// The kind called when none of its own kind is left.
    pub fallback: Option<UnitKind>,
    /// Sent beside the dispatch: how, and because of which order.
    pub added: Option<(AddedBy, Option<OrderId>)>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// How it was acknowledged.
    pub acknowledged_how: Option<AcknowledgedHow>,
    /// Not acknowledged within its limit.
    pub late: bool,
    /// When the unit arrived.
    pub arrived_at: Option<Timestamp>,
    /// Metres to the case at arrival.
    pub arrived_metres: Option<u32>,
    /// When the result was handed in.
    pub fed_back_at: Option<Timestamp>,
    /// The result.
    pub result: Option<Sealed<String>>,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseState {
    /// The case.
    pub id: CaseId,
    /// Number of events so far.
    pub version: u32,
    /// Where it stands.
    pub stage: Stage,
    /// By which way it came.
    pub source: Source,
    /// Class with its limits.
    pub classified: Option<Classified>,
    /// Severity.
    pub severity: Severity,
    /// Urgency.
    pub urgency: Urgency,
    /// The division of the place.
    pub division: DivisionId,
    /// Its code on the day of the report.
    pub code: DivisionCode,
    /// The centre's code.
    pub centre: DivisionCode,
    /// The centre's unit.
    pub centre_unit: Option<UnitId>,
    /// The person who reported.
    pub reporter: Option<PersonId>,
    /// What was seen.
    pub words: Sealed<Words>,
    /// How to reach the reporter.
    pub contact: Option<Sealed<Contact>>,
    /// Where, sealed.
    pub position: Option<Sealed<Position>>,
    /// Where, in the open: held by the live row until the case ends, never in the journal nor in the stored state.
    #[serde(skip)]
    pub point: Option<Point>,
    /// Hash of the resident's receipt.
    pub receipt: Option<Digest>,
    /// The number given at filing.
    pub number: Option<CaseNumber>,
    /// The plan followed.
    pub plan: Option<PlanCode>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// When the last event was.
    pub updated_at: Timestamp,
    /// The orders in the order in which they were sent.
    pub orders: Vec<Order>,
    /// All clocks, running and stopped.
    pub clocks: Vec<Clock>,
    /// Who did what: for the acts that are kept apart.
    pub did: Vec<(Act, PersonId)>,
    /// Why it was returned, refused or voided.
    pub reason: Option<Sealed<String>>,
    /// What was added after it was returned.
    pub supplied: Vec<Sealed<String>>,
}

impl CaseState {
    /// An order by its id.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.iter().find(|order| order.id == id)
    }

    /// Whether a mandatory leg has been handed in by one of its units.
    pub fn leg_is_done(&self, leg: OrderId) -> bool {
        self.orders
            .iter()
            .any(|order| order.leg == leg && order.stage == OrderStage::FedBack)
    }

    /// The mandatory legs, in order.
    pub fn mandatory_legs(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.orders
            .iter()
            .filter(|order| order.id == order.leg && order.part.is_mandatory())
            .map(|order| order.leg)
    }

    /// Whether every mandatory leg is handed in (and there is one).
    pub fn all_legs_done(&self) -> bool {
        let mut legs = self.mandatory_legs().peekable();
        legs.peek().is_some() && legs.all(|leg| self.leg_is_done(leg))
    }

    /// The armed clock that is due first.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.clocks
            .iter()
            .filter(|clock| clock.is_armed())
            .map(|clock| clock.due)
            .min()
    }

    /// The running clock of a kind (and order).
    pub fn running(&self, kind: ClockKind, order: Option<OrderId>) -> Option<&Clock> {
        self.clocks
            .iter()
            .rev()
            .find(|clock| clock.kind == kind && clock.order == order && clock.stopped.is_none())
    }
}
