//! Reads the tables of the suggestion; every fault is named as in all tables.

use std::collections::{BTreeMap, BTreeSet};

use super::Suggester;
use super::danger::{Danger, expressions};
use super::features::{FEATURE_COUNT, FEATURES};
use super::index::{Candidate, Index, Part, Source, Target};
use super::words::Words;
use crate::code::ClassCode;
use crate::rules::table::{Fault, Row, Table};
use crate::rules::{Severity, Urgency};

/// The tables it is made from.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'t> {
    /// classes.csv.
    pub classes: &'t Table,
    /// class_words.csv.
    pub class_words: &'t Table,
    /// synonyms.csv.
    pub synonyms: &'t Table,
    /// out_words.csv.
    pub out_words: &'t Table,
    /// danger_words.csv.
    pub danger_words: &'t Table,
    /// severity_words.csv.
    pub severity_words: &'t Table,
    /// suggestion.csv.
    pub weights: &'t Table,
}

impl Tables<'_> {
    /// The files and the columns that are read; others may stand beside them.
    pub const COLUMNS: [(&'static str, &'static [&'static str]); 6] = [
        ("class_words.csv", &["class", "part", "words_zh"]),
        ("synonyms.csv", &["head", "words_zh"]),
        (
            "out_words.csv",
            &["hint", "name_zh", "name_en", "words_zh", "way_zh", "way_en"],
        ),
        (
            "danger_words.csv",
            &[
                "danger",
                "numbers",
                "classes",
                "name_zh",
                "name_en",
                "words_zh",
                "unless_zh",
            ],
        ),
        ("severity_words.csv", &["severity", "words_zh", "unless_zh"]),
        ("suggestion.csv", &["feature", "weight"]),
    ];
}

impl Suggester {
    /// Reads the tables. What is not understood goes into `faults`, and then nothing made from them should be used.
    pub fn read(tables: Tables<'_>, faults: &mut Vec<Fault>) -> Self {
        let mut words = Words::new(synonyms(tables.synonyms, faults));
        let dangers = dangers(tables, &mut words, faults);
        let severities = tables
            .severity_words
            .rows()
            .filter_map(|row| {
                let severity = row.word("severity", Severity::parse, faults)?;
                Some((
                    severity,
                    expressions(&mut words, row.list("words_zh")),
                    expressions(&mut words, row.list("unless_zh")),
                ))
            })
            .collect();
        let (sources, tops) = sources(tables, faults);
        Self {
            index: Index::new(words, sources, &tops),
            dangers,
            severities,
            weights: weights(tables.weights, faults),
        }
    }
}

fn synonyms(table: &Table, faults: &mut Vec<Fault>) -> BTreeMap<String, Vec<String>> {
    let mut heads = BTreeMap::new();
    for row in table.rows() {
        let all = row.list("words_zh").map(str::to_owned).collect();
        if heads.insert(row.text("head").to_owned(), all).is_some() {
            faults.push(row.fault("head", "duplicate", "词头重复", "the head appears twice"));
        }
    }
    heads
}

fn dangers(tables: Tables<'_>, words: &mut Words, faults: &mut Vec<Fault>) -> Vec<Danger> {
    let known = codes(tables.classes);
    tables
        .danger_words
        .rows()
        .map(|row| {
            let mut classes = Vec::new();
            for text in row.list("classes") {
                match ClassCode::parse(text).filter(|_| known.contains(text)) {
                    Some(code) => classes.push(code),
                    None => faults.push(unknown_class(&row, "classes", text)),
                }
            }
            let numbers: Vec<String> = row.list("numbers").map(str::to_owned).collect();
            if numbers.is_empty() {
                faults.push(row.fault(
                    "numbers",
                    "required",
                    "每种险情至少要有一个电话",
                    "a danger needs a number to call",
                ));
            }
            Danger {
                code: row.text("danger").to_owned(),
                numbers,
                classes,
                name_zh: row.text("name_zh").to_owned(),
                name_en: row.text("name_en").to_owned(),
                words: expressions(words, row.list("words_zh")),
                unless: expressions(words, row.list("unless_zh")),
            }
        })
        .collect()
}

fn codes(classes: &Table) -> BTreeSet<&str> {
    classes.rows().map(|row| row.text("code")).collect()
}

fn unknown_class(row: &Row<'_>, column: &str, text: &str) -> Fault {
    row.fault(
        column,
        "unknown_class",
        format!("classes.csv 中没有 {text}"),
        format!("{text} is not in classes.csv"),
    )
}

/// The candidates with their texts, and the words of each top class.
fn sources(tables: Tables<'_>, faults: &mut Vec<Fault>) -> (Vec<Source>, Vec<Vec<String>>) {
    let known = codes(tables.classes);
    let mut said: BTreeMap<String, (Part, Vec<String>)> = BTreeMap::new();
    for row in tables.class_words.rows() {
        let code = row.text("class");
        if !known.contains(code) {
            faults.push(unknown_class(&row, "class", code));
        }
        let Some(part) = part_of(&row, faults) else {
            continue;
        };
        let all = row.list("words_zh").map(str::to_owned).collect();
        if said.insert(code.to_owned(), (part, all)).is_some() {
            faults.push(row.fault("class", "duplicate", "类别重复", "the class appears twice"));
        }
    }
    let mut said_of = |row: &Row<'_>| {
        let keywords: Vec<String> = row.list("keywords_zh").map(str::to_owned).collect();
        let none = (Part::Usual, Vec::new());
        let (part, words) = said.remove(row.text("code")).unwrap_or(none);
        (keywords, part, words)
    };
    let is_top = |row: &Row<'_>| row.text("parent").is_empty();
    let mut tops: Vec<(&str, Vec<String>)> = Vec::new();
    for row in tables.classes.rows().filter(is_top) {
        let (keywords, _, words) = said_of(&row);
        tops.push((row.text("code"), [keywords, words].concat()));
    }
    let mut sources = Vec::new();
    for row in tables.classes.rows().filter(|row| !is_top(row)) {
        let (code, parent) = (row.text("code"), row.text("parent"));
        let (keywords, part, words) = said_of(&row);
        // What is wrong with a code, a parent or a severity is told by whoever reads the classes.
        let (Some(parsed), Some(severity), Some(urgency), Some(top)) = (
            ClassCode::parse(code),
            Severity::parse(row.text("default_severity")),
            Urgency::parse(row.text("default_urgency")),
            tops.iter().position(|(top, _)| *top == parent),
        ) else {
            continue;
        };
        sources.push(Source {
            candidate: Candidate {
                target: Target::Class {
                    code: parsed,
                    part,
                    severity,
                    urgency,
                },
                name_zh: row.text("name_zh").to_owned(),
                name_en: row.text("name_en").to_owned(),
                top,
            },
            description: row.text("description_zh").to_owned(),
            keywords,
            words,
        });
    }
    let mut tops: Vec<Vec<String>> = tops.into_iter().map(|(_, words)| words).collect();
    tops.push(Vec::new());
    for row in tables.out_words.rows() {
        sources.push(Source {
            candidate: Candidate {
                target: Target::Out {
                    hint: row.text("hint").to_owned(),
                    way_zh: row.text("way_zh").to_owned(),
                    way_en: row.text("way_en").to_owned(),
                },
                name_zh: row.text("name_zh").to_owned(),
                name_en: row.text("name_en").to_owned(),
                top: tops.len() - 1,
            },
            description: String::new(),
            keywords: Vec::new(),
            words: row.list("words_zh").map(str::to_owned).collect(),
        });
    }
    (sources, tops)
}

