//! What people see of whistles: shapes only, in the words of the API.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{PositionView, Ref, UnitRef};

/// A whistle in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhistleSummary {
    /// Id.
    pub id: Uuid,
    /// Version.
    pub version: u32,
    /// Journal sequence of its last event.
    pub sequence: i64,
    /// `request`, `enforcement` or `emergency`.
    pub kind: String,
    /// `blown`, `closed` or `rated`.
    pub stage: String,
    /// Whether units are still at work.
    pub open: bool,
    /// Place and kind, Chinese.
    pub title_zh: String,
    /// Place and kind, English.
    pub title_en: String,
    /// Where.
    pub division: Ref,
    /// The unit that blew.
    pub town: UnitRef,
    /// The case it is about.
    pub case: Option<Uuid>,
    /// Units called.
    pub called: u32,
    /// Of these, at the place or done.
    pub arrived: u32,
    /// The highest level to which a call was raised.
    pub raised_to: Option<String>,
    /// When it was blown.
    pub blown_at: String,
    /// When its last event was.
    pub updated_at: String,
    /// Its nearest deadline.
    pub next_due: Option<String>,
}

/// A page of whistles.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhistlePage {
    /// Newest first.
    pub items: Vec<WhistleSummary>,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<String>,
    /// Journal sequence that the page reflects at least.
    pub sequence: i64,
}

/// A task of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhistleTaskView {
    /// What it has to do.
    pub text: String,
    /// When it was given.
    pub given_at: String,
    /// When it was done.
    pub done_at: Option<String>,
    /// `done`, `partly` or `not_done`.
    pub outcome: Option<String>,
    /// What was done.
    pub result: Option<String>,
}

/// To which level a call went up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RaisedView {
    /// The level.
    pub level: String,
    /// The centre of that level.
    pub centre: Option<UnitRef>,
    /// Why, in a word.
    pub because: String,
    /// Why, Chinese.
    pub because_zh: String,
    /// Why, English.
    pub because_en: String,
    /// In the words of who raised it.
    pub reason: Option<String>,
    /// How often it was raised.
    pub times: u32,
    /// What that level said to the unit.
    pub instruction: Option<String>,
}

/// A called unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhistleCallView {
    /// The unit.
    pub unit: UnitRef,
    /// `called`, `coming`, `present`, `refused`, `done` or `released`.
    pub stage: String,
    /// Chinese.
    pub stage_zh: String,
    /// English.
    pub stage_en: String,
    /// What is waited for: `answer`, `arrive` or `decide`.
    pub waiting_for: Option<String>,
    /// Until when.
    pub due_at: Option<String>,
    /// A limit passed for it.
    pub late: bool,
    /// When it answered.
    pub answered_at: Option<String>,
    /// By when it said it would be there.
    pub coming_by: Option<String>,
    /// When it checked in.
    pub arrived_at: Option<String>,
    /// Metres to the place then.
    pub arrived_metres: Option<u32>,
    /// Why it will not come, or was released.
    pub reason: Option<String>,
    /// Its tasks.
    pub tasks: Vec<WhistleTaskView>,
    /// To which level it went up last.
    pub raised: Option<RaisedView>,
}

/// How one side rated the other. Units only, never persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhistleRatingView {
    /// The unit that rates.
    pub by: UnitRef,
    /// The unit that is rated.
    pub unit: UnitRef,
    /// `satisfied`, `basic` or `dissatisfied`.
    pub level: String,
}

/// One whistle.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhistleView {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: WhistleSummary,
    /// From the place up.
    pub path: Vec<Ref>,
    /// Where exactly.
    pub position: Option<PositionView>,
    /// Why.
    pub reason: String,
    /// The called units.
    pub calls: Vec<WhistleCallView>,
    /// The units told by copy.
    pub copies: Vec<UnitRef>,
    /// `resolved`, `partly`, `unresolved` or `withdrawn`.
    pub outcome: Option<String>,
    /// In words.
    pub note: Option<String>,
    /// The ratings given.
    pub ratings: Vec<WhistleRatingView>,
    /// Until when both sides rate.
    pub rate_until: Option<String>,
    /// What you may do now: the rest of the address, and after a space the id of the unit to rate.
    pub may: Vec<String>,
}
