//! The procedure by example: a gas leak (scenes S1 and S2) and its edges, told with the shipped tables and the demo's units.
//!
//! Each test reads like the procedure. What may not happen is asked for and has to be refused with its reason.

use jingwei_core::access::{Act, Post, Principal, Role};
use jingwei_core::cases::{
    AcknowledgedHow, AddedBy, CaseCommand, CaseEvent, Classing, ClockKind, NewOrder, OrderStage,
    Part, RingReason, Source, Stage, next_step, propose,
};
use jingwei_core::code::Level;
use jingwei_core::directory::Directory;
use jingwei_core::refusal::Refusal;
use jingwei_core::rules::{RuleSet, Urgency};
use jingwei_core::sealed::Digest;

use crate::support::{
    Story, class, clock, demo, directory_with, division, only_fault, p_gas, report, rule_files,
    rules, sealed, unit, who,
};

const HOME: &str = "510116111001";

/// One person who holds what several accounts hold.
fn joined(first: &str, others: &[&str]) -> Principal {
    let Principal::Person { id, mut posts } = who(first) else {
        panic!("a person");
    };
    for other in others {
        posts.extend(who(other).posts().iter().cloned());
    }
    Principal::Person { id, posts }
}

fn accept() -> CaseCommand {
    CaseCommand::Accept(Classing::default())
}

fn feed_back(story: &Story<'_>, unit: &str) -> CaseCommand {
    CaseCommand::FeedBack {
        order: story.order_id(unit),
        result: sealed("done"),
    }
}

fn verify(passed: bool) -> CaseCommand {
    CaseCommand::Verify {
        passed,
        note: None,
        orders: Vec::new(),
    }
}

/// Reported at 10:00:00, accepted and filed by the officer on duty, dispatched by P_GAS at 10:01:00.
fn dispatched(directory: &Directory) -> Story<'_> {
    let mut story = Story::new(directory, 1);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    let officer = who("officer-hlx");
    story.at("10:00:20").does(&officer, &accept());
    story.at("10:00:40").does(&officer, &CaseCommand::File);
    story
        .at("10:01:00")
        .does(&officer, &CaseCommand::DispatchByPlan(p_gas()));
    story
}

/// Dispatched, and the four mandatory units have handed in at 10:06.
fn handled(directory: &Directory) -> Story<'_> {
    let mut story = dispatched(directory);
    story.at("10:06:00");
    for (account, code) in [
        ("gas-1", "SL-GAS-1"),
        ("fire-hlx", "SL-FIRE-HLX"),
        ("grid-hl1", "HLX-GRID-001"),
        ("police-hlx", "HLX-POLST"),
    ] {
        story.does(&who(account), &feed_back(&story, code));
    }
    assert_eq!(story.case().stage, Stage::Handled);
    story
}

