//! Shared ground of the things beside cases: whatever has a life of its own and comes in small numbers (a whistle, a
//! mediation). A room brings a state, its commands and its events; everything else about a thing is the same for all.
//!
//! Must not know a room. Keeps: a thing is seen by the posts whose area holds it (where the room does not name fewer
//! roles), by the units that take part and by who began it; `apply` looks nothing up.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::access::{self, Acting, Post, Principal, Role};
use crate::calendar::Hours;
use crate::cases::CaseState;
use crate::code::{DivisionCode, Level};
use crate::directory::{Directory, Unit};
use crate::id::{CaseId, DivisionId, PersonId, UnitId};
use crate::plain::Unreadable;
use crate::plain_struct;
use crate::refusal::{FieldFault, Refusal};
use crate::rules::RuleSet;
use crate::time::{Day, Limit, Timestamp};

plain_struct! {
    /// A limit and the instant at which it is over.
    pub struct Term {
        /// The limit as the settings had it.
        limit: Limit,
        /// When it is over.
        due: Timestamp,
    }
}

/// What a decision may look at.
pub struct Context<'a> {
    /// The journal time of what happens now.
    pub now: Timestamp,
    /// Who asks.
    pub by: &'a Principal,
    /// The rules in force.
    pub rules: &'a RuleSet,
    /// Divisions, units and posts.
    pub directory: &'a Directory,
    /// The case that the command names, if it exists.
    pub case: Option<&'a CaseState>,
}

impl Context<'_> {
    /// The term of `limit` that starts now, in the working time of the office or of a unit.
    pub(crate) fn term(&self, limit: Limit, hours: &Hours<'_>) -> Term {
        self.term_from(limit, self.now, hours)
    }

    /// The term of `limit` that starts at `start`.
    pub(crate) fn term_from(&self, limit: Limit, start: Timestamp, hours: &Hours<'_>) -> Term {
        Term {
            limit,
            due: self.rules.calendar.due(limit, start, hours).at,
        }
    }

    /// The working time of a unit.
    pub(crate) fn hours_of(&self, unit: UnitId) -> Hours<'_> {
        self.directory
            .unit(unit)
            .map_or(Hours::Standard, |unit| Hours::Unit(&unit.duty))
    }
}

/// An event with the role in which it was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided<E> {
    /// By whom.
    pub by: Acting,
    /// What.
    pub event: E,
}

/// A deadline that will fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// What it is for: the room's name, a dot, a word.
    pub kind: &'static str,
    /// The part of the thing (a unit); none for the thing itself.
    pub part: Option<Uuid>,
    /// Version of the thing that set it: one that was set again has another.
    pub generation: u32,
    /// When it fires.
    pub due: Timestamp,
}

/// Somebody's screen rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Why, in a fixed word.
    pub reason: &'static str,
    /// About which part of the thing.
    pub part: Option<Uuid>,
    /// The desks of centres whose area holds the thing ring up to this level.
    pub desks: Option<Level>,
    /// These units ring.
    pub units: Vec<UnitId>,
}

/// What rows, lists and the feed need to know of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Its version.
    pub version: u32,
    /// Its stage.
    pub stage: &'static str,
    /// Whether something is still to be done.
    pub open: bool,
    /// The division it lies in.
    pub division: DivisionId,
    /// Its code on the day it began.
    pub code: DivisionCode,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// Who began it.
    pub person: Option<PersonId>,
    /// When its last event was.
    pub updated_at: Timestamp,
    /// The units that take part, each once.
    pub units: Vec<UnitId>,
}

/// The events of a thing as the journal needs them; [`thing_event!`](crate::thing_event) writes it over `events!`.
pub trait ThingEvent: Sized + Send + 'static {
    /// Name of the kind.
    fn kind(&self) -> &'static str;
    /// Version of the kind's payload.
    fn kind_version(&self) -> u32;
    /// The exact bytes that the journal keeps.
    fn payload(&self) -> Vec<u8>;
    /// Reads an event back.
    fn read(kind: &str, version: u32, payload: &[u8]) -> Result<Self, Unreadable>;
    /// The sealed values, as bytes: `check` opens each.
    fn sealed(&self) -> Vec<&[u8]>;
}

