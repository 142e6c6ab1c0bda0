//! The work calendar: which days are working days, and when a limit is over.
//!
//! Monday to Friday are working days, less the public holidays and with the make-up days (调休) of the yearly notices, which
//! are data. Working time is the office's hours on these days, or a unit's own. Holidays are known up to the last year for
//! which there is a notice: what reaches beyond it is counted with plain weeks and marked provisional.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::duty::DutyHours;
use crate::rules::table::{Fault, Table};
use crate::time::{DAY_MS, Day, Limit, Timestamp};

/// The hours of an office where a deployment says nothing else: eight hours a day.
pub const STANDARD_HOURS: &str = "Mon-Fri 08:30-12:00; Mon-Fri 13:30-18:00";

const MINUTE_MS: i64 = 60_000;

/// The number of 9999-12-31, the last day on which something can be due.
const LAST_DAY: i64 = 2_932_896;

/// What a notice makes of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// Nobody works, whatever the weekday.
    Holiday,
    /// A Saturday or Sunday on which offices work as on a Monday (调休).
    MakeUp,
}

/// Whose hours count.
#[derive(Debug, Clone, Copy)]
pub enum Hours<'h> {
    /// Those of the office.
    Standard,
    /// A unit's own. Round-the-clock duty is standby, not 24 working hours a day: such a unit counts on standard hours, and
    /// so does one that is never on duty.
    Unit(&'h DutyHours),
}

/// When a limit is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The instant.
    pub at: Timestamp,
    /// Whether it lies in a year whose holidays are not known yet.
    pub provisional: bool,
}

/// Holidays, make-up days and the office's hours.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// By the number of the day.
    days: BTreeMap<i64, DayKind>,
    standard: Week,
}

impl Calendar {
    /// Reads calendar.csv; `hours` are the office's. What is wrong with either goes into `faults`.
    pub fn read(table: &Table, hours: &DutyHours, faults: &mut Vec<Fault>) -> Self {
        let mut days: BTreeMap<Day, DayKind> = BTreeMap::new();
        for row in table.rows() {
            let day = row.word("date", Day::parse, faults);
            let kind = row.word("kind", DayKind::parse, faults);
            let (Some(day), Some(kind)) = (day, kind) else {
                continue;
            };
            if kind == DayKind::MakeUp && day.weekday() < 5 {
                faults.push(row.fault(
                    "kind",
                    "no_make_up_day",
                    format!("{day} 是星期一至星期五，本来就是工作日，不能是调休上班日：请核对通知"),
                    format!("{day} is a Monday to Friday and a working day anyway, no make-up day: see the notice"),
                ));
            }
            if days.insert(day, kind).is_some() {
                faults.push(row.fault(
                    "date",
                    "duplicate",
                    format!("{day} 出现了两次，请只留一行"),
                    format!("{day} is there twice: keep one row"),
                ));
            }
        }
        if table.rows().next().is_none() {
            faults.push(table.fault(
                "empty",
                "工作日历一天也没有：请按国务院办公厅通知填写节假日",
                "the calendar has no day: fill in the public holidays of the yearly notices",
            ));
        }
        let mut years: Vec<i32> = days.keys().map(|day| day.year()).collect();
        years.dedup();
        for pair in years.windows(2) {
            for missing in pair[0] + 1..pair[1] {
                faults.push(table.fault(
                    "missing_year",
                    format!("缺少 {missing} 年的节假日：年份必须连续"),
                    format!("the holidays of {missing} are missing: years must follow each other"),
                ));
            }
        }
        check_hours(table, hours, faults);
        Self::of(days, hours)
    }

    /// A calendar of these days.
    pub fn of(days: impl IntoIterator<Item = (Day, DayKind)>, hours: &DutyHours) -> Self {
        Self {
            days: days
                .into_iter()
                .map(|(day, kind)| (day.number(), kind))
                .collect(),
            standard: Week::of(hours),
        }
    }

    /// Monday to Friday less holidays, and the make-up days.
    pub fn is_workday(&self, day: Day) -> bool {
        match self.days.get(&day.number()) {
            Some(DayKind::Holiday) => false,
            Some(DayKind::MakeUp) => true,
            None => day.weekday() < 5,
        }
    }

    /// The last year whose holidays are known: one with a row.
    pub fn last_year(&self) -> Option<i32> {
        let (&last, _) = self.days.last_key_value()?;
        Some(Day::from_number(last).year())
    }

