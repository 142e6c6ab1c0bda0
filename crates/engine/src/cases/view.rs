//! What people see of cases: shapes only, in the words of the API.

use jingwei_core::rules::StageLimits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The short answer to an act; kept for 90 days under the sender's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The case.
    pub id: Uuid,
    /// Its version after the act.
    pub version: u32,
    /// Journal sequence of the act's last event.
    pub sequence: i64,
    /// Where the case stands after the act.
    pub stage: String,
    /// Its number, once filed.
    pub number: Option<String>,
    /// Orders created by the act.
    pub orders: Vec<Uuid>,
}

/// An emergency number to call first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmergencyNumber {
    /// The number.
    pub number: String,
    /// What for, Chinese.
    pub zh: String,
    /// What for, English.
    pub en: String,
}

/// The answer to a resident's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The case.
    pub id: Uuid,
    /// With this the resident follows the report: 26 letters and digits. It is shown once.
    pub receipt: String,
    /// Journal sequence.
    pub sequence: i64,
    /// In danger, call first.
    pub emergency: Vec<EmergencyNumber>,
}

/// Code and name of a division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ref {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A grid in which a case lay on the day of its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseGrid {
    /// Layer.
    pub layer: String,
    /// Code on that day.
    pub code: String,
}

/// A unit in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitRef {
    /// Id.
    pub id: Uuid,
    /// Code; empty when the unit is no longer in the directory.
    pub code: String,
    /// Name.
    pub name: String,
    /// English name; none when there is none.
    pub name_en: Option<String>,
    /// Kind.
    pub kind: String,
}

/// A class in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassRef {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// How many of the called units have acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Waiting {
    /// Acknowledged.
    pub acknowledged: u32,
    /// Called.
    pub called: u32,
}

/// A case in a list. No words of the report, no names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    /// Id.
    pub id: Uuid,
    /// Version.
    pub version: u32,
    /// Journal sequence of the last event.
    pub sequence: i64,
    /// Number, once filed.
    pub number: Option<String>,
    /// Where it stands.
    pub stage: String,
    /// Whether something is still to be done.
    pub open: bool,
    /// Class.
    pub class: Option<ClassRef>,
    /// Severity.
    pub severity: String,
    /// Urgency.
    pub urgency: String,
    /// By which way it came.
    pub source: String,
    /// Where.
    pub division: Ref,
    /// The centre it went to.
    pub centre: Ref,
    /// Place and class, Chinese.
    pub title_zh: String,
    /// Place and class, English.
    pub title_en: String,
    /// When it was reported.
    pub reported_at: String,
    /// When the last event was.
    pub updated_at: String,
    /// The deadline that is next.
    pub next_due: Option<String>,
    /// Acknowledgements, once dispatched.
    pub waiting: Option<Waiting>,
    /// Whether a limit has passed and what it measures is still to be done.
    pub overdue: bool,
    /// How closely it is supervised: `normal`, `yellow_card`, `red_card`.
    pub supervision: Option<String>,
    /// Who reported is shown to those who receive reports alone.
    pub confidential: bool,
    /// The case in which this one goes on.
    pub merged_into: Option<Uuid>,
    /// Solved on the spot by the worker who reported it.
    pub solved_on_spot: bool,
}

/// A page of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CasePage {
    /// Newest first.
    pub items: Vec<Summary>,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<String>,
    /// Journal sequence that the page reflects at least.
    pub sequence: i64,
}

/// A position shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct PositionView {
    /// Longitude in degrees, WGS84.
    pub lon: f64,
    /// Latitude in degrees, WGS84.
    pub lat: f64,
    /// Radius in metres.
    pub accuracy_m: Option<u32>,
}

/// The reporter, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReporterView {
    /// Name with all but the first character masked.
    pub name_masked: Option<String>,
    /// Phone with the middle masked.
    pub phone_masked: Option<String>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextView {
    /// Chinese.
    pub what_zh: String,
    /// English.
    pub what_en: String,
    /// By whom: units, or the centre.
    pub who: Vec<String>,
    /// By when.
    pub due_at: Option<String>,
}

/// The six limits of the case's class, as its table had them on the day it was classed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LimitsView {
    /// Report to acceptance.
    pub accept: String,
    /// Acceptance to dispatch.
    pub dispatch: String,
    /// Order to acknowledgement.
    pub acknowledge: String,
    /// Order to arrival.
    pub arrive: String,
    /// Dispatch to results.
    pub handle: String,
    /// Results to check.
    pub verify: String,
}

impl LimitsView {
    pub(crate) fn of(limits: &StageLimits) -> Self {
        Self {
            accept: limits.accept.to_string(),
            dispatch: limits.dispatch.to_string(),
            acknowledge: limits.acknowledge.to_string(),
            arrive: limits.arrive.to_string(),
            handle: limits.handle.to_string(),
            verify: limits.verify.to_string(),
        }
    }
}

