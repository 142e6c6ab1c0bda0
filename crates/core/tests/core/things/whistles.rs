//! Whistles by example: who blows whom, how a call goes up, when it closes, who rates.

use jingwei_core::access::{Principal, Role};
use jingwei_core::code::Level;
use jingwei_core::directory::{Directory, PostRow};
use jingwei_core::id::{CaseId, UnitId};
use jingwei_core::refusal::Refusal;
use jingwei_core::things::{Sight, Thing, rings_for};
use jingwei_core::time::Timestamp;
use jingwei_core::whistles::{
    Because, Blow, CallStage, Rating, Task, TaskOutcome, Whistle, WhistleAct, WhistleCommand,
    WhistleEvent, WhistleKind, WhistleOutcome, WhistleStage, acts_open_to,
};
use uuid::Uuid;

use super::{Told, as_in, demo_and};
use crate::support::{
    Story, clock, demo, demo_with, division, only_fault, report, sealed, unit, who,
};

pub(super) fn blow(kind: WhistleKind, place: &str, units: &[UnitId]) -> WhistleCommand {
    WhistleCommand::Blow(Box::new(Blow {
        kind,
        case: None,
        place: division(place),
        position: Some(sealed("position")),
        reason: sealed("why"),
        units: units.to_vec(),
        copies: Vec::new(),
    }))
}

const PLACE: &str = "510116111001";

fn gas_and_fire() -> [UnitId; 2] {
    [unit("SL-GAS-1"), unit("SL-FIRE-YA")]
}

fn blown(kind: WhistleKind, directory: &Directory) -> Told<'_, Whistle> {
    let mut told = Told::new(directory);
    told.does(&who("officer-hlx"), &blow(kind, PLACE, &gas_and_fire()));
    told
}

