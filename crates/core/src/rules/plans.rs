//! Response plans and kinds of unit: plans.csv, plan_units.csv, unit_kinds.csv.

use std::collections::BTreeMap;

use super::table::{Fault, Table};
use super::{Classes, Severity};
use crate::cases::Part;
use crate::code::{ClassCode, Level, PlanCode, UnitKind};
use crate::label::Label;
use crate::time::Limit;

/// A kind of unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindEntry {
    /// Chinese name.
    pub name_zh: Label,
    /// English name.
    pub name_en: Label,
    /// Level at which units of this kind usually stand.
    pub level: Level,
}

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
    /// The units it sends at once; exactly one is the lead.
    pub units: Vec<PlanUnit>,
}

/// All plans and kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plans {
    plans: BTreeMap<PlanCode, Plan>,
    kinds: BTreeMap<UnitKind, KindEntry>,
}

impl Plans {
    /// A plan by its code.
    pub fn get(&self, code: &PlanCode) -> Option<&Plan> {
        self.plans.get(code)
    }

    /// The plan that a type starts; a type starts at most one.
    pub fn for_class(&self, class: &ClassCode) -> Option<&Plan> {
        self.plans
            .values()
            .find(|plan| plan.triggers.contains(class))
    }

    /// A kind of unit.
    pub fn kind(&self, kind: &UnitKind) -> Option<&KindEntry> {
        self.kinds.get(kind)
    }

    pub(super) fn read(
        plans: &Table,
        units: &Table,
        kinds: &Table,
        classes: &Classes,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let mut all = Self::default();
        for row in kinds.rows() {
            let (Some(code), Some(name_zh), Some(name_en), Some(level)) = (
                row.word("code", UnitKind::parse, faults),
                row.word("name_zh", Label::new, faults),
                row.word("name_en", Label::new, faults),
                row.word("level", Level::parse, faults),
            ) else {
                continue;
            };
            let before = all.kinds.insert(
                code,
                KindEntry {
                    name_zh,
                    name_en,
                    level,
                },
            );
            if before.is_some() {
                faults.push(row.fault(
                    "code",
                    "duplicate",
                    "单位种类重复",
                    "the kind appears twice",
                ));
            }
        }
        for row in plans.rows() {
            let (Some(code), Some(name_zh), Some(name_en), Some(min_severity)) = (
                row.word("code", PlanCode::parse, faults),
                row.word("name_zh", Label::new, faults),
                row.word("name_en", Label::new, faults),
                row.word("min_severity", Severity::parse, faults),
            ) else {
                continue;
            };
            let mut triggers = Vec::new();
            for text in row.list("trigger_types") {
                match ClassCode::parse(text).filter(|class| classes.get(class).is_some()) {
                    Some(class) if all.for_class(&class).is_some() => faults.push(row.fault(
                        "trigger_types",
                        "two_plans",
                        format!("{class} 已经启动另一个预案"),
                        format!("{class} starts another plan already"),
                    )),
                    Some(class) => triggers.push(class),
                    None => faults.push(row.fault(
                        "trigger_types",
                        "unknown_class",
                        format!("classes.csv 中没有 {text}"),
                        format!("{text} is not in classes.csv"),
                    )),
                }
            }
            let before = all.plans.insert(
                code.clone(),
                Plan {
                    code,
                    name_zh,
                    name_en,
                    triggers,
                    min_severity,
                    units: Vec::new(),
                },
            );
            if before.is_some() {
                faults.push(row.fault("code", "duplicate", "预案重复", "the plan appears twice"));
            }
        }
        all.read_units(units, faults);
        for plan in all.plans.values() {
            let leads = plan
                .units
                .iter()
                .filter(|unit| unit.part == Part::Lead)
                .count();
            if leads != 1 {
                faults.push(units.fault(
                    "one_lead",
                    format!("预案 {} 有 {leads} 个主办，应恰有一个", plan.code),
                    format!(
                        "the plan {} has {leads} lead units; exactly one is due",
                        plan.code
                    ),
                ));
            }
        }
        all
    }

    fn read_units(&mut self, units: &Table, faults: &mut Vec<Fault>) {
        for row in units.rows() {
            let Some(plan) = row.word("plan", PlanCode::parse, faults) else {
                continue;
            };
            let (Some(kind), Some(part), Some(fallback)) = (
                row.word(
                    "unit_kind",
                    |text| UnitKind::parse(text).filter(|kind| self.kinds.contains_key(kind)),
                    faults,
                ),
                row.word("role", Part::parse, faults),
                row.word(
                    "fallback_kind",
                    |text| UnitKind::parse(text).filter(|kind| self.kinds.contains_key(kind)),
                    faults,
                ),
            ) else {
                continue;
            };
            let acknowledge = match Limit::parse(row.text("acknowledge_limit")) {
                Ok(limit) => limit,
                Err((zh, en)) => {
                    faults.push(row.fault("acknowledge_limit", "limit", zh, en));
                    continue;
                }
            };
            let unit = PlanUnit {
                no: row.text("no").to_owned(),
                kind,
                part,
                acknowledge,
                fallback,
                task_zh: row.text("task_zh").to_owned(),
                task_en: row.text("task_en").to_owned(),
            };
            match self.plans.get_mut(&plan) {
                Some(plan) => plan.units.push(unit),
                None => faults.push(row.fault(
                    "plan",
                    "unknown_plan",
                    "plans.csv 中没有这个预案",
                    "the plan is not in plans.csv",
                )),
            }
        }
    }
}
