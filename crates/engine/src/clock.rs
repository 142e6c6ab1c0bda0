//! The one place that reads the machine's clocks.
//!
//! Everything else takes a [`Clock`]. A clock of a story runs faster than the wall but never ahead of it: it starts as far
//! in the past as the story needs, meets the wall clock at the story's end and runs with it from then on.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jingwei_core::time::Timestamp;

/// A source of the present.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;

    /// How long to wait, by the machine, until the clock shows `at`; zero when it already does.
    fn until(&self, at: Timestamp) -> Duration;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the wall clock"
)]
fn wall() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn milliseconds(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        wall()
    }

    fn until(&self, at: Timestamp) -> Duration {
        milliseconds(at.0 - self.now().0)
    }
}

/// A clock that plays a story at a multiple of the wall's speed and then runs with the wall.
#[derive(Debug, Clone, Copy)]
pub struct StoryClock {
    began: Timestamp,
    starts: Timestamp,
    rate: i64,
    meets: Timestamp,
}

impl StoryClock {
    /// A story of `length_ms` at `rate` times the wall's speed, beginning now. A rate of 1 or less is the wall clock.
    pub fn start(length_ms: i64, rate: u32) -> Self {
        Self::starting_at(wall(), length_ms, rate)
    }

    fn starting_at(began: Timestamp, length_ms: i64, rate: u32) -> Self {
        let rate = i64::from(rate.max(1));
        let meets = began.plus_ms(length_ms / rate);
        Self {
            began,
            starts: meets.plus_ms(-(length_ms / rate) * rate),
            rate,
            meets,
        }
    }

    fn at_wall(&self, wall: Timestamp) -> Timestamp {
        if wall >= self.meets {
            wall
        } else {
            self.starts.plus_ms((wall.0 - self.began.0) * self.rate)
        }
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        self.at_wall(wall())
    }

    fn until(&self, at: Timestamp) -> Duration {
        let now = wall();
        if now >= self.meets || at >= self.meets {
            return milliseconds(at.0 - now.0);
        }
        // Rounded up: a timer that wakes a moment early would find nothing due.
        milliseconds((at.0 - self.at_wall(now).0 + self.rate - 1) / self.rate)
    }
}

/// Measures how long something takes; for logs and metrics only, never for decisions.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the monotonic clock"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_meets_the_wall_and_never_runs_ahead() {
        let began = Timestamp(1_000_000_000);
        let story = StoryClock::starting_at(began, 600_000, 20);
        assert_eq!(story.at_wall(began), began.plus_ms(30_000 - 600_000));
        assert_eq!(
            story.at_wall(began.plus_ms(1_000)).0 - story.at_wall(began).0,
            20_000
        );
        assert_eq!(
            story.at_wall(began.plus_ms(30_000)),
            began.plus_ms(30_000),
            "they meet"
        );
        assert_eq!(
            story.at_wall(began.plus_ms(31_000)),
            began.plus_ms(31_000),
            "then at 1 x"
        );
        for ms in (0..40_000).step_by(37) {
            let wall = began.plus_ms(ms);
            assert!(story.at_wall(wall) <= wall, "never ahead of the wall");
            assert!(
                story.at_wall(wall.plus_ms(1)) > story.at_wall(wall),
                "always forward"
            );
        }
    }
}
