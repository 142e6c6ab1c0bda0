//! The ladder: which rungs hold for which case, and each refusal whole.

use jingwei_core::cases::ClockKind;
use jingwei_core::rules::{After, Receiver, YellowAt};
use jingwei_core::time::Limit;

use super::{added, at, cell, cells, faults, line, shown, with};
use crate::support::{class, rules};

const NAME: &str = "ladder.csv";

fn one(column: &str, value: &str) -> Vec<String> {
    shown(&cell(NAME, ",handle,", column, value))
}

fn due(rest: &str) -> Vec<String> {
    vec![format!("{NAME}:{} {rest}", at(NAME, ",handle,"))]
}

fn limit(text: &str) -> Limit {
    Limit::parse(text).expect("a limit")
}

#[test]
fn the_row_of_a_type_goes_before_that_of_its_class_and_this_before_that_of_all() {
    let files = super::changed(&[(
        NAME,
        &line(NAME, "AQ01,accept,"),
        &format!(
            "{}JT,handle,2h,+1h,+2d,24h,handler,leader,inspector,level_above\n",
            line(NAME, "AQ01,accept,")
        ),
    )]);
    let read = jingwei_core::rules::RuleSet::read(&files, jingwei_core::sealed::Digest([0; 32]));
    let ladder = read.expect("sound").ladder;
    let of_all = ladder.rungs(None, ClockKind::Handle);
    assert_eq!(of_all.yellow, YellowAt::Share(75));
    assert_eq!(
        (of_all.yellow_card, of_all.red_card),
        (After::Share(150), After::Share(200))
    );
    assert_eq!(of_all.again, limit("24h"));
    let traffic = ladder.rungs(Some(&class("JT01")), ClockKind::Handle);
    assert_eq!(traffic.yellow, YellowAt::Limit(limit("2h")));
    assert_eq!(traffic.yellow_card, After::Limit(limit("1h")));
    assert_eq!(traffic.red_card, After::Limit(limit("2d")));
    assert_eq!(traffic.yellow_to, [Receiver::Handler]);
    assert_eq!(traffic.red_to, [Receiver::Leader]);
    assert_eq!(traffic.yellow_card_to, [Receiver::Inspector]);
    assert_eq!(traffic.red_card_to, [Receiver::LevelAbove]);
    assert_eq!(ladder.rungs(Some(&class("JT")), ClockKind::Handle), traffic);
    assert_eq!(
        ladder.rungs(Some(&class("RQ01")), ClockKind::Handle),
        of_all
    );
    let gas = ladder.rungs(Some(&class("RQ01")), ClockKind::Acknowledge);
    assert_eq!(
        (gas.yellow, gas.again),
        (YellowAt::Share(50), limit("2min"))
    );
    assert_eq!(
        gas.red_to,
        [Receiver::Handler, Receiver::Officer, Receiver::Dispatcher]
    );
    assert_eq!(
        ladder.rungs(Some(&class("RQ")), ClockKind::Acknowledge),
        ladder.rungs(None, ClockKind::Acknowledge)
    );
    assert_eq!(ladder.iter().count(), ClockKind::ALL.len() + 67);
}

#[test]
fn every_clock_has_rungs_and_every_rung_reaches_somebody() {
    for &clock in ClockKind::ALL {
        let gone = line(NAME, &format!(",{clock},"));
        assert_eq!(
            shown(&with(NAME, &gone, "")),
            [format!(
                "{NAME}:0  missing: 时钟 {clock} 没有 class 为空的一行 / the clock {clock} has no row with an empty class"
            )]
        );
    }
    for column in ["yellow_to", "red_to", "yellow_card_to", "red_card_to"] {
        assert_eq!(
            one(column, ""),
            due(&format!(
                "{column} required: 至少要有一个接收人 / at least one receiver is due"
            ))
        );
        assert_eq!(
            one(column, "leader|king"),
            due(&format!(
                "{column} unknown_receiver: 没有接收人“king” / there is no receiver \"king\""
            ))
        );
        assert_eq!(
            one(column, "leader|leader"),
            due(&format!(
                "{column} duplicate: 接收人 leader 出现两次 / the receiver leader appears twice"
            ))
        );
    }
    let several = cells(&[
        (NAME, ",handle,", "yellow", ""),
        (NAME, ",handle,", "again", ""),
        (NAME, ",handle,", "red_to", ""),
    ]);
    let row = at(NAME, ",handle,");
    assert_eq!(
        faults(&several),
        [
            format!("{NAME}:{row} yellow not_understood"),
            format!("{NAME}:{row} again limit"),
            format!("{NAME}:{row} red_to required"),
        ],
        "the row is there: its clock is no hole besides"
    );
}