    /// When `limit` is over that starts at `start`.
    ///
    /// A working day is the whole working time of a day of these hours (of the longest, where days differ). Outside working
    /// time it begins at the next working moment; an end on the end of a span is that end, not the next morning.
    pub fn due(&self, limit: Limit, start: Timestamp, hours: &Hours<'_>) -> Due {
        self.share(limit, 100, start, hours)
    }

    /// When a share of `limit` is over, in percent (1–1000) of its own kind of time.
    pub fn share(&self, limit: Limit, percent: u32, start: Timestamp, hours: &Hours<'_>) -> Due {
        let length = match limit.work_days() {
            Some(days) => i64::from(days) * self.week(hours).longest_day(),
            None => limit.milliseconds(),
        };
        let part = length * i64::from(percent.clamp(1, 1000)) / 100;
        self.again(limit, part, start, hours)
    }

    /// What is left of `limit` between `at` and its end `due`, in milliseconds of its own kind of time; 0 when it is over.
    pub fn left(&self, limit: Limit, at: Timestamp, due: Timestamp, hours: &Hours<'_>) -> i64 {
        if limit.is_work() {
            self.worked(at, due, hours)
        } else {
            due.0.saturating_sub(at.0).max(0)
        }
    }

    /// The new end of `limit` when it goes on at `start` with what was [`left`](Calendar::left) as it stopped.
    pub fn again(&self, limit: Limit, left_ms: i64, start: Timestamp, hours: &Hours<'_>) -> Due {
        if limit.is_work() {
            self.advance(start, left_ms, &self.week(hours))
        } else {
            Due {
                at: start.plus_ms(left_ms.max(0)),
                provisional: false,
            }
        }
    }

    /// Working time between two instants in milliseconds; 0 when `to` is not after `from`.
    pub fn worked(&self, from: Timestamp, to: Timestamp, hours: &Hours<'_>) -> i64 {
        let week = self.week(hours);
        let (mut day, mut since) = from.local_parts();
        let (last, until) = to.local_parts();
        let mut sum = 0;
        while day <= last {
            if self.is_plain(day) && last - day > 7 {
                let weeks = (last - day) / 7;
                sum += weeks * self.plain_week(day, &week) - self.until(day, since, &week);
                day += weeks * 7;
            } else if since > 0 {
                sum -= self.until(day, since, &week);
            }
            since = 0;
            sum += self.until(day, if day == last { until } else { DAY_MS }, &week);
            day += 1;
        }
        sum.max(0)
    }

    /// Working time of a day up to a moment of it.
    fn until(&self, day: i64, moment: i64, week: &Week) -> i64 {
        let spans = week.day(self, day);
        let worked = |span: &Span| (span.to.min(moment) - span.from).max(0);
        spans.iter().map(worked).sum()
    }

    /// The instant at which `left` milliseconds of working time after `start` are used up.
    fn advance(&self, start: Timestamp, mut left: i64, week: &Week) -> Due {
        let (mut day, mut since) = start.local_parts();
        let due = |at: Timestamp, day: i64| Due {
            at: at.min(Timestamp::LAST),
            provisional: self.last_year() < Some(Day::from_number(day).year()),
        };
        if left <= 0 {
            return due(start, day);
        }
        while day <= LAST_DAY {
            // From here on every week is the same: whole ones are not walked through.
            if since == 0 && self.is_plain(day) {
                let whole = self.plain_week(day, week);
                if whole == 0 {
                    break;
                }
                let weeks = (left - 1) / whole;
                left -= weeks * whole;
                day = day.saturating_add(weeks.saturating_mul(7));
                if day > LAST_DAY {
                    break;
                }
            }
            for span in week.day(self, day).iter() {
                let from = span.from.max(since);
                let room = span.to - from;
                if room >= left {
                    return due(Timestamp::from_local(day, from + left), day);
                }
                left -= room.max(0);
            }
            since = 0;
            day += 1;
        }
        due(Timestamp::LAST, LAST_DAY)
    }

    /// Whether neither this day, the one before it nor any later one is in the table.
    fn is_plain(&self, day: i64) -> bool {
        self.days
            .last_key_value()
            .is_none_or(|(&last, _)| day > last + 1)
    }

    /// Working time of a week of days that are not in the table.
    fn plain_week(&self, day: i64, week: &Week) -> i64 {
        (day..day + 7)
            .map(|day| self.until(day, DAY_MS, week))
            .sum()
    }

