//! Random whistles: whatever people and clocks do, a call that nobody answers goes up exactly once for each limit, nobody
//! leaves before the work is done, and every whistle has a way out.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jingwei_core::access::Principal;
use jingwei_core::id::UnitId;
use jingwei_core::refusal::Refusal;
use jingwei_core::things::{Alarm, Thing};
use jingwei_core::whistles::{
    CallStage, Rating, Task, TaskOutcome, Whistle, WhistleAct, WhistleCommand, WhistleEvent,
    WhistleKind, WhistleOutcome, WhistleStage, acts_open_to,
};

use super::whistles::blow;
use super::{Step, Told, cast, pick, runner, steps};
use crate::support::{demo, sealed, unit, who};

const CALLED: [&str; 3] = ["SL-GAS-1", "SL-FIRE-YA", "HLX-POLST"];

fn command(step: Step, told: &Told<'_, Whistle>) -> WhistleCommand {
    let (which, _, about, _) = step;
    let all: Vec<UnitId> = CALLED.iter().map(|code| unit(code)).collect();
    let unit = *pick(&all, about);
    let rated = [all.clone(), vec![told.state().town]].concat();
    let levels = [Rating::Satisfied, Rating::Basic, Rating::Dissatisfied];
    let by = told.now.plus_ms(i64::from(about) * 60_000);
    match which % 11 {
        0 => WhistleCommand::Answer { unit, by: None },
        1 => WhistleCommand::Answer { unit, by: Some(by) },
        2 => WhistleCommand::Refuse {
            unit,
            reason: sealed("no"),
        },
        3 => WhistleCommand::Arrive {
            unit,
            metres: Some(u32::from(about)),
        },
        4 => WhistleCommand::Tasks(vec![Task {
            unit,
            text: sealed("do"),
        }]),
        5 => WhistleCommand::Finish {
            unit,
            outcome: TaskOutcome::Done,
            result: sealed("done"),
        },
        6 => WhistleCommand::Release {
            unit,
            reason: sealed("go"),
        },
        7 => WhistleCommand::Raise {
            unit,
            reason: sealed("up"),
        },
        8 => WhistleCommand::Instruct {
            unit,
            by,
            words: sealed("go there"),
        },
        9 => WhistleCommand::Close {
            outcome: *pick(WhistleOutcome::ALL, about),
            note: None,
        },
        _ => WhistleCommand::Rate {
            unit: *pick(&rated, about),
            level: *pick(&levels, about),
        },
    }
}

/// One of the acts that are open to somebody who takes part: most whistles are answered.
fn offered(step: Step, told: &Told<'_, Whistle>) -> Option<(Principal, WhistleCommand)> {
    let account = pick(
        &["officer-hlx", "gas-1", "fire-ya", "police-hlx"][..],
        step.1,
    );
    let by = who(account);
    let open = acts_open_to(&by, told.state());
    let present = |unit: &UnitId| {
        let call = told.state().call(*unit);
        call.is_some_and(|call| call.arrived_at.is_some() && !call.has_open_task())
    };
    let (act, unit) = *open.get(usize::from(step.2) % open.len().max(1))?;
    let which = match act {
        WhistleAct::Answer => 0,
        WhistleAct::Refuse => 2,
        WhistleAct::Arrive => 3,
        WhistleAct::Task => {
            let unit = told
                .state()
                .calls
                .iter()
                .map(|call| call.unit)
                .find(present)?;
            let text = sealed("do");
            return Some((by, WhistleCommand::Tasks(vec![Task { unit, text }])));
        }
        WhistleAct::Finish => 5,
        WhistleAct::Close => 9,
        WhistleAct::Rate => {
            let (unit, level) = (unit?, *pick(Rating::ALL, step.2));
            return Some((by, WhistleCommand::Rate { unit, level }));
        }
        _ => return None,
    };
    let about = CALLED
        .iter()
        .position(|code| Some(self::unit(code)) == unit);
    let about = u8::try_from(about.unwrap_or(0)).ok()?;
    Some((by, command((which, step.1, about, step.3), told)))
}

/// What has to hold after every step.
fn holds(told: &Told<'_, Whistle>) {
    let whistle = told.state();
    let alarms = whistle.alarms();
    for call in &whistle.calls {
        let waits = alarms
            .iter()
            .filter(|a| a.part == Some(call.unit.0))
            .count();
        let due = usize::from(call.stage.is_awaited());
        assert_eq!(
            waits, due,
            "a unit that is awaited has one deadline: {call:?}"
        );
        if matches!(call.stage, CallStage::Done) {
            assert!(!call.has_open_task() && !call.tasks.is_empty());
        }
    }
    match whistle.stage {
        WhistleStage::Blown => {
            assert!(whistle.outcome.is_none() && whistle.ratings.is_empty());
        }
        WhistleStage::Closed | WhistleStage::Rated => {
            for call in &whistle.calls {
                let released = call.stage == CallStage::Released && call.reason.is_some();
                let done = call.stage == CallStage::Done && !call.has_open_task();
                assert!(released || done, "closed with work undone: {call:?}");
            }
        }
    }
    let mut pairs: Vec<_> = whistle.ratings.iter().map(|r| (r.by, r.unit)).collect();
    pairs.sort();
    pairs.dedup();
    assert_eq!(pairs.len(), whistle.ratings.len(), "each side rates once");
    for rated in &whistle.ratings {
        assert!((rated.by == whistle.town) != (rated.unit == whistle.town));
    }
    assert_eq!(
        whistle.stage != WhistleStage::Rated,
        whistle.stage == WhistleStage::Closed || whistle.outcome.is_none(),
    );
    assert_eq!(
        whistle.stage == WhistleStage::Closed,
        whistle.rating.is_some()
    );
}

