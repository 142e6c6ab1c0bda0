//! The one place that reads the machine's clocks.
//!
//! Everything else takes a [`Clock`]. A clock of a story runs faster than the wall but never ahead of it: it starts as far
//! in the past as the story needs, meets the wall clock at the story's end and runs with it from then on.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jingwei_core::time::Timestamp;

/// A source of the present.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;

    /// How long to wait, by the machine, until the clock shows `at`; zero when it already does.
    fn until(&self, at: Timestamp) -> Duration;

    /// By how much the wall clock has moved against the machine's own, in milliseconds, since the program began: what somebody
    /// set it by, forward or (negative) back. 0 for a clock that nobody sets.
    fn set_by(&self) -> i64 {
        0
    }
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

/// How far the wall has moved against the clock that only counts, since the first time this was asked.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the machine's clocks"
)]
fn wall_was_set_by() -> i64 {
    static BEGAN: OnceLock<(Timestamp, Instant)> = OnceLock::new();
    let (began, counter) = BEGAN.get_or_init(|| (wall(), Instant::now()));
    let counted = i64::try_from(counter.elapsed().as_millis()).unwrap_or(i64::MAX);
    wall().0 - began.0 - counted
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

    fn set_by(&self) -> i64 {
        wall_was_set_by()
    }
}

/// A clock that plays a story at a multiple of the wall's speed and then runs with the wall.
///
/// Until [`StoryClock::begin`] it runs with the wall, as far behind it as the story needs; from then on it runs faster until
/// it meets the wall.
#[derive(Debug)]
pub struct StoryClock {
    rate: i64,
    behind_ms: i64,
    began: OnceLock<Timestamp>,
}

impl StoryClock {
    /// A clock for a story of `length_ms` at `rate` times the wall's speed. A rate of 0 or 1 is the wall clock.
    pub fn new(length_ms: i64, rate: u32) -> Self {
        let rate = i64::from(rate.max(1));
        Self {
            rate,
            behind_ms: length_ms * (rate - 1) / rate,
            began: OnceLock::new(),
        }
    }

    /// The story begins now. Later calls change nothing.
    pub fn begin(&self) {
        self.began.get_or_init(wall);
    }

    /// Milliseconds of the wall that the story takes.
    fn takes_ms(&self) -> i64 {
        if self.rate == 1 {
            0
        } else {
            self.behind_ms / (self.rate - 1)
        }
    }

    fn at_wall(&self, wall: Timestamp) -> Timestamp {
        match self.began.get() {
            None => wall.plus_ms(-self.behind_ms),
            Some(began) if wall.0 - began.0 >= self.takes_ms() => wall,
            Some(began) => began.plus_ms((wall.0 - began.0) * self.rate - self.behind_ms),
        }
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        self.at_wall(wall())
    }

    fn until(&self, at: Timestamp) -> Duration {
        let now = wall();
        let shown = self.at_wall(now);
        let Some(began) = self.began.get() else {
            return milliseconds(at.0 - shown.0);
        };
        let meets = began.plus_ms(self.takes_ms());
        if now >= meets || at >= meets {
            return milliseconds(at.0 - now.0);
        }
        // Rounded up: a timer that wakes a moment early would find nothing due.
        milliseconds((at.0 - shown.0 + self.rate - 1) / self.rate)
    }

    fn set_by(&self) -> i64 {
        wall_was_set_by()
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
        let story = StoryClock::new(600_000, 20);
        assert_eq!(
            story.at_wall(began),
            began.plus_ms(-570_000),
            "before it begins it waits in the past"
        );
        story.began.set(began).expect("once");
        assert_eq!(story.at_wall(began), began.plus_ms(-570_000));
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
        let plain = StoryClock::new(600_000, 1);
        plain.began.set(began).expect("once");
        assert_eq!(plain.at_wall(began.plus_ms(5)), began.plus_ms(5));
    }
}