    fn week(&self, hours: &Hours<'_>) -> Cow<'_, Week> {
        match hours {
            Hours::Standard => Cow::Borrowed(&self.standard),
            Hours::Unit(duty) => Some(Week::of(duty))
                .filter(|week| week.longest_day() > 0 && !week.never_ends())
                .map_or(Cow::Borrowed(&self.standard), Cow::Owned),
        }
    }
}

impl DayKind {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "holiday" => Some(Self::Holiday),
            "workday" => Some(Self::MakeUp),
            _ => None,
        }
    }
}

/// The office's hours: in half-hour slots, some on each of Monday to Friday, and not round the clock.
fn check_hours(table: &Table, hours: &DutyHours, faults: &mut Vec<Fault>) {
    let text = hours.as_str();
    if !hours.on_half_hours() {
        faults.push(table.fault(
            "not_half_hours",
            format!("工作时间“{text}”必须从整点或半点开始，到整点或半点结束"),
            format!("the working hours \"{text}\" must begin and end on a full or half hour"),
        ));
    }
    if (0..5).any(|weekday| hours.spans_on(weekday).is_empty()) {
        faults.push(table.fault(
            "no_hours",
            format!("工作时间“{text}”中星期一至星期五每天都必须有工作时间"),
            format!(
                "the working hours \"{text}\" must have some on each day from Monday to Friday"
            ),
        ));
    }
    if Week::of(hours).never_ends() {
        faults.push(table.fault(
            "round_the_clock",
            format!("工作时间“{text}”不能是全天候：24 小时值守不是 24 小时工作"),
            format!("the working hours \"{text}\" cannot be round the clock: standby is not work"),
        ));
    }
}

/// Milliseconds since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: i64,
    to: i64,
}

/// Hours as spans by the weekday on which they begin; what passes midnight ends after [`DAY_MS`].
#[derive(Debug, Clone)]
struct Week([Vec<Span>; 7]);

impl Week {
    fn of(hours: &DutyHours) -> Self {
        Self([0, 1, 2, 3, 4, 5, 6].map(|weekday| {
            let spans = hours.spans_on(weekday).into_iter();
            spans
                .map(|(from, to)| Span {
                    from: i64::from(from) * MINUTE_MS,
                    to: i64::from(to) * MINUTE_MS,
                })
                .collect()
        }))
    }

    fn longest_day(&self) -> i64 {
        let day = |spans: &Vec<Span>| spans.iter().map(|span| span.to - span.from).sum();
        self.0.iter().map(day).max().unwrap_or(0)
    }

    fn never_ends(&self) -> bool {
        (0..7).all(|day: usize| {
            let whole = Span {
                from: 0,
                to: DAY_MS,
            };
            *across(&self.0[(day + 6) % 7], &self.0[day]) == [whole]
        })
    }

    /// The spans that begin on a day: none on a holiday; Monday's on a make-up day, or the day's own where nobody works on
    /// Mondays.
    fn begun(&self, calendar: &Calendar, day: i64) -> &[Span] {
        let [monday, ..] = &self.0;
        // 1970-01-01 was a Thursday.
        let own = usize::try_from((day + 3).rem_euclid(7))
            .ok()
            .and_then(|weekday| self.0.get(weekday))
            .map_or(&[][..], Vec::as_slice);
        match calendar.days.get(&day) {
            Some(DayKind::Holiday) => &[],
            Some(DayKind::MakeUp) if !monday.is_empty() => monday,
            Some(DayKind::MakeUp) | None => own,
        }
    }

    /// The working spans from midnight to midnight of a day, in order.
    fn day(&self, calendar: &Calendar, day: i64) -> Cow<'_, [Span]> {
        across(self.begun(calendar, day - 1), self.begun(calendar, day))
    }
}

/// What lies between the midnights of a day of the spans that began on the day before and on the day itself.
fn across<'s>(before: &[Span], own: &'s [Span]) -> Cow<'s, [Span]> {
    let passes = |spans: &[Span]| spans.last().is_some_and(|span| span.to > DAY_MS);
    if !passes(before) && !passes(own) {
        return Cow::Borrowed(own);
    }
    let tails = before.iter().map(|span| Span {
        from: (span.from - DAY_MS).max(0),
        to: span.to - DAY_MS,
    });
    let heads = own.iter().map(|span| Span {
        to: span.to.min(DAY_MS),
        ..*span
    });
    let mut spans: Vec<Span> = tails
        .chain(heads)
        .filter(|span| span.from < span.to)
        .collect();
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joined = next.from <= kept.to;
        if joined {
            kept.to = kept.to.max(next.to);
        }
        joined
    });
    Cow::Owned(spans)
}
