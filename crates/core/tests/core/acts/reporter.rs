//! The reporter: relayed and confirmed, asked back, called back, judging, not content, and hidden when the case is
//! confidential.

use jingwei_core::access::{Act, Principal, sees_reporter};
use jingwei_core::cases::{
    AgainBecause, CaseCommand, CaseEvent, Classing, ClockKind, OrderStage, Report, Satisfaction,
    Source, Stage, UpBecause,
};
use jingwei_core::refusal::Refusal;

use super::{HOME, accept, at_work, because, feed_back, kinds, verify};
use crate::support::{
    Story, by_the_bridge, class, clock, demo, division, only_fault, report, sealed, unit, who,
};

/// A resident's report with a telephone number.
fn by_a_resident(class_code: &str) -> CaseCommand {
    CaseCommand::Report(Box::new(Report {
        source: Source::Resident,
        classing: Classing {
            class: Some(class(class_code)),
            ..Classing::default()
        },
        place: division(HOME),
        words: sealed("a smell by the bridge"),
        contact: Some(sealed("a telephone number")),
        position: Some((sealed("position"), by_the_bridge())),
        receipt: None,
        solved: None,
    }))
}

fn call(reached: bool, solved: Option<bool>, satisfaction: Option<Satisfaction>) -> CaseCommand {
    CaseCommand::CallBack {
        reached,
        solved,
        satisfaction,
        note: None,
    }
}

fn rate(solved: bool, satisfaction: Satisfaction) -> CaseCommand {
    CaseCommand::Rate {
        solved,
        satisfaction,
        note: None,
    }
}

/// Reported by a resident, handed in by both units and checked.
fn verified() -> Story<'static> {
    let mut story = at_work(demo());
    if let Some(case) = story.state.as_mut() {
        case.reporter = None;
        case.contact = Some(sealed("a telephone number"));
    }
    finish(&mut story);
    story
}

/// The units hand in, and it is checked.
fn finish(story: &mut Story<'_>) {
    let command = feed_back(story, "SL-GAS-1");
    story.does(&who("gas-1"), &command);
    if story.order("SL-UMB").stage.is_live() {
        let withdraw = CaseCommand::WithdrawOrder {
            order: story.order_id("SL-UMB"),
            reason: because(),
        };
        story.does(&who("dispatcher-sl"), &withdraw);
    }
    story.does(&who("verifier-hlx"), &verify(true));
}

#[test]
fn a_report_is_relayed_to_a_worker_of_the_place_and_confirmed() {
    let mut story = Story::new(demo(), 31);
    story.does(&Principal::Resident, &by_a_resident("RQ04"));
    let officer = who("officer-hlx");
    let elsewhere = story.refused(&officer, &CaseCommand::Relay(unit("HLX-GRID-002")));
    assert_eq!(only_fault(&elsewhere).code, "elsewhere");
    let unknown = CaseCommand::Relay(jingwei_core::id::UnitId(uuid::Uuid::nil()));
    assert_eq!(
        only_fault(&story.refused(&officer, &unknown)).code,
        "unknown_unit"
    );
    story.does(&officer, &CaseCommand::Relay(unit("HLX-GRID-001")));
    assert_eq!(
        story.running(ClockKind::Confirm, None).due,
        clock("12:00:00"),
        "two hours"
    );
    assert_eq!(story.case().stage, Stage::Reported);
    let confirm = CaseCommand::Confirm {
        found: true,
        note: Some(sealed("it smells")),
        at: Some(by_the_bridge()),
    };
    let events = story.at("10:30:00").does(&who("grid-hl2"), &confirm);
    let CaseEvent::Confirmed(confirmed) = &events[0] else {
        panic!("confirmed is due, not {events:?}");
    };
    assert_eq!((confirmed.found, confirmed.metres), (true, Some(0)));
    assert_eq!(story.case().confirmed, Some(true));
    assert!(story.case().running(ClockKind::Confirm, None).is_none());
}

#[test]
fn a_reporter_who_does_not_answer_holds_nothing_up() {
    let mut story = Story::new(demo(), 32);
    story.does(&Principal::Resident, &by_a_resident("RQ04"));
    let officer = who("officer-hlx");
    story.does(&officer, &CaseCommand::ReturnForInfo(sealed("where?")));
    assert_eq!(
        story.running(ClockKind::Supply, None).due,
        clock("10:00:00").plus_ms(7 * 86_400_000)
    );
    story.does(&officer, &accept());
    assert_eq!(story.case().stage, Stage::Accepted);
    assert!(story.case().running(ClockKind::Supply, None).is_none());
}

