//! The rule set: the shipped files are read, and each kind of fault is found where it stands.

use jingwei_core::access::{Act, Role, Scope, Strength};
use jingwei_core::cases::{ClockKind, Part};
use jingwei_core::code::{Level, UnitKind};
use jingwei_core::rules::{FILES, RuleSet, Severity, Urgency};
use jingwei_core::sealed::Digest;

use super::{at, cells, faults, line, seen, shipped, shown, with};
use crate::support::{SHIPPED, class, p_gas, rule_files, rules};

#[test]
fn the_shipped_rules_are_read_with_their_values() {
    let rules = rules();
    assert_eq!(rules.digest, Digest([7; 32]));
    assert_eq!(rules.classes.iter().count(), 198);
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
            let read = table
                .acts_apart
                .iter()
                .find(|pair| (pair.a, pair.b) == (a, b) || (pair.b, pair.a) == (a, b));
            assert_eq!(
                read.map(|pair| pair.strength.as_str()),
                named.map(|(_, _, strength)| *strength),
                "{a} {b}"
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
    let files = cells(&[
        ("roles.csv", "verifier,", "level_min", "none"),
        ("classes.csv", "RQ04,", "parent", "AQ"),
        ("filing_conditions.csv", "CG02-1,", "handle_limit", "soon"),
        ("plan_units.csv", "P_GAS,03,", "acknowledge_limit", "soon"),
        ("plan_steps.csv", "P_GAS,02,", "proof", "word"),
        ("settings.csv", "nested_most,", "value", "3"),
        ("ladder.csv", ",verify,", "again", ""),
    ]);
    assert_eq!(
        faults(&files),
        [
            format!(
                "roles.csv:{} level_min not_understood",
                at("roles.csv", "verifier,")
            ),
            "roles.csv:0  missing".to_owned(),
            format!(
                "classes.csv:{} parent wrong_parent",
                at("classes.csv", "RQ04,")
            ),
            format!(
                "filing_conditions.csv:{} handle_limit limit",
                at("filing_conditions.csv", "CG02-1,")
            ),
            format!(
                "plan_units.csv:{} acknowledge_limit limit",
                at("plan_units.csv", "P_GAS,03,")
            ),
            format!(
                "plan_steps.csv:{} proof not_understood",
                at("plan_steps.csv", "P_GAS,02,")
            ),
            format!(
                "settings.csv:{} value setting",
                at("settings.csv", "nested_most,")
            ),
            format!("ladder.csv:{} again limit", at("ladder.csv", ",verify,")),
        ]
    );
}

#[test]
fn a_missing_column_is_named_and_nothing_else_is_said() {
    for (name, column) in [
        ("classes.csv", "subject"),
        ("classes.csv", "accept_limit"),
        ("unit_kinds.csv", "acts"),
        ("plans.csv", "message_en"),
        ("ladder.csv", "again"),
        ("settings.csv", "value"),
    ] {
        let header = line(name, shipped(name).lines().next().expect("a header"));
        let other = header.replace(column, "something_else");
        assert_eq!(
            shown(&with(name, &header, &other)),
            [format!(
                "{name}:1 {column} missing_column: 缺少列 {column} / the column {column} is missing"
            )]
        );
    }
}

macro_rules! release_0_1_0 {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("release_0_1_0/", $name)))),*]
    };
}

/// The tables that release 0.1.0 shipped and stored.
const RELEASE_0_1_0: [(&str, &str); 8] = release_0_1_0!(
    "roles.csv",
    "acts.csv",
    "role_acts.csv",
    "role_separation.csv",
    "unit_kinds.csv",
    "classes.csv",
    "plans.csv",
    "plan_units.csv"
);

#[test]
fn a_rule_set_of_the_first_release_is_read_from_the_store_and_refused_at_import() {
    let files: Vec<(String, String)> = RELEASE_0_1_0
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    let old = RuleSet::stored(&files, Digest([1; 32])).expect("it was valid in its day");
    assert_eq!(old.classes.iter().count(), 25);
    let gas = old.classes.get(&class("RQ01")).expect("RQ01");
    assert_eq!(gas.subject, None);
    assert_eq!(gas.description_zh, "闻到燃气味、听到漏气声或报警器鸣响");
    assert_eq!(gas.limits_at(Severity::Major), &gas.limits);
    let plan = old.plans.for_class(&class("RQ01")).expect("P_GAS");
    assert_eq!((plan.units.len(), plan.steps.len()), (6, 0));
    assert_eq!(old.settings, rules().settings, "the built-in ones");
    for &clock in ClockKind::ALL {
        assert_eq!(
            old.ladder.rungs(None, clock),
            rules().ladder.rungs(None, clock)
        );
    }
    let mut of_others = old.ladder.iter().filter_map(|(class, ..)| class);
    assert!(
        of_others.all(|class| old.classes.get(class).is_some()),
        "no rung of a type that it does not have"
    );
    let due: Vec<String> = FILES
        .iter()
        .filter_map(|name| match *name {
            "classes.csv" => Some("classes.csv:1 subject missing_column".to_owned()),
            name if RELEASE_0_1_0.iter().any(|(there, _)| *there == name) => None,
            name => Some(format!("{name}:0  missing_file")),
        })
        .collect();
    assert!(due.len() > 5);
    assert_eq!(faults(&files), due);
}

