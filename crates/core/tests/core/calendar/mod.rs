//! The work calendar: limits by example, hours of units, stopped clocks, provisional ends, faults of the table, and ten
//! thousand spans counted by another implementation.

mod hours;
mod notices;
mod properties;

use std::sync::OnceLock;

use jingwei_core::calendar::{Calendar, Due, Hours, STANDARD_HOURS};
use jingwei_core::duty::DutyHours;
use jingwei_core::rules::table::Table;
use jingwei_core::time::{Day, Limit, Timestamp};

const SHIPPED: &str = include_str!("../../../../../data/rules/calendar.csv");
const SPANS: &str = include_str!("../../data/workday_spans.csv");

fn duty(text: &str) -> DutyHours {
    DutyHours::parse(text).unwrap_or_else(|| panic!("hours: {text}"))
}

fn limit(text: &str) -> Limit {
    Limit::parse(text).unwrap_or_else(|_| panic!("a limit: {text}"))
}

/// `2026-11-20 16:00` in China's time.
fn at(text: &str) -> Timestamp {
    let rfc3339 = format!("{}:00+08:00", text.replace(' ', "T"));
    Timestamp::parse(&rfc3339).unwrap_or_else(|| panic!("a time: {text}"))
}

/// The reverse of [`at`], with a `?` behind what is provisional.
fn told(due: Due) -> String {
    let clock = due.at.local_clock();
    let mark = if due.provisional { "?" } else { "" };
    format!("{} {}{mark}", due.at.local_day(), &clock[..5])
}

/// The calendar of a table and its faults, as `line column code`.
fn read(text: &str, hours: &str) -> (Calendar, Vec<String>) {
    let mut faults = Vec::new();
    let table = Table::read("calendar.csv", text, &mut faults);
    let calendar = Calendar::read(&table, &duty(hours), &mut faults);
    for fault in &faults {
        assert_eq!(fault.file, "calendar.csv");
        assert!(!fault.zh.is_ascii() && fault.en.is_ascii(), "{fault}");
    }
    let seen = faults
        .iter()
        .map(|fault| format!("{} {} {}", fault.line, fault.column, fault.code))
        .collect();
    (calendar, seen)
}

fn shipped() -> &'static Calendar {
    static READ: OnceLock<Calendar> = OnceLock::new();
    READ.get_or_init(|| {
        let (calendar, faults) = read(SHIPPED, STANDARD_HOURS);
        assert_eq!(faults, Vec::<String>::new(), "the shipped table is sound");
        calendar
    })
}

/// The end of a limit by the shipped calendar on the office's hours.
fn due(text: &str, start: &str) -> String {
    told(shipped().due(limit(text), at(start), &Hours::Standard))
}

#[test]
fn working_time_runs_in_working_hours_only() {
    for (text, start, end, why) in [
        (
            "1wd",
            "2026-11-20 16:00",
            "2026-11-23 16:00",
            "Friday to Monday",
        ),
        (
            "1wd",
            "2026-11-23 08:30",
            "2026-11-23 18:00",
            "a whole day, its end",
        ),
        (
            "1wd",
            "2026-11-22 03:00",
            "2026-11-23 18:00",
            "begins on Monday",
        ),
        (
            "1wh",
            "2026-11-23 12:30",
            "2026-11-23 14:30",
            "begins after lunch",
        ),
        (
            "1wh",
            "2026-11-23 11:00",
            "2026-11-23 12:00",
            "the end of the morning",
        ),
        ("2wh", "2026-11-23 11:00", "2026-11-23 14:30", "over lunch"),
        (
            "1wh",
            "2026-11-20 18:00",
            "2026-11-23 09:30",
            "after the last minute",
        ),
        (
            "1wh",
            "2026-11-20 17:59",
            "2026-11-23 09:29",
            "one minute of Friday",
        ),
        (
            "8wh",
            "2026-11-20 16:00",
            "2026-11-23 16:00",
            "a day is eight hours",
        ),
        (
            "7wd",
            "2026-11-20 10:00",
            "2026-12-01 10:00",
            "seven working days",
        ),
        (
            "1wd",
            "2026-09-30 16:00",
            "2026-10-08 16:00",
            "over National Day",
        ),
        (
            "1wd",
            "2026-10-09 16:00",
            "2026-10-10 16:00",
            "onto a make-up Saturday",
        ),
        ("1wd", "2026-10-10 16:00", "2026-10-12 16:00", "and from it"),
        (
            "1wd",
            "2026-02-14 18:00",
            "2026-02-24 18:00",
            "over Spring Festival",
        ),
    ] {
        assert_eq!(due(text, start), end, "{text} from {start}: {why}");
    }
}

