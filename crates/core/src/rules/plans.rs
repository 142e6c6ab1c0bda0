//! Response plans.

use std::collections::BTreeMap;

use super::{KindEntry, Severity};
use crate::cases::Part;
use crate::code::{ClassCode, PlanCode, UnitKind};
use crate::label::Label;
use crate::time::Limit;
use crate::words;

/// One unit that a plan sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanUnit {
    /// Place in the plan.
    pub no: String,
    /// Kind of unit.
    pub kind: UnitKind,
    /// Lead, assist or cc.
    pub part: Part,
    /// Its own limit to acknowledge; goes before the limit of the class.
    pub acknowledge: Limit,
    /// The kind that is called when none of `kind` is left.
    pub fallback: UnitKind,
    /// What it has to do, Chinese.
    pub task_zh: String,
    /// What it has to do, English.
    pub task_en: String,
}

words! {
    /// What shows that a step is done.
    pub enum Proof {
        /// 不要求
        None = "none",
        /// 照片
        Photo = "photo",
        /// 位置
        Position = "position",
        /// 数字
        Number = "number",
        /// 文字
        Text = "text",
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    /// Place in the plan.
    pub no: String,
    /// Who does it: a kind that the plan sends, or the one that commands.
    pub actor: UnitKind,
    /// By when after the start of the plan.
    pub target: Limit,
    /// Whether it may not be left out.
    pub mandatory: bool,
    /// What shows that it is done.
    pub proof: Proof,
    /// The step, Chinese.
    pub step_zh: String,
    /// The step, English.
    pub step_en: String,
}

/// A response plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// `P_GAS`.
    pub code: PlanCode,
    /// Chinese name.
    pub name_zh: Label,
    /// English name.
    pub name_en: Label,
    /// The types that start it.
    pub triggers: Vec<ClassCode>,
    /// The least severity at which it starts.
    pub min_severity: Severity,
    /// The kind of unit that commands; none only in a rule set from before this was asked for.
    pub commander_kind: Option<UnitKind>,
    /// People within this distance are warned; 0 when nobody is.
    pub warn_radius_m: u32,
    /// Whether the message goes out only with the consent of those concerned.
    pub needs_consent: bool,
    /// Message to residents, Chinese, with blanks such as `{place}`.
    pub message_zh: String,
    /// Message to residents, English, with the same blanks.
    pub message_en: String,
    /// The units it sends at once; exactly one is the lead.
    pub units: Vec<PlanUnit>,
    /// Its steps, in order of time.
    pub steps: Vec<PlanStep>,
}

/// All plans and kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plans {
    pub(super) plans: BTreeMap<PlanCode, Plan>,
    pub(super) by_class: BTreeMap<ClassCode, PlanCode>,
    pub(super) kinds: BTreeMap<UnitKind, KindEntry>,
}

impl Plans {
    /// A plan by its code.
    pub fn get(&self, code: &PlanCode) -> Option<&Plan> {
        self.plans.get(code)
    }

    /// All plans, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values()
    }

    /// The plan that a type starts; a type starts at most one.
    pub fn for_class(&self, class: &ClassCode) -> Option<&Plan> {
        self.by_class.get(class).and_then(|code| self.get(code))
    }

    /// A kind of unit.
    pub fn kind(&self, kind: &UnitKind) -> Option<&KindEntry> {
        self.kinds.get(kind)
    }

    /// All kinds of units, by code.
    pub fn kinds(&self) -> impl Iterator<Item = (&UnitKind, &KindEntry)> {
        self.kinds.iter()
    }
}
