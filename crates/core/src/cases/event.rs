//! Events of a case. What was decided stands in them; words that could name or describe a person are sealed.

use serde::{Deserialize, Serialize};

use super::{
    AcknowledgedHow, AddedBy, AgainBecause, ClockKind, Part, RingReason, Rung, Satisfaction,
    Source, Supervision, UpBecause,
};
use crate::access::{Act, Role};
use crate::code::{CaseNumber, ClassCode, ConditionCode, DivisionCode, Level, PlanCode, UnitKind};
use crate::grids::InGrid;
use crate::id::{CaseId, DivisionId, OrderId, PersonId, UnitId};
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
    /// A limit, the instant at which it is over (red), and the other rungs of its ladder. A field that is absent was not there
    /// in the release that wrote it, or does not apply: a field that may be absent is left out of the bytes.
    pub struct Deadline {
        /// The limit as the table had it.
        limit: Limit,
        /// When it is over.
        due: Timestamp,
        /// When it is nearly over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        yellow: Option<Timestamp>,
        /// When the yellow card is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        yellow_card: Option<Timestamp>,
        /// When the red card is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        red_card: Option<Timestamp>,
        /// After the red card: reminded again each time this has passed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<Limit>,
        /// Reckoned beyond the last year of the work calendar: to be reckoned again when that year's notice is imported.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        provisional: bool,
    }
}

plain_struct! {
    /// A clock that was stopped and goes on: what was left of it, and where that leads.
    pub struct Restarted {
        /// What it measures.
        kind: ClockKind,
        /// Of which order.
        order: Option<OrderId>,
        /// Milliseconds of the limit's own kind of time that were left.
        left: i64,
        /// The new end.
        deadline: Deadline,
    }
}

