//! The one writer.
//!
//! Commands come through a bounded queue, are decided in order on an overlay of the batch, and are committed together in one
//! durable transaction; only then is anybody answered. A refused or panicking command fails alone. Statements are set-based:
//! a batch needs the same few of them whatever its size. A commit whose outcome is unknown is looked up before anyone is
//! answered. A writer that finds another's term stops.
//!
//! Nothing slow happens here: sealing, hashing and the network are done before a command comes in.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jingwei_core::access::{Acting, Principal};
use jingwei_core::cases::{
    self, AcknowledgedHow, CaseCommand, CaseEvent, CaseState, Context, Decided,
};
use jingwei_core::id::{CaseId, NodeId, PersonId, UnitId};
use jingwei_core::refusal::Refusal;
use jingwei_core::time::Timestamp;
use jingwei_store::figures::SerialRow;
use jingwei_store::journal::{Head, JournalRow};
use jingwei_store::receipts::ReceiptRow;
use jingwei_store::{
    StoreError, Tx, Writer, cases as case_store, figures, grids as grid_store, journal, receipts,
    timers,
};
use tokio::sync::{Notify, oneshot, watch};
use uuid::Uuid;

use crate::cases::view::Answer;
use crate::clock::{Clock, Stopwatch};
use crate::error::{EngineError, Result};
use crate::feed::{Change, Feed, Ring, Told, Why};
use crate::metrics::Counters;
use crate::place::Place;
use crate::projection::{self, Figures};
use crate::random::{self, Random};
use crate::vault::{Key, KeyWriter, Vault};
use crate::world::World;

/// Commands that may wait; beyond it the sender is told to come back.
const QUEUE: usize = 4_096;
/// Commands of one batch.
const BATCH: usize = 500;
/// How long a lost database is waited for before the waiting are told to come back.
const RECONNECT: Duration = Duration::from_secs(30);

/// What all threads of a node share.
pub(crate) struct Shared {
    pub(crate) node: NodeId,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) vault: Vault,
    pub(crate) world: RwLock<Arc<World>>,
    /// Grids, outlines, names of places.
    pub(crate) place: RwLock<Arc<Place>>,
    pub(crate) feed: Feed,
    pub(crate) counters: Counters,
    pub(crate) sequence: watch::Sender<i64>,
    pub(crate) timers: Notify,
    /// The next due time that the timer loop knows of; an earlier one wakes it.
    pub(crate) next_due: AtomicI64,
    pub(crate) deposed: watch::Sender<bool>,
    /// How far the wall clock was set that somebody has confirmed (milliseconds); and whether a jump waits for that.
    pub(crate) clock_known: AtomicI64,
    pub(crate) clock_held: AtomicBool,
}

impl Shared {
    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_world(&self, world: World) {
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(world);
    }
}

/// A command on its way.
pub(crate) struct Envelope {
    pub(crate) by: Principal,
    pub(crate) case: CaseId,
    pub(crate) expected: Option<u32>,
    pub(crate) command: CaseCommand,
    /// The key of a case that this command creates.
    pub(crate) key: Option<Key>,
    pub(crate) idempotency: Option<Idempotency>,
    pub(crate) device: Option<Uuid>,
    pub(crate) device_at: Option<Timestamp>,
    pub(crate) received_at: Timestamp,
    pub(crate) correlation: Uuid,
    pub(crate) reply: oneshot::Sender<Result<Answer>>,
}

/// Under which key a command was sent.
pub(crate) struct Idempotency {
    pub(crate) sender: Uuid,
    pub(crate) key: String,
    pub(crate) body_hash: [u8; 32],
}

/// Work of another kind that writes: sessions, imports. In a transaction of its own.
pub(crate) type Job = Box<dyn FnOnce(&mut WriterThread) + Send>;

enum Message {
    Case(Box<Envelope>),
    Job(Job),
    Stop,
}

/// The door to the writer.
#[derive(Clone)]
pub(crate) struct Queue {
    sender: SyncSender<Message>,
    shared: Arc<Shared>,
}

