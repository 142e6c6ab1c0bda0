//! Properties of working time, over random hours, limits and moments, and a comparison with walking through every quarter
//! of an hour.
//!
//! The seed is fixed, so that the run is the same on every machine.

use std::collections::HashMap;

use jingwei_core::calendar::{Calendar, Due, Hours, STANDARD_HOURS};
use jingwei_core::duty::DutyHours;
use jingwei_core::time::{Day, Limit, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{SHIPPED, duty, limit, shipped};

const QUARTER: i64 = 900_000;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// None are the office's hours.
type Own = Option<DutyHours>;

fn hours(own: &Own) -> Hours<'_> {
    own.as_ref().map_or(Hours::Standard, Hours::Unit)
}

fn check<S: Strategy>(cases: u32, what: S, holds: impl Fn(S::Value)) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[26; 32]);
    let ran = TestRunner::new_with_rng(config, random).run(&what, |value| {
        holds(value);
        Ok(())
    });
    if let Err(failed) = ran {
        panic!("{failed}");
    }
}

/// One to three spans that begin and end on quarters of an hour, over midnight too.
fn some_hours() -> impl Strategy<Value = Own> {
    let span =
        (0..7_usize, 0..7_usize, 0..96_u32, 1..96_u32).prop_map(|(first, last, from, long)| {
            let clock = |quarter: u32| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
            let to = (from + long) % 96;
            format!(
                "{}-{} {}-{}",
                DAYS[first],
                DAYS[last],
                clock(from),
                clock(to)
            )
        });
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(duty("24h"))),
        6 => prop::collection::vec(span, 1..4).prop_map(|spans| Some(duty(&spans.join("; ")))),
    ]
}

fn some_limit(most: u32) -> impl Strategy<Value = Limit> {
    (
        1..=most,
        prop::sample::select(vec!["min", "h", "d", "wh", "wd", "wd"]),
    )
        .prop_map(|(count, unit)| limit(&format!("{count}{unit}")))
}

fn work_limit(most: u32) -> impl Strategy<Value = Limit> {
    (1..=most, prop::sample::select(vec!["wh", "wd"]))
        .prop_map(|(count, unit)| limit(&format!("{count}{unit}")))
}

fn moments(from: &str, to: &str, step: i64) -> impl Strategy<Value = Timestamp> + use<> {
    let day = |text: &str| Day::parse(text).expect("a day");
    let (from, to) = (
        Timestamp::local_midnight(day(from)).0,
        Timestamp::local_midnight(day(to)).0,
    );
    (0..(to - from) / step).prop_map(move |n| Timestamp(from + n * step))
}

/// From before the first notice to long after the last one, to the millisecond.
fn any_moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        3 => moments("2025-12-20", "2027-01-20", 1),
        1 => moments("2016-01-01", "2040-01-01", 1),
    ]
}

/// Working time read from the text of the hours and the table, a quarter of an hour at a time.
struct Walk<'t> {
    spans: Vec<DutyHours>,
    rows: HashMap<&'t str, &'t str>,
}

impl Walk<'_> {
    fn of(text: &str) -> Self {
        Self {
            spans: text.split("; ").map(duty).collect(),
            rows: SHIPPED
                .lines()
                .filter_map(|line| line.split_once(','))
                .map(|(day, rest)| (day, rest.split(',').next().unwrap_or_default()))
                .collect(),
        }
    }

    /// Whether working time that began on a day covers the minute so many after the day's midnight.
    fn works_on(&self, day: Day, minute: i64) -> bool {
        let begins = |weekday: u8, minute: i64| {
            self.spans.iter().any(|span| {
                span.spans_on(weekday)
                    .iter()
                    .any(|&(from, to)| (i64::from(from)..i64::from(to)).contains(&minute))
            })
        };
        match self.rows.get(&*day.to_string()) {
            Some(&"holiday") => false,
            Some(_) if (0..2880).any(|minute| begins(0, minute)) => begins(0, minute),
            _ => begins(day.weekday(), minute),
        }
    }

    fn works(&self, at: Timestamp) -> bool {
        let day = at.local_day();
        let minute = (at.0 - Timestamp::local_midnight(day).0) / 60_000;
        self.works_on(day, minute) || self.works_on(day.prev(), minute + 1440)
    }
}

/// Whether the hours leave no minute of a week out.
fn is_standby(hours: &DutyHours) -> bool {
    let monday = Timestamp::local_midnight(Day(20_000_103));
    (0..7 * 1440).all(|minute| hours.covers(monday.plus_ms(minute * 60_000)))
}