#[test]
fn a_gas_leak_goes_from_report_to_closing() {
    let mut story = Story::new(demo(), 1);
    let events = story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    let CaseEvent::Reported(reported) = &events[0] else {
        panic!("a report is due, not {events:?}");
    };
    assert_eq!(reported.centre, division("510116111"));
    assert_eq!(reported.centre_unit, Some(unit("HLX-CGC")));
    assert_eq!(reported.accept.due, clock("10:02:00"));
    let CaseEvent::DeskRung(rung) = &events[1] else {
        panic!("the desk rings for an urgent class, not {events:?}");
    };
    assert_eq!(rung.reason, RingReason::NewUrgent);

    let officer = who("officer-hlx");
    story.at("10:00:20").does(&officer, &accept());
    story.at("10:00:40").does(&officer, &CaseCommand::File);
    let number = story.case().number.clone().expect("a number");
    assert_eq!(number.as_str(), "RQ-20261120-510116111-0017");
    story
        .at("10:01:00")
        .does(&officer, &CaseCommand::DispatchByPlan(p_gas()));
    assert_eq!(
        story.called(),
        [
            "SL-GAS-1",
            "SL-FIRE-HLX",
            "HLX-GRID-001",
            "HLX-POLST",
            "SL-EMB",
            "SL-HCB"
        ]
    );
    let parts: Vec<Part> = story.case().orders.iter().map(|o| o.part).collect();
    assert_eq!(
        parts,
        [
            Part::Lead,
            Part::Assist,
            Part::Assist,
            Part::Assist,
            Part::Cc,
            Part::Cc
        ]
    );
    let due = |kind, code: &str| story.running(kind, Some(story.order_id(code))).due;
    assert_eq!(due(ClockKind::Acknowledge, "SL-GAS-1"), clock("10:02:00"));
    assert_eq!(
        due(ClockKind::Acknowledge, "HLX-GRID-001"),
        clock("10:03:00")
    );
    assert_eq!(due(ClockKind::Acknowledge, "SL-EMB"), clock("10:06:00"));
    assert_eq!(due(ClockKind::Arrive, "SL-GAS-1"), clock("10:16:00"));
    assert!(
        story
            .case()
            .running(ClockKind::Arrive, Some(story.order_id("SL-EMB")))
            .is_none(),
        "who is only told need not arrive"
    );

    let gas = story.order_id("SL-GAS-1");
    story
        .at("10:01:10")
        .does(&who("gas-1"), &CaseCommand::Acknowledge(gas));
    let arrived = story.at("10:05:00").does(
        &who("gas-1"),
        &CaseCommand::Arrive {
            order: gas,
            at: Some(crate::support::by_the_bridge()),
        },
    );
    assert_eq!(arrived.len(), 1, "it was acknowledged before");
    assert_eq!(story.order("SL-GAS-1").arrived_metres, Some(0));
    story.at("10:06:00");
    for (account, code) in [
        ("gas-1", "SL-GAS-1"),
        ("fire-hlx", "SL-FIRE-HLX"),
        ("grid-hl1", "HLX-GRID-001"),
    ] {
        story.does(&who(account), &feed_back(&story, code));
        assert_eq!(story.case().stage, Stage::Dispatched, "one leg is open");
    }
    let last = story.does(&who("police-hlx"), &feed_back(&story, "HLX-POLST"));
    let kinds: Vec<&str> = last.iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["acknowledged", "fed-back", "handled"]);
    assert_eq!(
        story.running(ClockKind::Verify, None).due,
        clock("11:06:00")
    );

    story
        .at("10:20:00")
        .does(&who("verifier-hlx"), &verify(true));
    let closed = story
        .at("10:30:00")
        .does(&who("chief-sl"), &CaseCommand::Close);
    let CaseEvent::Closed(closed) = &closed[0] else {
        panic!("closed is due, not {closed:?}");
    };
    assert_eq!(
        closed.stood_down,
        [story.order_id("SL-EMB"), story.order_id("SL-HCB")]
    );
    assert_eq!(story.case().stage, Stage::Closed);
    assert_eq!(story.case().number.as_ref(), Some(&number));
    assert_eq!(
        story.case().point,
        None,
        "the position in the open is let go"
    );
    assert!(story.case().clocks.iter().all(|c| c.stopped.is_some()));
    assert_eq!(next_step(story.case()), None);
    assert_eq!(story.order("SL-EMB").stage, OrderStage::StoodDown);
}

