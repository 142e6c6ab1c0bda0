//! Sending units: by a plan, by hand, one more; what a missing acknowledgement does, and what a telephone call does.

use jingwei_core::access::{Act, Principal, Role};
use jingwei_core::cases::{
    AcknowledgedHow, AddedBy, CaseCommand, CaseEvent, Classing, ClockKind, NewOrder, OrderStage,
    Part, RingReason, Rung, Stage, propose,
};
use jingwei_core::refusal::Refusal;
use jingwei_core::rules::Urgency;
use jingwei_core::sealed::Digest;

use super::{HOME, accept, dispatched, feed_back, handled, joined, verify};
use crate::support::{
    Story, changed_rules, clock, demo, directory_with, only_fault, p_gas, report, rules, sealed,
    unit, who,
};

#[test]
fn an_order_not_acknowledged_calls_the_next_station_and_the_first_stays_called() {
    let mut story = dispatched(demo());
    let first = story.order("SL-FIRE-HLX").clone();
    let timer = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(first.id)));
    story.at("10:01:29");
    assert_eq!(
        story.refused(&Principal::System, &timer),
        Refusal::TimerGone,
        "a second before yellow"
    );
    let yellow = story.at("10:01:59").does(&Principal::System, &timer);
    assert!(
        matches!(&yellow[..], [CaseEvent::Escalated(e)] if e.rung == Rung::Yellow),
        "at half of the minute the unit is reminded, and nothing else happens: {yellow:?}"
    );
    assert_eq!(
        story.refused(&Principal::System, &timer),
        Refusal::TimerGone,
        "a second before red"
    );

    let events = story.at("10:02:00").reds(&timer);
    let kinds: Vec<&str> = events.iter().map(CaseEvent::kind).collect();
    assert_eq!(kinds, ["overdue", "reminded", "order-added", "desk-rung"]);
    assert_eq!(
        story.called().last().map(String::as_str),
        Some("SL-FIRE-YA")
    );
    let next = story.order("SL-FIRE-YA").clone();
    assert_eq!(next.leg, first.id, "the same leg");
    assert_eq!(next.part, Part::Assist);
    assert_eq!(next.added, Some((AddedBy::SameKind, Some(first.id))));
    assert_eq!(
        story.running(ClockKind::Acknowledge, Some(next.id)).due,
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
        "a rung is reached once"
    );

    // The first may still come, and one result of the leg is enough.
    let second = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(next.id)));
    story
        .at("10:04:00")
        .does(&who("fire-hlx"), &CaseCommand::Acknowledge(first.id));
    assert!(story.order("SL-FIRE-HLX").late, "late remains late");
    assert_eq!(
        story.refused(&Principal::System, &second),
        Refusal::TimerGone,
        "the leg has somebody: nobody waits for the second, no third is called"
    );
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
        story.at(time).reds(&timer);
        let added = story.order(code);
        assert_eq!(added.added, Some((by, Some(late))), "{code}");
        assert_eq!(added.leg, leg, "{code}");
        late = added.id;
    }
    let timer = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(late)));
    let before = story.case().orders.len();
    let events = story.at("10:05:00").reds(&timer);
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
    story.at("10:03:00").reds(&timer);
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
    story.at("10:03:00").reds(&timer);
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
    story.does(&who("officer-hlx"), &CaseCommand::File(None));
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

    story.does(&who("officer-hlx"), &CaseCommand::DispatchByPlan(p_gas()));
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
    story.does(&who("officer-hlx"), &CaseCommand::File(None));
    let refusal = story.refused(&who("officer-hlx"), &CaseCommand::DispatchByPlan(p_gas()));
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
        reason: sealed("the unit has no phone of ours"),
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
        assert!(
            story.ask(&who("officer-hlx"), &told(bound)).is_ok(),
            "{why}"
        );
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
fn one_person_joins_accepting_and_dispatching_by_an_urgent_plan_or_where_the_deployment_relaxed_it()
{
    // The officer of a small town holds duty chief and dispatcher: an import takes that only when it is relaxed expressly.
    let alone = who("officer-hlx");
    let two_posts = joined("chief-sl", &["dispatcher-sl"]);
    let filed = |officer: &Principal, urgency| {
        let mut story = Story::new(demo(), 13);
        story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
        story.does(
            officer,
            &CaseCommand::Accept(Classing {
                urgency: Some(urgency),
                ..Classing::default()
            }),
        );
        story.does(officer, &CaseCommand::File(None));
        story
    };
    let by_hand = CaseCommand::Dispatch {
        plan: None,
        orders: vec![NewOrder {
            unit: unit("SL-GAS-1"),
            part: Part::Lead,
        }],
        under: None,
    };
    let by_plan = CaseCommand::DispatchByPlan(p_gas());
    for urgency in [Urgency::High, Urgency::Medium] {
        for command in [&by_hand, &by_plan] {
            let story = filed(&alone, urgency);
            assert!(
                story.ask(&alone, command).is_ok(),
                "no case waits for somebody who is not there"
            );
            assert!(filed(&two_posts, urgency).ask(&two_posts, command).is_ok());
        }
    }
    // Where the posts are held by different people and one of them is lent the other's for a moment, only the plan joins.
    let officer_only = only(&alone, &[Role::DutyOfficer, Role::DutyChief]);
    let dispatcher_only = only(&alone, &[Role::DutyOfficer, Role::Dispatcher]);
    let urgent = filed(&officer_only, Urgency::High);
    assert!(urgent.ask(&dispatcher_only, &by_plan).is_ok());
    for (urgency, command) in [(Urgency::High, &by_hand), (Urgency::Medium, &by_plan)] {
        assert!(matches!(
            filed(&officer_only, urgency).refused(&dispatcher_only, command),
            Refusal::Separation {
                did: Act::Accept,
                act: Act::Dispatch,
                ..
            }
        ));
    }
    assert!(
        filed(&officer_only, Urgency::Medium)
            .ask(&who("dispatcher-sl"), &by_hand)
            .is_ok(),
        "another person may, by hand"
    );
}

