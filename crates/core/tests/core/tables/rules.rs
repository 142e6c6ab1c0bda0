//! The rule set: the shipped files are read, and each kind of fault is found where it stands.

use jingwei_core::access::{Act, Role, Scope, Strength};
use jingwei_core::cases::Part;
use jingwei_core::code::{Level, UnitKind};
use jingwei_core::rules::{RuleSet, Severity, Urgency};
use jingwei_core::sealed::Digest;

use super::seen;
use crate::support::{SHIPPED, class, p_gas, rule_files, rules};

/// The shipped files with one text of one file replaced; the text is there.
fn with(name: &str, from: &str, to: &str) -> Vec<(String, String)> {
    changed(&[(name, from, to)])
}

fn changed(changes: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    let mut files = rule_files();
    for (name, from, to) in changes {
        let (_, text) = files.iter_mut().find(|(n, _)| n == name).expect("a file");
        assert!(text.contains(from), "{name} holds {from}");
        *text = text.replacen(from, to, 1);
    }
    files
}

fn faults(files: &[(String, String)]) -> Vec<String> {
    seen(RuleSet::read(files, Digest([0; 32])))
}

/// The first line of a shipped file that begins with a text, with its end.
fn line(name: &str, start: &str) -> String {
    let (_, text) = SHIPPED.iter().find(|(n, _)| *n == name).expect("a file");
    let found = text.lines().find(|line| line.starts_with(start));
    format!("{}\n", found.expect("a line"))
}

#[test]
fn the_shipped_rules_are_read_with_their_values() {
    let rules = rules();
    assert_eq!(rules.digest, Digest([7; 32]));
    assert_eq!(rules.classes.iter().count(), 25);
    let gas = rules.classes.get(&class("RQ01")).expect("RQ01");
    assert_eq!(gas.name_zh.as_str(), "疑似燃气泄漏");
    assert_eq!(
        (gas.severity, gas.urgency, gas.close_level),
        (Severity::Larger, Urgency::High, Level::County)
    );
    assert_eq!(gas.responsible.as_str(), "GAS");
    let limits = [
        gas.limits.accept,
        gas.limits.dispatch,
        gas.limits.acknowledge,
        gas.limits.arrive,
        gas.limits.handle,
        gas.limits.verify,
    ]
    .map(|limit| limit.to_string());
    assert_eq!(limits, ["2min", "1min", "1min", "15min", "2h", "1h"]);
    let shortest = rules.classes.unclassed_accept().map(|l| l.to_string());
    assert_eq!(shortest.as_deref(), Some("2min"));

    let plan = rules.plans.get(&p_gas()).expect("P_GAS");
    let places: Vec<String> = plan
        .units
        .iter()
        .map(|unit| {
            format!(
                "{} {} {} {} {}",
                unit.no, unit.kind, unit.part, unit.acknowledge, unit.fallback
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            "01 GAS lead 60s HCB",
            "02 FIRE assist 60s RESCUE",
            "03 GRID assist 2min HEADGRID",
            "04 POLST assist 2min TRAFPOL",
            "05 EMB cc 5min CGC_S",
            "06 HCB cc 5min CGC_S"
        ]
    );
    assert_eq!(
        plan.units.iter().filter(|u| u.part == Part::Lead).count(),
        1
    );
    assert_eq!(plan.triggers, [class("RQ01"), class("RQ06")]);
    let started = |code| rules.plans.for_class(&class(code)).map(|p| p.code.clone());
    assert_eq!(started("RQ06"), Some(p_gas()));
    assert_eq!(started("RQ04"), None);
    let fire = UnitKind::parse("FIRE").expect("a kind");
    let kind = rules.plans.kind(&fire).expect("FIRE");
    assert_eq!(
        (kind.name_zh.as_str(), kind.level),
        ("消防救援站", Level::County)
    );
}

#[test]
fn the_shipped_roles_keep_apart_what_the_table_keeps_apart() {
    let rules = rules();
    let table = &rules.role_acts;
    let file = table.rule(Role::DutyChief, Act::File).expect("allowed");
    assert_eq!(
        (file.scope, file.level_min, file.level_max),
        (Scope::Area, Level::Town, Level::Province)
    );
    assert_eq!(table.rule(Role::Administrator, Act::Accept), None);
    let entry = table.role(Role::DutyOfficer).expect("a role");
    assert_eq!(entry.name_zh, "值班员（受理）");
    assert!(table.level_allowed(Role::GridWorker, Level::Community));
    assert!(!table.level_allowed(Role::GridWorker, Level::Town));
    assert!(!table.level_allowed(Role::Auditor, Level::Town));

    // Every act × act: what the table names is apart in both orders, everything else is not.
    let pairs: Vec<(&str, &str, &str)> = SHIPPED
        .iter()
        .find(|(name, _)| *name == "role_separation.csv")
        .into_iter()
        .flat_map(|(_, text)| text.lines().skip(1))
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0] == "act").then_some((cells[1], cells[2], cells[3]))
        })
        .collect();
    assert_eq!(pairs.len(), 17);
    for &a in Act::ALL {
        for &b in Act::ALL {
            let named = pairs.iter().find(|(x, y, _)| {
                (*x, *y) == (a.as_str(), b.as_str()) || (*y, *x) == (a.as_str(), b.as_str())
            });
            assert_eq!(
                rules.apart(a, b, false).is_some(),
                named.is_some(),
                "{a} {b}"
            );
            let joined = named.is_some_and(|(x, y, strength)| {
                *y == "dispatch" && matches!(*x, "accept" | "file") && *strength == "default"
            });
            assert_eq!(
                rules.apart(a, b, true).is_some(),
                named.is_some() && !joined,
                "by an urgent plan: {a} {b}"
            );
        }
    }
    let hard = table
        .roles_apart
        .iter()
        .filter(|pair| pair.strength == Strength::Hard);
    assert_eq!(hard.count(), 7);
    assert_eq!(table.roles_apart.len(), 8);
}

