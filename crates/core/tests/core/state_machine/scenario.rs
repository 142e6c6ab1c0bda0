//! Random scenarios: a directory, people with their posts, and steps to take.
//!
//! Everything is small numbers that the run reads against what is there, so that proptest can shrink a failure to the few
//! units, people and steps that it needs.

use jingwei_core::access::Role;
use jingwei_core::code::{UnitCode, UnitKind};
use jingwei_core::directory::{Directory, PostRow, UnitRow};
use jingwei_core::id::{PersonId, UnitId};
use jingwei_core::label::Label;
use jingwei_core::place::Point;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{division, divisions};

/// Kinds of units in the scenarios: those of the gas plan with their fallbacks, centres, and one no plan knows.
const KINDS: [&str; 13] = [
    "GAS", "FIRE", "RESCUE", "GRID", "HEADGRID", "POLST", "TRAFPOL", "EMB", "CGC_S", "HCB",
    "CGC_T", "CGC_C", "UMB",
];

/// Where units and posts stand: the home of the story from community to province, and another county.
pub(super) const PLACES: [&str; 8] = [
    "510116111001",
    "510116111",
    "510116",
    "5101",
    "51",
    "510116111002",
    "513322",
    "513322100",
];

const DUTY: [&str; 4] = ["24h", "24h", "Mon-Fri 08:00-18:00", "Mon-Sun 22:00-06:00"];

/// One unit.
#[derive(Debug, Clone)]
pub(super) struct UnitSpec {
    kind: usize,
    place: usize,
    duty: usize,
    base: Option<(i32, i32)>,
    active: bool,
}

/// One post: role, unit (by index) and place (by index).
type PostSpec = (usize, usize, usize);

/// How a command is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// One of the acts that are open to somebody.
    Open,
    /// Anything by anybody.
    Anything,
    /// A timer that may be long gone.
    Timer,
    /// The notice of the next year is imported.
    Calendar,
}

/// One step.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Milliseconds since the step before.
    pub(super) gap: i64,
    /// Whether timers that are due by then are fired first.
    pub(super) timers: bool,
    /// Whether it is about the second case.
    pub(super) second: bool,
    /// How the command is chosen.
    pub(super) choice: Choice,
    /// Four numbers for what, who, about what, and how.
    pub(super) what: usize,
    /// Who.
    pub(super) who: usize,
    /// About which.
    pub(super) which: usize,
    /// How.
    pub(super) how: usize,
}

/// Who holds the posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Staffing {
    /// Every post of the procedure is held at town and county, each unit has somebody, and random people hold more.
    Full,
    /// Nobody at the town: the county does it all.
    EmptyTown,
    /// Nobody above the town.
    TownAlone,
    /// The town is one person who holds everything; the county has its chief and its dispatcher.
    OneInTheTown,
    /// Two people in all: one accepts, files, checks and closes; one dispatches and carries out.
    Two,
    /// One person in all holds everything.
    One,
    /// Whatever posts the dice give, and nobody else.
    Random,
}

const STAFFINGS: [Staffing; 10] = [
    Staffing::Full,
    Staffing::Full,
    Staffing::Full,
    Staffing::Full,
    Staffing::EmptyTown,
    Staffing::TownAlone,
    Staffing::OneInTheTown,
    Staffing::Two,
    Staffing::One,
    Staffing::Random,
];

/// A directory, people, and steps.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    units: Vec<UnitSpec>,
    people: Vec<Vec<PostSpec>>,
    /// Who holds the posts.
    pub(super) staffing: Staffing,
    /// Milliseconds after ten o'clock at which the story begins.
    pub(super) start: i64,
    /// The steps.
    pub(super) steps: Vec<Step>,
}

