//! Settings: the shipped values, and each refusal whole.

use jingwei_core::duty::DutyHours;
use jingwei_core::rules::Settings;
use jingwei_core::time::Limit;

use super::{added, at, cell, line, shown, with};
use crate::support::rules;

const NAME: &str = "settings.csv";

fn one(name: &str, column: &str, value: &str) -> Vec<String> {
    shown(&cell(NAME, &format!("{name},"), column, value))
}

fn due(name: &str, rest: &str) -> Vec<String> {
    vec![format!("{NAME}:{} {rest}", at(NAME, &format!("{name},")))]
}

#[test]
fn the_shipped_settings_have_their_values() {
    let s = &rules().settings;
    let limit = |text: &str| Limit::parse(text).expect("a limit");
    assert_eq!(
        Some(&s.work_hours),
        DutyHours::parse("Mon-Fri 08:30-12:00; Mon-Fri 13:30-18:00").as_ref()
    );
    assert_eq!(
        [
            s.audit_percent,
            s.extension_times,
            s.extension_percent,
            s.nested_most,
            s.call_back_tries
        ],
        [5, 2, 100, 6, 3]
    );
    assert_eq!([s.duplicate_metres, s.duplicate_minutes], [200, 30]);
    assert!(s.reopen_by_itself);
    assert_eq!(
        [
            s.suspend_most,
            s.decide_limit,
            s.call_back_limit,
            s.rate_limit,
            s.whistle_daily,
            s.whistle_enforcement,
            s.whistle_emergency,
            s.whistle_rate_limit,
            s.mediation_limit,
            s.court_confirmation,
            s.confirm_limit,
            s.clock_jump,
            s.catch_up_after,
        ],
        [
            "90d", "1wd", "3wd", "15d", "1wd", "4wh", "30min", "5wd", "30d", "30d", "2h", "10min",
            "30min",
        ]
        .map(limit)
    );
    let names: Vec<&str> = s.lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, Settings::NAMES);
    let audit = s
        .lines
        .iter()
        .find(|l| l.name == "audit_percent")
        .expect("a line");
    assert_eq!(
        (
            audit.value.as_str(),
            audit.text_zh.is_ascii(),
            audit.text_en.is_ascii()
        ),
        ("5", false, true)
    );
}

#[test]
fn a_setting_that_is_unknown_missing_or_twice_is_refused() {
    assert_eq!(
        shown(&added(NAME, "rate_limit,", "rate_of_pay,5,薪酬,pay")),
        [format!(
            "{NAME}:{} name unknown_setting: 没有名为“rate_of_pay”的设置 / there is no setting \"rate_of_pay\"",
            at(NAME, "rate_limit,") + 1
        )]
    );
    let again = line(NAME, "rate_limit,");
    assert_eq!(
        shown(&added(NAME, "rate_limit,", again.trim_end())),
        [format!(
            "{NAME}:{} name duplicate: 设置出现两次 / the setting appears twice",
            at(NAME, "rate_limit,") + 1
        )]
    );
    for name in Settings::NAMES {
        let gone = line(NAME, &format!("{name},"));
        assert_eq!(
            shown(&with(NAME, &gone, "")),
            [format!(
                "{NAME}:0  missing: 缺少设置 {name} / the setting {name} is missing"
            )]
        );
    }
}

#[test]
fn a_value_that_a_setting_cannot_have_is_refused() {
    for (name, value, least, most) in [
        ("audit_percent", "101", 0, 100),
        ("audit_percent", "-1", 0, 100),
        ("nested_most", "3", 4, 16),
        ("nested_most", "17", 4, 16),
        ("extension_times", "many", 0, 100),
        ("call_back_tries", "0", 1, 100),
        ("duplicate_metres", "1.5", 0, 100_000),
    ] {
        assert_eq!(
            one(name, "value", value),
            due(
                name,
                &format!(
                    "value setting: “{value}”应为 {least} 到 {most} 的整数 / \"{value}\" should be a whole number from {least} to {most}"
                )
            )
        );
    }
    assert_eq!(
        one("reopen_by_itself", "value", "yes"),
        due(
            "reopen_by_itself",
            "value setting: “yes”应为 0 或 1 / \"yes\" should be 0 or 1"
        )
    );
    assert_eq!(
        one("work_hours", "value", "always"),
        due(
            "work_hours",
            "value setting: “always”不是工作时间，应如 Mon-Fri 08:30-12:00; Mon-Fri 13:30-18:00 / \"always\" is not hours, which are written Mon-Fri 08:30-12:00; Mon-Fri 13:30-18:00"
        )
    );
    assert_eq!(
        one("clock_jump", "value", "1wh"),
        due(
            "clock_jump",
            "value setting: “1wh”按工作日历计算，这里要用 s、min、h 或 d / \"1wh\" runs on the work calendar; here s, min, h or d is due"
        )
    );
    let [fault] = &one("suspend_most", "value", "long")[..] else {
        panic!("one fault is due");
    };
    assert!(fault.contains("value setting: 时限“long”看不懂"), "{fault}");
    assert_eq!(
        one("suspend_most", "text_en", ""),
        due(
            "suspend_most",
            "text_en required: text_en 不能为空 / text_en must not be empty"
        )
    );
}
