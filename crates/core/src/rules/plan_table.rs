//! Reading plans.csv, plan_units.csv and plan_steps.csv.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::class_table::{Listed, unknown};
use super::plans::{Plan, PlanStep, PlanUnit, Plans, Proof};
use super::table::{Fault, Faults, Row, Table};
use super::{Classes, KindAct, KindEntry, Severity, message, refused};
use crate::cases::Part;
use crate::code::{ClassCode, PlanCode, UnitKind};

/// Most characters of a message to residents.
const MESSAGE: usize = 500;
/// Most characters of a task or a step.
const TASK: usize = 200;
/// Nobody is warned farther away than this.
const RADIUS: u32 = 100_000;

/// What the tables of plans refer to.
pub(super) struct Known<'t> {
    pub(super) classes: &'t Classes,
    /// Of classes.csv, also rows with faults.
    pub(super) listed_classes: &'t Listed<'t>,
    /// Of unit_kinds.csv, also rows with faults.
    pub(super) listed_kinds: &'t Listed<'t>,
}

/// The plans while they are read.
struct Reading<'t> {
    plans: Plans,
    rows: HashMap<PlanCode, Row<'t>>,
    /// Of plans.csv, also rows with faults.
    listed: Listed<'t>,
    known: Known<'t>,
}

/// plans.csv, plan_units.csv and plan_steps.csv.
pub(super) fn read_plans<'t>(
    [plans, units, steps]: [&'t Table; 3],
    kinds: BTreeMap<UnitKind, KindEntry>,
    known: Known<'t>,
    faults: &mut Faults,
) -> Plans {
    let mut all = Reading {
        plans: Plans {
            kinds,
            ..Plans::default()
        },
        rows: HashMap::new(),
        listed: plans.listed("code"),
        known,
    };
    all.read_plans(plans, faults);
    all.read_units(units, faults);
    all.read_steps(steps, units, &mut faults.holes);
    let listed = steps.listed("plan");
    for plan in all.plans.plans.values() {
        let leads = plan
            .units
            .iter()
            .filter(|unit| unit.part == Part::Lead)
            .count();
        if leads != 1 {
            faults.broken.push(units.fault(
                "one_lead",
                format!("预案 {} 有 {leads} 个主办，应恰有一个", plan.code),
                format!(
                    "the plan {} has {leads} lead units; exactly one is due",
                    plan.code
                ),
            ));
        }
        if let (false, Some(row)) = (
            listed.contains(plan.code.as_str()),
            all.rows.get(&plan.code),
        ) {
            faults.holes.push(row.fault(
                "code",
                "no_steps",
                format!("plan_steps.csv 中没有预案 {} 的步骤", plan.code),
                format!("the plan {} has no steps in plan_steps.csv", plan.code),
            ));
        }
    }
    all.plans
}

fn does_not(row: Row<'_>, column: &str, code: &'static str, kind: &UnitKind) -> Fault {
    let (zh, en) = match code {
        "does_not_command" => ("指挥", "command"),
        _ => ("办理事项", "handle cases"),
    };
    row.fault(
        column,
        code,
        format!("{kind} 不{zh}"),
        format!("{kind} does not {en}"),
    )
}

impl<'t> Reading<'t> {
    fn read_plans(&mut self, table: &'t Table, faults: &mut Faults) {
        let Faults { broken, holes } = faults;
        for row in table.rows() {
            let commander_kind = self.commander(row, holes);
            let warn_radius_m = radius(row, holes);
            let needs_consent = row.flag("needs_consent", holes).unwrap_or(false);
            let [message_zh, message_en] = ["message_zh", "message_en"]
                .map(|column| row.short(column, MESSAGE, holes).to_owned());
            message::same_blanks(row, &message_zh, &message_en, holes);
            refused::check(row, &["name_zh", "message_zh"], holes);
            let (Some(code), Some(name_zh), Some(name_en), Some(min_severity)) = (
                row.word("code", PlanCode::parse, broken),
                row.label("name_zh", broken),
                row.label("name_en", broken),
                row.word("min_severity", Severity::parse, broken),
            ) else {
                continue;
            };
            let triggers = self.triggers(row, &code, broken, holes);
            let plan = Plan {
                code: code.clone(),
                name_zh,
                name_en,
                triggers,
                min_severity,
                commander_kind,
                warn_radius_m,
                needs_consent,
                message_zh,
                message_en,
                units: Vec::new(),
                steps: Vec::new(),
            };
            if self.plans.plans.insert(code.clone(), plan).is_some() {
                broken.push(row.fault("code", "duplicate", "预案重复", "the plan appears twice"));
            }
            self.rows.insert(code, row);
        }
    }