fn unit() -> impl Strategy<Value = UnitSpec> {
    (
        0..KINDS.len(),
        0..PLACES.len(),
        0..DUTY.len(),
        option::weighted(0.8, (0..4_000_000_i32, 0..4_000_000_i32)),
        prop::bool::weighted(0.9),
    )
        .prop_map(|(kind, place, duty, base, active)| UnitSpec {
            kind,
            place,
            duty,
            base,
            active,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let gap = prop_oneof![
        5 => 0..20_000_i64,
        3 => 20_000..200_000_i64,
        1 => 600_000..12_000_000_i64,
        1 => 86_400_000..1_000_000_000_i64,
    ];
    let choice = prop_oneof![
        22 => Just(Choice::Open),
        12 => Just(Choice::Anything),
        3 => Just(Choice::Timer),
        1 => Just(Choice::Calendar),
    ];
    let number = || 0..usize::from(u16::MAX);
    (
        gap,
        (prop::bool::weighted(0.7), prop::bool::weighted(0.2)),
        choice,
        number(),
        number(),
        number(),
        number(),
    )
        .prop_map(
            |(gap, (timers, second), choice, what, who, which, how)| Step {
                gap,
                timers,
                second,
                choice,
                what,
                who,
                which,
                how,
            },
        )
}

/// Scenarios with up to 24 units, up to 7 people of random posts, and up to 70 steps.
pub(super) fn scenario() -> impl Strategy<Value = Scenario> {
    let post = (0..64_usize, 0..64_usize, 0..64_usize);
    (
        vec(unit(), 6..24),
        vec(vec(post, 1..6), 2..7),
        0..STAFFINGS.len(),
        0..86_400_000_i64,
        vec(step(), 35..70),
    )
        .prop_map(|(units, people, staffing, start, steps)| Scenario {
            units,
            people,
            staffing: STAFFINGS[staffing],
            start,
            steps,
        })
}

/// The posts of one person.
type Posts = Vec<PostRow>;

/// Every role that is a post, in the order of the table.
fn roles() -> impl Iterator<Item = Role> {
    Role::ALL.iter().copied().filter(|role| role.is_post())
}

impl Scenario {
    /// The random units, with a gas company and the centres of the home that are always there.
    fn units(&self) -> Vec<UnitRow> {
        let fixed = [("GAS", 2), ("CGC_T", 1), ("CGC_C", 2), ("CGC_S", 3)];
        let fixed = fixed.map(|(kind, place)| UnitSpec {
            kind: KINDS.iter().position(|k| *k == kind).unwrap_or(0),
            place,
            duty: 0,
            base: None,
            active: true,
        });
        let specs = fixed.iter().chain(&self.units).enumerate();
        specs.map(|(i, spec)| unit_row(i, spec)).collect()
    }

    /// The directory with its people, and the ids of these.
    pub(super) fn directory(&self) -> (Directory, Vec<PersonId>) {
        let units = self.units();
        let people = self.posts(&units);
        let ids: Vec<PersonId> = (1..)
            .take(people.len())
            .map(|i| PersonId(Uuid::from_u128(i)))
            .collect();
        let posts: Vec<(PersonId, Posts)> = ids.iter().copied().zip(people).collect();
        (Directory::new(divisions(), units, posts), ids)
    }

    fn posts(&self, units: &[UnitRow]) -> Vec<Posts> {
        let mut people = match self.staffing {
            Staffing::Full => [town(units), county(units)].concat(),
            Staffing::EmptyTown => county(units),
            Staffing::TownAlone => town(units),
            Staffing::OneInTheTown => {
                let mut people = vec![everything(units, &PLACES[..2])];
                people.extend(county(units).into_iter().take(2));
                people
            }
            Staffing::Two => vec![
                of(
                    &units[1],
                    &[Role::DutyOfficer, Role::DutyChief, Role::Verifier],
                    PLACES[2],
                ),
                two(units),
            ],
            Staffing::One => vec![everything(units, &PLACES[..5])],
            Staffing::Random => Vec::new(),
        };
        if !matches!(self.staffing, Staffing::Two | Staffing::One) {
            people.extend(units.iter().map(staff));
            people.extend(self.people.iter().map(|specs| random(specs, units)));
        }
        people
    }
}

/// The people of the town: one at the desk for everything there, a worker, a head worker and a verifier.
fn town(units: &[UnitRow]) -> Vec<Posts> {
    let desk = [Role::DutyOfficer, Role::DutyChief, Role::Dispatcher];
    vec![
        of(&units[1], &desk, PLACES[1]),
        of(&units[1], &[Role::GridWorker], PLACES[0]),
        of(&units[1], &[Role::HeadGridWorker], PLACES[1]),
        of(&units[1], &[Role::Verifier], PLACES[1]),
    ]
}

/// The people of the county, of the city above it, and of another county.
fn county(units: &[UnitRow]) -> Vec<Posts> {
    let judges = [Role::DutyOfficer, Role::DutyChief];
    vec![
        of(&units[2], &judges, PLACES[2]),
        of(&units[2], &[Role::Dispatcher], PLACES[2]),
        of(&units[2], &[Role::Verifier], PLACES[2]),
        of(&units[2], &[Role::Leader, Role::Inspector], PLACES[2]),
        of(
            &units[3],
            &[judges[0], judges[1], Role::Dispatcher],
            PLACES[3],
        ),
        of(&units[1], &judges, PLACES[6]),
    ]
}

/// The second of two people: commands, and carries out for the gas company.
fn two(units: &[UnitRow]) -> Posts {
    let mut posts = of(&units[2], &[Role::Dispatcher], PLACES[2]);
    posts.extend(staff(&units[0]));
    posts
}

/// Who carries out a unit's orders.
fn staff(unit: &UnitRow) -> Posts {
    let role = match unit.kind.as_str() {
        "GRID" if unit.division.as_str().len() == 12 => Role::GridWorker,
        _ => Role::UnitStaff,
    };
    of(unit, &[role], unit.division.as_str())
}

fn of(unit: &UnitRow, roles: &[Role], place: &str) -> Posts {
    let post = |role: &Role| PostRow {
        role: *role,
        unit: unit.id,
        division: division(place),
    };
    roles.iter().map(post).collect()
}

/// Every role in each of some places, and the staff of the gas company.
fn everything(units: &[UnitRow], places: &[&str]) -> Posts {
    let mut posts = staff(&units[0]);
    for place in places {
        posts.extend(roles().flat_map(|role| of(&units[1], &[role], place)));
    }
    posts
}

fn random(specs: &[PostSpec], units: &[UnitRow]) -> Posts {
    let roles: Vec<Role> = roles().collect();
    let post = |&(role, unit, place): &PostSpec| {
        let place = PLACES[place % PLACES.len()];
        of(
            &units[unit % units.len()],
            &[roles[role % roles.len()]],
            place,
        )
    };
    specs.iter().flat_map(post).collect()
}

fn unit_row(i: usize, spec: &UnitSpec) -> UnitRow {
    let kind = KINDS[spec.kind];
    let code = UnitCode::parse(&format!("U{i:02}-{kind}")).expect("a code");
    UnitRow {
        id: UnitId::of_code(code.as_str()),
        name: Label::new(&format!("单位 {i}")).expect("a label"),
        code,
        name_en: None,
        kind: UnitKind::parse(kind).expect("a kind"),
        division: division(PLACES[spec.place]),
        capabilities: Vec::new(),
        duty: DUTY[spec.duty].to_owned(),
        contact: None,
        base: spec.base.map(|(east, north)| Point {
            lon_e7: 1_038_000_000 + east,
            lat_e7: 302_000_000 + north,
        }),
        active: spec.active,
    }
}