#[test]
fn what_a_later_version_asks_for_does_not_stop_a_node_and_what_is_broken_does() {
    let holes = cells(&[
        ("classes.csv", "RQ04,", "subject", ""),
        ("classes.csv", "RQ04,", "public_map", "1"),
        ("plan_units.csv", "P_GAS,02,", "fallback_kind", "FIRE"),
        ("settings.csv", "nested_most,", "value", "100"),
        ("ladder.csv", ",handle,", "red_to", "nobody"),
    ]);
    assert_eq!(faults(&holes).len(), 5);
    let read = RuleSet::stored(&holes, Digest([1; 32])).expect("holes only");
    let altered = read.classes.get(&class("RQ04")).expect("RQ04");
    assert_eq!((altered.subject, altered.public_map), (None, true));
    assert_eq!(read.settings.nested_most, 6, "the built-in value");
    assert_eq!(
        read.ladder.rungs(None, ClockKind::Handle),
        rules().ladder.rungs(None, ClockKind::Handle)
    );
    let broken = with(
        "classes.csv",
        ",larger,high,GAS,FIRE|GRID,",
        ",larger,high,GAS,NONE,",
    );
    assert_eq!(
        seen(RuleSet::stored(&broken, Digest([1; 32]))),
        [format!(
            "classes.csv:{} assist_unit_kinds unknown_kind",
            at("classes.csv", "RQ01,")
        )]
    );
    let gone: Vec<_> = rule_files()
        .into_iter()
        .filter(|(name, _)| name != "plans.csv")
        .collect();
    assert_eq!(
        seen(RuleSet::stored(&gone, Digest([1; 32]))),
        ["plans.csv:0  missing_file"]
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
    assert_eq!(read.settings, rules().settings);
    assert_eq!(read.ladder, rules().ladder);
}

#[test]
fn sixty_thousand_rows_are_read_without_comparing_each_with_all() {
    // Each place that compares a row with others is reached: were one of them a search, this would take minutes.
    let top = "XX,,大类,Class,place,说明,ordinary,low,GRID,,,1h,1h,1h,1h,2h,1h,none,0,none,town,,0,,,,词,own,own\n";
    let mut files = rule_files();
    for (name, text) in &mut files {
        let more: String = match name.as_str() {
            "classes.csv" => (0..10_000).map(|_| top).collect(),
            "unit_kinds.csv" => (0..10_000)
                .map(|n| format!("K{n},种类{n},kind {n},town,handles,0,\n"))
                .collect(),
            "limits_by_severity.csv" => (0..10_000)
                .map(|_| "CG01,major,1h,1h,1h,1h,2h,1h,own,own\n")
                .collect(),
            "filing_conditions.csv" => (0..10_000)
                .map(|_| "CG01-1,CG01,条件,condition,1h,结果,result,own,own\n")
                .collect(),
            "plan_steps.csv" => (0..10_000)
                .map(|_| "P_WAGE,99,MEDC,3d,1,text,步骤,step\n")
                .collect(),
            "plan_units.csv" => (0..10_000)
                .map(|n| format!("P_WAGE,{n},K{n},cc,60s,GRID,任务,task\n"))
                .collect(),
            _ => continue,
        };
        text.push_str(&more);
    }
    let found = faults(&files);
    let of = |code: &str| found.iter().filter(|f| f.ends_with(code)).count();
    assert_eq!(
        of(" code duplicate"),
        9_999 + 10_000,
        "classes and conditions"
    );
    assert_eq!(of(" severity duplicate"), 9_999);
    assert_eq!(of(" no out_of_order"), 9_999);
    assert_eq!(found.len(), 9_999 + 10_000 + 9_999 + 9_999);
}
