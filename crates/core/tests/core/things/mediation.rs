//! Mediations by example: who opens one, what an agreement needs, the court's thirty days, what is left when it fails.

use jingwei_core::access::Principal;
use jingwei_core::cases::CaseCommand;
use jingwei_core::id::UnitId;
use jingwei_core::mediation::{
    AgreementForm, Due, Mediation, MediationCommand, MediationEvent, MediationStage, NewParty,
    Open, PartyRole, Performance, SessionOutcome, Way, parties_shown_to,
};
use jingwei_core::refusal::Refusal;
use jingwei_core::things::{Sight, Thing};
use jingwei_core::time::{Day, Timestamp};

use super::Told;
use crate::support::{Story, demo, only_fault, report, sealed, unit, who};

const PLACE: &str = "510116111001";

pub(super) fn party(role: PartyRole, consents: bool) -> NewParty {
    NewParty {
        role,
        consents,
        words: sealed("who"),
    }
}

fn open(told: &Told<'_, Mediation>, parties: Vec<NewParty>, other_class: bool) -> MediationCommand {
    MediationCommand::Open(Box::new(Open {
        case: told.case.as_ref().expect("a case").id,
        other_class,
        parties,
        mediator: unit("HLX-POLST"),
        person: Some(sealed("mediator")),
    }))
}

fn two(consent: bool) -> Vec<NewParty> {
    vec![
        party(PartyRole::Party, true),
        party(PartyRole::Party, consent),
    ]
}

/// A mediation that is not yet opened, of a case of this class.
pub(super) fn about(class: Option<&str>) -> Told<'static, Mediation> {
    let mut story = Story::new(demo(), 5);
    story.does(&who("grid-hl1"), &report(PLACE, class));
    let mut told = Told::new(demo());
    told.case = story.state;
    told
}

pub(super) fn opened(parties: Vec<NewParty>) -> Told<'static, Mediation> {
    let mut told = about(Some("MD02"));
    let command = open(&told, parties, false);
    told.does(&who("officer-hlx"), &command);
    told
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub(super) fn agree(effect: Day, perform_by: Day) -> MediationCommand {
    MediationCommand::Agree {
        form: AgreementForm::Oral,
        text: sealed("agreed"),
        effect,
        perform_by,
    }
}

fn ask_court(on: Option<&str>) -> MediationCommand {
    MediationCommand::AskCourt {
        jointly: true,
        on: on.map(day),
    }
}

fn agreed() -> Told<'static, Mediation> {
    let mut told = opened(two(true));
    told.does(
        &who("officer-hlx"),
        &agree(day("2026-11-20"), day("2027-06-30")),
    );
    told
}

#[test]
fn it_is_opened_on_a_dispute_by_the_desk_or_the_unit_that_handles_it() {
    let told = about(Some("MD02"));
    let command = open(&told, two(true), false);
    for account in ["officer-hlx", "chief-sl", "dispatcher-sl"] {
        assert!(told.ask(&who(account), &command).is_ok(), "{account}");
    }
    for account in ["grid-hl1", "headgrid-hlx", "leader-sl", "auditor-sl"] {
        let refusal = told.refused(&who(account), &command);
        assert_eq!(refusal.code(), "forbidden", "{account}");
    }
    for account in ["gas-1", "officer-ld"] {
        let refusal = told.refused(&who(account), &command);
        assert_eq!(only_fault(&refusal).code, "unknown_case", "{account}");
    }
    // Another class only when a duty officer or duty chief says so.
    let other = about(Some("RQ01"));
    let plain = open(&other, two(true), false);
    let said = open(&other, two(true), true);
    let refusal = other.refused(&who("officer-hlx"), &plain);
    assert_eq!(only_fault(&refusal).pointer, "/other_class");
    assert!(other.ask(&who("officer-hlx"), &said).is_ok());
    assert_eq!(
        other.refused(&who("dispatcher-sl"), &said).code(),
        "forbidden",
        "a dispatcher does not say so"
    );
    let unclassed = about(None);
    let refusal = unclassed.refused(&who("officer-hlx"), &open(&unclassed, two(true), true));
    assert_eq!(only_fault(&refusal).code, "not_classed");
}

