//! The present state of a case: what the events so far amount to.

use serde::{Deserialize, Serialize};

use super::{
    AcknowledgedHow, AddedBy, Classified, ClockKind, Contact, Deadline, OrderStage, Part,
    RequestKind, Rung, Source, Stage, Supervision, Words,
};
use crate::access::Act;
use crate::code::{CaseNumber, ConditionCode, DivisionCode, PlanCode, UnitKind};
use crate::grids::InGrid;
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
    /// When the limit is over: red.
    pub due: Timestamp,
    /// Version of the case that set it: a timer that was set again has another generation.
    pub generation: u32,
    /// When it was stopped.
    pub stopped: Option<Timestamp>,
    /// Whether what it measured was done (not: ended with the case).
    pub done: bool,
    /// When the limit was found passed.
    pub fired: Option<Timestamp>,
    /// When it is nearly over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yellow: Option<Timestamp>,
    /// When the yellow card is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yellow_card: Option<Timestamp>,
    /// When the red card is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub red_card: Option<Timestamp>,
    /// After the last rung: reminded again each time this has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Limit>,
    /// The last rung reached, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<(Rung, Timestamp)>,
    /// Since when it stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Timestamp>,
    /// When it went on after standing still, or was extended, and what was left then (milliseconds of the limit's own kind
    /// of time); none while it has run in one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<(Timestamp, i64)>,
    /// Reckoned beyond the last year of the work calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// A day in milliseconds.
const A_DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Clock {
    /// The next rung and when it is reached; none when nothing waits for this clock.
    pub fn next(&self) -> Option<(Rung, Timestamp)> {
        if self.stopped.is_some() || self.paused.is_some() {
            return None;
        }
        let reached = self
            .reached
            .map(|(rung, _)| rung)
            .or(self.fired.map(|_| Rung::Red));
        let rungs = [
            (Rung::Yellow, self.yellow),
            (Rung::Red, Some(self.due)),
            (Rung::YellowCard, self.yellow_card),
            (Rung::RedCard, self.red_card),
        ];
        let ahead = rungs
            .into_iter()
            .filter(|(rung, _)| reached.is_none_or(|reached| *rung > reached));
        ahead
            .filter_map(|(rung, at)| at.map(|at| (rung, at)))
            .next()
            .or_else(|| {
                let (rung, last) = self.reached?;
                let again = self.again?.milliseconds();
                // Twice as long each time, up to a day: a forgotten case does not fill the journal.
                let since = last.0 - self.red_card.unwrap_or(self.due).0;
                let pause = match rung {
                    Rung::Again => since.clamp(again, again.max(A_DAY_MS)),
                    _ => again,
                };
                Some((Rung::Again, last.plus_ms(pause)))
            })
    }

    /// The highest rung whose time has come by `now`.
    pub(crate) fn highest(&self, now: Timestamp) -> Option<Rung> {
        let (next, _) = self.next().filter(|(_, at)| *at <= now)?;
        [
            (Rung::Red, Some(self.due)),
            (Rung::YellowCard, self.yellow_card),
            (Rung::RedCard, self.red_card),
        ]
        .into_iter()
        .filter(|(rung, at)| *rung > next && at.is_some_and(|at| at <= now))
        .map(|(rung, _)| rung)
        .next_back()
        .or(Some(next))
    }

    /// When the next rung is reached, if a timer waits for it.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.next().map(|(_, at)| at)
    }

    /// Whether a timer is waiting for it.
    pub fn is_armed(&self) -> bool {
        self.next().is_some()
    }

    /// Takes over the ends of a new reckoning.
    pub(crate) fn set(&mut self, deadline: &Deadline) {
        self.due = deadline.due;
        self.yellow = deadline.yellow;
        self.yellow_card = deadline.yellow_card;
        self.red_card = deadline.red_card;
        self.again = deadline.again;
        self.provisional = deadline.provisional;
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
    /// The order under which it was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrderId>,
    /// In which dispatch of the case it was placed, from 0: a case that starts anew is dispatched again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u32,
    /// Designated, or its objection was turned down: no (further) objection is taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub designated: bool,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Something that was asked of the centre and is not yet decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What.
    pub kind: RequestKind,
    /// About which order; none: the case.
    pub order: Option<OrderId>,
    /// Who asked.
    pub by: Option<PersonId>,
    /// For how long or how much more.
    pub limit: Option<Limit>,
    /// Why.
    pub reason: Sealed<String>,
    /// When.
    pub at: Timestamp,
}

