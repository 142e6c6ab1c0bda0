//! The room `directory`: imports of divisions, units, people and rules, and lists of them.
//!
//! An import is checked whole, staged in parts that are small enough not to hold up the writer, and becomes valid by one
//! event. Its content is kept: the event carries its digest, and `check` folds it again. Words about people are sealed in it.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jingwei_core::access::{self, Acting, Principal, Role};
use jingwei_core::code::{DivisionCode, UnitKind};
use jingwei_core::directory::{
    self as core, Directory, DirectoryEvent, DivisionRow, Imported, PasswordSet, PersonDraft,
    PersonRow, Relaxed, TableName, UnitDraft, UnitRow,
};
use jingwei_core::id::{ImportId, PersonId};
use jingwei_core::place::Point;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::RuleSet;
use jingwei_core::rules::table::Fault;
use jingwei_core::sealed::{Digest, Sealed};
use jingwei_core::time::Timestamp;
use jingwei_store::journal::{self, Head, JournalRow};
use jingwei_store::receipts::{self, ReceiptRow};
use jingwei_store::sessions::{self, CredentialRow};
use jingwei_store::timers::TimerRow;
use jingwei_store::{Tx, Writer, directory as store, rules as rule_store};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::Meta;
use crate::cases::view::Ref;
use crate::error::{EngineError, Result};
use crate::node::{Node, NodeConfig};
use crate::random;
use crate::vault::{Key, Vault, body_hash};
use crate::world::{self, World};
use crate::writer::{Idempotency, WriterThread};

/// Rows of one staged part, and of one statement when they become valid.
const PART: usize = 4_000;

/// How an import is done.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportOptions {
    /// Check only; change nothing.
    pub dry_run: bool,
    /// Relax the separations of roles that a deployment may relax; each is written into the journal.
    pub relax: bool,
}

/// What an import did or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// The table.
    pub table: String,
    /// Rows read.
    pub rows: usize,
    /// Of these, not there before.
    pub new: usize,
    /// Of these, other than before.
    pub changed: usize,
    /// Separations of roles relaxed (or to be relaxed), one line each without names.
    pub relaxed: Vec<String>,
    /// Nothing was changed.
    pub dry_run: bool,
    /// Journal sequence after it.
    pub sequence: i64,
}

/// The content of an import, checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Content {
    /// Divisions.
    Divisions(Vec<DivisionRow>),
    /// Units.
    Units(Vec<UnitRow>),
    /// People.
    People(Vec<PersonRow>),
    /// The files of a rule set.
    Rules(Vec<(String, String)>),
}

impl Content {
    fn table(&self) -> TableName {
        match self {
            Self::Divisions(_) => TableName::Divisions,
            Self::Units(_) => TableName::Units,
            Self::People(_) => TableName::People,
            Self::Rules(_) => TableName::Rules,
        }
    }

    fn rows(&self) -> usize {
        match self {
            Self::Divisions(rows) => rows.len(),
            Self::Units(rows) => rows.len(),
            Self::People(rows) => rows.len(),
            Self::Rules(files) => files.len(),
        }
    }

    /// Parts of at most [`PART`] rows, packed.
    fn parts(&self) -> Result<Vec<Vec<u8>>> {
        match self {
            Self::Divisions(rows) => rows
                .chunks(PART)
                .map(|rows| pack(&Self::Divisions(rows.to_vec())))
                .collect(),
            Self::Units(rows) => rows
                .chunks(PART)
                .map(|rows| pack(&Self::Units(rows.to_vec())))
                .collect(),
            Self::People(rows) => rows
                .chunks(PART)
                .map(|rows| pack(&Self::People(rows.to_vec())))
                .collect(),
            Self::Rules(_) => Ok(vec![pack(self)?]),
        }
    }

    /// Writes a part into the live rows.
    fn apply(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        match self {
            Self::Divisions(rows) => {
                store::upsert_divisions(tx, rows.iter().map(world::division_row).collect())?;
            }
            Self::Units(rows) => {
                store::upsert_units(tx, rows.iter().map(world::unit_row).collect())?;
            }
            Self::People(rows) => {
                let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
                store::upsert_people(tx, rows.iter().map(world::person_row).collect())?;
                store::set_posts(tx, &ids, rows.iter().flat_map(world::post_rows).collect())?;
            }
            Self::Rules(files) => {
                let content =
                    serde_json::to_vec(files).map_err(|e| EngineError::Internal(e.to_string()))?;
                let digest = digest_of_rules(files);
                rule_store::put(tx, &digest.0, &content, now.0)?;
                rule_store::set_present(tx, &digest.0)?;
                // Deadlines that a new calendar moves are reckoned again by the timer loop, whatever happens to this process.
                let timer = TimerRow {
                    thing: Uuid::nil(),
                    kind: crate::timers::RECOMPUTE.to_owned(),
                    sub: Uuid::nil(),
                    generation: now.0,
                    due: now.0,
                };
                jingwei_store::timers::upsert(tx, vec![timer])?;
            }
        }
        Ok(())
    }
}

