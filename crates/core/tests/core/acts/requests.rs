//! What a unit asks and the centre decides: objections, extensions, suspensions, voiding. Who asks does not decide.

use jingwei_core::access::{Act, Principal, Role};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, ClockKind, OrderStage, RequestKind, RingReason, Stage,
};
use jingwei_core::refusal::Refusal;
use jingwei_core::time::Timestamp;

use super::{at_work, because, feed_back, joined, kinds, limit};
use crate::support::{Story, clock, demo, only_fault, sealed, unit, who};

fn object(story: &Story<'_>, code: &str) -> CaseCommand {
    CaseCommand::ObjectOrder {
        order: story.order_id(code),
        reason: because(),
    }
}

fn decide(story: &Story<'_>, code: &str, upheld: bool, to: Option<&str>) -> CaseCommand {
    CaseCommand::DecideObjection {
        order: story.order_id(code),
        upheld,
        unit: to.map(unit),
        reason: because(),
    }
}

fn extend(story: &Story<'_>, code: &str, more: &str) -> CaseCommand {
    CaseCommand::RequestExtension {
        order: story.order_id(code),
        limit: limit(more),
        reason: because(),
    }
}

fn grant(story: &Story<'_>, code: &str, granted: bool, more: Option<&str>) -> CaseCommand {
    CaseCommand::DecideExtension {
        order: story.order_id(code),
        granted,
        limit: more.map(limit),
        reason: because(),
    }
}

fn suspend(story: &Story<'_>, code: &str, time: &str) -> CaseCommand {
    CaseCommand::RequestSuspend {
        order: story.order_id(code),
        limit: limit(time),
        reason: because(),
    }
}

#[test]
fn an_objection_stops_the_acknowledgement_and_is_decided_by_another() {
    let mut story = at_work(demo());
    let gas = story.order_id("SL-GAS-1");
    let objection = object(&story, "SL-GAS-1");
    let events = story.at("10:05:00").does(&who("gas-1"), &objection);
    assert_eq!(kinds(&events), ["order-objected", "desk-rung"]);
    let CaseEvent::DeskRung(rung) = &events[1] else {
        panic!("the desk rings, not {events:?}");
    };
    assert_eq!((rung.reason, rung.order), (RingReason::Request, Some(gas)));
    assert!(
        story
            .case()
            .running(ClockKind::Acknowledge, Some(gas))
            .is_none(),
        "the unit has answered"
    );
    assert_eq!(
        story.running(ClockKind::Decide, Some(gas)).due,
        clock("18:00:00").plus_ms(3 * 86_400_000 - 7 * 3_600_000 - 55 * 60_000),
        "one working day from Friday 10:05 is Monday 10:05"
    );
    assert_eq!(
        story.refused(&who("gas-1"), &object(&story, "SL-GAS-1")),
        Refusal::OrderDone(Act::ObjectOrder),
        "asked once"
    );
    // The one who objected holds the dispatcher's post for a moment: it does not help.
    assert!(matches!(
        story.refused(
            &joined("gas-1", &["dispatcher-sl"]),
            &decide(&story, "SL-GAS-1", true, Some("SL-GAS-2"))
        ),
        Refusal::Separation {
            did: Act::ObjectOrder,
            act: Act::DecideObjection,
            ..
        }
    ));
    let dispatcher = who("dispatcher-sl");
    let alone = story.refused(&dispatcher, &decide(&story, "SL-GAS-1", true, None));
    assert_eq!(
        (only_fault(&alone).pointer.as_str(), only_fault(&alone).code),
        ("/unit", "required"),
        "a lead is never left without a unit"
    );
    let wrong = decide(&story, "SL-GAS-1", false, Some("SL-GAS-2"));
    let refusal = story.refused(&dispatcher, &wrong);
    assert_eq!(only_fault(&refusal).code, "not_wanted");
    let called = decide(&story, "SL-GAS-1", true, Some("SL-UMB"));
    let refusal = story.refused(&dispatcher, &called);
    assert_eq!(only_fault(&refusal).code, "already_called");
    let upheld = decide(&story, "SL-GAS-1", true, Some("SL-GAS-2"));
    story.at("10:20:00").does(&dispatcher, &upheld);
    assert_eq!(story.order("SL-GAS-1").stage, OrderStage::Withdrawn);
    let next = story.order("SL-GAS-2").clone();
    assert_eq!(
        (next.leg, next.stage),
        (gas, OrderStage::Sent),
        "the same leg"
    );
    assert_eq!(
        story.running(ClockKind::Acknowledge, Some(next.id)).due,
        clock("10:50:00")
    );
    assert_eq!(
        story.running(ClockKind::Handle, None).due,
        clock("10:03:00").plus_ms(86_400_000),
        "the limit to handle runs on"
    );
    assert!(
        matches!(
            story.refused(&who("gas-1"), &feed_back(&story, "SL-GAS-1")),
            Refusal::OrderDone(Act::FeedBack)
        ),
        "its order has ended"
    );
}