    fn triggers(
        &mut self,
        row: Row<'_>,
        plan: &PlanCode,
        broken: &mut Vec<Fault>,
        holes: &mut Vec<Fault>,
    ) -> Vec<ClassCode> {
        let mut triggers = Vec::new();
        for text in row.list("trigger_types") {
            let read = |class: &ClassCode| self.known.classes.get(class).is_some();
            let Some(class) = ClassCode::parse(text).filter(read) else {
                broken.extend(unknown(
                    row,
                    "trigger_types",
                    text,
                    self.known.listed_classes,
                ));
                continue;
            };
            if class.is_top() {
                holes.push(row.fault(
                    "trigger_types",
                    "not_a_type",
                    format!("{class} 是大类，预案由小类启动"),
                    format!("{class} is a top class; a plan is started by a type"),
                ));
            }
            if self.plans.by_class.contains_key(&class) {
                broken.push(row.fault(
                    "trigger_types",
                    "two_plans",
                    format!("{class} 已经启动另一个预案"),
                    format!("{class} starts another plan already"),
                ));
            } else {
                self.plans.by_class.insert(class.clone(), plan.clone());
                triggers.push(class);
            }
        }
        if row.text("trigger_types").is_empty() {
            holes.push(row.fault(
                "trigger_types",
                "required",
                "没有类别启动这个预案",
                "no type starts this plan",
            ));
        }
        triggers
    }

    fn commander(&self, row: Row<'_>, faults: &mut Vec<Fault>) -> Option<UnitKind> {
        let known = |text: &str| UnitKind::parse(text).filter(|k| self.plans.kind(k).is_some());
        let kind = row.word("commander_kind", known, faults)?;
        if self
            .plans
            .kind(&kind)
            .is_some_and(|k| !k.does(KindAct::Commands))
        {
            faults.push(does_not(row, "commander_kind", "does_not_command", &kind));
        }
        Some(kind)
    }

    /// A kind that unit_kinds.csv names.
    fn kind(&self, text: &str) -> Option<UnitKind> {
        let listed = self.known.listed_kinds.contains(text);
        UnitKind::parse(text).filter(|_| listed)
    }

    fn does_not(&self, kind: &UnitKind, act: KindAct) -> bool {
        let entry = self.plans.kind(kind);
        entry.is_some_and(|entry| entry.does_not(act))
    }

    fn read_units(&mut self, units: &Table, faults: &mut Faults) {
        let Faults { broken, holes } = faults;
        let (mut numbers, mut sent) = (HashSet::new(), HashSet::new());
        for row in units.rows() {
            let Some(code) = row.word("plan", PlanCode::parse, broken) else {
                continue;
            };
            let known = |text: &str| self.kind(text);
            let (Some(kind), Some(part), Some(fallback)) = (
                row.word("unit_kind", known, broken),
                row.word("role", Part::parse, broken),
                row.word("fallback_kind", known, broken),
            ) else {
                continue;
            };
            let Some(acknowledge) = row.limit("acknowledge_limit", broken) else {
                continue;
            };
            if acknowledge.is_work() {
                holes.push(row.fault(
                    "acknowledge_limit",
                    "work_limit",
                    format!("预案随时启动，“{acknowledge}”按工作日历计算，请用 s、min 或 h"),
                    format!("a plan starts at any hour, and \"{acknowledge}\" runs on the work calendar: use s, min or h"),
                ));
            }
            if kind == fallback {
                holes.push(row.fault(
                    "fallback_kind",
                    "cycle",
                    format!("后备绕成了圈：{kind} → {kind}"),
                    format!("the fallback goes in a circle: {kind} → {kind}"),
                ));
            }
            let idle = |kind| self.does_not(kind, KindAct::Handles);
            if part == Part::Lead && idle(&kind) {
                holes.push(does_not(row, "unit_kind", "does_not_handle", &kind));
            }
            if part != Part::Cc && idle(&fallback) {
                holes.push(does_not(row, "fallback_kind", "does_not_handle", &fallback));
            }
            let number = row.short("no", 8, holes);
            if !numbers.insert((code.clone(), number)) {
                holes.push(twice(row, "no", number));
            }
            if !sent.insert((code.clone(), kind.clone())) {
                holes.push(twice(row, "unit_kind", kind.as_str()));
            }
            let [task_zh, task_en] =
                ["task_zh", "task_en"].map(|column| row.short(column, TASK, holes).to_owned());
            refused::check(row, &["task_zh"], holes);
            let unit = PlanUnit {
                no: number.to_owned(),
                kind,
                part,
                acknowledge,
                fallback,
                task_zh,
                task_en,
            };
            match self.plans.plans.get_mut(&code) {
                Some(plan) => plan.units.push(unit),
                None => broken.extend(unknown_plan(row, &self.listed)),
            }
        }
    }

