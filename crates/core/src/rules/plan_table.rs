//! Reading unit_kinds.csv, plans.csv, plan_units.csv and plan_steps.csv.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::plans::{KindAct, KindEntry, Plan, PlanStep, PlanUnit, Plans, Proof};
use super::table::{Fault, Faults, Row, Table};
use super::{Classes, Severity, refused};
use crate::cases::Part;
use crate::code::{ClassCode, Level, PlanCode, UnitKind};

/// Most characters of a message to residents.
const MESSAGE: usize = 500;
/// Most characters of a task or a step.
const TASK: usize = 200;
/// Nobody is warned farther away than this.
const RADIUS: u32 = 100_000;

/// unit_kinds.csv.
pub(super) fn read_kinds(table: &Table, faults: &mut Faults) -> BTreeMap<UnitKind, KindEntry> {
    let Faults { broken, holes } = faults;
    let mut kinds = BTreeMap::new();
    for row in table.rows() {
        let acts = kind_acts(row, holes);
        let emergency = row.flag("emergency", holes).unwrap_or(false);
        let (Some(code), Some(name_zh), Some(name_en), Some(level)) = (
            row.word("code", UnitKind::parse, broken),
            row.label("name_zh", broken),
            row.label("name_en", broken),
            row.word("level", Level::parse, broken),
        ) else {
            continue;
        };
        let entry = KindEntry {
            name_zh,
            name_en,
            level,
            acts,
            emergency,
        };
        if kinds.insert(code, entry).is_some() {
            broken.push(row.fault(
                "code",
                "duplicate",
                "单位种类重复",
                "the kind appears twice",
            ));
        }
    }
    kinds
}

fn kind_acts(row: Row<'_>, faults: &mut Vec<Fault>) -> Vec<KindAct> {
    let mut acts = Vec::new();
    for word in row.list("acts") {
        match KindAct::parse(word) {
            Some(act) if !acts.contains(&act) => acts.push(act),
            _ => faults.push(row.fault(
                "acts",
                "not_understood",
                format!("acts 中的“{word}”看不懂或重复"),
                format!("\"{word}\" in acts is not understood, or stands there twice"),
            )),
        }
    }
    if row.text("acts").is_empty() {
        faults.push(row.fault(
            "acts",
            "required",
            "acts 不能为空",
            "acts must not be empty",
        ));
    }
    acts
}

/// A plan under way of being read.
#[derive(Default)]
struct Reading<'t> {
    plans: Plans,
    rows: HashMap<PlanCode, Row<'t>>,
}

