//! Content that is staged part by part and becomes valid, whole, by one event.
//!
//! Keeps: nothing staged counts before its event is durable; a commit whose answer was lost is looked up before it is tried
//! again; the same key of the same sender is carried out once.

use jingwei_core::access::Acting;
use jingwei_core::directory::DirectoryEvent;
use jingwei_core::time::Timestamp;
use jingwei_store::journal::{self, Head, JournalRow};
use jingwei_store::receipts::{self, ReceiptRow};
use jingwei_store::{Tx, directory as store};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::content::Content;
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::vault::Key;
use crate::world::World;
use crate::writer::{Idempotency, WriterThread};

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
}

/// The head after one more row at `now`.
pub(crate) fn one_more(head: &Head, now: Timestamp) -> Head {
    Head {
        seq: head.seq + 1,
        at: now.0.max(head.at),
        ..head.clone()
    }
}

/// The answer to something staged: kept under the sender's key, with the sequence at which it became valid.
pub(crate) trait Kept: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// The answer, valid at this sequence.
    #[must_use]
    fn at(self, sequence: i64) -> Self;
}

/// Content on its way.
pub(crate) struct Staged<R> {
    pub(crate) by: Acting,
    /// Names it in the event and in the staged parts.
    pub(crate) id: Uuid,
    pub(crate) content: Content,
    /// Its parts, packed; the event carries their digest.
    pub(crate) parts: Vec<Vec<u8>>,
    pub(crate) event: DirectoryEvent,
    pub(crate) keys: Vec<(Uuid, Key)>,
    pub(crate) idempotency: Option<Idempotency>,
    pub(crate) received_at: Timestamp,
    pub(crate) correlation: Uuid,
    pub(crate) answer: R,
}

impl Node {
    /// Stages the content and makes it valid.
    pub(crate) async fn bring<R: Kept>(&self, mut staged: Staged<R>) -> Result<R> {
        let id = staged.id;
        // Part by part, so that other commands pass in between.
        for (i, part) in std::mem::take(&mut staged.parts).into_iter().enumerate() {
            let part_no = i64::try_from(i).unwrap_or(i64::MAX);
            let outcome = self
                .queue
                .job(move |writer| {
                    writer.transact(|tx, _| Ok(store::stage(tx, id, part_no, part)?))
                })
                .await;
            if let Err(error) = outcome {
                self.drop_staged(id).await;
                return Err(error);
            }
        }
        let changes = staged.content.changes_place();
        let valid = self
            .queue
            .job(move |writer| make_valid(writer, &staged))
            .await;
        match valid {
            Err(_) => self.drop_staged(id).await,
            Ok(_) => {
                if let Some(part) = changes {
                    self.reload_place(part).await;
                }
            }
        }
        valid
    }

    /// The answer that was given under this key.
    pub(crate) async fn brought_before<R: Kept>(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<R>> {
        let Some(idempotency) = idempotency else {
            return Ok(None);
        };
        let key = (idempotency.sender, idempotency.key.clone());
        let found = self.read(move |tx| Ok(receipts::find(tx, &[key])?)).await?;
        found
            .first()
            .map(|receipt| kept_answer(receipt, idempotency))
            .transpose()
    }

    /// Nothing half done is left behind; parts that an event names stay. A failure here leaves parts that count for nothing.
    async fn drop_staged(&self, id: Uuid) {
        let dropped = self
            .queue
            .job(move |writer| {
                writer.transact(|tx, _| {
                    if journal::of_aggregate(tx, id, 0, 1)?.is_empty() {
                        store::drop_staged(tx, id)?;
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

fn kept_answer<R: Kept>(receipt: &ReceiptRow, idempotency: &Idempotency) -> Result<R> {
    if receipt.body_hash != idempotency.body_hash {
        return Err(EngineError::KeyReused);
    }
    serde_json::from_slice(&receipt.answer)
        .map_err(|e| EngineError::Internal(format!("a kept answer cannot be read: {e}")))
}

/// Makes staged content valid by one event. When the commit's answer is lost it is looked up.
fn make_valid<R: Kept>(writer: &mut WriterThread, staged: &Staged<R>) -> Result<R> {
    match commit(writer, staged) {
        Err(EngineError::Busy(_)) if writer.db.is_lost() => {
            writer.reconnect()?;
            let id = staged.id;
            let event = writer.transact(|tx, _| Ok(journal::of_aggregate(tx, id, 0, 1)?))?;
            match event.first() {
                Some(row) => {
                    writer.shared.vault.remember(&staged.keys);
                    writer.shared.sequence.send_replace(row.seq);
                    Ok(staged.answer.clone().at(row.seq))
                }
                None => commit(writer, staged),
            }
        }
        other => other,
    }
}

fn commit<R: Kept>(writer: &mut WriterThread, staged: &Staged<R>) -> Result<R> {
    let now = writer.journal_time(&writer.head);
    let WriterThread {
        db,
        keys,
        head: mine,
        ..
    } = writer;
    let committed = db.transaction(|tx| {
        let head = one_more(&WriterThread::claim(tx, mine)?, now);
        let answer = staged.answer.clone().at(head.seq);
        if let Some(idempotency) = &staged.idempotency {
            let key = (idempotency.sender, idempotency.key.clone());
            if let Some(receipt) = receipts::find(tx, &[key])?.first() {
                return Ok((None, kept_answer(receipt, idempotency)?));
            }
            let bytes =
                serde_json::to_vec(&answer).map_err(|e| EngineError::Internal(e.to_string()))?;
            let row = ReceiptRow {
                sender: idempotency.sender,
                key: idempotency.key.clone(),
                body_hash: idempotency.body_hash.to_vec(),
                answer: bytes,
                seq: head.seq,
                at: now.0,
            };
            receipts::insert(tx, vec![row])?;
        }
        let world = write(tx, staged, &head, now)?;
        keys.put(&staged.keys)?;
        Ok::<_, EngineError>((Some((head, world)), answer))
    });
    match committed {
        Ok((Some((head, world)), answer)) => {
            writer.shared.vault.remember(&staged.keys);
            if let Some(world) = world {
                writer.shared.set_world(world);
            }
            writer.advance(head);
            // New rules may bring a new calendar: the deadlines that it moves wait for the timer loop.
            writer.shared.timers.notify_one();
            Ok(answer)
        }
        Ok((None, answer)) => Ok(answer),
        Err(error) => Err(writer.told(error)),
    }
}

/// Rows, event and head; the world as it is afterwards, when it is another one.
fn write<R>(
    tx: &mut Tx<'_>,
    staged: &Staged<R>,
    head: &Head,
    now: Timestamp,
) -> Result<Option<World>> {
    staged.content.apply(tx, now)?;
    let happened = Happened {
        head,
        by: staged.by,
        received_at: staged.received_at,
        correlation: staged.correlation,
    };
    journal::append(
        tx,
        vec![happened.row("directory", staged.id, 1, &staged.event)],
    )?;
    journal::set_head(tx, head)?;
    if !staged.content.changes_world() {
        return Ok(None);
    }
    let world = World::load(tx)?
        .ok_or_else(|| EngineError::Internal("no rules after an import".to_owned()))?;
    Ok(Some(world))
}