#[test]
fn a_missing_file_is_named_and_nothing_else_is_said() {
    for missing in SHIPPED.map(|(name, _)| name) {
        let files: Vec<_> = rule_files()
            .into_iter()
            .filter(|(name, _)| name != missing)
            .collect();
        assert_eq!(faults(&files), [format!("{missing}:0  missing_file")]);
    }
}

#[test]
fn faults_of_classes_are_named() {
    let name = "classes.csv";
    let one = |from: &str, to: &str| faults(&with(name, from, to));
    assert_eq!(
        one(
            "GAS,FIRE|GRID,CGC_C|POLST|EMB|HCB,2min,",
            "GAS,FIRE|GRID,CGC_C|POLST|EMB|HCB,2wk,"
        )[0],
        "classes.csv:11 accept_limit limit"
    );
    assert_eq!(
        one(
            "larger,high,GAS,FIRE|GRID,",
            "larger,high,NOBODY,FIRE|GRID|NONE,"
        )[..2],
        [
            "classes.csv:11 responsible_unit_kind unknown_kind",
            "classes.csv:11 assist_unit_kinds unknown_kind"
        ]
    );
    assert_eq!(
        one("RQ04,RQ,", "RQ04,AQ,"),
        ["classes.csv:12 parent wrong_parent"]
    );
    let top = line(name, "JT,");
    assert_eq!(
        one(&top, ""),
        [
            "classes.csv:7 parent missing_parent",
            "classes.csv:8 parent missing_parent"
        ],
        "both types of the top class that is missing"
    );
    let twice = line(name, "RQ04,");
    assert_eq!(
        one(&twice, &format!("{twice}{twice}")),
        ["classes.csv:13 code duplicate"]
    );
    assert_eq!(
        one(
            ",ordinary,high,GAS,HCB|COMM,",
            ",huge,sometimes,GAS,HCB|COMM,"
        ),
        [
            "classes.csv:12 default_severity not_understood",
            "classes.csv:12 default_urgency not_understood"
        ]
    );
    assert_eq!(
        one("RQ04,RQ,私改燃气管道,", "RQ04,RQ,,"),
        ["classes.csv:12 name_zh required"]
    );
    assert_eq!(
        one("RQ04,RQ,", "RQ04,RQ,one,too,many,"),
        ["classes.csv:12  broken_row"]
    );
    let header = line(name, "code,");
    let mut files = rule_files();
    for (file, text) in &mut files {
        if file == name {
            text.clone_from(&header);
        }
    }
    let empty = faults(&files);
    assert!(
        empty.contains(&"classes.csv:0  empty".to_owned()),
        "{empty:?}"
    );
    assert!(
        empty.contains(&"plans.csv:2 trigger_types unknown_class".to_owned()),
        "{empty:?}"
    );
}

#[test]
fn a_limit_in_no_known_unit_is_refused_with_the_units_named() {
    let files = with("plan_units.csv", "FIRE,assist,60s", "FIRE,assist,1wk");
    let all = RuleSet::read(&files, Digest([0; 32])).expect_err("a fault");
    let [fault] = &all[..] else {
        panic!("one fault is due, not {all:?}");
    };
    assert_eq!(
        (fault.file.as_str(), fault.line, fault.column.as_str()),
        ("plan_units.csv", 3, "acknowledge_limit")
    );
    assert!(fault.zh.contains("1wk") && fault.zh.contains("wh（工作时）"));
    assert!(fault.en.contains("1wk") && fault.en.contains("wd (working days)"));
    assert!(
        fault
            .to_string()
            .starts_with("plan_units.csv:3 acknowledge_limit: ")
    );
}