#[test]
fn due_is_where_walking_by_quarters_of_an_hour_arrives() {
    let input = (
        some_hours(),
        1..30_u32,
        moments("2026-01-20", "2026-12-01", QUARTER),
    );
    check(200, input, |(own, count, start)| {
        let text = match &own {
            Some(own) if !is_standby(own) => own.as_str(),
            _ => STANDARD_HOURS,
        };
        let due = shipped().due(limit(&format!("{count}wh")), start, &hours(&own));
        let walk = Walk::of(text);
        let mut left = i64::from(count) * 4;
        let mut now = start;
        while left > 0 && now.0 < start.0 + 400 * 96 * QUARTER {
            left -= i64::from(walk.works(now));
            now = now.plus_ms(QUARTER);
        }
        // Rare hours may not come to an end in 400 days: then neither does the limit.
        if left > 0 {
            assert!(due.at > now, "{text}");
        } else {
            assert_eq!(due.at, now, "{text} {count}wh from {}", start.rfc3339());
        }
    });
}

#[test]
fn a_limit_is_over_when_its_whole_time_is_worked_and_not_before() {
    let input = (some_hours(), work_limit(3_000), any_moment());
    check(400, input, |(own, limit, start)| {
        let hours = hours(&own);
        let calendar = shipped();
        let due = calendar.due(limit, start, &hours);
        let worked = calendar.worked(start, due.at, &hours);
        let before = due.at.plus_ms(-1);
        assert_eq!(calendar.worked(start, before, &hours), worked - 1);
        if own.is_none() || limit.to_string().ends_with('h') {
            assert_eq!(worked, limit.milliseconds());
        }
        assert_eq!(calendar.left(limit, start, due.at, &hours), worked);
        assert_eq!(calendar.left(limit, due.at, due.at, &hours), 0);
        let last_day = due.at.plus_ms(-1).local_day();
        assert_eq!(due.provisional, last_day.year() > 2026);
    });
}

#[test]
fn later_starts_longer_limits_and_greater_shares_are_not_over_earlier() {
    let input = (
        some_hours(),
        some_limit(500),
        (any_moment(), any_moment()),
        (1..=1000_u32, 1..=1000_u32),
    );
    check(400, input, |(own, limit, (a, b), (p, q))| {
        let hours = hours(&own);
        let end = |start: Timestamp, share| shipped().share(limit, share, start, &hours).at;
        assert!(end(a.min(b), p) <= end(a.max(b), p));
        assert!(end(a, p.min(q)) <= end(a, p.max(q)));
        assert!(end(a, p) > a);
        let whole = shipped().due(limit, a, &hours);
        assert_eq!(shipped().share(limit, 100, a, &hours), whole);
        let text = limit.to_string();
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let longer = super::limit(&format!("501{unit}"));
        assert!(shipped().due(longer, a, &hours).at > whole.at);
    });
}

#[test]
fn stops_change_nothing_of_the_time_that_is_used() {
    // Milliseconds the clock runs on, and stands still, again and again.
    let stops = prop::collection::vec((0..200_000_000_i64, 0..2_000_000_000_i64), 0..6);
    let input = (some_hours(), some_limit(60), any_moment(), stops);
    check(400, input, |(own, limit, start, stops)| {
        let hours = hours(&own);
        let calendar = shipped();
        let first = calendar.due(limit, start, &hours);
        let whole = calendar.left(limit, start, first.at, &hours);
        let (mut now, mut due, mut used) = (start, first, 0);
        for (runs, stands) in stops {
            let stop = now.plus_ms(runs).min(due.at);
            used += calendar.left(limit, now, stop, &hours);
            let left = calendar.left(limit, stop, due.at, &hours);
            assert_eq!(used + left, whole);
            now = stop.plus_ms(stands);
            due = calendar.again(limit, left, now, &hours);
            assert!(due.at >= first.at, "a stop makes no limit shorter");
        }
        used += calendar.left(limit, now, due.at, &hours);
        assert_eq!(used, whole);
    });
}

#[test]
fn working_time_adds_up() {
    let input = (
        some_hours(),
        (any_moment(), any_moment(), any_moment()),
        (1..90_000_000_i64, 1..9_000_000_000_i64),
    );
    check(400, input, |(own, (a, b, c), (first, second))| {
        let hours = hours(&own);
        let calendar = shipped();
        let mut at = [a, b, c];
        at.sort();
        let [a, b, c] = at;
        let worked = |from, to| calendar.worked(from, to, &hours);
        assert_eq!(worked(a, b) + worked(b, c), worked(a, c));
        assert_eq!(worked(c, a), 0);
        let one = limit("1wh");
        let step = |start, ms| -> Due { calendar.again(one, ms, start, &hours) };
        assert_eq!(step(step(a, first).at, second), step(a, first + second));
        assert_eq!(worked(a, step(a, first).at), first);
    });
}

#[test]
fn a_calendar_without_a_table_is_that_of_plain_weeks() {
    let plain = Calendar::of([], &duty(STANDARD_HOURS));
    let input = (work_limit(400), moments("2027-02-01", "2060-01-01", 1));
    check(200, input, |(limit, start)| {
        let end = |calendar: &Calendar| calendar.due(limit, start, &Hours::Standard);
        assert_eq!(end(&plain), end(shipped()));
        let week = start.plus_ms(7 * 86_400_000);
        let later = plain.due(limit, week, &Hours::Standard);
        assert_eq!(later.at, end(&plain).at.plus_ms(7 * 86_400_000));
    });
}
