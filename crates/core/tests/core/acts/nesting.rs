//! Orders beneath orders, to several levels, and no circle.

use jingwei_core::access::{Act, Principal};
use jingwei_core::cases::{AddedBy, CaseCommand, ClockKind, OrderStage, Part, Stage};
use jingwei_core::id::OrderId;
use jingwei_core::refusal::Refusal;

use super::{accept, at_work, because, feed_back, kinds, order, verify};
use crate::support::{Story, demo, only_fault, p_gas, rules, unit, who};

fn beneath(under: OrderId, codes: &[(&str, Part)]) -> CaseCommand {
    CaseCommand::Dispatch {
        plan: None,
        orders: codes
            .iter()
            .map(|(code, part)| order(code, *part))
            .collect(),
        under: Some(under),
    }
}

/// One order beneath the other: the gas team, the rescue team, and three fire stations.
fn four_deep() -> Story<'static> {
    let mut story = at_work(demo());
    let mut under = story.order_id("SL-GAS-1");
    for code in ["SL-RESCUE", "SL-FIRE-HLX", "SL-FIRE-YA", "SL-FIRE-DS"] {
        let command = beneath(under, &[(code, Part::Assist)]);
        story.does(&who("dispatcher-sl"), &command);
        under = story.order_id(code);
    }
    story
}

#[test]
fn orders_nest_to_at_least_four_levels_and_are_handed_in_from_below() {
    let mut story = four_deep();
    let deepest = story.order_id("SL-FIRE-DS");
    let units: Vec<_> = story
        .case()
        .chain(deepest)
        .iter()
        .map(|order| order.unit)
        .collect();
    assert_eq!(
        units,
        [
            "SL-FIRE-DS",
            "SL-FIRE-YA",
            "SL-FIRE-HLX",
            "SL-RESCUE",
            "SL-GAS-1"
        ]
        .map(unit),
        "five in a chain: four beneath the lead"
    );
    let people = [
        ("gas-1", "SL-GAS-1"),
        ("rescue-sl", "SL-RESCUE"),
        ("fire-hlx", "SL-FIRE-HLX"),
        ("fire-ya", "SL-FIRE-YA"),
        ("fire-ds", "SL-FIRE-DS"),
    ];
    for (account, code) in &people[..4] {
        assert_eq!(
            story.refused(&who(account), &feed_back(&story, code)),
            Refusal::OrderDone(Act::FeedBack),
            "{code} waits for the units beneath"
        );
    }
    for (account, code) in people.iter().rev() {
        let command = feed_back(&story, code);
        story.does(&who(account), &command);
    }
    assert_eq!(
        story.case().stage,
        Stage::Dispatched,
        "the urban management's leg is open"
    );
    assert_eq!(story.case().mandatory_legs().count(), 6);
    // Urban management has nobody here: the dispatcher sends the emergency bureau in its place.
    let instead = CaseCommand::Redispatch {
        order: story.order_id("SL-UMB"),
        unit: unit("SL-EMB"),
        reason: because(),
    };
    story.does(&who("dispatcher-sl"), &instead);
    let command = feed_back(&story, "SL-EMB");
    story.does(&who("emb-sl"), &command);
    assert_eq!(story.case().stage, Stage::Handled);
    story.does(&who("verifier-hlx"), &verify(true));
    assert_eq!(story.case().stage, Stage::Verified);
}

#[test]
fn an_order_does_not_come_back_in_a_circle_nor_go_deeper_than_the_setting() {
    let story = four_deep();
    let dispatcher = who("dispatcher-sl");
    for code in ["SL-GAS-1", "SL-RESCUE", "SL-FIRE-YA"] {
        let back = beneath(story.order_id("SL-FIRE-DS"), &[(code, Part::Assist)]);
        let refusal = story.refused(&dispatcher, &back);
        let fault = only_fault(&refusal);
        assert_eq!(
            (fault.pointer.as_str(), fault.code),
            ("/orders/0/unit", "cycle"),
            "{code}"
        );
    }
    let called = beneath(story.order_id("SL-FIRE-DS"), &[("SL-UMB", Part::Assist)]);
    let refusal = story.refused(&dispatcher, &called);
    assert_eq!(
        only_fault(&refusal).code,
        "already_called",
        "called elsewhere is no circle"
    );
    let mut story = four_deep();
    assert_eq!(rules().settings.nested_most, 6);
    let sixth = beneath(story.order_id("SL-FIRE-DS"), &[("SL-EMS", Part::Assist)]);
    story.does(&dispatcher, &sixth);
    let seventh = beneath(story.order_id("SL-EMS"), &[("SL-TRAFPOL", Part::Assist)]);
    let refusal = story.refused(&dispatcher, &seventh);
    assert_eq!(only_fault(&refusal).code, "too_deep");
}

