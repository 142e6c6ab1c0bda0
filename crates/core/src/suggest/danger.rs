//! Whether a text tells of a danger that is there now: emergencies come before everything else.
//!
//! A danger is not one when it is denied ("没有着火"), feared or forbidden ("怕着火"), or past ("上个月着过火"). In doubt the
//! numbers are shown: a number too many costs less than one too few.

use super::text::BREAK;
use super::words::{Expression, Found, Place, Words};
use crate::code::ClassCode;

/// Words before a danger that take it back.
const DENIED: [&str; 23] = [
    "没有",
    "没得",
    "没",
    "并没",
    "不是",
    "无",
    "未",
    "不会",
    "不得",
    "怕",
    "担心",
    "防止",
    "避免",
    "以免",
    "免得",
    "容易",
    "可能会",
    "会",
    "差点",
    "小心",
    "万一",
    "要是",
    "预防",
];
/// Words that put what follows into the past, unless the same clause says that it is now.
const PAST: [&str; 16] = [
    "上个月",
    "上周",
    "上星期",
    "去年",
    "前年",
    "以前",
    "之前",
    "曾经",
    "几年前",
    "前几天",
    "早就",
    "已经扑灭",
    "已经灭",
    "已经处理",
    "发生过",
    "当年",
];
const NOW: [&str; 8] = ["现在", "正在", "又", "刚刚", "刚才", "还在", "马上", "突然"];

/// A danger of danger_words.csv.
#[derive(Debug, Clone)]
pub(super) struct Danger {
    pub(super) code: String,
    pub(super) numbers: Vec<String>,
    pub(super) classes: Vec<ClassCode>,
    pub(super) name_zh: String,
    pub(super) name_en: String,
    pub(super) words: Vec<Expression>,
    pub(super) unless: Vec<Expression>,
}

/// Every danger found with the place of its first word, in the order of the text.
pub(super) fn found<'d>(
    dangers: &'d [Danger],
    text: &[char],
    found: &Found,
) -> Vec<(&'d Danger, Vec<Place>)> {
    let mut all: Vec<(&Danger, Vec<Place>)> = dangers
        .iter()
        .filter_map(|danger| {
            let unless: Vec<Place> = danger
                .unless
                .iter()
                .flat_map(|e| found.every(e))
                .flatten()
                .collect();
            danger
                .words
                .iter()
                .flat_map(|expression| found.every(expression))
                .find(|places| holds(text, places, &unless))
                .map(|places| (danger, places))
        })
        .collect();
    all.sort_by_key(|(_, places)| places.iter().map(|p| p.from).min());
    all
}

fn holds(text: &[char], places: &[Place], unless: &[Place]) -> bool {
    places.iter().all(|place| {
        let from = text[..place.from]
            .iter()
            .rposition(|c| *c == BREAK)
            .map_or(0, |at| at + 1);
        let to = text[place.end()..]
            .iter()
            .position(|c| *c == BREAK)
            .map_or(text.len(), |at| place.end() + at);
        let clause: String = text[from..to].iter().collect();
        let before: String = text[from..place.from].iter().collect();
        let after: String = text[place.end()..to].iter().collect();
        let denied = DENIED.iter().any(|word| before.ends_with(word));
        let past = PAST.iter().any(|word| clause.contains(word))
            && !NOW.iter().any(|word| clause.contains(word));
        let excepted = unless
            .iter()
            .any(|other| from <= other.from && other.end() <= to);
        !denied && !past && !excepted && !after.starts_with("过")
    })
}

/// Numbers of the dangers in their order, each once.
pub(super) fn numbers(found: &[(&Danger, Vec<Place>)]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for number in found.iter().flat_map(|(danger, _)| &danger.numbers) {
        if !all.contains(number) {
            all.push(number.clone());
        }
    }
    all
}

/// Takes the expressions of a cell in.
pub(super) fn expressions<'a>(
    words: &mut Words,
    texts: impl Iterator<Item = &'a str>,
) -> Vec<Expression> {
    texts.filter_map(|text| words.expression(text)).collect()
}