#[test]
fn a_unit_with_an_order_opens_it_and_then_sees_it_as_who_began_it() {
    let mut story = Story::new(demo(), 6);
    let officer = who("officer-hlx");
    story.does(&who("grid-hl1"), &report(PLACE, Some("MD02")));
    story.does(
        &officer,
        &CaseCommand::Accept(jingwei_core::cases::Classing::default()),
    );
    story.does(&officer, &CaseCommand::File(None));
    story.does(
        &officer,
        &CaseCommand::Dispatch {
            plan: None,
            under: None,
            orders: vec![jingwei_core::cases::NewOrder {
                unit: unit("SL-HCB"),
                part: jingwei_core::cases::Part::Lead,
            }],
        },
    );
    let mut told = Told::<Mediation>::new(demo());
    told.case = story.state;
    let command = open(&told, two(true), false);
    assert_eq!(
        only_fault(&told.refused(&who("gas-1"), &command)).code,
        "unknown_case"
    );
    told.does(&who("hcb-sl"), &command);
    let staff = who("hcb-sl");
    assert_eq!(told.state().sight(&staff), Some(Sight::Own));
    assert!(
        !parties_shown_to(&staff, told.state()),
        "it is another unit that mediates"
    );
    assert_eq!(
        told.refused(&staff, &MediationCommand::Consent { party: 1 })
            .code(),
        "forbidden"
    );
    assert!(parties_shown_to(&who("police-hlx"), told.state()));
}

#[test]
fn there_is_no_dispute_without_two_parties() {
    let told = about(Some("MD02"));
    let one = vec![party(PartyRole::Party, true), party(PartyRole::Agent, true)];
    for parties in [vec![], one, vec![party(PartyRole::Party, true); 51]] {
        let refusal = told.refused(&who("officer-hlx"), &open(&told, parties, false));
        assert_eq!(only_fault(&refusal).pointer, "/parties");
    }
}

#[test]
fn an_agreement_needs_the_consent_of_every_party() {
    let mut told = opened(two(false));
    let officer = who("officer-hlx");
    let agreement = agree(day("2026-11-20"), day("2027-06-30"));
    assert_eq!(told.refused(&officer, &agreement).code(), "wrong_state");
    told.does(&officer, &MediationCommand::Consent { party: 2 });
    let twice = told.refused(&officer, &MediationCommand::Consent { party: 2 });
    assert_eq!(twice.code(), "wrong_state");
    for unknown in [0, 3] {
        let refusal = told.refused(&officer, &MediationCommand::Consent { party: unknown });
        assert_eq!(only_fault(&refusal).pointer, "/party");
    }
    // A third party comes in; it has to consent as well.
    told.does(
        &officer,
        &MediationCommand::AddParty(party(PartyRole::Party, false)),
    );
    assert_eq!(told.refused(&officer, &agreement).code(), "wrong_state");
    // An agent need not, and a party that leaves is not asked: two are left.
    told.does(
        &officer,
        &MediationCommand::AddParty(party(PartyRole::Agent, false)),
    );
    told.does(
        &officer,
        &MediationCommand::Withdraw {
            party: 3,
            reason: sealed("leaves"),
        },
    );
    assert_eq!(told.state().stage, MediationStage::Mediating);
    for (effect, perform_by, pointer) in [
        ("2026-11-19", "2027-06-30", "/effect"),
        ("2026-11-21", "2027-06-30", "/effect"),
        ("2026-11-20", "2026-11-19", "/perform_by"),
        ("2026-11-20", "2056-11-19", "/perform_by"),
    ] {
        let refusal = told.refused(&officer, &agree(day(effect), day(perform_by)));
        assert_eq!(
            only_fault(&refusal).pointer,
            pointer,
            "{effect} {perform_by}"
        );
    }
    told.does(&officer, &agreement);
    assert_eq!(told.state().stage, MediationStage::Agreed);
    assert!(told.state().clock(Due::Limit).is_none());
    told.folds_again();
}

#[test]
fn a_party_may_leave_and_with_one_left_it_ends() {
    let mut told = opened(two(true));
    told.does(
        &who("police-hlx"),
        &MediationCommand::Withdraw {
            party: 1,
            reason: sealed("leaves"),
        },
    );
    assert_eq!(told.state().stage, MediationStage::Withdrawn);
    assert_eq!(told.state().ways, Way::WITHOUT_AGREEMENT);
    assert!(told.state().alarms().is_empty());
    told.folds_again();
}

#[test]
fn when_it_fails_the_other_lawful_ways_are_named() {
    let mut told = opened(two(true));
    told.does(
        &who("police-hlx"),
        &MediationCommand::Fail {
            reason: sealed("too far apart"),
        },
    );
    assert_eq!(told.state().stage, MediationStage::Failed);
    assert_eq!(
        told.state().ways,
        [Way::Arbitration, Way::Administrative, Way::Court]
    );
    for way in Way::ALL {
        assert!(!way.zh().is_ascii() && way.en().is_ascii() && !way.en().is_empty());
    }
    let after = told.refused(&who("officer-hlx"), &MediationCommand::Consent { party: 1 });
    assert!(after.zh().contains("调解不成") && after.en().contains("failed"));
}