fn pack(content: &Content) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(content).map_err(|e| EngineError::Internal(e.to_string()))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&text)
        .and_then(|()| gzip.finish())
        .map_err(|e| EngineError::Internal(e.to_string()))
}

/// Reads a staged part.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Content> {
    let mut text = Vec::new();
    GzDecoder::new(bytes)
        .read_to_end(&mut text)
        .map_err(|e| EngineError::Journal(format!("a staged part: {e}")))?;
    serde_json::from_slice(&text).map_err(|e| EngineError::Journal(format!("a staged part: {e}")))
}

/// Digest of the parts of an import, in order: what its event carries.
pub(crate) fn digest_of_parts<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Digest {
    Digest(body_hash(&parts.collect::<Vec<_>>()))
}

/// Digest of the text of a rule set: names the version of rules in the events of cases.
pub(crate) fn digest_of_rules(files: &[(String, String)]) -> Digest {
    let mut hash = Sha256::new();
    for name in jingwei_core::rules::FILES {
        for (_, text) in files.iter().filter(|(file, _)| file == name) {
            hash.update(name.as_bytes());
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
    }
    Digest(hash.finalize().into())
}

/// Checked content with what else has to be written with it.
struct Checked {
    content: Content,
    keys: Vec<(Uuid, Key)>,
    relaxed: Vec<Relaxed>,
    new: usize,
    changed: usize,
}

pub(crate) fn refuse(faults: Vec<Fault>) -> EngineError {
    EngineError::Import(faults)
}

/// An administrator changes what lies in their own area: units and people of it, both as they stand and as they will, and
/// posts at units of it. Divisions and rules concern the whole node: for them the area has to hold every unit there is.
fn within_area(content: &Content, by: &Principal, world: &World) -> Result<()> {
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

fn check_content(
    table: TableName,
    files: &[(String, String)],
    options: ImportOptions,
    world: &World,
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

/// Where and by whom an event of the directory happens.
pub(crate) struct Happened<'a> {
    pub(crate) head: &'a Head,
    pub(crate) by: Acting,
    pub(crate) received_at: Timestamp,
    pub(crate) correlation: Uuid,
}

impl Happened<'_> {
    /// The event as a journal row.
    pub(crate) fn row(
        &self,
        aggregate: &str,
        id: Uuid,
        version: i64,
        event: &DirectoryEvent,
    ) -> JournalRow {
        let head = self.head;
        JournalRow {
            seq: head.seq,
            node: head.node,
            epoch: head.epoch,
            at: head.at,
            actor: self.by.person.map(|p| p.0),
            role: Some(self.by.role.as_str().to_owned()),
            unit: self.by.unit.map(|u| u.0),
            on_behalf: None,
            device: None,
            device_at: None,
            received_at: self.received_at.0,
            aggregate: aggregate.to_owned(),
            aggregate_id: id,
            version,
            kind: event.kind().to_owned(),
            kind_v: i64::from(event.kind_version()),
            correlation: self.correlation,
            payload: event.payload(),
        }
    }

    /// The event by which an import becomes valid.
    fn imported(
        &self,
        import: Uuid,
        content: &Content,
        digest: Digest,
        relaxed: Vec<Relaxed>,
    ) -> JournalRow {
        let event = DirectoryEvent::Imported(Imported {
            import: ImportId(import),
            table: content.table(),
            digest,
            rows: u32::try_from(content.rows()).unwrap_or(u32::MAX),
            relaxed,
        });
        self.row("directory", import, 1, &event)
    }
}

/// The head after one more row at `now`.
pub(crate) fn one_more(head: &Head, now: Timestamp) -> Head {
    Head {
        seq: head.seq + 1,
        at: now.0.max(head.at),
        ..head.clone()
    }
}

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
            vec![happened.imported(import, &content, digest, vec![])],
        )?;
        journal::set_head(tx, &head)?;
        let world = World::with_rules(tx, rules)?;
        Ok((head, world))
    })
}

