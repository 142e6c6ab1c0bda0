//! The content of an import, checked against what stands: every fault is named, nothing is changed.

use std::collections::HashMap;

use jingwei_core::access::{Principal, Role};
use jingwei_core::code::DivisionCode;
use jingwei_core::directory::{
    self as core, PersonDraft, PersonRow, Relaxed, TableName, UnitDraft, UnitRow,
};
use jingwei_core::id::PersonId;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::RuleSet;
use jingwei_core::rules::table::Fault;
use jingwei_core::sealed::Sealed;
use uuid::Uuid;

use super::ImportOptions;
use super::content::{Content, digest_of_rules};
use crate::error::{EngineError, Result};
use crate::place::Place;
use crate::vault::{Key, Vault};
use crate::world::World;

/// Checked content with what else has to be written with it.
pub(super) struct Checked {
    pub(super) content: Content,
    pub(super) keys: Vec<(Uuid, Key)>,
    pub(super) relaxed: Vec<Relaxed>,
    pub(super) new: usize,
    pub(super) changed: usize,
}

pub(crate) fn refuse(faults: Vec<Fault>) -> EngineError {
    EngineError::Import(faults)
}

/// An administrator changes what lies in their own area: units and people of it, both as they stand and as they will, and
/// posts at units of it. Divisions and rules concern the whole node: for them the area has to hold every unit there is.
pub(super) fn within_area(content: &Content, by: &Principal, world: &World) -> Result<()> {
    let areas: Vec<_> = by
        .posts()
        .iter()
        .filter(|post| post.role == Role::Administrator)
        .collect();
    let inside = |code: &DivisionCode| areas.iter().any(|post| post.covers(code));
    let unit_of = |id| {
        world
            .directory
            .unit(id)
            .map(|unit| unit.row.division.clone())
    };
    let concerned: Vec<DivisionCode> = match content {
        Content::Units(rows) => rows
            .iter()
            .flat_map(|row| unit_of(row.id).into_iter().chain([row.division.clone()]))
            .collect(),
        Content::People(rows) => {
            let before = |row: &PersonRow| {
                world
                    .people
                    .get(&row.id)
                    .map(|row| row.posts.clone())
                    .unwrap_or_default()
            };
            let posts = rows
                .iter()
                .flat_map(|row| before(row).into_iter().chain(row.posts.clone()));
            posts
                .flat_map(|post| unit_of(post.unit).into_iter().chain([post.division]))
                .collect()
        }
        Content::Places(rows) => rows.iter().map(|row| row.division.clone()).collect(),
        Content::Grids(rows) => rows
            .iter()
            .flat_map(|row| row.divisions().cloned())
            .collect(),
        Content::Outlines(rows) => rows.iter().map(|row| row.code.clone()).collect(),
        Content::Divisions(_) | Content::Rules(_) => world
            .directory
            .units()
            .map(|unit| unit.row.division.clone())
            .collect(),
    };
    match concerned.iter().find(|code| !inside(code)) {
        None => Ok(()),
        Some(code) => Err(Refusal::Invalid(vec![FieldFault::new(
            "/files",
            "outside_area",
            format!("涉及你管理范围以外的 {code}，请由上级管理员导入"),
            format!(
                "this concerns {code}, outside your area: an administrator above has to import it"
            ),
        )])
        .into()),
    }
}

