//! RU-e: how often the suggestion is right on the 200 sentences, each judged by weights that were learned without it.
//!
//! The figures are printed (`--no-capture`), misses and all. The floors below are what was reached: nobody makes it worse
//! without seeing it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jingwei_core::code::PlanCode;
use jingwei_core::rules::Severity;
use jingwei_core::suggest::{FEATURE_COUNT, FEATURES, Row};

use super::learn::{Lesson, learn};
use super::{shipped, table};
use crate::support::rules;

/// Steps of learning from nothing.
const STEPS: usize = 15;
/// Steps of learning again without one sentence: all others are the same, so it ends near by.
const STEPS_WITHOUT: usize = 2;

/// A sentence of dispatch_examples.csv.
struct Example {
    code: String,
    kind: String,
    text: String,
    right: String,
    also: String,
    severity: Option<Severity>,
    plan: String,
}

fn examples() -> Vec<Example> {
    let table = table(
        "dispatch_examples.csv",
        include_str!("../../data/dispatch_examples.csv"),
    );
    table
        .rows()
        .map(|row| {
            let kind = row.text("kind").to_owned();
            let right = row.text(if kind == "out" { "hint" } else { "class" });
            Example {
                code: row.text("code").to_owned(),
                text: row.text("text_zh").to_owned(),
                right: right.to_owned(),
                also: row.text("also_class").to_owned(),
                severity: Severity::parse(row.text("severity")),
                plan: row.text("plan").to_owned(),
                kind,
            }
        })
        .collect()
}

fn lessons(examples: &[Example]) -> Vec<Lesson> {
    examples
        .iter()
        .map(|example| {
            let compared = rules().suggester.compared(&example.text);
            let right = compared.candidates.iter().position(|c| *c == example.right);
            Lesson {
                rows: compared.rows,
                right: right.unwrap_or_else(|| panic!("{} is a candidate", example.right)),
            }
        })
        .collect()
}

fn learned(lessons: &[Lesson]) -> Row {
    learn(lessons, None, [0.0; FEATURE_COUNT], STEPS)
}

#[test]
fn the_weights_shipped_are_those_learned() {
    let weights = learned(&lessons(&examples()));
    let told: String = FEATURES
        .iter()
        .zip(weights)
        .map(|(name, weight)| format!("{name},{weight:.4}\n"))
        .collect();
    let shown: BTreeMap<&str, String> = FEATURES
        .iter()
        .zip(weights)
        .map(|(name, weight)| (*name, format!("{weight:.4}")))
        .collect();
    if std::env::var_os("JINGWEI_UPDATE_SUGGESTION").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../data/rules/suggestion.csv"
        );
        let mut text = "feature,weight,text_zh,text_en\n".to_owned();
        for row in shipped("suggestion.csv").rows() {
            let name = row.text("feature");
            let (zh, en) = (row.text("text_zh"), row.text("text_en"));
            writeln!(text, "{name},{},{zh},{en}", shown[name]).expect("a line");
        }
        std::fs::write(path, text).expect("data/rules/suggestion.csv can be written");
        return;
    }
    for (at, name) in FEATURES.iter().enumerate() {
        let ours = rules().suggester.weights()[at];
        assert!(
            (ours - weights[at]).abs() < 0.001,
            "{name}: {ours} is shipped; learned are\n{told}run the test with JINGWEI_UPDATE_SUGGESTION=1 and look at the difference"
        );
    }
}

/// What came out, for one kind of sentence.
#[derive(Default)]
struct Figures {
    all: usize,
    first: usize,
    three: usize,
}

#[derive(Default)]
struct Outcome {
    kinds: BTreeMap<String, Figures>,
    out: usize,
    out_recognised: usize,
    out_right_way: usize,
    taken_for_out: usize,
    two: usize,
    two_both: usize,
    severity: usize,
    plan: usize,
    planned: usize,
    misses: Vec<String>,
}

