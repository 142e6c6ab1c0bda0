//! The room `directory`: divisions, units and people with their posts.
//!
//! [`Directory`] is the whole of it in memory, for look-ups inside a decision. Rows come from imports ([`import`]); what is
//! said about a person (name, phone, account) is sealed and only passes through here.

pub mod gazetteer;
mod import;
mod near;
mod places;
mod provinces;
mod rows;

use std::collections::HashMap;

pub use import::{PersonDraft, UnitDraft, is_phone, read_divisions, read_people, read_units};
pub use near::nearest_units;
pub use places::{PlaceKind, PlaceRow, read_places};
pub use rows::{
    CaughtUp, ClockConfirmed, DirectoryEvent, DivisionRow, GridsChanged, Imported, PasswordSet,
    PersonRow, PostRow, Relaxed, TableName, UnitRow,
};

use crate::access::{Post, Role};
use crate::code::{DivisionCode, Level, UnitCode, UnitKind};
use crate::duty::DutyHours;
use crate::id::{DivisionId, PersonId, UnitId};
use crate::place::Point;
use crate::time::{Day, Timestamp};

/// A unit as decisions need it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The row.
    pub row: UnitRow,
    /// Its duty hours, read.
    pub duty: DutyHours,
}

impl Unit {
    /// Whether the unit is on duty at `at`.
    pub fn on_duty(&self, at: Timestamp) -> bool {
        self.row.active && self.duty.covers(at)
    }
}

/// A unit that could be sent, with what speaks for it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'d> {
    /// The unit.
    pub unit: &'d Unit,
    /// Straight-line distance from its base in metres; none when one of the two positions is not known.
    pub metres: Option<u32>,
    /// On duty now.
    pub on_duty: bool,
}

/// Divisions, units and posts in memory.
#[derive(Debug, Default)]
pub struct Directory {
    divisions: HashMap<DivisionId, DivisionRow>,
    by_code: HashMap<DivisionCode, DivisionId>,
    predecessors: HashMap<DivisionId, Vec<DivisionId>>,
    units: HashMap<UnitId, Unit>,
    units_by_code: HashMap<UnitCode, UnitId>,
    units_by_kind: HashMap<UnitKind, Vec<UnitId>>,
    posts: HashMap<PersonId, Vec<PostRow>>,
    /// Who holds a post in a division, in the order of their ids: answers are the same on every node.
    holders: HashMap<DivisionCode, Vec<PersonId>>,
}

/// Kinds of governance centres (综治中心) by the level at which they stand.
const CENTRES: [(Level, &str); 4] = [
    (Level::Town, "CGC_T"),
    (Level::County, "CGC_C"),
    (Level::City, "CGC_S"),
    (Level::Province, "CGC_P"),
];

impl Directory {
    /// Builds the look-ups from rows.
    pub fn new(
        divisions: impl IntoIterator<Item = DivisionRow>,
        units: impl IntoIterator<Item = UnitRow>,
        posts: impl IntoIterator<Item = (PersonId, Vec<PostRow>)>,
    ) -> Self {
        let mut all = Self {
            posts: posts.into_iter().collect(),
            ..Self::default()
        };
        for division in divisions {
            if let Some(successor) = division.successor {
                all.predecessors
                    .entry(successor)
                    .or_default()
                    .push(division.id);
            }
            all.by_code.insert(division.code.clone(), division.id);
            all.divisions.insert(division.id, division);
        }
        for row in units {
            let Some(duty) = DutyHours::parse(&row.duty) else {
                continue;
            };
            all.units_by_code.insert(row.code.clone(), row.id);
            all.units_by_kind
                .entry(row.kind.clone())
                .or_default()
                .push(row.id);
            all.units.insert(row.id, Unit { row, duty });
        }
        for (person, posts) in &all.posts {
            for post in posts {
                let holders = all.holders.entry(post.division.clone()).or_default();
                if !holders.contains(person) {
                    holders.push(*person);
                }
            }
        }
        for holders in all.holders.values_mut() {
            holders.sort_unstable();
        }
        all
    }