/// A case whose clocks stand still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: Sealed<String>,
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
    /// The grids of the place on the day of the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grids: Vec<InGrid>,
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
    /// The filing condition that is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionCode>,
    /// How many times it was dispatched before this time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u32,
    /// What waits for a decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Request>,
    /// Extensions granted: how many, and milliseconds of the handle limit's own kind of time in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended: Option<(u32, i64)>,
    /// While it is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// Milliseconds by the clock for which it was suspended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_ms: Option<i64>,
    /// The case in which this one goes on, and where this one stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<(CaseId, Stage)>,
    /// Cases that go on in this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<CaseId>,
    /// Who reported is shown to those who receive reports alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
    /// How closely it is supervised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervision: Option<Supervision>,
    /// The latest instruction of a leader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<Sealed<String>>,
    /// Solved on the spot, in whose words: it goes the light lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solved: Option<Sealed<String>>,
    /// The post of the worker to whom the report was relayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relayed_to: Option<UnitId>,
    /// What the worker on the spot found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// Centres told by a rule that skips levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerted: Vec<DivisionCode>,
    /// Calls back since it was last checked: how many, and whether somebody was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_back: Option<(u32, bool)>,
    /// Whether the reporter says that it is solved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter_says: Option<bool>,
    /// How many times it was worked on again because the reporter was not content.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// Until when the reporter of a closed case may be dissatisfied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_until: Option<Timestamp>,
    /// How many times the check failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub checks_failed: u32,
}

impl CaseState {
    /// An order by its id.
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.iter().find(|order| order.id == id)
    }

    /// Whether a leg has been handed in by one of its units.
    pub fn leg_is_done(&self, leg: OrderId) -> bool {
        self.orders
            .iter()
            .any(|order| order.leg == leg && order.stage == OrderStage::FedBack)
    }

    /// The mandatory legs of the present dispatch, in order. A leg whose every order was withdrawn is none any more.
    pub fn mandatory_legs(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.orders
            .iter()
            .filter(|order| {
                order.id == order.leg && order.round == self.round && order.part.is_mandatory()
            })
            .map(|order| order.leg)
            .filter(|leg| {
                self.orders
                    .iter()
                    .any(|order| order.leg == *leg && order.stage != OrderStage::Withdrawn)
            })
    }

    /// Whether every mandatory leg is handed in (and there is one).
    pub fn all_legs_done(&self) -> bool {
        let mut legs = self.mandatory_legs().peekable();
        legs.peek().is_some() && legs.all(|leg| self.leg_is_done(leg))
    }

    /// Whether `nested` lies beneath `order`, however deep.
    pub(crate) fn lies_beneath(&self, nested: &Order, order: OrderId) -> bool {
        nested.parent.is_some_and(|parent| {
            parent == order || self.chain(parent).iter().any(|above| above.id == order)
        })
    }

    /// Whether mandatory orders beneath `order` are still open.
    pub fn waits_for_nested(&self, order: OrderId) -> bool {
        self.orders.iter().any(|nested| {
            self.lies_beneath(nested, order)
                && nested.part.is_mandatory()
                && nested.stage != OrderStage::Withdrawn
                && !self.leg_is_done(nested.leg)
        })
    }

    /// The order and those above it, from the lowest up.
    pub fn chain(&self, order: OrderId) -> Vec<&Order> {
        let mut chain: Vec<&Order> = Vec::new();
        let mut next = self.order(order);
        while let Some(order) = next.filter(|order| !chain.iter().any(|o| o.id == order.id)) {
            chain.push(order);
            next = order.parent.and_then(|parent| self.order(parent));
        }
        chain
    }

    /// The limit that is over first, of those that run and are not over yet.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.clocks
            .iter()
            .filter(|clock| {
                clock.stopped.is_none() && clock.paused.is_none() && clock.fired.is_none()
            })
            .map(|clock| clock.due)
            .min()
    }

    /// The running clock of a kind (and order); it may stand still.
    pub fn running(&self, kind: ClockKind, order: Option<OrderId>) -> Option<&Clock> {
        self.clocks
            .iter()
            .rev()
            .find(|clock| clock.kind == kind && clock.order == order && clock.stopped.is_none())
    }

    /// What was asked about an order (or, without one, about the case).
    pub fn request(&self, kind: RequestKind, order: Option<OrderId>) -> Option<&Request> {
        self.requests
            .iter()
            .find(|request| request.kind == kind && request.order == order)
    }

    /// Whether a deadline reaches beyond the work calendar.
    pub fn is_provisional(&self) -> bool {
        self.clocks
            .iter()
            .any(|clock| clock.provisional && clock.stopped.is_none())
    }
}