#[test]
fn the_court_is_asked_together_and_within_thirty_days_of_the_effect() {
    let officer = who("officer-hlx");
    let told = agreed();
    let alone = MediationCommand::AskCourt {
        jointly: false,
        on: None,
    };
    let refusal = told.refused(&officer, &alone);
    assert_eq!(only_fault(&refusal).pointer, "/jointly");
    assert!(only_fault(&refusal).zh.contains("第三十三条"));
    // The day of effect does not count, and 20 December 2026 is a Sunday: the Monday after is the last day.
    let until = at("2026-12-22T00:00:00+08:00");
    assert_eq!(
        told.state().agreement.as_ref().map(|a| a.court_until),
        Some(until)
    );
    let mut told = agreed();
    told.now = at("2026-12-21T16:00:00+08:00");
    assert!(
        told.ask(&officer, &ask_court(None)).is_ok(),
        "on the last day"
    );
    told.now = at("2026-12-22T09:00:00+08:00");
    let late = told.refused(&officer, &ask_court(None));
    assert_eq!(late.code(), "wrong_state");
    assert!(late.zh().contains("第三十三条") && late.en().contains("art. 33"));
    assert!(
        told.ask(&officer, &ask_court(Some("2026-12-18"))).is_ok(),
        "what was done in time"
    );
    for wrong in ["2026-11-19", "2026-12-23"] {
        let refusal = told.refused(&officer, &ask_court(Some(wrong)));
        assert_eq!(only_fault(&refusal).pointer, "/on", "{wrong}");
    }
    told.does(&officer, &ask_court(Some("2026-12-18")));
    let twice = told.refused(&officer, &ask_court(Some("2026-12-18")));
    assert_eq!(twice.code(), "wrong_state");
    let answer = MediationCommand::AnswerCourt {
        confirmed: true,
        note: None,
    };
    told.does(&officer, &answer);
    assert_eq!(told.refused(&officer, &answer).code(), "wrong_state");
    // Confirmed and not performed: the court enforces it.
    told.does(
        &officer,
        &MediationCommand::CheckPerformance {
            result: Performance::Not,
            note: None,
            perform_by: None,
        },
    );
    assert_eq!(told.state().stage, MediationStage::Unperformed);
    assert_eq!(told.state().ways, [Way::Enforcement]);
    told.folds_again();
}

#[test]
fn the_court_may_answer_after_the_performance() {
    let mut told = agreed();
    let officer = who("officer-hlx");
    let answer = MediationCommand::AnswerCourt {
        confirmed: false,
        note: Some(sealed("why")),
    };
    assert_eq!(
        told.refused(&officer, &answer).code(),
        "wrong_state",
        "not asked"
    );
    told.does(&officer, &ask_court(None));
    told.does(
        &officer,
        &MediationCommand::CheckPerformance {
            result: Performance::Performed,
            note: None,
            perform_by: None,
        },
    );
    assert_eq!(told.state().stage, MediationStage::Concluded);
    told.does(&officer, &answer);
    assert_eq!(told.state().stage, MediationStage::Concluded);
    told.folds_again();
}

#[test]
fn performance_is_checked_with_further_time_or_an_end() {
    let mut told = agreed();
    let officer = who("officer-hlx");
    let check = |result, perform_by: Option<&str>| MediationCommand::CheckPerformance {
        result,
        note: None,
        perform_by: perform_by.map(day),
    };
    let not_needed = told.refused(&officer, &check(Performance::Performed, Some("2027-08-01")));
    assert_eq!(only_fault(&not_needed).pointer, "/perform_by");
    // First the court's time is over, then the performance is due: both only note and remind.
    assert_eq!(told.fires().kind, "mediation.court");
    let due = told.fires();
    assert_eq!(
        (due.kind, due.due),
        ("mediation.performance", at("2027-07-01T00:00:00+08:00"))
    );
    assert_eq!(told.state().stage, MediationStage::Agreed);
    assert!(told.next_alarm().is_none());
    told.does(&officer, &check(Performance::Partly, Some("2027-08-01")));
    assert_eq!(
        told.fires().due,
        at("2027-08-02T00:00:00+08:00"),
        "the further time"
    );
    told.does(&officer, &check(Performance::Not, None));
    assert_eq!(told.state().stage, MediationStage::Unperformed);
    assert_eq!(
        told.state().ways,
        [Way::Court],
        "not confirmed: an action on the agreement"
    );
    told.folds_again();
}

