//! Classes and plans, shown: what the tables say, with the digest of the rules they come from.

use jingwei_core::code::UnitKind;
use jingwei_core::rules::{Class, FilingCondition, Plan, PlanStep, PlanUnit, RuleSet};
use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::view::{ClassRef, EmergencyNumber, LimitsView};
use crate::node::Node;

/// A class with its limits and what it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassView {
    /// Code and names.
    #[serde(flatten)]
    pub class: ClassRef,
    /// Top class; none for a top class.
    pub parent: Option<String>,
    /// What it covers, Chinese.
    pub description_zh: String,
    /// What a report of it is about: `place`, `thing`, `event`, `own_need`; none in rules from before this was asked for.
    pub subject: Option<String>,
    /// Default severity.
    pub severity: String,
    /// Default urgency.
    pub urgency: String,
    /// Kind of unit that is responsible.
    pub responsible: KindRef,
    /// Kinds of units that help.
    pub assists: Vec<KindRef>,
    /// Kinds of units that are told.
    pub ccs: Vec<KindRef>,
    /// The six limits at the default severity, by stage.
    pub limits: LimitsView,
    /// The six limits of the severities that have their own.
    pub limits_by_severity: Vec<SeverityLimits>,
    /// Pictures it cannot do without: `before`, `after`, `both`, `none`.
    pub needs_photo: String,
    /// Whether it needs a position.
    pub needs_position: bool,
    /// Whether the reporter is called back: `required`, `sample`, `none`.
    pub call_back: String,
    /// The least level at which it closes.
    pub close_level: String,
    /// When a higher centre hears at once, beside the normal way.
    pub skip: Vec<SkipView>,
    /// Whether its cases stand on the public map.
    pub public: bool,
    /// Conditions of filing, each with its own limit and what has to be so at closing.
    pub conditions: Vec<ConditionView>,
    /// The plan it starts.
    pub plan: Option<String>,
}

/// The limits of one severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeverityLimits {
    /// The severity.
    pub severity: String,
    /// Its limits.
    pub limits: LimitsView,
}

/// A rule by which levels are skipped upward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SkipView {
    /// `urgency=high`, `severity>=major`.
    pub when: String,
    /// Level of the centre that hears at once.
    pub level: String,
}

/// A condition of filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConditionView {
    /// Code.
    pub code: String,
    /// What is found, Chinese.
    pub filing_zh: String,
    /// What is found, English.
    pub filing_en: String,
    /// Limit to handle.
    pub handle: String,
    /// What has to be so at closing, Chinese.
    pub closing_zh: String,
    /// What has to be so at closing, English.
    pub closing_en: String,
}

/// A kind of unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindRef {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// All classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassList {
    /// By code.
    pub items: Vec<ClassView>,
    /// Digest of the rules they come from.
    pub rules: String,
    /// In danger, call first.
    pub emergency: Vec<EmergencyNumber>,
}

/// A response plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanEntry {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// The types that start it.
    pub triggers: Vec<ClassRef>,
    /// The least severity at which it starts.
    pub min_severity: String,
    /// The kind of unit that commands; none in rules from before this was asked for.
    pub commander: Option<KindRef>,
    /// People within this distance are warned, metres; 0 when nobody is.
    pub warn_radius_m: u32,
    /// Whether the message goes out only with the consent of those concerned.
    pub needs_consent: bool,
    /// Message to residents, Chinese, with blanks such as `{place}`.
    pub message_zh: String,
    /// Message to residents, English, with the same blanks.
    pub message_en: String,
    /// Whom it sends at once.
    pub units: Vec<PlanUnitEntry>,
    /// Its steps, in order of time.
    pub steps: Vec<PlanStepEntry>,
}

/// A unit that a plan sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanUnitEntry {
    /// Place in the plan.
    pub no: String,
    /// Kind of unit.
    pub kind: KindRef,
    /// `lead`, `assist`, `cc`.
    pub part: String,
    /// Limit to acknowledge.
    pub acknowledge: String,
    /// The kind that is called when none of `kind` is left.
    pub fallback: KindRef,
    /// What it has to do, Chinese.
    pub task_zh: String,
    /// What it has to do, English.
    pub task_en: String,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanStepEntry {
    /// Place in the plan.
    pub no: String,
    /// Who does it.
    pub actor: KindRef,
    /// By when after the start of the plan.
    pub target: String,
    /// Whether it may not be left out.
    pub mandatory: bool,
    /// What shows that it is done: `none`, `photo`, `position`, `number`, `text`.
    pub proof: String,
    /// The step, Chinese.
    pub step_zh: String,
    /// The step, English.
    pub step_en: String,
}

/// All plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanList {
    /// By code.
    pub items: Vec<PlanEntry>,
    /// Digest of the rules they come from.
    pub rules: String,
}

impl Node {
    /// All classes with their limits.
    pub fn classes(&self) -> ClassList {
        let world = self.shared.world();
        let rules = &world.rules;
        let classes = rules.classes.iter();
        ClassList {
            items: classes.map(|class| class_view(class, rules)).collect(),
            rules: rules.digest.hex(),
            emergency: crate::cases::emergency_numbers(),
        }
    }

