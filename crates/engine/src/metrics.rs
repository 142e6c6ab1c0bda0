//! Counters of the engine, read by the API's `/metrics`. No personal data, no ids.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// A reading of the counters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    /// Commands by outcome code (`ok` or the refusal's code).
    pub commands: BTreeMap<String, u64>,
    /// Batches committed.
    pub batches: u64,
    /// Commands in those batches.
    pub batched_commands: u64,
    /// Statements of those batches, BEGIN and COMMIT included.
    pub statements: u64,
    /// Statements of the largest batch.
    pub statements_most: u64,
    /// Statements of reads, without the BEGIN and COMMIT of their snapshots.
    pub read_statements: u64,
    /// Seconds spent in batches.
    pub batch_seconds: f64,
    /// Commands waiting.
    pub queue: u64,
    /// Last sequence of the journal.
    pub sequence: i64,
    /// Open feeds.
    pub feeds: u64,
    /// Timers fired.
    pub timers_fired: u64,
    /// The disk is full.
    pub read_only: bool,
}

#[derive(Default)]
pub(crate) struct Counters {
    commands: Mutex<BTreeMap<String, u64>>,
    batches: AtomicU64,
    batched: AtomicU64,
    statements: AtomicU64,
    statements_most: AtomicU64,
    batch_micros: AtomicU64,
    pub(crate) read_statements: AtomicU64,
    pub(crate) queue: AtomicU64,
    pub(crate) timers_fired: AtomicU64,
    pub(crate) read_only: AtomicBool,
}

impl Counters {
    pub(crate) fn outcome(&self, code: &str) {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        match commands.get_mut(code) {
            Some(count) => *count += 1,
            None => {
                commands.insert(code.to_owned(), 1);
            }
        }
    }

    pub(crate) fn batch(&self, commands: usize, statements: u64, took: Duration) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.batched.fetch_add(commands as u64, Ordering::Relaxed);
        self.statements.fetch_add(statements, Ordering::Relaxed);
        self.statements_most
            .fetch_max(statements, Ordering::Relaxed);
        self.batch_micros.fetch_add(
            u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }

    pub(crate) fn read(&self, sequence: i64, feeds: usize) -> Metrics {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Metrics {
            commands: self
                .commands
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            batches: load(&self.batches),
            batched_commands: load(&self.batched),
            statements: load(&self.statements),
            statements_most: load(&self.statements_most),
            read_statements: load(&self.read_statements),
            batch_seconds: Duration::from_micros(load(&self.batch_micros)).as_secs_f64(),
            queue: load(&self.queue),
            sequence,
            feeds: feeds as u64,
            timers_fired: load(&self.timers_fired),
            read_only: self.read_only.load(Ordering::Relaxed),
        }
    }
}
