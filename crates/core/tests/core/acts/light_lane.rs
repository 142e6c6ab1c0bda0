//! Small things that a worker solves on the spot: one form, two events, one in so many audited by somebody else.

use jingwei_core::access::{Act, Principal};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, Classing, ClockKind, Report, Satisfaction, Source, Stage,
};
use jingwei_core::refusal::Refusal;
use jingwei_core::rules::{Severity, Urgency};
use uuid::Uuid;

use super::{HOME, joined, kinds, verify};
use crate::support::{Story, class, demo, division, only_fault, report, rules, sealed, who};

fn solved(classing: Classing) -> CaseCommand {
    CaseCommand::Report(Box::new(Report {
        source: Source::Phone,
        classing,
        place: division(HOME),
        words: sealed("an advertisement on the wall"),
        contact: None,
        position: None,
        receipt: None,
        solved: Some(sealed("scraped off")),
    }))
}

fn small() -> CaseCommand {
    solved(Classing {
        class: Some(class("CG09")),
        ..Classing::default()
    })
}

/// A story whose first id draws the audit, or does not: the draw is the id's last two bytes.
fn drawn(audit: bool) -> Story<'static> {
    let story = Story::new(demo(), 61);
    let last = if audit { 0 } else { 50 };
    story.next.set((story.next.get() & !0xffff) + last);
    story
}

#[test]
fn one_form_is_two_events_and_closes_at_once_when_it_is_not_drawn() {
    let mut story = drawn(false);
    let events = story.does(&who("grid-hl1"), &small());
    assert_eq!(kinds(&events), ["reported", "solved-on-spot"]);
    assert_eq!(story.case().stage, Stage::Closed);
    assert_eq!(story.case().solved, Some(sealed("scraped off")));
    assert!(
        story.case().rate_until.is_some(),
        "the reporter may still say no"
    );
    assert!(
        story
            .case()
            .clocks
            .iter()
            .all(|clock| clock.stopped.is_some())
    );
    assert_eq!(story.case().number, None, "never the full procedure");
}

#[test]
fn the_audit_is_another_persons_and_ends_the_light_lane() {
    let mut story = drawn(true);
    let events = story.does(&who("grid-hl1"), &small());
    let CaseEvent::SolvedOnSpot(event) = &events[1] else {
        panic!("solved is due, not {events:?}");
    };
    assert!(event.audit.is_some());
    assert_eq!(story.case().stage, Stage::Handled);
    let mine = joined("grid-hl1", &["verifier-hlx"]);
    assert!(matches!(
        story.refused(&mine, &verify(true)),
        Refusal::Separation {
            did: Act::SolveOnSpot,
            act: Act::Verify,
            ..
        }
    ));
    let events = story.does(&who("verifier-hlx"), &verify(true));
    assert_eq!(kinds(&events), ["verified", "closed"]);
    assert_eq!(story.case().stage, Stage::Closed);
}

#[test]
fn a_failed_audit_sends_it_the_whole_way() {
    let mut story = drawn(true);
    story.does(&who("grid-hl1"), &small());
    let events = story.does(&who("verifier-hlx"), &verify(false));
    assert_eq!(kinds(&events), ["audit-failed"]);
    assert_eq!(story.case().stage, Stage::Reported);
    assert_eq!(story.case().solved, None);
    assert!(story.case().running(ClockKind::Accept, None).is_some());
    story.does(&who("officer-hlx"), &super::accept());
    assert_eq!(story.case().stage, Stage::Accepted);
}

#[test]
fn what_is_larger_urgent_or_unclassed_does_not_take_the_light_lane() {
    let story = drawn(true);
    let worker = who("grid-hl1");
    let with = |severity, urgency| {
        solved(Classing {
            class: Some(class("CG09")),
            severity,
            urgency,
        })
    };
    for command in [
        with(Some(Severity::Larger), None),
        with(None, Some(Urgency::High)),
    ] {
        let refusal = story.refused(&worker, &command);
        assert_eq!(
            (
                only_fault(&refusal).pointer.as_str(),
                only_fault(&refusal).code
            ),
            ("/solved", "not_a_small_thing")
        );
    }
    let refusal = story.refused(&worker, &solved(Classing::default()));
    assert_eq!(only_fault(&refusal).code, "required");
    for by in [who("officer-hlx"), Principal::Resident] {
        assert_eq!(
            story.refused(&by, &small()),
            Refusal::Forbidden(Act::SolveOnSpot)
        );
    }
}

#[test]
fn a_report_is_solved_afterwards_by_its_own_reporter_only() {
    let mut story = drawn(false);
    story.does(&who("grid-hl1"), &report(HOME, Some("CG09")));
    let solve = CaseCommand::SolveOnSpot(sealed("scraped off"));
    assert_eq!(
        story.refused(&who("grid-hl2"), &solve),
        Refusal::Forbidden(Act::SolveOnSpot)
    );
    story.does(&who("grid-hl1"), &solve);
    assert_eq!(story.case().stage, Stage::Closed);

    // A reopened one goes the whole way, for there are no units to work again.
    let holder = Principal::Holder(story.id);
    let bad = CaseCommand::Rate {
        solved: false,
        satisfaction: Satisfaction::Dissatisfied,
        note: None,
    };
    let events = story.does(&holder, &bad);
    assert_eq!(kinds(&events), ["rated", "reopened", "desk-rung"]);
    assert_eq!(story.case().stage, Stage::Reported);
}

#[test]
fn about_as_many_are_drawn_as_the_setting_says() {
    let share = rules().settings.audit_percent;
    assert_eq!(share, 5);
    let mut audited = 0;
    for i in 0..2_000_u128 {
        let story = Story::new(demo(), 62);
        // Ids as they come: the last bytes of a version 5 UUID are as good as random.
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, &i.to_be_bytes());
        story.next.set(id.as_u128() >> 1);
        let decided = story.ask(&who("grid-hl1"), &small()).expect("taken");
        audited += u32::from(decided.iter().any(
            |step| matches!(&step.event, CaseEvent::SolvedOnSpot(event) if event.audit.is_some()),
        ));
    }
    assert!(
        (60..=140).contains(&audited),
        "5 % of 2,000 are 100, not {audited}"
    );
}
