//! Plans, their units and steps, and kinds of units: values, and each refusal whole.

use jingwei_core::code::UnitKind;
use jingwei_core::rules::{KindAct, Proof, Severity};

use super::{added, at, cell, cells, faults, line, shown, with};
use crate::support::{class, p_gas, rules};

const PLANS: &str = "plans.csv";
const UNITS: &str = "plan_units.csv";
const STEPS: &str = "plan_steps.csv";

/// One cell of one row is changed: the whole faults.
fn one(name: &str, start: &str, column: &str, value: &str) -> Vec<String> {
    shown(&cell(name, start, column, value))
}

fn due(name: &str, start: &str, rest: &str) -> Vec<String> {
    vec![format!("{name}:{} {rest}", at(name, start))]
}

#[test]
fn a_plan_says_who_commands_whom_it_warns_and_which_steps_are_due() {
    let rules = rules();
    assert_eq!(rules.plans.iter().count(), 17);
    let plan = rules.plans.get(&p_gas()).expect("P_GAS");
    assert_eq!(
        plan.commander_kind.as_ref().map(UnitKind::as_str),
        Some("CGC_C")
    );
    assert_eq!((plan.warn_radius_m, plan.needs_consent), (200, false));
    assert!(
        plan.message_zh
            .starts_with("【安全提醒】{place}疑似燃气泄漏")
    );
    assert!(
        plan.message_en
            .starts_with("[Safety] Suspected gas leak at {place}")
    );
    let steps: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            format!(
                "{} {} {} {} {}",
                step.no, step.actor, step.target, step.mandatory, step.proof
            )
        })
        .collect();
    assert_eq!(steps[0], "01 CGC_C 1min true none");
    assert_eq!(plan.steps[0].proof, Proof::None);
    assert!(!plan.steps[0].step_zh.is_empty() && !plan.steps[0].step_en.is_empty());
    for plan in rules.plans.iter() {
        assert!(plan.steps.len() >= 4, "{}", plan.code);
        for class in &plan.triggers {
            assert_eq!(
                rules.plans.for_class(class).map(|p| &p.code),
                Some(&plan.code)
            );
        }
    }
    let search = rules.plans.for_class(&class("TS03")).expect("P_SEARCH");
    assert!(
        search.needs_consent,
        "a picture of a person goes out only with consent"
    );
    let flood = rules.plans.for_class(&class("CG14")).expect("P_FLOOD");
    assert_eq!(flood.min_severity, Severity::Larger);
    let kind = |code| {
        rules
            .plans
            .kind(&UnitKind::parse(code).expect("a kind"))
            .expect("a kind")
    };
    assert_eq!(kind("TOWN").acts, [KindAct::Handles, KindAct::Commands]);
    assert!(kind("FIRE").emergency && !kind("PM").emergency);
    assert!(kind("METB").does(KindAct::Advises) && !kind("METB").does(KindAct::Handles));
    assert_eq!(rules.plans.kinds().count(), 83);
}

#[test]
fn faults_of_plans_are_named() {
    let gas = |column: &str, value: &str| one(PLANS, "P_GAS,", column, value);
    let is = |rest: &str| due(PLANS, "P_GAS,", rest);
    assert_eq!(
        gas("trigger_types", "RQ01|RQ77"),
        is("trigger_types unknown_class: classes.csv 中没有 RQ77 / RQ77 is not in classes.csv")
    );
    assert_eq!(
        gas("trigger_types", "RQ01|XF01"),
        is("trigger_types two_plans: XF01 已经启动另一个预案 / XF01 starts another plan already")
    );
    assert_eq!(
        gas("trigger_types", "RQ01|RQ"),
        is(
            "trigger_types not_a_type: RQ 是大类，预案由小类启动 / RQ is a top class; a plan is started by a type"
        )
    );
    assert_eq!(
        gas("trigger_types", ""),
        is("trigger_types required: 没有类别启动这个预案 / no type starts this plan")
    );
    assert_eq!(
        gas("min_severity", "slight")[0],
        is(
            "min_severity not_understood: min_severity 的值“slight”看不懂 / the value \"slight\" of min_severity is not understood"
        )[0]
    );
    assert_eq!(
        gas("commander_kind", "NOBODY")[0],
        is(
            "commander_kind not_understood: commander_kind 的值“NOBODY”看不懂 / the value \"NOBODY\" of commander_kind is not understood"
        )[0]
    );
    assert_eq!(
        gas("warn_radius_m", "-5"),
        is(
            "warn_radius_m not_understood: warn_radius_m 的值“-5”看不懂 / the value \"-5\" of warn_radius_m is not understood"
        )
    );
    assert_eq!(
        gas("needs_consent", ""),
        is("needs_consent required: needs_consent 不能为空 / needs_consent must not be empty")
    );
    assert_eq!(
        gas("name_zh", &"长".repeat(81)),
        is(
            "name_zh too_long: name_zh 有 81 个字，最多 80 个 / name_zh has 81 characters, 80 at most"
        )[..]
    );
    assert_eq!(
        gas("name_zh", "群体性事件处置"),
        is(
            "name_zh refused_word: 平台没有关于“群体性”的类别，请走法定渠道 / \"群体性\": the platform has no class for it, it has its own lawful way"
        )
    );
    let gone = line(PLANS, "P_LIFT,");
    let all = faults(&with(PLANS, &gone, ""));
    let of = |file: &str| {
        all.iter()
            .filter(|f| f.starts_with(file) && f.ends_with("plan unknown_plan"))
            .count()
    };
    let rows = |name: &str| {
        super::shipped(name)
            .lines()
            .filter(|l| l.starts_with("P_LIFT,"))
            .count()
    };
    assert_eq!((of(UNITS), of(STEPS)), (rows(UNITS), rows(STEPS)));
    assert_eq!(all.len(), rows(UNITS) + rows(STEPS));
}

