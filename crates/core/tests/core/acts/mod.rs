//! The procedure by example: a gas leak (scenes S1 and S2) and its edges, requests, levels, the ladder, the light lane, small
//! places, mergers, nested orders and the reporter, told with the shipped tables and the demo's units.
//!
//! Each test reads like the procedure. What may not happen is asked for and has to be refused with its reason. Here are the
//! beginnings that the stories share.

mod closing;
mod dispatch;
mod intake;
mod ladder;
mod levels;
mod light_lane;
mod merging;
mod nesting;
mod reporter;
mod requests;
mod small_places;

use jingwei_core::access::Principal;
use jingwei_core::cases::{CaseCommand, CaseEvent, Classing, NewOrder, Part, Stage};
use jingwei_core::directory::Directory;
use jingwei_core::sealed::Sealed;
use jingwei_core::time::Limit;

use crate::support::{Story, p_gas, report, sealed, unit, who};

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
    story
        .at("10:00:40")
        .does(&officer, &CaseCommand::File(None));
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

fn because() -> Sealed<String> {
    sealed("for a reason")
}

fn limit(text: &str) -> Limit {
    Limit::parse(text).expect("a limit")
}

fn kinds(events: &[CaseEvent]) -> Vec<&'static str> {
    events.iter().map(CaseEvent::kind).collect()
}

fn order(code: &str, part: Part) -> NewOrder {
    NewOrder {
        unit: unit(code),
        part,
    }
}

/// A gas pipe that was altered (RQ04, 24 hours to handle, closes at the town): the first gas team leads, the urban management
/// assists, the housing bureau is told. Dispatched by the district at 10:03.
fn at_work(directory: &Directory) -> Story<'_> {
    let mut story = Story::new(directory, 41);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    let officer = who("officer-hlx");
    story.at("10:01:00").does(&officer, &accept());
    story
        .at("10:02:00")
        .does(&officer, &CaseCommand::File(None));
    let orders = vec![
        order("SL-GAS-1", Part::Lead),
        order("SL-UMB", Part::Assist),
        order("SL-HCB", Part::Cc),
    ];
    story.at("10:03:00").does(
        &who("dispatcher-sl"),
        &CaseCommand::Dispatch {
            plan: None,
            orders,
            under: None,
        },
    );
    story
}
