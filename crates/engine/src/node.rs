//! A node: everything that stands behind one data folder and one database.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jingwei_core::code::DivisionCode;
use jingwei_core::id::{NodeId, UnitId};
use jingwei_core::label::Label;
use jingwei_core::time::Timestamp;
use jingwei_store::journal::{self, Head};
use jingwei_store::node::{self as node_store, NodeRow};
use jingwei_store::{DatabaseUrl, Db, Readers, StoreError, Tx, schema};
use tokio::sync::{Notify, Semaphore, oneshot, watch};

use crate::cases::view::{Ref, UnitRef};
use crate::clock::Clock;
use crate::error::{EngineError, Result};
use crate::feed::Feed;
use crate::maps::Maps;
use crate::metrics::{Counters, Metrics};
use crate::place::Place;
use crate::random::{self, Random};
use crate::sessions::Tries;
use crate::vault::Vault;
use crate::world::World;
use crate::writer::{self, Queue, Shared};

/// How far the clock may stand before the journal's last row: what clocks are corrected by in passing.
const CLOCK_SLACK_MS: i64 = 2_000;
/// Days a receipt is kept.
const RECEIPT_DAYS: i64 = 90;

/// What a node needs to know.
pub struct NodeConfig {
    /// Folder of keys (and of the SQLite file).
    pub data: PathBuf,
    /// The database.
    pub database: DatabaseUrl,
    /// Reader threads.
    pub readers: usize,
    /// The rules of a new node: name and text of each file of `RuleSet`.
    pub default_rules: Vec<(String, String)>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub random: Arc<dyn Random>,
}

/// A running node.
pub struct Node {
    pub(crate) shared: Arc<Shared>,
    pub(crate) queue: Queue,
    pub(crate) readers: Readers,
    pub(crate) tries: Tries,
    /// Password hashes take memory and a core each: few at a time.
    pub(crate) hashing: Semaphore,
    /// Changes of grids are decided one after the other: each on what the one before left.
    pub(crate) changing_grids: tokio::sync::Mutex<()>,
    pub(crate) maps: Maps,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    stop: watch::Sender<bool>,
}

impl Node {
    /// Opens the node as its writer: takes the lock, brings the schema up to date, checks the clock, raises the term,
    /// sweeps orphaned keys, loads rules and directory, and starts the writer's thread. Blocking; not for an async thread.
    pub fn open(config: NodeConfig) -> Result<Arc<Self>> {
        make_private_folder(&config.data)
            .map_err(|e| StoreError::Open(format!("{}: {e}", config.data.display())))?;
        let mut db = Db::open_writer(&config.database)?;
        let now = config.clock.now();
        schema::migrate(&mut db, now.0)?;
        let (vault, mut keys) = Vault::open(&config.data, Arc::clone(&config.random))?;
        let random = config.random.as_ref();
        let head = db.transaction(|tx| take_over(tx, now, random))?;
        sweep_keys(&mut db, &mut keys)?;
        let (head, world) = match db.transaction(World::load)? {
            Some(world) => (head, world),
            None => crate::directory::first_rules(&mut db, &head, &config, now)?,
        };
        let today = now.local_day();
        let place = db.transaction(|tx| Place::load(tx, &world, today))?;
        Self::start(config, db, keys, vault, head, (world, place))
    }

    fn start(
        config: NodeConfig,
        db: jingwei_store::Writer,
        keys: crate::vault::KeyWriter,
        vault: Vault,
        head: Head,
        (world, place): (World, Place),
    ) -> Result<Arc<Self>> {
        let readers = Db::open_readers(&config.database, config.readers)?;
        let shared = Arc::new(Shared {
            node: NodeId(head.node),
            clock: config.clock,
            random: config.random,
            vault,
            world: RwLock::new(Arc::new(world)),
            place: RwLock::new(Arc::new(place)),
            feed: Feed::starting_after(head.seq),
            counters: Counters::default(),
            sequence: watch::Sender::new(head.seq),
            timers: Notify::new(),
            next_due: AtomicI64::new(i64::MAX),
            deposed: watch::Sender::new(false),
            clock_known: AtomicI64::new(0),
            clock_held: AtomicBool::new(false),
        });
        let (queue, handle) = writer::start(db, keys, Arc::clone(&shared), head).map_err(|e| {
            EngineError::Internal(format!("the writer's thread does not start: {e}"))
        })?;
        let maps = Maps::new(random::uuid_v7(shared.random.as_ref(), shared.clock.now()));
        Ok(Arc::new(Self {
            maps,
            shared,
            queue,
            readers,
            tries: Tries::default(),
            hashing: Semaphore::new(2),
            changing_grids: tokio::sync::Mutex::new(()),
            writer: Mutex::new(Some(handle)),
            stop: watch::Sender::new(false),
        }))
    }

