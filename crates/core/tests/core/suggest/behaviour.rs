//! What a suggestion always does: dangers first, reasons with it, the same answer for the same words, faults of its tables
//! named.

use jingwei_core::code::PlanCode;
use jingwei_core::suggest::{FEATURES, MOST_SUGGESTED, Suggestions};

use super::{faults, shipped, suggested};
use crate::support::SHIPPED;

fn text_of(name: &str) -> &'static str {
    let found = SHIPPED.iter().find(|(file, _)| *file == name);
    found.expect("a shipped table").1
}

#[test]
fn dangers_that_are_there_now_come_with_their_numbers() {
    for (text, first) in [
        ("三楼厨房起火了，浓烟往楼上窜", "119"),
        ("一进楼道就闻到一股臭鸡蛋味", "96777"),
        ("我爸在家突然晕倒，叫不醒", "120"),
        ("有两个人在路口打起来了，一个手里拿刀", "110"),
        ("有个娃儿掉河里了，快来人", "119"),
        ("电梯停在半空，里面困了三个人，关在电梯里出不来", "119"),
        ("屋里烤火的两口子都头晕恶心，没得力气", "120"),
        ("楼顶上坐着个女的要跳楼", "110"),
        ("高压线断了掉在路上，还在冒火花", "119"),
    ] {
        let told = suggested(text);
        assert_eq!(
            told.emergency.first().map(String::as_str),
            Some(first),
            "{text}: {:?}",
            told.dangers
        );
    }
}

#[test]
fn a_danger_denied_feared_or_past_is_none() {
    for text in [
        "只是冬天烧水有点水汽，没有着火",
        "上个月着过火，现在想问墙面谁来修",
        "电线老化得厉害，怕着火",
        "楼道堆满纸箱，容易着火",
        "路灯不亮三天了",
        "请问低保怎么申请",
    ] {
        let told = suggested(text);
        assert_eq!(
            told.emergency,
            Vec::<String>::new(),
            "{text}: {:?}",
            told.dangers
        );
    }
}

#[test]
fn a_class_of_the_danger_comes_first_and_starts_its_plan() {
    let told = suggested("我们单元楼道里有很重的煤气味，报警器在响");
    let first = &told.items[0];
    assert_eq!(first.class.as_str(), "RQ01");
    assert_eq!(first.plan.as_ref().map(PlanCode::as_str), Some("P_GAS"));
    assert!(told.out.is_none());
}

#[test]
fn every_suggestion_says_why_and_shares_stay_within_one() {
    for text in [
        "路灯坏了，巷子里黑漆漆的",
        "啊啊啊",
        "我家楼上天天拖凳子，吵得睡不着",
        "x",
    ] {
        let told = suggested(text);
        assert!((1..=MOST_SUGGESTED).contains(&told.items.len()), "{text}");
        let sum: f64 = told.items.iter().map(|item| item.score).sum();
        assert!(sum <= 1.0 + 1e-9, "{text}: {sum}");
        for item in &told.items {
            assert!(!item.reasons.is_empty(), "{text}: {}", item.class);
            assert!((0.0..=1.0).contains(&item.score));
        }
        assert_eq!(told, suggested(text), "the same words, the same answer");
    }
    let lamp = suggested("路灯坏了，巷子里黑漆漆的");
    assert!(
        lamp.items[0]
            .reasons
            .iter()
            .any(|r| r.zh.contains("“路灯”")),
        "{:?}",
        lamp.items[0].reasons
    );
    assert_eq!(suggested("　。！ \n"), Suggestions::default());
}

#[test]
fn words_may_raise_the_severity_but_never_lower_it() {
    let severity = |text: &str| suggested(text).items[0].severity.as_str();
    assert_eq!(severity("食堂吃了午饭，好几个人上吐下泻"), "larger");
    assert_eq!(severity("工地塌了，埋了好几个人，死了人"), "major");
    assert_eq!(severity("路灯不亮了"), "ordinary");
}

#[test]
fn a_long_text_is_read_to_its_end() {
    let filler = "这几天天气一直不错，我们一家人都在家里休息。".repeat(60);
    let told = suggested(&format!("{filler}楼下井盖不见了，晚上黑，怕有人掉下去。"));
    assert_eq!(told.items[0].class.as_str(), "SZ01", "{:?}", told.items);
}

#[test]
fn each_fault_of_its_tables_is_named() {
    let with = |name: &str, from: &str, to: &str| {
        let text = text_of(name);
        assert!(text.contains(from), "{name} holds {from}");
        faults(name, &text.replacen(from, to, 1))
    };
    assert_eq!(
        faults("suggestion.csv", text_of("suggestion.csv")),
        Vec::<String>::new()
    );
    assert_eq!(
        with("class_words.csv", "\nRQ01,,", "\nRQ98,,"),
        ["class_words.csv:94 class unknown_class"]
    );
    assert_eq!(
        with("class_words.csv", "\nQT01,unclear,", "\nQT01,vague,"),
        ["class_words.csv:90 part not_understood"]
    );
    assert_eq!(
        with("class_words.csv", "\nRQ02,,", "\nRQ01,,"),
        ["class_words.csv:95 class duplicate"]
    );
    assert_eq!(
        with("danger_words.csv", "96777|119|110,RQ01|RQ06", ",RQ01|RQ77"),
        [
            "danger_words.csv:13 classes unknown_class",
            "danger_words.csv:13 numbers required"
        ]
    );
    assert_eq!(
        with("severity_words.csv", "\nlarger,", "\nlarge,"),
        ["severity_words.csv:2 severity not_understood"]
    );
    assert_eq!(
        with("suggestion.csv", "\nkeyword,", "\nkeywords,"),
        [
            "suggestion.csv:2 feature unknown_feature",
            "suggestion.csv:0  missing_feature"
        ]
    );
    let names: Vec<_> = shipped("suggestion.csv")
        .rows()
        .map(|row| row.text("feature").to_owned())
        .collect();
    assert_eq!(names, FEATURES);
}
