//! Plays a scenario: chooses each command, asks twice, folds what was decided, and has every step checked.

use std::cell::RefCell;
use std::collections::HashSet;

use jingwei_core::access::{Act, Principal};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, CaseState, Classing, Clock, ClockKind, Decided, NewOrder, Part, Stage,
    acts_open_to, apply,
};
use jingwei_core::directory::Directory;
use jingwei_core::id::OrderId;
use jingwei_core::refusal::Refusal;
use uuid::Uuid;

use super::Counts;
use super::invariants::Watch;
use super::scenario::{Choice, PLACES, Scenario, Step, holder_of_everything};
use crate::support::{Story, class, rules, sealed};

/// Steps that are still tried on a case that has ended.
const AFTER_THE_END: usize = 8;

/// How often each act is chosen among those that are open: enough endings, not too many.
fn weight(act: Act) -> usize {
    match act {
        Act::Refuse | Act::Void => 1,
        Act::ReturnForInfo | Act::AddUnit | Act::Remind => 3,
        Act::AcknowledgeFor => 4,
        Act::Acknowledge | Act::Arrive => 8,
        Act::FeedBack => 16,
        _ => 12,
    }
}

/// Plays one scenario from before the report to its last step.
pub(super) fn play(scenario: &Scenario, counts: &RefCell<Counts>) {
    let directory = scenario.directory();
    let mut story = Story::new(&directory, 7);
    story.now = story.now.plus_ms(scenario.start);
    let mut run = Run {
        people: scenario.people(&directory),
        newcomer: holder_of_everything(&directory, u128::MAX),
        everything: holder_of_everything(&directory, u128::MAX - 1),
        directory: &directory,
        story,
        again: None,
        watch: Watch::default(),
        fired: HashSet::new(),
        counts,
    };
    let mut after_the_end = 0;
    for step in &scenario.steps {
        let now = run.story.now.plus_ms(step.gap);
        if step.timers {
            run.fire_what_is_due(now);
        }
        run.story.now = now;
        run.step(step);
        let over = run.story.state.as_ref().is_some_and(|c| !c.stage.is_open());
        after_the_end += usize::from(over);
        if after_the_end > AFTER_THE_END {
            break;
        }
    }
    run.finish();
}

pub(super) struct Run<'r> {
    pub(super) directory: &'r Directory,
    people: Vec<Principal>,
    /// Holds everything and never does anything: only asked whether there is a way out.
    newcomer: Principal,
    /// Holds everything and takes part.
    everything: Principal,
    pub(super) story: Story<'r>,
    /// The same case folded from the bytes of the journal.
    again: Option<CaseState>,
    watch: Watch,
    fired: HashSet<(ClockKind, Option<OrderId>, u32)>,
    counts: &'r RefCell<Counts>,
}

