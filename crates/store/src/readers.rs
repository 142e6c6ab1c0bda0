//! Reader threads: each with its own connection, all fed from one queue; each read is one snapshot.
//!
//! Must not: write (SQLite `query_only`, PostgreSQL `READ ONLY`), block the caller of `submit`. Invariants: a closure
//! that panics or a connection that breaks costs one read, never a thread; every submitted closure is called exactly
//! once as long as the readers are open, with a broken transaction if the store cannot be reached.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;

use crate::db::{DatabaseUrl, connect};
use crate::error::{Result, StoreError};
use crate::tx::{Begin, Conn, Tx};

/// One read.
pub type Job = Box<dyn FnOnce(&mut Tx<'_>) + Send>;

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while the queue is held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.queue();
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            queue = self
                .wake
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A set of reader threads; dropping it ends them (the reads that run are finished, those that wait are dropped
/// uncalled). Share it in an `Arc`.
pub struct Readers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}

impl Readers {
    pub(crate) fn start(url: &DatabaseUrl, count: usize) -> Result<Self> {
        let mut this = Self {
            shared: Arc::default(),
            threads: Vec::new(),
        };
        let (opened, results) = mpsc::channel();
        for i in 0..count.max(1) {
            let (url, shared, opened) = (url.clone(), this.shared.clone(), opened.clone());
            let thread = std::thread::Builder::new()
                .name(format!("reader-{i}"))
                .spawn(move || {
                    let first = connect(&url, false);
                    let _ = opened.send(first.as_ref().map(|_| ()).map_err(Clone::clone));
                    // The opener waits until the last sender is gone.
                    drop(opened);
                    if let Ok(conn) = first {
                        serve(&url, &shared, conn);
                    }
                })
                .map_err(|error| {
                    StoreError::Open(format!("cannot start a reader thread: {error}"))
                })?;
            this.threads.push(thread);
        }
        drop(opened);
        results.iter().collect::<Result<()>>()?;
        Ok(this)
    }

    /// Puts a read into the queue and returns at once. The queue has no bound of its own: the caller bounds what it
    /// submits. After the readers were closed the closure is dropped uncalled.
    pub fn submit(&self, job: Job) {
        let mut queue = self.shared.queue();
        if !queue.closed {
            queue.jobs.push_back(job);
            drop(queue);
            self.shared.wake.notify_one();
        }
    }

    /// Runs a read and waits for it. Not from a reader's own closure (it would wait for itself) and not inside an
    /// asynchronous runtime.
    pub fn blocking<T, E>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, result) = mpsc::sync_channel(1);
        self.submit(Box::new(move |tx| {
            let _ = answer.send(f(tx));
        }));
        result.recv().unwrap_or_else(|_| {
            Err(StoreError::Lost("the read panicked or the readers are closed".into()).into())
        })
    }

    /// Reads waiting for a thread.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.queue().jobs.len()
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        let dropped = {
            let mut queue = self.shared.queue();
            queue.closed = true;
            std::mem::take(&mut queue.jobs)
        };
        drop(dropped);
        self.shared.wake.notify_all();
        let here = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // A closure that owns the last handle ends here on its own thread: that one cannot wait for itself.
            if thread.thread().id() != here {
                let _ = thread.join();
            }
        }
    }
}

fn serve(url: &DatabaseUrl, shared: &Shared, conn: Conn) {
    let mut conn = Some(conn);
    while let Some(job) = shared.next() {
        match begin(url, &mut conn) {
            Ok(open) => {
                let mut tx = Tx::new(open, None);
                let panicked = catch_unwind(AssertUnwindSafe(|| job(&mut tx))).is_err();
                if panicked {
                    tracing::error!("a read panicked");
                }
                // ROLLBACK ends a snapshot as well as COMMIT, and also after a failed statement.
                if let Err(error) = open.rollback() {
                    tracing::warn!(code = error.code(), %error, "a reader's connection is given up");
                    conn = None;
                }
            }
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "a read could not begin");
                let mut tx = Tx::broken(error);
                let _ = catch_unwind(AssertUnwindSafe(|| job(&mut tx)));
            }
        }
    }
}

/// A connection with a snapshot begun on it; connects again, once, when the old connection is gone.
fn begin<'c>(url: &DatabaseUrl, slot: &'c mut Option<Conn>) -> Result<&'c mut Conn> {
    let begun = match slot {
        Some(conn) if !conn.is_lost() => conn.begin(Begin::Snapshot),
        _ => Err(StoreError::Lost("not connected".into())),
    };
    match begun {
        Ok(()) => {}
        Err(StoreError::Lost(_)) => {
            let mut fresh = connect(url, false).map_err(|error| match error {
                // It was open before: the server is away, and the same read may succeed later.
                StoreError::Open(reason) => StoreError::Lost(reason),
                other => other,
            })?;
            fresh.begin(Begin::Snapshot)?;
            *slot = Some(fresh);
        }
        Err(error) => return Err(error),
    }
    slot.as_mut()
        .ok_or_else(|| StoreError::Lost("not connected".into()))
}
