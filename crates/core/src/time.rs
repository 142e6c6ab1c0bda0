//! Instants, days, limits and duty hours.
//!
//! Instants are UTC milliseconds. Days and duty hours are read in China's one legal time (UTC+8, no summer time). Nothing
//! here reads a clock: the present comes in as a [`Timestamp`].

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// China Standard Time is UTC+8 everywhere in the country.
const CHINA: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => panic!("UTC+8 is an offset"),
};

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// RFC 3339 in UTC with milliseconds, as the API speaks: `2026-11-20T02:00:20.000Z`.
    pub fn rfc3339(self) -> String {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        self.date_time().format(&format).unwrap_or_default()
    }

    /// Reads RFC 3339 with any offset; years 1970–9999 only.
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let ms = i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()?;
        (0..=253_402_300_799_999).contains(&ms).then_some(Self(ms))
    }

    /// `10:01:20` in China's legal time.
    pub fn local_clock(self) -> String {
        let format = format_description!("[hour]:[minute]:[second]");
        self.date_time()
            .to_offset(CHINA)
            .format(&format)
            .unwrap_or_default()
    }

    /// The day in China's legal time.
    pub fn local_day(self) -> Day {
        let at = self.date_time().to_offset(CHINA);
        Day(at.year() * 10_000 + i32::from(u8::from(at.month())) * 100 + i32::from(at.day()))
    }

    /// Days since Monday (0–6) and minutes since midnight, in China's legal time.
    fn local_week_minute(self) -> (u8, u16) {
        let at = self.date_time().to_offset(CHINA);
        (
            at.weekday().number_days_from_monday(),
            u16::from(at.hour()) * 60 + u16::from(at.minute()),
        )
    }

    /// This instant plus milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// A calendar day as the number `yyyymmdd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// Reads `yyyy-mm-dd`; a day that is not in the calendar is none.
    pub fn parse(text: &str) -> Option<Self> {
        let format = format_description!("[year]-[month]-[day]");
        let date = time::Date::parse(text, &format).ok()?;
        (1900..=9999).contains(&date.year()).then(|| {
            Self(
                date.year() * 10_000
                    + i32::from(u8::from(date.month())) * 100
                    + i32::from(date.day()),
            )
        })
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0 / 10_000,
            self.0 / 100 % 100,
            self.0 % 100
        )
    }
}

/// A time limit as the tables write it: `60s`, `2min`, `6h` (紧急工作时), `1d` by the clock; `4wh`, `5wd` of working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    count: u32,
    unit: LimitUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum LimitUnit {
    Second,
    Minute,
    Hour,
    Day,
    WorkHour,
    WorkDay,
}

impl Limit {
    /// Reads a number and a unit. The error says in Chinese and English what was expected.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = match unit {
            "s" => LimitUnit::Second,
            "min" => LimitUnit::Minute,
            "h" => LimitUnit::Hour,
            "d" => LimitUnit::Day,
            "wh" => LimitUnit::WorkHour,
            "wd" => LimitUnit::WorkDay,
            _ => return Err(Self::unreadable(text)),
        };
        match number.parse::<u32>() {
            Ok(count @ 1..=100_000) => Ok(Self { count, unit }),
            _ => Err(Self::unreadable(text)),
        }
    }

    fn unreadable(text: &str) -> (String, String) {
        (
            format!(
                "时限“{text}”看不懂，应为 1–100000 的数字加单位 s、min、h、d、wh（工作时）或 wd（工作日），例如 2min"
            ),
            format!(
                "the limit \"{text}\" cannot be read: a number 1–100000 and a unit s, min, h, d, wh (working hour) or wd (working day), such as 2min"
            ),
        )
    }

    /// Whether it runs on the work calendar.
    pub fn is_work(self) -> bool {
        matches!(self.unit, LimitUnit::WorkHour | LimitUnit::WorkDay)
    }

    /// Length in milliseconds; a working day counts as eight hours of working time.
    pub fn milliseconds(self) -> i64 {
        i64::from(self.count)
            * match self.unit {
                LimitUnit::Second => 1_000,
                LimitUnit::Minute => 60_000,
                LimitUnit::Hour | LimitUnit::WorkHour => 3_600_000,
                LimitUnit::WorkDay => 8 * 3_600_000,
                LimitUnit::Day => 86_400_000,
            }
    }

    /// The instant at which the limit is over when it starts at `start`.
    pub fn due_from(self, start: Timestamp) -> Timestamp {
        start.plus_ms(self.milliseconds())
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            LimitUnit::Second => "s",
            LimitUnit::Minute => "min",
            LimitUnit::Hour => "h",
            LimitUnit::Day => "d",
            LimitUnit::WorkHour => "wh",
            LimitUnit::WorkDay => "wd",
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl Serialize for Limit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|(_, en)| serde::de::Error::custom(en))
    }
}

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
                to: 1440,
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

    /// Whether the unit is on duty at `at`.
    pub fn covers(&self, at: Timestamp) -> bool {
        let (day, minute) = at.local_week_minute();
        let yesterday = (day + 6) % 7;
        self.spans.iter().any(|span| {
            if span.from < span.to {
                span.has_day(day) && (span.from..span.to).contains(&minute)
            } else {
                span.has_day(day) && minute >= span.from
                    || span.has_day(yesterday) && minute < span.to
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
    (minute < 60 && hour * 60 + minute <= 1440).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    #[test]
    fn instants_are_written_in_utc_and_read_with_any_offset() {
        let t = at("2026-11-20T10:00:20+08:00");
        assert_eq!(t.rfc3339(), "2026-11-20T02:00:20.000Z");
        assert_eq!(t.local_clock(), "10:00:20");
        assert_eq!(
            at("2026-11-20T16:30:00Z").local_day(),
            Day(20_261_121),
            "the day is China's"
        );
        assert_eq!(Timestamp::parse("2026-11-20"), None);
        assert_eq!(Timestamp::parse("1969-12-31T23:59:59Z"), None);
    }

    #[test]
    fn limits_are_read_as_the_tables_write_them() {
        assert_eq!(Limit::parse("60s").map(Limit::milliseconds), Ok(60_000));
        assert_eq!(Limit::parse("2min").map(Limit::milliseconds), Ok(120_000));
        assert_eq!(Limit::parse("6h").map(Limit::milliseconds), Ok(21_600_000));
        assert_eq!(Limit::parse("1d").map(Limit::milliseconds), Ok(86_400_000));
        for wrong in ["", "h", "0min", "-1h", "2 min", "1.5h", "200000s", "2x"] {
            assert!(Limit::parse(wrong).is_err(), "{wrong}");
        }
        let (zh, en) = Limit::parse("2wd").expect_err("work calendar");
        assert!(zh.contains("工作日历") && en.contains("work calendar"));
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
    fn days_are_days_of_the_calendar() {
        assert_eq!(Day::parse("2023-06-30"), Some(Day(20_230_630)));
        assert_eq!(Day(20_230_630).to_string(), "2023-06-30");
        assert_eq!(Day::parse("2023-02-29"), None);
    }
}