#[test]
fn an_order_not_acknowledged_calls_the_next_station_and_the_first_stays_called() {
    let mut story = dispatched(demo());
    let first = story.order("SL-FIRE-HLX").clone();
    let timer = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(first.id)));
    story.at("10:01:59");
    assert_eq!(
        story.refused(&Principal::System, &timer),
        Refusal::TimerGone,
        "a second early"
    );

    let events = story.at("10:02:00").does(&Principal::System, &timer);
    let kinds: Vec<&str> = events.iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["overdue", "reminded", "order-added", "desk-rung"]);
    assert_eq!(story.called().last().map(String::as_str), Some("SL-FIRE-YA"));
    let next = story.order("SL-FIRE-YA").clone();
    assert_eq!(next.leg, first.id, "the same leg");
    assert_eq!(next.part, Part::Assist);
    assert_eq!(next.added, Some((AddedBy::SameKind, Some(first.id))));
    assert_eq!(
        story
            .running(ClockKind::Acknowledge, Some(next.id))
            .due,
        clock("10:03:00")
    );
    let CaseEvent::DeskRung(rung) = &events[3] else {
        panic!("the desk rings, not {events:?}");
    };
    assert_eq!(
        (rung.reason, rung.order),
        (RingReason::NotAcknowledged, Some(first.id))
    );
    assert_eq!(story.order("SL-FIRE-HLX").stage, OrderStage::Sent);
    assert!(story.order("SL-FIRE-HLX").late);
    assert_eq!(
        story.refused(&Principal::System, &timer),
        Refusal::TimerGone,
        "it fires once"
    );

    // The first may still come, and one result of the leg is enough.
    story
        .at("10:04:00")
        .does(&who("fire-hlx"), &CaseCommand::Acknowledge(first.id));
    assert!(story.order("SL-FIRE-HLX").late, "late remains late");
    story.does(&who("fire-hlx"), &feed_back(&story, "SL-FIRE-HLX"));
    assert!(story.case().leg_is_done(first.id));
    assert_eq!(story.order("SL-FIRE-YA").stage, OrderStage::Sent);
}

#[test]
fn when_no_station_is_left_the_fallback_kind_is_called_and_then_nobody() {
    let mut story = dispatched(demo());
    let leg = story.order("SL-FIRE-HLX").id;
    let mut late = leg;
    let steps = [
        ("10:02:00", "SL-FIRE-YA", AddedBy::SameKind),
        ("10:03:00", "SL-FIRE-DS", AddedBy::SameKind),
        ("10:04:00", "SL-RESCUE", AddedBy::FallbackKind),
    ];
    for (time, code, by) in steps {
        let timer = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(late)));
        story.at(time).does(&Principal::System, &timer);
        let added = story.order(code);
        assert_eq!(added.added, Some((by, Some(late))), "{code}");
        assert_eq!(added.leg, leg, "{code}");
        late = added.id;
    }
    let timer = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(late)));
    let before = story.case().orders.len();
    let events = story.at("10:05:00").does(&Principal::System, &timer);
    let kinds: Vec<&str> = events.iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["overdue", "reminded", "desk-rung"]);
    let CaseEvent::DeskRung(rung) = &events[2] else {
        panic!("the desk rings, not {events:?}");
    };
    assert_eq!(rung.reason, RingReason::NoFurtherUnit);
    assert_eq!(story.case().orders.len(), before);
}

#[test]
fn only_units_on_duty_are_added_and_the_nearest_of_them() {
    let mut story = dispatched(demo());
    let post = story.order("HLX-GRID-001").id;
    let timer = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(post)));
    story.at("10:03:00").does(&Principal::System, &timer);
    assert_eq!(
        story.called().last().map(String::as_str),
        Some("HLX-GRID-206"),
        "2.2 km; by day its post is on duty"
    );

    let nobody = directory_with(|row| {
        if row.kind.as_str() == "GRID" && row.code.as_str() != "HLX-GRID-001" {
            row.duty = "Sun 01:00-02:00".to_owned();
        }
    });
    let mut story = dispatched(&nobody);
    let timer = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(post)));
    story.at("10:03:00").does(&Principal::System, &timer);
    assert_eq!(
        story.called().last().map(String::as_str),
        Some("HLX-HEADGRID"),
        "no post on duty: the fallback kind"
    );
}

