//! One command of a thing, from the queue to the durable commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use jingwei_core::access::Principal;
use jingwei_core::cases::CaseState;
use jingwei_core::id::{PersonId, UnitId};
use jingwei_core::refusal::Refusal;
use jingwei_core::things::{Context, Decided, Ring, Thing, ThingEvent as _};
use jingwei_core::time::Timestamp;
use jingwei_store::journal::{self, Head, JournalRow};
use jingwei_store::receipts::{self, ReceiptRow};
use jingwei_store::things as store;
use jingwei_store::timers::{self, TimerRow};
use jingwei_store::{Tx, cases as case_store};
use uuid::Uuid;

use super::{ThingAnswer, of_kind, read_state, thing_row, timer_rows, unit_rows};
use crate::cases::Meta;
use crate::clock::Stopwatch;
use crate::error::{EngineError, Result};
use crate::feed::Change;
use crate::node::Node;
use crate::projection;
use crate::random;
use crate::vault::Key;
use crate::world::World;
use crate::writer::{Idempotency, Shared, WriterThread};

/// A command of a thing on its way.
pub(crate) struct Errand<T: Thing> {
    by: Principal,
    id: Uuid,
    expected: Option<u32>,
    command: T::Command,
    /// The key of a thing that this command begins.
    key: Option<Key>,
    idempotency: Option<Idempotency>,
    device: Option<Uuid>,
    device_at: Option<Timestamp>,
    received_at: Timestamp,
    correlation: Uuid,
}

impl<T: Thing> Errand<T> {
    /// The command of a person. One that begins a thing brings its `key`; without a key of the sender's it is kept under
    /// the thing's own id, so that a phone that sends again never doubles it.
    pub(crate) fn of(
        node: &Node,
        by: &Principal,
        id: Uuid,
        expected: Option<u32>,
        command: T::Command,
        key: Option<Key>,
        meta: Meta,
    ) -> Self {
        let default = key.map(|_| format!("{} {id}", T::AGGREGATE));
        Self {
            by: by.clone(),
            id,
            expected,
            command,
            key,
            idempotency: meta.key.or(default).map(|key| Idempotency {
                sender: by.person().map_or(Uuid::nil(), |person| person.0),
                key,
                body_hash: meta.body_hash,
            }),
            device: meta.device,
            device_at: meta.device_at,
            received_at: node.now(),
            correlation: meta.correlation,
        }
    }
}

impl Node {
    /// Carries a command out; the answer comes after its commit.
    pub(crate) async fn carry_out<T: Thing>(&self, errand: Errand<T>) -> Result<ThingAnswer> {
        let answer = self
            .queue
            .job(move |writer| carry_out(writer, &errand))
            .await;
        self.shared
            .counters
            .outcome(answer.as_ref().err().map_or("ok", EngineError::code));
        answer
    }
}

/// Fires a timer of a thing; none when the kind of timer belongs to no thing.
pub(crate) async fn fire(node: &Node, row: &TimerRow) -> Option<Result<()>> {
    let (room, _) = row.kind.split_once('.')?;
    of_kind!(room, |T| fire_one::<T>(node, row).await)
}