    /// All plans with their units, steps and messages.
    pub fn plans(&self) -> PlanList {
        let world = self.shared.world();
        let rules = &world.rules;
        let plans = rules.plans.iter();
        PlanList {
            items: plans.map(|plan| plan_entry(plan, rules)).collect(),
            rules: rules.digest.hex(),
        }
    }
}

fn class_ref(class: &Class) -> ClassRef {
    ClassRef {
        code: class.code.as_str().to_owned(),
        name_zh: class.name_zh.as_str().to_owned(),
        name_en: class.name_en.as_str().to_owned(),
    }
}

fn kind_ref(kind: &UnitKind, rules: &RuleSet) -> KindRef {
    let entry = rules.plans.kind(kind);
    let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
    KindRef {
        code: kind.as_str().to_owned(),
        name_zh: name(entry.map(|entry| entry.name_zh.as_str())),
        name_en: name(entry.map(|entry| entry.name_en.as_str())),
    }
}

fn class_view(class: &Class, rules: &RuleSet) -> ClassView {
    let kinds = |kinds: &[UnitKind]| kinds.iter().map(|kind| kind_ref(kind, rules)).collect();
    let own = class.limits_by_severity();
    let skip = class.skip.iter();
    let plan = rules.plans.for_class(&class.code);
    ClassView {
        class: class_ref(class),
        parent: (!class.code.is_top()).then(|| class.code.top().as_str().to_owned()),
        description_zh: class.description_zh.clone(),
        subject: class.subject.map(|subject| subject.as_str().to_owned()),
        severity: class.severity.as_str().to_owned(),
        urgency: class.urgency.as_str().to_owned(),
        responsible: kind_ref(&class.responsible, rules),
        assists: kinds(&class.assists),
        ccs: kinds(&class.ccs),
        limits: LimitsView::of(&class.limits),
        limits_by_severity: own
            .map(|(severity, limits)| SeverityLimits {
                severity: severity.as_str().to_owned(),
                limits: LimitsView::of(limits),
            })
            .collect(),
        needs_photo: class.needs_photo.as_str().to_owned(),
        needs_position: class.needs_position,
        call_back: class.call_back.as_str().to_owned(),
        close_level: class.close_level.as_str().to_owned(),
        skip: skip
            .map(|rule| SkipView {
                when: rule.when.to_string(),
                level: rule.level.as_str().to_owned(),
            })
            .collect(),
        public: class.public_map,
        conditions: class.conditions.iter().map(condition_view).collect(),
        plan: plan.map(|plan| plan.code.as_str().to_owned()),
    }
}

fn condition_view(condition: &FilingCondition) -> ConditionView {
    ConditionView {
        code: condition.code.as_str().to_owned(),
        filing_zh: condition.filing_zh.clone(),
        filing_en: condition.filing_en.clone(),
        handle: condition.handle.to_string(),
        closing_zh: condition.closing_zh.clone(),
        closing_en: condition.closing_en.clone(),
    }
}

fn plan_entry(plan: &Plan, rules: &RuleSet) -> PlanEntry {
    let triggers = plan.triggers.iter();
    let commander = plan.commander_kind.as_ref();
    PlanEntry {
        code: plan.code.as_str().to_owned(),
        name_zh: plan.name_zh.as_str().to_owned(),
        name_en: plan.name_en.as_str().to_owned(),
        triggers: triggers
            .filter_map(|code| rules.classes.get(code))
            .map(class_ref)
            .collect(),
        min_severity: plan.min_severity.as_str().to_owned(),
        commander: commander.map(|kind| kind_ref(kind, rules)),
        warn_radius_m: plan.warn_radius_m,
        needs_consent: plan.needs_consent,
        message_zh: plan.message_zh.clone(),
        message_en: plan.message_en.clone(),
        units: plan.units.iter().map(|u| unit_entry(u, rules)).collect(),
        steps: plan.steps.iter().map(|s| step_entry(s, rules)).collect(),
    }
}

fn unit_entry(unit: &PlanUnit, rules: &RuleSet) -> PlanUnitEntry {
    PlanUnitEntry {
        no: unit.no.clone(),
        kind: kind_ref(&unit.kind, rules),
        part: unit.part.as_str().to_owned(),
        acknowledge: unit.acknowledge.to_string(),
        fallback: kind_ref(&unit.fallback, rules),
        task_zh: unit.task_zh.clone(),
        task_en: unit.task_en.clone(),
    }
}

fn step_entry(step: &PlanStep, rules: &RuleSet) -> PlanStepEntry {
    PlanStepEntry {
        no: step.no.clone(),
        actor: kind_ref(&step.actor, rules),
        target: step.target.to_string(),
        mandatory: step.mandatory,
        proof: step.proof.as_str().to_owned(),
        step_zh: step.step_zh.clone(),
        step_en: step.step_en.clone(),
    }
}