#[test]
fn a_plan_proposes_who_is_on_duty_first_and_the_fallback_where_a_kind_is_missing() {
    let no_fire = directory_with(|row| {
        if row.kind.as_str() == "FIRE" {
            row.active = false;
        }
    });
    let mut story = Story::new(&no_fire, 2);
    story.does(&who("grid-hl1"), &report("510116111003", Some("RQ01")));
    story.does(&who("officer-hlx"), &accept());
    story.does(&who("officer-hlx"), &CaseCommand::File);
    let plan = story.rules.plans.get(&p_gas()).expect("the plan");
    let names = |now| -> Vec<(String, bool)> {
        propose(story.case(), plan, &no_fire, clock(now))
            .orders
            .iter()
            .map(|order| {
                let candidate = order.unit.expect("a unit");
                (
                    candidate.unit.row.code.as_str().to_owned(),
                    order.by_fallback,
                )
            })
            .collect()
    };
    let by_day = names("10:00:00");
    assert_eq!(by_day[1], ("SL-RESCUE".to_owned(), true));
    assert_eq!(
        by_day[2],
        ("HLX-GRID-003".to_owned(), false),
        "the community's own post goes before a nearer one"
    );
    let by_night = names("02:00:00");
    assert_eq!(
        by_night[2],
        ("HLX-GRID-001".to_owned(), false),
        "its own post sleeps: the nearest on duty"
    );

    story.does(
        &who("officer-hlx"),
        &CaseCommand::DispatchByPlan(p_gas()),
    );
    assert_eq!(
        story.order("SL-RESCUE").fallback,
        None,
        "after a fallback there is no further one"
    );
}

#[test]
fn without_a_lead_unit_the_plan_is_refused_and_nothing_is_sent() {
    let no_lead = directory_with(|row| {
        if matches!(row.kind.as_str(), "GAS" | "HCB") {
            row.active = false;
        }
    });
    let mut story = Story::new(&no_lead, 3);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    story.does(&who("officer-hlx"), &accept());
    story.does(&who("officer-hlx"), &CaseCommand::File);
    let refusal = story.refused(
        &who("officer-hlx"),
        &CaseCommand::DispatchByPlan(p_gas()),
    );
    let fault = only_fault(&refusal);
    assert_eq!((fault.pointer.as_str(), fault.code), ("/plan", "no_lead"));
    assert!(story.case().orders.is_empty());
}

#[test]
fn the_officer_acknowledges_for_a_unit_told_by_telephone_between_sending_and_now() {
    let mut story = dispatched(demo());
    let order = story.order_id("SL-GAS-1");
    let told = |time| CaseCommand::AcknowledgeFor {
        order,
        told_at: clock(time),
        whom: sealed("the shift leader"),
    };
    story.at("10:01:40");
    for (outside, why) in [
        ("10:00:59", "before the order"),
        ("10:01:41", "in the future"),
    ] {
        let refusal = story.refused(&who("officer-hlx"), &told(outside));
        let fault = only_fault(&refusal);
        assert_eq!(
            (fault.pointer.as_str(), fault.code),
            ("/told_at", "out_of_range"),
            "{why}"
        );
    }
    for (bound, why) in [("10:01:00", "sent"), ("10:01:40", "now")] {
        assert!(story.ask(&who("officer-hlx"), &told(bound)).is_ok(), "{why}");
    }
    assert_eq!(
        story.refused(&who("verifier-hlx"), &told("10:01:20")),
        Refusal::Forbidden(Act::AcknowledgeFor)
    );
    let events = story.does(&who("officer-hlx"), &told("10:01:20"));
    let CaseEvent::Acknowledged(acknowledged) = &events[0] else {
        panic!("acknowledged is due, not {events:?}");
    };
    assert_eq!(acknowledged.told_at, Some(clock("10:01:20")));
    assert_eq!(
        story.order("SL-GAS-1").acknowledged_how,
        Some(AcknowledgedHow::Telephone)
    );
    assert!(
        story
            .case()
            .running(ClockKind::Acknowledge, Some(order))
            .is_none()
    );
    assert_eq!(
        story.refused(&who("gas-1"), &CaseCommand::Acknowledge(order)),
        Refusal::OrderDone(Act::Acknowledge),
        "once"
    );
}

