//! Classes, limits by severity and filing conditions: values, and each refusal whole.

use jingwei_core::code::{ConditionCode, Level};
use jingwei_core::rules::{CallBack, NeedsPhoto, Severity, SkipRule, SkipWhen, Subject, Urgency};

use super::{added, at, cell, cells, changed, faults, line, shown, with};
use crate::support::{class, rule_files, rules};

const CLASSES: &str = "classes.csv";

/// One cell of one class is changed; the whole fault is due, in this column.
fn one(code: &str, column: &str, value: &str) -> Vec<String> {
    shown(&cell(CLASSES, &format!("{code},"), column, value))
}

fn due(code: &str, rest: &str) -> Vec<String> {
    vec![format!(
        "{CLASSES}:{} {rest}",
        at(CLASSES, &format!("{code},"))
    )]
}

#[test]
fn a_class_says_what_a_report_of_it_is_about_and_what_it_needs() {
    let rules = rules();
    let of = |code| rules.classes.get(&class(code)).expect("a class");
    let gas = of("RQ01");
    assert_eq!(gas.subject, Some(Subject::Event));
    assert_eq!(gas.description_zh, "闻到燃气味、听到漏气声或报警器鸣响");
    assert_eq!(
        (gas.needs_photo, gas.needs_position),
        (NeedsPhoto::None, true)
    );
    assert_eq!((gas.call_back, gas.public_map), (CallBack::Required, true));
    let kinds = |kinds: &[jingwei_core::code::UnitKind]| {
        kinds
            .iter()
            .map(|k| k.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&gas.assists), ["FIRE", "GRID"]);
    assert_eq!(kinds(&gas.ccs), ["CGC_C", "POLST", "EMB", "HCB"]);
    assert_eq!(gas.gbt30428, ["E04"]);
    assert_eq!(gas.open311_group.as_deref(), Some("gas"));
    assert_eq!(gas.keywords.len(), 7);
    assert!(gas.dispute17.is_empty());
    let family = of("MD01");
    assert_eq!(family.dispute17, ["婚恋家庭"]);
    assert_eq!(of("MD99").dispute17, ["其他民商事", "其他"]);
    assert_eq!(family.open311_group, None);
    let subjects = ["CG02", "SZ01", "MD02", "MS07", "TS01", "ZX01", "TS12"].map(|c| of(c).subject);
    use Subject::{Event, OwnNeed, Place, Thing};
    assert_eq!(
        subjects.map(|s| s.expect("a subject")),
        [Place, Thing, Event, OwnNeed, OwnNeed, OwnNeed, Event]
    );
    for class in rules.classes.iter() {
        assert!(
            class.subject.is_some() && !class.keywords.is_empty(),
            "{}",
            class.code
        );
        let persons = ["MD", "MS", "TS"].contains(&class.code.top().as_str());
        assert!(!(persons && class.public_map), "{}", class.code);
    }
}