#[test]
fn limits_by_the_clock_know_no_holiday_and_no_last_year() {
    assert_eq!(due("6h", "2026-10-01 23:00"), "2026-10-02 05:00");
    assert_eq!(due("30s", "2026-10-03 12:00"), "2026-10-03 12:00");
    assert_eq!(due("1d", "2026-12-31 12:00"), "2027-01-01 12:00");
    assert_eq!(due("90min", "2040-10-01 00:00"), "2040-10-01 01:30");
    let start = at("2026-10-01 23:00");
    let six = limit("6h");
    let calendar = shipped();
    let yellow = calendar.share(six, 75, start, &Hours::Standard);
    assert_eq!(told(yellow), "2026-10-02 03:30");
    let end = at("2026-10-02 05:00");
    let left = calendar.left(six, at("2026-10-02 04:00"), end, &Hours::Standard);
    assert_eq!(left, 3_600_000);
    let again = calendar.again(six, left, at("2026-10-04 20:00"), &Hours::Standard);
    assert_eq!(told(again), "2026-10-04 21:00");
    let over = calendar.left(six, at("2026-10-02 05:01"), end, &Hours::Standard);
    assert_eq!(over, 0);
}

#[test]
fn yellow_comes_after_a_share_of_the_working_time() {
    let share = |text: &str, percent, start: &str| {
        told(shipped().share(limit(text), percent, at(start), &Hours::Standard))
    };
    assert_eq!(share("2wd", 75, "2026-11-23 08:30"), "2026-11-24 14:00");
    assert_eq!(share("4wh", 75, "2026-11-20 16:00"), "2026-11-23 09:30");
    assert_eq!(share("1wd", 50, "2026-09-30 14:30"), "2026-10-08 09:00");
    assert_eq!(share("1wd", 200, "2026-11-23 08:30"), "2026-11-24 18:00");
}

#[test]
fn a_stopped_clock_keeps_what_was_left() {
    let calendar = shipped();
    let two = limit("2wd");
    let whole = calendar.due(two, at("2026-11-23 08:30"), &Hours::Standard);
    assert_eq!(told(whole), "2026-11-24 18:00");
    let left = calendar.left(two, at("2026-11-23 10:00"), whole.at, &Hours::Standard);
    assert_eq!(left, 14 * 3_600_000 + 1_800_000);
    for (resumed, end) in [
        ("2026-11-23 10:00", "2026-11-24 18:00"),
        ("2026-11-26 15:00", "2026-11-30 12:00"),
        ("2026-11-28 12:00", "2026-12-01 16:30"),
        ("2026-09-30 18:00", "2026-10-09 16:30"),
    ] {
        let again = calendar.again(two, left, at(resumed), &Hours::Standard);
        assert_eq!(told(again), end, "on again {resumed}");
    }
    let late = calendar.left(two, at("2026-11-25 10:00"), whole.at, &Hours::Standard);
    assert_eq!(late, 0);
    let over = calendar.again(two, late, at("2026-11-28 12:00"), &Hours::Standard);
    assert_eq!(told(over), "2026-11-28 12:00", "nothing was left");
}

#[test]
fn what_reaches_beyond_the_last_year_is_provisional_until_the_notice_is_there() {
    assert_eq!(shipped().last_year(), Some(2026));
    assert_eq!(due("1wd", "2026-12-31 08:30"), "2026-12-31 18:00");
    assert_eq!(due("1wd", "2026-12-31 16:00"), "2027-01-01 16:00?");
    assert_eq!(due("20wd", "2026-12-31 16:00"), "2027-01-28 16:00?");
    let evening = duty("Mon-Fri 16:00-24:00");
    let midnight = shipped().due(limit("1wd"), at("2026-12-31 09:00"), &Hours::Unit(&evening));
    assert_eq!(
        told(midnight),
        "2027-01-01 00:00",
        "the last year's midnight"
    );

    let notice = "2027-01-01,holiday,元旦\n2027-01-02,holiday,元旦\n2027-01-03,holiday,元旦\n";
    let (next, faults) = read(&format!("{SHIPPED}{notice}"), STANDARD_HOURS);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(next.last_year(), Some(2027));
    let known = next.due(limit("1wd"), at("2026-12-31 16:00"), &Hours::Standard);
    assert_eq!(told(known), "2027-01-04 16:00");

    let nothing = Calendar::of([], &duty(STANDARD_HOURS));
    assert_eq!(nothing.last_year(), None);
    let guess = nothing.due(limit("1wd"), at("2026-09-30 16:00"), &Hours::Standard);
    assert_eq!(told(guess), "2026-10-01 16:00?");
}