plain_struct! {
    /// A post that is told of a rung: a role in a division, or a unit.
    pub struct Receiver {
        /// The role.
        role: Role,
        /// The division where somebody holds it; the nearest above when the post is empty.
        division: DivisionCode,
        /// The unit, when it is the unit waited for.
        unit: Option<UnitId>,
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
        /// The reporter is called back before it closes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        call_back: bool,
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
        /// The order under which it was placed: orders nest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<OrderId>,
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
            /// The grids of the place on that day, for ever; none where none were drawn or no position was given. Without
            /// micro-grids: one is a building, and would say in the open where somebody lives.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            grids: Vec<InGrid>,
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
            /// To supply it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            supply: Option<Deadline>,
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
            /// The filing condition that is met.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            condition: Option<ConditionCode>,
            /// Its handle limit, which goes before that of the class.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            handle: Option<Limit>,
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
            /// To call back and close.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            call_back: Option<Deadline>,
        },
        /// The check found it not done: these orders are worked on again.
        CheckFailed("check-failed", 1) {
            /// Orders to be worked on again.
            orders: Vec<OrderId>,
            /// What was found.
            note: Option<Sealed<String>>,
            /// To handle, from now.
            handle: Deadline,
            /// How many times the check has failed with this one. The first release did not count.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            times: Option<u32>,
        },
        /// The case is closed; orders still open end with it.
        Closed("closed", 1) {
            /// Orders that ended with the case.
            stood_down: Vec<OrderId>,
            /// Until when the reporter may be dissatisfied.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            rate_until: Option<Timestamp>,
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
            /// Who is told.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            to: Vec<Receiver>,
        },
        /// The desk of the centre rang.
        DeskRung("desk-rung", 1) {
            /// Why.
            reason: RingReason,
            /// About which order.
            order: Option<OrderId>,
        },
        /// The worker on the spot confirmed what was reported, or did not find it.
        Confirmed("confirmed", 1) {
            /// Whether it is as reported.
            found: bool,
            /// What was found.
            note: Option<Sealed<String>>,
            /// Metres to the case; none when one of the two positions is not known.
            metres: Option<u32>,
        },
        /// The report was relayed to the post of a worker near the place.
        Relayed("relayed", 1) {
            /// The post.
            unit: UnitId,
            /// Its name on that day.
            unit_name: Label,
            /// To confirm.
            confirm: Deadline,
        },
        /// Class, severity or urgency were set anew.
        Classed("classed", 1) {
            /// The class with its limits.
            classified: Classified,
            /// Severity.
            severity: Severity,
            /// Urgency.
            urgency: Urgency,
            /// The clock of the present step, reckoned from its start with the new limit.
            clock: Option<Deadline>,
            /// What was left of it with the new limit when it went on after standing still, or was extended.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            left: Option<i64>,
        },
        /// The worker solved it on the spot and reports it with the result: the light lane.
        SolvedOnSpot("solved-on-spot", 1) {
            /// What was done.
            result: Sealed<String>,
            /// To be checked by somebody else, when it was drawn for the audit.
            audit: Option<Deadline>,
            /// Until when the reporter may be dissatisfied.
            rate_until: Option<Timestamp>,
        },
        /// The audit of the light lane found it not done: it goes the whole way.
        AuditFailed("audit-failed", 1) {
            /// What was found.
            note: Option<Sealed<String>>,
            /// To accept, from now.
            accept: Deadline,
        },
        /// The case went to the centre of a level above.
        PassedUp("passed-up", 1) {
            /// The centre by code.
            centre: DivisionCode,
            /// Its unit.
            centre_unit: Option<UnitId>,
            /// Why.
            because: UpBecause,
            /// In whose words.
            reason: Option<Sealed<String>>,
            /// To accept there.
            accept: Deadline,
        },
        /// The case was handed down to the centre of a level below, with a deadline.
        PassedDown("passed-down", 1) {
            /// The centre by code.
            centre: DivisionCode,
            /// Its unit.
            centre_unit: Option<UnitId>,
            /// Why.
            reason: Sealed<String>,
            /// To accept there.
            accept: Deadline,
            /// To have it closed.
            finish: Deadline,
        },
        /// A rule of the class skips levels: this centre is told beside the normal way.
        Alerted("alerted", 1) {
            /// The centre by code.
            centre: DivisionCode,
            /// Its unit.
            centre_unit: Option<UnitId>,
        },
        /// Units were sent beneath an order.
        OrdersNested("orders-nested", 1) {
            /// The order above them.
            under: OrderId,
            /// The orders.
            orders: Vec<OrderPlaced>,
        },
        /// The unit works on it and says how far it is.
        Worked("worked", 1) {
            /// The order.
            order: OrderId,
            /// How far.
            note: Sealed<String>,
        },
        /// The unit says that the order is not its own to carry out.
        OrderObjected("order-objected", 1) {
            /// The order.
            order: OrderId,
            /// Why.
            reason: Sealed<String>,
            /// To decide.
            decide: Deadline,
        },
        /// The objection was decided.
        ObjectionDecided("objection-decided", 1) {
            /// The order.
            order: OrderId,
            /// Whether the unit was right: then another one is sent, or the assist order ends.
            upheld: bool,
            /// Why.
            reason: Sealed<String>,
            /// The order in its place.
            replacement: Option<OrderPlaced>,
        },
        /// An order was withdrawn by a person.
        OrderWithdrawn("order-withdrawn", 1) {
            /// The order.
            order: OrderId,
            /// Why.
            reason: Sealed<String>,
        },
        /// Another unit was sent in the place of one; that one's order ends.
        Redispatched("redispatched", 1) {
            /// The order that ends.
            order: OrderId,
            /// The order in its place.
            placed: OrderPlaced,
            /// Why.
            reason: Sealed<String>,
            /// Designated (指定承办): no objection is taken.
            designated: bool,
        },
        /// A unit asks for more time.
        ExtensionRequested("extension-requested", 1) {
            /// The order.
            order: OrderId,
            /// How much more.
            limit: Limit,
            /// Why.
            reason: Sealed<String>,
            /// To decide.
            decide: Deadline,
        },
        /// More time was granted or not. The reporter is told.
        ExtensionDecided("extension-decided", 1) {
            /// The order.
            order: OrderId,
            /// How much more was granted; none: refused.
            granted: Option<Limit>,
            /// Why.
            reason: Sealed<String>,
            /// The handle clock with what is left of it.
            handle: Option<Restarted>,
        },
        /// A unit asks that the clocks stand still.
        SuspensionRequested("suspension-requested", 1) {
            /// The order.
            order: OrderId,
            /// For how long.
            limit: Limit,
            /// Why.
            reason: Sealed<String>,
            /// To decide.
            decide: Deadline,
        },
        /// The suspension was not granted.
        SuspensionRefused("suspension-refused", 1) {
            /// The order.
            order: OrderId,
            /// Why.
            reason: Sealed<String>,
        },
        /// The clocks stand still.
        Suspended("suspended", 1) {
            /// Why.
            reason: Sealed<String>,
            /// When it ends by itself.
            resume: Deadline,
        },
        /// The clocks go on.
        Resumed("resumed", 1) {
            /// Why, when a person resumed it.
            reason: Option<Sealed<String>>,
            /// Every clock that stood still.
            clocks: Vec<Restarted>,
        },
        /// Somebody asks that the case be voided.
        VoidRequested("void-requested", 1) {
            /// Why.
            reason: Sealed<String>,
            /// To decide.
            decide: Deadline,
        },
        /// Voiding was refused.
        VoidRefused("void-refused", 1) {
            /// Why.
            reason: Sealed<String>,
        },
        /// The case is about the same thing as another and goes on in that one.
        Merged("merged", 1) {
            /// The other case.
            into: CaseId,
            /// Why.
            reason: Sealed<String>,
        },
        /// Another case about the same thing goes on in this one.
        Absorbed("absorbed", 1) {
            /// The other case.
            case: CaseId,
        },
        /// It was not about the same thing after all.
        Unmerged("unmerged", 1) {
            /// The other case.
            from: CaseId,
            /// Why.
            reason: Sealed<String>,
            /// The clocks that stood still meanwhile.
            clocks: Vec<Restarted>,
        },
        /// A case that had gone on in this one goes its own way again.
        Parted("parted", 1) {
            /// The other case.
            case: CaseId,
        },
        /// 加急
        MarkedUrgent("marked-urgent", 1) {
            /// Why.
            reason: Sealed<String>,
        },
        /// 保密: who reported is shown to those who receive reports alone.
        MarkedConfidential("marked-confidential", 1) {
            /// Why.
            reason: Sealed<String>,
        },
        /// 批示
        Instructed("instructed", 1) {
            /// What.
            text: Sealed<String>,
        },
        /// A person supervises the case (督办).
        Supervised("supervised", 1) {
            /// How closely.
            level: Supervision,
            /// About which order.
            order: Option<OrderId>,
            /// Why.
            reason: Sealed<String>,
        },
        /// The reporter was called back (回访).
        CalledBack("called-back", 1) {
            /// Whether somebody answered.
            reached: bool,
            /// Whether it is solved, in the reporter's words.
            solved: Option<bool>,
            /// How satisfied.
            satisfaction: Option<Satisfaction>,
            /// What was said.
            note: Option<Sealed<String>>,
        },
        /// The reporter judged (评价).
        Rated("rated", 1) {
            /// Whether it is solved.
            solved: bool,
            /// How satisfied.
            satisfaction: Satisfaction,
            /// What was said.
            note: Option<Sealed<String>>,
        },
        /// An ended case is worked on again: with its units, or from acceptance on.
        Reopened("reopened", 1) {
            /// Why.
            because: AgainBecause,
            /// In whose words.
            reason: Option<Sealed<String>>,
            /// Orders to be worked on again.
            orders: Vec<OrderId>,
            /// To handle, when units work again.
            handle: Option<Deadline>,
            /// To accept, when it starts anew.
            accept: Option<Deadline>,
        },
        /// A clock reached a rung of its ladder other than red.
        Escalated("escalated", 1) {
            /// Which clock.
            clock: ClockKind,
            /// Of which order.
            order: Option<OrderId>,
            /// Which rung.
            rung: Rung,
            /// Who is told.
            to: Vec<Receiver>,
            /// Found after days off: the rungs between are left out.
            caught_up: bool,
        },
        /// Two acts that are usually kept apart were done by one person, because nobody else could.
        SeparationYielded("separation-yielded", 1) {
            /// The earlier act.
            did: Act,
            /// The act now.
            act: Act,
            /// The person.
            person: PersonId,
        },
        /// Provisional deadlines were reckoned again after a new calendar came.
        Recomputed("recomputed", 1) {
            /// The clocks with their new ends.
            clocks: Vec<Restarted>,
        },
    }
}

