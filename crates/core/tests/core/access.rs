//! Who may do what, where: every role × act × level × relation to the case against role_acts.csv as shipped.
//!
//! The expectation is read from the table by this file's own few lines, not by the reader under test.

use std::collections::HashMap;
use std::fmt::Write as _;

use jingwei_core::access::{
    Act, Acting, Post, Principal, Role, Sight, area_posts, may, may_report, own_units, sight,
};
use jingwei_core::cases::{CaseCommand, CaseState, Classing, acts_open_to};
use jingwei_core::code::{DivisionCode, Level};
use jingwei_core::id::{OrderId, PersonId, UnitId};
use jingwei_core::refusal::Refusal;
use uuid::Uuid;

use crate::support::{SHIPPED, Story, demo, division, p_gas, person_id, report, rules, unit, who};

/// How a post stands to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Relation {
    /// The case lies in the division of the post.
    Area,
    /// The person reported it; the post lies elsewhere.
    Own,
    /// The unit of the post has an order; the post lies elsewhere.
    Order,
    /// Nothing.
    Nothing,
}

const RELATIONS: [Relation; 4] = [
    Relation::Area,
    Relation::Own,
    Relation::Order,
    Relation::Nothing,
];

/// Roles that see every case of their area, as DOMAIN has it: all but those who only carry orders out or keep the system.
const SEES_AREA: [Role; 9] = [
    Role::Auditor,
    Role::Dispatcher,
    Role::DutyChief,
    Role::DutyOfficer,
    Role::GridWorker,
    Role::HeadGridWorker,
    Role::Inspector,
    Role::Leader,
    Role::Verifier,
];

/// Roles whose unit's orders show them the case.
const SEES_ORDERS: [Role; 3] = [Role::GridWorker, Role::HeadGridWorker, Role::UnitStaff];

/// Codes around the case and elsewhere, from community to province.
const AROUND: [&str; 5] = ["510116111001", "510116111", "510116", "5101", "51"];
const ELSEWHERE: [&str; 5] = ["503322100001", "503322100", "503322", "5033", "50"];

/// A case in 510116111001, dispatched by the plan; the gas team's order is its first.
fn case() -> CaseState {
    let mut story = Story::new(demo(), 20);
    story.does(&who("grid-hl2"), &report("510116111001", Some("RQ01")));
    let officer = who("officer-hlx");
    story.does(&officer, &CaseCommand::Accept(Classing::default()));
    story.does(&officer, &CaseCommand::File(None));
    story.does(&officer, &CaseCommand::DispatchByPlan(p_gas()));
    story.case().clone()
}

/// An allowed row of role_acts.csv: scope and levels as words.
type Allowed = HashMap<(String, String), (String, Level, Level)>;

fn allowed() -> Allowed {
    let text = SHIPPED
        .iter()
        .find(|(name, _)| *name == "role_acts.csv")
        .map(|(_, text)| *text)
        .expect("the table");
    let mut rows = Allowed::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if let [role, act, "1", scope, least, most] = cells[..] {
            let level = |word| Level::parse(word).expect("a level");
            rows.insert(
                (role.to_owned(), act.to_owned()),
                (scope.to_owned(), level(least), level(most)),
            );
        }
    }
    assert_eq!(rows.len(), 103, "rows with allow 1 in role_acts.csv");
    rows
}

fn post(role: Role, at: &str, unit: UnitId) -> Post {
    let division = division(at);
    Post {
        role,
        unit,
        codes: vec![division.clone()],
        division,
    }
}

fn person(role: Role, at: &str, unit: UnitId) -> Principal {
    Principal::Person {
        id: person_id("somebody"),
        posts: vec![post(role, at, unit)],
    }
}