fn part_of(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<Part> {
    let text = row.text("part");
    let part = Part::parse(text);
    if part.is_none() {
        faults.push(row.fault(
            "part",
            "not_understood",
            format!("part 的值“{text}”看不懂；可用 rest、unclear 或空"),
            format!("the value \"{text}\" of part is not understood; rest, unclear or nothing"),
        ));
    }
    part
}

fn weights(table: &Table, faults: &mut Vec<Fault>) -> [f64; FEATURE_COUNT] {
    let mut weights = [0.0; FEATURE_COUNT];
    let mut seen = BTreeSet::new();
    for row in table.rows() {
        let name = row.text("feature");
        let Some(at) = FEATURES.iter().position(|known| *known == name) else {
            faults.push(row.fault(
                "feature",
                "unknown_feature",
                format!("没有 {name} 这一项；可用：{}", FEATURES.join(", ")),
                format!("{name} is not known; known are {}", FEATURES.join(", ")),
            ));
            continue;
        };
        let number = |text: &str| text.parse::<f64>().ok().filter(|weight| weight.is_finite());
        if let Some(weight) = row.word("weight", number, faults) {
            weights[at] = weight;
        }
        seen.insert(name);
    }
    for missing in FEATURES.iter().filter(|name| !seen.contains(**name)) {
        faults.push(table.fault(
            "missing_feature",
            format!("缺少 {missing} 的权重"),
            format!("the weight of {missing} is missing"),
        ));
    }
    weights
}