#[test]
fn the_longest_limits_end() {
    let monday = Day::parse("2027-01-04").expect("a day");
    let start = Timestamp::local_midnight(monday);
    let far = shipped().due(limit("100000wd"), start, &Hours::Standard);
    // Five working days a week: 20,000 weeks, the last day of them a Friday.
    let friday = Day::from_number(monday.number() + 20_000 * 7 - 3);
    assert_eq!(told(far), format!("{friday} 18:00?"));
    let worked = shipped().worked(start, far.at, &Hours::Standard);
    assert_eq!(worked, limit("100000wd").milliseconds());

    let sundays = duty("Sun 10:00-10:30");
    let never = shipped().share(limit("100000wd"), 1000, start, &Hours::Unit(&sundays));
    assert_eq!((never.at, never.provisional), (Timestamp::LAST, true));
    let no_minute = Calendar::of([], &duty("Mon 24:00-00:00"));
    let never = no_minute.due(limit("1wh"), start, &Hours::Standard);
    assert_eq!((never.at, never.provisional), (Timestamp::LAST, true));
}

#[test]
fn every_fault_of_the_table_is_named() {
    let table = "date,kind,name
2026-02-30,holiday,x
2026-10-01,feast,x
2026-10-02,holiday,x
2026-10-02,holiday,x
2026-10-09,workday,a Friday
2026-10-10,workday,x
2029-01-01,holiday,x
";
    let (_, faults) = read(table, STANDARD_HOURS);
    assert_eq!(
        faults,
        [
            "2 date not_understood",
            "3 kind not_understood",
            "5 date duplicate",
            "6 kind no_make_up_day",
            "0  missing_year",
            "0  missing_year",
        ]
    );
    let (_, faults) = read("date,kind,name\n", STANDARD_HOURS);
    assert_eq!(faults, ["0  empty"]);
}

#[test]
fn the_offices_hours_lie_on_half_hours_of_every_weekday() {
    for (hours, fault) in [
        (
            "Mon-Fri 08:40-12:00; Mon-Fri 13:30-18:00",
            "0  not_half_hours",
        ),
        (
            "Mon-Fri 08:30-12:00; Mon-Fri 13:30-17:50",
            "0  not_half_hours",
        ),
        ("Mon-Thu 08:30-18:00; Sat 08:30-18:00", "0  no_hours"),
        ("24h", "0  round_the_clock"),
        (
            "Mon-Sun 00:00-12:00; Mon-Sun 12:00-24:00",
            "0  round_the_clock",
        ),
    ] {
        let (_, faults) = read(SHIPPED, hours);
        assert_eq!(faults, [fault], "{hours}");
    }
    let (_, faults) = read(SHIPPED, "Mon-Fri 09:00-12:00; Mon-Fri 13:00-17:30");
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn ten_thousand_spans_agree_with_chinesecalendar() {
    let day = |text: &str| Day(text.parse().expect("a day"));
    let night = |day: Day| Timestamp::local_midnight(day.next());
    let whole = limit("1wd").milliseconds();
    let mut n = 0;
    for line in SPANS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let &[from, workdays, after, to, within] = &cells[..] else {
            panic!("five cells are due: {line}");
        };
        let (from, after, to) = (day(from), day(after), day(to));
        let end = shipped().due(
            limit(&format!("{workdays}wd")),
            night(from),
            &Hours::Standard,
        );
        assert_eq!(told(end), format!("{after} 18:00"), "{line}");
        assert!(shipped().is_workday(after), "{line}");
        let within: i64 = within.parse().expect("a number");
        let worked = shipped().worked(night(from), night(to), &Hours::Standard);
        assert_eq!(worked, within * whole, "{line}");
        let mut walked = 0;
        let mut day = from;
        while day < to {
            day = day.next();
            walked += i64::from(shipped().is_workday(day));
        }
        assert_eq!(walked, within, "{line}");
        n += 1;
    }
    assert_eq!(n, 10_000);
}