/// What the table says for a post of `role` at `level` in `relation`.
fn expected(role: Role, act: Act, level: Level, relation: Relation, table: &Allowed) -> Answer {
    let sees = match relation {
        Relation::Area => SEES_AREA.contains(&role),
        Relation::Own => true,
        Relation::Order => SEES_ORDERS.contains(&role),
        Relation::Nothing => false,
    };
    if !sees {
        return Answer::NotFound;
    }
    let rule = table.get(&(role.as_str().to_owned(), act.as_str().to_owned()));
    let reaches = rule.is_some_and(|(scope, least, most)| {
        let as_grid = level == Level::Community && *most == Level::Grid;
        let scope_fits = matches!(
            (scope.as_str(), relation),
            ("area", Relation::Area) | ("own", Relation::Own) | ("order", Relation::Order)
        );
        scope_fits && ((*least..=*most).contains(&level) || as_grid)
    });
    if reaches {
        Answer::Allowed
    } else {
        Answer::Forbidden
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Allowed,
    Forbidden,
    NotFound,
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the matrix is for the reader of the test's output"
)]
fn role_act_and_relation_answer_as_role_acts_csv_says() {
    let table = allowed();
    let mut case = case();
    let order = case.orders[0].clone();
    let (reporter, stranger) = (person_id("somebody"), person_id("nobody"));
    let mut printed = format!("{:<18}", "act");
    let posts: Vec<Role> = Role::ALL.iter().copied().filter(|r| r.is_post()).collect();
    for role in &posts {
        let _ = write!(printed, "{:<18}", role.as_str());
    }
    printed.push_str("  A area, R own report, O order, . nothing\n");
    let mut asked = 0;
    for &act in Act::ALL {
        let _ = write!(printed, "{:<18}", act.as_str());
        for &role in &posts {
            let mut letters = String::new();
            for relation in RELATIONS {
                let mut anywhere = false;
                for i in 0..AROUND.len() {
                    let at = if relation == Relation::Area {
                        AROUND[i]
                    } else {
                        ELSEWHERE[i]
                    };
                    let own_unit = match relation {
                        Relation::Order => order.unit,
                        _ => unit("LD-GAS"),
                    };
                    case.reporter = Some(if relation == Relation::Own {
                        reporter
                    } else {
                        stranger
                    });
                    let principal = person(role, at, own_unit);
                    let level = division(at).level();
                    let due = expected(role, act, level, relation, &table);
                    for about in [None, Some(order.id)] {
                        let answer = may(&principal, act, &case, about, &rules().role_acts);
                        let found = match &answer {
                            Ok(_) => Answer::Allowed,
                            Err(Refusal::Forbidden(refused)) if *refused == act => {
                                Answer::Forbidden
                            }
                            Err(Refusal::NotFound) => Answer::NotFound,
                            Err(other) => panic!("{role} {act}: {other:?}"),
                        };
                        assert_eq!(found, due, "{role} {act} {level} {relation:?} {about:?}");
                        if let Ok(acting) = answer {
                            let wanted = Acting {
                                person: Some(reporter),
                                role,
                                unit: Some(own_unit),
                            };
                            assert_eq!(acting, wanted);
                            anywhere = true;
                        }
                        asked += 1;
                    }
                }
                if anywhere {
                    letters.push(match relation {
                        Relation::Area => 'A',
                        Relation::Own => 'R',
                        Relation::Order => 'O',
                        Relation::Nothing => '!',
                    });
                }
            }
            let cell = if letters.is_empty() { "." } else { &letters };
            let _ = write!(printed, "{cell:<18}");
        }
        printed.push('\n');
    }
    println!("{printed}");
    assert_eq!(asked, Act::ALL.len() * posts.len() * 4 * 5 * 2);
}

#[test]
fn who_may_report_is_who_the_table_lets_report_at_any_place() {
    let table = allowed();
    for &role in Role::ALL.iter().filter(|role| role.is_post()) {
        for at in ELSEWHERE {
            let level = division(at).level();
            let due = table
                .get(&(role.as_str().to_owned(), "report".to_owned()))
                .is_some_and(|(_, least, most)| {
                    (*least..=*most).contains(&level)
                        || level == Level::Community && *most == Level::Grid
                });
            let answer = may_report(
                &person(role, at, unit("LD-GAS")),
                Act::Report,
                &rules().role_acts,
            );
            match answer {
                Ok(acting) => assert_eq!((acting.role, due), (role, true), "{role} {level}"),
                Err(refusal) => assert_eq!(
                    (refusal, due),
                    (Refusal::Forbidden(Act::Report), false),
                    "{role} {level}"
                ),
            }
        }
    }
    assert_eq!(
        may_report(&Principal::Resident, Act::Report, &rules().role_acts),
        Ok(Acting::RESIDENT)
    );
    assert_eq!(
        may_report(&Principal::System, Act::Report, &rules().role_acts),
        Err(Refusal::Forbidden(Act::Report))
    );
}

#[test]
fn what_one_may_not_see_does_not_exist_whatever_one_asks() {
    let mut case = case();
    case.reporter = None;
    let nobody = Principal::Person {
        id: person_id("nobody"),
        posts: Vec::new(),
    };
    let strangers = [
        who("officer-ld"),
        who("gas-ld"),
        nobody,
        Principal::Resident,
    ];
    for stranger in &strangers {
        assert_eq!(sight(stranger, &case), None);
        for &act in Act::ALL {
            for order in [None, Some(case.orders[0].id), Some(OrderId(Uuid::nil()))] {
                assert_eq!(
                    may(stranger, act, &case, order, &rules().role_acts),
                    Err(Refusal::NotFound),
                    "{act} {order:?}: never forbidden, which would say that it exists"
                );
            }
        }
        assert_eq!(acts_open_to(stranger, &case, rules(), demo()), []);
    }
}

#[test]
fn an_order_of_another_unit_or_of_no_case_is_not_ones_own() {
    let case = case();
    let order_of = |code: &str| {
        let id = unit(code);
        let found = case.orders.iter().find(|order| order.unit == id);
        found.expect("an order").id
    };
    let ask = |account: &str, order| {
        may(
            &who(account),
            Act::Acknowledge,
            &case,
            Some(order),
            &rules().role_acts,
        )
        .map(|acting| acting.unit)
    };
    let gas = order_of("SL-GAS-1");
    assert_eq!(ask("gas-1", gas), Ok(Some(unit("SL-GAS-1"))));
    assert_eq!(
        ask("gas-1", order_of("SL-FIRE-HLX")),
        Err(Refusal::Forbidden(Act::Acknowledge)),
        "the case is theirs to see, the other order not theirs to take"
    );
    assert_eq!(ask("gas-2", gas), Err(Refusal::NotFound), "not called");
    assert_eq!(
        ask("gas-1", OrderId(Uuid::nil())),
        Err(Refusal::NotFound),
        "no such order"
    );
}