impl Run<'_> {
    fn step(&mut self, step: &Step) {
        match (step.choice, self.story.state.is_some()) {
            (Choice::Open, true) => self.something_open(step),
            (Choice::Timer, true) => self.some_timer(step),
            // Most first steps are the report; the others ask for something that is not there.
            (Choice::Open | Choice::Timer, false) => self.report(step),
            (Choice::Anything, _) => self.anything(step),
        }
    }

    fn report(&mut self, step: &Step) {
        let command = self.build(Act::Report, None, step, &self.newcomer);
        let by = match step.who % 8 {
            0 => Principal::Resident,
            who => self.people[who % self.people.len()].clone(),
        };
        let _ = self.ask(&by, &command, Act::Report);
    }

    fn something_open(&mut self, step: &Step) {
        let mut open: Vec<(Act, usize, Option<OrderId>)> = Vec::new();
        for (i, person) in self.people.iter().enumerate() {
            for (act, order) in acts_open_to(person, self.story.case(), rules(), self.directory) {
                open.push((act, i, order));
            }
        }
        let mut acts: Vec<Act> = open.iter().map(|(act, _, _)| *act).collect();
        acts.sort();
        acts.dedup();
        let total: usize = acts.iter().map(|&act| weight(act)).sum();
        if total == 0 {
            return self.anything(step);
        }
        let mut place = step.what % total;
        let chosen = acts.into_iter().find(|&act| {
            let here = place < weight(act);
            place = place.saturating_sub(weight(act));
            here
        });
        open.retain(|(act, _, _)| Some(*act) == chosen);
        let (act, who, order) = open[step.who % open.len()];
        let by = self.people[who].clone();
        let command = self.build(act, order, step, &by);
        let answer = self.ask(&by, &command, act);
        // What is shown as open is taken, or refused for its content, or because the dispatch follows no plan.
        let as_shown = match &answer {
            Ok(_) | Err(Refusal::Invalid(_)) => true,
            Err(Refusal::Separation { .. }) => act == Act::Dispatch,
            Err(Refusal::Forbidden(needed)) => act == Act::Accept && *needed == Act::SetClass,
            Err(_) => false,
        };
        assert!(as_shown, "{act} was shown as open and is {answer:?}");
    }

    fn anything(&mut self, step: &Step) {
        let act = Act::ALL[step.what % Act::ALL.len()];
        let orders = self.story.state.as_ref().map_or(0, |c| c.orders.len());
        let order = match (orders, step.which % 9) {
            (0, _) | (_, 8) => OrderId(Uuid::nil()),
            (n, which) => self.story.case().orders[which % n].id,
        };
        let by = match step.who % (self.people.len() + 2) {
            0 => Principal::Resident,
            1 => self.everything.clone(),
            who => self.people[who - 2].clone(),
        };
        let command = self.build(act, Some(order), step, &by);
        let _ = self.ask(&by, &command, act);
    }

    fn some_timer(&mut self, step: &Step) {
        let clocks = &self.story.case().clocks;
        let mut clock = clocks[step.which % clocks.len()].clone();
        if step.how.is_multiple_of(5) {
            clock.generation += 1;
        }
        let _ = self.fire(&clock);
    }

    /// Fires, in the order of their due times, every timer that is due by `now`; each may set the next.
    fn fire_what_is_due(&mut self, now: jingwei_core::time::Timestamp) {
        for _ in 0..200 {
            let due = self.story.state.as_ref().and_then(|case| {
                let armed = case.clocks.iter().filter(|c| c.is_armed() && c.due <= now);
                armed.min_by_key(|clock| clock.due).cloned()
            });
            let Some(clock) = due else { return };
            self.story.now = self.story.now.max(clock.due);
            assert_eq!(self.fire(&clock), Ok(()), "a timer that is due fires");
        }
        panic!("timers set each other without end");
    }

    fn fire(&mut self, clock: &Clock) -> Result<(), Refusal> {
        let command = Story::timer_of(clock);
        let before = self.story.case().clone();
        let armed = before.clocks.contains(clock) && clock.is_armed();
        let is_due = clock.due <= self.story.now;
        let answer = self.decided(&Principal::System, &command);
        let mut counts = self.counts.borrow_mut();
        match &answer {
            Err(refusal) => {
                counts.timers.1 += 1;
                assert_eq!(*refusal, Refusal::TimerGone);
                assert!(!(armed && is_due), "an armed timer that is due fires");
                return Err(refusal.clone());
            }
            Ok(_) => counts.timers.0 += 1,
        }
        drop(counts);
        assert!(armed && is_due, "only an armed timer that is due fires");
        assert!(
            self.fired
                .insert((clock.kind, clock.order, clock.generation)),
            "a timer fires once in its generation"
        );
        let decided = answer?;
        self.take(&decided, &command);
        self.watch
            .timer(&before, self.story.case(), clock, &decided, self.directory);
        let gone = self.decided(&Principal::System, &command);
        assert_eq!(gone, Err(Refusal::TimerGone), "and then it is gone");
        Ok(())
    }

    fn ask(&mut self, by: &Principal, command: &CaseCommand, act: Act) -> Result<(), Refusal> {
        let stage = self.story.state.as_ref().map(|case| case.stage);
        let answer = self.decided(by, command);
        {
            let mut counts = self.counts.borrow_mut();
            let cell = counts.cells.entry((stage, act)).or_default();
            cell.0 += 1;
            cell.1 += u32::from(answer.is_ok());
            if let Err(refusal) = &answer {
                *counts.refusals.entry(refusal.code()).or_default() += 1;
                assert!(!refusal.zh().is_empty() && !refusal.en().is_empty());
            }
        }
        let decided = answer?;
        if let Some(case) = &self.story.state {
            let open = acts_open_to(by, case, rules(), self.directory);
            assert!(
                open.iter().any(|(shown, _)| *shown == act),
                "{act} was taken and not shown as open"
            );
        }
        self.take(&decided, command);
        Ok(())
    }

    /// Decides twice with the same ids: the same answer, and nothing changed by asking.
    fn decided(&self, by: &Principal, command: &CaseCommand) -> Result<Vec<Decided>, Refusal> {
        let (ids, before) = (self.story.next.get(), self.story.state.clone());
        let first = self.story.ask(by, command);
        let after = self.story.next.replace(ids);
        let second = self.story.ask(by, command);
        assert_eq!(first, second, "a decision depends on nothing else");
        assert_eq!(self.story.state, before, "asking changes nothing");
        self.story.next.set(after);
        assert!(first.as_ref().is_err() || first.as_ref().is_ok_and(|d| !d.is_empty()));
        first
    }

    fn take(&mut self, decided: &[Decided], command: &CaseCommand) {
        let before = self.story.state.clone();
        let point = match command {
            CaseCommand::Report(report) => report.position.as_ref().map(|(_, point)| *point),
            _ => None,
        };
        self.story.fold(decided, point);
        for step in decided {
            let kind = step.event.kind();
            *self.counts.borrow_mut().events.entry(kind).or_default() += 1;
            self.read_and_fold(step);
        }
        if let Some(again) = self.again.as_mut().filter(|_| before.is_none()) {
            again.point = point;
        }
        let case = self.story.case();
        assert_eq!(
            self.again.as_ref(),
            Some(case),
            "the fold of the journal's bytes is the state"
        );
        self.watch.step(before.as_ref(), case, decided);
        self.way_out();
    }

    fn read_and_fold(&mut self, step: &Decided) {
        let bytes = step.event.payload();
        let read = CaseEvent::read(step.event.kind(), step.event.kind_version(), &bytes)
            .expect("what was written is read");
        assert_eq!(read.payload(), bytes, "the same bytes again");
        apply(
            &mut self.again,
            self.story.id,
            &read,
            step.by,
            self.story.now,
        );
    }

    /// Whoever did nothing yet and holds every role can move an open case on.
    fn way_out(&self) {
        let case = self.story.case();
        if !PLACES[..5].contains(&case.code.as_str()) {
            return;
        }
        let ahead = match case.stage {
            Stage::Reported => CaseCommand::Accept(Classing {
                class: Some(class("RQ01")),
                ..Classing::default()
            }),
            Stage::Returned => CaseCommand::SupplyInfo(sealed("more")),
            Stage::Accepted => CaseCommand::File(None),
            Stage::Filed => CaseCommand::Dispatch {
                plan: None,
                orders: self.lead_only(),
                under: None,
            },
            Stage::Dispatched => CaseCommand::Void {
                granted: true,
                reason: sealed("a mistake"),
            },
            Stage::Handled => CaseCommand::Verify {
                passed: true,
                note: None,
                orders: Vec::new(),
            },
            Stage::Verified => CaseCommand::Close,
            Stage::Suspended => CaseCommand::Resume(sealed("on")),
            Stage::Merged => CaseCommand::Unmerge(sealed("not the same")),
            Stage::Closed | Stage::Refused | Stage::Voided => return,
        };
        let answer = self.story.ask(&self.newcomer, &ahead);
        assert!(answer.is_ok(), "no way out of {}: {answer:?}", case.stage);
    }

    fn lead_only(&self) -> Vec<NewOrder> {
        let mut units: Vec<_> = self.directory.units().filter(|u| u.row.active).collect();
        units.sort_by(|a, b| a.row.code.cmp(&b.row.code));
        vec![NewOrder {
            unit: units[0].row.id,
            part: Part::Lead,
        }]
    }

    /// From the first event on, the whole journal folds to the same state; the stored form reads back to it too.
    fn finish(self) {
        let Some(case) = &self.story.state else {
            return;
        };
        *self.counts.borrow_mut().ends.entry(case.stage).or_default() += 1;
        let mut folded = None;
        for (at, step) in &self.story.log {
            apply(&mut folded, self.story.id, &step.event, step.by, *at);
        }
        let mut live = case.clone();
        live.point = None;
        assert_eq!(folded.as_ref(), Some(&live));
        let stored = serde_json::to_vec(case).expect("a state is written");
        let read: CaseState = serde_json::from_slice(&stored).expect("and read");
        assert_eq!(read, live, "all but the position in the open");
    }
}
