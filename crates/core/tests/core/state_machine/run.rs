//! Plays a scenario: chooses each command, asks twice, folds what was decided, and has every step checked.
//!
//! Two cases of one place are played side by side, so that they can be merged and parted.

use std::cell::RefCell;

use jingwei_core::access::{Act, Principal};
use jingwei_core::cases::{
    CaseCommand, CaseEvent, CaseState, Clock, Decided, acts_open_to, apply, is_reckoned_anew,
};
use jingwei_core::directory::Directory;
use jingwei_core::id::{OrderId, PersonId};
use jingwei_core::refusal::Refusal;
use jingwei_core::time::Timestamp;
use uuid::Uuid;

use super::Counts;
use super::invariants::Watch;
use super::scenario::{Choice, Scenario, Step};
use super::way_out;
use crate::support::{Story, next_year};

/// Steps that are still tried on a case that has ended.
const AFTER_THE_END: usize = 12;

/// Each how many steps the case is played to its end by the people that there are.
const LOOK_FOR_A_WAY_OUT: usize = 16;

/// A longer gap is days off: what was due meanwhile is caught up with at once.
const DAYS_OFF_MS: i64 = 600_000;

/// How often each act is chosen among those that are open: enough endings, not too many.
fn weight(act: Act) -> usize {
    match act {
        Act::Refuse | Act::Void => 1,
        Act::ReturnForInfo | Act::Merge | Act::PassUp | Act::PassDown | Act::Remind => 3,
        Act::MarkUrgent | Act::MarkConfidential | Act::Instruct | Act::Supervise => 3,
        Act::YellowCard | Act::RedCard | Act::Relay | Act::RequestVoid | Act::Suspend => 3,
        Act::Accept | Act::File | Act::Acknowledge | Act::Arrive | Act::Close => 14,
        Act::Dispatch | Act::FeedBack | Act::Verify => 18,
        _ => 6,
    }
}

/// Plays one scenario from before the report to its last step.
pub(super) fn play(scenario: &Scenario, counts: &RefCell<Counts>) {
    let (directory, ids) = scenario.directory();
    let side = |seed| {
        let mut story = Story::new(&directory, seed);
        story.now = story.now.plus_ms(scenario.start);
        Side {
            story,
            again: None,
            watch: Watch::default(),
        }
    };
    let mut run = Run {
        directory: &directory,
        ids,
        sides: [side(7), side(8)],
        at: 0,
        now: Timestamp(0),
        counts,
    };
    run.now = run.sides[0].story.now;
    let mut after_the_end = 0;
    for (i, step) in scenario.steps.iter().enumerate() {
        run.at = usize::from(step.second);
        let now = run.now.plus_ms(step.gap);
        if step.timers {
            run.fire_what_is_due(now, step.gap > DAYS_OFF_MS);
        }
        run.now = now;
        run.step(step);
        let ended = run.state().is_some_and(|case| !case.stage.is_open());
        after_the_end += usize::from(ended);
        if after_the_end > AFTER_THE_END {
            break;
        }
        if i % LOOK_FOR_A_WAY_OUT == LOOK_FOR_A_WAY_OUT - 1 {
            run.way_out();
        }
    }
    run.way_out();
    run.finish();
}

/// One of the two cases.
pub(super) struct Side<'r> {
    pub(super) story: Story<'r>,
    /// The same case folded from the bytes of the journal.
    again: Option<CaseState>,
    watch: Watch,
}

pub(super) struct Run<'r> {
    pub(super) directory: &'r Directory,
    /// The people who hold a post.
    ids: Vec<PersonId>,
    pub(super) sides: [Side<'r>; 2],
    /// Which of the two cases is played.
    pub(super) at: usize,
    pub(super) now: Timestamp,
    counts: &'r RefCell<Counts>,
}