async fn fire_one<T: Thing>(node: &Node, row: &TimerRow) -> Result<()> {
    let part = (!row.sub.is_nil()).then_some(row.sub);
    let generation = u32::try_from(row.generation).unwrap_or(u32::MAX);
    let command = T::fired(&row.kind, part, generation).ok_or_else(|| {
        EngineError::Journal(format!("a timer has the unknown kind {}", row.kind))
    })?;
    let now = node.now();
    let errand = Errand::<T> {
        by: Principal::System,
        id: row.thing,
        expected: None,
        command,
        key: None,
        idempotency: None,
        device: None,
        device_at: None,
        received_at: now,
        correlation: random::uuid_v7(node.shared.random.as_ref(), now),
    };
    match node.carry_out(errand).await {
        Ok(_) => {
            node.shared
                .counters
                .timers_fired
                .fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
        Err(EngineError::Refused(Refusal::TimerGone)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What a transaction came to, to be told after its commit.
struct Done<T> {
    answer: ThingAnswer,
    head: Head,
    thing: T,
    rings: Vec<Ring>,
    next_due: Option<i64>,
    /// The version before, after which a lost commit is looked for.
    before: i64,
}

/// Decides and commits. When the commit's answer is lost it is looked up before it is tried again.
fn carry_out<T: Thing>(writer: &mut WriterThread, errand: &Errand<T>) -> Result<ThingAnswer> {
    match attempt(writer, errand) {
        (Err(EngineError::Busy(_)), reached) if writer.db.is_lost() => {
            writer.reconnect()?;
            match reached {
                Some(done) if is_written(writer, errand, &done)? => Ok(tell(writer, errand, *done)),
                _ => attempt(writer, errand).0,
            }
        }
        (answer, _) => answer,
    }
}

/// Whether the events that a lost commit would have written are in the journal.
fn is_written<T: Thing>(
    writer: &mut WriterThread,
    errand: &Errand<T>,
    done: &Done<T>,
) -> Result<bool> {
    let (id, before) = (errand.id, done.before);
    let rows = writer.transact(|tx, _| Ok(journal::of_aggregate(tx, id, before, 1)?))?;
    Ok(rows
        .first()
        .is_some_and(|row| row.correlation == errand.correlation))
}

/// One try; beside a failure what it would have come to, if it came so far.
fn attempt<T: Thing>(
    writer: &mut WriterThread,
    errand: &Errand<T>,
) -> (Result<ThingAnswer>, Option<Box<Done<T>>>) {
    let watch = Stopwatch::start();
    let mut reached = None;
    let WriterThread {
        db,
        keys,
        shared,
        head: mine,
        ..
    } = writer;
    let committed = db.transaction(|tx| {
        let head = WriterThread::claim(tx, mine)?;
        if let Some(answer) = answered_before(tx, errand)? {
            return Ok(Some(answer));
        }
        let done = decide_and_write(tx, errand, head, shared)?;
        // Last before the commit: the key of a thing that a rolled-back transaction would have made is only an orphan.
        keys.put(&key_of(errand))?;
        reached = Some(Box::new(done));
        Ok::<_, EngineError>(None)
    });
    match (committed, reached) {
        (Ok(Some(answer)), _) => (Ok(answer), None),
        (Ok(None), Some(done)) => {
            writer
                .shared
                .counters
                .batch(1, writer.db.last_statements(), watch.elapsed());
            (Ok(tell(writer, errand, *done)), None)
        }
        (Ok(None), None) => (
            Err(EngineError::Internal(
                "a command came to nothing".to_owned(),
            )),
            None,
        ),
        (Err(error @ (EngineError::Store(_) | EngineError::Deposed)), reached) => {
            (Err(writer.told(error)), reached)
        }
        (Err(error), _) => (Err(error), None),
    }
}

fn key_of<T: Thing>(errand: &Errand<T>) -> Vec<(Uuid, Key)> {
    errand.key.map(|key| (errand.id, key)).into_iter().collect()
}

/// After the commit: head, key, feed, timers.
fn tell<T: Thing>(writer: &mut WriterThread, errand: &Errand<T>, done: Done<T>) -> ThingAnswer {
    writer.advance(done.head);
    let shared = &writer.shared;
    shared.vault.remember(&key_of(errand));
    let change = Change::of_thing(errand.id, &done.thing, done.answer.sequence, done.rings);
    shared.feed.publish(vec![change]);
    if done
        .next_due
        .is_some_and(|due| due < shared.next_due.load(Ordering::Acquire))
    {
        shared.timers.notify_one();
    }
    done.answer
}

fn answered_before<T: Thing>(tx: &mut Tx<'_>, errand: &Errand<T>) -> Result<Option<ThingAnswer>> {
    let Some(idempotency) = &errand.idempotency else {
        return Ok(None);
    };
    let key = (idempotency.sender, idempotency.key.clone());
    let found = receipts::find(tx, &[key])?;
    let Some(receipt) = found.first() else {
        return Ok(None);
    };
    if receipt.body_hash != idempotency.body_hash {
        return Err(EngineError::KeyReused);
    }
    serde_json::from_slice(&receipt.answer)
        .map(Some)
        .map_err(|e| EngineError::Internal(format!("a kept answer cannot be read: {e}")))
}

/// The thing as it stands, with its row; none before it began.
fn load<T: Thing>(tx: &mut Tx<'_>, errand: &Errand<T>, world: &World) -> Result<Option<(i64, T)>> {
    if let Some(row) = store::load(tx, &[errand.id])?.pop() {
        if row.aggregate == T::AGGREGATE {
            return Ok(Some((row.seq, read_state(&row)?)));
        }
        return Err(taken(errand));
    }
    // An id belongs to one thing: the key of another must not be replaced by the key of a new one.
    let other = errand.key.is_some()
        && (world.people.contains_key(&PersonId(errand.id))
            || world.directory.unit(UnitId(errand.id)).is_some()
            || !journal::of_aggregate(tx, errand.id, 0, 1)?.is_empty());
    if other { Err(taken(errand)) } else { Ok(None) }
}

fn taken<T: Thing>(errand: &Errand<T>) -> EngineError {
    match errand.key {
        Some(_) => Refusal::Exists.into(),
        None => Refusal::NotFound.into(),
    }
}

fn load_case<T: Thing>(tx: &mut Tx<'_>, errand: &Errand<T>) -> Result<Option<CaseState>> {
    let Some(id) = T::case_of(&errand.command) else {
        return Ok(None);
    };
    case_store::load_states(tx, &[id.0])?
        .pop()
        .map(|row| projection::read_state(&row.state, row.lon_e7, row.lat_e7))
        .transpose()
}

fn decide_and_write<T: Thing>(
    tx: &mut Tx<'_>,
    errand: &Errand<T>,
    mut head: Head,
    shared: &Shared,
) -> Result<Done<T>> {
    let world = shared.world();
    let now = shared.clock.now().max(Timestamp(head.at));
    let loaded = load(tx, errand, &world)?;
    let before = loaded.as_ref().map(|(_, thing)| thing);
    if let (Some(expected), Some(thing)) = (errand.expected, before) {
        let present = thing.shape().version;
        if expected != present && thing.sight(&errand.by).is_some() {
            return Err(Refusal::Stale { expected, present }.into());
        }
    }
    let case = load_case(tx, errand)?;
    let context = Context {
        now,
        by: &errand.by,
        rules: &world.rules,
        directory: &world.directory,
        case: case.as_ref(),
    };
    let decided = catch_unwind(AssertUnwindSafe(|| {
        T::decide(before, &errand.command, &context)
    }))
    .unwrap_or_else(|_| {
        tracing::error!(correlation = %errand.correlation, "deciding a command panicked");
        Ok(Vec::new())
    })?;
    let (mut state, mut rows, mut rings) = (before.cloned(), Vec::new(), Vec::new());
    for Decided { by, event } in decided {
        head.seq += 1;
        T::apply(&mut state, errand.id, &event, by, now);
        rings.extend(T::ring(&event));
        rows.push(JournalRow {
            seq: head.seq,
            node: shared.node.0,
            epoch: head.epoch,
            at: now.0,
            actor: by.person.map(|person| person.0),
            role: Some(by.role.as_str().to_owned()),
            unit: by.unit.map(|unit| unit.0),
            on_behalf: None,
            device: errand.device,
            device_at: errand.device_at.map(|at| at.0),
            received_at: errand.received_at.0,
            aggregate: T::AGGREGATE.to_owned(),
            aggregate_id: errand.id,
            version: state
                .as_ref()
                .map_or(0, |state| i64::from(state.shape().version)),
            kind: event.kind().to_owned(),
            kind_v: i64::from(event.kind_version()),
            correlation: errand.correlation,
            payload: event.payload(),
        });
    }
    let Some((thing, first)) = state.zip(rows.first().map(|row| row.seq)) else {
        return Err(EngineError::Internal(
            "a command was decided without an event".to_owned(),
        ));
    };
    head.at = now.0;
    let version = before.map_or(0, |thing| thing.shape().version);
    let seq = loaded.as_ref().map_or(first, |(seq, _)| *seq);
    journal::append(tx, rows)?;
    let next_due = write_rows(tx, errand.id, before, &thing, (seq, head.seq), shared)?;
    let answer = answer_of(errand.id, &thing, &head);
    keep(tx, errand, &answer, now)?;
    journal::set_head(tx, &head)?;
    Ok(Done {
        answer,
        head,
        rings,
        next_due,
        before: i64::from(version),
        thing,
    })
}

fn answer_of<T: Thing>(id: Uuid, thing: &T, head: &Head) -> ThingAnswer {
    let shape = thing.shape();
    ThingAnswer {
        id,
        version: shape.version,
        sequence: head.seq,
        stage: shape.stage.to_owned(),
    }
}

/// Keeps the answer under the sender's key.
fn keep<T: Thing>(
    tx: &mut Tx<'_>,
    errand: &Errand<T>,
    answer: &ThingAnswer,
    now: Timestamp,
) -> Result<()> {
    let Some(idempotency) = &errand.idempotency else {
        return Ok(());
    };
    let row = ReceiptRow {
        sender: idempotency.sender,
        key: idempotency.key.clone(),
        body_hash: idempotency.body_hash.to_vec(),
        answer: serde_json::to_vec(answer).map_err(|e| EngineError::Internal(e.to_string()))?,
        seq: answer.sequence,
        at: now.0,
    };
    Ok(receipts::insert(tx, vec![row])?)
}

/// Writes the rows of a thing, and of its units and timers what differs; answers the earliest timer set.
fn write_rows<T: Thing>(
    tx: &mut Tx<'_>,
    id: Uuid,
    before: Option<&T>,
    thing: &T,
    (seq, last_seq): (i64, i64),
    shared: &Shared,
) -> Result<Option<i64>> {
    store::upsert(tx, vec![thing_row(id, thing, shared.node, seq, last_seq)?])?;
    let old = before
        .map(|thing| unit_rows(id, thing, seq))
        .unwrap_or_default();
    let new = unit_rows(id, thing, seq);
    let gone = old
        .iter()
        .filter(|row| !new.contains(row))
        .map(|row| (row.thing, row.unit))
        .collect();
    let added = new.into_iter().filter(|row| !old.contains(row)).collect();
    store::upsert_units(tx, added)?;
    store::delete_units(tx, gone)?;
    let old = before
        .map(|thing| timer_rows(id, thing))
        .unwrap_or_default();
    let new = timer_rows(id, thing);
    let gone = old
        .iter()
        .filter(|o| !new.iter().any(|n| (&n.kind, n.sub) == (&o.kind, o.sub)))
        .map(|o| (o.thing, o.kind.clone(), o.sub))
        .collect();
    let set: Vec<TimerRow> = new.into_iter().filter(|row| !old.contains(row)).collect();
    let next_due = set.iter().map(|row| row.due).min();
    timers::upsert(tx, set)?;
    timers::delete(tx, gone)?;
    Ok(next_due)
}