#[test]
fn what_is_sent_beneath_an_order_is_checked_like_any_dispatch() {
    let mut story = at_work(demo());
    let dispatcher = who("dispatcher-sl");
    let gas = story.order_id("SL-GAS-1");
    let code_of = |story: &Story<'_>, command: &CaseCommand| {
        only_fault(&story.refused(&dispatcher, command)).code
    };
    assert_eq!(code_of(&story, &beneath(gas, &[])), "required");
    let lead = beneath(gas, &[("SL-RESCUE", Part::Lead)]);
    assert_eq!(code_of(&story, &lead), "one_lead");
    let twice = beneath(gas, &[("SL-RESCUE", Part::Assist), ("SL-RESCUE", Part::Cc)]);
    assert_eq!(code_of(&story, &twice), "twice");
    let told = beneath(story.order_id("SL-HCB"), &[("SL-RESCUE", Part::Assist)]);
    assert_eq!(code_of(&story, &told), "only_told");
    let unknown = beneath(OrderId(uuid::Uuid::nil()), &[("SL-RESCUE", Part::Assist)]);
    assert_eq!(code_of(&story, &unknown), "unknown_order");
    let second = CaseCommand::Dispatch {
        plan: None,
        orders: vec![order("SL-RESCUE", Part::Lead)],
        under: None,
    };
    assert_eq!(code_of(&story, &second), "required");
    assert_eq!(
        code_of(&story, &CaseCommand::DispatchByPlan(p_gas())),
        "required"
    );
    let objection = CaseCommand::ObjectOrder {
        order: gas,
        reason: because(),
    };
    story.does(&who("gas-1"), &objection);
    let pending = beneath(gas, &[("SL-RESCUE", Part::Assist)]);
    assert_eq!(code_of(&story, &pending), "objection_pending");

    // Before the dispatch there is nothing to send beneath.
    let mut early = Story::new(demo(), 81);
    early.does(
        &who("grid-hl1"),
        &crate::support::report(super::HOME, Some("RQ04")),
    );
    early.does(&who("officer-hlx"), &accept());
    early.does(&who("officer-hlx"), &CaseCommand::File(None));
    assert_eq!(code_of(&early, &pending), "not_wanted");
}

#[test]
fn a_nested_order_that_is_not_acknowledged_calls_the_next_unit_beneath_the_same_order() {
    let mut story = at_work(demo());
    let gas = story.order_id("SL-GAS-1");
    let command = beneath(gas, &[("SL-FIRE-HLX", Part::Assist)]);
    story.does(&who("dispatcher-sl"), &command);
    let late = story.order_id("SL-FIRE-HLX");
    let acknowledge = story.running(ClockKind::Acknowledge, Some(late));
    story.now = acknowledge.due;
    let events = story.reds(&Story::timer_of(&acknowledge));
    assert_eq!(
        kinds(&events),
        ["overdue", "reminded", "order-added", "desk-rung"]
    );
    let added = story.order("SL-FIRE-YA");
    assert_eq!(added.added, Some((AddedBy::SameKind, Some(late))));
    assert_eq!((added.parent, added.leg), (Some(gas), late));
    // One of the two hands in: the lead may, and the other is not waited for.
    let command = feed_back(&story, "SL-FIRE-YA");
    story.does(&who("fire-ya"), &command);
    let command = feed_back(&story, "SL-GAS-1");
    story.does(&who("gas-1"), &command);
    assert_eq!(story.order("SL-FIRE-HLX").stage, OrderStage::Sent);
}

#[test]
fn whoever_has_units_at_work_beneath_keeps_the_order() {
    let mut story = at_work(demo());
    let gas = story.order_id("SL-GAS-1");
    let nested = beneath(gas, &[("SL-RESCUE", Part::Assist)]);
    story.does(&who("dispatcher-sl"), &nested);
    let (dispatcher, reason) = (who("dispatcher-sl"), because);
    let cases: [(Principal, CaseCommand, Act); 3] = [
        (
            who("gas-1"),
            CaseCommand::ObjectOrder {
                order: gas,
                reason: reason(),
            },
            Act::ObjectOrder,
        ),
        (
            dispatcher.clone(),
            CaseCommand::Redispatch {
                order: gas,
                unit: unit("SL-GAS-2"),
                reason: reason(),
            },
            Act::Redispatch,
        ),
        (
            dispatcher.clone(),
            CaseCommand::WithdrawOrder {
                order: gas,
                reason: reason(),
            },
            Act::WithdrawOrder,
        ),
    ];
    for (by, command, act) in &cases {
        assert_eq!(story.refused(by, command), Refusal::OrderDone(*act));
    }
    let rescue = CaseCommand::WithdrawOrder {
        order: story.order_id("SL-RESCUE"),
        reason: reason(),
    };
    story.does(&dispatcher, &rescue);
    let (_, redispatch, _) = &cases[1];
    story.does(&dispatcher, redispatch);
    assert_eq!(story.order("SL-GAS-1").stage, OrderStage::Withdrawn);
}
