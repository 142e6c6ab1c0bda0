//! The hours at which a unit is on duty, and an office at work.
//!
//! They are read in China's one legal time, like days. Whether hours on duty are working time, and on which days, the
//! [`Calendar`](crate::calendar::Calendar) decides.

use crate::time::{Day, Timestamp};

/// Duty hours of a unit in local time: `24h`, or spans such as `Mon-Fri 09:00-17:30; Sat 22:00-06:00`.
///
/// A span that ends before it begins passes midnight and belongs to the day on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyHours {
    text: String,
    spans: Vec<DutySpan>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct DutySpan {
    first_day: u8,
    last_day: u8,
    from: u16,
    to: u16,
}

/// Minutes of a day.
const MIDNIGHT: u16 = 1440;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl DutyHours {
    /// Reads the text form; none when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let spans = if text == "24h" {
            vec![DutySpan {
                first_day: 0,
                last_day: 6,
                from: 0,
                to: MIDNIGHT,
            }]
        } else {
            text.split(';')
                .map(|span| DutySpan::parse(span.trim()))
                .collect::<Option<Vec<_>>>()?
        };
        Some(Self {
            text: text.to_owned(),
            spans,
        })
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The spans that begin on a weekday (0 is Monday), as minutes since its midnight, in order, joined where they touch or
    /// overlap. What passes midnight ends after 1440.
    pub fn spans_on(&self, weekday: u8) -> Vec<(u16, u16)> {
        let mut spans: Vec<(u16, u16)> = self
            .spans
            .iter()
            .filter(|span| span.has_day(weekday))
            .map(|span| {
                let days = if span.from < span.to { 0 } else { MIDNIGHT };
                (span.from, span.to + days)
            })
            .filter(|(from, to)| from < to)
            .collect();
        spans.sort_unstable();
        spans.dedup_by(|next, kept| {
            let joined = next.0 <= kept.1;
            if joined {
                kept.1 = kept.1.max(next.1);
            }
            joined
        });
        spans
    }

    /// Whether every span begins and ends on a half hour.
    pub fn on_half_hours(&self) -> bool {
        self.spans
            .iter()
            .all(|span| span.from % 30 == 0 && span.to % 30 == 0)
    }

    /// Whether the unit is on duty at `at`.
    pub fn covers(&self, at: Timestamp) -> bool {
        let (day, ms) = at.local_parts();
        let weekday = Day::from_number(day).weekday();
        let minute = ms / 60_000;
        let yesterday = (weekday + 6) % 7;
        self.spans.iter().any(|span| {
            let (from, to) = (i64::from(span.from), i64::from(span.to));
            if from < to {
                span.has_day(weekday) && (from..to).contains(&minute)
            } else {
                span.has_day(weekday) && minute >= from || span.has_day(yesterday) && minute < to
            }
        })
    }
}

impl DutySpan {
    fn parse(text: &str) -> Option<Self> {
        let (days, hours) = text.split_once(' ')?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let day = |name: &str| {
            WEEKDAYS
                .iter()
                .position(|&d| d == name)
                .and_then(|d| u8::try_from(d).ok())
        };
        let (from, to) = hours.trim().split_once('-')?;
        let (from, to) = (clock_minute(from)?, clock_minute(to)?);
        (from != to).then_some(Self {
            first_day: day(first)?,
            last_day: day(last)?,
            from,
            to,
        })
    }

    fn has_day(&self, day: u8) -> bool {
        if self.first_day <= self.last_day {
            (self.first_day..=self.last_day).contains(&day)
        } else {
            day >= self.first_day || day <= self.last_day
        }
    }
}

/// Minutes since midnight of `hh:mm`, 00:00–24:00.
fn clock_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    (minute < 60 && hour * 60 + minute <= MIDNIGHT).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn hours(text: &str) -> DutyHours {
        DutyHours::parse(text).expect("hours")
    }

    #[test]
    fn duty_hours_know_weekdays_and_midnight() {
        let office = DutyHours::parse("Mon-Fri 09:00-17:30; Sat 09:00-12:00").expect("hours");
        assert!(office.covers(at("2026-11-20T09:00:00+08:00")), "a Friday");
        assert!(!office.covers(at("2026-11-20T17:30:00+08:00")));
        assert!(!office.covers(at("2026-11-21T13:00:00+08:00")));
        let night = DutyHours::parse("Fri 22:00-06:00").expect("hours");
        assert!(night.covers(at("2026-11-20T23:00:00+08:00")));
        assert!(night.covers(at("2026-11-21T05:59:00+08:00")));
        assert!(!night.covers(at("2026-11-20T05:00:00+08:00")));
        assert!(
            DutyHours::parse("24h")
                .expect("hours")
                .covers(at("2026-11-22T03:00:00+08:00"))
        );
        for wrong in [
            "",
            "always",
            "Mon-Fri",
            "Mon 9-17",
            "Mon 09:00-09:00",
            "Xyz 09:00-10:00",
            "Mon 25:00-26:00",
        ] {
            assert_eq!(DutyHours::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn spans_of_a_weekday_are_in_order_and_joined() {
        let office = hours("Mon-Fri 13:30-18:00; Mon-Fri 08:30-12:00; Fri 17:00-20:00");
        assert_eq!(office.spans_on(0), [(510, 720), (810, 1080)]);
        assert_eq!(office.spans_on(4), [(510, 720), (810, 1200)]);
        assert_eq!(office.spans_on(5), []);
        let night = hours("Sat-Mon 22:00-06:00; Sun 08:00-24:00");
        assert_eq!(night.spans_on(0), [(1320, 1800)]);
        assert_eq!(night.spans_on(6), [(480, 1800)]);
        assert_eq!(hours("24h").spans_on(3), [(0, 1440)]);
        assert_eq!(hours("Mon 24:00-00:00").spans_on(0), [], "no minute");
        assert!(office.on_half_hours());
        assert!(!hours("Mon 08:30-12:00; Tue 08:40-12:00").on_half_hours());
        assert!(!hours("Mon 08:30-12:01").on_half_hours());
    }
}
