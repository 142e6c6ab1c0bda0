//! Random scenarios: a directory, people with their posts, and steps to take.
//!
//! Everything is small numbers that the run reads against what is there, so that proptest can shrink a failure to the few
//! units, people and steps that it needs.

use jingwei_core::access::{Post, Principal, Role};
use jingwei_core::code::{DivisionCode, UnitCode, UnitKind};
use jingwei_core::directory::{Directory, UnitRow};
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
}

/// One step.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Milliseconds since the step before.
    pub(super) gap: i64,
    /// Whether timers that are due by then are fired first.
    pub(super) timers: bool,
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

/// A directory, people, and steps.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    units: Vec<UnitSpec>,
    people: Vec<Vec<PostSpec>>,
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
    ];
    let choice = prop_oneof![
        11 => Just(Choice::Open),
        5 => Just(Choice::Anything),
        2 => Just(Choice::Timer),
    ];
    let number = || 0..usize::from(u16::MAX);
    (
        gap,
        prop::bool::weighted(0.7),
        choice,
        number(),
        number(),
        number(),
        number(),
    )
        .prop_map(|(gap, timers, choice, what, who, which, how)| Step {
            gap,
            timers,
            choice,
            what,
            who,
            which,
            how,
        })
}

/// Scenarios with up to 24 units, 7 people of random posts beside the fixed ones, and up to 70 steps.
pub(super) fn scenario() -> impl Strategy<Value = Scenario> {
    let post = (0..64_usize, 0..64_usize, 0..64_usize);
    (
        vec(unit(), 6..24),
        vec(vec(post, 1..6), 2..7),
        0..86_400_000_i64,
        vec(step(), 35..70),
    )
        .prop_map(|(units, people, start, steps)| Scenario {
            units,
            people,
            start,
            steps,
        })
}

impl Scenario {
    /// The directory: the random units, with a gas company and a town centre that are always there.
    pub(super) fn directory(&self) -> Directory {
        let fixed = [("GAS", 2), ("CGC_T", 1)].map(|(kind, place)| UnitSpec {
            kind: KINDS.iter().position(|k| *k == kind).unwrap_or(0),
            place,
            duty: 0,
            base: None,
            active: true,
        });
        let rows = fixed
            .iter()
            .chain(&self.units)
            .enumerate()
            .map(|(i, spec)| unit_row(i, spec));
        Directory::new(divisions(), rows, [])
    }

    /// The people: those of the procedure, one of each unit's staff, and random ones with several posts each.
    pub(super) fn people(&self, directory: &Directory) -> Vec<Principal> {
        let mut units: Vec<&UnitRow> = directory.units().map(|unit| &unit.row).collect();
        units.sort_by(|a, b| a.code.cmp(&b.code));
        let centre = units[0].id;
        let officer = [Role::DutyOfficer, Role::DutyChief, Role::Dispatcher];
        let mut people = vec![
            officer
                .iter()
                .map(|&role| post(directory, role, centre, division(PLACES[1])))
                .collect(),
            vec![post(
                directory,
                Role::GridWorker,
                centre,
                division(PLACES[0]),
            )],
            vec![post(directory, Role::Verifier, centre, division(PLACES[1]))],
            vec![post(
                directory,
                Role::DutyChief,
                centre,
                division(PLACES[2]),
            )],
            vec![post(
                directory,
                Role::Dispatcher,
                centre,
                division(PLACES[2]),
            )],
            [Role::DutyOfficer, Role::DutyChief]
                .map(|role| post(directory, role, centre, division(PLACES[6])))
                .to_vec(),
        ];
        people.extend(units.iter().map(|unit| {
            let role = match unit.kind.as_str() {
                "GRID" if unit.division.as_str().len() == 12 => Role::GridWorker,
                _ => Role::UnitStaff,
            };
            vec![post(directory, role, unit.id, unit.division.clone())]
        }));
        let posts: Vec<Role> = Role::ALL.iter().copied().filter(|r| r.is_post()).collect();
        people.extend(self.people.iter().map(|specs| {
            specs
                .iter()
                .map(|&(role, unit, place)| {
                    post(
                        directory,
                        posts[role % posts.len()],
                        units[unit % units.len()].id,
                        division(PLACES[place % PLACES.len()]),
                    )
                })
                .collect()
        }));
        people
            .into_iter()
            .zip(1..)
            .map(|(posts, i)| Principal::Person {
                id: PersonId(Uuid::from_u128(i)),
                posts,
            })
            .collect()
    }
}

/// Somebody who holds every role at every level of the home of the story.
pub(super) fn holder_of_everything(directory: &Directory, id: u128) -> Principal {
    let posts = Role::ALL
        .iter()
        .filter(|role| role.is_post())
        .flat_map(|&role| {
            PLACES[..5]
                .iter()
                .map(move |place| post(directory, role, UnitId(Uuid::nil()), division(place)))
        })
        .collect();
    Principal::Person {
        id: PersonId(Uuid::from_u128(id)),
        posts,
    }
}

fn post(directory: &Directory, role: Role, unit: UnitId, division: DivisionCode) -> Post {
    Post {
        role,
        unit,
        codes: directory.codes_of(&division),
        division,
    }
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