#[test]
fn both_languages_of_a_message_have_the_same_blanks() {
    let is = |rest: &str| due(PLANS, "P_MAIN,", rest);
    assert_eq!(
        one(
            PLANS,
            "P_MAIN,",
            "message_zh",
            "停水：{place}，{date}前恢复，取水点{waterpoint}"
        ),
        is(
            "message_en blanks_differ: 两种语言的空位不同：date, until / the blanks of the two languages differ: date, until"
        )
    );
    for wrong in [
        "停水：{place",
        "停水：place}",
        "停水：{}",
        "停水：{Place}",
        "停水：{pl{ace}",
    ] {
        assert_eq!(
            one(PLANS, "P_MAIN,", "message_zh", wrong),
            is(
                "message_zh blank: 空位应写成 {place} 这样的小写英文名 / a blank is written as {place}, a name in small letters"
            ),
            "{wrong}"
        );
    }
    assert_eq!(
        one(PLANS, "P_MAIN,", "message_en", ""),
        [
            is("message_en required: message_en 不能为空 / message_en must not be empty"),
            is("message_en blanks_differ: 两种语言的空位不同：place, until, waterpoint / the blanks of the two languages differ: place, until, waterpoint"),
        ]
        .concat()
    );
    assert_eq!(
        one(
            PLANS,
            "P_LIFT,",
            "message_zh",
            &format!("{{place}}{}", "长".repeat(494))
        ),
        due(
            PLANS,
            "P_LIFT,",
            "message_zh too_long: message_zh 有 501 个字，最多 500 个 / message_zh has 501 characters, 500 at most"
        )
    );
}

#[test]
fn faults_of_the_units_of_plans_are_named() {
    let fire = |column: &str, value: &str| one(UNITS, "P_GAS,02,", column, value);
    let is = |rest: &str| due(UNITS, "P_GAS,02,", rest);
    let leads = |n: &str| {
        vec![format!(
            "{UNITS}:0  one_lead: 预案 P_GAS 有 {n} 个主办，应恰有一个 / the plan P_GAS has {n} lead units; exactly one is due"
        )]
    };
    assert_eq!(fire("role", "lead"), leads("2"));
    assert_eq!(one(UNITS, "P_GAS,01,", "role", "assist"), leads("0"));
    let row = at(UNITS, "P_GAS,02,");
    assert_eq!(
        faults(&cells(&[
            (UNITS, "P_GAS,02,", "unit_kind", "FIRES"),
            (UNITS, "P_GAS,02,", "role", "helps"),
            (UNITS, "P_GAS,02,", "fallback_kind", "NOBODY"),
            (STEPS, "P_GAS,", "no", "01"),
        ]))
        .into_iter()
        .filter(|fault| fault.starts_with(UNITS))
        .collect::<Vec<_>>(),
        [
            format!("{UNITS}:{row} unit_kind not_understood"),
            format!("{UNITS}:{row} role not_understood"),
            format!("{UNITS}:{row} fallback_kind not_understood"),
        ]
    );
    assert_eq!(
        fire("fallback_kind", "FIRE"),
        is(
            "fallback_kind cycle: 后备绕成了圈：FIRE → FIRE / the fallback goes in a circle: FIRE → FIRE"
        )
    );
    assert_eq!(
        fire("fallback_kind", "METB"),
        is("fallback_kind does_not_handle: METB 不办理事项 / METB does not handle cases")
    );
    assert_eq!(
        one(UNITS, "P_WAGE,01,", "unit_kind", "PROC")[0],
        due(
            UNITS,
            "P_WAGE,01,",
            "unit_kind does_not_handle: PROC 不办理事项 / PROC does not handle cases"
        )[0]
    );
    assert_eq!(
        fire("acknowledge_limit", "1wh"),
        is(
            "acknowledge_limit work_limit: 预案随时启动，“1wh”按工作日历计算，请用 s、min 或 h / a plan starts at any hour, and \"1wh\" runs on the work calendar: use s, min or h"
        )
    );
    assert_eq!(
        fire("no", "01"),
        is("no duplicate: 01 在同一预案中出现两次 / 01 appears twice in the plan")
    );
    assert_eq!(
        one(UNITS, "P_GAS,06,", "unit_kind", "EMB"),
        due(
            UNITS,
            "P_GAS,06,",
            "unit_kind duplicate: EMB 在同一预案中出现两次 / EMB appears twice in the plan"
        )
    );
    assert_eq!(
        fire("task_en", ""),
        is("task_en required: task_en 不能为空 / task_en must not be empty")
    );
    assert_eq!(
        faults(&cell(UNITS, "P_GAS,02,", "acknowledge_limit", "soon")),
        [format!("{UNITS}:{row} acknowledge_limit limit")],
        "and its steps are not without an actor"
    );
}