/// A thing with its rules. The state itself carries them: it is what the events fold to.
pub trait Thing:
    Sized + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// What the journal calls it.
    const AGGREGATE: &'static str;
    /// The roles whose area opens things of this kind; none: every role that opens cases.
    const AREA_ROLES: Option<&'static [Role]>;
    /// What may be asked.
    type Command: Send + Sync + 'static;
    /// What happens.
    type Event: ThingEvent;

    /// Decides a command on the thing as it stands (none before it began).
    fn decide(
        thing: Option<&Self>,
        command: &Self::Command,
        context: &Context<'_>,
    ) -> Result<Vec<Decided<Self::Event>>, Refusal>;

    /// Folds an event. The first one makes the state.
    fn apply(thing: &mut Option<Self>, id: Uuid, event: &Self::Event, by: Acting, at: Timestamp);

    /// What rows, lists and the feed need to know.
    fn shape(&self) -> Shape;

    /// The deadlines that wait.
    fn alarms(&self) -> Vec<Alarm>;

    /// Whose screens an event rings.
    fn ring(event: &Self::Event) -> Option<Ring>;

    /// The case that a command names.
    fn case_of(command: &Self::Command) -> Option<CaseId>;

    /// The command of a deadline that fired; none when the room knows no such kind.
    fn fired(kind: &str, part: Option<Uuid>, generation: u32) -> Option<Self::Command>;

    /// How `principal` comes to see it; none when they do not.
    fn sight(&self, principal: &Principal) -> Option<Sight> {
        sight(principal, &self.shape(), Self::AREA_ROLES)
    }
}

/// Writes [`ThingEvent`] for an enumeration made by `events!` that has a method `sealed_bytes`.
#[macro_export]
macro_rules! thing_event {
    ($name:ident) => {
        impl $crate::things::ThingEvent for $name {
            fn kind(&self) -> &'static str {
                self.kind()
            }
            fn kind_version(&self) -> u32 {
                self.kind_version()
            }
            fn payload(&self) -> Vec<u8> {
                self.payload()
            }
            fn read(
                kind: &str,
                version: u32,
                payload: &[u8],
            ) -> Result<Self, $crate::plain::Unreadable> {
                Self::read(kind, version, payload)
            }
            fn sealed(&self) -> Vec<&[u8]> {
                self.sealed_bytes()
            }
        }
    };
}

/// How a person comes to see a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It lies in the area of one of their posts.
    Area,
    /// One of their units takes part.
    Unit,
    /// They began it.
    Own,
}

/// Whether a role works for its unit: such a person answers for it. Who only looks, checks the books or keeps the system
/// does not.
fn works(role: Role) -> bool {
    role.is_post()
        && !matches!(
            role,
            Role::Administrator | Role::Auditor | Role::Inspector | Role::Verifier
        )
}

/// The posts by which `principal` sees whole areas of things that open to these roles (none: to all that open cases).
pub fn area_posts<'p>(
    principal: &'p Principal,
    roles: Option<&'static [Role]>,
) -> impl Iterator<Item = &'p Post> {
    access::area_posts(principal)
        .filter(move |post| roles.is_none_or(|roles| roles.contains(&post.role)))
}

/// The units for which `principal` works.
pub fn own_units(principal: &Principal) -> impl Iterator<Item = UnitId> + '_ {
    principal
        .posts()
        .iter()
        .filter(|post| works(post.role))
        .map(|post| post.unit)
}