    fn read_steps(&mut self, steps: &Table, units: &Table, faults: &mut Vec<Fault>) {
        let sent: HashSet<(&str, &str)> = units
            .rows()
            .map(|row| (row.text("plan"), row.text("unit_kind")))
            .collect();
        let commands = |plan: &PlanCode, actor: &str| {
            let row = self.rows.get(plan);
            row.is_some_and(|row| row.text("commander_kind") == actor)
        };
        for row in steps.rows() {
            let Some(code) = row.word("plan", PlanCode::parse, faults) else {
                continue;
            };
            let Some(plan) = self.plans.plans.get_mut(&code) else {
                faults.extend(unknown_plan(row, &self.listed));
                continue;
            };
            let no = row.short("no", 8, faults);
            let actor = row.word("actor_kind", UnitKind::parse, faults);
            let target = row.limit("target", faults);
            let mandatory = row.flag("mandatory", faults);
            let proof = row.word("proof", Proof::parse, faults);
            let [step_zh, step_en] =
                ["step_zh", "step_en"].map(|column| row.short(column, TASK, faults).to_owned());
            refused::check(row, &["step_zh"], faults);
            let (Some(actor), Some(target), Some(mandatory), Some(proof)) =
                (actor, target, mandatory, proof)
            else {
                continue;
            };
            if !sent.contains(&(code.as_str(), actor.as_str())) && !commands(&code, actor.as_str())
            {
                faults.push(row.fault(
                    "actor_kind",
                    "not_sent",
                    format!("预案 {code} 不派 {actor}"),
                    format!("the plan {code} does not send {actor}"),
                ));
            }
            if let Some(last) = plan.steps.last() {
                in_order(row, last, no, target.milliseconds(), faults);
            }
            plan.steps.push(PlanStep {
                no: no.to_owned(),
                actor,
                target,
                mandatory,
                proof,
                step_zh,
                step_en,
            });
        }
    }
}

/// A step comes after the one before it, by its number and by its time.
fn in_order(row: Row<'_>, last: &PlanStep, no: &str, target: i64, faults: &mut Vec<Fault>) {
    if no <= last.no.as_str() {
        faults.push(row.fault(
            "no",
            "out_of_order",
            format!("步骤 {no} 应在 {} 之后", last.no),
            format!("the step {no} should come after {}", last.no),
        ));
    }
    if target < last.target.milliseconds() {
        faults.push(row.fault(
            "target",
            "out_of_order",
            format!("时间早于上一步的 {}", last.target),
            format!("it is due before the step above, {}", last.target),
        ));
    }
}

fn unknown_plan(row: Row<'_>, listed: &Listed<'_>) -> Option<Fault> {
    (!listed.contains(row.text("plan"))).then(|| {
        row.fault(
            "plan",
            "unknown_plan",
            "plans.csv 中没有这个预案",
            "the plan is not in plans.csv",
        )
    })
}

fn twice(row: Row<'_>, column: &str, what: &str) -> Fault {
    row.fault(
        column,
        "duplicate",
        format!("{what} 在同一预案中出现两次"),
        format!("{what} appears twice in the plan"),
    )
}

fn radius(row: Row<'_>, faults: &mut Vec<Fault>) -> u32 {
    let parse = |text: &str| text.parse().ok().filter(|metres| *metres <= RADIUS);
    row.word("warn_radius_m", parse, faults).unwrap_or(0)
}
