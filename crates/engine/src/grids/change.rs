//! Carrying an act on grids out: read what stands, decide, stage, make valid.
//!
//! Keeps: one change after the other, each on what the one before left; a dry run answers the same and changes nothing.

use std::collections::BTreeSet;

use jingwei_core::access::{Acting, Principal, Role};
use jingwei_core::code::{DivisionCode, GridCode};
use jingwei_core::directory::{DirectoryEvent, GridsChanged};
use jingwei_core::grids::{self, Act, Change, GridAct, GridRow, Patterns, Present};
use jingwei_core::id::ImportId;
use jingwei_core::refusal::Refusal;
use jingwei_core::sealed::Digest;
use jingwei_core::time::Day;
use jingwei_store::grids as store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Reading, administers};
use super::quality::{self, ProblemView};
use super::{DescribeBody, DrawBody, JoinBody, MoveBody, SplitBody, WithdrawBody, rows, sees};
use crate::cases::Meta;
use crate::directory::{Content, Kept, Staged, digest_of_parts};
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::writer::Idempotency;

/// Most changed grids that an answer names one by one.
const MOST_NAMED: usize = 500;

/// A grid that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GridChanged {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Version.
    pub version: u32,
    /// First day of the version.
    pub valid_from: String,
    /// Last day; none while it stands.
    pub valid_to: Option<String>,
}

/// What a change came to or would come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridAnswer {
    /// `draw`, `import`, `split`, `join`, `move`, `describe` or `withdraw`.
    pub act: String,
    /// The first day on which it holds.
    pub from: String,
    /// Versions that are closed or new, at most 500.
    pub grids: Vec<GridChanged>,
    /// Gaps, overlaps and slivers of the layer in the divisions concerned once it holds, at most 200.
    pub problems: Vec<ProblemView>,
    /// Nothing was changed.
    pub dry_run: bool,
    /// Journal sequence after it.
    pub sequence: i64,
}

impl GridAnswer {
    /// Nothing changed.
    pub(super) fn of_nothing(from: Day, sequence: i64) -> Self {
        Self {
            act: GridAct::Import.as_str().to_owned(),
            from: from.to_string(),
            grids: Vec::new(),
            problems: Vec::new(),
            dry_run: false,
            sequence,
        }
    }
}

impl Kept for GridAnswer {
    fn at(self, sequence: i64) -> Self {
        Self { sequence, ..self }
    }
}

/// Who asks for a change, and how.
pub(super) struct Asking {
    pub(super) by: Acting,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) correlation: Uuid,
    pub(super) dry_run: bool,
}

impl Asking {
    pub(super) fn of(by: &Principal, dry_run: bool, meta: Meta) -> Result<Self> {
        let post = by
            .posts()
            .iter()
            .find(|post| post.role == Role::Administrator);
        let post = post.ok_or(NOT_YOURS)?;
        Ok(Self {
            by: Acting {
                person: by.person(),
                role: post.role,
                unit: Some(post.unit),
            },
            idempotency: meta.key.map(|key| Idempotency {
                sender: by.person().map_or(Uuid::nil(), |person| person.0),
                key,
                body_hash: meta.body_hash,
            }),
            correlation: meta.correlation,
            dry_run,
        })
    }
}

pub(super) const NOT_YOURS: Refusal = Refusal::NotYours {
    zh: "划定和调整这里的网格",
    en: "draw and change grids here",
};

/// The rows that an act looks at: of the communities (of mobile grids the counties) concerned.
pub(super) async fn present_rows(
    node: &Node,
    hosts: BTreeSet<DivisionCode>,
) -> Result<Vec<GridRow>> {
    let hosts: Vec<String> = hosts.iter().map(|host| host.as_str().to_owned()).collect();
    node.read(move |tx| {
        store::of_hosts(tx, &hosts)?
            .iter()
            .map(rows::grid)
            .collect()
    })
    .await
}

impl Node {
    /// The one who runs the machine asks.
    pub(super) fn asking_locally(&self, dry_run: bool) -> Asking {
        Asking {
            by: Acting::SYSTEM,
            idempotency: None,
            correlation: self.fresh_id(),
            dry_run,
        }
    }

