//! Between the levels: up with reasons, down with a deadline, levels that are skipped, limits that depend on severity and on
//! the filing condition, and deadlines beyond the calendar.

use jingwei_core::access::{Act, Principal};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, Classing, ClockKind, Part, RingReason, Stage, UpBecause,
};
use jingwei_core::code::{ConditionCode, Level};
use jingwei_core::refusal::Refusal;
use jingwei_core::rules::{Severity, Urgency};
use jingwei_core::time::Timestamp;

use super::{HOME, accept, because, kinds, limit, order};
use crate::support::{
    Story, class, clock, demo, demo_with, division, next_year, only_fault, report, sealed, unit,
    who,
};

fn reported(seed: u64, class_code: &str) -> Story<'static> {
    let mut story = Story::new(demo(), seed);
    story.does(&who("grid-hl1"), &report(HOME, Some(class_code)));
    story
}

fn down(to: &str, time: &str) -> CaseCommand {
    CaseCommand::PassDown {
        to: division(to),
        limit: limit(time),
        reason: because(),
    }
}

#[test]
fn a_case_goes_up_with_reasons_and_the_level_above_has_it() {
    let mut story = reported(51, "RQ04");
    let up = CaseCommand::PassUp(sealed("beyond the town"));
    let officer = who("officer-hlx");
    let events = story.at("10:10:00").does(&officer, &up);
    assert_eq!(kinds(&events), ["passed-up", "desk-rung"]);
    let CaseEvent::PassedUp(passed) = &events[0] else {
        panic!("passed up is due, not {events:?}");
    };
    assert_eq!(
        (passed.because, passed.centre_unit),
        (UpBecause::Person, Some(unit("SL-CGC")))
    );
    assert_eq!(story.case().centre, division("510116"));
    assert_eq!(
        story.running(ClockKind::Accept, None).due,
        clock("10:40:00"),
        "to accept there, anew"
    );
    assert_eq!(
        story.refused(&officer, &accept()),
        Refusal::HandledAbove(Act::Accept, Level::County),
        "the town leaves it to the county"
    );
    story.does(&who("chief-sl"), &accept());
    assert_eq!(story.case().stage, Stage::Accepted);

    // At the top nothing is above; the city has a centre here and nobody at it.
    let mut story = reported(52, "RQ04");
    story.does(&officer, &up);
    story.does(&who("dispatcher-sl"), &up);
    assert_eq!(story.case().centre, division("5101"));
    let refusal = story.refused(&who("headgrid-hlx"), &up);
    assert_eq!(only_fault(&refusal).code, "no_level_above");
    assert_eq!(
        story.refused(&who("dispatcher-sl"), &up),
        Refusal::HandledAbove(Act::PassUp, Level::City),
        "the head worker could, so the county's dispatcher leaves it"
    );
    // Nobody at the city takes reports: the county still does.
    story.does(&who("chief-sl"), &accept());
}

#[test]
fn a_case_comes_down_with_a_deadline_that_runs_through_all_steps() {
    let mut story = reported(53, "RQ04");
    story.does(&who("officer-hlx"), &CaseCommand::PassUp(because()));
    let dispatcher = who("dispatcher-sl");
    for to in ["510116111001", "513322", "510116"] {
        let refusal = story.refused(&dispatcher, &down(to, "3d"));
        assert_eq!(only_fault(&refusal).code, "no_such_centre_below", "{to}");
    }
    let events = story
        .at("10:30:00")
        .does(&dispatcher, &down("510116111", "3d"));
    assert_eq!(kinds(&events), ["passed-down", "desk-rung"]);
    assert_eq!(story.case().centre, division("510116111"));
    let finish = clock("10:30:00").plus_ms(3 * 86_400_000);
    assert_eq!(story.running(ClockKind::Finish, None).due, finish);
    let officer = who("officer-hlx");
    story.does(&officer, &CaseCommand::ReturnForInfo(because()));
    assert_eq!(
        story.running(ClockKind::Finish, None).due,
        finish,
        "sent back or not"
    );
    story.does(&who("grid-hl1"), &CaseCommand::SupplyInfo(sealed("more")));
    story.does(&officer, &accept());
    story.does(&officer, &CaseCommand::File(None));
    assert_eq!(story.running(ClockKind::Finish, None).due, finish);
    let down = story.refused(&officer, &down("510116111", "3d"));
    assert_eq!(
        down,
        Refusal::Forbidden(Act::PassDown),
        "from the county up"
    );
}