/// The same person with some of their roles only.
fn only(principal: &Principal, roles: &[Role]) -> Principal {
    let Principal::Person { id, posts } = principal else {
        panic!("a person");
    };
    let posts = posts
        .iter()
        .filter(|post| roles.contains(&post.role))
        .cloned()
        .collect();
    Principal::Person { id: *id, posts }
}

#[test]
fn orders_chosen_by_hand_have_exactly_one_lead_and_no_unit_twice() {
    let mut story = Story::new(demo(), 14);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    story.does(&who("officer-hlx"), &accept());
    story.does(&who("officer-hlx"), &CaseCommand::File(None));
    let dispatcher = who("dispatcher-sl");
    let order = |code: &str, part| NewOrder {
        unit: unit(code),
        part,
    };
    let fault_of = |orders| {
        let refusal = story.refused(
            &dispatcher,
            &CaseCommand::Dispatch {
                plan: None,
                orders,
                under: None,
            },
        );
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
            under: None,
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
        order: NewOrder {
            unit: unit(code),
            part,
        },
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
        order: NewOrder {
            unit: unit("SL-GAS-2"),
            part: Part::Assist,
        },
        reason: sealed("look again"),
    };
    assert_eq!(
        story.refused(&officer, &add),
        Refusal::WrongState {
            act: Act::AddUnit,
            stage: Stage::Handled
        },
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
    let slower = changed_rules("plan_units.csv", |text| {
        text.replace("P_GAS,02,FIRE,assist,60s", "P_GAS,02,FIRE,assist,90s")
    });
    let mut story = Story::new(demo(), 15);
    story.rules = &slower;
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ01")));
    story.does(&who("officer-hlx"), &accept());
    story.does(&who("officer-hlx"), &CaseCommand::File(None));
    story.does(&who("officer-hlx"), &CaseCommand::DispatchByPlan(p_gas()));
    let fire = story.running(ClockKind::Acknowledge, Some(story.order_id("SL-FIRE-HLX")));
    assert_eq!(fire.due, clock("10:01:30"));
    assert_eq!(rules().digest, Digest([7; 32]));
    let gas = story.running(ClockKind::Acknowledge, Some(story.order_id("SL-GAS-1")));
    assert_eq!(gas.due, clock("10:01:00"), "the others are as they were");
}