#[test]
fn faults_of_the_steps_of_plans_are_named() {
    let second = |column: &str, value: &str| one(STEPS, "P_GAS,02,", column, value);
    let is = |rest: &str| due(STEPS, "P_GAS,02,", rest);
    assert_eq!(
        second("actor_kind", "SCENIC"),
        is("actor_kind not_sent: 预案 P_GAS 不派 SCENIC / the plan P_GAS does not send SCENIC")
    );
    assert_eq!(
        second("target", "30s"),
        is("target out_of_order: 时间早于上一步的 1min / it is due before the step above, 1min")
    );
    assert_eq!(
        second("no", "01"),
        is("no out_of_order: 步骤 01 应在 01 之后 / the step 01 should come after 01")
    );
    assert_eq!(
        second("mandatory", "maybe"),
        is(
            "mandatory not_understood: mandatory 的值“maybe”看不懂 / the value \"maybe\" of mandatory is not understood"
        )
    );
    assert_eq!(
        second("proof", ""),
        is("proof required: proof 不能为空 / proof must not be empty")
    );
    assert_eq!(
        second("step_zh", &"长".repeat(201)),
        is(
            "step_zh too_long: step_zh 有 201 个字，最多 200 个 / step_zh has 201 characters, 200 at most"
        )
    );
    assert_eq!(
        second("plan", "P_NONE"),
        is("plan unknown_plan: plans.csv 中没有这个预案 / the plan is not in plans.csv")
    );
    let mut files = crate::support::rule_files();
    for (name, text) in &mut files {
        if name == STEPS {
            let kept: Vec<&str> = text.lines().filter(|l| !l.starts_with("P_LIFT,")).collect();
            *text = kept.join("\n");
        }
    }
    assert_eq!(
        shown(&files),
        due(
            PLANS,
            "P_LIFT,",
            "code no_steps: plan_steps.csv 中没有预案 P_LIFT 的步骤 / the plan P_LIFT has no steps in plan_steps.csv"
        )
    );
}

#[test]
fn faults_of_kinds_are_named() {
    let name = "unit_kinds.csv";
    let one = |column, value| shown(&cell(name, "VOL,", column, value));
    let is = |rest: &str| due(name, "VOL,", rest);
    assert_eq!(
        one("acts", "handles|sings"),
        is(
            "acts not_understood: acts 中的“sings”看不懂或重复 / \"sings\" in acts is not understood, or stands there twice"
        )
    );
    assert_eq!(
        one("acts", "handles|handles"),
        is(
            "acts not_understood: acts 中的“handles”看不懂或重复 / \"handles\" in acts is not understood, or stands there twice"
        )
    );
    assert_eq!(
        one("acts", ""),
        is("acts required: acts 不能为空 / acts must not be empty")
    );
    assert_eq!(
        one("emergency", "often"),
        is(
            "emergency not_understood: emergency 的值“often”看不懂 / the value \"often\" of emergency is not understood"
        )
    );
    let twice = line(name, "VOL,");
    assert_eq!(
        shown(&added(name, "VOL,", twice.trim_end())),
        [format!(
            "{name}:{} code duplicate: 单位种类重复 / the kind appears twice",
            at(name, "VOL,") + 1
        )]
    );
}