fn may_import(by: &Principal) -> Result<Acting> {
    let post = by
        .posts()
        .iter()
        .find(|post| post.role == Role::Administrator);
    post.map(|post| Acting {
        person: by.person(),
        role: post.role,
        unit: Some(post.unit),
    })
    .ok_or(EngineError::Refused(Refusal::NotAdministrator))
}

/// What comes with an import beside its files.
struct Asked {
    by: Acting,
    /// The administrator whose area bounds it; none for the one who runs the machine.
    area_of: Option<Principal>,
    /// The sender's key: the same import is not done twice.
    idempotency: Option<Idempotency>,
    options: ImportOptions,
    correlation: Uuid,
}

impl Node {
    /// Imports a table as an administrator.
    pub async fn import(
        &self,
        by: &Principal,
        table: &str,
        files: Vec<(String, String)>,
        options: ImportOptions,
        meta: Meta,
    ) -> Result<ImportReport> {
        let acting = may_import(by)?;
        let table = TableName::parse(table).ok_or(Refusal::NotFound)?;
        let sender = by.person().map_or(Uuid::nil(), |p| p.0);
        let body_hash = meta.body_hash;
        let asked = Asked {
            by: acting,
            area_of: Some(by.clone()),
            idempotency: meta.key.map(|key| Idempotency {
                sender,
                key,
                body_hash,
            }),
            options,
            correlation: meta.correlation,
        };
        self.import_as(asked, table, files).await
    }

    /// Imports a table as the one who runs the machine: set-up and the command line.
    pub async fn import_locally(
        &self,
        table: TableName,
        files: Vec<(String, String)>,
        options: ImportOptions,
    ) -> Result<ImportReport> {
        let correlation = self.fresh_id();
        let asked = Asked {
            by: Acting::SYSTEM,
            area_of: None,
            idempotency: None,
            options,
            correlation,
        };
        self.import_as(asked, table, files).await
    }

    async fn import_as(
        &self,
        asked: Asked,
        table: TableName,
        files: Vec<(String, String)>,
    ) -> Result<ImportReport> {
        let Asked {
            by,
            area_of,
            idempotency,
            options,
            correlation,
        } = asked;
        if let Some(report) = self.imported_before(idempotency.as_ref()).await? {
            return Ok(report);
        }
        let received_at = self.now();
        let shared = Arc::clone(&self.shared);
        let (checked, parts) = tokio::task::spawn_blocking(move || {
            let world = shared.world();
            let fresh = || random::uuid_v7(shared.random.as_ref(), received_at);
            let checked = check_content(table, &files, options, &world, &shared.vault, &fresh)?;
            if let Some(by) = area_of {
                within_area(&checked.content, &by, &world)?;
            }
            let parts = checked.content.parts()?;
            Ok::<_, EngineError>((checked, parts))
        })
        .await
        .map_err(|e| EngineError::Internal(e.to_string()))??;
        let report = ImportReport {
            table: table.as_str().to_owned(),
            rows: checked.content.rows(),
            new: checked.new,
            changed: checked.changed,
            relaxed: checked
                .relaxed
                .iter()
                .map(|r| format!("{} + {}", r.a, r.b))
                .collect(),
            dry_run: options.dry_run,
            sequence: self.sequence(),
        };
        if options.dry_run {
            return Ok(report);
        }
        let import = self.fresh_id();
        let digest = digest_of_parts(parts.iter().map(Vec::as_slice));
        // Staged part by part, so that other commands pass in between; nothing of it counts before the event.
        for (i, part) in parts.into_iter().enumerate() {
            let part_no = i64::try_from(i).unwrap_or(i64::MAX);
            let staged = self
                .queue
                .job(move |writer| {
                    writer.transact(|tx, _| Ok(store::stage(tx, import, part_no, part)?))
                })
                .await;
            if let Err(error) = staged {
                self.drop_staged(import).await;
                return Err(error);
            }
        }
        let ready = Ready {
            by,
            import,
            checked,
            digest,
            idempotency,
            received_at,
            correlation,
            report,
        };
        let valid = self
            .queue
            .job(move |writer| make_valid(writer, &ready))
            .await;
        if valid.is_err() {
            self.drop_staged(import).await;
        }
        valid
    }

