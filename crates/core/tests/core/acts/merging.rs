//! Two reports of one thing: one goes on in the other, both reporters stay informed, and they part again when it was not so.

use jingwei_core::access::{Act, Principal, Sight, sight};
use jingwei_core::cases::{CaseCommand, CaseEvent, ClockKind, Merged, Stage};
use jingwei_core::refusal::Refusal;

use super::{HOME, accept, because, dispatched, kinds};
use crate::support::{Story, clock, demo, division, only_fault, report, who};

fn reported(seed: u64, by: &Principal) -> Story<'static> {
    let mut story = Story::new(demo(), seed);
    story.does(by, &report(HOME, Some("RQ04")));
    story
}

fn into(other: &Story<'_>) -> CaseCommand {
    CaseCommand::Merge {
        into: other.id,
        reason: because(),
    }
}

#[test]
fn a_merger_is_written_on_both_sides_and_both_reporters_keep_their_view() {
    let resident = Principal::Resident;
    let mut first = reported(71, &resident);
    let mut second = reported(72, &who("grid-hl1"));
    let officer = who("officer-hlx");
    let merge = into(&first);
    let events = second.at("10:10:00").with(&mut first, &officer, &merge);
    assert_eq!(kinds(&events), ["merged"]);
    assert_eq!(second.case().stage, Stage::Merged);
    assert_eq!(second.case().merged_into, Some((first.id, Stage::Reported)));
    assert_eq!(first.case().absorbed, [second.id]);
    assert_eq!(first.case().stage, Stage::Reported);
    assert!(
        second.case().clocks.iter().all(|clock| !clock.is_armed()),
        "nobody waits for it here any more"
    );
    // Each reporter sees their own report as before, and from it which case it goes on in.
    assert_eq!(
        sight(&Principal::Holder(first.id), first.case()),
        Some(Sight::Own)
    );
    assert_eq!(second.case().reporter, who("grid-hl1").person());
    assert!(sight(&who("grid-hl1"), second.case()).is_some());
    let CaseEvent::Merged(event) = &events[0] else {
        panic!("merged is due, not {events:?}");
    };
    let (id, counterpart) = CaseEvent::Merged(event.clone())
        .counterpart(second.id)
        .expect("two sides");
    assert_eq!((id, counterpart.kind()), (first.id, "absorbed"));
    assert_eq!(
        second.refused(&officer, &accept()),
        Refusal::WrongState {
            act: Act::Accept,
            stage: Stage::Merged
        }
    );
    // What others go on in is not refused or voided from under them.
    let refusal = first.refused(&officer, &CaseCommand::Refuse(because()));
    assert_eq!(only_fault(&refusal).code, "others_go_on_here");
    let void = CaseCommand::Void {
        granted: true,
        reason: because(),
    };
    let refusal = first.refused(&who("chief-sl"), &void);
    assert_eq!(only_fault(&refusal).code, "others_go_on_here");
}

#[test]
fn parted_again_each_goes_on_where_it_stood_with_what_was_left() {
    let mut first = reported(71, &who("grid-hl2"));
    let mut second = reported(72, &who("grid-hl1"));
    let officer = who("officer-hlx");
    second.at("10:05:00").does(&officer, &accept());
    let merge = into(&first);
    second.at("10:10:00").with(&mut first, &officer, &merge);
    let apart = CaseCommand::Unmerge(because());
    let events = second.at("12:10:00").with(&mut first, &officer, &apart);
    assert_eq!(kinds(&events), ["unmerged"]);
    assert!(first.case().absorbed.is_empty());
    assert_eq!(
        (second.case().stage, second.case().merged_into),
        (Stage::Accepted, None)
    );
    assert_eq!(
        second.running(ClockKind::Dispatch, None).due,
        clock("12:35:00"),
        "five of thirty minutes were used"
    );
}

#[test]
fn a_case_is_merged_into_another_open_one_of_its_county_that_one_sees() {
    let officer = who("officer-hlx");
    let mut case = reported(72, &who("grid-hl1"));
    let mut code_of = |other: Option<Story<'_>>, command: CaseCommand| {
        case.other = other.and_then(|other| other.state);
        only_fault(&case.refused(&officer, &command)).code
    };
    let other = reported(71, &who("grid-hl2"));
    let merge = into(&other);
    assert_eq!(code_of(None, merge.clone()), "unknown_case");
    let mut unseen = reported(71, &who("grid-hl2"));
    if let Some(case) = unseen.state.as_mut() {
        case.code = division("513322100");
        case.centre = division("513322");
    }
    assert_eq!(code_of(Some(unseen), merge.clone()), "unknown_case");
    let mut ended = reported(71, &who("grid-hl2"));
    ended.does(&officer, &CaseCommand::Refuse(because()));
    assert_eq!(code_of(Some(ended), merge), "ended");
    let itself = reported(72, &who("grid-hl1"));
    let merge = into(&itself);
    assert_eq!(code_of(Some(itself), merge), "itself");

    // Somebody of both counties sees both cases, which still lie in two counties.
    let mut elsewhere = Story::new(demo(), 73);
    elsewhere.does(&Principal::Resident, &report("513322100", Some("RQ04")));
    let both = super::joined("officer-hlx", &["officer-ld"]);
    case.other.clone_from(&elsewhere.state);
    let refusal = case.refused(&both, &into(&elsewhere));
    assert_eq!(only_fault(&refusal).code, "elsewhere");

    let mut at_work = dispatched(demo());
    at_work.other = reported(71, &who("grid-hl2")).state;
    assert!(
        matches!(
            at_work.refused(&officer, &into(&other)),
            Refusal::WrongState {
                act: Act::Merge,
                ..
            }
        ),
        "units are at work: it goes its own way"
    );
}

#[test]
fn a_chain_of_mergers_never_closes_into_a_ring() {
    let officer = who("officer-hlx");
    let mut a = reported(71, &who("grid-hl1"));
    let mut b = reported(72, &who("grid-hl2"));
    let mut c = reported(74, &Principal::Resident);
    let (into_b, into_c, into_a) = (into(&b), into(&c), into(&a));
    a.with(&mut b, &officer, &into_b);
    b.with(&mut c, &officer, &into_c);
    c.other.clone_from(&a.state);
    let refusal = c.refused(&officer, &into_a);
    assert_eq!(only_fault(&refusal).code, "ended", "a goes on elsewhere");
    let event = CaseEvent::Merged(Merged {
        into: b.id,
        reason: because(),
    });
    assert_eq!(event.counterpart(a.id).map(|(id, _)| id), Some(b.id));
}