fn answer(unit: UnitId) -> WhistleCommand {
    WhistleCommand::Answer { unit, by: None }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn raised(told: &Told<'_, Whistle>) -> Vec<(Because, Level, bool)> {
    told.log
        .iter()
        .filter_map(|(_, step)| match &step.event {
            WhistleEvent::Raised(e) => Some((e.because, e.level, e.again)),
            _ => None,
        })
        .collect()
}

#[test]
fn each_kind_has_its_own_limit_on_the_work_calendar() {
    // A Friday at 10:00; the units are on duty round the clock, which is standby: their limits run in office hours.
    for (kind, due) in [
        (WhistleKind::Request, "2026-11-23T10:00:00+08:00"),
        (WhistleKind::Enforcement, "2026-11-20T15:30:00+08:00"),
        (WhistleKind::Emergency, "2026-11-20T10:30:00+08:00"),
    ] {
        let told = blown(kind, demo());
        let dues: Vec<Timestamp> = told.state().alarms().iter().map(|a| a.due).collect();
        assert_eq!(dues, [at(due), at(due)], "{kind}");
        told.folds_again();
    }
}

#[test]
fn the_town_blows_and_the_county_only_where_the_town_has_nobody() {
    let command = blow(WhistleKind::Request, PLACE, &gas_and_fire());
    let told: Told<'_, Whistle> = Told::new(demo());
    for account in ["officer-hlx", "headgrid-hlx"] {
        assert!(told.ask(&who(account), &command).is_ok(), "{account}");
    }
    for account in ["grid-hl1", "gas-1", "auditor-sl", "verifier-hlx"] {
        let refusal = told.refused(&who(account), &command);
        assert_eq!(refusal.code(), "forbidden", "{account}");
        assert!(refusal.zh().contains("吹哨") && refusal.en().contains("whistle"));
    }
    for account in ["dispatcher-sl", "leader-sl", "officer-ld"] {
        let refusal = told.refused(&who(account), &command);
        let fault = only_fault(&refusal);
        assert_eq!(
            (fault.pointer.as_str(), fault.code),
            ("/division", "not_your_level")
        );
    }
    // Luding's towns have no centre of their own: the county blows.
    let luding = blow(WhistleKind::Request, "513322100", &[unit("LD-GAS")]);
    let mut told: Told<'_, Whistle> = Told::new(demo());
    told.does(&who("officer-ld"), &luding);
    assert_eq!(told.state().level, Level::County);
    assert_eq!(told.state().town, unit("LD-CGC"));
    // A town whose duty officer is away leaves it to the county, and its head grid worker may still blow.
    let away = demo_with(|account| account != "officer-hlx");
    let told: Told<'_, Whistle> = Told::new(&away);
    for account in ["dispatcher-sl", "headgrid-hlx", "leader-sl"] {
        assert!(
            told.ask(&as_in(&away, account), &command).is_ok(),
            "{account}"
        );
    }
}

#[test]
fn what_is_called_is_looked_at() {
    let told: Told<'_, Whistle> = Told::new(demo());
    let gas = unit("SL-GAS-1");
    for (units, pointer, code) in [
        (vec![], "/units", "out_of_range"),
        (vec![gas; 21], "/units", "out_of_range"),
        (vec![gas, gas], "/units/1", "twice"),
        (vec![gas, unit("HLX-CGC")], "/units/1", "own_unit"),
        (vec![unit("LD-GAS")], "/units/0", "elsewhere"),
        (vec![UnitId(Uuid::from_u128(5))], "/units/0", "unknown_unit"),
    ] {
        let refusal = told.refused(
            &who("officer-hlx"),
            &blow(WhistleKind::Request, PLACE, &units),
        );
        let fault = only_fault(&refusal);
        assert_eq!((fault.pointer.as_str(), fault.code), (pointer, code));
    }
    for place in ["510116", "510199999", "513425"] {
        let refusal = told.refused(
            &who("officer-hlx"),
            &blow(WhistleKind::Request, place, &[gas]),
        );
        assert_eq!(only_fault(&refusal).pointer, "/division", "{place}");
    }
    // The case it names has to be one that the blower sees.
    let mut story = Story::new(demo(), 3);
    story.does(&who("grid-hl1"), &report("513322100", None));
    let mut about = Told::<Whistle>::new(demo());
    let case = story.case().id;
    about.case = story.state.clone();
    for id in [case, CaseId(Uuid::from_u128(9))] {
        let WhistleCommand::Blow(mut command) = blow(WhistleKind::Request, PLACE, &[gas]) else {
            panic!("a whistle");
        };
        command.case = Some(id);
        let refusal = about.refused(&who("officer-hlx"), &WhistleCommand::Blow(command));
        assert_eq!(only_fault(&refusal).code, "unknown_case");
    }
}

#[test]
fn what_nobody_answers_goes_up_once_for_each_limit_past_the_empty_levels() {
    // Nobody is at the city's desk: the county stays the top, and it goes on ringing there.
    let mut told = blown(WhistleKind::Emergency, demo());
    told.now = clock("10:10:00");
    told.does(&who("gas-1"), &answer(unit("SL-GAS-1")));
    for minute in ["10:30:00", "11:00:00", "11:30:00"] {
        while told.next_alarm().is_some_and(|a| a.due <= clock(minute)) {
            if told
                .next_alarm()
                .is_some_and(|a| a.kind == "whistle.arrive")
            {
                told.does(
                    &who("gas-1"),
                    &WhistleCommand::Arrive {
                        unit: unit("SL-GAS-1"),
                        metres: Some(12),
                    },
                );
                continue;
            }
            assert_eq!(told.fires().due, clock(minute));
        }
    }
    assert_eq!(
        raised(&told),
        [
            (Because::NotAnswered, Level::County, false),
            (Because::NotAnswered, Level::County, true),
            (Because::NotAnswered, Level::County, true),
        ]
    );
    let call = told
        .state()
        .call(unit("SL-FIRE-YA"))
        .expect("called")
        .clone();
    assert!(call.late && call.raises == 3);
    assert_eq!(call.raised_to.expect("a centre").unit, unit("SL-CGC"));
    // The desks of town and county ring, that of another county and a city's would not.
    let shape = told.state().shape();
    let ring = told
        .log
        .iter()
        .find_map(|(_, step)| match &step.event {
            event @ WhistleEvent::Raised(_) => Whistle::ring(event),
            _ => None,
        })
        .expect("it rings");
    for (account, rings) in [
        ("officer-hlx", true),
        ("chief-sl", true),
        ("leader-sl", false),
        ("gas-1", false),
        ("officer-ld", false),
    ] {
        assert_eq!(rings_for(&who(account), &ring, &shape), rings, "{account}");
    }
    told.folds_again();
    // With somebody at the city's desk it goes on to the city.
    let post = |role, unit_code: &str, place: &str| PostRow {
        role,
        unit: unit(unit_code),
        division: division(place),
    };
    let city = demo_and(&[("chief-cd", post(Role::DutyChief, "CD-CGC", "5101"))]);
    let mut told = Told::<Whistle>::new(&city);
    told.does(
        &who("officer-hlx"),
        &blow(WhistleKind::Emergency, PLACE, &[unit("SL-GAS-1")]),
    );
    told.fires();
    told.fires();
    told.fires();
    assert_eq!(
        raised(&told),
        [
            (Because::NotAnswered, Level::County, false),
            (Because::NotAnswered, Level::City, false),
            (Because::NotAnswered, Level::City, true),
        ]
    );
    // With nobody above at all it stays with the town, and still rings.
    let alone = demo_with(|account| ["officer-hlx", "gas-1"].contains(&account));
    let mut told = Told::<Whistle>::new(&alone);
    told.does(
        &as_in(&alone, "officer-hlx"),
        &blow(WhistleKind::Emergency, PLACE, &[unit("SL-GAS-1")]),
    );
    told.fires();
    assert_eq!(raised(&told), [(Because::NotAnswered, Level::Town, true)]);
}

#[test]
fn a_deadline_that_was_set_again_fires_nothing() {
    let mut told = blown(WhistleKind::Emergency, demo());
    let old = told.next_alarm().expect("it waits");
    let gas = unit("SL-GAS-1");
    let of_gas = told
        .state()
        .alarms()
        .into_iter()
        .find(|alarm| alarm.part == Some(gas.0))
        .expect("it waits");
    let early = told.refused(&Principal::System, &Told::<Whistle>::command_of(&old));
    assert_eq!(early, Refusal::TimerGone, "before its time");
    told.does(&who("gas-1"), &answer(gas));
    told.now = clock("12:00:00");
    let gone = told.refused(&Principal::System, &Told::<Whistle>::command_of(&of_gas));
    assert_eq!(gone, Refusal::TimerGone);
}

#[test]
fn a_unit_that_says_it_comes_and_does_not_goes_up_too() {
    let mut told = blown(WhistleKind::Emergency, demo());
    let gas = unit("SL-GAS-1");
    let late = WhistleCommand::Answer {
        unit: gas,
        by: Some(clock("09:00:00")),
    };
    assert_eq!(
        only_fault(&told.refused(&who("gas-1"), &late)).pointer,
        "/by"
    );
    let soon = WhistleCommand::Answer {
        unit: gas,
        by: Some(clock("10:20:00")),
    };
    told.does(&who("gas-1"), &soon);
    assert_eq!(told.fires().kind, "whistle.arrive");
    assert_eq!(raised(&told), [(Because::NotArrived, Level::County, false)]);
    let call = told.state().call(gas).expect("called");
    assert!(
        call.late && call.stage == CallStage::Coming,
        "it stays called"
    );
}

#[test]
fn a_refusal_goes_up_with_its_reason_and_comes_down_with_a_deadline() {
    let mut told = blown(WhistleKind::Enforcement, demo());
    let gas = unit("SL-GAS-1");
    let no = WhistleCommand::Refuse {
        unit: gas,
        reason: sealed("not ours"),
    };
    assert_eq!(
        told.does(&who("gas-1"), &no),
        2,
        "the refusal and its way up"
    );
    assert_eq!(raised(&told), [(Because::Refused, Level::County, false)]);
    let instruct = |unit, by| WhistleCommand::Instruct {
        unit,
        by,
        words: sealed("go"),
    };
    // The town cannot order it, and the county not what it was not asked.
    let by = clock("11:00:00");
    assert_eq!(
        told.refused(&who("officer-hlx"), &instruct(gas, by)).code(),
        "forbidden"
    );
    assert_eq!(
        told.refused(&who("chief-sl"), &instruct(unit("SL-FIRE-YA"), by))
            .code(),
        "forbidden"
    );
    let past = told.refused(&who("chief-sl"), &instruct(gas, clock("09:59:00")));
    assert_eq!(only_fault(&past).pointer, "/by");
    told.does(&who("chief-sl"), &instruct(gas, by));
    let call = told.state().call(gas).expect("called");
    assert_eq!(call.stage, CallStage::Called);
    assert_eq!(call.clock.map(|clock| clock.due), Some(by));
    told.does(&who("gas-1"), &answer(gas));
    // By hand with a reason, from the town: to the same level again, since nobody is above.
    let raise = WhistleCommand::Raise {
        unit: gas,
        reason: sealed("still not there"),
    };
    assert_eq!(told.refused(&who("gas-1"), &raise).code(), "forbidden");
    told.does(&who("headgrid-hlx"), &raise);
    assert_eq!(raised(&told)[1], (Because::Asked, Level::County, true));
    told.folds_again();
}

#[test]
fn nobody_leaves_before_the_work_is_done() {
    let mut told = blown(WhistleKind::Emergency, demo());
    let [gas, fire] = gas_and_fire();
    let officer = who("officer-hlx");
    let close = WhistleCommand::Close {
        outcome: WhistleOutcome::Resolved,
        note: None,
    };
    let tasks = |units: &[UnitId]| {
        let task = |unit: &UnitId| Task {
            unit: *unit,
            text: sealed("do"),
        };
        WhistleCommand::Tasks(units.iter().map(task).collect())
    };
    let finish = |unit| WhistleCommand::Finish {
        unit,
        outcome: TaskOutcome::Done,
        result: sealed("done"),
    };
    let arrive = |unit| WhistleCommand::Arrive { unit, metres: None };
    let refusal = told.refused(&officer, &close);
    assert_eq!(refusal.code(), "wrong_state");
    assert!(refusal.zh().contains("事不完、人不撤") && refusal.zh().contains("永安"));
    // No task for a unit that is not there, and nothing to finish without a task.
    assert_eq!(told.refused(&officer, &tasks(&[gas])).code(), "wrong_state");
    told.does(&who("gas-1"), &arrive(gas));
    assert_eq!(
        told.refused(&who("gas-1"), &finish(gas)).code(),
        "wrong_state"
    );
    told.does(&officer, &tasks(&[gas]));
    assert_eq!(
        told.refused(&officer, &tasks(&[gas])).code(),
        "wrong_state",
        "one at a time"
    );
    assert_eq!(
        told.refused(&officer, &close).code(),
        "wrong_state",
        "a task is open"
    );
    // One unit does not do the work of another.
    assert_eq!(
        told.refused(&who("fire-ya"), &finish(gas)).code(),
        "forbidden"
    );
    told.does(&who("gas-1"), &finish(gas));
    assert_eq!(
        told.refused(&officer, &close).code(),
        "wrong_state",
        "the other is awaited"
    );
    let release = |unit| WhistleCommand::Release {
        unit,
        reason: sealed("no longer needed"),
    };
    assert_eq!(
        told.refused(&who("fire-ya"), &release(fire)).code(),
        "forbidden"
    );
    assert_eq!(
        told.refused(&who("chief-sl"), &release(fire)).code(),
        "forbidden",
        "it was not raised to the county"
    );
    told.does(&officer, &release(fire));
    let mistaken = WhistleCommand::Close {
        outcome: WhistleOutcome::Withdrawn,
        note: None,
    };
    assert_eq!(
        only_fault(&told.refused(&officer, &mistaken)).code,
        "work_was_done"
    );
    told.does(&officer, &close);
    assert_eq!(told.state().stage, WhistleStage::Closed);
    assert_eq!(
        told.refused(&who("fire-ya"), &arrive(fire)).code(),
        "wrong_state"
    );
    told.folds_again();
}

fn closed() -> Told<'static, Whistle> {
    let mut told = blown(WhistleKind::Emergency, demo());
    for unit in gas_and_fire() {
        told.does(
            &who("officer-hlx"),
            &WhistleCommand::Release {
                unit,
                reason: sealed("a mistake"),
            },
        );
    }
    told.does(
        &who("officer-hlx"),
        &WhistleCommand::Close {
            outcome: WhistleOutcome::Withdrawn,
            note: Some(sealed("a mistake")),
        },
    );
    told
}