#[test]
fn skip_rules_say_who_hears_at_once() {
    let gas = rules().classes.get(&class("RQ01")).expect("RQ01");
    assert_eq!(
        gas.skip,
        [
            SkipRule {
                when: SkipWhen::Urgency(Urgency::High),
                level: Level::County
            },
            SkipRule {
                when: SkipWhen::Severity(Severity::Larger),
                level: Level::City
            },
            SkipRule {
                when: SkipWhen::Severity(Severity::Major),
                level: Level::Province
            },
        ]
    );
    let text: Vec<String> = gas
        .skip
        .iter()
        .map(|r| format!("{}:{}", r.when, r.level))
        .collect();
    assert_eq!(
        text.join(";"),
        "urgency=high:county;severity>=larger:city;severity>=major:province"
    );
    let to = |severity, urgency| gas.skips_to(severity, urgency);
    assert_eq!(to(Severity::Ordinary, Urgency::Medium), None);
    assert_eq!(to(Severity::Ordinary, Urgency::High), Some(Level::County));
    assert_eq!(to(Severity::Larger, Urgency::Low), Some(Level::City));
    assert_eq!(
        to(Severity::Extraordinary, Urgency::High),
        Some(Level::Province)
    );
    for wrong in [
        "urgency=high",
        "urgency=soon:county",
        "urgency>=high:county",
        "severity=major:city",
        "severity>=huge:city",
        "severity>=major:moon",
        ":county",
        "high:county",
    ] {
        assert_eq!(SkipRule::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_severity_with_its_own_row_has_its_own_limits() {
    let spill = rules().classes.get(&class("AQ01")).expect("AQ01");
    let shown = |severity| {
        let limits = spill.limits_at(severity);
        [limits.acknowledge, limits.arrive, limits.handle].map(|limit| limit.to_string())
    };
    assert_eq!(shown(Severity::Ordinary), ["3min", "30min", "4h"]);
    assert_eq!(shown(Severity::Larger), ["2min", "20min", "6h"]);
    assert_eq!(
        shown(Severity::Major),
        ["1min", "15min", "2h"],
        "its default"
    );
    assert_eq!(spill.limits_at(Severity::Major), &spill.limits);
    assert_eq!(shown(Severity::Extraordinary), ["1min", "10min", "24h"]);
    assert_eq!(spill.limits_by_severity().count(), 3);
    let none = rules().classes.get(&class("CG02")).expect("CG02");
    assert_eq!(none.limits_by_severity().count(), 0);
    assert_eq!(none.limits_at(Severity::Extraordinary), &none.limits);
    let all: usize = rules()
        .classes
        .iter()
        .map(|c| c.limits_by_severity().count())
        .sum();
    assert_eq!(all, 150);
}

#[test]
fn a_filing_condition_has_its_own_limit_and_says_what_closing_needs() {
    let building = rules().classes.get(&class("CG01")).expect("CG01");
    let codes: Vec<&str> = building
        .conditions
        .iter()
        .map(|c| c.code.as_str())
        .collect();
    assert_eq!(codes, ["CG01-1", "CG01-2", "CG01-3"]);
    let code = ConditionCode::parse("CG01-2").expect("a code");
    assert_eq!(code.class(), class("CG01"));
    let found = building.condition(&code).expect("a condition");
    assert_eq!(found.handle.to_string(), "7wd");
    assert_eq!(
        (found.filing_zh.as_str(), found.filing_en.as_str()),
        ("已建成，未取得许可", "finished, no permit")
    );
    assert_eq!(found.closing_zh, "已依法立案并作出处理决定");
    assert_eq!(found.closing_en, "an enforcement decision has been made");
    let other = ConditionCode::parse("CG02-1").expect("a code");
    assert_eq!(building.condition(&other), None);
    let all: usize = rules().classes.iter().map(|c| c.conditions.len()).sum();
    assert_eq!(all, 79);
    for wrong in [
        "CG01",
        "CG01-",
        "CG-1",
        "CG01-1a",
        "CG01-1234",
        "cg01-1",
        "01CG-1",
        "",
    ] {
        assert_eq!(ConditionCode::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_type_without_a_unit_or_a_limit_is_refused() {
    assert_eq!(
        one("CG02", "responsible_unit_kind", ""),
        due(
            "CG02",
            "responsible_unit_kind required: responsible_unit_kind 不能为空 / responsible_unit_kind must not be empty"
        )
    );
    assert_eq!(
        one("CG02", "assist_unit_kinds", "NONE"),
        due(
            "CG02",
            "assist_unit_kinds unknown_kind: unit_kinds.csv 中没有 NONE / NONE is not in unit_kinds.csv"
        )
    );
    let [fault] = &one("CG02", "handle_limit", "")[..] else {
        panic!("one fault is due");
    };
    assert!(fault.starts_with(&format!(
        "classes.csv:{} handle_limit limit: 时限“”看不懂",
        at(CLASSES, "CG02,")
    )));
    assert!(fault.contains(" / the limit \"\" cannot be read"));
    let [fault] = &one("CG02", "verify_limit", "2weeks")[..] else {
        panic!("one fault is due");
    };
    assert!(fault.contains("verify_limit limit: 时限“2weeks”看不懂"));
    assert_eq!(
        one("CG02", "responsible_unit_kind", "METB"),
        due(
            "CG02",
            "responsible_unit_kind does_not_handle: METB 不办理事项，不能主办 / METB does not handle cases and cannot lead"
        )
    );
    assert_eq!(
        one("RQ01", "cc_unit_kinds", "CGC_C|FIRE"),
        due(
            "RQ01",
            "cc_unit_kinds two_parts: FIRE 在同一类别中出现两次 / FIRE has two parts in one type"
        )
    );
    assert_eq!(
        one("RQ01", "assist_unit_kinds", "FIRE|GAS"),
        due(
            "RQ01",
            "assist_unit_kinds two_parts: GAS 在同一类别中出现两次 / GAS has two parts in one type"
        )
    );
    assert_eq!(
        one("RQ01", "arrive_limit", "3h"),
        due(
            "RQ01",
            "arrive_limit longer_than_handle: 3h 长于办理时限 2h / 3h is longer than the limit 2h to handle"
        )
    );
    assert_eq!(
        one("RQ01", "acknowledge_limit", "1d"),
        due(
            "RQ01",
            "acknowledge_limit longer_than_handle: 1d 长于办理时限 2h / 1d is longer than the limit 2h to handle"
        )
    );
}

#[test]
fn a_class_without_a_subject_or_of_another_subject_is_refused() {
    assert_eq!(
        one("SQ01", "subject", ""),
        due(
            "SQ01",
            "subject required: subject 不能为空 / subject must not be empty"
        )
    );
    for other in ["person", "opinion", "Place", "own need"] {
        assert_eq!(
            one("SQ01", "subject", other),
            due(
                "SQ01",
                &format!(
                    "subject not_understood: subject 的值“{other}”看不懂 / the value \"{other}\" of subject is not understood"
                )
            )
        );
    }
}

#[test]
fn words_of_matters_that_have_their_own_lawful_way_are_refused() {
    for word in [
        "信访",
        "上访",
        "宗教",
        "祷告",
        "集会",
        "游行",
        "群体性",
        "维稳",
        "重点人员",
        "黑名单",
        "舆情",
        "言论",
        "社情民意",
    ] {
        for (column, value) in [
            ("name_zh", format!("{word}事项")),
            ("description_zh", format!("关于{word}的事")),
            ("keywords_zh", format!("希望|{word}")),
        ] {
            assert_eq!(
                one("SQ01", column, &value),
                due(
                    "SQ01",
                    &format!(
                        "{column} refused_word: 平台没有关于“{word}”的类别，请走法定渠道 / \"{word}\": the platform has no class for it, it has its own lawful way"
                    )
                )
            );
        }
    }
    assert_eq!(
        faults(&cell(
            "filing_conditions.csv",
            "CG02-1,",
            "filing_zh",
            "有人集会"
        )),
        [format!(
            "filing_conditions.csv:{} filing_zh refused_word",
            at("filing_conditions.csv", "CG02-1,")
        )]
    );
}

#[test]
fn a_class_is_found_by_words_and_its_words_are_short() {
    assert_eq!(
        one("SQ01", "keywords_zh", "| |"),
        due(
            "SQ01",
            "keywords_zh required: 没有关键词，群众的话找不到这个类别 / no key words: nobody's words would find this class"
        )
    );
    assert_eq!(
        one("SQ01", "keywords_zh", "公厕|座椅|公厕"),
        due(
            "SQ01",
            "keywords_zh duplicate: 关键词“公厕”出现两次 / the key word \"公厕\" appears twice"
        )
    );
    let long = "长".repeat(21);
    assert_eq!(
        one("SQ01", "keywords_zh", &format!("公厕|{long}")),
        due(
            "SQ01",
            "keywords_zh too_long: keywords_zh 有 21 个字，最多 20 个 / keywords_zh has 21 characters, 20 at most"
        )
    );
    let many: Vec<String> = (0..61).map(|n| format!("词{n}")).collect();
    assert_eq!(
        one("SQ01", "keywords_zh", &many.join("|")),
        due(
            "SQ01",
            "keywords_zh too_long: 关键词有 61 个，最多 60 个 / 61 key words, 60 at most"
        )
    );
    for (column, most) in [("name_zh", 80), ("name_en", 80), ("description_zh", 200)] {
        assert_eq!(
            one("SQ01", column, &"长".repeat(most + 1)),
            due(
                "SQ01",
                &format!(
                    "{column} too_long: {column} 有 {} 个字，最多 {most} 个 / {column} has {} characters, {most} at most",
                    most + 1,
                    most + 1
                )
            )
        );
        assert_eq!(
            one("SQ01", column, "一\u{7}二"),
            due(
                "SQ01",
                &format!(
                    "{column} not_understood: {column} 含有不可见的控制字符 / {column} holds a control character"
                )
            )
        );
        assert_eq!(
            one("SQ01", column, ""),
            due(
                "SQ01",
                &format!("{column} required: {column} 不能为空 / {column} must not be empty")
            )
        );
    }
}

#[test]
fn a_skip_rule_that_cannot_be_read_is_refused() {
    assert_eq!(
        one(
            "RQ01",
            "skip_level",
            "urgency=high:county;severity>major:city"
        ),
        due(
            "RQ01",
            "skip_level skip_rule: 越级规则“severity>major:city”看不懂，应如 urgency=high:county 或 severity>=major:city / the skip rule \"severity>major:city\" cannot be read: urgency=high:county or severity>=major:city"
        )
    );
}

#[test]
fn matters_of_persons_and_what_has_no_place_are_never_on_the_public_map() {
    let persons = "public_map public_persons: 纠纷和人的事项不上公开地图 / disputes and matters of persons are never on the public map";
    for code in ["MD10", "TS01", "MS"] {
        let files = cells(&[
            (CLASSES, &format!("{code},"), "public_map", "1"),
            (CLASSES, &format!("{code},"), "needs_position", "1"),
        ]);
        assert_eq!(shown(&files), due(code, persons));
    }
    let own_need = cells(&[(CLASSES, "SQ01,", "subject", "own_need")]);
    assert_eq!(
        shown(&own_need),
        due("SQ01", persons),
        "a need of one's own, whatever the class"
    );
    let dispute = cells(&[
        (CLASSES, "LY05,", "public_map", "1"),
        (CLASSES, "LY05,", "needs_position", "1"),
    ]);
    assert_eq!(
        shown(&dispute),
        due("LY05", persons),
        "a dispute, whatever the class"
    );
    assert_eq!(
        one("SQ01", "needs_position", "0"),
        due(
            "SQ01",
            "public_map public_without_position: 不要求位置的类别不能上公开地图 / without a position it cannot be on the public map"
        )
    );
}

#[test]
fn other_values_of_a_class_are_read_as_words_or_refused() {
    for (column, value) in [
        ("default_severity", "huge"),
        ("default_urgency", "sometimes"),
        ("lowest_close_level", "street"),
        ("needs_photo", "two"),
        ("needs_position", "yes"),
        ("call_back", "never"),
        ("public_map", "2"),
    ] {
        assert_eq!(
            one("RQ04", column, value),
            due(
                "RQ04",
                &format!(
                    "{column} not_understood: {column} 的值“{value}”看不懂 / the value \"{value}\" of {column} is not understood"
                )
            )
        );
    }
    let row = at(CLASSES, "RQ04,");
    assert_eq!(
        faults(&with(CLASSES, "RQ04,RQ,", "RQ04,RQ,one,too,many,")),
        [format!("classes.csv:{row}  broken_row")]
    );
}

#[test]
fn parents_are_there_and_never_go_in_a_circle() {
    assert_eq!(
        one("RQ04", "parent", "AQ"),
        due(
            "RQ04",
            "parent wrong_parent: 上级应为“RQ” / the parent should be \"RQ\""
        )
    );
    let top = line(CLASSES, "JT,");
    let first = at(CLASSES, "JT,");
    let without = faults(&with(CLASSES, &top, ""));
    let due_all: Vec<String> = (first..first + 8)
        .map(|n| format!("classes.csv:{n} parent missing_parent"))
        .collect();
    assert_eq!(
        without, due_all,
        "each type of the top class that is missing"
    );
    let twice = line(CLASSES, "RQ04,");
    assert_eq!(
        shown(&with(CLASSES, &twice, &format!("{twice}{twice}"))),
        [format!(
            "classes.csv:{} code duplicate: 类别代码重复 / the class appears twice",
            at(CLASSES, "RQ04,") + 1
        )]
    );
    assert_eq!(
        one("RQ", "parent", "RQ"),
        due(
            "RQ",
            "parent cycle: 上级绕成了圈：RQ → RQ / the parents go in a circle: RQ → RQ"
        )
    );
    let pair = cells(&[
        (CLASSES, "AQ,", "parent", "RQ"),
        (CLASSES, "RQ,", "parent", "AQ"),
    ]);
    assert_eq!(
        shown(&pair),
        due(
            "AQ",
            "parent cycle: 上级绕成了圈：AQ → RQ → AQ / the parents go in a circle: AQ → RQ → AQ"
        )
    );
    let down = cells(&[(CLASSES, "RQ,", "parent", "RQ04")]);
    assert_eq!(
        shown(&down),
        due(
            "RQ",
            "parent cycle: 上级绕成了圈：RQ → RQ04 → RQ / the parents go in a circle: RQ → RQ04 → RQ"
        )
    );
    let two = cells(&[
        (CLASSES, "AQ01,", "parent", "AQ02"),
        (CLASSES, "AQ02,", "parent", "AQ03"),
        (CLASSES, "AQ03,", "parent", "AQ01"),
        (CLASSES, "ZX,", "parent", "ZX"),
    ]);
    assert_eq!(
        faults(&two),
        [
            format!("classes.csv:{} parent cycle", at(CLASSES, "AQ01,")),
            format!("classes.csv:{} parent cycle", at(CLASSES, "ZX,")),
        ],
        "each circle once"
    );
}

#[test]
fn a_row_with_a_fault_makes_no_faults_elsewhere() {
    // CG01 has filing conditions and AQ01 limits by severity, a plan and rungs: none of them is unknown now.
    let files = cells(&[
        (CLASSES, "CG01,", "name_zh", ""),
        (CLASSES, "AQ01,", "accept_limit", "soon"),
        ("unit_kinds.csv", "GAS,", "level", "high"),
    ]);
    assert_eq!(
        faults(&files),
        [
            format!(
                "unit_kinds.csv:{} level not_understood",
                at("unit_kinds.csv", "GAS,")
            ),
            format!("classes.csv:{} accept_limit limit", at(CLASSES, "AQ01,")),
            format!("classes.csv:{} name_zh required", at(CLASSES, "CG01,")),
        ]
    );
}

#[test]
fn a_table_of_classes_without_rows_is_refused() {
    let header = line(CLASSES, "code,");
    let mut files = rule_files();
    for (file, text) in &mut files {
        if file == CLASSES {
            text.clone_from(&header);
        }
    }
    let empty = shown(&files);
    assert_eq!(
        empty[0],
        "classes.csv:0  empty: 类别表是空的 / the table of classes is empty"
    );
    let unknown = |file: &str| {
        empty
            .iter()
            .filter(|f| f.starts_with(file) && f.contains("unknown_class"))
            .count()
    };
    assert_eq!(unknown("limits_by_severity.csv"), 150);
    assert_eq!(unknown("filing_conditions.csv"), 79);
    assert_eq!(unknown("plans.csv"), 23);
    assert_eq!(unknown("ladder.csv"), 66);
}

#[test]
fn faults_of_limits_by_severity_are_named() {
    let name = "limits_by_severity.csv";
    let one = |column: &str, value: &str| shown(&cell(name, "AQ01,larger,", column, value));
    let row = at(name, "AQ01,larger,");
    assert_eq!(
        one("class", "ZZ01"),
        [format!(
            "{name}:{row} class unknown_class: classes.csv 中没有 ZZ01 / ZZ01 is not in classes.csv"
        )]
    );
    assert_eq!(
        one("severity", "ordinary"),
        [format!(
            "{name}:{row} severity duplicate: AQ01 的 ordinary 出现两次 / ordinary of AQ01 appears twice"
        )]
    );
    assert_eq!(
        one("severity", "major"),
        [format!(
            "{name}:{row} severity default_severity: major 是 AQ01 的默认等级，时限在 classes.csv / major is the default of AQ01: its limits are in classes.csv"
        )]
    );
    assert_eq!(
        one("arrive_limit", "7h"),
        [format!(
            "{name}:{row} arrive_limit longer_than_handle: 7h 长于办理时限 6h / 7h is longer than the limit 6h to handle"
        )]
    );
    assert_eq!(
        faults(&changed(&[(name, "AQ01,larger,2min,", "AQ01,large,0min,")])),
        [
            format!("{name}:{row} severity not_understood"),
            format!("{name}:{row} accept_limit limit")
        ]
    );
}

#[test]
fn faults_of_filing_conditions_are_named() {
    let name = "filing_conditions.csv";
    let row = at(name, "CG02-1,");
    let one = |column: &str, value: &str| shown(&cell(name, "CG02-1,", column, value));
    assert_eq!(
        one("class", "ZZ01"),
        [format!(
            "{name}:{row} class unknown_class: classes.csv 中没有 ZZ01 / ZZ01 is not in classes.csv"
        )]
    );
    assert_eq!(
        one("class", "CG01"),
        [format!(
            "{name}:{row} code wrong_class: 代码应以 CG01- 开头 / the code should begin with CG01-"
        )]
    );
    let twice = line(name, "CG02-1,");
    assert_eq!(
        shown(&added(name, "CG02-1,", twice.trim_end())),
        [format!(
            "{name}:{} code duplicate: 立案条件代码重复 / the condition appears twice",
            row + 1
        )]
    );
    assert_eq!(
        one("code", "CG02"),
        [format!(
            "{name}:{row} code not_understood: code 的值“CG02”看不懂 / the value \"CG02\" of code is not understood"
        )]
    );
    for column in ["filing_zh", "filing_en", "closing_zh", "closing_en"] {
        assert_eq!(
            one(column, ""),
            [format!(
                "{name}:{row} {column} required: {column} 不能为空 / {column} must not be empty"
            )]
        );
        assert_eq!(
            one(column, &"x".repeat(201)),
            [format!(
                "{name}:{row} {column} too_long: {column} 有 201 个字，最多 200 个 / {column} has 201 characters, 200 at most"
            )]
        );
    }
    assert_eq!(
        faults(&cell(name, "CG02-1,", "handle_limit", "")),
        [format!("{name}:{row} handle_limit limit")]
    );
}
