//! The clients: each takes cases from report to reminders, one request at a time, and sends a request again, byte for byte
//! and under the same key, until it is acknowledged.
//!
//! Invariant: what was acknowledged is in the client's ledger on the disk before the client's next request. What was sent and
//! not answered stands in the client's slot: at most one request.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jingwei_engine::clock::{Clock as _, SystemClock};
use jingwei_engine::random::uuid_v7;
use jingwei_testkit::COMMUNITY;
use serde_json::json;
use uuid::Uuid;

use crate::fault::{Fault, Kind};
use crate::http::{Line, request};
use crate::ledger::{Acknowledged, Act, Ledger};
use crate::prepare::Tokens;
use crate::random::{Bytes, Dice};
use crate::server::Program;

/// Clients that send at the same time.
pub(crate) const CLIENTS: usize = 16;
/// Faults kept; more would tell nothing more.
const ENOUGH: usize = 200;

/// What is known of one client from outside.
#[derive(Debug, Default)]
struct Slot {
    /// Serial of the request that is sent and not answered; 0 for none.
    flight: AtomicU64,
    /// Serial of the last request that was sent and got no answer.
    cut: AtomicU64,
    /// Waits at the gate.
    parked: AtomicBool,
    /// What is not acknowledged: it may have happened once, or not.
    open: Mutex<Vec<(Uuid, Act)>>,
}

/// What clients and killer share.
#[derive(Debug)]
struct Shared {
    slots: Vec<Slot>,
    gate_shut: AtomicBool,
    stop: AtomicBool,
    /// Raised when another server runs: connections to the one before are not used again.
    server: AtomicU64,
    acknowledged: AtomicU64,
    repeated: AtomicU64,
    faults: Mutex<Vec<Fault>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The clients, running.
pub(crate) struct Clients {
    shared: Arc<Shared>,
    ledgers: Vec<PathBuf>,
    threads: Vec<JoinHandle<()>>,
}

/// Requests in flight at one moment: client and serial.
pub(crate) struct InFlight(Vec<(usize, u64)>);

impl InFlight {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Clients {
    pub(crate) fn start(program: &Program, tokens: &Tokens, folder: &Path, seed: u64) -> Self {
        let shared = Arc::new(Shared {
            slots: (0..CLIENTS).map(|_| Slot::default()).collect(),
            gate_shut: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            server: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            faults: Mutex::default(),
        });
        let ledgers: Vec<PathBuf> = (0..CLIENTS)
            .map(|i| folder.join(format!("client-{i:02}.acknowledged")))
            .collect();
        let threads = ledgers
            .iter()
            .zip(0..)
            .map(|(path, index)| {
                let stream = index as u64 + 1;
                let client = Client {
                    index,
                    shared: Arc::clone(&shared),
                    line: Line::new(program.address),
                    server: 0,
                    serial: 0,
                    ledger: Ledger::create(path),
                    tokens: tokens.clone(),
                    dice: Dice::new(seed, stream),
                    ids: Bytes::new(Dice::new(seed, stream + 1_000)),
                };
                std::thread::spawn(move || client.run())
            })
            .collect();
        Self {
            shared,
            ledgers,
            threads,
        }
    }

    /// Requests that are sent and not answered.
    pub(crate) fn in_flight(&self) -> InFlight {
        let slots = self.shared.slots.iter().enumerate();
        let all = slots.map(|(i, slot)| (i, slot.flight.load(Ordering::SeqCst)));
        InFlight(all.filter(|(_, serial)| *serial != 0).collect())
    }

    /// How many of these never got an answer, once each of them has ended.
    pub(crate) fn cut_of(&self, flight: &InFlight) -> usize {
        let ended = |(i, serial): &(usize, u64)| {
            let slot = &self.shared.slots[*i];
            wait("a request to a dead server ends", || {
                slot.flight.load(Ordering::SeqCst) != *serial
            });
            slot.cut.load(Ordering::SeqCst) == *serial
        };
        flight.0.iter().filter(|f| ended(f)).count()
    }

    /// Keeps all clients from sending; returns when none has a request on its way.
    pub(crate) fn shut_gate(&self) {
        self.shared.gate_shut.store(true, Ordering::SeqCst);
        let slots = &self.shared.slots;
        wait("all clients stand at the gate", || {
            slots.iter().all(|s| s.parked.load(Ordering::SeqCst))
        });
    }

    pub(crate) fn open_gate(&self) {
        self.shared.gate_shut.store(false, Ordering::SeqCst);
    }

    /// Another server runs now.
    pub(crate) fn new_server(&self) {
        self.shared.server.fetch_add(1, Ordering::SeqCst);
    }

    /// Lets each client bring its request to its acknowledgement and ends.
    pub(crate) fn finish(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.open_gate();
        for thread in self.threads.drain(..) {
            thread.join().expect("a client ends without a panic");
        }
    }

    /// Waits until so many are acknowledged.
    pub(crate) fn wait_for(&self, acknowledged: u64) {
        wait("work goes on", || self.acknowledged() >= acknowledged);
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.shared.acknowledged.load(Ordering::SeqCst)
    }

    /// Requests sent more than once.
    pub(crate) fn repeated(&self) -> u64 {
        self.shared.repeated.load(Ordering::SeqCst)
    }

    /// What the clients themselves found wrong.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        lock(&self.shared.faults).clone()
    }