    /// The report of an import that was done under this key.
    async fn imported_before(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<ImportReport>> {
        let Some(idempotency) = idempotency else {
            return Ok(None);
        };
        let key = (idempotency.sender, idempotency.key.clone());
        let found = self.read(move |tx| Ok(receipts::find(tx, &[key])?)).await?;
        found
            .first()
            .map(|receipt| kept_report(receipt, idempotency))
            .transpose()
    }

    /// Nothing half done is left behind; parts that an event names stay. A failure here leaves parts that count for nothing.
    async fn drop_staged(&self, import: Uuid) {
        let dropped = self
            .queue
            .job(move |writer| {
                writer.transact(|tx, _| {
                    if journal::of_aggregate(tx, import, 0, 1)?.is_empty() {
                        store::drop_staged(tx, import)?;
                    }
                    Ok(())
                })
            })
            .await;
        if let Err(error) = dropped {
            tracing::warn!(code = error.code(), "parts of a refused import stay staged");
        }
    }
}

fn kept_report(receipt: &ReceiptRow, idempotency: &Idempotency) -> Result<ImportReport> {
    if receipt.body_hash != idempotency.body_hash {
        return Err(EngineError::KeyReused);
    }
    serde_json::from_slice(&receipt.answer)
        .map_err(|e| EngineError::Internal(format!("a kept answer cannot be read: {e}")))
}

/// An import that is staged whole.
struct Ready {
    by: Acting,
    import: Uuid,
    checked: Checked,
    digest: Digest,
    idempotency: Option<Idempotency>,
    received_at: Timestamp,
    correlation: Uuid,
    report: ImportReport,
}

/// Makes a staged import valid by one event. When the commit's answer is lost it is looked up.
fn make_valid(writer: &mut WriterThread, ready: &Ready) -> Result<ImportReport> {
    match commit_import(writer, ready) {
        Err(EngineError::Busy(_)) if writer.db.is_lost() => {
            writer.reconnect()?;
            let import = ready.import;
            let event = writer.transact(|tx, _| Ok(journal::of_aggregate(tx, import, 0, 1)?))?;
            match event.first() {
                Some(row) => {
                    writer.shared.vault.remember(&ready.checked.keys);
                    writer.shared.sequence.send_replace(row.seq);
                    Ok(ImportReport {
                        sequence: row.seq,
                        ..ready.report.clone()
                    })
                }
                None => commit_import(writer, ready),
            }
        }
        other => other,
    }
}

fn commit_import(writer: &mut WriterThread, ready: &Ready) -> Result<ImportReport> {
    let now = writer.journal_time(&writer.head);
    let WriterThread {
        db,
        keys,
        head: mine,
        ..
    } = writer;
    let committed = db.transaction(|tx| {
        let head = one_more(&WriterThread::claim(tx, mine)?, now);
        let report = ImportReport {
            sequence: head.seq,
            ..ready.report.clone()
        };
        if let Some(idempotency) = &ready.idempotency {
            let key = (idempotency.sender, idempotency.key.clone());
            if let Some(receipt) = receipts::find(tx, &[key])?.first() {
                return Ok((None, kept_report(receipt, idempotency)?));
            }
            let answer =
                serde_json::to_vec(&report).map_err(|e| EngineError::Internal(e.to_string()))?;
            let row = ReceiptRow {
                sender: idempotency.sender,
                key: idempotency.key.clone(),
                body_hash: idempotency.body_hash.to_vec(),
                answer,
                seq: head.seq,
                at: now.0,
            };
            receipts::insert(tx, vec![row])?;
        }
        let content = &ready.checked.content;
        content.apply(tx, now)?;
        let happened = Happened {
            head: &head,
            by: ready.by,
            received_at: ready.received_at,
            correlation: ready.correlation,
        };
        let row = happened.imported(
            ready.import,
            content,
            ready.digest,
            ready.checked.relaxed.clone(),
        );
        journal::append(tx, vec![row])?;
        journal::set_head(tx, &head)?;
        let world = World::load(tx)?
            .ok_or_else(|| EngineError::Internal("no rules after an import".to_owned()))?;
        keys.put(&ready.checked.keys)?;
        Ok::<_, EngineError>((Some((head, world)), report))
    });
    match committed {
        Ok((Some((head, world)), report)) => {
            writer.shared.vault.remember(&ready.checked.keys);
            writer.shared.set_world(world);
            writer.advance(head);
            // New rules may bring a new calendar: the deadlines that it moves wait for the timer loop.
            writer.shared.timers.notify_one();
            Ok(report)
        }
        Ok((None, report)) => Ok(report),
        Err(error) => Err(writer.told(error)),
    }
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
