//! What comes in: reports from anywhere, returned, supplied, refused, voided; places and classes that are not taken.

use jingwei_core::access::{Act, Post, Principal, Role};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, Classing, ClockKind, OrderStage, RingReason, Source, Stage,
};
use jingwei_core::refusal::Refusal;
use jingwei_core::rules::Urgency;

use super::{HOME, accept, dispatched, feed_back};
use crate::support::{
    Story, class, clock, demo, division, only_fault, person_id, report, sealed, unit, who,
};

#[test]
fn a_report_is_returned_for_information_and_supplied() {
    let mut story = Story::new(demo(), 5);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    let old = Story::timer_of(&story.running(ClockKind::Accept, None));
    let returned = CaseCommand::ReturnForInfo(sealed("which side of the bridge?"));
    story.at("10:01:00").does(&who("officer-hlx"), &returned);
    assert_eq!(story.case().stage, Stage::Returned);
    story.at("10:02:00");
    assert_eq!(
        story.refused(&Principal::System, &old),
        Refusal::TimerGone,
        "nobody waits for the centre now"
    );
    let supplied = CaseCommand::SupplyInfo(sealed("the northern side"));
    assert_eq!(
        story.refused(&who("grid-hl2"), &supplied),
        Refusal::Forbidden(Act::SupplyInfo),
        "not their report"
    );
    story.at("10:03:00").does(&who("grid-hl1"), &supplied);
    assert_eq!(story.case().stage, Stage::Reported);
    assert_eq!(story.case().supplied.len(), 1);
    let clock_now = story.running(ClockKind::Accept, None);
    assert_eq!(clock_now.due, clock("10:05:00"), "the limit begins anew");
    story.at("10:05:00");
    assert_eq!(
        story.refused(&Principal::System, &old),
        Refusal::TimerGone,
        "a late timer of the old generation"
    );
    let events = story.reds(&Story::timer_of(&clock_now));
    let kinds: Vec<&str> = events.iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["overdue", "reminded", "desk-rung"]);
    let rung = story.log.last().map(|(_, step)| &step.event);
    assert!(matches!(rung, Some(CaseEvent::DeskRung(r)) if r.reason == RingReason::Overdue));
}

#[test]
fn a_report_is_refused_or_a_case_voided_with_a_reason() {
    let mut story = Story::new(demo(), 6);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    let refuse = CaseCommand::Refuse(sealed("a test of the alarm"));
    assert_eq!(
        story.refused(&who("grid-hl1"), &refuse),
        Refusal::Forbidden(Act::Refuse)
    );
    story.at("10:00:30").does(&who("officer-hlx"), &refuse);
    assert_eq!(story.case().stage, Stage::Refused);
    assert_eq!(story.case().number, None);
    assert!(story.case().clocks[0].done, "it was answered in time");
    assert_eq!(story.case().reason, Some(sealed("a test of the alarm")));

    let mut story = dispatched(demo());
    let void = CaseCommand::Void {
        granted: true,
        reason: sealed("one report too many"),
    };
    let number = story.case().number.clone();
    story.at("10:02:00").does(&who("chief-sl"), &void);
    assert_eq!(story.case().stage, Stage::Voided);
    assert!(
        story
            .case()
            .orders
            .iter()
            .all(|order| order.stage == OrderStage::StoodDown)
    );
    assert_eq!(story.case().number, number, "the number is not given again");
    assert_eq!(
        story.refused(&who("gas-1"), &feed_back(&story, "SL-GAS-1")),
        Refusal::WrongState {
            act: Act::FeedBack,
            stage: Stage::Voided
        }
    );
}

#[test]
fn the_same_id_reported_twice_exists() {
    let mut story = Story::new(demo(), 7);
    let once = report(HOME, Some("RQ01"));
    story.does(&who("grid-hl1"), &once);
    assert_eq!(story.refused(&who("grid-hl1"), &once), Refusal::Exists);
    let nothing = Story::new(demo(), 8);
    assert_eq!(
        nothing.refused(&who("officer-hlx"), &accept()),
        Refusal::NotFound,
        "no act comes before the report"
    );
}