#[test]
fn a_case_is_seen_by_area_before_report_before_order() {
    let case = case();
    assert_eq!(sight(&who("grid-hl2"), &case), Some(Sight::Area));
    assert_eq!(sight(&who("gas-1"), &case), Some(Sight::Order));
    assert_eq!(sight(&who("admin-sl"), &case), None, "no handling, no view");
    assert_eq!(sight(&who("auditor-sl"), &case), Some(Sight::Area));
    assert_eq!(sight(&Principal::System, &case), Some(Sight::Area));
    let mut reported = case.clone();
    reported.reporter = Some(person_id("gas-1"));
    assert_eq!(sight(&who("gas-1"), &reported), Some(Sight::Own));
    assert_eq!(area_posts(&who("gas-1")).count(), 0);
    assert_eq!(
        own_units(&who("gas-1")).collect::<Vec<_>>(),
        [unit("SL-GAS-1")]
    );
    assert!(who("officer-hlx").holds(Role::Dispatcher));
    assert!(!who("officer-hlx").holds(Role::Verifier));
    assert_eq!(Principal::Resident.person(), None);
}

#[test]
fn former_and_present_codes_are_both_in_scope() {
    let mut case = case();
    case.reporter = None;
    let officer = |codes: &[&str]| Principal::Person {
        id: PersonId(Uuid::nil()),
        posts: vec![Post {
            role: Role::DutyOfficer,
            unit: unit("SL-CGC"),
            division: division(codes[0]),
            codes: codes.iter().map(|code| division(code)).collect(),
        }],
    };
    let sees = |codes: &[&str], place: &str, case: &mut CaseState| {
        case.code = division(place);
        sight(&officer(codes), case) == Some(Sight::Area)
    };
    assert!(sees(&["513402", "513425"], "513402001", &mut case));
    assert!(sees(&["513402", "513425"], "513425100", &mut case));
    assert!(!sees(&["513402"], "513425100", &mut case));
    assert!(!sees(&["513402", "513425"], "513401001", &mut case));

    let codes = |code: &str| -> Vec<DivisionCode> { demo().codes_of(&division(code)) };
    assert_eq!(codes("513425"), [division("513425"), division("513402")]);
    assert_eq!(codes("510116"), [division("510116")]);
    assert_eq!(codes("999999"), [division("999999")], "unknown: itself");
}

#[test]
fn the_acts_shown_as_open_are_those_of_role_stage_and_separation() {
    let mut story = Story::new(demo(), 21);
    story.does(&who("grid-hl1"), &report("510116111001", Some("RQ01")));
    let open = |story: &Story<'_>, account: &str| -> Vec<Act> {
        acts_open_to(&who(account), story.case(), rules(), demo())
            .into_iter()
            .map(|(act, _)| act)
            .collect()
    };
    assert_eq!(
        open(&story, "officer-hlx"),
        [
            Act::Accept,
            Act::MarkConfidential,
            Act::MarkUrgent,
            Act::Merge,
            Act::PassUp,
            Act::Refuse,
            Act::Relay,
            Act::Remind,
            Act::RequestVoid,
            Act::ReturnForInfo,
            Act::SetClass,
            Act::Void
        ]
    );
    assert_eq!(open(&story, "grid-hl1"), [Act::Confirm, Act::SolveOnSpot]);
    assert_eq!(
        open(&story, "grid-hl2"),
        [Act::Confirm],
        "a colleague's report is not theirs to solve"
    );
    assert_eq!(open(&story, "auditor-sl"), []);
    assert_eq!(
        open(&story, "inspector-sl"),
        [Act::RedCard, Act::Remind, Act::Supervise, Act::YellowCard]
    );
    let officer = who("officer-hlx");
    story.does(&officer, &CaseCommand::Accept(Classing::default()));
    story.does(&officer, &CaseCommand::File(None));
    assert_eq!(
        open(&story, "officer-hlx"),
        [
            Act::Dispatch,
            Act::MarkConfidential,
            Act::MarkUrgent,
            Act::Merge,
            Act::PassUp,
            Act::Remind,
            Act::RequestVoid,
            Act::SetClass,
            Act::Void
        ],
        "an urgent plan joins accepting, filing and dispatching"
    );
    story.does(&officer, &CaseCommand::DispatchByPlan(p_gas()));
    let of_gas = acts_open_to(&who("gas-1"), story.case(), rules(), demo());
    let order = Some(story.order_id("SL-GAS-1"));
    assert_eq!(
        of_gas,
        [
            (Act::Acknowledge, order),
            (Act::Arrive, order),
            (Act::FeedBack, order),
            (Act::Handle, order),
            (Act::ObjectOrder, order),
            (Act::RequestExtension, order),
            (Act::RequestSuspend, order)
        ]
    );
}
