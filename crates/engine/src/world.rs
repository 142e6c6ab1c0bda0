//! Rules and directory as they stand, in memory, replaced whole when an import becomes valid.

use std::sync::Arc;

use jingwei_core::access::{Principal, Role};
use jingwei_core::code::{DivisionCode, UnitCode, UnitKind};
use jingwei_core::directory::{Directory, DivisionRow, PersonRow, PostRow, UnitRow};
use jingwei_core::id::{DivisionId, PersonId, UnitId};
use jingwei_core::label::Label;
use jingwei_core::place::Point;
use jingwei_core::rules::RuleSet;
use jingwei_core::sealed::{Digest, Sealed};
use jingwei_core::time::Day;
use jingwei_store::{Tx, directory as rows, rules};

use crate::error::{EngineError, Result};

/// What decisions and views look at.
pub struct World {
    /// The rules in force.
    pub rules: Arc<RuleSet>,
    /// Divisions, units and posts.
    pub directory: Directory,
    /// People, with their sealed names.
    pub(crate) people: std::collections::HashMap<PersonId, PersonRow>,
    pub(crate) accounts: std::collections::HashMap<Digest, PersonId>,
}

fn bad(what: &str, value: &str) -> EngineError {
    EngineError::Journal(format!("a row of the directory holds {what} \"{value}\""))
}

fn code(text: &str) -> Result<DivisionCode> {
    DivisionCode::parse(text).ok_or_else(|| bad("the division code", text))
}

fn label(text: &str) -> Result<Label> {
    Label::new(text).ok_or_else(|| bad("the name", text))
}

fn day(day: Option<i64>) -> Option<Day> {
    day.and_then(|day| i32::try_from(day).ok()).map(Day)
}

/// A division from its stored row.
pub(crate) fn division(row: rows::DivisionRow) -> Result<DivisionRow> {
    Ok(DivisionRow {
        id: DivisionId(row.id),
        code: code(&row.code)?,
        name: label(&row.name)?,
        valid_from: day(row.valid_from),
        valid_to: day(row.valid_to),
        successor: row.successor.map(DivisionId),
    })
}

/// A division as it is stored.
pub(crate) fn division_row(row: &DivisionRow) -> rows::DivisionRow {
    rows::DivisionRow {
        id: row.id.0,
        code: row.code.as_str().to_owned(),
        name: row.name.as_str().to_owned(),
        level: row.code.level().number(),
        valid_from: row.valid_from.map(|d| i64::from(d.0)),
        valid_to: row.valid_to.map(|d| i64::from(d.0)),
        successor: row.successor.map(|s| s.0),
    }
}

/// A unit from its stored row.
pub(crate) fn unit(row: rows::UnitRow) -> Result<UnitRow> {
    Ok(UnitRow {
        id: UnitId(row.id),
        code: UnitCode::parse(&row.code).ok_or_else(|| bad("the unit code", &row.code))?,
        name: label(&row.name)?,
        name_en: row.name_en.as_deref().map(label).transpose()?,
        kind: UnitKind::parse(&row.kind).ok_or_else(|| bad("the kind", &row.kind))?,
        division: code(&row.division)?,
        capabilities: row.capabilities.split('|').filter_map(Label::new).collect(),
        duty: row.duty,
        contact: row.contact.map(Sealed::from_bytes),
        base: row.lon_e7.zip(row.lat_e7).and_then(|(lon, lat)| {
            Some(Point {
                lon_e7: i32::try_from(lon).ok()?,
                lat_e7: i32::try_from(lat).ok()?,
            })
        }),
        active: row.active,
    })
}

/// A unit as it is stored.
pub(crate) fn unit_row(row: &UnitRow) -> rows::UnitRow {
    let capabilities: Vec<&str> = row.capabilities.iter().map(Label::as_str).collect();
    rows::UnitRow {
        id: row.id.0,
        code: row.code.as_str().to_owned(),
        name: row.name.as_str().to_owned(),
        name_en: row.name_en.as_ref().map(|n| n.as_str().to_owned()),
        kind: row.kind.as_str().to_owned(),
        division: row.division.as_str().to_owned(),
        capabilities: capabilities.join("|"),
        duty: row.duty.clone(),
        contact: row.contact.as_ref().map(|c| c.as_bytes().to_vec()),
        lon_e7: row.base.map(|p| i64::from(p.lon_e7)),
        lat_e7: row.base.map(|p| i64::from(p.lat_e7)),
        active: row.active,
    }
}

