//! The ladder: yellow reminds, red goes to the leader, then the two cards, each rung to its receivers and once; then it is
//! repeated. No hole when a post is empty, and after days off straight to the highest rung.

use jingwei_core::access::{Principal, Role};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, Clock, ClockKind, Receiver, Rung, Stage, Supervision, UpBecause,
};
use jingwei_core::directory::Directory;
use jingwei_core::refusal::Refusal;
use jingwei_core::time::Timestamp;

use super::{HOME, accept, at_work, because, dispatched, feed_back, kinds};
use crate::support::{
    Story, changed_rules, clock, demo, demo_with, division, only_fault, report, unit, who,
};

/// Fires a clock at its next rung; the rung, whom it reached, and all that happened.
fn next(
    story: &mut Story<'_>,
    of: impl Fn(&Story<'_>) -> Clock,
) -> (Rung, Vec<Receiver>, Vec<CaseEvent>) {
    let clock = of(story);
    let (rung, at) = clock.next().expect("a rung ahead");
    let timer = Story::timer_of(&clock);
    story.now = at.plus_ms(-1);
    assert_eq!(
        story.refused(&Principal::System, &timer),
        Refusal::TimerGone,
        "not before its time"
    );
    story.now = at;
    let events = story.does(&Principal::System, &timer);
    let told = events.iter().find_map(|event| match event {
        CaseEvent::Overdue(e) => Some((Rung::Red, e.to.clone())),
        CaseEvent::Escalated(e) => Some((e.rung, e.to.clone())),
        _ => None,
    });
    let (reached, to) = told.expect("a rung was reached");
    assert_eq!(reached, rung);
    (rung, to, events)
}

fn handle(story: &Story<'_>) -> Clock {
    story.running(ClockKind::Handle, None)
}

fn accepting(story: &Story<'_>) -> Clock {
    story.running(ClockKind::Accept, None)
}

fn held(role: Role, at: &str) -> Receiver {
    Receiver {
        role,
        division: division(at),
        unit: None,
    }
}

#[test]
fn the_handle_clock_climbs_every_rung_once_and_repeats_the_last() {
    let mut story = at_work(demo());
    let start = clock("10:03:00");
    let (officer, dispatcher) = (
        held(Role::DutyOfficer, "510116111"),
        held(Role::Dispatcher, "510116111"),
    );
    let (leader, inspector) = (
        held(Role::Leader, "510116"),
        held(Role::Inspector, "510116"),
    );
    let above = Receiver {
        role: Role::DutyOfficer,
        division: division("510116"),
        unit: Some(unit("SL-CGC")),
    };
    let hours = |hours: i64| start.plus_ms(hours * 3_600_000);
    let due = [
        (Rung::Yellow, hours(18), vec![officer.clone()], None),
        (
            Rung::Red,
            hours(24),
            vec![officer.clone(), dispatcher.clone(), leader.clone()],
            None,
        ),
        (
            Rung::YellowCard,
            hours(36),
            vec![
                officer.clone(),
                dispatcher,
                leader.clone(),
                inspector.clone(),
            ],
            Some(Supervision::YellowCard),
        ),
        (
            Rung::RedCard,
            hours(48),
            vec![
                officer.clone(),
                leader.clone(),
                inspector.clone(),
                above.clone(),
            ],
            Some(Supervision::RedCard),
        ),
        (
            Rung::Again,
            hours(72),
            vec![
                officer.clone(),
                leader.clone(),
                inspector.clone(),
                above.clone(),
            ],
            Some(Supervision::RedCard),
        ),
        (
            Rung::Again,
            hours(96),
            vec![officer, leader, inspector, above],
            Some(Supervision::RedCard),
        ),
    ];
    for (rung, at, to, supervision) in due {
        let (reached, told, events) = next(&mut story, handle);
        assert_eq!((reached, story.now), (rung, at));
        assert_eq!(told, to, "{rung}");
        assert_eq!(story.case().supervision, supervision, "{rung}");
        match rung {
            Rung::Red => assert_eq!(kinds(&events), ["overdue", "reminded", "desk-rung"]),
            _ => assert_eq!(kinds(&events), ["escalated"]),
        }
        assert_eq!(
            story.case().stage,
            Stage::Dispatched,
            "a timer moves nothing"
        );
    }
}

#[test]
fn an_order_not_acknowledged_reaches_the_unit_and_then_those_above_it() {
    let mut story = dispatched(demo());
    let order = story.order_id("SL-FIRE-HLX");
    let acknowledge = |story: &Story<'_>| story.running(ClockKind::Acknowledge, Some(order));
    let (rung, to, _) = next(&mut story, acknowledge);
    let fire = Receiver {
        role: Role::UnitStaff,
        division: division("510116"),
        unit: Some(unit("SL-FIRE-HLX")),
    };
    assert_eq!(
        (rung, to),
        (
            Rung::Yellow,
            vec![fire.clone(), held(Role::DutyOfficer, "510116111")]
        ),
        "a gas leak: the officer hears with the unit"
    );
    let (rung, to, events) = next(&mut story, acknowledge);
    assert_eq!(rung, Rung::Red);
    assert_eq!(
        to,
        [
            fire,
            held(Role::DutyOfficer, "510116111"),
            held(Role::Dispatcher, "510116111")
        ]
    );
    assert_eq!(
        kinds(&events),
        ["overdue", "reminded", "order-added", "desk-rung"]
    );
    let (rung, to, events) = next(&mut story, acknowledge);
    assert_eq!(
        (rung, kinds(&events)),
        (Rung::YellowCard, vec!["escalated"])
    );
    assert_eq!(
        to,
        [
            held(Role::Dispatcher, "510116111"),
            held(Role::DutyChief, "510116111"),
            held(Role::Leader, "510116")
        ]
    );
    assert_eq!(story.case().orders.len(), 7, "a unit is added at red alone");
    // Once it is acknowledged nothing climbs any more.
    let timer = Story::timer_of(&acknowledge(&story));
    story.does(&who("fire-hlx"), &CaseCommand::Acknowledge(order));
    story.now = story.now.plus_ms(86_400_000);
    assert_eq!(
        story.refused(&Principal::System, &timer),
        Refusal::TimerGone
    );
}

/// The receivers of every rung of the accept clock in a directory.
fn of_accepting(directory: &Directory) -> Vec<(Rung, Vec<Receiver>)> {
    let mut story = Story::new(directory, 91);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    (0..4)
        .map(|_| {
            let (rung, to, _) = next(&mut story, accepting);
            (rung, to)
        })
        .collect()
}

#[test]
fn an_empty_post_leaves_no_hole_on_any_rung() {
    let all = of_accepting(demo());
    let town = |role| held(role, "510116111");
    let county = |role| held(role, "510116");
    let centre = |code: &str, at: &str| Receiver {
        role: Role::DutyOfficer,
        division: division(at),
        unit: Some(unit(code)),
    };
    assert_eq!(
        all,
        [
            (Rung::Yellow, vec![town(Role::DutyOfficer)]),
            (
                Rung::Red,
                vec![town(Role::DutyOfficer), town(Role::DutyChief)]
            ),
            (
                Rung::YellowCard,
                vec![town(Role::DutyChief), county(Role::Leader)]
            ),
            (
                Rung::RedCard,
                vec![
                    county(Role::Leader),
                    county(Role::Inspector),
                    centre("SL-CGC", "510116")
                ]
            ),
        ]
    );
    // Without leader and inspector the centre's own post stands for them.
    let few = demo_with(|account| !matches!(account, "leader-sl" | "inspector-sl"));
    let (rung, to) = of_accepting(&few).swap_remove(3);
    assert_eq!(rung, Rung::RedCard);
    assert_eq!(
        to,
        [centre("HLX-CGC", "510116111"), centre("SL-CGC", "510116")]
    );
    // With nobody at all each rung still reaches somebody's desk.
    let nobody = demo_with(|account| account == "grid-hl1");
    for (rung, to) in of_accepting(&nobody) {
        assert!(!to.is_empty(), "{rung}");
    }
}

#[test]
fn a_report_that_nobody_accepts_goes_up_by_itself_and_is_repeated_at_the_top() {
    let mut story = Story::new(demo(), 92);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    for _ in 0..3 {
        let (_, _, events) = next(&mut story, accepting);
        assert!(!kinds(&events).contains(&"passed-up"));
    }
    let (rung, _, events) = next(&mut story, accepting);
    assert_eq!(
        (rung, kinds(&events)),
        (Rung::RedCard, vec!["escalated", "passed-up", "desk-rung"])
    );
    assert_eq!(story.now, clock("12:00:00"), "four times the half hour");
    let CaseEvent::PassedUp(up) = &events[1] else {
        panic!("passed up is due, not {events:?}");
    };
    assert_eq!(
        (up.because, up.reason.clone()),
        (UpBecause::Unanswered, None)
    );
    assert_eq!(story.case().centre, division("510116"));
    assert_eq!(accepting(&story).due, clock("12:30:00"), "anew there");
    for _ in 0..4 {
        next(&mut story, accepting);
    }
    assert_eq!(
        story.case().centre,
        division("5101"),
        "the city has a centre, though nobody sits there"
    );
    let mut rungs = Vec::new();
    for _ in 0..6 {
        let (rung, _, events) = next(&mut story, accepting);
        assert!(!kinds(&events).contains(&"passed-up"), "nothing is above");
        rungs.push(rung);
    }
    assert_eq!(rungs[3..], [Rung::RedCard, Rung::Again, Rung::Again]);
    story.does(&who("chief-sl"), &accept());
    assert_eq!(story.case().stage, Stage::Accepted, "the county still may");
}

#[test]
fn after_days_off_each_clock_goes_to_its_highest_rung_and_red_does_what_it_does() {
    let mut story = dispatched(demo());
    let order = story.order_id("SL-FIRE-HLX");
    let acknowledge = story.running(ClockKind::Acknowledge, Some(order));
    let caught_up = CaseCommand::Timer {
        clock: acknowledge.kind,
        order: acknowledge.order,
        generation: acknowledge.generation,
        caught_up: true,
    };
    story.at("10:03:30");
    let events = story.does(&Principal::System, &caught_up);
    assert_eq!(
        kinds(&events),
        ["overdue", "reminded", "order-added", "escalated"],
        "the unit is added all the same, and no desk rings: one digest says it"
    );
    let CaseEvent::Escalated(e) = &events[3] else {
        panic!("a card is due, not {events:?}");
    };
    assert_eq!((e.rung, e.caught_up), (Rung::YellowCard, true));
    assert!(story.order("SL-FIRE-HLX").late);
    assert_eq!(
        story.refused(&Principal::System, &caught_up),
        Refusal::TimerGone,
        "the rungs between are left out"
    );
    let reached = story.running(ClockKind::Acknowledge, Some(order)).reached;
    assert_eq!(reached.map(|(rung, _)| rung), Some(Rung::YellowCard));

    // The whole ladder was slept through: straight to the red card. The people of the centre come first; the level above
    // takes it when the last rung is repeated.
    let mut story = Story::new(demo(), 93);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    let accept_clock = accepting(&story);
    story.at("18:00:00");
    let events = story.does(
        &Principal::System,
        &CaseCommand::Timer {
            clock: ClockKind::Accept,
            order: None,
            generation: accept_clock.generation,
            caught_up: true,
        },
    );
    assert_eq!(kinds(&events), ["overdue", "reminded", "escalated"]);
    assert_eq!(story.case().supervision, Some(Supervision::RedCard));
    let (rung, _, events) = next(&mut story, accepting);
    assert_eq!(
        (rung, kinds(&events)),
        (Rung::Again, vec!["escalated", "passed-up", "desk-rung"])
    );
    assert_eq!(story.case().centre, division("510116"));
}

#[test]
fn a_unit_that_is_only_told_is_reminded_once_and_calls_nobody_else_to_account() {
    let mut story = at_work(demo());
    let told = story.order_id("SL-HCB");
    let clock_of = |story: &Story<'_>| story.running(ClockKind::Acknowledge, Some(told));
    assert_eq!(clock_of(&story).yellow, None);
    let command = feed_back(&story, "SL-GAS-1");
    story.does(&who("gas-1"), &command);
    let (rung, _, _) = next(&mut story, clock_of);
    assert_eq!(rung, Rung::Red);
    assert_eq!(clock_of(&story).next(), None, "and no more");
    assert_eq!(story.case().supervision, None);
}

#[test]
fn rungs_follow_the_table_as_shares_or_as_explicit_limits() {
    let explicit = changed_rules("ladder.csv", |text| {
        text.replace(",handle,75%,150%,200%,24h,", ",handle,2h,+4h,+6h,12h,")
    });
    let mut story = Story::new(demo(), 94);
    story.rules = &explicit;
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    let officer = who("officer-hlx");
    story.does(&officer, &accept());
    story.does(&officer, &CaseCommand::File(None));
    story.does(
        &who("dispatcher-sl"),
        &CaseCommand::Dispatch {
            plan: None,
            orders: vec![super::order("SL-GAS-1", jingwei_core::cases::Part::Lead)],
            under: None,
        },
    );
    let at = |hours: i64| Some(Timestamp(story.now.0 + hours * 3_600_000));
    let clock = handle(&story);
    assert_eq!(
        (clock.yellow, clock.yellow_card, clock.red_card),
        (at(2), at(28), at(30))
    );
}

#[test]
fn a_person_supervises_and_the_level_only_rises() {
    let mut story = at_work(demo());
    let supervise = |level, order| CaseCommand::Supervise {
        level,
        order,
        reason: because(),
    };
    let inspector = who("inspector-sl");
    let nobody = Some(jingwei_core::id::OrderId(uuid::Uuid::nil()));
    let refusal = story.refused(&inspector, &supervise(Supervision::Normal, nobody));
    assert_eq!(only_fault(&refusal).code, "unknown_order");
    let gas = Some(story.order_id("SL-GAS-1"));
    for (level, after) in [
        (Supervision::Normal, Supervision::Normal),
        (Supervision::RedCard, Supervision::RedCard),
        (Supervision::YellowCard, Supervision::RedCard),
    ] {
        story.does(&inspector, &supervise(level, gas));
        assert_eq!(story.case().supervision, Some(after));
    }
    let text = CaseCommand::Instruct(because());
    story.does(&who("leader-sl"), &text);
    assert_eq!(story.case().instruction, Some(because()));
    assert_eq!(
        story.refused(&inspector, &text),
        Refusal::Forbidden(jingwei_core::access::Act::Instruct)
    );
}