impl Run<'_> {
    pub(super) fn state(&self) -> Option<&CaseState> {
        self.sides[self.at].story.state.as_ref()
    }

    pub(super) fn case(&self) -> &CaseState {
        self.sides[self.at].story.case()
    }

    /// Everybody who may ask for something on the present case: the people, and whoever holds the receipt.
    fn actors(&self) -> Vec<Principal> {
        let mut actors: Vec<Principal> = self.ids.iter().map(|&id| self.person(id)).collect();
        actors.push(Principal::Holder(self.sides[self.at].story.id));
        actors
    }

    fn person(&self, id: PersonId) -> Principal {
        Principal::Person {
            id,
            posts: self.directory.posts_of(id),
        }
    }

    fn step(&mut self, step: &Step) {
        match (step.choice, self.state().is_some()) {
            (Choice::Open, true) => self.something_open(step),
            (Choice::Timer, true) => self.some_timer(step),
            (Choice::Calendar, true) => self.next_calendar(),
            // Most first steps are the report; the others ask for something that is not there.
            (Choice::Open | Choice::Timer | Choice::Calendar, false) => self.report(step),
            (Choice::Anything, _) => self.anything(step),
        }
    }

    fn report(&mut self, step: &Step) {
        let act = match step.how % 6 {
            0 => Act::SolveOnSpot,
            _ => Act::Report,
        };
        let by = match step.who % 8 {
            0 => Principal::Resident,
            who => self.person(self.ids[who % self.ids.len()]),
        };
        let command = self.build(act, None, step, &by);
        let _ = self.ask(&by, &command, act);
    }

    fn something_open(&mut self, step: &Step) {
        let actors = self.actors();
        let mut open: Vec<(Act, usize, Option<OrderId>)> = Vec::new();
        let rules = self.sides[self.at].story.rules;
        for (i, actor) in actors.iter().enumerate() {
            for (act, order) in acts_open_to(actor, self.case(), rules, self.directory) {
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
        let by = actors[who].clone();
        let command = self.build(act, order, step, &by);
        let answer = self.ask(&by, &command, act);
        // What is shown as open is taken, or refused for its content, or because the dispatch follows no plan, or the class
        // may not be set with it.
        let as_shown = match &answer {
            Ok(()) | Err(Refusal::Invalid(_)) => true,
            Err(Refusal::Separation { .. }) => act == Act::Dispatch,
            Err(Refusal::Forbidden(needed) | Refusal::HandledAbove(needed, _)) => {
                act == Act::Accept && *needed == Act::SetClass
            }
            Err(_) => false,
        };
        assert!(as_shown, "{act} was shown as open and is {answer:?}");
    }

    fn anything(&mut self, step: &Step) {
        let act = Act::ALL[step.what % Act::ALL.len()];
        let orders = self.state().map_or(0, |case| case.orders.len());
        let order = match (orders, step.which % 9) {
            (0, _) | (_, 8) => OrderId(Uuid::nil()),
            (n, which) => self.case().orders[which % n].id,
        };
        let actors = self.actors();
        let by = match step.who % (actors.len() + 1) {
            0 => Principal::Resident,
            who => actors[who - 1].clone(),
        };
        let command = self.build(act, Some(order), step, &by);
        let _ = self.ask(&by, &command, act);
    }

    fn some_timer(&mut self, step: &Step) {
        let clocks = &self.case().clocks;
        let mut clock = clocks[step.which % clocks.len()].clone();
        if step.how.is_multiple_of(5) {
            clock.generation += 1;
        }
        let _ = self.fire(&clock, step.how.is_multiple_of(3));
    }

    /// The notice of the next year is imported: both cases are reckoned again with it.
    fn next_calendar(&mut self) {
        let active = self.at;
        for at in 0..2 {
            self.at = at;
            self.sides[at].story.rules = next_year();
            let Some(case) = self.state() else { continue };
            let changes = is_reckoned_anew(case, next_year(), self.directory);
            match self.decided(&Principal::System, &CaseCommand::Recompute) {
                Ok(decided) => {
                    assert!(changes);
                    self.take(&decided, &CaseCommand::Recompute);
                    let again = self.decided(&Principal::System, &CaseCommand::Recompute);
                    assert_eq!(again, Err(Refusal::TimerGone), "once is enough");
                }
                Err(refusal) => assert_eq!((refusal, changes), (Refusal::TimerGone, false)),
            }
        }
        self.at = active;
    }

    /// Fires, in the order of their times, every rung that is reached by `now`; each may set the next. After days off each
    /// clock goes to its highest rung at once.
    fn fire_what_is_due(&mut self, now: Timestamp, caught_up: bool) {
        let active = self.at;
        if caught_up {
            self.now = now;
        }
        for _ in 0..400 {
            let due = (0..2)
                .flat_map(|at| {
                    let clocks = self.sides[at].story.state.iter().flat_map(|c| &c.clocks);
                    clocks.filter_map(move |c| Some((c.next_at()?, at, c.clone())))
                })
                .filter(|(when, _, _)| *when <= now)
                .min_by_key(|(when, at, _)| (*when, *at));
            let Some((when, at, clock)) = due else {
                self.at = active;
                return;
            };
            self.now = self.now.max(when);
            self.at = at;
            assert_eq!(self.fire(&clock, caught_up), Ok(()), "what is due fires");
        }
        panic!("timers set each other without end");
    }

    fn fire(&mut self, clock: &Clock, caught_up: bool) -> Result<(), Refusal> {
        let command = match Story::timer_of(clock) {
            CaseCommand::Timer {
                clock,
                order,
                generation,
                ..
            } => CaseCommand::Timer {
                clock,
                order,
                generation,
                caught_up,
            },
            other => other,
        };
        let before = self.case().clone();
        let armed = before.clocks.contains(clock) && clock.is_armed();
        let is_due = armed && clock.next_at().is_some_and(|at| at <= self.now);
        let answer = self.decided(&Principal::System, &command);
        let mut counts = self.counts.borrow_mut();
        match &answer {
            Err(refusal) => {
                counts.timers.1 += 1;
                assert_eq!(*refusal, Refusal::TimerGone);
                assert!(!is_due, "an armed timer that is due fires");
                return Err(refusal.clone());
            }
            Ok(_) => counts.timers.0 += 1,
        }
        drop(counts);
        assert!(is_due, "only an armed timer that is due fires");
        let decided = answer?;
        self.take(&decided, &command);
        let side = &mut self.sides[self.at];
        let case = side.story.case();
        side.watch
            .timer((&before, case), clock, caught_up, &decided, self.directory);
        Ok(())
    }

    fn ask(&mut self, by: &Principal, command: &CaseCommand, act: Act) -> Result<(), Refusal> {
        let stage = self.state().map(|case| case.stage);
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
        if let Some(case) = self.state() {
            let rules = self.sides[self.at].story.rules;
            let open = acts_open_to(by, case, rules, self.directory);
            assert!(
                open.iter().any(|(shown, _)| *shown == act),
                "{act} was taken and not shown as open"
            );
        }
        self.nobody_else_could(by, command, &decided);
        self.take(&decided, command);
        Ok(())
    }

    /// A separation that gave way: nobody else who holds a post here could have done it.
    fn nobody_else_could(&self, by: &Principal, command: &CaseCommand, decided: &[Decided]) {
        let Some(case) = self.state() else { return };
        let yielded = |decided: &[Decided]| {
            decided
                .iter()
                .any(|step| matches!(step.event, CaseEvent::SeparationYielded(_)))
        };
        if !yielded(decided) {
            return;
        }
        for (id, _) in self.directory.posts_over(&case.code) {
            let other = self.person(id);
            if other == *by {
                continue;
            }
            let joins = case
                .did
                .iter()
                .any(|(did, who)| *who == id && matches!(did, Act::Accept | Act::File));
            let answer = self.decided(&other, command);
            let alone = answer
                .as_ref()
                .map_or(true, |decided| yielded(decided) || joins);
            assert!(alone, "{other:?} could without anything giving way");
        }
    }

    /// Decides twice with the same ids: the same answer, and nothing changed by asking.
    fn decided(&self, by: &Principal, command: &CaseCommand) -> Result<Vec<Decided>, Refusal> {
        let side = &self.sides[self.at];
        let other = self.sides[1 - self.at].story.state.as_ref();
        let (ids, before) = (side.story.next.get(), side.story.state.clone());
        let first = side.story.ask_at(self.now, by, command, other);
        let after = side.story.next.replace(ids);
        let second = side.story.ask_at(self.now, by, command, other);
        assert_eq!(first, second, "a decision depends on nothing else");
        assert_eq!(side.story.state, before, "asking changes nothing");
        side.story.next.set(after);
        assert!(first.as_ref().is_err() || first.as_ref().is_ok_and(|d| !d.is_empty()));
        first
    }

    fn take(&mut self, decided: &[Decided], command: &CaseCommand) {
        let point = match command {
            CaseCommand::Report(report) => report.position.as_ref().map(|(_, point)| *point),
            _ => None,
        };
        let id = self.sides[self.at].story.id;
        let other: Vec<Decided> = decided
            .iter()
            .filter_map(|step| {
                let (_, event) = step.event.counterpart(id)?;
                Some(Decided { by: step.by, event })
            })
            .collect();
        let mut counts = self.counts.borrow_mut();
        for step in decided.iter().chain(&other) {
            *counts.events.entry(step.event.kind()).or_default() += 1;
        }
        drop(counts);
        let (now, at) = (self.now, self.at);
        self.sides[at].take(decided, point, now, self.directory);
        if !other.is_empty() {
            self.sides[1 - at].take(&other, None, now, self.directory);
        }
        self.both_sides_agree();
    }

    /// What one case says of the other is what the other says of the one.
    fn both_sides_agree(&self) {
        for at in 0..2 {
            let (one, other) = (&self.sides[at].story, &self.sides[1 - at].story);
            let merged = one.state.as_ref().and_then(|case| case.merged_into);
            let absorbed = other
                .state
                .as_ref()
                .is_some_and(|case| case.absorbed == [one.id]);
            assert_eq!(merged.map(|(id, _)| id), absorbed.then_some(other.id));
        }
    }

    /// Both cases, played to their end by the people that there are.
    fn way_out(&self) {
        for side in &self.sides {
            if let Some(case) = &side.story.state {
                let people: Vec<Principal> = self.ids.iter().map(|&id| self.person(id)).collect();
                let found =
                    way_out::look(case, &people, side.story.rules, self.directory, self.now);
                let mut counts = self.counts.borrow_mut();
                *counts.ways_out.entry(found).or_default() += 1;
            }
        }
    }

    /// From the first event on, the whole journal folds to the same state; the stored form reads back to it too.
    fn finish(self) {
        for side in self.sides {
            let Some(case) = &side.story.state else {
                continue;
            };
            *self.counts.borrow_mut().ends.entry(case.stage).or_default() += 1;
            let mut folded = None;
            for (at, step) in &side.story.log {
                apply(&mut folded, side.story.id, &step.event, step.by, *at);
            }
            let mut live = case.clone();
            live.point = None;
            assert_eq!(folded.as_ref(), Some(&live));
            let stored = serde_json::to_vec(case).expect("a state is written");
            let read: CaseState = serde_json::from_slice(&stored).expect("and read");
            assert_eq!(read, live, "all but the position in the open");
        }
    }
}

impl Side<'_> {
    fn take(
        &mut self,
        decided: &[Decided],
        point: Option<jingwei_core::place::Point>,
        now: Timestamp,
        directory: &Directory,
    ) {
        let before = self.story.state.clone();
        self.story.now = now;
        self.story.fold(decided, point);
        for step in decided {
            let bytes = step.event.payload();
            let read = CaseEvent::read(step.event.kind(), step.event.kind_version(), &bytes)
                .expect("what was written is read");
            assert_eq!(read.payload(), bytes, "the same bytes again");
            apply(&mut self.again, self.story.id, &read, step.by, now);
        }
        if let Some(again) = self.again.as_mut().filter(|_| before.is_none()) {
            again.point = self.story.case().point;
        }
        let case = self.story.case();
        assert_eq!(
            self.again.as_ref(),
            Some(case),
            "the fold of the journal's bytes is the state"
        );
        let calendar = &self.story.rules.calendar;
        self.watch
            .step((before.as_ref(), case), decided, calendar, directory);
    }
}