#[test]
fn who_handled_or_dispatched_does_not_check() {
    let story = handled(demo());
    let separated = |by: &Principal| match story.refused(by, &verify(true)) {
        Refusal::Separation { did, act, .. } => (did, act),
        other => panic!("a separation is due, not {other:?}"),
    };
    assert_eq!(
        separated(&joined("gas-1", &["verifier-hlx"])),
        (Act::FeedBack, Act::Verify)
    );
    assert_eq!(
        separated(&joined("officer-hlx", &["verifier-hlx"])),
        (Act::Dispatch, Act::Verify)
    );
    assert_eq!(
        separated(&who("grid-hl1")),
        (Act::FeedBack, Act::Verify),
        "the grid worker may check what others did, not this"
    );
    assert!(story.ask(&who("verifier-hlx"), &verify(true)).is_ok());
    assert!(
        story.ask(&who("grid-hl2"), &verify(true)).is_ok(),
        "a colleague who handled nothing"
    );
}

#[test]
fn who_only_arrived_does_not_check_either() {
    let mut story = dispatched(demo());
    let order = story.order_id("HLX-GRID-001");
    story
        .at("10:05:00")
        .does(&who("grid-hl2"), &CaseCommand::Arrive { order, at: None });
    story.at("10:06:00");
    for (account, code) in [
        ("gas-1", "SL-GAS-1"),
        ("fire-hlx", "SL-FIRE-HLX"),
        ("grid-hl1", "HLX-GRID-001"),
        ("police-hlx", "HLX-POLST"),
    ] {
        story.does(&who(account), &feed_back(&story, code));
    }
    assert!(
        matches!(
            story.refused(&who("grid-hl2"), &verify(true)),
            Refusal::Separation { did: Act::Handle, act: Act::Verify, .. }
        ),
        "the other worker of the post was on the spot"
    );
}

#[test]
fn the_town_does_not_close_what_the_district_closes() {
    let mut story = handled(demo());
    story
        .at("10:20:00")
        .does(&who("verifier-hlx"), &verify(true));
    let close = CaseCommand::Close;
    assert_eq!(
        story.refused(&who("officer-hlx"), &close),
        Refusal::ClosesAbove(Level::County)
    );
    assert_eq!(story.refused(&who("officer-hlx"), &close).code(), "separation");
    assert!(
        matches!(
            story.refused(&joined("officer-hlx", &["chief-sl"]), &close),
            Refusal::Separation { did: Act::Dispatch, act: Act::Close, .. }
        ),
        "not even with a post in the district: they dispatched"
    );
    assert!(
        matches!(
            story.refused(&joined("verifier-hlx", &["chief-sl"]), &close),
            Refusal::Separation { did: Act::Verify, act: Act::Close, .. }
        ),
        "nor who checked"
    );
    assert_eq!(
        story.refused(&who("verifier-hlx"), &close),
        Refusal::Forbidden(Act::Close)
    );
    assert_eq!(
        story.refused(&who("officer-ld"), &close),
        Refusal::NotFound,
        "another county sees nothing"
    );
    story.does(&who("chief-sl"), &close);
    assert_eq!(story.case().stage, Stage::Closed);
    assert_eq!(
        story.refused(&who("chief-sl"), &close),
        Refusal::WrongState { act: Act::Close, stage: Stage::Closed }
    );
}