#[test]
fn a_report_from_elsewhere_goes_to_the_centre_of_the_place() {
    let mut story = Story::new(demo(), 9);
    story.does(&who("grid-hl1"), &report("513322100", Some("RQ01")));
    assert_eq!(story.case().centre, division("513322"));
    assert_eq!(story.case().centre_unit, Some(unit("LD-CGC")));
    assert_eq!(
        story.refused(&who("officer-hlx"), &accept()),
        Refusal::NotFound
    );
    story.does(&who("officer-ld"), &accept());
    assert_eq!(story.case().stage, Stage::Accepted);

    let mut story = Story::new(demo(), 10);
    story.does(&Principal::Resident, &report("513402001", None));
    assert_eq!(
        (story.case().source, story.case().reporter),
        (Source::Resident, None),
        "whatever the sender calls it"
    );
    assert_eq!(
        story.case().centre,
        division("513402001"),
        "no centre registered: the town's code"
    );
    assert_eq!(story.case().centre_unit, None);
}

#[test]
fn places_that_are_former_too_large_or_unknown_are_refused() {
    let story = Story::new(demo(), 11);
    let refusal = |place: &str| story.refused(&who("grid-hl1"), &report(place, None));
    let former = refusal("513425");
    let fault = only_fault(&former);
    assert_eq!(
        (fault.pointer.as_str(), fault.code),
        ("/division", "former_division")
    );
    assert!(
        fault.zh.contains("513402 会理市") && fault.en.contains("513402 会理市"),
        "{} / {}",
        fault.zh,
        fault.en
    );
    let large = refusal("510116");
    assert_eq!(only_fault(&large).code, "too_large");
    let unknown = refusal("510116999");
    assert_eq!(only_fault(&unknown).code, "unknown_division");

    let both = story.refused(&who("grid-hl1"), &report("510116999", Some("RQ99")));
    let Refusal::Invalid(faults) = both else {
        panic!("faults are due, not {both:?}");
    };
    let codes: Vec<&str> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["unknown_division", "unknown_class"], "all at once");
}

#[test]
fn a_report_without_a_class_waits_no_longer_than_the_shortest_and_gets_one_when_accepted() {
    let mut story = Story::new(demo(), 12);
    story.does(&Principal::Resident, &report(HOME, None));
    assert_eq!(
        story.running(ClockKind::Accept, None).due,
        clock("10:02:00"),
        "2min is the shortest acceptance of classes.csv"
    );
    let without = story.refused(&who("officer-hlx"), &accept());
    assert_eq!(only_fault(&without).pointer, "/class");
    assert_eq!(only_fault(&without).code, "required");
    let with = |code: &str| {
        CaseCommand::Accept(Classing {
            class: Some(class(code)),
            urgency: Some(Urgency::High),
            ..Classing::default()
        })
    };
    let unknown = story.refused(&who("officer-hlx"), &with("RQ99"));
    assert_eq!(only_fault(&unknown).code, "unknown_class");
    story.does(&who("officer-hlx"), &with("RQ01"));
    let case = story.case();
    assert_eq!(
        case.classified.as_ref().map(|c| c.class.clone()),
        Some(class("RQ01"))
    );
    assert_eq!(case.urgency, Urgency::High);
}

#[test]
fn a_post_knows_the_codes_of_its_division() {
    let codes = demo().codes_of(&division("513402"));
    assert_eq!(codes, [division("513402"), division("513425")]);
    let officer = Principal::Person {
        id: person_id("officer-hl"),
        posts: vec![Post {
            role: Role::DutyOfficer,
            unit: unit("LD-CGC"),
            division: division("513402"),
            codes,
        }],
    };
    let mut story = Story::new(demo(), 16);
    story.does(&Principal::Resident, &report("513402001", Some("RQ01")));
    assert!(story.ask(&officer, &accept()).is_ok(), "today's code");
    if let Some(case) = story.state.as_mut() {
        case.code = division("513425001");
    }
    assert!(
        story.ask(&officer, &accept()).is_ok(),
        "a case of the former code stays in scope"
    );
}