#[test]
fn both_sides_rate_each_other_once() {
    let mut told = closed();
    let [gas, fire] = gas_and_fire();
    let town = unit("HLX-CGC");
    let rate = |unit, level| WhistleCommand::Rate { unit, level };
    assert_eq!(
        told.refused(&who("auditor-sl"), &rate(gas, Rating::Basic))
            .code(),
        "forbidden"
    );
    assert_eq!(
        told.refused(&who("fire-ya"), &rate(gas, Rating::Basic))
            .code(),
        "forbidden",
        "a unit rates the town, not another unit"
    );
    assert_eq!(
        told.refused(&who("officer-hlx"), &rate(town, Rating::Satisfied))
            .code(),
        "forbidden",
        "nobody rates themselves"
    );
    told.does(&who("headgrid-hlx"), &rate(gas, Rating::Dissatisfied));
    assert_eq!(
        told.refused(&who("officer-hlx"), &rate(gas, Rating::Satisfied))
            .code(),
        "wrong_state",
        "the town has rated it"
    );
    told.does(&who("gas-1"), &rate(town, Rating::Basic));
    assert_eq!(
        told.refused(&who("gas-1"), &rate(town, Rating::Satisfied))
            .code(),
        "wrong_state"
    );
    told.does(&who("officer-hlx"), &rate(fire, Rating::Satisfied));
    assert_eq!(told.state().stage, WhistleStage::Closed);
    told.does(&who("fire-ya"), &rate(town, Rating::Satisfied));
    assert_eq!(
        told.state().stage,
        WhistleStage::Rated,
        "all four are given"
    );
    assert!(told.state().alarms().is_empty());
    told.folds_again();
    // Or the time runs out: five working days.
    let mut told = closed();
    told.does(&who("gas-1"), &rate(town, Rating::Basic));
    assert_eq!(told.fires().due, at("2026-11-27T10:00:00+08:00"));
    assert_eq!(told.state().stage, WhistleStage::Rated);
    assert!(matches!(
        told.log.last().map(|(_, step)| &step.event),
        Some(WhistleEvent::RatingEnded(e)) if e.missing == 3
    ));
    told.folds_again();
}