#[test]
fn a_failed_check_sends_the_case_back_to_work() {
    let mut story = handled(demo());
    let gas = story.order_id("SL-GAS-1");
    let emb = story.order_id("SL-EMB");
    let failed = |orders| CaseCommand::Verify {
        passed: false,
        note: Some(sealed("it still smells")),
        orders,
    };
    story.at("10:10:00");
    let refusal = story.refused(&who("verifier-hlx"), &failed(vec![emb]));
    let fault = only_fault(&refusal);
    assert_eq!(
        (fault.pointer.as_str(), fault.code),
        ("/orders", "not_handed_in")
    );
    story.does(&who("verifier-hlx"), &failed(vec![gas]));
    assert_eq!(story.case().stage, Stage::Dispatched);
    let order = story.order("SL-GAS-1");
    assert_eq!(
        (order.stage, order.fed_back_at, order.result.as_ref()),
        (OrderStage::Acknowledged, None, None)
    );
    assert_eq!(story.order("SL-FIRE-HLX").stage, OrderStage::FedBack);
    assert_eq!(
        story.running(ClockKind::Handle, None).due,
        clock("12:10:00"),
        "two hours from the check"
    );
    assert!(matches!(
        story.refused(&who("verifier-hlx"), &verify(true)),
        Refusal::WrongState { act: Act::Verify, stage: Stage::Dispatched }
    ));
    assert!(
        matches!(
            story.refused(
                &joined("verifier-hlx", &["gas-1"]),
                &feed_back(&story, "SL-GAS-1")
            ),
            Refusal::Separation { did: Act::Verify, .. }
        ),
        "who checked does not take over the work"
    );
    story.at("10:40:00");
    story.does(&who("gas-1"), &feed_back(&story, "SL-GAS-1"));
    assert_eq!(story.case().stage, Stage::Handled);
    story.does(&who("verifier-hlx"), &verify(true));
    assert_eq!(story.case().stage, Stage::Verified);

    let mut all = handled(demo());
    all.does(&who("verifier-hlx"), &failed(Vec::new()));
    let open = all.case().orders.iter();
    let open = open.filter(|o| o.stage == OrderStage::Acknowledged).count();
    assert_eq!(open, 4, "without orders all mandatory ones are due again");
}

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
    let events = story.does(&Principal::System, &Story::timer_of(&clock_now));
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
    let void = CaseCommand::Void(sealed("one report too many"));
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
        Refusal::WrongState { act: Act::FeedBack, stage: Stage::Voided }
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
fn one_person_joins_accepting_and_dispatching_only_by_an_urgent_plan() {
    let officer = who("officer-hlx");
    let filed = |urgency| {
        let mut story = Story::new(demo(), 13);
        story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
        story.does(
            &officer,
            &CaseCommand::Accept(Classing {
                urgency: Some(urgency),
                ..Classing::default()
            }),
        );
        story.does(&officer, &CaseCommand::File);
        story
    };
    let by_hand = CaseCommand::Dispatch {
        plan: None,
        orders: vec![NewOrder { unit: unit("SL-GAS-1"), part: Part::Lead }],
    };
    let by_plan = CaseCommand::DispatchByPlan(p_gas());
    let urgent = filed(Urgency::High);
    assert!(urgent.ask(&officer, &by_plan).is_ok());
    assert!(matches!(
        urgent.refused(&officer, &by_hand),
        Refusal::Separation { did: Act::Accept, act: Act::Dispatch, .. }
    ));
    let ordinary = filed(Urgency::Medium);
    assert!(matches!(
        ordinary.refused(&officer, &by_plan),
        Refusal::Separation { did: Act::Accept, act: Act::Dispatch, .. }
    ));
    assert!(
        ordinary.ask(&who("dispatcher-sl"), &by_hand).is_ok(),
        "another person may, by hand"
    );
}

#[test]
fn orders_chosen_by_hand_have_exactly_one_lead_and_no_unit_twice() {
    let mut story = Story::new(demo(), 14);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    story.does(&who("officer-hlx"), &accept());
    story.does(&who("officer-hlx"), &CaseCommand::File);
    let dispatcher = who("dispatcher-sl");
    let order = |code: &str, part| NewOrder { unit: unit(code), part };
    let fault_of = |orders| {
        let refusal = story.refused(&dispatcher, &CaseCommand::Dispatch { plan: None, orders });
        let fault = only_fault(&refusal);
        (fault.pointer.clone(), fault.code)
    };
    assert_eq!(fault_of(Vec::new()), ("/orders".to_owned(), "one_lead"));
    assert_eq!(
        fault_of(vec![
            order("SL-GAS-1", Part::Lead),
            order("SL-GAS-2", Part::Lead)
        ]),
        ("/orders".to_owned(), "one_lead")
    );
    assert_eq!(
        fault_of(vec![
            order("SL-GAS-1", Part::Lead),
            order("SL-GAS-1", Part::Cc)
        ]),
        ("/orders/1/unit".to_owned(), "twice")
    );
    story.does(
        &dispatcher,
        &CaseCommand::Dispatch {
            plan: Some(p_gas()),
            orders: vec![order("SL-GAS-2", Part::Lead), order("SL-UMB", Part::Assist)],
        },
    );
    let limit = |code| story.order(code).acknowledge_limit.to_string();
    assert_eq!(limit("SL-GAS-2"), "60s", "the plan's limit for the kind");
    assert_eq!(limit("SL-UMB"), "1min", "else the limit of the class");
}

