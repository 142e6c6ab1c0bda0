//! The room `directory`: imports of divisions, units, people, places and rules, and lists of them.
//!
//! The content of an import is kept: its event carries the digest, and `check` folds it again. Words about people are sealed
//! in it.

mod checked;
mod content;
mod import;
mod staged;

use std::sync::Arc;

use jingwei_core::access::{self, Acting, Principal};
use jingwei_core::code::{DivisionCode, UnitKind};
use jingwei_core::directory::{Directory, DirectoryEvent, DivisionRow, PasswordSet, UnitRow};
use jingwei_core::id::PersonId;
use jingwei_core::place::Point;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::RuleSet;
use jingwei_core::time::Timestamp;
use jingwei_store::journal::{self, Head};
use jingwei_store::sessions::{self, CredentialRow};
use jingwei_store::{Writer, directory as store};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::view::Ref;
use crate::error::Result;
use crate::node::{Node, NodeConfig};
use crate::random;
use crate::world::World;
use crate::writer::WriterThread;

pub(crate) use checked::refuse;
pub(crate) use content::{Content, digest_of_parts, digest_of_rules, unpack};
use import::imported;
pub use import::{ImportOptions, ImportReport};
pub(crate) use staged::{Happened, Kept, Staged, one_more};

/// Sets a password, ends the person's sessions, and says so in the journal.
pub(crate) fn write_password(
    writer: &mut WriterThread,
    row: CredentialRow,
    correlation: Uuid,
) -> Result<()> {
    let now = writer.journal_time(&writer.head);
    let person = row.person;
    let head = writer.transact(|tx, head| {
        let head = one_more(head, now);
        let before = journal::of_aggregate(tx, person, 0, i64::MAX)?
            .last()
            .map_or(0, |row| row.version);
        sessions::put_credential(tx, row)?;
        sessions::delete_of_person(tx, person)?;
        let happened = Happened {
            head: &head,
            by: Acting::SYSTEM,
            received_at: now,
            correlation,
        };
        let event = DirectoryEvent::PasswordSet(PasswordSet {
            person: PersonId(person),
        });
        journal::append(tx, vec![happened.row("person", person, before + 1, &event)])?;
        journal::set_head(tx, &head)?;
        Ok(head)
    })?;
    writer.advance(head);
    Ok(())
}

/// The first rules of a new node, as an import by the system.
pub(crate) fn first_rules(
    db: &mut Writer,
    head: &Head,
    config: &NodeConfig,
    now: Timestamp,
) -> Result<(Head, World)> {
    let files = config.default_rules.clone();
    let rules = Arc::new(RuleSet::read(&files, digest_of_rules(&files)).map_err(refuse)?);
    let content = Content::Rules(files);
    let parts = content.parts()?;
    let digest = digest_of_parts(parts.iter().map(Vec::as_slice));
    let (import, correlation) = (
        random::uuid_v7(config.random.as_ref(), now),
        random::uuid_v7(config.random.as_ref(), now),
    );
    db.transaction(|tx| {
        let head = one_more(&WriterThread::claim(tx, head)?, now);
        for (i, part) in parts.into_iter().enumerate() {
            store::stage(tx, import, i64::try_from(i).unwrap_or(i64::MAX), part)?;
        }
        content.apply(tx, now)?;
        let happened = Happened {
            head: &head,
            by: Acting::SYSTEM,
            received_at: now,
            correlation,
        };
        journal::append(
            tx,
            vec![happened.row(
                "directory",
                import,
                1,
                &imported(import, &content, digest, vec![]),
            )],
        )?;
        journal::set_head(tx, &head)?;
        let world = World::with_rules(tx, rules)?;
        Ok((head, world))
    })
}

/// A division shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DivisionView {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `province`, `city`, `county`, `town`, `community`.
    pub level: String,
    /// First day, when known.
    pub valid_from: Option<String>,
    /// Last day, when it no longer stands.
    pub valid_to: Option<String>,
    /// The division that took its place.
    pub successor: Option<Ref>,
}

/// A page of divisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DivisionPage {
    /// By code.
    pub items: Vec<DivisionView>,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<String>,
}

/// A unit shown. Its phone is not: an order reaches it by its own ways.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnitView {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Kind.
    pub kind: String,
    /// Kind, Chinese.
    pub kind_zh: String,
    /// Kind, English.
    pub kind_en: String,
    /// Where it belongs.
    pub division: Ref,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// Duty hours.
    pub duty_hours: String,
    /// On duty now.
    pub on_duty: bool,
    /// Longitude of its base.
    pub lon: Option<f64>,
    /// Latitude of its base.
    pub lat: Option<f64>,
}

/// A page of units.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnitPage {
    /// By code.
    pub items: Vec<UnitView>,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<String>,
}