#[test]
fn the_limit_is_extended_once_before_it_passes_with_everybodys_consent() {
    let mut told = opened(two(true));
    let officer = who("officer-hlx");
    let extend = |consented| MediationCommand::Extend {
        consented,
        reason: sealed("waiting for an expert"),
    };
    let first = at("2026-12-20T10:00:00+08:00");
    assert_eq!(told.next_alarm().map(|a| a.due), Some(first), "30 days");
    let refusal = told.refused(&officer, &extend(false));
    assert_eq!(only_fault(&refusal).pointer, "/consented");
    told.does(&officer, &extend(true));
    let second = at("2027-01-19T10:00:00+08:00");
    assert_eq!(told.next_alarm().map(|a| a.due), Some(second), "30 more");
    assert_eq!(
        told.refused(&officer, &extend(true)).code(),
        "wrong_state",
        "once"
    );
    assert_eq!(told.fires().kind, "mediation.limit");
    let event = &told.log.last().expect("it fired").1.event;
    assert!(Mediation::ring(event).is_some(), "the desk rings");
    assert_eq!(
        told.state().stage,
        MediationStage::Mediating,
        "nothing ends by itself"
    );
    told.does(&officer, &agree(day("2027-01-19"), day("2027-06-30")));
    let mut late = opened(two(true));
    late.fires();
    let refusal = late.refused(&officer, &extend(true));
    assert_eq!(refusal.code(), "wrong_state");
    assert!(refusal.zh().contains("期限已过"));
    told.folds_again();
}

#[test]
fn sessions_are_set_and_their_outcome_noted() {
    let mut told = opened(two(true));
    let police = who("police-hlx");
    let set = |text: &str| MediationCommand::SetSession {
        at: at(text),
        place: sealed("where"),
    };
    let held = |session| MediationCommand::HoldSession {
        session,
        outcome: SessionOutcome::Nearer,
        note: None,
    };
    for wrong in ["2026-11-20T09:00:00+08:00", "2028-01-01T09:00:00+08:00"] {
        assert_eq!(
            only_fault(&told.refused(&police, &set(wrong))).pointer,
            "/at"
        );
    }
    told.does(&police, &set("2026-11-24T15:00:00+08:00"));
    assert_eq!(
        only_fault(&told.refused(&police, &held(2))).pointer,
        "/session"
    );
    assert_eq!(
        told.refused(&police, &held(1)).code(),
        "wrong_state",
        "it is still to come"
    );
    told.now = at("2026-11-24T17:00:00+08:00");
    told.does(&police, &held(1));
    assert_eq!(told.refused(&police, &held(1)).code(), "wrong_state");
    told.folds_again();
}

#[test]
fn who_sees_it_and_who_sees_the_parties() {
    let mut told = opened(two(true));
    for (account, sight, parties) in [
        ("officer-hlx", Some(Sight::Area), true),
        ("chief-sl", Some(Sight::Area), true),
        ("verifier-hlx", Some(Sight::Area), true),
        ("auditor-sl", Some(Sight::Area), true),
        ("leader-sl", Some(Sight::Area), false),
        ("inspector-sl", Some(Sight::Area), false),
        ("police-hlx", Some(Sight::Unit), true),
        ("grid-hl1", None, false),
        ("headgrid-hlx", None, false),
        ("gas-1", None, false),
        ("admin-sl", None, false),
        ("officer-ld", None, false),
    ] {
        let person = who(account);
        assert_eq!(told.state().sight(&person), sight, "{account}");
        assert_eq!(
            parties_shown_to(&person, told.state()),
            parties,
            "{account}"
        );
    }
    // A unit that no longer mediates sees nothing of it any more.
    let appoint = |unit: UnitId| MediationCommand::Appoint { unit, person: None };
    let elsewhere = told.refused(&who("officer-hlx"), &appoint(unit("LD-GAS")));
    assert_eq!(only_fault(&elsewhere).pointer, "/unit");
    told.does(&who("officer-hlx"), &appoint(unit("HLX-GRID-001")));
    assert_eq!(told.state().sight(&who("police-hlx")), None);
    assert_eq!(told.state().sight(&who("grid-hl1")), Some(Sight::Unit));
    let gone = told.refused(&who("police-hlx"), &MediationCommand::Consent { party: 1 });
    assert_eq!(gone, Refusal::NotFound);
    told.folds_again();
}

#[test]
fn deadlines_that_were_set_again_fire_nothing() {
    let mut told = opened(two(true));
    let old = told.next_alarm().expect("it waits");
    told.does(
        &who("officer-hlx"),
        &MediationCommand::Extend {
            consented: true,
            reason: sealed("why"),
        },
    );
    told.now = old.due;
    let gone = told.refused(&Principal::System, &Told::<Mediation>::command_of(&old));
    assert_eq!(gone, Refusal::TimerGone);
    assert!(
        told.log
            .iter()
            .all(|(_, step)| !matches!(step.event, MediationEvent::LimitPassed(_)))
    );
}