/// A person as they are stored, without posts.
pub(crate) fn person_row(row: &PersonRow) -> rows::PersonRow {
    rows::PersonRow {
        id: row.id.0,
        account_index: row.account_index.0.to_vec(),
        account: row.account.as_bytes().to_vec(),
        name: row.name.as_bytes().to_vec(),
        phone: row.phone.as_ref().map(|p| p.as_bytes().to_vec()),
        active: row.active,
    }
}

/// The posts of a person as they are stored.
pub(crate) fn post_rows(row: &PersonRow) -> Vec<rows::PostRow> {
    row.posts
        .iter()
        .map(|post| rows::PostRow {
            person: row.id.0,
            role: post.role.as_str().to_owned(),
            unit: post.unit.0,
            division: post.division.as_str().to_owned(),
        })
        .collect()
}

/// All people with their posts.
pub(crate) fn people(tx: &mut Tx<'_>) -> Result<Vec<PersonRow>> {
    let mut posts: std::collections::HashMap<uuid::Uuid, Vec<PostRow>> =
        std::collections::HashMap::new();
    for row in rows::all_posts(tx)? {
        let post = PostRow {
            role: Role::parse(&row.role).ok_or_else(|| bad("the role", &row.role))?,
            unit: UnitId(row.unit),
            division: code(&row.division)?,
        };
        posts.entry(row.person).or_default().push(post);
    }
    rows::all_people(tx)?
        .into_iter()
        .map(|row| {
            let mut posts = posts.remove(&row.id).unwrap_or_default();
            posts.sort();
            Ok(PersonRow {
                id: PersonId(row.id),
                account_index: Digest(
                    <[u8; 32]>::try_from(row.account_index.as_slice())
                        .map_err(|_| bad("an account index", "?"))?,
                ),
                account: Sealed::from_bytes(row.account),
                name: Sealed::from_bytes(row.name),
                phone: row.phone.map(Sealed::from_bytes),
                posts,
                active: row.active,
            })
        })
        .collect()
}

/// The files of a rule set as they are stored: JSON of name and text.
pub(crate) fn read_rules(content: &[u8]) -> Result<Vec<(String, String)>> {
    serde_json::from_slice(content)
        .map_err(|e| EngineError::Journal(format!("a stored rule set cannot be read: {e}")))
}

impl World {
    /// Loads everything; none before the first rule set.
    pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Option<Self>> {
        let Some((digest, content)) = rules::present(tx)? else {
            return Ok(None);
        };
        let digest = Digest(
            <[u8; 32]>::try_from(digest.as_slice()).map_err(|_| bad("a digest of rules", "?"))?,
        );
        let rules = RuleSet::stored(&read_rules(&content)?, digest).map_err(|faults| {
            EngineError::Journal(format!("the stored rules have {} faults", faults.len()))
        })?;
        Self::with_rules(tx, Arc::new(rules)).map(Some)
    }

    /// Loads the directory beside rules that are at hand.
    pub(crate) fn with_rules(tx: &mut Tx<'_>, rules: Arc<RuleSet>) -> Result<Self> {
        let divisions = rows::all_divisions(tx)?
            .into_iter()
            .map(division)
            .collect::<Result<Vec<_>>>()?;
        let units = rows::all_units(tx)?
            .into_iter()
            .map(unit)
            .collect::<Result<Vec<_>>>()?;
        let people = people(tx)?;
        // Who may not sign in any more fills no post.
        let posts = people
            .iter()
            .filter(|p| p.active)
            .map(|p| (p.id, p.posts.clone()))
            .collect::<Vec<_>>();
        let accounts = people.iter().map(|p| (p.account_index, p.id)).collect();
        let people = people.into_iter().map(|p| (p.id, p)).collect();
        Ok(Self {
            rules,
            directory: Directory::new(divisions, units, posts),
            people,
            accounts,
        })
    }

    /// A signed-in person with what they hold now; none when they may not sign in (any more).
    pub(crate) fn principal(&self, person: PersonId) -> Option<Principal> {
        let row = self.people.get(&person).filter(|row| row.active)?;
        Some(Principal::Person {
            id: row.id,
            posts: self.directory.posts_of(row.id),
        })
    }
}