#[test]
fn a_unit_is_added_once_and_never_as_a_second_lead() {
    let mut story = dispatched(demo());
    let add = |code: &str, part| CaseCommand::AddUnit {
        order: NewOrder { unit: unit(code), part },
        reason: sealed("more hands"),
    };
    let officer = who("officer-hlx");
    let again = story.refused(&officer, &add("SL-GAS-1", Part::Assist));
    assert_eq!(only_fault(&again).code, "already_called");
    let lead = story.refused(&officer, &add("SL-GAS-2", Part::Lead));
    assert_eq!(only_fault(&lead).code, "one_lead");
    story.does(&officer, &add("SL-GAS-2", Part::Assist));
    let added = story.order("SL-GAS-2");
    assert_eq!(added.added, Some((AddedBy::Person, None)));
    assert_eq!(added.leg, added.id, "a leg of its own");
    assert_eq!(added.acknowledge_limit.to_string(), "60s");
    assert_eq!(story.case().mandatory_legs().count(), 5);
}

#[test]
fn no_unit_is_added_after_the_results_unless_a_check_opens_the_work_again() {
    let mut story = handled(demo());
    let officer = who("officer-hlx");
    let add = CaseCommand::AddUnit {
        order: NewOrder { unit: unit("SL-GAS-2"), part: Part::Assist },
        reason: sealed("look again"),
    };
    assert_eq!(
        story.refused(&officer, &add),
        Refusal::WrongState { act: Act::AddUnit, stage: Stage::Handled },
        "its leg would be open while the case is checked and closed"
    );
    story.does(&who("verifier-hlx"), &verify(false));
    story.does(&officer, &add);
    story.does(&who("gas-2"), &feed_back(&story, "SL-GAS-2"));
    for (account, code) in [
        ("gas-1", "SL-GAS-1"),
        ("fire-hlx", "SL-FIRE-HLX"),
        ("grid-hl1", "HLX-GRID-001"),
    ] {
        story.does(&who(account), &feed_back(&story, code));
    }
    assert_eq!(story.case().stage, Stage::Dispatched);
    story.does(&who("police-hlx"), &feed_back(&story, "HLX-POLST"));
    assert_eq!(story.case().stage, Stage::Handled);
    assert!(story.case().all_legs_done());
    story.does(&who("verifier-hlx"), &verify(true));
    assert_eq!(story.case().stage, Stage::Verified);
}

#[test]
fn changing_one_limit_in_the_table_changes_the_case() {
    let mut files = rule_files();
    for (name, text) in &mut files {
        if name == "plan_units.csv" {
            *text = text.replace("P_GAS,02,FIRE,assist,60s", "P_GAS,02,FIRE,assist,90s");
        }
    }
    let slower = RuleSet::read(&files, Digest([8; 32])).expect("rules");
    let mut story = Story::new(demo(), 15);
    story.rules = &slower;
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    story.does(&who("officer-hlx"), &accept());
    story.does(&who("officer-hlx"), &CaseCommand::File);
    story.does(&who("officer-hlx"), &CaseCommand::DispatchByPlan(p_gas()));
    let fire = story.running(ClockKind::Acknowledge, Some(story.order_id("SL-FIRE-HLX")));
    assert_eq!(fire.due, clock("10:01:30"));
    assert_eq!(rules().digest, Digest([7; 32]));
    let gas = story.running(ClockKind::Acknowledge, Some(story.order_id("SL-GAS-1")));
    assert_eq!(gas.due, clock("10:01:00"), "the others are as they were");
}

#[test]
fn a_post_knows_the_codes_of_its_division() {
    let codes = demo().codes_of(&division("513402"));
    assert_eq!(codes, [division("513402"), division("513425")]);
    let officer = Principal::Person {
        id: crate::support::person_id("officer-hl"),
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