    /// Draws a grid.
    pub async fn draw_grid(
        &self,
        by: &Principal,
        body: &DrawBody,
        dry_run: bool,
        meta: Meta,
    ) -> Result<GridAnswer> {
        let asking = Asking::of(by, dry_run, meta)?;
        let world = self.world();
        let mut reading = Reading::new(&world, &self.shared.vault, by, body.datum.as_deref());
        let from = reading.day(body.from.as_ref());
        let place = self.place();
        let host_of = |code: &GridCode| {
            place
                .grids
                .coded(code.as_str())
                .last()
                .map(|grid| grid.host().clone())
        };
        let act = reading.draw(body, host_of)?;
        self.change_grids(by, &act, from, asking).await
    }

    /// Splits a grid.
    pub async fn split_grid(
        &self,
        by: &Principal,
        code: &str,
        body: &SplitBody,
        dry_run: bool,
        meta: Meta,
    ) -> Result<GridAnswer> {
        let (code, asking) = self.one_grid(by, code, dry_run, meta)?;
        let world = self.world();
        let mut reading = Reading::new(&world, &self.shared.vault, by, body.datum.as_deref());
        let from = reading.day(body.from.as_ref());
        let act = reading.split(code, body)?;
        self.change_grids(by, &act, from, asking).await
    }

    /// Joins grids.
    pub async fn join_grids(
        &self,
        by: &Principal,
        body: &JoinBody,
        dry_run: bool,
        meta: Meta,
    ) -> Result<GridAnswer> {
        let asking = Asking::of(by, dry_run, meta)?;
        let world = self.world();
        let mut reading = Reading::new(&world, &self.shared.vault, by, None);
        let from = reading.day(body.from.as_ref());
        let act = reading.join(body)?;
        self.change_grids(by, &act, from, asking).await
    }

    /// Moves borders between grids.
    pub async fn move_grids(
        &self,
        by: &Principal,
        body: &MoveBody,
        dry_run: bool,
        meta: Meta,
    ) -> Result<GridAnswer> {
        let asking = Asking::of(by, dry_run, meta)?;
        let world = self.world();
        let mut reading = Reading::new(&world, &self.shared.vault, by, body.datum.as_deref());
        let from = reading.day(body.from.as_ref());
        let act = reading.moved(body)?;
        self.change_grids(by, &act, from, asking).await
    }

    /// Says something else of a grid.
    pub async fn describe_grid(
        &self,
        by: &Principal,
        code: &str,
        body: &DescribeBody,
        dry_run: bool,
        meta: Meta,
    ) -> Result<GridAnswer> {
        let (code, asking) = self.one_grid(by, code, dry_run, meta)?;
        let world = self.world();
        let mut reading = Reading::new(&world, &self.shared.vault, by, None);
        let from = reading.day(body.from.as_ref());
        let act = reading.describe(code, body)?;
        self.change_grids(by, &act, from, asking).await
    }

    /// Withdraws a grid.
    pub async fn withdraw_grid(
        &self,
        by: &Principal,
        code: &str,
        body: &WithdrawBody,
        dry_run: bool,
        meta: Meta,
    ) -> Result<GridAnswer> {
        let (code, asking) = self.one_grid(by, code, dry_run, meta)?;
        let world = self.world();
        let mut reading = Reading::new(&world, &self.shared.vault, by, None);
        let from = reading.day(body.from.as_ref());
        let act = reading.withdraw(code)?;
        self.change_grids(by, &act, from, asking).await
    }

    /// A grid that somebody sees, and whether they may change it at all.
    fn one_grid(
        &self,
        by: &Principal,
        code: &str,
        dry_run: bool,
        meta: Meta,
    ) -> Result<(GridCode, Asking)> {
        let place = self.place();
        let seen = place
            .grids
            .coded(code)
            .any(|grid| grid.divisions().any(|division| sees(by, division)));
        let code = GridCode::parse(code)
            .filter(|_| seen)
            .ok_or(Refusal::NotFound)?;
        Ok((code, Asking::of(by, dry_run, meta)?))
    }