#[test]
fn no_second_return_after_an_objection_was_turned_down_or_the_unit_was_designated() {
    let mut story = at_work(demo());
    let first = object(&story, "SL-GAS-1");
    story.does(&who("gas-1"), &first);
    let down = decide(&story, "SL-GAS-1", false, None);
    story.does(&who("dispatcher-sl"), &down);
    let order = story.order("SL-GAS-1");
    assert_eq!(
        (order.designated, order.stage),
        (true, OrderStage::Acknowledged)
    );
    assert_eq!(
        story.refused(&who("gas-1"), &object(&story, "SL-GAS-1")),
        Refusal::OrderDone(Act::ObjectOrder)
    );

    let mut story = at_work(demo());
    let designate = |by: &str, story: &Story<'_>| {
        let command = CaseCommand::Designate {
            order: story.order_id("SL-GAS-1"),
            unit: unit("SL-GAS-1"),
            reason: because(),
        };
        (who(by), command)
    };
    let (town, command) = designate("officer-hlx", &story);
    assert_eq!(
        story.refused(&town, &command),
        Refusal::Forbidden(Act::Designate),
        "from the county up"
    );
    let (county, command) = designate("dispatcher-sl", &story);
    story.does(&county, &command);
    let held = story.case().orders.last().expect("an order").clone();
    assert_eq!((held.unit, held.designated), (unit("SL-GAS-1"), true));
    let again = CaseCommand::ObjectOrder {
        order: held.id,
        reason: because(),
    };
    assert_eq!(
        story.refused(&who("gas-1"), &again),
        Refusal::OrderDone(Act::ObjectOrder)
    );
    // Sending to another unit by hand never names the same one.
    let same = CaseCommand::Redispatch {
        order: held.id,
        unit: unit("SL-GAS-1"),
        reason: because(),
    };
    let refusal = story.refused(&county, &same);
    assert_eq!(only_fault(&refusal).code, "same_unit");
}

#[test]
fn an_extension_is_asked_for_before_expiry_bounded_and_decided_by_another() {
    let mut story = at_work(demo());
    let dispatcher = who("dispatcher-sl");
    let gas = who("gas-1");
    let code_of = |story: &Story<'_>, by: &Principal, command: &CaseCommand| {
        only_fault(&story.refused(by, command)).code
    };
    for (more, code) in [("2wh", "other_time"), ("25h", "too_long")] {
        assert_eq!(
            code_of(&story, &gas, &extend(&story, "SL-GAS-1", more)),
            code
        );
    }
    let ask = extend(&story, "SL-GAS-1", "4h");
    story.at("11:00:00").does(&gas, &ask);
    assert!(matches!(
        story.refused(
            &joined("gas-1", &["dispatcher-sl"]),
            &grant(&story, "SL-GAS-1", true, None)
        ),
        Refusal::Separation {
            did: Act::RequestExtension,
            ..
        }
    ));
    let more = grant(&story, "SL-GAS-1", true, Some("5h"));
    assert_eq!(code_of(&story, &dispatcher, &more), "more_than_asked");
    let less = grant(&story, "SL-GAS-1", true, Some("3h"));
    let events = story.at("12:00:00").does(&dispatcher, &less);
    let CaseEvent::ExtensionDecided(decided) = &events[0] else {
        panic!("a decision is due, not {events:?}");
    };
    assert_eq!(
        decided.granted,
        Some(limit("3h")),
        "the reporter is told from here"
    );
    let end = clock("10:03:00").plus_ms(27 * 3_600_000);
    assert_eq!(story.running(ClockKind::Handle, None).due, end);
    assert_eq!(story.case().extended, Some((1, 3 * 3_600_000)));
    assert!(
        story
            .case()
            .request(RequestKind::Extension, Some(story.order_id("SL-GAS-1")))
            .is_none()
    );

    // A request that is turned down changes no limit and counts for nothing.
    let ask = extend(&story, "SL-GAS-1", "2h");
    story.does(&gas, &ask);
    let no = grant(&story, "SL-GAS-1", false, None);
    story.does(&dispatcher, &no);
    assert_eq!(story.running(ClockKind::Handle, None).due, end);
    // The second is the last, and all together are at most the limit itself.
    let too_much = extend(&story, "SL-GAS-1", "22h");
    assert_eq!(code_of(&story, &gas, &too_much), "too_long");
    let ask = extend(&story, "SL-GAS-1", "21h");
    story.does(&gas, &ask);
    let yes = grant(&story, "SL-GAS-1", true, None);
    story.does(&dispatcher, &yes);
    let third = extend(&story, "SL-GAS-1", "1h");
    assert_eq!(code_of(&story, &gas, &third), "too_often");

    let mut story = at_work(demo());
    story.now = Timestamp(clock("10:03:00").0 + 24 * 3_600_000);
    let late = extend(&story, "SL-GAS-1", "1h");
    assert_eq!(code_of(&story, &gas, &late), "too_late");
}

