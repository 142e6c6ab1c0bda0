//! Small places: one person in a village or a town, empty posts, and separations that give way in writing or never.

use jingwei_core::access::{Act, Principal, Role};
use jingwei_core::cases::{CaseCommand, CaseEvent, Satisfaction, Stage, acts_open_to};
use jingwei_core::directory::Directory;
use jingwei_core::refusal::Refusal;

use super::{HOME, accept, because, feed_back, kinds, limit, order, verify};
use crate::support::{Story, demo_with, only_fault, person_id, report, rules, who};

/// Everybody who works with cases in a directory where only some of the demo's people are there.
fn only(kept: &'static [&'static str]) -> Directory {
    demo_with(move |account| kept.contains(&account))
}

/// A resident's report of a gas pipe that was altered, dispatched by hand to the first gas team, and handed in.
fn handed_in<'d>(directory: &'d Directory, dispatcher: &Principal) -> Story<'d> {
    let mut story = Story::new(directory, 95);
    story.does(&Principal::Resident, &report(HOME, Some("RQ04")));
    let officer = who("officer-hlx");
    story.does(&officer, &accept());
    story.does(&officer, &CaseCommand::File(None));
    story.does(
        dispatcher,
        &CaseCommand::Dispatch {
            plan: None,
            orders: vec![order("SL-GAS-1", jingwei_core::cases::Part::Lead)],
            under: None,
        },
    );
    let command = feed_back(&story, "SL-GAS-1");
    story.does(&who("gas-1"), &command);
    story
}

fn content() -> CaseCommand {
    CaseCommand::Rate {
        solved: true,
        satisfaction: Satisfaction::Satisfied,
        note: None,
    }
}

#[test]
fn checking_rises_to_the_level_above_while_somebody_is_there() {
    let directory = only(&["officer-hlx", "gas-1", "verifier-sl", "chief-sl"]);
    let mut story = handed_in(&directory, &who("officer-hlx"));
    let both = super::joined("officer-hlx", &["verifier-hlx"]);
    assert!(
        matches!(
            story.refused(&both, &verify(true)),
            Refusal::Separation {
                did: Act::Dispatch,
                act: Act::Verify,
                ..
            }
        ),
        "the town's one person dispatched; the district's verifier is there"
    );
    story.does(&who("verifier-sl"), &verify(true));
    assert_eq!(story.case().stage, Stage::Verified);
    assert!(matches!(
        story.refused(&who("officer-hlx"), &CaseCommand::Close),
        Refusal::Separation { .. }
    ));
    story.does(&who("chief-sl"), &CaseCommand::Close);
    assert_eq!(story.case().stage, Stage::Closed);
}

#[test]
fn a_default_separation_gives_way_when_nobody_else_could_and_it_is_written() {
    // The dispatcher checks, because there is no verifier anywhere; the chief of the district then closes.
    let directory = only(&["officer-hlx", "gas-1", "chief-sl"]);
    let mut story = handed_in(&directory, &who("officer-hlx"));
    let both = super::joined("officer-hlx", &["verifier-hlx"]);
    let events = story.does(&both, &verify(true));
    assert_eq!(kinds(&events), ["separation-yielded", "verified"]);
    let CaseEvent::SeparationYielded(yielded) = &events[0] else {
        panic!("what gave way is due, not {events:?}");
    };
    assert_eq!(
        (yielded.did, yielded.act, Some(yielded.person)),
        (Act::Dispatch, Act::Verify, both.person())
    );
    // Somebody else could close: checking and closing stay apart for the chief who would check.
    story.does(&who("chief-sl"), &CaseCommand::Close);

    let mut story = handed_in(&directory, &who("officer-hlx"));
    let chief = super::joined("chief-sl", &["verifier-sl"]);
    story.does(&chief, &verify(true));
    let events = story.does(&chief, &CaseCommand::Close);
    assert_eq!(
        kinds(&events),
        ["separation-yielded", "closed"],
        "the other chief dispatched, and that is hard"
    );
}

#[test]
fn a_hard_separation_never_gives_way() {
    let directory = only(&["officer-hlx", "gas-1"]);
    let mut story = handed_in(&directory, &who("officer-hlx"));
    let handler = super::joined("gas-1", &["verifier-hlx"]);
    assert!(matches!(
        story.refused(&handler, &verify(true)),
        Refusal::Separation { .. }
    ));
    let both = super::joined("officer-hlx", &["verifier-hlx"]);
    story.does(&both, &verify(true));
    assert!(
        matches!(
            story.refused(&both, &CaseCommand::Close),
            Refusal::Separation {
                did: Act::Dispatch,
                act: Act::Close,
                ..
            }
        ),
        "alone in the world, and still not"
    );
    let open = acts_open_to(&both, story.case(), rules(), &directory);
    assert!(
        open.iter().all(|(act, _)| *act != Act::Close),
        "nor is it shown"
    );
    // The reporter's word is the way out.
    let holder = Principal::Holder(story.id);
    let events = story.does(&holder, &content());
    assert_eq!(kinds(&events), ["rated", "closed"]);
}

