//! Suggestions of class and plan from the words of a report, as they are asked for and shown.
//!
//! Must not keep, log or send on anything of the words: an answer is made from them and they are gone.

use std::net::IpAddr;

use jingwei_core::rules::RuleSet;
use jingwei_core::suggest::{Out, Reason, Suggester, Suggestion, Suggestions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cases::{ClassRef, EmergencyNumber, emergency_numbers, words_of_report};
use crate::error::Result;
use crate::node::Node;

/// Suggestions from one address in five minutes: a form asks again while somebody writes.
const RESIDENT_SUGGESTIONS: u32 = 60;
/// Classes that a resident is shown.
const RESIDENT_CLASSES: usize = 3;

/// The words of a report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestBody {
    /// What was seen or is asked, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// Why something is suggested.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReasonView {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// How much it says beside the other reasons.
    pub weight: f64,
}

/// A danger that the words tell of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DangerView {
    /// Which (`fire`, `gas`, …).
    pub danger: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// The words that say so.
    pub words: String,
}

/// Where a report belongs that is no matter of this system.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OutView {
    /// `petition`, `opinion`, `litigation`, `review`, `discipline`, `belief`, `assembly`, `person`, `advert` or `repeat`.
    pub hint: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// The right way to go, Chinese.
    pub way_zh: String,
    /// The right way to go, English.
    pub way_en: String,
    /// How likely, 0 to 1.
    pub score: f64,
    /// Why.
    pub reasons: Vec<ReasonView>,
}

/// A class that fits.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SuggestionView {
    /// The type.
    pub class: ClassRef,
    /// How likely, 0 to 1.
    pub score: f64,
    /// Severity that the words and the type say.
    pub severity: String,
    /// Urgency of the type.
    pub urgency: String,
    /// The plan that the type starts at this severity.
    pub plan: Option<ClassRef>,
    /// Why.
    pub reasons: Vec<ReasonView>,
}

/// What is suggested to a member of staff. Nothing of the words is kept.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SuggestionsView {
    /// In danger, call first, in this order; empty when the words tell of none.
    pub emergency: Vec<EmergencyNumber>,
    /// The dangers.
    pub dangers: Vec<DangerView>,
    /// Where it belongs when it is no matter of this system.
    pub out: Option<OutView>,
    /// At most five classes, those of a danger first, then the likeliest first.
    pub items: Vec<SuggestionView>,
}

/// What is suggested to a resident. Nothing of the words is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResidentSuggestionsView {
    /// In danger, call first, in this order; empty when the words tell of none.
    pub emergency: Vec<EmergencyNumber>,
    /// The right way to go, Chinese, when it is no matter of this system.
    pub way_zh: Option<String>,
    /// The same in English.
    pub way_en: Option<String>,
    /// At most three classes to choose from.
    pub classes: Vec<ClassRef>,
}

impl Node {
    /// Suggests to a member of staff.
    pub fn suggest(&self, body: &SuggestBody) -> Result<SuggestionsView> {
        let text = words_of_report("/text", &body.text)?;
        let world = self.shared.world();
        let said = suggested(&world.rules.suggester, &world.rules, &text);
        Ok(SuggestionsView {
            emergency: numbers(&said),
            out: said.out.map(out),
            items: said
                .items
                .into_iter()
                .map(|s| item(s, &world.rules))
                .collect(),
            dangers: said
                .dangers
                .into_iter()
                .map(|danger| DangerView {
                    danger: danger.code,
                    name_zh: danger.name_zh,
                    name_en: danger.name_en,
                    words: danger.words,
                })
                .collect(),
        })
    }

    /// Suggests to a resident without an account.
    pub fn resident_suggest(
        &self,
        body: &SuggestBody,
        from: IpAddr,
    ) -> Result<ResidentSuggestionsView> {
        self.resident_try("suggest", from, RESIDENT_SUGGESTIONS)?;
        let text = words_of_report("/text", &body.text)?;
        let world = self.shared.world();
        let said = suggested(&world.rules.suggester, &world.rules, &text);
        let (way_zh, way_en) = said.out.clone().map(|out| (out.way_zh, out.way_en)).unzip();
        Ok(ResidentSuggestionsView {
            emergency: numbers(&said),
            way_zh,
            way_en,
            classes: said
                .items
                .into_iter()
                .take(RESIDENT_CLASSES)
                .map(|suggestion| class(&suggestion, &world.rules))
                .collect(),
        })
    }
}

fn suggested(suggester: &Suggester, rules: &RuleSet, text: &str) -> Suggestions {
    suggester.suggest(text, &rules.plans)
}

/// The numbers with what they are for; one that this place has no word for is shown as it is.
fn numbers(said: &Suggestions) -> Vec<EmergencyNumber> {
    let known = emergency_numbers();
    said.emergency
        .iter()
        .map(|number| {
            let found = known.iter().find(|known| known.number == *number);
            found.cloned().unwrap_or_else(|| EmergencyNumber {
                number: number.clone(),
                zh: "应急电话".to_owned(),
                en: "emergency number".to_owned(),
            })
        })
        .collect()
}

fn reasons(all: Vec<Reason>) -> Vec<ReasonView> {
    all.into_iter()
        .map(|reason| ReasonView {
            zh: reason.zh,
            en: reason.en,
            weight: reason.weight,
        })
        .collect()
}

fn out(out: Out) -> OutView {
    OutView {
        hint: out.hint,
        name_zh: out.name_zh,
        name_en: out.name_en,
        way_zh: out.way_zh,
        way_en: out.way_en,
        score: out.score,
        reasons: reasons(out.reasons),
    }
}

fn class(suggestion: &Suggestion, rules: &RuleSet) -> ClassRef {
    let code = suggestion.class.as_str();
    let named = rules.classes.get(&suggestion.class);
    ClassRef {
        code: code.to_owned(),
        name_zh: named
            .map_or(code, |class| class.name_zh.as_str())
            .to_owned(),
        name_en: named
            .map_or(code, |class| class.name_en.as_str())
            .to_owned(),
    }
}

fn item(suggestion: Suggestion, rules: &RuleSet) -> SuggestionView {
    let plan = suggestion
        .plan
        .as_ref()
        .and_then(|code| rules.plans.get(code));
    SuggestionView {
        class: class(&suggestion, rules),
        score: suggestion.score,
        severity: suggestion.severity.as_str().to_owned(),
        urgency: suggestion.urgency.as_str().to_owned(),
        plan: plan.map(|plan| ClassRef {
            code: plan.code.as_str().to_owned(),
            name_zh: plan.name_zh.as_str().to_owned(),
            name_en: plan.name_en.as_str().to_owned(),
        }),
        reasons: reasons(suggestion.reasons),
    }
}