/// A clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockView {
    /// What it measures.
    pub kind: String,
    /// Of which order.
    pub order: Option<Uuid>,
    /// Of which unit.
    pub unit: Option<UnitRef>,
    /// The limit as the table has it.
    pub limit: String,
    /// Start.
    pub started_at: String,
    /// When the limit is over.
    pub due_at: String,
    /// When it was stopped.
    pub stopped_at: Option<String>,
    /// `running`, `soon` (running, past the yellow limit), `late` (running, over), `paused` (stands still), `done`, `done_late`,
    /// `ended` (with the case).
    pub state: String,
    /// When it is nearly over.
    pub yellow_at: Option<String>,
    /// When the yellow card is shown.
    pub yellow_card_at: Option<String>,
    /// When the red card is shown.
    pub red_card_at: Option<String>,
    /// The last rung reached: `yellow`, `red`, `yellow_card`, `red_card`, `again`.
    pub rung: Option<String>,
    /// Since when it stands still.
    pub paused_at: Option<String>,
    /// Reckoned beyond the last year of the work calendar: it may move when that year's notice is imported.
    pub provisional: bool,
}

/// Something that was asked of the centre and waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequestView {
    /// `objection`, `extension`, `suspension`, `voiding`.
    pub kind: String,
    /// About which order; none: the case.
    pub order: Option<Uuid>,
    /// Of which unit.
    pub unit: Option<UnitRef>,
    /// For how long or how much more.
    pub limit: Option<String>,
    /// Why.
    pub reason: String,
    /// When it was asked.
    pub at: String,
    /// When it is to be decided.
    pub due_at: Option<String>,
}

/// The filing condition that is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConditionView {
    /// Code.
    pub code: String,
    /// When a case is filed by it, Chinese.
    pub filing_zh: String,
    /// When a case is filed by it, English.
    pub filing_en: String,
    /// When it may be closed, Chinese.
    pub closing_zh: String,
    /// When it may be closed, English.
    pub closing_en: String,
}

/// Calls back since the last check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallBackView {
    /// How many.
    pub tries: u32,
    /// Whether somebody answered.
    pub reached: bool,
}

/// Why an order was sent beside the dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BecauseView {
    /// The order that was not acknowledged.
    pub order: Option<Uuid>,
    /// The rule, Chinese.
    pub rule_zh: String,
    /// The rule, English.
    pub rule_en: String,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderView {
    /// Id.
    pub id: Uuid,
    /// The first order of its leg.
    pub leg: Uuid,
    /// The unit.
    pub unit: UnitRef,
    /// The unit's duty phone, for those who see the area: an order that is not acknowledged is told by telephone.
    pub phone: Option<String>,
    /// `lead`, `assist`, `cc`.
    pub part: String,
    /// `sent`, `acknowledged`, `arrived`, `fed_back`, `stood_down`.
    pub stage: String,
    /// When it was sent.
    pub sent_at: String,
    /// Why it was sent beside the dispatch.
    pub because: Option<BecauseView>,
    /// Until when it has to be acknowledged.
    pub acknowledge_due: Option<String>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<String>,
    /// `unit` or `telephone`.
    pub acknowledged_how: Option<String>,
    /// Not acknowledged within its limit.
    pub late: bool,
    /// When the unit arrived.
    pub arrived_at: Option<String>,
    /// Metres to the case at arrival.
    pub arrived_metres: Option<u32>,
    /// When the result was handed in.
    pub fed_back_at: Option<String>,
    /// The result.
    pub result: Option<String>,
    /// The order beneath which it was placed.
    pub parent: Option<Uuid>,
    /// Designated, or its objection was turned down: no objection is taken.
    pub designated: bool,
    /// In which dispatch of the case it was placed, from 0; those before the last are history.
    pub round: u32,
}