/// How `principal` comes to see a thing of this shape whose area opens to `roles`.
pub fn sight(
    principal: &Principal,
    shape: &Shape,
    roles: Option<&'static [Role]>,
) -> Option<Sight> {
    if matches!(principal, Principal::System)
        || area_posts(principal, roles).any(|post| post.covers(&shape.code))
    {
        return Some(Sight::Area);
    }
    if own_units(principal).any(|unit| shape.units.contains(&unit)) {
        return Some(Sight::Unit);
    }
    (shape.person.is_some() && shape.person == principal.person()).then_some(Sight::Own)
}

/// Whether a ring about a thing of this shape is for `principal`.
pub fn rings_for(principal: &Principal, ring: &Ring, shape: &Shape) -> bool {
    let desk = |post: &Post| {
        matches!(
            post.role,
            Role::DutyOfficer | Role::Dispatcher | Role::DutyChief
        ) && post.covers(&shape.code)
            && ring.desks.is_some_and(|most| post.division.level() <= most)
    };
    principal.posts().iter().any(desk)
        || own_units(principal).any(|unit| ring.units.contains(&unit))
}

/// The post of `principal` that fits, as whoever acts.
pub(crate) fn acting(principal: &Principal, fits: impl Fn(&Post) -> bool) -> Option<Acting> {
    let person = principal.person()?;
    principal
        .posts()
        .iter()
        .find(|post| fits(post))
        .map(|post| Acting {
            person: Some(person),
            role: post.role,
            unit: Some(post.unit),
        })
}

/// The post of `principal` that works for `unit`.
pub(crate) fn for_unit(principal: &Principal, unit: UnitId) -> Option<Acting> {
    acting(principal, |post| post.unit == unit && works(post.role))
}

/// A fault in one field.
pub(crate) fn fault(
    pointer: &str,
    code: &'static str,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Refusal {
    Refusal::Invalid(vec![FieldFault::new(pointer, code, zh, en)])
}

/// What stands now does not take the act: why, and what to do.
pub(crate) fn not_now(zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal::NotNow {
        zh: zh.into(),
        en: en.into(),
    }
}

/// The centre of a place at or above `least` with somebody at its desk: one without anybody is passed over.
pub(crate) fn desk_above(
    directory: &Directory,
    place: &DivisionCode,
    least: Level,
) -> Option<(Level, UnitId)> {
    let at_desk = [
        Role::DutyOfficer,
        Role::DutyChief,
        Role::Dispatcher,
        Role::Leader,
    ];
    directory
        .centres_over(place)
        .into_iter()
        .filter(|(code, _)| code.level() >= least)
        .find(|(code, _)| at_desk.iter().any(|role| directory.is_held(*role, code)))
        .map(|(code, unit)| (code.level(), unit))
}

/// A unit that may be called to `place`: it works, and it belongs to the county of the place or to a level above.
pub(crate) fn callable<'d>(
    directory: &'d Directory,
    id: UnitId,
    place: &DivisionCode,
    pointer: &str,
) -> Result<&'d Unit, Refusal> {
    let unit = directory
        .unit(id)
        .filter(|unit| unit.row.active)
        .ok_or_else(|| {
            fault(
                pointer,
                "unknown_unit",
                "没有这个单位，或它已停用",
                "there is no such unit, or it takes no orders any more",
            )
        })?;
    let within = |code: &DivisionCode| {
        directory
            .codes_of(code)
            .iter()
            .any(|code| code.covers(&unit.row.division))
    };
    let above = place
        .path()
        .iter()
        .any(|code| directory.codes_of(code).contains(&unit.row.division));
    let county = place.at_level(Level::County);
    if above || county.is_some_and(|county| within(&county)) {
        Ok(unit)
    } else {
        Err(fault(
            pointer,
            "elsewhere",
            "这个单位属于别的县（市、区），请由上级中心协调",
            "the unit belongs to another county: the centre above has to arrange that",
        ))
    }
}

/// The instant at which a day of China's legal time ends.
pub(crate) fn end_of(day: Day) -> Timestamp {
    Timestamp::local_midnight(day.next())
}