#[test]
fn a_rule_that_skips_levels_tells_each_centre_once_beside_the_normal_way() {
    // A gas leak, larger and urgent: county by urgency, city by severity.
    let mut story = Story::new(demo(), 54);
    let events = story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    assert_eq!(
        kinds(&events),
        ["reported", "desk-rung", "alerted", "alerted", "desk-rung"]
    );
    assert_eq!(story.case().alerted, [division("510116"), division("5101")]);
    assert_eq!(story.case().centre, division("510116111"), "the normal way");
    let CaseEvent::DeskRung(rung) = &events[4] else {
        panic!("the desk rings, not {events:?}");
    };
    assert_eq!(rung.reason, RingReason::Alerted);
    let worse = CaseCommand::Accept(Classing {
        severity: Some(Severity::Major),
        ..Classing::default()
    });
    let events = story.does(&who("officer-hlx"), &worse);
    assert_eq!(
        kinds(&events),
        ["accepted"],
        "told once; the province, which a major one tells, has no centre here"
    );

    // Not urgent before, urgent now: the county hears then.
    let mut story = Story::new(demo(), 55);
    story.does(&who("grid-hl1"), &report(HOME, Some("CG14")));
    assert!(story.case().alerted.is_empty());
    let events = story.does(&who("officer-hlx"), &CaseCommand::MarkUrgent(because()));
    assert_eq!(
        kinds(&events),
        ["marked-urgent", "desk-rung", "alerted", "desk-rung"]
    );
    assert_eq!(story.case().alerted, [division("510116")]);
}

#[test]
fn limits_follow_the_severity_and_a_filing_condition_goes_before_the_class() {
    let mut story = reported(56, "SZ07");
    let handle = |story: &Story<'_>| {
        let class = story.case().classified.clone().expect("a class");
        class.limits.handle.to_string()
    };
    assert_eq!(handle(&story), "24h");
    let officer = who("officer-hlx");
    let larger = CaseCommand::SetClass(Classing {
        severity: Some(Severity::Larger),
        ..Classing::default()
    });
    let nothing = CaseCommand::SetClass(Classing::default());
    assert_eq!(
        only_fault(&story.refused(&officer, &nothing)).code,
        "required"
    );
    story.at("10:04:00").does(&officer, &larger);
    assert_eq!(handle(&story), "12h");
    assert_eq!(
        story.running(ClockKind::Accept, None).due,
        clock("10:10:00"),
        "ten minutes from the report, not from the change"
    );
    story.at("10:06:00").does(&officer, &accept());
    let file = |code: &str| CaseCommand::File(ConditionCode::parse(code));
    let refusal = story.refused(&officer, &file("CG01-1"));
    assert_eq!(only_fault(&refusal).code, "unknown_condition");
    story.does(&officer, &file("SZ07-2"));
    assert_eq!(
        story.case().condition,
        ConditionCode::parse("SZ07-2"),
        "a slow drain"
    );
    assert_eq!(handle(&story), "3wd", "the condition's limit goes before");
    story.at("10:10:00").does(
        &who("dispatcher-sl"),
        &CaseCommand::Dispatch {
            plan: None,
            orders: vec![order("SL-UMB", Part::Lead)],
            under: None,
        },
    );
    assert_eq!(
        story.running(ClockKind::Handle, None).due,
        Timestamp::parse("2026-11-25T10:10:00+08:00").expect("a time"),
        "three working days from Friday: Wednesday"
    );
}