#[test]
fn rungs_out_of_order_are_refused() {
    for wrong in ["", "0%", "100%", "150%", "75", "%", "soon"] {
        assert_eq!(
            one("yellow", wrong),
            due(&format!(
                "yellow not_understood: 黄灯“{wrong}”应为 1% 到 99%，或起算后的时限，例如 2h / yellow \"{wrong}\" should be 1% to 99%, or a limit from the start such as 2h"
            ))
        );
    }
    for column in ["yellow_card", "red_card"] {
        for wrong in ["", "100%", "50%", "4wh", "+", "+soon", "10001%"] {
            assert_eq!(
                one(column, wrong),
                due(&format!(
                    "{column} not_understood: “{wrong}”应为红灯之后的时限，例如 +4wh，或大于 100% 的百分比 / \"{wrong}\" should be a limit after red such as +4wh, or a share above 100 per cent"
                ))
            );
        }
    }
    let order = "red_card card_order: 红牌应晚于黄牌，两者写法要相同（都是 +时限，或都是百分比） / the red card comes after the yellow one, both written alike: +LIMIT or a share";
    for (yellow, red) in [
        ("200%", "200%"),
        ("300%", "200%"),
        ("+2h", "+2h"),
        ("+1d", "+2h"),
        ("+1h", "200%"),
        ("150%", "+2h"),
    ] {
        let files = cells(&[
            (NAME, ",handle,", "yellow_card", yellow),
            (NAME, ",handle,", "red_card", red),
        ]);
        assert_eq!(shown(&files), due(order), "{yellow} {red}");
    }
    assert_eq!(
        one("again", "1wd"),
        due(
            "again limit: “1wd”按工作日历计算，这里要用 s、min、h 或 d / \"1wd\" runs on the work calendar; here s, min, h or d is due"
        )
    );
    assert_eq!(
        shown(&cell(NAME, "RQ01,acknowledge,", "yellow", "1min")),
        [format!(
            "{NAME}:{} yellow late_yellow: 黄灯 1min 应短于该类别的时限 1min / yellow at 1min should be sooner than the limit 1min of the class",
            at(NAME, "RQ01,acknowledge,")
        )]
    );
}

#[test]
fn rows_of_unknown_clocks_and_classes_and_rows_twice_are_refused() {
    let row = at(NAME, "RQ01,accept,");
    assert_eq!(
        shown(&cell(NAME, "RQ01,accept,", "class", "RQ77")),
        [format!(
            "{NAME}:{row} class unknown_class: classes.csv 中没有 RQ77 / RQ77 is not in classes.csv"
        )]
    );
    assert_eq!(
        shown(&cell(NAME, "RQ01,accept,", "clock", "sleep")),
        [format!(
            "{NAME}:{row} clock not_understood: clock 的值“sleep”看不懂 / the value \"sleep\" of clock is not understood"
        )]
    );
    for start in ["RQ01,accept,", ",accept,"] {
        let again = line(NAME, start);
        assert_eq!(
            shown(&added(NAME, start, again.trim_end())),
            [format!(
                "{NAME}:{} clock duplicate: 同一类别的同一时钟出现两次 / the clock of this class appears twice",
                at(NAME, start) + 1
            )]
        );
    }
    assert_eq!(
        rules()
            .ladder
            .iter()
            .filter(|(class, ..)| class.is_none())
            .count(),
        ClockKind::ALL.len()
    );
}