    /// A division by its code, today's or a former one.
    pub fn division(&self, code: &DivisionCode) -> Option<&DivisionRow> {
        self.by_code.get(code).and_then(|id| self.divisions.get(id))
    }

    /// All divisions.
    pub fn divisions(&self) -> impl Iterator<Item = &DivisionRow> {
        self.divisions.values()
    }

    /// A division by its stable id.
    pub fn division_by_id(&self, id: DivisionId) -> Option<&DivisionRow> {
        self.divisions.get(&id)
    }

    /// A unit by its id.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// A unit by its code.
    pub fn unit_by_code(&self, code: &UnitCode) -> Option<&Unit> {
        self.units_by_code
            .get(code)
            .and_then(|id| self.units.get(id))
    }

    /// All units.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// `code`, the codes it had before and those it has had since: a scope goes over all of them.
    pub fn codes_of(&self, code: &DivisionCode) -> Vec<DivisionCode> {
        let mut codes = vec![code.clone()];
        let Some(&id) = self.by_code.get(code) else {
            return codes;
        };
        let mut seen = vec![id];
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let next = self.divisions.get(&id).and_then(|d| d.successor);
            let before = self.predecessors.get(&id).into_iter().flatten().copied();
            for id in before.chain(next) {
                if !seen.contains(&id) {
                    seen.push(id);
                    open.push(id);
                    codes.extend(self.divisions.get(&id).map(|d| d.code.clone()));
                }
            }
        }
        codes
    }

    /// What a person holds now; empty when nothing.
    pub fn posts_of(&self, person: PersonId) -> Vec<Post> {
        self.posts
            .get(&person)
            .into_iter()
            .flatten()
            .map(|row| Post {
                role: row.role,
                unit: row.unit,
                division: row.division.clone(),
                codes: self.codes_of(&row.division),
            })
            .collect()
    }

    /// Everybody who holds a post in the divisions from `place` up, with that post; the lowest division first.
    pub fn posts_over(&self, place: &DivisionCode) -> impl Iterator<Item = (PersonId, &PostRow)> {
        place
            .path()
            .into_iter()
            .flat_map(|code| self.codes_of(&code))
            .flat_map(|code| {
                let holders = self.holders.get(&code).into_iter().flatten();
                holders
                    .flat_map(|person| {
                        let posts = self.posts.get(person).into_iter().flatten();
                        posts.map(|post| (*person, post))
                    })
                    .filter(|(_, post)| post.division == code)
                    .collect::<Vec<_>>()
            })
    }

    /// Whether somebody holds `role` in a division.
    pub fn is_held(&self, role: Role, division: &DivisionCode) -> bool {
        self.codes_of(division).iter().any(|code| {
            let holders = self.holders.get(code).into_iter().flatten();
            holders
                .flat_map(|person| self.posts.get(person).into_iter().flatten())
                .any(|post| post.role == role && post.division == *code)
        })
    }

    /// Whether the centre of a division has somebody who takes reports.
    pub fn is_staffed(&self, division: &DivisionCode) -> bool {
        self.is_held(Role::DutyOfficer, division)
    }

    /// The governance centres in the path of a place, from the town up.
    pub fn centres_over(&self, place: &DivisionCode) -> Vec<(DivisionCode, UnitId)> {
        let at = |(level, kind): (Level, &str)| {
            let (code, kind) = place.at_level(level).zip(UnitKind::parse(kind))?;
            let codes = self.codes_of(&code);
            self.of_kind(&kind)
                .filter(|unit| unit.row.active && codes.contains(&unit.row.division))
                .min_by(|a, b| a.row.code.cmp(&b.row.code))
                .map(|unit| (unit.row.division.clone(), unit.row.id))
        };
        CENTRES.into_iter().filter_map(at).collect()
    }

    /// The governance centre (综治中心) of a place: the lowest one with somebody who takes reports (an empty post is skipped
    /// upward), else the lowest one. A place without any centre still has its town's (or its own) code, so that no report is
    /// turned away.
    pub fn centre_of(&self, place: &DivisionCode) -> (DivisionCode, Option<UnitId>) {
        let centres = self.centres_over(place);
        let staffed = centres.iter().find(|(code, _)| self.is_staffed(code));
        staffed.or(centres.first()).map_or_else(
            || {
                let town = place.at_level(Level::Town);
                (town.unwrap_or_else(|| place.clone()), None)
            },
            |(code, unit)| (code.clone(), Some(*unit)),
        )
    }

    fn of_kind(&self, kind: &UnitKind) -> impl Iterator<Item = &Unit> {
        self.units_by_kind
            .get(kind)
            .into_iter()
            .flatten()
            .filter_map(|id| self.units.get(id))
    }

    /// Where a place is when nobody gave a position: the base of its community's grid post, else of its centre.
    fn anchor(&self, place: &DivisionCode) -> Option<Point> {
        let community = place.at_level(Level::Community);
        let post = UnitKind::parse("GRID")
            .zip(community)
            .and_then(|(kind, community)| {
                let codes = self.codes_of(&community);
                let mut posts: Vec<&UnitRow> = self
                    .of_kind(&kind)
                    .map(|unit| &unit.row)
                    .filter(|row| codes.contains(&row.division))
                    .collect();
                posts.sort_by(|a, b| a.code.cmp(&b.code));
                posts.iter().find_map(|row| row.base)
            });
        post.or_else(|| {
            self.centre_of(place)
                .1
                .and_then(|id| self.unit(id))
                .and_then(|unit| unit.row.base)
        })
    }

    /// The units of a kind that could go to a place, best first: on duty, then by straight-line distance from their base,
    /// then those whose area holds the place, ties by code; posts of other communities come last. Units of other counties
    /// are not called by themselves.
    ///
    /// `at` is the position of the case; without one the distance is reckoned from the community's grid post or the centre.
    pub fn candidates(
        &self,
        kind: &UnitKind,
        place: &DivisionCode,
        at: Option<Point>,
        now: Timestamp,
    ) -> Vec<Candidate<'_>> {
        let at = at.or_else(|| self.anchor(place));
        let county: Vec<DivisionCode> = place
            .at_level(Level::County)
            .map(|county| self.codes_of(&county))
            .unwrap_or_default();
        let here: Vec<DivisionCode> = place
            .path()
            .iter()
            .flat_map(|code| self.codes_of(code))
            .collect();
        let mut found: Vec<(bool, Candidate<'_>)> = self
            .of_kind(kind)
            .filter(|unit| unit.row.active)
            .filter_map(|unit| {
                let covers = here.contains(&unit.row.division);
                let near = covers
                    || county
                        .iter()
                        .any(|county| county.covers(&unit.row.division));
                near.then(|| {
                    let metres = at.zip(unit.row.base).map(|(at, base)| at.metres_to(base));
                    (
                        covers,
                        Candidate {
                            unit,
                            metres,
                            on_duty: unit.on_duty(now),
                        },
                    )
                })
            })
            .collect();
        found.sort_by(|(covers_a, a), (covers_b, b)| {
            // A post of one community is for that community first, however near the next one's is.
            let strange = |covers: bool, c: &Candidate<'_>| {
                !covers && c.unit.row.division.level() == Level::Community
            };
            let key = |covers: bool, c: &Candidate<'_>| {
                (
                    !c.on_duty,
                    strange(covers, c),
                    c.metres.unwrap_or(u32::MAX),
                    !covers,
                )
            };
            key(*covers_a, a)
                .cmp(&key(*covers_b, b))
                .then_with(|| a.unit.row.code.cmp(&b.unit.row.code))
        });
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// Whether a division was valid on a day.
    pub fn valid_on(row: &DivisionRow, day: Day) -> bool {
        row.valid_from.is_none_or(|from| from <= day) && row.valid_to.is_none_or(|to| day <= to)
    }
}
