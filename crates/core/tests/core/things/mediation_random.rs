//! Random mediations: whatever people and clocks do, there is no agreement without two consenting parties, what ends without
//! performance names what is left, and every mediation has a way out.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jingwei_core::access::Principal;
use jingwei_core::mediation::{
    Due, Mediation, MediationAct, MediationCommand, MediationEvent, MediationStage, PartyRole,
    Performance, SessionOutcome, acts_open_to,
};
use jingwei_core::things::Thing;

use super::mediation::{agree, opened, party};
use super::{Step, Told, cast, pick, runner, steps};
use crate::support::{sealed, unit, who};

const MEDIATORS: [&str; 3] = ["HLX-POLST", "HLX-GRID-001", "SL-GAS-1"];

fn command(step: Step, told: &Told<'_, Mediation>) -> MediationCommand {
    let (which, _, about, _) = step;
    let today = told.now.local_day();
    let later = told
        .now
        .plus_ms(i64::from(about % 40) * 86_400_000)
        .local_day();
    let no = u32::from(about % 4) + 1;
    match which % 12 {
        0 => {
            MediationCommand::AddParty(party(*pick(PartyRole::ALL, about), about.is_multiple_of(3)))
        }
        1 => MediationCommand::Consent { party: no },
        2 if about.is_multiple_of(4) => MediationCommand::Withdraw {
            party: no,
            reason: sealed("leaves"),
        },
        3 => MediationCommand::Appoint {
            unit: unit(MEDIATORS[usize::from(about) % MEDIATORS.len()]),
            person: None,
        },
        4 => MediationCommand::SetSession {
            at: told.now.plus_ms(i64::from(about) * 60_000),
            place: sealed("where"),
        },
        5 => MediationCommand::HoldSession {
            session: no,
            outcome: *pick(SessionOutcome::ALL, about),
            note: None,
        },
        6 => MediationCommand::Extend {
            consented: about.is_multiple_of(2),
            reason: sealed("why"),
        },
        7 => agree(today, later),
        8 if about.is_multiple_of(4) => MediationCommand::Fail {
            reason: sealed("too far apart"),
        },
        9 => {
            let result = *pick(Performance::ALL, about);
            let more = result != Performance::Performed && about.is_multiple_of(2);
            MediationCommand::CheckPerformance {
                result,
                note: None,
                perform_by: more.then_some(later),
            }
        }
        10 => MediationCommand::AskCourt {
            jointly: !about.is_multiple_of(5),
            on: None,
        },
        11 => MediationCommand::AnswerCourt {
            confirmed: about.is_multiple_of(2),
            note: None,
        },
        _ => MediationCommand::Consent { party: no },
    }
}

/// What has to hold after every step.
fn holds(told: &Told<'_, Mediation>) {
    let mediation = told.state();
    let agreed = told
        .log
        .iter()
        .any(|(_, step)| matches!(step.event, MediationEvent::Agreed(_)));
    assert_eq!(agreed, mediation.agreement.is_some());
    if agreed {
        let parties: Vec<_> = mediation.present_parties().collect();
        assert!(parties.len() >= 2 && parties.iter().all(|party| party.consents));
    }
    let ended_without = matches!(
        mediation.stage,
        MediationStage::Failed | MediationStage::Withdrawn | MediationStage::Unperformed
    );
    assert_eq!(
        ended_without,
        !mediation.ways.is_empty(),
        "the ways that are left are named"
    );
    assert_eq!(mediation.stage.is_open(), mediation.shape().open);
    if !mediation.stage.is_open() {
        assert!(
            mediation.alarms().is_empty(),
            "what has ended waits for nothing"
        );
    }
    match mediation.stage {
        MediationStage::Mediating => assert!(mediation.clock(Due::Limit).is_some()),
        MediationStage::Agreed => assert!(mediation.clock(Due::Performance).is_some()),
        _ => {}
    }
    if let Some(court) = mediation.agreement.as_ref().and_then(|a| a.court.as_ref()) {
        let agreement = mediation.agreement.as_ref().expect("an agreement");
        assert!(court.asked_on >= agreement.effect);
    }
    assert_eq!(mediation.shape().units.len(), 1, "one unit mediates");
}

/// From wherever it stands the desk brings it to its end.
fn has_a_way_out(told: &mut Told<'_, Mediation>) {
    let officer = who("officer-hlx");
    let open = acts_open_to(&officer, told.state());
    match told.state().stage {
        MediationStage::Mediating => {
            assert!(open.contains(&MediationAct::Fail));
            told.does(
                &officer,
                &MediationCommand::Fail {
                    reason: sealed("way out"),
                },
            );
        }
        MediationStage::Agreed => {
            assert!(open.contains(&MediationAct::CheckPerformance));
            told.does(
                &officer,
                &MediationCommand::CheckPerformance {
                    result: Performance::Not,
                    note: None,
                    perform_by: None,
                },
            );
        }
        _ => {}
    }
    assert!(!told.state().stage.is_open());
    holds(told);
}

#[test]
fn random_mediations_keep_their_promises() {
    let people = cast();
    let kinds: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let ends: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let outcome = runner(900).run(&steps(40), |steps| {
        let mut told = opened(vec![
            party(PartyRole::Party, true),
            party(PartyRole::Party, steps.len() % 2 == 0),
        ]);
        for step in steps {
            // Up to twelve days at once: the deadlines of a mediation are long.
            told.now = told.now.plus_ms(step.3 * 26_000);
            while told.next_alarm().is_some_and(|alarm| alarm.due <= told.now) {
                let now = told.now;
                let alarm = told.next_alarm().expect("it waits");
                told.now = alarm.due;
                let command = Told::<Mediation>::command_of(&alarm);
                let (stage, before) = (told.state().stage, told.state().alarms().len());
                assert_eq!(told.does(&Principal::System, &command), 1);
                assert_eq!(told.state().stage, stage, "a clock ends nothing");
                assert_eq!(told.state().alarms().len(), before - 1, "exactly once");
                told.now = now;
            }
            // Mostly the desk: strangers are refused in the examples.
            let by = if step.1.is_multiple_of(4) {
                pick(&people, step.1 / 4).clone()
            } else {
                who("officer-hlx")
            };
            let asked = command(step, &told);
            let open = acts_open_to(&by, told.state());
            if told.tries(&by, &asked).is_ok() {
                assert!(!open.is_empty(), "what is taken was offered");
            }
            holds(&told);
        }
        *ends
            .borrow_mut()
            .entry(told.state().stage.as_str())
            .or_default() += 1;
        has_a_way_out(&mut told);
        told.folds_again();
        for (_, step) in &told.log {
            *kinds.borrow_mut().entry(step.event.kind()).or_default() += 1;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let (kinds, ends) = (kinds.into_inner(), ends.into_inner());
    for (kind, _) in MediationEvent::KINDS {
        let times = kinds.get(kind).copied().unwrap_or(0);
        assert!(times >= 10, "{kind} happened {times} times: {kinds:?}");
    }
    for stage in MediationStage::ALL {
        let times = ends.get(stage.as_str()).copied().unwrap_or(0);
        assert!(times >= 10, "{stage}: {ends:?}");
    }
}