#[test]
fn an_extension_decided_after_the_limit_passed_counts_from_the_limit() {
    let mut story = at_work(demo());
    let ask = extend(&story, "SL-GAS-1", "4h");
    story.at("20:00:00").does(&who("gas-1"), &ask);
    let due = story.running(ClockKind::Handle, None).due;
    story.now = due.plus_ms(3_600_000);
    let timer = Story::timer_of(&story.running(ClockKind::Handle, None));
    story.reds(&timer);
    let yes = grant(&story, "SL-GAS-1", true, None);
    story.does(&who("dispatcher-sl"), &yes);
    let clock = story.running(ClockKind::Handle, None);
    assert_eq!(
        clock.due,
        due.plus_ms(4 * 3_600_000),
        "not four hours from now"
    );
    assert_eq!(clock.fired, None, "it lies ahead again");
    assert_eq!(
        story.refused(&Principal::System, &timer),
        Refusal::TimerGone,
        "set again: another generation"
    );
}

#[test]
fn a_suspension_stops_every_clock_and_the_total_is_shown() {
    let mut story = at_work(demo());
    let gas = who("gas-1");
    let too_long = suspend(&story, "SL-GAS-1", "91d");
    assert_eq!(only_fault(&story.refused(&gas, &too_long)).code, "too_long");
    let ask = suspend(&story, "SL-GAS-1", "3d");
    story.at("11:03:00").does(&gas, &ask);
    let decide = |granted, limit_: Option<&str>, order| CaseCommand::Suspend {
        order,
        granted,
        limit: limit_.map(limit),
        reason: because(),
    };
    let order = Some(story.order_id("SL-GAS-1"));
    let dispatcher = who("dispatcher-sl");
    assert!(matches!(
        story.refused(
            &joined("gas-1", &["dispatcher-sl"]),
            &decide(true, None, order)
        ),
        Refusal::Separation {
            did: Act::RequestSuspend,
            ..
        }
    ));
    for (command, pointer, code) in [
        (decide(false, None, None), "/order", "required"),
        (decide(true, None, None), "/limit", "required"),
        (
            decide(true, None, Some(story.order_id("SL-UMB"))),
            "/order",
            "not_asked",
        ),
    ] {
        let refusal = story.refused(&dispatcher, &command);
        let fault = only_fault(&refusal);
        assert_eq!((fault.pointer.as_str(), fault.code), (pointer, code));
    }
    story.does(&dispatcher, &decide(false, None, order));
    assert_eq!(story.case().stage, Stage::Dispatched, "turned down");
    let ask = suspend(&story, "SL-GAS-1", "3d");
    story.does(&gas, &ask);
    story
        .at("12:03:00")
        .does(&dispatcher, &decide(true, None, order));
    assert_eq!(story.case().stage, Stage::Suspended);
    assert!(story.case().requests.is_empty());
    let armed: Vec<ClockKind> = story
        .case()
        .clocks
        .iter()
        .filter(|clock| clock.is_armed())
        .map(|clock| clock.kind)
        .collect();
    assert_eq!(armed, [ClockKind::Resume], "every other clock stands still");
    assert!(matches!(
        story.refused(&gas, &feed_back(&story, "SL-GAS-1")),
        Refusal::WrongState { .. }
    ));
    assert_eq!(
        story.refused(&dispatcher, &CaseCommand::Remind(None)),
        Refusal::WrongState {
            act: Act::Remind,
            stage: Stage::Suspended
        },
        "nobody is waited for"
    );

    story.now = clock("12:03:00").plus_ms(26 * 3_600_000);
    let events = story.does(&dispatcher, &CaseCommand::Resume(sealed("it is here")));
    let CaseEvent::Resumed(resumed) = &events[0] else {
        panic!("resumed is due, not {events:?}");
    };
    let of_case = resumed.clocks.iter().find(|c| c.kind == ClockKind::Handle);
    assert_eq!(
        of_case.map(|c| c.left),
        Some(22 * 3_600_000),
        "two of 24 hours were used"
    );
    assert_eq!(
        story.running(ClockKind::Handle, None).due,
        clock("10:03:00").plus_ms(50 * 3_600_000),
        "24 hours and the 26 of the suspension"
    );
    assert_eq!(story.case().suspended_ms, Some(26 * 3_600_000));
    assert!(resumed.clocks.len() > 2, "the units' clocks go on too");
}