#[test]
fn it_is_seen_by_the_area_the_called_and_those_told_by_copy() {
    let mut told = Told::<Whistle>::new(demo());
    let WhistleCommand::Blow(mut command) = blow(WhistleKind::Request, PLACE, &[unit("SL-GAS-1")])
    else {
        panic!("a whistle");
    };
    command.copies = vec![unit("SL-HCB")];
    told.does(&who("officer-hlx"), &WhistleCommand::Blow(command));
    let sight = |account| told.state().sight(&who(account));
    assert_eq!(sight("officer-hlx"), Some(Sight::Area));
    assert_eq!(sight("leader-sl"), Some(Sight::Area));
    assert_eq!(sight("gas-1"), Some(Sight::Unit));
    assert_eq!(sight("hcb-sl"), Some(Sight::Unit), "told by copy");
    for account in ["gas-2", "fire-ya", "admin-sl", "officer-ld"] {
        assert_eq!(sight(account), None, "{account}");
        let refusal = told.refused(&who(account), &answer(unit("SL-GAS-1")));
        assert_eq!(refusal, Refusal::NotFound, "{account}");
    }
    assert_eq!(
        told.refused(&who("hcb-sl"), &answer(unit("SL-HCB"))),
        Refusal::NotFound,
        "who is only told has no call to answer"
    );
    let open = |account| acts_open_to(&who(account), told.state());
    let gas = Some(unit("SL-GAS-1"));
    assert_eq!(
        open("gas-1"),
        [
            (WhistleAct::Answer, gas),
            (WhistleAct::Refuse, gas),
            (WhistleAct::Arrive, gas)
        ]
    );
    assert_eq!(open("hcb-sl"), []);
    assert_eq!(open("auditor-sl"), []);
    assert!(open("officer-hlx").contains(&(WhistleAct::Release, gas)));
}
