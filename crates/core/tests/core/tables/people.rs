//! Import of units and people: what the demo brings, faults by line, and roles that one person may not hold together.

use jingwei_core::access::Role;
use jingwei_core::directory::{
    Directory, PersonDraft, PostRow, UnitDraft, read_people, read_units,
};
use jingwei_core::id::UnitId;
use jingwei_core::label::Label;
use jingwei_core::place::Point;
use jingwei_core::rules::table::Fault;

use super::seen;
use crate::support::{
    PEOPLE, UNITS, directory_with, division, divisions, file, people, rules, unit,
};

fn units_of(text: &str) -> Result<Vec<UnitDraft>, Vec<Fault>> {
    let present = Directory::new(divisions(), [], []);
    read_units(&file("u.csv", text), &present, &rules().plans)
}

fn people_of(text: &str) -> Result<Vec<PersonDraft>, Vec<Fault>> {
    read_people(
        &file("p.csv", text),
        &directory_with(|_| {}),
        &rules().role_acts,
    )
}

const UNIT_HEADER: &str =
    "code,name_zh,name_en,kind,division,capabilities,duty_hours,phone,lon,lat,active\n";
const PEOPLE_HEADER: &str = "account,name,phone,role,unit,division\n";

#[test]
fn the_units_of_the_demo_are_read_with_their_values() {
    let units = units_of(UNITS).expect("sound");
    assert_eq!(units.len(), UNITS.lines().count() - 1);
    let fire = units
        .iter()
        .find(|draft| draft.row.code.as_str() == "SL-FIRE-HLX")
        .expect("the fire station");
    assert_eq!(fire.phone.as_deref(), Some("028-0000-2031"));
    let row = &fire.row;
    assert_eq!(row.id, UnitId::of_code("SL-FIRE-HLX"));
    assert_eq!(row.contact, None, "sealed by the engine, not here");
    assert_eq!(row.division, division("510116"));
    assert_eq!(row.kind.as_str(), "FIRE");
    assert_eq!(row.base, Point::from_degrees(103.9681, 30.3206));
    let capabilities: Vec<&str> = row.capabilities.iter().map(Label::as_str).collect();
    assert_eq!(capabilities, ["灭火", "破拆", "警戒"]);
    assert!(row.active && row.duty == "24h");
}

#[test]
fn a_unit_may_leave_out_what_is_not_known_and_may_be_out_of_service() {
    let text = format!(
        "{UNIT_HEADER}A-1,甲队,,GAS,510116,,24h,,,,0\nA-2,乙队,Team B,GAS,510116,,Mon-Fri 09:00-17:30,110,,,1\n"
    );
    let units = units_of(&text).expect("sound");
    let [a, b] = &units[..] else {
        panic!("two units are due");
    };
    assert!(!a.row.active && b.row.active);
    assert_eq!((a.row.base, a.phone.as_deref()), (None, None));
    assert_eq!(a.row.name_en, None);
    assert_eq!(b.phone.as_deref(), Some("110"));
    let short = units_of("code,name_zh,kind,division,duty_hours\nA-1,甲队,GAS,510116,24h\n");
    assert_eq!(short.map(|units| units.len()), Ok(1));
}

#[test]
fn every_fault_of_units_is_listed_at_once() {
    let text = format!(
        "{UNIT_HEADER}a-1,甲队,,GAS,510116,,24h,,,,
A-2,,,GAS,510116,,24h,,,,
A-3,丙队,,BAKERY,510116,,24h,,,,
A-4,丁队,,GAS,519999,,24h,,,,
A-5,戊队,,GAS,51O116,,24h,,,,
A-6,己队,,GAS,510116,,always,,,,
A-7,庚队,,GAS,510116,,24h,call us,,,
A-8,辛队,,GAS,510116,,24h,,103.9,,
A-9,壬队,,GAS,510116,,24h,,103.9,95,
A-10,癸队,,GAS,510116,,24h,,,,yes
A-11,子队,,GAS,510116,,24h,,,,
A-11,丑队,,GAS,510116,,24h,,,,
A-12,寅队,,GAS
"
    );
    let mut found = seen(units_of(&text));
    found.sort();
    let mut due = [
        "u.csv:2 code not_understood",
        "u.csv:3 name_zh required",
        "u.csv:4 kind not_understood",
        "u.csv:5 division unknown_division",
        "u.csv:6 division not_understood",
        "u.csv:7 duty_hours not_understood",
        "u.csv:8 phone not_understood",
        "u.csv:9 lon position",
        "u.csv:10 lon position",
        "u.csv:11 active not_understood",
        "u.csv:13 code duplicate",
        "u.csv:14  broken_row",
    ];
    due.sort_unstable();
    assert_eq!(found, due);
    assert_eq!(
        seen(units_of("code,name_zh,kind,division,colour\n")),
        [
            "u.csv:1 duty_hours missing_column",
            "u.csv:1 colour unknown_column"
        ]
    );
}