impl Queue {
    fn send(&self, message: Message) -> Result<()> {
        if *self.shared.deposed.borrow() {
            return Err(EngineError::Deposed);
        }
        self.shared.counters.queue.fetch_add(1, Ordering::Relaxed);
        self.sender.try_send(message).map_err(|error| {
            self.shared.counters.queue.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => EngineError::Busy(1),
                TrySendError::Disconnected(_) => EngineError::Busy(5),
            }
        })
    }

    /// Puts a command into the queue; the answer comes after its commit.
    pub(crate) async fn command(
        &self,
        envelope: impl FnOnce(oneshot::Sender<Result<Answer>>) -> Envelope,
    ) -> Result<Answer> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Case(Box::new(envelope(reply))))?;
        let answer = answer.await.unwrap_or(Err(EngineError::Busy(5)));
        self.shared
            .counters
            .outcome(answer.as_ref().err().map_or("ok", EngineError::code));
        answer
    }

    /// Runs a job on the writer's thread.
    pub(crate) async fn job<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriterThread) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Job(Box::new(move |writer| {
            // Who asked may have gone: then nobody hears the answer, and the work is done all the same.
            let _ = reply.send(job(writer));
        })))?;
        answer.await.unwrap_or(Err(EngineError::Busy(5)))
    }

    pub(crate) fn stop(&self) {
        // A full queue empties; the stop waits its turn.
        let _ = self.sender.send(Message::Stop);
    }
}

/// The writer's own thread.
pub(crate) struct WriterThread {
    pub(crate) db: Writer,
    pub(crate) keys: KeyWriter,
    pub(crate) shared: Arc<Shared>,
    pub(crate) head: Head,
    /// What a batch would have come to whose commit was never answered.
    unknown: Option<Done>,
    #[cfg(feature = "mutants")]
    mutant: Option<crate::mutants::Mutant>,
}

/// A case in the batch: as it was, as it is.
struct Loaded {
    before: Option<CaseState>,
    now: Option<CaseState>,
    seq: i64,
    last_seq: i64,
    rings: Vec<Ring>,
    told: Vec<Told>,
}

/// What a batch came to.
struct Done {
    answers: Vec<Result<Answer>>,
    head: Head,
    changes: Vec<Change>,
    keys: Vec<(Uuid, Key)>,
    next_due: Option<i64>,
    #[cfg(feature = "mutants")]
    stock: Vec<figures::StockRow>,
}

/// Starts the writer. The head is already claimed for it.
pub(crate) fn start(
    db: Writer,
    keys: KeyWriter,
    shared: Arc<Shared>,
    head: Head,
) -> std::io::Result<(Queue, std::thread::JoinHandle<()>)> {
    let (sender, receiver) = sync_channel(QUEUE);
    let queue = Queue {
        sender,
        shared: Arc::clone(&shared),
    };
    let mut writer = WriterThread {
        db,
        keys,
        shared,
        head,
        unknown: None,
        #[cfg(feature = "mutants")]
        mutant: crate::mutants::chosen(),
    };
    let handle = std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || writer.run(&receiver))?;
    Ok((queue, handle))
}

impl WriterThread {
    fn run(&mut self, receiver: &Receiver<Message>) {
        let mut batch = Vec::new();
        while let Ok(first) = receiver.recv() {
            let mut next = Some(first);
            // While one batch is being committed the next gathers in the queue: no waiting on purpose.
            while let Some(message) = next.take() {
                self.shared.counters.queue.fetch_sub(1, Ordering::Relaxed);
                match message {
                    Message::Case(envelope) => {
                        batch.push(*envelope);
                        if batch.len() < BATCH {
                            next = receiver.try_recv().ok();
                        }
                    }
                    Message::Job(job) => {
                        self.carry_out(std::mem::take(&mut batch));
                        // A job cannot be run twice, as a batch can: what the one before it lost is opened again first.
                        if self.db.is_lost()
                            && let Err(error) = self.look_up(Stopwatch::start())
                        {
                            tracing::error!(code = error.code(), "the database is still away");
                        }
                        if catch_unwind(AssertUnwindSafe(|| job(self))).is_err() {
                            tracing::error!("a job of the writer panicked");
                        }
                    }
                    Message::Stop => {
                        self.carry_out(std::mem::take(&mut batch));
                        return;
                    }
                }
            }
            self.carry_out(std::mem::take(&mut batch));
        }
    }

