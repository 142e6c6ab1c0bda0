//! Suggestion of class, severity and plan from the words of a report, with reasons; dangers are recognised first.
//!
//! A suggestion decides nothing: a person does. Every number behind it can be read: expressions in tables, one weight for
//! each of [`FEATURES`] in suggestion.csv. Keeps nothing of the text, looks at no clock, and says the same for the same text.
//! docs/suggestion.md tells how it scores and how the weights are learned.

mod danger;
mod features;
mod index;
mod read;
mod reasons;
mod text;
mod words;

pub use features::{FEATURE_COUNT, FEATURES, Row};
pub use read::Tables;
pub use reasons::Reason;

use crate::code::{ClassCode, PlanCode};
use crate::rules::{Plans, Severity, Urgency};
use danger::Danger;
use features::Evidence;
use index::{Index, Target};
use words::Expression;

/// Most classes of an answer.
pub const MOST_SUGGESTED: usize = 5;
/// Classes that are always shown, however unlikely: there is something to choose from.
const ALWAYS_SUGGESTED: usize = 3;
/// A further class below this share is not worth reading.
const LEAST_SHARE: f64 = 0.005;
/// From this share on a class of a danger that was recognised comes first.
const DANGER_SHARE: f64 = 0.05;
/// From this share on a report is taken for one that has another way to go.
const OUT_SHARE: f64 = 0.5;

/// A class that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The type.
    pub class: ClassCode,
    /// Its share among everything the text may be, 0 to 1.
    pub score: f64,
    /// The severity of the type, raised where the words say more.
    pub severity: Severity,
    /// The urgency of the type.
    pub urgency: Urgency,
    /// The plan that the type starts at this severity.
    pub plan: Option<PlanCode>,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// A danger that is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DangerSeen {
    /// Code of danger_words.csv.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// The words that say so.
    pub words: String,
}

/// What is not a matter of this system, and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Out {
    /// Which kind (`petition`, `opinion`, …).
    pub hint: String,
    /// Chinese name of the kind.
    pub name_zh: String,
    /// English name of the kind.
    pub name_en: String,
    /// The right way, Chinese.
    pub way_zh: String,
    /// The right way, English.
    pub way_en: String,
    /// Share of all such kinds together, 0 to 1.
    pub score: f64,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// The answer for a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suggestions {
    /// Dangers that are there now, in the order of the text.
    pub dangers: Vec<DangerSeen>,
    /// Numbers to call, in the order in which to call them; empty without a danger.
    pub emergency: Vec<String>,
    /// Where the report belongs when it is no matter of this system.
    pub out: Option<Out>,
    /// Classes, the likeliest first, at most [`MOST_SUGGESTED`].
    pub items: Vec<Suggestion>,
}

/// Suggests; made once from the tables.
#[derive(Debug, Clone)]
pub struct Suggester {
    index: Index,
    dangers: Vec<Danger>,
    severities: Vec<(Severity, Vec<Expression>, Vec<Expression>)>,
    weights: Row,
}

/// What a text was compared with: one row for each candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Code of the type, or hint.
    pub candidates: Vec<String>,
    /// The numbers of each.
    pub rows: Vec<Row>,
}

impl Suggester {
    /// The weights, in the order of [`FEATURES`].
    pub fn weights(&self) -> &Row {
        &self.weights
    }

    /// The numbers behind a suggestion.
    pub fn compared(&self, text: &str) -> Compared {
        let text = text::normal(text);
        let (_, evidence) = self.evidence(&text);
        let candidates = self.index.candidates.iter().map(|c| match &c.target {
            Target::Class { code, .. } => code.to_string(),
            Target::Out { hint, .. } => hint.clone(),
        });
        Compared {
            candidates: candidates.collect(),
            rows: evidence.rows,
        }
    }

    fn evidence(&self, text: &[char]) -> (Seen<'_>, Evidence) {
        let found = self.index.words.find(text);
        let dangers = danger::found(&self.dangers, text, &found);
        let of_danger = |of: usize| match &self.index.candidates[of].target {
            Target::Class { code, .. } => dangers.iter().any(|(d, _)| d.classes.contains(code)),
            Target::Out { .. } => false,
        };
        let evidence = features::compare(&self.index, text, &found, &of_danger);
        let severity = self
            .severities
            .iter()
            .filter(|(_, words, unless)| {
                let says = |all: &[Expression]| all.iter().any(|e| found.of(e).is_some());
                says(words) && !says(unless)
            })
            .map(|(severity, _, _)| *severity)
            .max();
        (Seen { dangers, severity }, evidence)
    }

