//! A clock that stands still until the test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jingwei_core::time::Timestamp;
use jingwei_engine::clock::Clock;

/// A clock moved by hand, never backward.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    set_by: AtomicI64,
}

impl ManualClock {
    /// Stands at an instant (RFC 3339).
    pub fn at(text: &str) -> Self {
        Self {
            now: AtomicI64::new(Timestamp::parse(text).expect("an instant").0),
            set_by: AtomicI64::new(0),
        }
    }

    /// Moves forward by whole seconds.
    pub fn advance(&self, seconds: i64) {
        assert!(seconds >= 0, "a clock of a test does not go back");
        self.now.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock forward, by whole seconds.
    pub fn set_forward(&self, seconds: i64) {
        self.set_by.fetch_add(seconds * 1_000, Ordering::SeqCst);
        self.advance(seconds);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn until(&self, at: Timestamp) -> Duration {
        // The test may move the clock at any moment: look again soon.
        if at <= self.now() {
            Duration::ZERO
        } else {
            Duration::from_millis(5)
        }
    }

    fn set_by(&self) -> i64 {
        self.set_by.load(Ordering::SeqCst)
    }
}