pub(super) fn check_content(
    table: TableName,
    files: &[(String, String)],
    options: ImportOptions,
    world: &World,
    place: &Place,
    vault: &Vault,
    fresh: &dyn Fn() -> Uuid,
) -> Result<Checked> {
    let directory = &world.directory;
    Ok(match table {
        TableName::Divisions => {
            let rows = core::read_divisions(files, directory).map_err(refuse)?;
            let new = rows
                .iter()
                .filter(|row| directory.division_by_id(row.id).is_none())
                .count();
            let same = rows
                .iter()
                .filter(|row| directory.division_by_id(row.id) == Some(row))
                .count();
            let changed = rows.len() - new - same;
            Checked {
                content: Content::Divisions(rows),
                keys: vec![],
                relaxed: vec![],
                new,
                changed,
            }
        }
        TableName::Units => {
            let drafts = core::read_units(files, directory, &world.rules.plans).map_err(refuse)?;
            let (mut new, mut changed) = (0, 0);
            for draft in &drafts {
                match directory.unit(draft.row.id).map(|unit| &unit.row) {
                    None => new += 1,
                    Some(row) => {
                        let phone = opened(vault, row.id.0, row.contact.as_ref())?;
                        let same = UnitRow {
                            contact: None,
                            ..row.clone()
                        } == draft.row
                            && phone == draft.phone;
                        changed += usize::from(!same);
                    }
                }
            }
            let mut keys = Vec::new();
            let rows = drafts
                .into_iter()
                .map(|draft| seal_unit(draft, vault, &mut keys))
                .collect::<Result<_>>()?;
            Checked {
                content: Content::Units(rows),
                keys,
                relaxed: vec![],
                new,
                changed,
            }
        }
        TableName::People => {
            let drafts =
                core::read_people(files, directory, &world.rules.role_acts).map_err(refuse)?;
            let to_relax = drafts
                .iter()
                .filter(|draft| !draft.to_relax.is_empty())
                .count();
            if to_relax > 0 && !options.relax && !options.dry_run {
                return Err(EngineError::NeedsRelaxing(to_relax));
            }
            let (mut keys, mut rows, mut relaxed) = (Vec::new(), Vec::new(), Vec::new());
            let (mut new, mut changed) = (0, 0);
            for draft in drafts {
                let pairs = draft.to_relax.clone();
                let known = world
                    .accounts
                    .get(&vault.index("account", &draft.account))
                    .copied();
                match known.and_then(|id| world.people.get(&id)) {
                    None => new += 1,
                    Some(row) => {
                        let name = opened(vault, row.id.0, Some(&row.name))?;
                        let phone = opened(vault, row.id.0, row.phone.as_ref())?;
                        let same = name.as_deref() == Some(draft.name.as_str())
                            && phone == draft.phone
                            && (&row.posts, row.active) == (&draft.posts, draft.active);
                        changed += usize::from(!same);
                    }
                }
                let row = seal_person(draft, known, vault, &mut keys, fresh)?;
                relaxed.extend(pairs.into_iter().map(|(a, b)| Relaxed {
                    person: row.id,
                    a,
                    b,
                }));
                rows.push(row);
            }
            Checked {
                content: Content::People(rows),
                keys,
                relaxed,
                new,
                changed,
            }
        }
        TableName::Places => {
            let rows = core::read_places(files, directory).map_err(refuse)?;
            let present: HashMap<_, _> = place
                .gazetteer
                .places()
                .iter()
                .map(|row| (&row.code, row))
                .collect();
            let known = rows
                .iter()
                .filter_map(|row| present.get(&row.code).zip(Some(row)));
            let (known, changed) = known.fold((0, 0), |(known, changed), (before, row)| {
                (known + 1, changed + usize::from(*before != row))
            });
            let new = rows.len() - known;
            Checked {
                content: Content::Places(rows),
                keys: vec![],
                relaxed: vec![],
                new,
                changed,
            }
        }
        // Map files are read elsewhere: this door takes tables.
        TableName::Outlines => return Err(Refusal::NotFound.into()),
        TableName::Rules => {
            let files: Vec<(String, String)> = files.to_vec();
            let digest = digest_of_rules(&files);
            RuleSet::read(&files, digest).map_err(refuse)?;
            let changed = usize::from(world.rules.digest != digest);
            Checked {
                content: Content::Rules(files),
                keys: vec![],
                relaxed: vec![],
                new: 0,
                changed,
            }
        }
    })
}

fn opened(vault: &Vault, id: Uuid, sealed: Option<&Sealed<String>>) -> Result<Option<String>> {
    match sealed {
        Some(sealed) => vault.open_sealed(id, sealed),
        None => Ok(None),
    }
}

fn seal_unit(draft: UnitDraft, vault: &Vault, keys: &mut Vec<(Uuid, Key)>) -> Result<UnitRow> {
    let id = draft.row.id.0;
    let contact = match draft.phone {
        None => None,
        Some(phone) => Some(match vault.sealer_of(id)? {
            Some(sealer) => sealer.seal(&phone)?,
            None => {
                let key = vault.fresh();
                keys.push((id, key));
                vault.sealer(id, key).seal(&phone)?
            }
        }),
    };
    Ok(UnitRow {
        contact,
        ..draft.row
    })
}

fn seal_person(
    draft: PersonDraft,
    known: Option<PersonId>,
    vault: &Vault,
    keys: &mut Vec<(Uuid, Key)>,
    fresh: &dyn Fn() -> Uuid,
) -> Result<PersonRow> {
    let id = known.unwrap_or_else(|| PersonId(fresh()));
    let sealer = match vault.sealer_of(id.0)? {
        Some(sealer) => sealer,
        None => {
            let key = vault.fresh();
            keys.push((id.0, key));
            vault.sealer(id.0, key)
        }
    };
    Ok(PersonRow {
        id,
        account_index: vault.index("account", &draft.account),
        account: sealer.seal(&draft.account)?,
        name: sealer.seal(&draft.name)?,
        phone: draft
            .phone
            .as_ref()
            .map(|phone| sealer.seal(phone))
            .transpose()?,
        posts: draft.posts,
        active: draft.active,
    })
}