#[test]
fn a_class_that_asks_for_it_is_called_back_before_it_closes() {
    let mut story = verified();
    assert_eq!(
        story.running(ClockKind::CallBack, None).limit.to_string(),
        "3wd"
    );
    let officer = who("officer-hlx");
    let close = CaseCommand::Close;
    for tried in 0..3 {
        let refusal = story.refused(&officer, &close);
        assert_eq!(
            only_fault(&refusal).code,
            "call_back_first",
            "{tried} tried"
        );
        story.does(&officer, &call(false, None, None));
    }
    story.does(&officer, &close);
    assert_eq!(
        story.case().stage,
        Stage::Closed,
        "three in vain are enough"
    );

    let mut story = verified();
    for wrong in [
        call(true, None, None),
        call(false, Some(true), None),
        call(false, None, Some(Satisfaction::Basic)),
    ] {
        assert_eq!(
            only_fault(&story.refused(&officer, &wrong)).code,
            "required"
        );
    }
    let handler = super::joined("gas-1", &["officer-hlx"]);
    assert!(
        matches!(
            story.refused(&handler, &call(true, Some(true), None)),
            Refusal::Separation {
                act: Act::CallBack,
                ..
            }
        ),
        "who handled does not call back"
    );
    story.does(
        &officer,
        &call(true, Some(true), Some(Satisfaction::Satisfied)),
    );
    assert_eq!(story.case().called_back, Some((1, true)));
    story.does(&officer, &close);
}

#[test]
fn not_content_once_it_is_worked_on_again_by_itself_and_then_it_goes_up() {
    let mut story = verified();
    let officer = who("officer-hlx");
    let holder = Principal::Holder(story.id);
    // Dissatisfied at the call back.
    let unhappy = call(true, Some(true), Some(Satisfaction::Dissatisfied));
    let events = story.does(&officer, &unhappy);
    assert_eq!(kinds(&events), ["called-back", "reopened", "desk-rung"]);
    let CaseEvent::Reopened(again) = &events[1] else {
        panic!("reopened is due, not {events:?}");
    };
    assert_eq!(
        (again.because, again.orders.clone()),
        (AgainBecause::CallBack, vec![story.order_id("SL-GAS-1")])
    );
    assert_eq!(story.case().stage, Stage::Dispatched);
    assert_eq!(story.order("SL-GAS-1").stage, OrderStage::Acknowledged);
    finish(&mut story);
    story.does(&officer, &call(true, Some(true), None));
    story.does(&officer, &CaseCommand::Close);
    // And again, after closing: the level above has it now, from acceptance on.
    let events = story.does(&holder, &rate(false, Satisfaction::Basic));
    assert_eq!(kinds(&events), ["rated", "passed-up", "desk-rung"]);
    let CaseEvent::PassedUp(up) = &events[1] else {
        panic!("passed up is due, not {events:?}");
    };
    assert_eq!(up.because, UpBecause::Dissatisfied);
    assert_eq!(
        (story.case().stage, story.case().centre.clone()),
        (Stage::Reported, division("510116"))
    );
    let number = story.case().number.clone();
    assert_eq!(
        story.refused(&officer, &accept()),
        Refusal::HandledAbove(Act::Accept, jingwei_core::code::Level::County)
    );
    story.does(&who("chief-sl"), &accept());
    assert_eq!(
        (story.case().stage, story.case().number.clone()),
        (Stage::Filed, number),
        "it has its number already"
    );
    assert_eq!(story.case().round, 1, "the first dispatch is history");
    let send = CaseCommand::Dispatch {
        plan: None,
        orders: vec![super::order("SL-GAS-1", jingwei_core::cases::Part::Lead)],
        under: None,
    };
    story.does(&who("dispatcher-sl"), &send);
    assert_eq!(story.case().mandatory_legs().count(), 1);
}