#[test]
fn the_reporters_confirmation_counts_where_nobody_could_check() {
    let directory = only(&["officer-hlx", "gas-1", "chief-sl"]);
    let mut story = handed_in(&directory, &who("officer-hlx"));
    let holder = Principal::Holder(story.id);
    let bad = CaseCommand::Rate {
        solved: true,
        satisfaction: Satisfaction::Dissatisfied,
        note: None,
    };
    let events = story.does(&holder, &bad);
    assert_eq!(kinds(&events), ["rated", "desk-rung"], "no confirmation");
    let events = story.does(&holder, &content());
    assert_eq!(kinds(&events), ["rated", "verified"]);
    let (_, step) = story.log.last().expect("a step");
    assert_eq!(
        (step.by.role, step.by.person),
        (Role::Reporter, None),
        "it says who checked"
    );
    story.does(&who("chief-sl"), &CaseCommand::Close);

    // Where somebody could check, the reporter's word waits for that.
    let directory = only(&["officer-hlx", "gas-1", "verifier-hlx"]);
    let mut story = handed_in(&directory, &who("officer-hlx"));
    let events = story.does(&Principal::Holder(story.id), &content());
    assert_eq!(kinds(&events), ["rated"]);
    assert_eq!(story.case().stage, Stage::Handled);

    // By telephone too, where nobody is left to close.
    let directory = only(&["officer-hlx", "gas-1"]);
    let mut story = handed_in(&directory, &who("officer-hlx"));
    story.does(
        &super::joined("officer-hlx", &["verifier-hlx"]),
        &verify(true),
    );
    let call = CaseCommand::CallBack {
        reached: true,
        solved: Some(true),
        satisfaction: Some(Satisfaction::Basic),
        note: None,
    };
    let events = story.does(&who("officer-hlx"), &call);
    assert_eq!(kinds(&events), ["called-back", "closed"]);
    let (_, step) = story.log.last().expect("a step");
    assert_eq!(
        step.by.person, None,
        "on the reporter's word, not the caller's"
    );
}

#[test]
fn what_a_unit_handled_is_checked_by_another_unit_unless_nobody_else_is_there() {
    let directory = only(&["officer-hlx", "gas-1", "verifier-hlx"]);
    let story = handed_in(&directory, &who("officer-hlx"));
    // A colleague of the gas team, who holds a verifier's post at the team.
    let Principal::Person { mut posts, .. } = who("gas-1") else {
        panic!("a person");
    };
    for post in &mut posts {
        post.role = Role::Verifier;
    }
    let colleague = Principal::Person {
        id: person_id("gas-1b"),
        posts,
    };
    assert!(matches!(
        story.refused(&colleague, &verify(true)),
        Refusal::Separation {
            did: Act::Handle,
            act: Act::Verify,
            ..
        }
    ));
    let directory = only(&["officer-hlx", "gas-1"]);
    let mut story = handed_in(&directory, &who("officer-hlx"));
    let events = story.does(&colleague, &verify(true));
    assert_eq!(kinds(&events), ["separation-yielded", "verified"]);
}

#[test]
fn the_nearest_level_closes_where_the_level_of_the_class_is_empty() {
    // A gas leak closes at the county; nobody is there.
    let directory = only(&["officer-hlx", "gas-1", "verifier-hlx", "headgrid-hlx"]);
    let mut story = Story::new(&directory, 96);
    story.does(&Principal::Resident, &report(HOME, Some("RQ01")));
    let officer = who("officer-hlx");
    story.does(&officer, &accept());
    story.does(&officer, &CaseCommand::File(None));
    story.does(
        &who("headgrid-hlx"),
        &CaseCommand::Dispatch {
            plan: None,
            orders: vec![order("SL-GAS-1", jingwei_core::cases::Part::Lead)],
            under: None,
        },
    );
    let command = feed_back(&story, "SL-GAS-1");
    story.does(&who("gas-1"), &command);
    story.does(&who("verifier-hlx"), &verify(true));
    let with_county = only(&["officer-hlx", "chief-sl"]);
    story.directory = &with_county;
    assert!(matches!(
        story.refused(&officer, &CaseCommand::Close),
        Refusal::ClosesAbove(_)
    ));
    story.directory = &directory;
    story.does(&officer, &CaseCommand::Close);
    assert_eq!(story.case().stage, Stage::Closed);
}

#[test]
fn one_person_for_everything_still_ends_a_case() {
    let directory = only(&["officer-hlx"]);
    let alone = super::joined("officer-hlx", &["verifier-hlx", "gas-1"]);
    let mut story = Story::new(&directory, 97);
    story.does(&Principal::Resident, &report(HOME, Some("RQ04")));
    story.does(&alone, &accept());
    story.does(&alone, &CaseCommand::File(None));
    story.does(
        &alone,
        &CaseCommand::Dispatch {
            plan: None,
            orders: vec![order("SL-GAS-1", jingwei_core::cases::Part::Lead)],
            under: None,
        },
    );
    let command = feed_back(&story, "SL-GAS-1");
    story.does(&alone, &command);
    for command in [verify(true), CaseCommand::Close] {
        assert!(story.ask(&alone, &command).is_err(), "never one's own work");
    }
    let events = story.does(&Principal::Holder(story.id), &content());
    assert_eq!(kinds(&events), ["rated", "verified", "closed"]);

    // Or the case is voided with a reason; what was asked for by the same person is not.
    let mut story = Story::new(&directory, 98);
    story.does(&Principal::Resident, &report(HOME, Some("RQ04")));
    story.does(&alone, &accept());
    let void = CaseCommand::Void {
        granted: true,
        reason: because(),
    };
    assert!(story.ask(&alone, &void).is_ok());
    story.does(&alone, &CaseCommand::RequestVoid(because()));
    assert!(matches!(
        story.refused(&alone, &void),
        Refusal::Separation {
            did: Act::RequestVoid,
            ..
        }
    ));
    let suspend = CaseCommand::Suspend {
        order: None,
        granted: true,
        limit: Some(limit("3d")),
        reason: because(),
    };
    assert!(matches!(
        story.refused(&alone, &suspend),
        Refusal::WrongState { .. }
    ));
    let empty = CaseCommand::SetClass(jingwei_core::cases::Classing::default());
    assert_eq!(only_fault(&story.refused(&alone, &empty)).code, "required");
}