/// A case with everything the viewer may see of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CaseView {
    /// As in a list.
    #[serde(flatten)]
    pub summary: Summary,
    /// The divisions from the place up.
    pub path: Vec<Ref>,
    /// Where exactly.
    pub position: Option<PositionView>,
    /// The grids of the place on the day of the report, layer by layer.
    pub grids: Vec<CaseGrid>,
    /// Where in words.
    pub address: Option<String>,
    /// What was seen.
    pub description: String,
    /// What was added later.
    pub supplied: Vec<String>,
    /// Why it was returned, refused or voided.
    pub reason: Option<String>,
    /// The reporter; hidden from the units.
    pub reporter: Option<ReporterView>,
    /// The next step; none when the case has ended.
    pub next: Option<NextView>,
    /// The six limits.
    pub limits: Option<LimitsView>,
    /// The plan followed.
    pub plan: Option<String>,
    /// All clocks.
    pub clocks: Vec<ClockView>,
    /// All orders.
    pub orders: Vec<OrderView>,
    /// What waits for a decision.
    pub requests: Vec<RequestView>,
    /// The filing condition that is met.
    pub condition: Option<ConditionView>,
    /// Seconds for which it was suspended, until now.
    pub suspended_s: i64,
    /// Why it is suspended.
    pub suspended_because: Option<String>,
    /// How many extensions were granted.
    pub extensions: u32,
    /// Cases that go on in this one.
    pub absorbed: Vec<Uuid>,
    /// The latest instruction of a leader.
    pub instruction: Option<String>,
    /// What the worker did on the spot.
    pub solved: Option<String>,
    /// The post of the worker to whom the report was relayed.
    pub relayed_to: Option<UnitRef>,
    /// What the worker on the spot found: whether it is as reported.
    pub confirmed: Option<bool>,
    /// Centres told at once by a rule of the class.
    pub alerted: Vec<Ref>,
    /// Calls back since the last check.
    pub called_back: Option<CallBackView>,
    /// Whether the reporter says that it is solved.
    pub reporter_says: Option<bool>,
    /// How many times it was worked on again because the reporter was not content.
    pub reopened: u32,
    /// Until when the reporter may be dissatisfied.
    pub rate_until: Option<String>,
    /// What the viewer may do now: act names, those of an order as `orders/<id>/<act>`.
    pub may: Vec<String>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActorView {
    /// Role.
    pub role: String,
    /// Role, Chinese.
    pub role_zh: String,
    /// Role, English.
    pub role_en: String,
    /// Name; hidden when it would show a unit who reported.
    pub name: Option<String>,
    /// For which unit.
    pub unit: Option<UnitRef>,
    /// Done by a rule, not by a person.
    pub automatic: bool,
}

/// One event of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entry {
    /// Version of the case after it.
    pub version: u32,
    /// Journal sequence.
    pub sequence: i64,
    /// When.
    pub at: String,
    /// Kind of event.
    pub kind: String,
    /// Who.
    pub actor: ActorView,
    /// The order it is about.
    pub order: Option<Uuid>,
    /// The unit of that order.
    pub unit: Option<UnitRef>,
    /// What happened, Chinese.
    pub text_zh: String,
    /// What happened, English.
    pub text_en: String,
}

/// A page of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    /// Oldest first.
    pub items: Vec<Entry>,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<u32>,
    /// Journal sequence that the page reflects at least.
    pub sequence: i64,
}

/// The unit proposed for a place of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProposedUnit {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitRef,
    /// Straight-line distance from its base, metres.
    pub distance_m: Option<u32>,
    /// On duty now.
    pub on_duty: bool,
    /// Of the fallback kind, because none of the kind itself is here.
    pub fallback: bool,
}

/// A place of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProposedOrderView {
    /// Place in the plan.
    pub no: String,
    /// `lead`, `assist`, `cc`.
    pub part: String,
    /// Kind of unit.
    pub unit_kind: String,
    /// Kind of unit, Chinese.
    pub kind_zh: String,
    /// Kind of unit, English.
    pub kind_en: String,
    /// The unit; none when there is none here.
    pub unit: Option<ProposedUnit>,
    /// Called when none of the kind is left.
    pub fallback_kind: String,
    /// Limit to acknowledge.
    pub acknowledge_limit: String,
    /// Task, Chinese.
    pub task_zh: String,
    /// Task, English.
    pub task_en: String,
}

/// What a dispatch by plan would do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProposalView {
    /// The plan.
    pub plan: ClassRef,
    /// Its places.
    pub orders: Vec<ProposedOrderView>,
    /// Version of the case it was made for.
    pub version: u32,
}

/// A step of a resident's report, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FollowStep {
    /// Stable name of the step.
    pub step: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// When; none while it lies ahead.
    pub at: Option<String>,
}

/// What a resident sees of their report: no words of it, no unit's people; of the words of the office only those that are
/// addressed to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FollowView {
    /// Number, once filed.
    pub number: Option<String>,
    /// The steps, done and ahead.
    pub steps: Vec<FollowStep>,
    /// In the words of the office: what is asked for when the report was returned, or why it was refused, was voided, or takes
    /// longer (the step `extended`). None when there is nothing to say, or the words were destroyed.
    pub reason: Option<String>,
    /// By when the people sent should have done it; it moves when more time is granted.
    pub expected_by: Option<String>,
    /// What the resident may do now: `supply-info`, `remind`, `rate`, `reopen`.
    pub may: Vec<String>,
    /// In danger, call first.
    pub emergency: Vec<EmergencyNumber>,
}

/// Cases of a class by stage, now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[expect(
    missing_docs,
    reason = "one number for each stage of a case, named as the stage"
)]
pub struct StockView {
    /// Top class; empty for cases not yet classed.
    pub class: String,
    pub reported: i64,
    pub returned: i64,
    pub accepted: i64,
    pub filed: i64,
    pub dispatched: i64,
    pub handled: i64,
    pub verified: i64,
    pub closed: i64,
    pub refused: i64,
    pub voided: i64,
    pub suspended: i64,
    pub merged: i64,
}

/// Cases of a division by class and stage, now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stock {
    /// The division.
    pub scope: Ref,
    /// One row for each top class that has cases.
    pub items: Vec<StockView>,
    /// Journal sequence that the figures reflect.
    pub sequence: i64,
}