#[test]
fn a_change_of_class_neither_gives_nor_takes_time_after_a_suspension() {
    let mut story = super::at_work(demo());
    let suspend = CaseCommand::Suspend {
        order: None,
        granted: true,
        limit: Some(limit("3d")),
        reason: because(),
    };
    let dispatcher = who("dispatcher-sl");
    story.at("11:03:00").does(&dispatcher, &suspend);
    story
        .at("21:03:00")
        .does(&dispatcher, &CaseCommand::Resume(because()));
    let as_was = story.running(ClockKind::Handle, None).due;
    assert_eq!(as_was, clock("10:03:00").plus_ms(34 * 3_600_000));
    // From 24 hours to 12: twelve hours less, and the ten of the suspension stay out.
    let class = CaseCommand::SetClass(Classing {
        class: Some(class("XF09")),
        severity: Some(Severity::Larger),
        urgency: Some(Urgency::High),
    });
    story.at("21:10:00").does(&who("officer-hlx"), &class);
    assert_eq!(
        story.running(ClockKind::Handle, None).due,
        as_was.plus_ms(-12 * 3_600_000)
    );
}

#[test]
fn a_deadline_beyond_the_calendar_is_provisional_and_reckoned_again_when_the_notice_comes() {
    let mut story = reported(57, "RQ04");
    story.does(&who("officer-hlx"), &CaseCommand::PassUp(because()));
    story.does(&who("dispatcher-sl"), &down("510116111", "60wd"));
    let before = story.running(ClockKind::Finish, None);
    assert!(before.provisional && story.case().is_provisional());
    let recompute = CaseCommand::Recompute;
    assert_eq!(
        story.refused(&Principal::System, &recompute),
        Refusal::TimerGone,
        "by the same calendar nothing changes"
    );
    story.rules = next_year();
    assert_eq!(
        story.refused(&who("chief-sl"), &recompute),
        Refusal::TimerGone,
        "no person reckons deadlines"
    );
    let events = story.does(&Principal::System, &recompute);
    let CaseEvent::Recomputed(recomputed) = &events[0] else {
        panic!("recomputed is due, not {events:?}");
    };
    assert_eq!(recomputed.clocks.len(), 1);
    let after = story.running(ClockKind::Finish, None);
    assert!(!after.provisional && !story.case().is_provisional());
    assert_eq!(
        after.due,
        before.due.plus_ms(10 * 86_400_000),
        "New Year's Day and five working days of the Spring Festival, and two weekends between"
    );
    assert_ne!(after.generation, before.generation);
    assert_eq!(
        story.refused(&Principal::System, &recompute),
        Refusal::TimerGone,
        "once"
    );
}

#[test]
fn an_empty_post_is_skipped_upward_and_falls_back_where_nobody_is_above() {
    let no_town = demo_with(|account| account != "officer-hlx");
    let mut story = Story::new(&no_town, 58);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    assert_eq!(
        story.case().centre,
        division("510116"),
        "nobody takes reports at the town"
    );
    let nobody = demo_with(|account| !matches!(account, "officer-hlx" | "chief-sl"));
    let mut story = Story::new(&nobody, 59);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    assert_eq!(
        story.case().centre,
        division("510116111"),
        "nobody anywhere: the lowest centre"
    );

    // The county lost its people after the case went up: the town acts again, and closes what the county closes.
    let town_only = demo_with(|account| !account.ends_with("-sl"));
    let mut story = Story::new(&town_only, 60);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    let officer = who("officer-hlx");
    story.does(&officer, &CaseCommand::PassUp(because()));
    assert_eq!(story.case().centre, division("510116"));
    story.does(&officer, &accept());
    story.does(&officer, &CaseCommand::File(None));
    assert_eq!(story.case().stage, Stage::Filed);
}
