//! Imports of tables: checked whole, staged in parts that are small enough not to hold up the writer, valid by one event.

use std::sync::Arc;

use jingwei_core::access::{Acting, Principal, Role};
use jingwei_core::directory::{DirectoryEvent, Imported, Relaxed, TableName};
use jingwei_core::id::ImportId;
use jingwei_core::refusal::Refusal;
use jingwei_core::sealed::Digest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::checked::{check_content, within_area};
use super::content::{Content, digest_of_parts};
use super::staged::{Kept, Staged};
use crate::cases::Meta;
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::random;
use crate::writer::Idempotency;

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

impl Kept for ImportReport {
    fn at(self, sequence: i64) -> Self {
        Self { sequence, ..self }
    }
}

pub(crate) fn may_import(by: &Principal) -> Result<Acting> {
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
        if let Some(report) = self.brought_before(idempotency.as_ref()).await? {
            return Ok(report);
        }
        let received_at = self.now();
        let shared = Arc::clone(&self.shared);
        let (checked, parts) = tokio::task::spawn_blocking(move || {
            let world = shared.world();
            let fresh = || random::uuid_v7(shared.random.as_ref(), received_at);
            let place = shared.place();
            let checked = check_content(
                table,
                &files,
                options,
                &world,
                &place,
                &shared.vault,
                &fresh,
            )?;
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
        let event = imported(import, &checked.content, digest, checked.relaxed);
        self.bring(Staged {
            by,
            id: import,
            content: checked.content,
            parts,
            event,
            keys: checked.keys,
            idempotency,
            received_at,
            correlation,
            answer: report,
        })
        .await
    }
}

/// The event by which an import becomes valid.
pub(super) fn imported(
    import: Uuid,
    content: &Content,
    digest: Digest,
    relaxed: Vec<Relaxed>,
) -> DirectoryEvent {
    DirectoryEvent::Imported(Imported {
        import: ImportId(import),
        table: content.table().expect("grids have acts of their own"),
        digest,
        rows: u32::try_from(content.rows()).unwrap_or(u32::MAX),
        relaxed,
    })
}