#[test]
fn a_suspension_ends_by_itself_and_counts_working_time_on_the_work_calendar() {
    // Sweeping small advertisements: one working day to handle, from Friday 10:02.
    let mut story = Story::new(demo(), 42);
    story.does(
        &who("grid-hl1"),
        &crate::support::report(super::HOME, Some("CG09")),
    );
    let officer = who("officer-hlx");
    story.at("10:01:00").does(&officer, &super::accept());
    story.does(&officer, &CaseCommand::File(None));
    let orders = vec![super::order("SL-UMB", jingwei_core::cases::Part::Lead)];
    story.at("10:02:00").does(
        &who("dispatcher-sl"),
        &CaseCommand::Dispatch {
            plan: None,
            orders,
            under: None,
        },
    );
    let monday =
        |time: &str| Timestamp::parse(&format!("2026-11-23T{time}+08:00")).expect("a time");
    assert_eq!(
        story.running(ClockKind::Handle, None).due,
        monday("10:02:00")
    );
    // Suspended at 17:00 on Friday for two days: Sunday 17:00. Seven hours less the lunch break were used.
    let suspend = CaseCommand::Suspend {
        order: None,
        granted: true,
        limit: Some(limit("2d")),
        reason: because(),
    };
    story.at("17:00:00").does(&who("dispatcher-sl"), &suspend);
    let resume = story.running(ClockKind::Resume, None);
    story.now = resume.due;
    let timer = Story::timer_of(&resume);
    let events = story.reds(&timer);
    assert_eq!(kinds(&events), ["overdue", "resumed", "desk-rung"]);
    assert_eq!(story.case().stage, Stage::Dispatched);
    assert_eq!(
        story.running(ClockKind::Handle, None).due,
        monday("11:02:00"),
        "the working hour on Friday from 17:00 to 18:00 was not used"
    );
    assert_eq!(story.case().suspended_ms, Some(2 * 86_400_000));
}

#[test]
fn voiding_is_asked_for_by_the_officer_and_decided_by_a_chief() {
    let mut story = at_work(demo());
    let ask = CaseCommand::RequestVoid(because());
    let void = |granted| CaseCommand::Void {
        granted,
        reason: because(),
    };
    let refusal = story.refused(&who("chief-sl"), &void(false));
    assert_eq!(only_fault(&refusal).code, "not_asked");
    story.does(&who("officer-hlx"), &ask);
    assert!(
        matches!(
            story.refused(&who("officer-hlx"), &void(true)),
            Refusal::Separation {
                did: Act::RequestVoid,
                act: Act::Void,
                ..
            }
        ),
        "the town's one officer holds the chief's post too"
    );
    assert!(who("officer-hlx").holds(Role::DutyChief));
    story.does(&who("chief-sl"), &void(false));
    assert!(story.case().requests.is_empty());
    assert!(story.case().running(ClockKind::Decide, None).is_none());
    story.does(&who("officer-hlx"), &ask);
    story.does(&who("chief-sl"), &void(true));
    assert_eq!(story.case().stage, Stage::Voided);
}