    /// Starts what runs by itself: timers and the sweeping of old receipts. Needs a tokio runtime.
    pub fn run_timers(self: &Arc<Self>) {
        tokio::spawn(crate::timers::run(Arc::clone(self)));
        tokio::spawn(sweep_receipts(Arc::clone(self)));
    }

    /// Stops: commands already taken are carried out, then the writer ends and gives the lock back. Blocking.
    pub fn close(&self) {
        self.stop.send_replace(true);
        let handle = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(handle) = handle {
            self.queue.stop();
            if handle.join().is_err() {
                tracing::error!("the writer's thread had panicked");
            }
        }
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Ends when another writer took over: the process has to stop then.
    pub async fn deposed(&self) {
        let mut deposed = self.shared.deposed.subscribe();
        // The sender lives as long as the node.
        let _ = deposed.wait_for(|deposed| *deposed).await;
    }

    /// Holds the writer between two batches until the answer is dropped: what comes in meanwhile waits in the queue and is
    /// taken as one batch. For snapshots of the data folder and for tests that count.
    pub async fn hold(&self) -> Result<Hold> {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (held, holds) = oneshot::channel();
        let queue = self.queue.clone();
        tokio::spawn(async move {
            // Ends with an error when the hold is dropped: that is the release.
            let _ = queue
                .job(move |_| {
                    let _ = held.send(());
                    let _ = released.recv();
                    Ok(())
                })
                .await;
        });
        holds.await.map_err(|_| EngineError::Busy(1))?;
        Ok(Hold(release))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// A new UUIDv7 of now.
    pub fn fresh_id(&self) -> uuid::Uuid {
        random::uuid_v7(self.shared.random.as_ref(), self.now())
    }

    /// Sequence of the last committed row.
    pub fn sequence(&self) -> i64 {
        *self.shared.sequence.borrow()
    }

    /// Waits up to two seconds until what is read reflects `sequence`.
    pub async fn at_least(&self, sequence: i64) -> Result<()> {
        let mut now = self.shared.sequence.subscribe();
        let reached =
            tokio::time::timeout(Duration::from_secs(2), now.wait_for(|now| *now >= sequence))
                .await;
        match reached {
            Ok(Ok(_)) => Ok(()),
            _ => Err(EngineError::Busy(1)),
        }
    }

    /// Whether the node takes commands: it is the writer, the disk has room, the database answers.
    pub async fn ready(&self) -> Result<()> {
        self.writes()?;
        self.read_aside(|tx| Ok(journal::head(tx)?)).await.map(drop)
    }

    /// Whether this process may write and has room to.
    pub fn writes(&self) -> Result<()> {
        if *self.shared.deposed.borrow() {
            return Err(EngineError::Deposed);
        }
        if self
            .shared
            .counters
            .read_only
            .load(std::sync::atomic::Ordering::Relaxed)
        {
            return Err(EngineError::ReadOnly);
        }
        Ok(())
    }

    /// The live feed.
    pub fn feed(&self) -> &Feed {
        &self.shared.feed
    }

    /// The counters.
    pub fn metrics(&self) -> Metrics {
        self.shared
            .counters
            .read(self.sequence(), self.shared.feed.open())
    }

    /// Rules and directory as they stand.
    pub fn world(&self) -> Arc<World> {
        self.shared.world()
    }

    /// A read on a reader's thread, in one snapshot.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.shared);
        self.read_aside(move |tx| {
            let before = tx.statements();
            let outcome = read(tx);
            shared
                .counters
                .read_statements
                .fetch_add(tx.statements() - before, Ordering::Relaxed);
            outcome
        })
        .await
    }

    /// A read that nobody asked for: of the timers. Not counted among the reads.
    pub(crate) async fn read_aside<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.readers.waiting() > 10_000 {
            return Err(EngineError::Busy(1));
        }
        let (reply, answer) = oneshot::channel();
        self.readers.submit(Box::new(move |tx| {
            // Who asked may have gone.
            let _ = reply.send(read(tx));
        }));
        answer.await.unwrap_or(Err(EngineError::Busy(1)))
    }

    /// Counts a try of somebody without an account.
    pub(crate) fn resident_try(&self, what: &str, from: IpAddr, most: u32) -> Result<()> {
        self.tries
            .count(&format!("{what} {from}"), self.now(), most)
    }
}

