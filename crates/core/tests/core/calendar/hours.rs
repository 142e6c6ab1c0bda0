//! Hours of units: their own, those over midnight, those at weekends, and round-the-clock duty.

use jingwei_core::calendar::Hours;

use super::{at, due, duty, limit, shipped, told};

/// The end of a limit on a unit's hours.
fn unit(hours: &str, text: &str, start: &str) -> String {
    told(shipped().due(limit(text), at(start), &Hours::Unit(&duty(hours))))
}

#[test]
fn a_unit_counts_on_its_own_hours() {
    let early = "Mon-Fri 07:00-13:00";
    assert_eq!(unit(early, "1wh", "2026-11-20 12:30"), "2026-11-23 07:30");
    assert_eq!(
        unit(early, "1wd", "2026-11-20 10:00"),
        "2026-11-23 10:00",
        "six hours"
    );
    assert_eq!(unit(early, "8wh", "2026-11-20 10:00"), "2026-11-23 12:00");
    assert_eq!(unit(early, "1wd", "2026-09-30 10:00"), "2026-10-08 10:00");
    assert_eq!(
        unit(early, "1wh", "2026-10-10 06:00"),
        "2026-10-10 08:00",
        "made up"
    );
    let quarter = "Mon-Fri 09:15-12:05";
    assert_eq!(unit(quarter, "1wd", "2026-11-20 08:00"), "2026-11-20 12:05");
}

#[test]
fn where_days_differ_a_working_day_is_the_longest() {
    let short_friday = "Mon-Thu 08:30-12:00; Mon-Thu 13:30-18:00; Fri 08:30-12:00";
    assert_eq!(
        unit(short_friday, "1wd", "2026-11-19 08:30"),
        "2026-11-19 18:00"
    );
    assert_eq!(
        unit(short_friday, "1wd", "2026-11-20 08:30"),
        "2026-11-23 14:30"
    );
}

#[test]
fn round_the_clock_duty_is_standby_and_counts_like_none_on_the_offices_hours() {
    for standby in [
        "24h",
        "Mon-Sun 00:00-24:00",
        "Mon-Sun 20:00-08:00; Mon-Sun 08:00-20:00",
        "Mon 24:00-00:00",
    ] {
        for (text, start) in [
            ("1wd", "2026-11-20 16:00"),
            ("4wh", "2026-10-03 03:00"),
            ("1wd", "2026-10-09 16:00"),
        ] {
            assert_eq!(unit(standby, text, start), due(text, start), "{standby}");
        }
        // By the clock it answers at any hour.
        assert_eq!(
            unit(standby, "15min", "2026-10-03 03:00"),
            "2026-10-03 03:15"
        );
    }
}

#[test]
fn a_weekend_counts_where_the_hours_name_it_unless_it_is_a_holiday() {
    let market = "Tue-Sun 09:00-17:00";
    assert_eq!(
        unit(market, "1wd", "2026-11-20 16:00"),
        "2026-11-21 16:00",
        "Saturday"
    );
    assert_eq!(
        unit(market, "1wd", "2026-11-22 16:00"),
        "2026-11-24 16:00",
        "no Monday"
    );
    assert_eq!(
        unit(market, "1wd", "2026-10-03 16:00"),
        "2026-10-08 17:00",
        "a holiday Saturday"
    );
    assert_eq!(
        unit(market, "1wh", "2026-10-10 08:00"),
        "2026-10-10 10:00",
        "made up on its own hours"
    );
    let weekend = "Sat-Sun 08:00-16:00";
    assert_eq!(unit(weekend, "1wd", "2026-11-22 12:00"), "2026-11-28 12:00");
    assert_eq!(unit(weekend, "2wd", "2026-09-27 10:00"), "2026-10-11 16:00");
    let office = "Mon-Fri 09:00-17:00";
    assert_eq!(
        unit(office, "1wh", "2026-11-21 10:00"),
        "2026-11-23 10:00",
        "not named"
    );
}

#[test]
fn a_make_up_saturday_has_mondays_hours() {
    let short = "Mon-Fri 09:00-17:00; Sat 09:00-12:00";
    assert_eq!(
        unit(short, "1wd", "2026-11-21 09:00"),
        "2026-11-23 14:00",
        "an ordinary one"
    );
    assert_eq!(
        unit(short, "1wd", "2026-10-10 09:00"),
        "2026-10-10 17:00",
        "a make-up one"
    );
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let night = "Mon-Sun 20:00-02:00";
    assert_eq!(
        unit(night, "1wd", "2026-11-20 20:00"),
        "2026-11-21 02:00",
        "six hours"
    );
    assert_eq!(unit(night, "4wh", "2026-11-20 23:00"), "2026-11-21 21:00");
    assert_eq!(unit(night, "4wh", "2026-11-21 01:00"), "2026-11-21 23:00");
    // The night before National Day is worked to its end; that of 7 October is not.
    assert_eq!(unit(night, "3wh", "2026-09-30 23:00"), "2026-10-01 02:00");
    assert_eq!(unit(night, "4wh", "2026-09-30 23:00"), "2026-10-08 21:00");
    assert_eq!(unit(night, "1wh", "2026-10-08 01:00"), "2026-10-08 21:00");
    // An overlap counts once: from 22:00 to 09:00, and not again from 08:00.
    let overlap = "Mon-Fri 22:00-09:00; Mon-Fri 08:00-12:00";
    assert_eq!(unit(overlap, "5wh", "2026-11-24 07:00"), "2026-11-24 12:00");
    let after_midnight = "Mon 24:00-06:00";
    assert_eq!(
        unit(after_midnight, "6wh", "2026-11-23 12:00"),
        "2026-11-24 06:00"
    );
}