#[test]
fn faults_of_plans_are_named() {
    let units = |from: &str, to: &str| faults(&with("plan_units.csv", from, to));
    assert_eq!(
        units("FIRE,assist", "FIRE,lead"),
        ["plan_units.csv:0  one_lead"]
    );
    assert_eq!(
        units("GAS,lead", "GAS,assist"),
        ["plan_units.csv:0  one_lead"]
    );
    assert_eq!(
        units("02,FIRE,assist,60s,RESCUE", "02,FIRES,helps,60s,NOBODY"),
        [
            "plan_units.csv:3 unit_kind not_understood",
            "plan_units.csv:3 role not_understood",
            "plan_units.csv:3 fallback_kind not_understood"
        ]
    );
    assert_eq!(
        units("P_GAS,02", "P_FIRE,02"),
        ["plan_units.csv:3 plan unknown_plan"]
    );
    let plans = |from: &str, to: &str| faults(&with("plans.csv", from, to));
    assert_eq!(
        plans("RQ01|RQ06", "RQ01|RQ77"),
        ["plans.csv:2 trigger_types unknown_class"]
    );
    assert_eq!(
        plans(",ordinary,CGC_C,", ",slight,CGC_C,")[0],
        "plans.csv:2 min_severity not_understood"
    );
    let second = line("plans.csv", "P_GAS,");
    let other = second.replacen("P_GAS", "P_GAS2", 1);
    assert_eq!(
        plans(&second, &format!("{second}{other}")),
        [
            "plans.csv:3 trigger_types two_plans",
            "plans.csv:3 trigger_types two_plans",
            "plan_units.csv:0  one_lead"
        ],
        "both types start P_GAS already, and the other sends nobody"
    );
}

#[test]
fn faults_of_roles_and_acts_are_named() {
    let verifier = line("roles.csv", "verifier,");
    assert_eq!(
        faults(&with("roles.csv", &verifier, "")),
        ["roles.csv:0  missing"]
    );
    assert_eq!(
        faults(&with(
            "roles.csv",
            &verifier,
            &format!("{verifier}{verifier}")
        )),
        ["roles.csv:15 code duplicate"]
    );
    assert_eq!(
        faults(&with(
            "roles.csv",
            "verifier,核查员,verifier,grid",
            "verifier,核查员,verifier,street"
        )),
        [
            "roles.csv:14 level_min not_understood",
            "roles.csv:0  missing"
        ]
    );
    let refuse = line("acts.csv", "refuse,");
    let missing = faults(&with("acts.csv", &refuse, ""));
    assert_eq!(missing[0], "acts.csv:0  missing");
    assert_eq!(
        missing
            .iter()
            .filter(|f| f.ends_with("act unknown_act"))
            .count(),
        13,
        "each role's row of an act that is not there"
    );
    let acts = |from: &str, to: &str| faults(&with("role_acts.csv", from, to));
    assert_eq!(
        acts(
            "auditor,read_log,1,area,county,province",
            "auditor,read_log,1,all,county,country"
        ),
        [
            "role_acts.csv:72 scope not_understood",
            "role_acts.csv:72 level_max not_understood"
        ]
    );
    assert_eq!(
        acts("auditor,read_log,", "reader,read_log,"),
        ["role_acts.csv:72 role not_understood"]
    );
    let apart = |from: &str, to: &str| faults(&with("role_separation.csv", from, to));
    assert_eq!(
        apart(
            "act,accept,dispatch,default",
            "deed,accept,dispatch,default"
        ),
        ["role_separation.csv:2 kind unknown"]
    );
    assert_eq!(
        apart("act,accept,dispatch,default", "act,accept,despatch,default"),
        ["role_separation.csv:2 a unknown_act"]
    );
    assert_eq!(
        apart(
            "role,duty_chief,dispatcher,default",
            "role,duty_chief,king,soft"
        ),
        ["role_separation.csv:26 strength not_understood"]
    );
}

#[test]
fn faults_in_several_files_are_listed_together() {
    let files = changed(&[
        (
            "roles.csv",
            "verifier,核查员,verifier,grid",
            "verifier,核查员,verifier,none",
        ),
        ("classes.csv", "RQ04,RQ,", "RQ04,AQ,"),
        (
            "plan_units.csv",
            "P_GAS,03,GRID,assist,2min",
            "P_GAS,03,GRID,assist,soon",
        ),
    ]);
    assert_eq!(
        faults(&files),
        [
            "roles.csv:14 level_min not_understood",
            "roles.csv:0  missing",
            "classes.csv:12 parent wrong_parent",
            "plan_units.csv:4 acknowledge_limit limit"
        ]
    );
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    let mut files = rule_files();
    for (_, text) in &mut files {
        text.insert(0, '\u{feff}');
    }
    let read = RuleSet::read(&files, Digest([7; 32])).expect("the same tables");
    assert_eq!(read.classes, rules().classes);
    assert_eq!(read.plans, rules().plans);
    assert_eq!(read.role_acts, rules().role_acts);
}