#[test]
fn the_people_of_the_demo_are_read_one_person_for_each_account() {
    let people = people();
    assert_eq!(PEOPLE.lines().count() - 1, 29, "rows");
    assert_eq!(people.len(), 25, "three of them with several posts");
    let officer = people
        .iter()
        .find(|draft| draft.account == "officer-hlx")
        .expect("the officer");
    let post = |role| PostRow {
        role,
        unit: unit("HLX-CGC"),
        division: division("510116111"),
    };
    assert_eq!(
        officer.posts,
        [
            post(Role::Dispatcher),
            post(Role::DutyChief),
            post(Role::DutyOfficer)
        ]
    );
    assert_eq!(officer.name, "值班员甲");
    assert_eq!(officer.phone.as_deref(), Some("10000000101"));
    let to_relax: Vec<(&str, &[(Role, Role)])> = people
        .iter()
        .filter(|draft| !draft.to_relax.is_empty())
        .map(|draft| (draft.account.as_str(), &draft.to_relax[..]))
        .collect();
    assert_eq!(
        to_relax,
        [("officer-hlx", &[(Role::DutyChief, Role::Dispatcher)][..])],
        "the small town: written down, not refused"
    );
}

#[test]
fn every_fault_of_people_is_listed_at_once() {
    let text = format!(
        "{PEOPLE_HEADER}Zhang,甲,,verifier,SL-CGC,510116
b1,,,verifier,SL-CGC,510116
b2,乙,dial me,verifier,SL-CGC,510116
b3,丙,,mayor,SL-CGC,510116
b4,丁,,reporter,SL-CGC,510116
b5,戊,,verifier,SL-NONE,510116
b6,己,,verifier,SL-CGC,519999
b7,庚,,grid_worker,HLX-GRID-001,510116111
b8,辛,,auditor,SL-CGC,510116111
b9,壬,10000000301,verifier,SL-CGC,510116
b9,癸,10000000301,leader,SL-CGC,510116
b10,子,,verifier,SL-CGC,510116
b10,子,,verifier,SL-CGC,510116
b11,丑
"
    );
    let mut found = seen(people_of(&text));
    found.sort();
    let mut due = [
        "p.csv:2 account not_understood",
        "p.csv:3 name required",
        "p.csv:4 phone not_understood",
        "p.csv:5 role not_understood",
        "p.csv:6 role not_understood",
        "p.csv:7 unit not_understood",
        "p.csv:8 division unknown_division",
        "p.csv:9 division wrong_level",
        "p.csv:10 division wrong_level",
        "p.csv:12 name two_people",
        "p.csv:14 role duplicate",
        "p.csv:15  broken_row",
    ];
    due.sort_unstable();
    assert_eq!(found, due);
    assert_eq!(
        seen(people_of("account,name,role,unit\n")),
        ["p.csv:1 division missing_column"]
    );
}

#[test]
fn each_pair_of_roles_is_kept_apart_as_the_table_says() {
    let held: Vec<Role> = Role::ALL.iter().copied().filter(|r| r.is_post()).collect();
    let mut pairs = (0, 0);
    for &a in &held {
        for &b in held.iter().filter(|b| **b != a) {
            let at = |role| match role {
                Role::GridWorker => "510116111001",
                Role::HeadGridWorker => "510116111",
                _ => "510116",
            };
            let text = format!(
                "{PEOPLE_HEADER}p1,甲,,{a},SL-CGC,{}\np1,甲,,{b},SL-CGC,{}\n",
                at(a),
                at(b)
            );
            let named = rules()
                .role_acts
                .roles_apart
                .iter()
                .find(|pair| (pair.a, pair.b) == (a, b) || (pair.a, pair.b) == (b, a));
            let outcome = people_of(&text);
            match named.map(|pair| pair.strength.as_str()) {
                Some("hard") => {
                    assert_eq!(seen(outcome), ["p.csv:3 role roles_apart"], "{a} {b}");
                    pairs.0 += 1;
                }
                Some(_) => {
                    let people = outcome.expect("may be relaxed");
                    assert_eq!(people[0].to_relax, [(Role::DutyChief, Role::Dispatcher)]);
                    pairs.1 += 1;
                }
                None => {
                    let people = outcome.expect("may be held together");
                    assert!(people[0].to_relax.is_empty(), "{a} {b}");
                    assert_eq!(people[0].posts.len(), 2);
                }
            }
        }
    }
    assert_eq!(
        pairs,
        (14, 2),
        "seven hard pairs and one default, both orders"
    );
}

#[test]
fn two_people_may_hold_what_one_may_not() {
    let text =
        format!("{PEOPLE_HEADER}p1,甲,,auditor,SL-CGC,510116\np2,乙,,dispatcher,SL-CGC,510116\n");
    let people = people_of(&text).expect("sound");
    assert_eq!(people.len(), 2);
    let accounts: Vec<&str> = people.iter().map(|p| p.account.as_str()).collect();
    assert_eq!(accounts, ["p1", "p2"]);
}
