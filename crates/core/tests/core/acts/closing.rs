//! The whole way of a gas leak (scenes S1 and S2), and who may check and close it.

use jingwei_core::access::{Act, Principal};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, ClockKind, OrderStage, Part, RingReason, Stage, next_step,
};
use jingwei_core::code::Level;
use jingwei_core::refusal::Refusal;

use super::{HOME, accept, dispatched, feed_back, handled, joined, verify};
use crate::support::{
    Story, by_the_bridge, clock, demo, division, only_fault, p_gas, report, sealed, unit, who,
};

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
    story
        .at("10:00:40")
        .does(&officer, &CaseCommand::File(None));
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
            at: Some(by_the_bridge()),
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
    assert_eq!(
        separated(&who("grid-hl2")),
        (Act::Handle, Act::Verify),
        "a colleague of the post that handled it"
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
            Refusal::Separation {
                did: Act::Handle,
                act: Act::Verify,
                ..
            }
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
    assert_eq!(
        story.refused(&who("officer-hlx"), &close).code(),
        "separation"
    );
    assert!(
        matches!(
            story.refused(&joined("officer-hlx", &["chief-sl"]), &close),
            Refusal::Separation {
                did: Act::Dispatch,
                act: Act::Close,
                ..
            }
        ),
        "not even with a post in the district: they dispatched"
    );
    assert!(
        matches!(
            story.refused(&joined("verifier-hlx", &["chief-sl"]), &close),
            Refusal::Separation {
                did: Act::Verify,
                act: Act::Close,
                ..
            }
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
        Refusal::WrongState {
            act: Act::Close,
            stage: Stage::Closed
        }
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
        Refusal::WrongState {
            act: Act::Verify,
            stage: Stage::Dispatched
        }
    ));
    assert!(
        matches!(
            story.refused(
                &joined("verifier-hlx", &["gas-1"]),
                &feed_back(&story, "SL-GAS-1")
            ),
            Refusal::Separation {
                did: Act::Verify,
                ..
            }
        ),
        "who checked does not take over the work"
    );
    let arrive = CaseCommand::Arrive {
        order: gas,
        at: None,
    };
    assert!(
        matches!(
            story.refused(&joined("verifier-hlx", &["gas-1"]), &arrive),
            Refusal::Separation {
                did: Act::Verify,
                act: Act::Handle,
                ..
            }
        ),
        "nor goes there to begin with it"
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
