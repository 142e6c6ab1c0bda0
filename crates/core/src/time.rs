//! Instants, days and limits.
//!
//! Instants are UTC milliseconds. Days are read in China's one legal time (UTC+8, no summer time). Nothing here reads a
//! clock: the present comes in as a [`Timestamp`]. When a limit in working time (`wh`, `wd`) is over only the
//! [`Calendar`](crate::calendar::Calendar) can tell; it is never read as hours by the clock.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime, UtcOffset};

/// China Standard Time is UTC+8 everywhere in the country.
const CHINA: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => panic!("UTC+8 is an offset"),
};

const CHINA_MS: i64 = CHINA.whole_seconds() as i64 * 1_000;

/// Milliseconds of a day by the clock.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Milliseconds of a working day of eight hours.
pub const WORK_DAY_MS: i64 = 8 * 3_600_000;

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The last instant there is: the end of the year 9999 in China's legal time.
    pub const LAST: Self = Self(253_402_300_799_999 - CHINA_MS);

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

    /// Reads RFC 3339 with any offset; from 1970 to [`Timestamp::LAST`] only.
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let ms = i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()?;
        (0..=Self::LAST.0).contains(&ms).then_some(Self(ms))
    }

    /// `10:01:20` in China's legal time.
    pub fn local_clock(self) -> String {
        let format = format_description!("[hour]:[minute]:[second]");
        self.local().format(&format).unwrap_or_default()
    }

    fn local(self) -> OffsetDateTime {
        self.date_time()
            .checked_to_offset(CHINA)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The day in China's legal time.
    pub fn local_day(self) -> Day {
        Day::of(self.local().date())
    }

    /// The number of the day ([`Day::number`]) and the milliseconds since its midnight, in China's legal time.
    pub(crate) fn local_parts(self) -> (i64, i64) {
        let local = self.0.saturating_add(CHINA_MS);
        (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS))
    }

    /// The first instant of a day in China's legal time.
    pub fn local_midnight(day: Day) -> Self {
        Self::from_local(day.number(), 0)
    }

    /// The instant of [`Timestamp::local_parts`].
    pub(crate) fn from_local(day: i64, ms: i64) -> Self {
        Self(day * DAY_MS + ms - CHINA_MS)
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
        let date = Date::parse(text, &format).ok()?;
        (1900..=9999).contains(&date.year()).then(|| Self::of(date))
    }

    fn of(date: Date) -> Self {
        Self(date.year() * 10_000 + i32::from(u8::from(date.month())) * 100 + i32::from(date.day()))
    }

    /// The date; 1970-01-01 for a number that is no day.
    fn date(self) -> Date {
        let part = |from: i32| u8::try_from(self.0 / from % 100).unwrap_or(0);
        Month::try_from(part(100))
            .and_then(|month| Date::from_calendar_date(self.year(), month, part(1)))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH.date())
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> i64 {
        i64::from(self.date().to_julian_day() - OffsetDateTime::UNIX_EPOCH.to_julian_day())
    }

    /// The day of a number of days since 1970-01-01; 9999-12-31 for what is later.
    pub fn from_number(number: i64) -> Self {
        let from_first = number
            .saturating_mul(DAY_MS)
            .clamp(-Timestamp::LAST.0, Timestamp::LAST.0);
        Self::of(Timestamp(from_first).date_time().date())
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self::from_number(self.number() + 1)
    }

    /// The day before.
    #[must_use]
    pub fn prev(self) -> Self {
        Self::from_number(self.number() - 1)
    }

    /// Days since Monday: 0 is Monday, 6 is Sunday.
    pub fn weekday(self) -> u8 {
        self.date().weekday().number_days_from_monday()
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0 / 10_000
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

/// A time limit as the tables write it: by the clock `60s`, `2min`, `6h` (紧急工作时), `1d`; in working time `4wh` (工作时),
/// `7wd` (工作日).
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
                "时限“{text}”看不懂，应为 1–100000 的数字加单位 s、min、h、d、wh（工作时）或 wd（工作日），例如 2min、7wd"
            ),
            format!(
                "the limit \"{text}\" cannot be read: a number 1–100000 and a unit s, min, h, d, wh (working hours) or wd (working days), such as 2min or 7wd"
            ),
        )
    }

    /// Whether it runs in working time: it stands still outside working hours.
    pub fn is_work(self) -> bool {
        matches!(self.unit, LimitUnit::WorkHour | LimitUnit::WorkDay)
    }

    /// How many working days, when it is counted in these.
    pub(crate) fn work_days(self) -> Option<u32> {
        (self.unit == LimitUnit::WorkDay).then_some(self.count)
    }

    /// Length in milliseconds of its own kind of time. A working day is [`WORK_DAY_MS`].
    pub fn milliseconds(self) -> i64 {
        i64::from(self.count)
            * match self.unit {
                LimitUnit::Second => 1_000,
                LimitUnit::Minute => 60_000,
                LimitUnit::Hour | LimitUnit::WorkHour => 3_600_000,
                LimitUnit::Day => DAY_MS,
                LimitUnit::WorkDay => WORK_DAY_MS,
            }
    }

    /// The instant at which a limit by the clock is over when it starts at `start`; none for one in working time, which
    /// only the [`Calendar`](crate::calendar::Calendar) can tell.
    pub fn due_from(self, start: Timestamp) -> Option<Timestamp> {
        (!self.is_work()).then(|| start.plus_ms(self.milliseconds()))
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
        let last = at("9999-12-31T23:59:59.999+08:00");
        assert_eq!(last, Timestamp::LAST);
        assert_eq!(last.local_day(), Day(99_991_231));
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59Z"), None);
        let later = last.plus_ms(1);
        assert_eq!(later.local_day(), Day(19_700_101), "no panic");
    }

    #[test]
    fn limits_are_read_as_the_tables_write_them() {
        assert_eq!(Limit::parse("60s").map(Limit::milliseconds), Ok(60_000));
        assert_eq!(Limit::parse("2min").map(Limit::milliseconds), Ok(120_000));
        assert_eq!(Limit::parse("6h").map(Limit::milliseconds), Ok(21_600_000));
        assert_eq!(Limit::parse("1d").map(Limit::milliseconds), Ok(86_400_000));
        assert_eq!(Limit::parse("4wh").map(Limit::milliseconds), Ok(14_400_000));
        assert_eq!(
            Limit::parse("7wd").map(Limit::milliseconds),
            Ok(201_600_000)
        );
        for text in ["60s", "2min", "6h", "1d", "4wh", "7wd"] {
            let limit = Limit::parse(text).expect("a limit");
            assert_eq!(limit.to_string(), text);
            assert_eq!(limit.is_work(), text.contains('w'));
        }
        for wrong in [
            "", "h", "0min", "-1h", "2 min", "1.5h", "200000s", "2x", "0wd", "2w", "2WD",
        ] {
            let (zh, en) = Limit::parse(wrong).expect_err(wrong);
            assert!(zh.contains("工作日") && en.contains("working days"));
        }
    }

    #[test]
    fn only_the_calendar_tells_the_end_of_working_time() {
        let start = at("2026-11-20T16:00:00+08:00");
        let due = |text: &str| Limit::parse(text).expect("a limit").due_from(start);
        assert_eq!(due("1d"), Some(at("2026-11-21T16:00:00+08:00")));
        assert_eq!((due("1wd"), due("1wh")), (None, None));
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        assert_eq!(Day::parse("2023-06-30"), Some(Day(20_230_630)));
        assert_eq!(Day(20_230_630).to_string(), "2023-06-30");
        assert_eq!(Day::parse("2023-02-29"), None);
    }

    #[test]
    fn days_follow_each_other_and_know_their_weekday() {
        let mut day = Day(19_991_231);
        for (next, weekday) in [(20_000_101, 5), (20_000_102, 6), (20_000_103, 0)] {
            assert_eq!(day.next(), Day(next));
            assert_eq!(day.next().prev(), day);
            day = day.next();
            assert_eq!((day.weekday(), day.year()), (weekday, 2000));
        }
        assert_eq!(Day(20_240_228).next(), Day(20_240_229));
        assert_eq!(Day(20_230_301).prev(), Day(20_230_228));
        assert_eq!(Day(19_700_101).number(), 0);
        assert_eq!(Day(99_991_231).next(), Day(99_991_231), "the last one");
        let midnight = Timestamp::local_midnight(Day(20_261_120));
        assert_eq!(midnight, at("2026-11-20T00:00:00+08:00"));
        assert_eq!(midnight.local_parts(), (Day(20_261_120).number(), 0));
    }
}