#[test]
fn the_reporters_wish_to_have_it_done_again_takes_the_same_way() {
    let mut story = verified();
    let officer = who("officer-hlx");
    story.does(&officer, &call(true, Some(true), None));
    story.does(&officer, &CaseCommand::Close);
    let holder = Principal::Holder(story.id);
    let again = CaseCommand::Reopen(sealed("it smells again"));
    let events = story.does(&holder, &again);
    assert_eq!(kinds(&events), ["rated", "reopened", "desk-rung"]);
    assert_eq!(story.case().reopened, 1);

    // Refused or voided: that is the chief's to take up again.
    let mut story = Story::new(demo(), 33);
    story.does(&Principal::Resident, &by_a_resident("RQ04"));
    story.does(&officer, &CaseCommand::Refuse(because()));
    let holder = Principal::Holder(story.id);
    assert_eq!(
        story.refused(&holder, &again),
        Refusal::WrongState {
            act: Act::Reopen,
            stage: Stage::Refused
        }
    );
    let events = story.does(&who("chief-sl"), &again);
    let CaseEvent::Reopened(reopened) = &events[0] else {
        panic!("reopened is due, not {events:?}");
    };
    assert_eq!(
        (reopened.because, story.case().reopened, story.case().stage),
        (AgainBecause::Person, 0, Stage::Reported)
    );
}

#[test]
fn the_reporter_judges_within_the_time_and_only_their_own_report() {
    let mut story = verified();
    let officer = who("officer-hlx");
    story.does(&officer, &call(true, Some(true), None));
    story.does(&officer, &CaseCommand::Close);
    let bad = rate(false, Satisfaction::Dissatisfied);
    assert_eq!(
        story.refused(&Principal::Resident, &bad),
        Refusal::NotFound,
        "without the receipt the case does not exist"
    );
    let other = Principal::Holder(jingwei_core::id::CaseId(uuid::Uuid::nil()));
    assert_eq!(story.refused(&other, &bad), Refusal::NotFound);
    let until = story.case().rate_until.expect("a time");
    assert_eq!(until, story.now.plus_ms(15 * 86_400_000));
    let holder = Principal::Holder(story.id);
    story.now = until;
    assert!(story.ask(&holder, &bad).is_ok(), "the last moment");
    story.now = until.plus_ms(1);
    assert_eq!(only_fault(&story.refused(&holder, &bad)).code, "too_late");
    let accept = accept();
    assert_eq!(
        story.refused(&holder, &accept),
        Refusal::Forbidden(Act::Accept),
        "a receipt is no post"
    );
}

#[test]
fn a_confidential_case_hides_the_reporter_from_all_but_those_who_receive_reports() {
    let mut story = at_work(demo());
    let seen_by = |story: &Story<'_>, account: &str| sees_reporter(&who(account), story.case());
    for account in [
        "officer-hlx",
        "chief-sl",
        "dispatcher-sl",
        "verifier-hlx",
        "auditor-sl",
    ] {
        assert!(seen_by(&story, account), "{account}");
    }
    for account in ["gas-1", "grid-hl2", "leader-sl", "inspector-sl"] {
        assert!(!seen_by(&story, account), "{account} handles or oversees");
    }
    let hide = CaseCommand::MarkConfidential(because());
    assert_eq!(
        story.refused(&who("dispatcher-sl"), &hide),
        Refusal::Forbidden(Act::MarkConfidential)
    );
    story.does(&who("officer-hlx"), &hide);
    assert!(story.case().confidential);
    assert_eq!(
        only_fault(&story.refused(&who("chief-sl"), &hide)).code,
        "confidential_already"
    );
    for account in ["officer-hlx", "chief-sl"] {
        assert!(seen_by(&story, account), "{account} receives reports");
    }
    for account in [
        "dispatcher-sl",
        "verifier-hlx",
        "auditor-sl",
        "gas-1",
        "leader-sl",
    ] {
        assert!(!seen_by(&story, account), "{account}");
    }
    assert!(
        sees_reporter(&who("grid-hl1"), story.case()),
        "the reporter knows who they are"
    );
}

#[test]
fn a_case_that_is_urgent_is_not_marked_again() {
    let mut story = Story::new(demo(), 34);
    story.does(&who("grid-hl1"), &report(HOME, Some("RQ04")));
    let urgent = CaseCommand::MarkUrgent(because());
    assert_eq!(
        only_fault(&story.refused(&who("officer-hlx"), &urgent)).code,
        "urgent_already"
    );
}