impl Outcome {
    fn judge(&mut self, example: &Example, weights: Row) {
        let told = rules()
            .suggester
            .with_weights(weights)
            .suggest(&example.text, &rules().plans);
        let mut miss = |what: &str, got: &str| {
            self.misses.push(format!(
                "{} {what} {} -> {got}: {}",
                example.code, example.right, example.text
            ));
        };
        let hint = told.out.as_ref().map(|out| out.hint.as_str());
        if example.kind == "out" {
            self.out += 1;
            self.out_recognised += usize::from(hint.is_some());
            self.out_right_way += usize::from(hint == Some(&example.right));
            if hint != Some(&example.right) {
                miss("out", hint.unwrap_or("accepted"));
            }
            return;
        }
        let figures = self.kinds.entry(example.kind.clone()).or_default();
        figures.all += 1;
        if let Some(hint) = hint {
            self.taken_for_out += 1;
            miss("taken for out", hint);
        }
        let codes: Vec<&str> = told.items.iter().map(|item| item.class.as_str()).collect();
        match codes.iter().position(|code| *code == example.right) {
            Some(0) => figures.first += 1,
            place => miss(
                &place.map_or("not among five".to_owned(), |p| {
                    format!("in place {}", p + 1)
                }),
                codes.first().unwrap_or(&"nothing"),
            ),
        }
        let three = &codes[..codes.len().min(3)];
        figures.three += usize::from(three.contains(&example.right.as_str()));
        if !example.also.is_empty() {
            self.two += 1;
            self.two_both += usize::from(
                three.contains(&example.also.as_str()) && three.contains(&example.right.as_str()),
            );
        }
        let right = told
            .items
            .iter()
            .find(|item| item.class.as_str() == example.right);
        self.severity += usize::from(right.map(|item| item.severity) == example.severity);
        let plan = right
            .and_then(|item| item.plan.as_ref())
            .map_or("", PlanCode::as_str);
        self.planned += usize::from(!example.plan.is_empty());
        self.plan += usize::from(!example.plan.is_empty() && plan == example.plan);
    }

    fn sum(&self, of: fn(&Figures) -> usize) -> usize {
        self.kinds.values().map(of).sum()
    }

    fn told(&self) -> String {
        let mut text = String::new();
        let all = self.sum(|f| f.all);
        let mut line = |name: &str, part: usize, all: usize| {
            let share = 100.0 * part as f64 / all.max(1) as f64;
            writeln!(text, "{name:34} {part:3} of {all:3} {share:6.1} %").expect("a line");
        };
        line("right in the first place", self.sum(|f| f.first), all);
        line("right in the first three", self.sum(|f| f.three), all);
        for (kind, figures) in &self.kinds {
            line(&format!("  {kind}, first"), figures.first, figures.all);
            line(
                &format!("  {kind}, first three"),
                figures.three,
                figures.all,
            );
        }
        line("both matters in the first three", self.two_both, self.two);
        line("severity as written", self.severity, all);
        line("plan as written", self.plan, self.planned);
        line("OUT recognised", self.out_recognised, self.out);
        line("OUT with the right way", self.out_right_way, self.out);
        line("accepted taken for OUT", self.taken_for_out, all);
        for miss in &self.misses {
            writeln!(text, "miss: {miss}").expect("a line");
        }
        text
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are to be read")]
fn leave_one_out() {
    let examples = examples();
    let lessons = lessons(&examples);
    let start = learned(&lessons);
    let narrow: Vec<Lesson> = lessons.iter().map(|l| l.narrowed(&start)).collect();
    let mut outcome = Outcome::default();
    for (at, example) in examples.iter().enumerate() {
        let weights = learn(&narrow, Some(at), start, STEPS_WITHOUT);
        outcome.judge(example, weights);
    }
    let told = outcome.told();
    println!("{told}");
    assert_eq!((outcome.sum(|f| f.all), outcome.out), (182, 18));
    assert!(outcome.sum(|f| f.first) >= 160, "{told}");
    assert!(outcome.sum(|f| f.three) >= 180, "{told}");
    assert!(
        outcome.out_recognised >= 16 && outcome.out_right_way >= 14,
        "{told}"
    );
    assert_eq!(outcome.taken_for_out, 0, "{told}");
    assert!(outcome.two_both >= 13, "{told}");
}

/// Sentences of our own: what has another way to go, and what only sounds like it.
#[test]
#[expect(clippy::print_stdout, reason = "the figures are to be read")]
fn what_only_sounds_like_out_is_accepted() {
    let table = table(
        "out_sentences.csv",
        include_str!("../../data/out_sentences.csv"),
    );
    let (mut out, mut right, mut accepted, mut misses) = (0, 0, 0, Vec::new());
    for row in table.rows() {
        let (wanted, text) = (row.text("hint"), row.text("text_zh"));
        let told = super::suggested(text);
        let hint = told.out.map_or(String::new(), |out| out.hint);
        if wanted.is_empty() {
            accepted += 1;
            assert_eq!(hint, "", "a matter of this system: {text}");
        } else {
            out += 1;
            right += usize::from(hint == wanted);
            if hint != wanted {
                misses.push(format!("{wanted} -> {hint}: {text}"));
            }
        }
    }
    println!(
        "{right} of {out} with the right way, none of {accepted} taken for OUT; misses: {misses:#?}"
    );
    assert!(
        accepted >= 40 && out >= 40 && right + 2 >= out,
        "{misses:#?}"
    );
}