/// The writer stands still while this lives.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "held for its drop")] std::sync::mpsc::Sender<()>);

impl Drop for Node {
    fn drop(&mut self) {
        self.close();
    }
}

impl World {
    /// A division in short, by its code of any day.
    pub(crate) fn division_ref(&self, code: &DivisionCode) -> Ref {
        let name = self
            .directory
            .division(code)
            .map(|d| d.name.as_str().to_owned());
        Ref {
            code: code.as_str().to_owned(),
            name: name.unwrap_or_else(|| code.as_str().to_owned()),
        }
    }

    /// A unit in short; `then` is its name of another day, when the event has kept it.
    pub(crate) fn unit_ref(&self, id: UnitId, then: Option<&Label>) -> UnitRef {
        let unit = self.directory.unit(id).map(|unit| &unit.row);
        let name = then.or(unit.map(|unit| &unit.name));
        UnitRef {
            id: id.0,
            code: unit
                .map(|unit| unit.code.as_str().to_owned())
                .unwrap_or_default(),
            name: name
                .map(|name| name.as_str().to_owned())
                .unwrap_or_default(),
            name_en: unit
                .and_then(|unit| unit.name_en.as_ref())
                .map(|name| name.as_str().to_owned()),
            kind: unit
                .map(|unit| unit.kind.as_str().to_owned())
                .unwrap_or_default(),
        }
    }
}

/// Makes the data folder for its owner alone; one that is there stays as it is.
fn make_private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Makes the node if it is new, refuses a clock that went back, and raises the term: an earlier writer finds it and stops.
fn take_over(tx: &mut Tx<'_>, now: Timestamp, random: &dyn Random) -> Result<Head> {
    let writer = random::uuid_v7(random, now);
    if node_store::read(tx)?.is_none() {
        let id = random::uuid_v7(random, now);
        node_store::create(
            tx,
            NodeRow {
                id,
                name: "jingwei".to_owned(),
                epoch: 1,
                created_at: now.0,
            },
        )?;
        let head = Head {
            node: id,
            epoch: 1,
            seq: 0,
            at: 0,
            writer,
            term: 1,
        };
        journal::set_head(tx, &head)?;
        return Ok(head);
    }
    let head = journal::claim_head(tx)?;
    if now.0 < head.at - CLOCK_SLACK_MS {
        return Err(EngineError::ClockWentBack {
            now: now.rfc3339(),
            journal: Timestamp(head.at).rfc3339(),
        });
    }
    let head = Head {
        writer,
        term: head.term + 1,
        ..head
    };
    journal::set_head(tx, &head)?;
    Ok(head)
}

/// Destroys keys whose thing never came to be, and remembers of the others that they are in use.
fn sweep_keys(db: &mut jingwei_store::Writer, keys: &mut crate::vault::KeyWriter) -> Result<()> {
    loop {
        let ids = keys.unsettled(500)?;
        if ids.is_empty() {
            return Ok(());
        }
        let exist = db.transaction(|tx| {
            let mut exist: Vec<uuid::Uuid> = jingwei_store::cases::load_states(tx, &ids)?
                .into_iter()
                .map(|row| row.id)
                .collect();
            if exist.len() < ids.len() {
                exist.extend(
                    jingwei_store::things::load(tx, &ids)?
                        .into_iter()
                        .map(|row| row.id),
                );
                exist.extend(
                    jingwei_store::directory::all_units(tx)?
                        .into_iter()
                        .map(|row| row.id),
                );
                exist.extend(
                    jingwei_store::directory::all_people(tx)?
                        .into_iter()
                        .map(|row| row.id),
                );
            }
            Ok::<_, EngineError>(exist)
        })?;
        let (used, orphans): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| exist.contains(id));
        if !orphans.is_empty() {
            tracing::info!(
                count = orphans.len(),
                "keys of things that never came to be were destroyed"
            );
        }
        keys.settle(&used, &orphans)?;
    }
}

/// Drops receipts older than 90 days, a few at a time.
async fn sweep_receipts(node: Arc<Node>) {
    let mut stop = node.stopping();
    loop {
        let before = node.now().0 - RECEIPT_DAYS * 86_400_000;
        let swept = node
            .queue
            .job(move |writer| {
                writer.transact(|tx, _| Ok(jingwei_store::receipts::sweep(tx, before, 1_000)?))
            })
            .await;
        let wait = if matches!(swept, Ok(1_000..)) {
            Duration::from_millis(200)
        } else {
            Duration::from_secs(3_600)
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