/// Fires everything that is due by now, each exactly once and in its order.
fn fire_due(told: &mut Told<'_, Whistle>, fired: &mut u32) {
    let until = told.now;
    while let Some(alarm) = told.next_alarm().filter(|alarm| alarm.due <= until) {
        told.now = alarm.due;
        fire(told, &alarm);
        *fired += 1;
    }
    told.now = until;
}

fn fire(told: &mut Told<'_, Whistle>, alarm: &Alarm) {
    let command = Told::<Whistle>::command_of(alarm);
    let before = told.log.len();
    assert_eq!(
        told.does(&Principal::System, &command),
        1,
        "one event for one limit"
    );
    match &told.log[before].1.event {
        WhistleEvent::Raised(e) => {
            let call = told.state().call(e.unit).expect("called");
            assert_eq!(Some(e.unit.0), alarm.part);
            assert!(e.next.due > told.now, "the next limit runs");
            let earlier = told.log[..before]
                .iter()
                .filter_map(|(_, step)| match &step.event {
                    WhistleEvent::Raised(r) if r.unit == e.unit => Some(r.level),
                    _ => None,
                });
            let top = earlier.max().unwrap_or(told.state().level);
            assert!(
                e.level > top || e.again && e.level == top,
                "up, or at the top again"
            );
            assert!(call.stage.is_awaited(), "nobody is withdrawn by a clock");
        }
        WhistleEvent::RatingEnded(_) => assert_eq!(told.state().stage, WhistleStage::Rated),
        other => panic!("a deadline led to {other:?}"),
    }
    let again = told.refused(&Principal::System, &command);
    assert_eq!(again, Refusal::TimerGone, "exactly once");
}

/// From wherever it stands the town brings it to its end with the acts that are open to it.
fn has_a_way_out(told: &mut Told<'_, Whistle>) {
    let officer = who("officer-hlx");
    while told.state().stage == WhistleStage::Blown {
        let open = acts_open_to(&officer, told.state());
        let release = open.iter().find(|(act, _)| *act == WhistleAct::Release);
        let command = match release {
            Some((_, Some(unit))) => WhistleCommand::Release {
                unit: *unit,
                reason: sealed("way out"),
            },
            _ => {
                assert!(
                    open.contains(&(WhistleAct::Close, None)),
                    "no way out: {open:?}"
                );
                WhistleCommand::Close {
                    outcome: WhistleOutcome::Unresolved,
                    note: None,
                }
            }
        };
        told.does(&officer, &command);
        holds(told);
    }
    if told.state().stage == WhistleStage::Closed {
        told.fires();
    }
    assert_eq!(told.state().stage, WhistleStage::Rated);
    assert!(told.state().alarms().is_empty(), "nothing waits any more");
}

#[test]
fn random_whistles_keep_their_promises() {
    let people = cast();
    let kinds: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let fired = RefCell::new(0_u32);
    let codes: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let outcome = runner(300).run(&(0..3_usize, steps(60)), |(kind, steps)| {
        let units: Vec<UnitId> = CALLED.iter().map(|code| unit(code)).collect();
        let mut told = Told::<Whistle>::new(demo());
        told.does(
            &who("officer-hlx"),
            &blow(WhistleKind::ALL[kind], "510116111001", &units),
        );
        for step in steps {
            told.now = told.now.plus_ms(step.3 * 1_000);
            fire_due(&mut told, &mut fired.borrow_mut());
            holds(&told);
            let offer = if step.0 < 150 {
                offered(step, &told)
            } else {
                None
            };
            let (by, asked) =
                offer.unwrap_or_else(|| (pick(&people, step.1).clone(), command(step, &told)));
            let open = acts_open_to(&by, told.state());
            match told.tries(&by, &asked) {
                Ok(_) => assert!(!open.is_empty(), "what is taken was offered"),
                Err(refusal) => *codes.borrow_mut().entry(refusal.code()).or_default() += 1,
            }
            holds(&told);
        }
        has_a_way_out(&mut told);
        told.folds_again();
        for (_, step) in &told.log {
            *kinds.borrow_mut().entry(step.event.kind()).or_default() += 1;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let (kinds, codes) = (kinds.into_inner(), codes.into_inner());
    for (kind, _) in WhistleEvent::KINDS {
        let times = kinds.get(kind).copied().unwrap_or(0);
        assert!(times >= 10, "{kind} happened {times} times: {kinds:?}");
    }
    for code in ["not_found", "forbidden", "wrong_state"] {
        let times = codes.get(code).copied().unwrap_or(0);
        assert!(times >= 10, "{code}: {codes:?}");
    }
    assert!(*fired.borrow() > 500, "{} deadlines", fired.borrow());
}