    /// Everything acknowledged, from the files.
    pub(crate) fn ledger(&self) -> Vec<Acknowledged> {
        self.ledgers
            .iter()
            .flat_map(|path| Ledger::read(path))
            .collect()
    }

    /// What was sent and not acknowledged.
    pub(crate) fn open(&self) -> Vec<(Uuid, Act)> {
        let slots = self.shared.slots.iter();
        slots.flat_map(|slot| lock(&slot.open).clone()).collect()
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        // A test that fails does not wait for its clients: their process ends with it.
        self.shared.stop.store(true, Ordering::SeqCst);
    }
}

/// Waits until something is so, at most two minutes: a database server that is killed takes its time.
fn wait(what: &str, done: impl Fn() -> bool) {
    for _ in 0..120_000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("did not come to be within two minutes: {what}");
}

struct Client {
    index: usize,
    shared: Arc<Shared>,
    line: Line,
    server: u64,
    serial: u64,
    ledger: Ledger,
    tokens: Tokens,
    dice: Dice,
    ids: Bytes,
}

impl Client {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::SeqCst) {
            // A case that was refused is left, the next one begins.
            let _ = self.one_case();
        }
    }

    /// One case as far as reminders. None when it ended early.
    fn one_case(&mut self) -> Option<()> {
        let case = uuid_v7(&self.ids, SystemClock.now());
        let report = json!({
            "id": case, "source": "phone", "class": "RQ01", "division": COMMUNITY,
            "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8 },
            "address": "古镇大桥东侧工地", "description": "工地冒白烟，有臭鸡蛋味",
        });
        self.act(case, Act::Report, &report.to_string())?;
        self.act(case, Act::Accept, "{}")?;
        self.act(case, Act::File, "{}")?;
        self.act(case, Act::Dispatch, "{\"plan\":\"P_GAS\"}")?;
        for _ in 0..self.dice.between(1, 6) {
            self.act(case, Act::Remind, "{}")?;
        }
        Some(())
    }

    fn slot(&self) -> &Slot {
        &self.shared.slots[self.index]
    }

    /// Stands at the gate while it is shut.
    fn gate(&self) {
        while self.shared.gate_shut.load(Ordering::SeqCst) {
            self.slot().parked.store(true, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(1));
        }
        self.slot().parked.store(false, Ordering::SeqCst);
        // The gate may have been shut between the two lines above: who stands there then looks again before it sends.
        if self.shared.gate_shut.load(Ordering::SeqCst) {
            self.gate();
        }
    }

    /// Sends one act until it is acknowledged. None when it was refused or the clients are to end before it was sent.
    fn act(&mut self, case: Uuid, act: Act, body: &str) -> Option<()> {
        if self.shared.stop.load(Ordering::SeqCst) {
            return None;
        }
        let (path, token) = match act {
            Act::Report => ("/api/v1/cases".to_owned(), &self.tokens.worker),
            _ => (
                format!("/api/v1/cases/{case}/{}", act.word()),
                &self.tokens.officer,
            ),
        };
        let key = uuid_v7(&self.ids, SystemClock.now()).to_string();
        let bytes = request("POST", &path, Some(token), Some(&key), body);
        lock(&self.slot().open).push((case, act));
        let mut sent_before = false;
        loop {
            self.gate();
            match self.send(&bytes) {
                Ok((200 | 201, answer)) => return self.take(case, act, &answer),
                Ok((503, _)) => std::thread::sleep(Duration::from_millis(20)),
                Ok((status, answer)) => {
                    let again = if sent_before { "sent again, " } else { "" };
                    self.fault(format!(
                        "{} of {case}: {again}answered {status}: {}",
                        act.word(),
                        answer["code"]
                    ));
                    return None;
                }
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
            if !std::mem::replace(&mut sent_before, true) {
                self.shared.repeated.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> std::io::Result<(u16, serde_json::Value)> {
        let server = self.shared.server.load(Ordering::SeqCst);
        if server != self.server {
            self.server = server;
            self.line.hang_up();
        }
        self.serial += 1;
        let (serial, slot) = (self.serial, &self.shared.slots[self.index]);
        let outcome = self
            .line
            .send(bytes, || slot.flight.store(serial, Ordering::SeqCst));
        if outcome.is_err() && slot.flight.load(Ordering::SeqCst) == serial {
            slot.cut.store(serial, Ordering::SeqCst);
        }
        slot.flight.store(0, Ordering::SeqCst);
        outcome.map(|answer| (answer.status, answer.json()))
    }

    /// Into the ledger first, then everything else.
    fn take(&mut self, case: Uuid, act: Act, answer: &serde_json::Value) -> Option<()> {
        let entry = Acknowledged::of(act, answer).filter(|entry| entry.case == case);
        let Some(entry) = entry else {
            self.fault(format!("{} of {case}: not an answer: {answer}", act.word()));
            return None;
        };
        self.ledger.append(&entry);
        lock(&self.slot().open).retain(|open| *open != (case, act));
        self.shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        Some(())
    }

    fn fault(&self, text: String) {
        let mut faults = lock(&self.shared.faults);
        if faults.len() < ENOUGH {
            faults.push(Fault::new(Kind::Refused, text));
        }
        drop(faults);
        // One that is refused at once must not keep the machine busy.
        std::thread::sleep(Duration::from_millis(5));
    }
}