impl CaseEvent {
    /// What the event means for another case: a merger has two sides, which are written together. `this` is the case it
    /// happened to.
    pub fn counterpart(&self, this: CaseId) -> Option<(CaseId, Self)> {
        match self {
            Self::Merged(e) => Some((e.into, Self::Absorbed(Absorbed { case: this }))),
            Self::Unmerged(e) => Some((e.from, Self::Parted(Parted { case: this }))),
            _ => None,
        }
    }

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
            Self::Confirmed(e) => some(e.note.as_ref()).collect(),
            Self::SolvedOnSpot(e) => vec![e.result.as_bytes()],
            Self::AuditFailed(e) => some(e.note.as_ref()).collect(),
            Self::PassedUp(e) => some(e.reason.as_ref()).collect(),
            Self::PassedDown(e) => vec![e.reason.as_bytes()],
            Self::Worked(e) => vec![e.note.as_bytes()],
            Self::OrderObjected(e) => vec![e.reason.as_bytes()],
            Self::ObjectionDecided(e) => vec![e.reason.as_bytes()],
            Self::OrderWithdrawn(e) => vec![e.reason.as_bytes()],
            Self::Redispatched(e) => vec![e.reason.as_bytes()],
            Self::ExtensionRequested(e) => vec![e.reason.as_bytes()],
            Self::ExtensionDecided(e) => vec![e.reason.as_bytes()],
            Self::SuspensionRequested(e) => vec![e.reason.as_bytes()],
            Self::SuspensionRefused(e) => vec![e.reason.as_bytes()],
            Self::Suspended(e) => vec![e.reason.as_bytes()],
            Self::Resumed(e) => some(e.reason.as_ref()).collect(),
            Self::VoidRequested(e) => vec![e.reason.as_bytes()],
            Self::VoidRefused(e) => vec![e.reason.as_bytes()],
            Self::Merged(e) => vec![e.reason.as_bytes()],
            Self::Unmerged(e) => vec![e.reason.as_bytes()],
            Self::MarkedUrgent(e) => vec![e.reason.as_bytes()],
            Self::MarkedConfidential(e) => vec![e.reason.as_bytes()],
            Self::Instructed(e) => vec![e.text.as_bytes()],
            Self::Supervised(e) => vec![e.reason.as_bytes()],
            Self::CalledBack(e) => some(e.note.as_ref()).collect(),
            Self::Rated(e) => some(e.note.as_ref()).collect(),
            Self::Reopened(e) => some(e.reason.as_ref()).collect(),
            Self::Accepted(_)
            | Self::Filed(_)
            | Self::Dispatched(_)
            | Self::Arrived(_)
            | Self::Handled(_)
            | Self::Closed(_)
            | Self::Reminded(_)
            | Self::Overdue(_)
            | Self::DeskRung(_)
            | Self::Relayed(_)
            | Self::Classed(_)
            | Self::Alerted(_)
            | Self::OrdersNested(_)
            | Self::Absorbed(_)
            | Self::Parted(_)
            | Self::Escalated(_)
            | Self::SeparationYielded(_)
            | Self::Recomputed(_) => Vec::new(),
        }
    }
}
