//! What people see of mediations: shapes only, in the words of the API.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{ClassRef, Ref, UnitRef};

/// A mediation in a list. Its title is the class of the dispute; who the parties are is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MediationSummary {
    /// Id.
    pub id: Uuid,
    /// Version.
    pub version: u32,
    /// Journal sequence of its last event.
    pub sequence: i64,
    /// `mediating`, `agreed`, `concluded`, `unperformed`, `failed` or `withdrawn`.
    pub stage: String,
    /// Chinese.
    pub stage_zh: String,
    /// English.
    pub stage_en: String,
    /// Whether something is still to be done.
    pub open: bool,
    /// The class of the dispute, Chinese.
    pub title_zh: String,
    /// The class of the dispute, English.
    pub title_en: String,
    /// The class.
    pub class: ClassRef,
    /// The division of the case.
    pub division: Ref,
    /// The case it is about.
    pub case: Uuid,
    /// The mediating unit.
    pub mediator: UnitRef,
    /// How many parties and agents.
    pub parties: u32,
    /// When it was opened.
    pub opened_at: String,
    /// When its last event was.
    pub updated_at: String,
    /// Its nearest deadline.
    pub next_due: Option<String>,
}

/// A page of mediations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MediationPage {
    /// Newest first.
    pub items: Vec<MediationSummary>,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<String>,
    /// Journal sequence that the page reflects at least.
    pub sequence: i64,
}

/// Somebody in the dispute, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartyView {
    /// Number within the mediation.
    pub no: u32,
    /// `party` or `agent`.
    pub role: String,
    /// Whether they consent to the mediation.
    pub consents: bool,
    /// When they left it.
    pub left_at: Option<String>,
    /// Name with all but the first character masked.
    pub name_masked: Option<String>,
    /// Phone with the middle masked.
    pub phone_masked: Option<String>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MediationSessionView {
    /// Number.
    pub no: u32,
    /// When.
    pub at: String,
    /// Where; none for who does not see the parties.
    pub place: Option<String>,
    /// `continues`, `nearer`, `absent` or `no_result`.
    pub outcome: Option<String>,
    /// In words; none for who does not see the parties.
    pub note: Option<String>,
}

/// A check of the performance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PerformanceView {
    /// When.
    pub at: String,
    /// `performed`, `partly` or `not`.
    pub result: String,
    /// In words; none for who does not see the parties.
    pub note: Option<String>,
}

/// What the court was asked and said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CourtView {
    /// The day the parties asked.
    pub asked_on: String,
    /// Whether it confirmed the agreement; none before its answer.
    pub confirmed: Option<bool>,
    /// In words; none for who does not see the parties.
    pub note: Option<String>,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgreementView {
    /// `written` or `oral`.
    pub form: String,
    /// Its text or record; none for who does not see the parties.
    pub text: Option<String>,
    /// The day from which it binds.
    pub effect: String,
    /// The last day to perform it.
    pub perform_by: String,
    /// Until when the court may be asked to confirm it.
    pub court_until: String,
    /// Checks of the performance.
    pub checks: Vec<PerformanceView>,
    /// What the court was asked.
    pub court: Option<CourtView>,
}

/// A lawful way that is left to the parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WayView {
    /// `arbitration`, `administrative`, `court` or `enforcement`.
    pub way: String,
    /// What the parties are told, Chinese.
    pub zh: String,
    /// What the parties are told, English.
    pub en: String,
}

/// One mediation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MediationView {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: MediationSummary,
    /// The parties, masked; none for who does not see them.
    pub people: Option<Vec<PartyView>>,
    /// The mediator's name; none for who does not see the parties.
    pub mediator_person: Option<String>,
    /// Sessions.
    pub sessions: Vec<MediationSessionView>,
    /// Until when it comes to an agreement or fails.
    pub limit_until: Option<String>,
    /// Whether that limit was extended.
    pub extended: bool,
    /// The agreement.
    pub agreement: Option<AgreementView>,
    /// Why it was extended, failed or left; none for who does not see the parties.
    pub reason: Option<String>,
    /// The lawful ways the parties were told of.
    pub ways: Vec<WayView>,
    /// What you may do now.
    pub may: Vec<String>,
}