fn page_limit(limit: usize) -> Result<()> {
    if (1..=500).contains(&limit) {
        return Ok(());
    }
    Err(Refusal::Invalid(vec![FieldFault::new(
        "?limit",
        "out_of_range",
        "每页 1 至 500 条",
        "a page has 1 to 500 rows",
    )])
    .into())
}

fn division_view(row: &DivisionRow, directory: &Directory) -> DivisionView {
    let successor = row.successor.and_then(|id| directory.division_by_id(id));
    DivisionView {
        code: row.code.as_str().to_owned(),
        name: row.name.as_str().to_owned(),
        level: row.code.level().as_str().to_owned(),
        valid_from: row.valid_from.map(|d| d.to_string()),
        valid_to: row.valid_to.map(|d| d.to_string()),
        successor: successor.map(|d| Ref {
            code: d.code.as_str().to_owned(),
            name: d.name.as_str().to_owned(),
        }),
    }
}

impl Node {
    /// The divisions directly below `parent` (below nothing: the provinces), by code.
    pub fn divisions(
        &self,
        parent: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<DivisionPage> {
        page_limit(limit)?;
        let world = self.shared.world();
        let parent = match parent {
            None => None,
            Some(text) => {
                let code = DivisionCode::parse(text)
                    .filter(|code| world.directory.division(code).is_some());
                Some(code.ok_or_else(|| {
                    Refusal::Invalid(vec![FieldFault::new(
                        "?parent",
                        "unknown_division",
                        "没有这个行政区划",
                        "there is no such division",
                    )])
                })?)
            }
        };
        let mut rows: Vec<&DivisionRow> = world
            .directory
            .divisions()
            .filter(|row| {
                row.code.parent() == parent && after.is_none_or(|after| row.code.as_str() > after)
            })
            .collect();
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|row| row.code.as_str().to_owned());
        Ok(DivisionPage {
            items: rows
                .into_iter()
                .map(|row| division_view(row, &world.directory))
                .collect(),
            next,
        })
    }

    /// One division, by today's or a former code.
    pub fn division(&self, code: &str) -> Result<DivisionView> {
        let world = self.shared.world();
        let code = DivisionCode::parse(code).ok_or(Refusal::NotFound)?;
        let row = world.directory.division(&code).ok_or(Refusal::NotFound)?;
        Ok(division_view(row, &world.directory))
    }

    /// The units in the areas of `by`, those that may be sent there, and their own; by code.
    pub fn units(
        &self,
        by: &Principal,
        kind: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<UnitPage> {
        page_limit(limit)?;
        let kind = match kind {
            None => None,
            Some(text) => Some(UnitKind::parse(text).ok_or_else(|| {
                Refusal::Invalid(vec![FieldFault::new(
                    "?kind",
                    "not_understood",
                    "没有这种单位",
                    "there is no such kind of unit",
                )])
            })?),
        };
        let world = self.shared.world();
        let own: Vec<_> = access::own_units(by).collect();
        let sees = |row: &UnitRow| {
            own.contains(&row.id)
                || access::area_posts(by).any(|post| {
                    post.covers(&row.division)
                        || post.codes.iter().any(|code| row.division.covers(code))
                })
        };
        let mut units: Vec<_> = world
            .directory
            .units()
            .filter(|unit| unit.row.active && sees(&unit.row))
            .filter(|unit| kind.as_ref().is_none_or(|kind| unit.row.kind == *kind))
            .filter(|unit| after.is_none_or(|after| unit.row.code.as_str() > after))
            .collect();
        units.sort_by(|a, b| a.row.code.cmp(&b.row.code));
        let more = units.len() > limit;
        units.truncate(limit);
        let next = units
            .last()
            .filter(|_| more)
            .map(|unit| unit.row.code.as_str().to_owned());
        let now = self.now();
        let items = units
            .into_iter()
            .map(|unit| {
                let row = &unit.row;
                let kind = world.rules.plans.kind(&row.kind);
                UnitView {
                    id: row.id.0,
                    code: row.code.as_str().to_owned(),
                    name: row.name.as_str().to_owned(),
                    name_en: row.name_en.as_ref().map(|n| n.as_str().to_owned()),
                    kind: row.kind.as_str().to_owned(),
                    kind_zh: kind
                        .map(|k| k.name_zh.as_str().to_owned())
                        .unwrap_or_default(),
                    kind_en: kind
                        .map(|k| k.name_en.as_str().to_owned())
                        .unwrap_or_default(),
                    division: world.division_ref(&row.division),
                    capabilities: row
                        .capabilities
                        .iter()
                        .map(|c| c.as_str().to_owned())
                        .collect(),
                    duty_hours: row.duty.clone(),
                    on_duty: unit.on_duty(now),
                    lon: row.base.map(Point::lon),
                    lat: row.base.map(Point::lat),
                }
            })
            .collect();
        Ok(UnitPage { items, next })
    }
}
