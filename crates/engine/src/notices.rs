//! What the node has to say for itself: digests after days off, and a wall clock that was set.

use std::sync::atomic::Ordering;

use jingwei_core::access::{Acting, Principal, Role};
use jingwei_core::code::DivisionCode;
use jingwei_core::directory::{CaughtUp, ClockConfirmed, DirectoryEvent};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::time::Timestamp;
use jingwei_store::journal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::Ref;
use crate::directory::{Happened, one_more};
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::random;
use crate::writer::WriterThread;

/// Digests shown of a centre.
const SHOWN: usize = 20;

/// One digest: what ran out while the node stood still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DigestView {
    /// The centre.
    pub centre: Ref,
    /// When it was made.
    pub at: String,
    /// When the first timer of it had been due.
    pub since: String,
    /// Cases concerned.
    pub cases: u32,
    /// Of them past a limit.
    pub red: u32,
    /// Of them past a card.
    pub cards: u32,
    /// Journal sequence.
    pub sequence: i64,
}

/// The digests of one's own centres.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DigestList {
    /// Newest first, at most 20 of a centre.
    pub items: Vec<DigestView>,
}

/// The clock of the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockStatus {
    /// Now, by the node.
    pub now: String,
    /// Whether escalations are held because the wall clock was set by more than a correction.
    pub held: bool,
    /// By how much, in seconds; negative: back.
    pub set_by_s: i64,
    /// The last year whose public holidays the work calendar knows.
    pub calendar_until: Option<i32>,
}

/// An administrator says that the clock is right.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmClockBody {
    /// By how many seconds it was set, as it was shown: another jump meanwhile is not confirmed with it.
    pub set_by_s: i64,
}

/// The thing under which the digests of a centre stand in the journal.
fn centre_id(centre: &DivisionCode) -> Uuid {
    Uuid::new_v5(
        &Uuid::NAMESPACE_OID,
        format!("jingwei centre {centre}").as_bytes(),
    )
}

/// Writes an event of the node at the end of a thing's own journal.
fn write(
    writer: &mut WriterThread,
    of: (&str, Uuid),
    by: Acting,
    event: &DirectoryEvent,
) -> Result<i64> {
    let (aggregate, id) = of;
    let now = writer.journal_time(&writer.head);
    let correlation = random::uuid_v7(writer.shared.random.as_ref(), now);
    let head = writer.transact(|tx, head| {
        let head = one_more(head, now);
        let version = journal::of_aggregate(tx, id, 0, i64::MAX)?
            .last()
            .map_or(0, |row| row.version);
        let happened = Happened {
            head: &head,
            by,
            received_at: now,
            correlation,
        };
        journal::append(tx, vec![happened.row(aggregate, id, version + 1, event)])?;
        journal::set_head(tx, &head)?;
        Ok(head)
    })?;
    let sequence = head.seq;
    writer.advance(head);
    Ok(sequence)
}

/// Writes a digest.
pub(crate) async fn write_digest(node: &Node, event: CaughtUp) -> Result<()> {
    node.queue
        .job(move |writer| {
            let id = centre_id(&event.centre);
            let event = DirectoryEvent::CaughtUp(event);
            write(writer, ("centre", id), Acting::SYSTEM, &event)
        })
        .await
        .map(drop)
}

impl Node {
    /// Whether timers wait because the wall clock was set by more than a correction. Looks at the clock.
    pub(crate) fn clock_is_held(&self) -> bool {
        let jump = self.shared.clock.set_by() - self.shared.clock_known.load(Ordering::Acquire);
        let most = self.shared.world().rules.settings.clock_jump.milliseconds();
        let held = jump.abs() > most;
        if held && !self.shared.clock_held.swap(held, Ordering::AcqRel) {
            tracing::error!(
                jump_s = jump / 1_000,
                "the wall clock was set: escalations wait until an administrator confirms the time"
            );
        }
        if !held {
            self.shared.clock_held.store(false, Ordering::Release);
        }
        held
    }

    /// The clock of the node.
    pub fn clock(&self) -> ClockStatus {
        let known = self.shared.clock_known.load(Ordering::Acquire);
        ClockStatus {
            now: self.now().rfc3339(),
            held: self.clock_is_held(),
            set_by_s: (self.shared.clock.set_by() - known) / 1_000,
            calendar_until: self.shared.world().rules.calendar.last_year(),
        }
    }

    /// An administrator says that the clock is right as it stands: what was held goes on.
    pub async fn confirm_clock(
        &self,
        by: &Principal,
        body: &ConfirmClockBody,
    ) -> Result<ClockStatus> {
        let post = by
            .posts()
            .iter()
            .find(|post| post.role == Role::Administrator)
            .ok_or(EngineError::Refused(Refusal::NotAdministrator))?;
        let acting = Acting {
            person: by.person(),
            role: post.role,
            unit: Some(post.unit),
        };
        let set_by = self.shared.clock.set_by();
        let jump = set_by - self.shared.clock_known.load(Ordering::Acquire);
        // The seconds of the two readings may round apart.
        if (jump / 1_000 - body.set_by_s).abs() > 1 {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "/set_by_s",
                "changed",
                format!("时钟现在偏移 {} 秒，请看清再确认", jump / 1_000),
                format!(
                    "the clock stands {} seconds off now: look again, then confirm",
                    jump / 1_000
                ),
            )])
            .into());
        }
        self.queue
            .job(move |writer| {
                let node = writer.shared.node.0;
                let event = DirectoryEvent::ClockConfirmed(ClockConfirmed { set_by: jump });
                write(writer, ("node", node), acting, &event)
            })
            .await?;
        self.shared.clock_known.store(set_by, Ordering::Release);
        self.shared.timers.notify_one();
        Ok(self.clock())
    }

    /// The digests of the centres of `by`'s own posts.
    pub async fn digests(&self, by: &Principal) -> Result<DigestList> {
        let world = self.shared.world();
        let mut centres: Vec<DivisionCode> = by
            .posts()
            .iter()
            .filter(|post| {
                matches!(
                    post.role,
                    Role::DutyOfficer
                        | Role::DutyChief
                        | Role::Dispatcher
                        | Role::Leader
                        | Role::Inspector
                        | Role::Auditor
                )
            })
            .map(|post| post.division.clone())
            .collect();
        centres.sort();
        centres.dedup();
        let rows = self
            .read(move |tx| {
                let mut rows = Vec::new();
                for centre in &centres {
                    let all = journal::of_aggregate(tx, centre_id(centre), 0, i64::MAX)?;
                    rows.extend(all.into_iter().rev().take(SHOWN));
                }
                Ok(rows)
            })
            .await?;
        let mut items = Vec::new();
        for row in rows {
            let version = u32::try_from(row.kind_v).unwrap_or(0);
            let event = DirectoryEvent::read(&row.kind, version, &row.payload)
                .map_err(|e| EngineError::Journal(format!("row {}: {e}", row.seq)))?;
            if let DirectoryEvent::CaughtUp(event) = event {
                items.push(DigestView {
                    centre: world.division_ref(&event.centre),
                    at: Timestamp(row.at).rfc3339(),
                    since: event.since.rfc3339(),
                    cases: event.cases,
                    red: event.red,
                    cards: event.cards,
                    sequence: row.seq,
                });
            }
        }
        items.sort_by_key(|item| -item.sequence);
        Ok(DigestList { items })
    }
}