    /// A transaction of a job: claims the head first, and tells of a full disk or another writer as a batch does.
    pub(crate) fn transact<T>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>, &Head) -> Result<T>,
    ) -> Result<T> {
        let Self { db, head: mine, .. } = self;
        let outcome = db.transaction(|tx| {
            let head = Self::claim(tx, mine)?;
            work(tx, &head)
        });
        match outcome {
            Err(EngineError::Store(error)) => Err(self.told(EngineError::Store(error))),
            Err(EngineError::Deposed) => Err(self.told(EngineError::Deposed)),
            other => other,
        }
    }

    /// Takes the head after a job's own rows.
    pub(crate) fn advance(&mut self, head: Head) {
        self.head = head;
        self.shared.sequence.send_replace(self.head.seq);
    }

    /// The journal time of what happens now: never earlier than the row before.
    pub(crate) fn journal_time(&self, head: &Head) -> Timestamp {
        self.shared.clock.now().max(Timestamp(head.at))
    }

    /// Claims the head within a transaction and makes sure that this writer may still write.
    pub(crate) fn claim(tx: &mut Tx<'_>, mine: &Head) -> Result<Head> {
        let head = journal::claim_head(tx)?;
        if head.term == mine.term && head.writer == mine.writer {
            Ok(head)
        } else {
            Err(EngineError::Deposed)
        }
    }

    fn carry_out(&mut self, batch: Vec<Envelope>) {
        if batch.is_empty() {
            return;
        }
        let watch = Stopwatch::start();
        let mut replies: Vec<Option<oneshot::Sender<Result<Answer>>>> =
            Vec::with_capacity(batch.len());
        let mut batch = batch;
        for envelope in &mut batch {
            let (closed, _) = oneshot::channel();
            replies.push(Some(std::mem::replace(&mut envelope.reply, closed)));
        }
        let outcome = loop {
            match self.attempt(&batch, &mut replies) {
                Err(EngineError::Store(
                    error @ (StoreError::CommitUnknown(_) | StoreError::Lost(_)),
                )) => {
                    tracing::error!(code = error.code(), "the database was lost; reconnecting");
                    match self.look_up(watch) {
                        Ok(Some(done)) => break Ok(done),
                        // Nothing of it was written: again.
                        Ok(None) => {}
                        Err(error) => break Err(error),
                    }
                }
                other => break other,
            }
        };
        match outcome {
            Ok(done) => {
                self.shared
                    .counters
                    .batch(batch.len(), self.db.last_statements(), watch.elapsed());
                self.shared
                    .counters
                    .read_only
                    .store(false, Ordering::Relaxed);
                self.publish(done, replies);
            }
            Err(error) => {
                let error = self.told(error);
                for reply in replies.into_iter().flatten() {
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// What the waiting are told of a failed batch.
    pub(crate) fn told(&self, error: EngineError) -> EngineError {
        match &error {
            EngineError::Deposed => {
                tracing::error!("another writer took over; this process only reads now");
                self.shared.deposed.send_replace(true);
                error
            }
            EngineError::Store(StoreError::Full(_)) => {
                tracing::error!("the disk is full: the node only reads until there is room");
                self.shared
                    .counters
                    .read_only
                    .store(true, Ordering::Relaxed);
                EngineError::ReadOnly
            }
            EngineError::Store(StoreError::Busy(_)) => EngineError::Busy(1),
            EngineError::Store(StoreError::Lost(_) | StoreError::CommitUnknown(_)) => {
                EngineError::Busy(2)
            }
            _ => {
                tracing::error!(code = error.code(), %error, "a batch failed; nothing of it was written");
                error
            }
        }
    }

    /// Reconnects after a lost connection.
    pub(crate) fn reconnect(&mut self) -> Result<()> {
        self.look_up(Stopwatch::start()).map(drop)
    }

    /// Reconnects after a lost connection and looks whether the batch is in the journal: then this is what it came to.
    fn look_up(&mut self, watch: Stopwatch) -> Result<Option<Done>> {
        loop {
            match self.db.reconnect() {
                Ok(()) => break,
                Err(error) if watch.elapsed() > RECONNECT => {
                    tracing::error!(code = error.code(), "the database did not come back");
                    return Err(EngineError::Busy(10));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
        let mine = self.head.clone();
        let today = self.shared.clock.now().local_day();
        let (found, loaded) = self.db.transaction(|tx| {
            let head = Self::claim(tx, &mine)?;
            let loaded = match World::load(tx)? {
                Some(world) => Some((Place::load(tx, &world, today)?, world)),
                None => None,
            };
            Ok::<_, EngineError>((head, loaded))
        })?;
        // An import or a change of grids whose commit was never answered may have become valid.
        if let Some((place, world)) = loaded {
            self.shared.set_world(world);
            self.shared.set_place(place);
        }
        let done = self
            .unknown
            .take()
            .filter(|done| done.head.seq == found.seq && found.seq > mine.seq);
        self.head = found;
        Ok(done)
    }

    fn publish(&mut self, done: Done, replies: Vec<Option<oneshot::Sender<Result<Answer>>>>) {
        self.head = done.head;
        self.shared.vault.remember(&done.keys);
        self.shared.sequence.send_replace(self.head.seq);
        for (reply, answer) in replies.into_iter().zip(done.answers) {
            if let Some(reply) = reply {
                let _ = reply.send(answer);
            }
        }
        self.shared.feed.publish(done.changes);
        if done
            .next_due
            .is_some_and(|due| due < self.shared.next_due.load(Ordering::Acquire))
        {
            self.shared.timers.notify_one();
        }
    }

    /// Decides and commits a batch.
    fn attempt(
        &mut self,
        batch: &[Envelope],
        replies: &mut [Option<oneshot::Sender<Result<Answer>>>],
    ) -> Result<Done> {
        let Self {
            db,
            keys,
            shared,
            head,
            ..
        } = self;
        #[cfg(feature = "mutants")]
        let mutant = self.mutant;
        let mut reached = None;
        let outcome = db.transaction(|tx| {
            #[cfg_attr(
                not(feature = "mutants"),
                expect(unused_mut, reason = "a mutant is set in it")
            )]
            let mut run = Batch::new(shared, batch);
            #[cfg(feature = "mutants")]
            {
                run.mutant = mutant;
            }
            let done = run.run(tx, head, keys)?;
            #[cfg(feature = "mutants")]
            if mutant == Some(crate::mutants::Mutant::AnswerBeforeCommit) {
                answer_early(&done, replies);
            }
            reached = Some(done);
            Ok::<_, EngineError>(())
        });
        #[cfg(not(feature = "mutants"))]
        let _ = replies;
        match (outcome, reached) {
            (Ok(()), Some(done)) => {
                #[cfg(feature = "mutants")]
                let done = self.after_commit(done)?;
                Ok(done)
            }
            (Ok(()), None) => Err(EngineError::Internal("a batch came to nothing".to_owned())),
            (Err(error), reached) => {
                self.unknown = reached;
                Err(error)
            }
        }
    }

    #[cfg(feature = "mutants")]
    fn after_commit(&mut self, mut done: Done) -> Result<Done> {
        use crate::mutants::{Mutant, pause};
        match self.mutant {
            Some(Mutant::StockOutside) => {
                pause();
                let stock = std::mem::take(&mut done.stock);
                self.db
                    .transaction(|tx| Ok::<_, EngineError>(figures::add_stock(tx, stock)?))?;
            }
            Some(Mutant::IdempotencyOff) => pause(),
            _ => {}
        }
        Ok(done)
    }
}

#[cfg(feature = "mutants")]
fn answer_early(done: &Done, replies: &mut [Option<oneshot::Sender<Result<Answer>>>]) {
    for (reply, answer) in replies.iter_mut().zip(&done.answers) {
        if let Some(reply) = reply.take() {
            let _ = reply.send(answer.clone());
        }
    }
    crate::mutants::pause();
}

/// One batch inside its transaction.
struct Batch<'a> {
    shared: &'a Shared,
    envelopes: &'a [Envelope],
    world: Arc<World>,
    place: Arc<Place>,
    loaded: HashMap<CaseId, Loaded>,
    /// Ids of reports in the batch that another thing has already.
    taken: HashSet<Uuid>,
    receipts: HashMap<(Uuid, String), ReceiptRow>,
    serials: HashMap<(String, i64), u32>,
    rows: Vec<JournalRow>,
    new_receipts: Vec<ReceiptRow>,
    used_serials: HashMap<(String, i64), u32>,
    keys: Vec<(Uuid, Key)>,
    figures: Figures,
    #[cfg(feature = "mutants")]
    mutant: Option<crate::mutants::Mutant>,
}

impl<'a> Batch<'a> {
    fn new(shared: &'a Shared, envelopes: &'a [Envelope]) -> Self {
        Self {
            shared,
            envelopes,
            world: shared.world(),
            place: shared.place(),
            loaded: HashMap::new(),
            taken: HashSet::new(),
            receipts: HashMap::new(),
            serials: HashMap::new(),
            rows: Vec::new(),
            new_receipts: Vec::new(),
            used_serials: HashMap::new(),
            keys: Vec::new(),
            figures: Figures::default(),
            #[cfg(feature = "mutants")]
            mutant: None,
        }
    }

    fn run(mut self, tx: &mut Tx<'_>, mine: &Head, keys: &mut KeyWriter) -> Result<Done> {
        let mut head = WriterThread::claim(tx, mine)?;
        let now = self.shared.clock.now().max(Timestamp(head.at));
        self.load(tx, now)?;
        let mut answers = Vec::with_capacity(self.envelopes.len());
        for envelope in self.envelopes {
            answers.push(self.one(envelope, &mut head, now));
        }
        let done = self.write(tx, head, answers)?;
        // Last before the commit: keys of things that a rolled-back batch would have made are only orphans.
        keys.put(&done.keys)?;
        Ok(done)
    }

    /// Receipts, states and serials of the whole batch: one statement each.
    fn load(&mut self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        let keys: Vec<(Uuid, String)> = self
            .envelopes
            .iter()
            .filter_map(|e| e.idempotency.as_ref())
            .map(|i| (i.sender, i.key.clone()))
            .collect();
        if self.looks_for_receipts() && !keys.is_empty() {
            for row in receipts::find(tx, &keys)? {
                self.receipts.insert((row.sender, row.key.clone()), row);
            }
        }
        // A merger is about two cases, and both are loaded.
        let merging = self.envelopes.iter().filter_map(|e| match &e.command {
            CaseCommand::Merge { into, .. } => Some(*into),
            _ => None,
        });
        let ids = self
            .envelopes
            .iter()
            .map(|e| e.case)
            .chain(merging)
            .collect();
        self.load_cases(tx, ids)?;
        self.load_taken(tx)?;
        let parting: Vec<CaseId> = self
            .envelopes
            .iter()
            .filter(|e| matches!(e.command, CaseCommand::Unmerge(_)))
            .filter_map(|e| self.loaded.get(&e.case)?.now.as_ref()?.merged_into)
            .map(|(other, _)| other)
            .filter(|other| !self.loaded.contains_key(other))
            .collect();
        if !parting.is_empty() {
            self.load_cases(tx, parting)?;
        }
        let day = i64::from(now.local_day().0);
        let mut centres: Vec<(String, i64)> = self
            .envelopes
            .iter()
            .filter(|e| matches!(e.command, CaseCommand::File(_)))
            .filter_map(|e| self.loaded.get(&e.case)?.now.as_ref())
            .map(|case| (case.centre.as_str().to_owned(), day))
            .collect();
        centres.sort_unstable();
        centres.dedup();
        if !centres.is_empty() {
            for row in figures::serials(tx, &centres)? {
                self.serials.insert(
                    (row.centre, row.day),
                    u32::try_from(row.last).unwrap_or(u32::MAX),
                );
            }
        }
        Ok(())
    }

    /// The states of these cases, in one statement.
    fn load_cases(&mut self, tx: &mut Tx<'_>, ids: Vec<CaseId>) -> Result<()> {
        let mut ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
        ids.sort_unstable();
        ids.dedup();
        for row in case_store::load_states(tx, &ids)? {
            let state = projection::read_state(&row.state, row.lon_e7, row.lat_e7)?;
            let loaded = Loaded {
                before: Some(state.clone()),
                now: Some(state),
                seq: row.seq,
                last_seq: 0,
                rings: Vec::new(),
                told: Vec::new(),
            };
            self.loaded.insert(CaseId(row.id), loaded);
        }
        Ok(())
    }

    /// Which reports come with the id of another thing, in one statement: a row of the journal that is there twice would fail
    /// the whole batch, and the key of the other thing must not be replaced by the key of a new case.
    fn load_taken(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut ids: Vec<Uuid> = self
            .envelopes
            .iter()
            .filter(|e| matches!(e.command, CaseCommand::Report(_)))
            .filter(|e| !self.loaded.contains_key(&e.case))
            .map(|e| e.case.0)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let world = &self.world;
        self.taken.extend(ids.iter().copied().filter(|id| {
            world.people.contains_key(&PersonId(*id)) || world.directory.unit(UnitId(*id)).is_some()
        }));
        self.taken.extend(journal::begun(tx, &ids)?);
        Ok(())
    }

    #[cfg(not(feature = "mutants"))]
    #[expect(clippy::unused_self, reason = "the mutant decides by self")]
    fn looks_for_receipts(&self) -> bool {
        true
    }

    #[cfg(feature = "mutants")]
    fn looks_for_receipts(&self) -> bool {
        self.mutant != Some(crate::mutants::Mutant::IdempotencyOff)
    }

    /// Decides one command; a panic in the rules fails this command alone.
    fn one(&mut self, envelope: &Envelope, head: &mut Head, now: Timestamp) -> Result<Answer> {
        if let Some(answer) = self.answered_before(envelope)? {
            return Ok(answer);
        }
        let decided = catch_unwind(AssertUnwindSafe(|| self.decide(envelope, now)))
            .unwrap_or_else(|_| {
                tracing::error!(correlation = %envelope.correlation, "deciding a command panicked");
                Err(EngineError::Internal(
                    "deciding the command panicked".to_owned(),
                ))
            })?;
        self.take(envelope, decided, head, now)
    }

    fn answered_before(&self, envelope: &Envelope) -> Result<Option<Answer>> {
        let Some(idempotency) = &envelope.idempotency else {
            return Ok(None);
        };
        let Some(receipt) = self
            .receipts
            .get(&(idempotency.sender, idempotency.key.clone()))
        else {
            return Ok(None);
        };
        if receipt.body_hash != idempotency.body_hash {
            return Err(EngineError::KeyReused);
        }
        serde_json::from_slice(&receipt.answer)
            .map(Some)
            .map_err(|e| EngineError::Internal(format!("a kept answer cannot be read: {e}")))
    }

    fn decide(&self, envelope: &Envelope, now: Timestamp) -> Result<Vec<Decided>> {
        if matches!(envelope.command, CaseCommand::Report(_))
            && self.taken.contains(&envelope.case.0)
        {
            return Err(Refusal::Exists.into());
        }
        let case = self
            .loaded
            .get(&envelope.case)
            .and_then(|loaded| loaded.now.as_ref());
        if let (Some(expected), Some(case)) = (envelope.expected, case)
            && expected != case.version
            && jingwei_core::access::sight(&envelope.by, case).is_some()
        {
            return Err(Refusal::Stale {
                expected,
                present: case.version,
            }
            .into());
        }
        let serial = case.map_or(0, |case| {
            let key = (
                case.centre.as_str().to_owned(),
                i64::from(now.local_day().0),
            );
            self.used_serials
                .get(&key)
                .or_else(|| self.serials.get(&key))
                .copied()
                .unwrap_or(0)
        });
        let fresh = || random::uuid_v7(self.shared.random.as_ref(), now);
        let context = Context {
            now,
            by: &envelope.by,
            rules: &self.world.rules,
            directory: &self.world.directory,
            grids: &self.place.grids,
            serial: serial.saturating_add(1),
            fresh: &fresh,
            other: match &envelope.command {
                CaseCommand::Merge { into, .. } => {
                    self.loaded.get(into).and_then(|other| other.now.as_ref())
                }
                _ => None,
            },
        };
        Ok(cases::decide(case, &envelope.command, &context)?)
    }

    /// Takes what was decided into the overlay and the rows to write.
    fn take(
        &mut self,
        envelope: &Envelope,
        decided: Vec<Decided>,
        head: &mut Head,
        now: Timestamp,
    ) -> Result<Answer> {
        let mut orders = Vec::new();
        for Decided { by, event } in decided {
            match &event {
                CaseEvent::Dispatched(e) => orders.extend(e.orders.iter().map(|o| o.id.0)),
                CaseEvent::OrdersNested(e) => orders.extend(e.orders.iter().map(|o| o.id.0)),
                CaseEvent::OrderAdded(e) => orders.push(e.order.id.0),
                CaseEvent::Redispatched(e) => orders.push(e.placed.id.0),
                CaseEvent::ObjectionDecided(e) => {
                    orders.extend(e.replacement.iter().map(|o| o.id.0));
                }
                _ => {}
            }
            let counterpart = event.counterpart(envelope.case);
            self.happened(envelope, envelope.case, by, &event, head, now)?;
            if let Some((other, event)) = counterpart {
                self.happened(envelope, other, by, &event, head, now)?;
            }
        }
        let loaded = self.loaded.get(&envelope.case);
        head.at = now.0;
        let case = loaded
            .and_then(|loaded| loaded.now.as_ref())
            .ok_or_else(|| EngineError::Internal("a decision without a case".to_owned()))?;
        let answer = Answer {
            id: case.id.0,
            version: case.version,
            sequence: head.seq,
            stage: case.stage.as_str().to_owned(),
            number: case.number.as_ref().map(|n| n.as_str().to_owned()),
            orders,
        };
        if let Some(idempotency) = &envelope.idempotency {
            let row = ReceiptRow {
                sender: idempotency.sender,
                key: idempotency.key.clone(),
                body_hash: idempotency.body_hash.to_vec(),
                answer: serde_json::to_vec(&answer)
                    .map_err(|e| EngineError::Internal(e.to_string()))?,
                seq: head.seq,
                at: now.0,
            };
            self.receipts
                .insert((row.sender, row.key.clone()), row.clone());
            self.new_receipts.push(row);
        }
        Ok(answer)
    }

    /// Folds one event into its case and makes its row of the journal.
    fn happened(
        &mut self,
        envelope: &Envelope,
        id: CaseId,
        by: Acting,
        event: &CaseEvent,
        head: &mut Head,
        now: Timestamp,
    ) -> Result<()> {
        let loaded = self.loaded.entry(id).or_insert_with(|| Loaded {
            before: None,
            now: None,
            seq: head.seq + 1,
            last_seq: 0,
            rings: Vec::new(),
            told: Vec::new(),
        });
        head.seq += 1;
        let had_ended = loaded.now.as_ref().is_some_and(|c| !c.stage.is_open());
        cases::apply(&mut loaded.now, id, event, by, now);
        let case = loaded
            .now
            .as_mut()
            .ok_or_else(|| EngineError::Internal("an event without a case".to_owned()))?;
        // The position in the open was let go when the case ended, and is held again while it is worked on.
        if had_ended
            && case.stage.is_open()
            && let Some(sealed) = &case.position
        {
            case.point = self
                .shared
                .vault
                .open_sealed(id.0, sealed)?
                .map(|position| position.point);
        }
        match (event, &envelope.command) {
            (CaseEvent::Reported(_), CaseCommand::Report(report)) => {
                case.point = report.position.as_ref().map(|(_, point)| *point);
                self.keys.extend(envelope.key.map(|key| (id.0, key)));
            }
            // Solved on the spot in the report itself: it ended with it.
            (CaseEvent::SolvedOnSpot(_), _) if !case.stage.is_open() => case.point = None,
            (CaseEvent::Filed(filed), _) => {
                let key = (case.centre.as_str().to_owned(), i64::from(filed.day.0));
                self.used_serials.insert(key, filed.serial);
            }
            (CaseEvent::DeskRung(e), _) => loaded.rings.push(Ring {
                reason: Why::Desk(e.reason),
                order: e.order,
            }),
            // Found after days off: one digest says it for all.
            (
                CaseEvent::Overdue(_) | CaseEvent::Escalated(_),
                CaseCommand::Timer {
                    caught_up: true, ..
                },
            ) => {}
            _ => loaded.told.extend(Told::of(event)),
        }
        self.figures.happened(case, event, now.local_day());
        loaded.last_seq = head.seq;
        let on_behalf = match event {
            CaseEvent::Acknowledged(e) if e.how == AcknowledgedHow::Telephone => {
                case.order(e.order).map(|o| o.unit.0)
            }
            _ => None,
        };
        let row = journal_row(self.shared.node, head, envelope, by, case, event, now);
        self.rows.push(JournalRow { on_behalf, ..row });
        Ok(())
    }

    /// Writes everything: one statement for each table.
    fn write(mut self, tx: &mut Tx<'_>, head: Head, answers: Vec<Result<Answer>>) -> Result<Done> {
        let mut changed: Vec<&Loaded> = self
            .loaded
            .values()
            .filter(|loaded| loaded.last_seq > 0)
            .collect();
        changed.sort_by_key(|loaded| loaded.last_seq);
        let (mut cases, mut orders, mut set, mut gone, mut changes, mut grids) =
            (vec![], vec![], vec![], vec![], vec![], vec![]);
        for loaded in changed {
            let Some(case) = &loaded.now else { continue };
            self.figures.moved(loaded.before.as_ref(), case);
            cases.push(projection::case_row(
                case,
                self.shared.node,
                loaded.seq,
                loaded.last_seq,
            )?);
            if loaded.before.is_none() {
                grids.extend(projection::grid_rows(case, loaded.seq));
            }
            let before = loaded
                .before
                .as_ref()
                .map(|before| projection::order_rows(before, loaded.seq))
                .unwrap_or_default();
            orders.extend(
                projection::order_rows(case, loaded.seq)
                    .into_iter()
                    .filter(|row| !before.contains(row)),
            );
            let old = loaded
                .before
                .as_ref()
                .map(projection::timer_rows)
                .unwrap_or_default();
            let new = projection::timer_rows(case);
            gone.extend(
                old.iter()
                    .filter(|o| !new.iter().any(|n| (&n.kind, n.sub) == (&o.kind, o.sub)))
                    .map(|o| (o.thing, o.kind.clone(), o.sub)),
            );
            set.extend(new.into_iter().filter(|row| !old.contains(row)));
            changes.push(Change::of(
                case,
                loaded.last_seq,
                loaded.rings.clone(),
                loaded.told.clone(),
            ));
        }
        let next_due = set.iter().map(|row| row.due).min();
        let (stock, flow) = self.figures.into_rows();
        let serials = self
            .used_serials
            .into_iter()
            .map(|((centre, day), last)| SerialRow {
                centre,
                day,
                last: i64::from(last),
            })
            .collect();
        let wrote = !self.rows.is_empty();
        journal::append(tx, self.rows)?;
        case_store::upsert(tx, cases)?;
        case_store::upsert_orders(tx, orders)?;
        grid_store::insert_cases(tx, grids)?;
        timers::upsert(tx, set)?;
        timers::delete(tx, gone)?;
        figures::set_serials(tx, serials)?;
        #[cfg(feature = "mutants")]
        let (stock, late_stock) = if self.mutant == Some(crate::mutants::Mutant::StockOutside) {
            (Vec::new(), stock)
        } else {
            (stock, Vec::new())
        };
        figures::add_stock(tx, stock)?;
        figures::add_flow(tx, flow)?;
        receipts::insert(tx, self.new_receipts)?;
        if wrote {
            journal::set_head(tx, &head)?;
        }
        Ok(Done {
            answers,
            head,
            changes,
            keys: self.keys,
            next_due,
            #[cfg(feature = "mutants")]
            stock: late_stock,
        })
    }
}

fn journal_row(
    node: NodeId,
    head: &Head,
    envelope: &Envelope,
    by: Acting,
    case: &CaseState,
    event: &CaseEvent,
    now: Timestamp,
) -> JournalRow {
    JournalRow {
        seq: head.seq,
        node: node.0,
        epoch: head.epoch,
        at: now.0,
        actor: by.person.map(|p| p.0),
        role: Some(by.role.as_str().to_owned()),
        unit: by.unit.map(|u| u.0),
        on_behalf: None,
        device: envelope.device,
        device_at: envelope.device_at.map(|t| t.0),
        received_at: envelope.received_at.0,
        aggregate: "case".to_owned(),
        aggregate_id: case.id.0,
        version: i64::from(case.version),
        kind: event.kind().to_owned(),
        kind_v: i64::from(event.kind_version()),
        correlation: envelope.correlation,
        payload: event.payload(),
    }
}