/// plans.csv, plan_units.csv and plan_steps.csv.
pub(super) fn read_plans(
    [plans, units, steps]: [&Table; 3],
    kinds: BTreeMap<UnitKind, KindEntry>,
    classes: &Classes,
    faults: &mut Faults,
) -> Plans {
    let mut all = Reading::default();
    all.plans.kinds = kinds;
    all.read_plans(plans, classes, faults);
    all.read_units(units, faults);
    all.read_steps(steps, &mut faults.holes);
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
        if let (true, Some(row)) = (plan.steps.is_empty(), all.rows.get(&plan.code)) {
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
    fn read_plans(&mut self, table: &'t Table, classes: &Classes, faults: &mut Faults) {
        let Faults { broken, holes } = faults;
        for row in table.rows() {
            let commander_kind = self.commander(row, holes);
            let warn_radius_m = radius(row, holes);
            let needs_consent = row.flag("needs_consent", holes).unwrap_or(false);
            let [message_zh, message_en] = ["message_zh", "message_en"]
                .map(|column| row.short(column, MESSAGE, holes).to_owned());
            same_blanks(row, &message_zh, &message_en, holes);
            refused::check(row, &["name_zh", "message_zh"], holes);
            let (Some(code), Some(name_zh), Some(name_en), Some(min_severity)) = (
                row.word("code", PlanCode::parse, broken),
                row.label("name_zh", broken),
                row.label("name_en", broken),
                row.word("min_severity", Severity::parse, broken),
            ) else {
                continue;
            };
            let triggers = self.triggers(row, &code, classes, broken, holes);
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
        classes: &Classes,
        broken: &mut Vec<Fault>,
        holes: &mut Vec<Fault>,
    ) -> Vec<ClassCode> {
        let mut triggers = Vec::new();
        for text in row.list("trigger_types") {
            let Some(class) = ClassCode::parse(text).filter(|class| classes.get(class).is_some())
            else {
                broken.push(row.fault(
                    "trigger_types",
                    "unknown_class",
                    format!("classes.csv 中没有 {text}"),
                    format!("{text} is not in classes.csv"),
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

    fn read_units(&mut self, units: &Table, faults: &mut Faults) {
        let Faults { broken, holes } = faults;
        let (mut numbers, mut sent) = (HashSet::new(), HashSet::new());
        for row in units.rows() {
            let Some(code) = row.word("plan", PlanCode::parse, broken) else {
                continue;
            };
            let known = |text: &str| UnitKind::parse(text).filter(|k| self.plans.kind(k).is_some());
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
            let handles = |kind| {
                self.plans
                    .kind(kind)
                    .is_some_and(|k| k.does(KindAct::Handles))
            };
            if part == Part::Lead && !handles(&kind) {
                holes.push(does_not(row, "unit_kind", "does_not_handle", &kind));
            }
            if part != Part::Cc && !handles(&fallback) {
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
                None => broken.push(unknown_plan(row)),
            }
        }
    }

    fn read_steps(&mut self, steps: &Table, faults: &mut Vec<Fault>) {
        let mut sent: HashSet<(PlanCode, UnitKind)> = HashSet::new();
        for plan in self.plans.plans.values() {
            let kinds = plan.units.iter().map(|unit| &unit.kind);
            sent.extend(
                kinds
                    .chain(&plan.commander_kind)
                    .map(|kind| (plan.code.clone(), kind.clone())),
            );
        }
        for row in steps.rows() {
            let Some(code) = row.word("plan", PlanCode::parse, faults) else {
                continue;
            };
            let Some(plan) = self.plans.plans.get_mut(&code) else {
                faults.push(unknown_plan(row));
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
            let place = (code, actor);
            if !sent.contains(&place) {
                let (code, actor) = &place;
                faults.push(row.fault(
                    "actor_kind",
                    "not_sent",
                    format!("预案 {code} 不派 {actor}"),
                    format!("the plan {code} does not send {actor}"),
                ));
            }
            let (_, actor) = place;
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

fn unknown_plan(row: Row<'_>) -> Fault {
    row.fault(
        "plan",
        "unknown_plan",
        "plans.csv 中没有这个预案",
        "the plan is not in plans.csv",
    )
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

/// The `{names}` of a message; none when a brace is left open or alone.
pub(super) fn blanks(text: &str) -> Option<BTreeSet<&str>> {
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if before.contains('}') || !named {
            return None;
        }
        names.insert(name);
        rest = behind;
    }
    (!rest.contains('}')).then_some(names)
}

fn same_blanks(row: Row<'_>, zh: &str, en: &str, faults: &mut Vec<Fault>) {
    let (in_zh, in_en) = (blanks(zh), blanks(en));
    for (column, read) in [("message_zh", &in_zh), ("message_en", &in_en)] {
        if read.is_none() {
            faults.push(row.fault(
                column,
                "blank",
                "空位应写成 {place} 这样的小写英文名",
                "a blank is written as {place}, a name in small letters",
            ));
        }
    }
    if let (Some(in_zh), Some(in_en)) = (in_zh, in_en)
        && in_zh != in_en
    {
        let differ: Vec<&str> = in_zh.symmetric_difference(&in_en).copied().collect();
        let differ = differ.join(", ");
        faults.push(row.fault(
            "message_en",
            "blanks_differ",
            format!("两种语言的空位不同：{differ}"),
            format!("the blanks of the two languages differ: {differ}"),
        ));
    }
}