    /// Suggests for a text.
    pub fn suggest(&self, report: &str, plans: &Plans) -> Suggestions {
        self.suggest_by(report, plans, &self.weights)
    }

    /// Suggests for a text by other weights; learning tries them.
    pub fn suggest_by(&self, report: &str, plans: &Plans, weights: &Row) -> Suggestions {
        let text = text::normal(report);
        if text.is_empty() {
            return Suggestions::default();
        }
        let (seen, evidence) = self.evidence(&text);
        let shares = shares(&evidence.rows, weights);
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
        let classes =
            order
                .iter()
                .copied()
                .filter_map(|of| match &self.index.candidates[of].target {
                    Target::Class {
                        code,
                        severity,
                        urgency,
                        ..
                    } => Some((of, code, *severity, *urgency)),
                    Target::Out { .. } => None,
                });
        let mut items: Vec<Suggestion> = classes
            .take(MOST_SUGGESTED)
            .enumerate()
            .filter(|(place, (of, ..))| *place < ALWAYS_SUGGESTED || shares[*of] >= LEAST_SHARE)
            .map(|(_, (of, class, severity, urgency))| {
                let severity = seen.severity.map_or(severity, |said| severity.max(said));
                Suggestion {
                    class: class.clone(),
                    score: shares[of],
                    severity,
                    urgency,
                    plan: plans
                        .for_class(class)
                        .filter(|plan| plan.min_severity <= severity)
                        .map(|plan| plan.code.clone()),
                    reasons: reasons::of(&self.index, of, &evidence, &text, weights),
                }
            })
            .collect();
        let urgent = |item: &Suggestion| {
            item.score >= DANGER_SHARE
                && seen
                    .dangers
                    .iter()
                    .any(|(d, _)| d.classes.contains(&item.class))
        };
        items.sort_by_key(|item| !urgent(item));
        Suggestions {
            emergency: danger::numbers(&seen.dangers),
            out: self.out(&seen, &shares, &order).map(|(of, out)| Out {
                reasons: reasons::of(&self.index, of, &evidence, &text, weights),
                ..out
            }),
            items,
            dangers: seen.told(&text),
        }
    }

    /// The way to go when the report is most likely no matter of this system. A danger that is there now always is one.
    fn out(&self, seen: &Seen<'_>, shares: &[f64], order: &[usize]) -> Option<(usize, Out)> {
        let outs: Vec<(usize, &Target)> = order
            .iter()
            .map(|of| (*of, &self.index.candidates[*of].target))
            .filter(|(_, target)| matches!(target, Target::Out { .. }))
            .collect();
        let score: f64 = outs.iter().map(|(of, _)| shares[*of]).sum();
        if score < OUT_SHARE || !seen.dangers.is_empty() {
            return None;
        }
        let (
            of,
            Target::Out {
                hint,
                way_zh,
                way_en,
            },
        ) = outs.first()?
        else {
            return None;
        };
        let candidate = &self.index.candidates[*of];
        let out = Out {
            hint: hint.clone(),
            name_zh: candidate.name_zh.clone(),
            name_en: candidate.name_en.clone(),
            way_zh: way_zh.clone(),
            way_en: way_en.clone(),
            score,
            reasons: Vec::new(),
        };
        Some((*of, out))
    }
}

/// Shares of all candidates, summing to 1.
fn shares(rows: &[Row], weights: &Row) -> Vec<f64> {
    let scores: Vec<f64> = rows
        .iter()
        .map(|row| row.iter().zip(weights).map(|(x, w)| x * w).sum())
        .collect();
    let most = scores.iter().copied().fold(f64::MIN, f64::max);
    let parts: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
    let all: f64 = parts.iter().sum();
    parts.iter().map(|part| part / all).collect()
}

/// What is seen before classes are compared.
struct Seen<'s> {
    dangers: Vec<(&'s Danger, Vec<words::Place>)>,
    severity: Option<Severity>,
}

impl Seen<'_> {
    fn told(&self, text: &[char]) -> Vec<DangerSeen> {
        self.dangers
            .iter()
            .map(|(danger, places)| DangerSeen {
                code: danger.code.clone(),
                name_zh: danger.name_zh.clone(),
                name_en: danger.name_en.clone(),
                words: reasons::said(text, places, "、"),
            })
            .collect()
    }
}