    /// Decides an act on what stands and carries it out.
    async fn change_grids(
        &self,
        by: &Principal,
        act: &Act,
        from: Option<Day>,
        asking: Asking,
    ) -> Result<GridAnswer> {
        if let Some(answer) = self.brought_before(asking.idempotency.as_ref()).await? {
            return Ok(answer);
        }
        let _one_after_the_other = self.changing_grids.lock().await;
        let place = self.place();
        let mut hosts: BTreeSet<DivisionCode> = act
            .names()
            .into_iter()
            .flat_map(|code| place.grids.coded(code.as_str()))
            .map(|grid| grid.host().clone())
            .collect();
        if let Act::Draw(draw) = act {
            hosts.insert(draw.host.clone());
        }
        let rows = present_rows(self, hosts).await?;
        let world = self.world();
        let today = self.now().local_day();
        let present = Present {
            rows: &rows,
            patterns: &Patterns::of_settings(&world.rules.settings),
            directory: &world.directory,
            today,
        };
        let earliest = match act.kind() {
            GridAct::Draw | GridAct::Describe => today,
            _ => today.next(),
        };
        let change = grids::carry_out(act, from.unwrap_or(earliest), &present)?;
        if change
            .rows
            .iter()
            .any(|row| row.divisions().any(|division| !administers(by, division)))
        {
            return Err(NOT_YOURS.into());
        }
        self.against_standing(&change, today, Some(by)).await?;
        let problems = self.problems_after(rows, &change).await?;
        self.make_change(change, problems, asking, |answer| answer)
            .await
    }

    /// New borders against the grids that stand around them: what begins today may not take land that a grid of the layer has
    /// today, and nobody takes the land of divisions that they do not administer.
    pub(super) async fn against_standing(
        &self,
        change: &Change,
        today: Day,
        by: Option<&Principal>,
    ) -> Result<()> {
        let (place, change, by) = (self.place(), change.clone(), by.cloned());
        let work = move || quality::taken(&change, today, by.as_ref(), &place);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))?
    }

    /// Gaps, overlaps and slivers once a change holds: in each community concerned, and with the grids beside them.
    pub(super) async fn problems_after(
        &self,
        before: Vec<GridRow>,
        change: &Change,
    ) -> Result<Vec<ProblemView>> {
        let (place, world) = (self.place(), self.world());
        let change = change.clone();
        let work = move || quality::after(&before, &change, &place, &world);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))
    }

    /// Stages a change and makes it valid.
    pub(super) async fn make_change<R: Kept>(
        &self,
        change: Change,
        problems: Vec<ProblemView>,
        asking: Asking,
        answered: impl FnOnce(GridAnswer) -> R,
    ) -> Result<R> {
        let changed = |row: &GridRow| GridChanged {
            id: row.id.0,
            code: row.code.as_str().to_owned(),
            version: row.version,
            valid_from: row.valid_from.to_string(),
            valid_to: row.valid_to.map(|day| day.to_string()),
        };
        let answer = GridAnswer {
            act: change.act.as_str().to_owned(),
            from: change.from.to_string(),
            grids: change.rows.iter().take(MOST_NAMED).map(changed).collect(),
            problems,
            dry_run: asking.dry_run,
            sequence: self.sequence(),
        };
        let nothing = change.rows.is_empty();
        let answer = answered(answer);
        if asking.dry_run || nothing {
            return Ok(answer);
        }
        let (act, from) = (change.act, change.from);
        let rows = u32::try_from(change.rows.len()).unwrap_or(u32::MAX);
        let event = move |change, digest| {
            DirectoryEvent::GridsChanged(GridsChanged {
                change,
                act,
                from,
                digest,
                rows,
            })
        };
        self.bring_land(Content::Grids(change.rows), event, asking, answer)
            .await
    }

    /// Stages grids or outlines and makes them valid by the event of their id and digest. They are packed aside: a province is
    /// some seconds of work.
    pub(super) async fn bring_land<R: Kept>(
        &self,
        content: Content,
        event: impl FnOnce(ImportId, Digest) -> DirectoryEvent,
        asking: Asking,
        answer: R,
    ) -> Result<R> {
        let (content, parts) = tokio::task::spawn_blocking(move || {
            let parts = content.parts()?;
            Ok::<_, EngineError>((content, parts))
        })
        .await
        .map_err(|e| EngineError::Internal(e.to_string()))??;
        let id = self.fresh_id();
        let event = event(
            ImportId(id),
            digest_of_parts(parts.iter().map(Vec::as_slice)),
        );
        self.bring(Staged {
            by: asking.by,
            id,
            content,
            parts,
            event,
            keys: Vec::new(),
            idempotency: asking.idempotency,
            received_at: self.now(),
            correlation: asking.correlation,
            answer,
        })
        .await
    }
}
