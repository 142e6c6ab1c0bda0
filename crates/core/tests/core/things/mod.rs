//! Whistles and mediations by example and by random commands.
//!
//! A [`Told`] thing decides and folds exactly as the engine does, without the engine: its time is set by hand.

mod golden;
mod mediation;
mod mediation_random;
mod whistle_random;
mod whistles;

use jingwei_core::access::{Post, Principal};
use jingwei_core::cases::CaseState;
use jingwei_core::directory::{Directory, PostRow};
use jingwei_core::id::PersonId;
use jingwei_core::refusal::Refusal;
use jingwei_core::rules::RuleSet;
use jingwei_core::things::{Alarm, Context, Decided, Thing, ThingEvent as _};
use jingwei_core::time::Timestamp;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use crate::support::{clock, directory_with, divisions, people, person_id, rules, who};

/// A thing that is told step by step.
struct Told<'d, T: Thing> {
    directory: &'d Directory,
    rules: &'d RuleSet,
    case: Option<CaseState>,
    now: Timestamp,
    id: Uuid,
    state: Option<T>,
    log: Vec<(Timestamp, Decided<T::Event>)>,
}

impl<'d, T: Thing> Told<'d, T> {
    fn new(directory: &'d Directory) -> Self {
        Self {
            directory,
            rules: rules(),
            case: None,
            now: clock("10:00:00"),
            id: Uuid::from_u128(77),
            state: None,
            log: Vec::new(),
        }
    }

    fn state(&self) -> &T {
        self.state.as_ref().expect("it has begun")
    }

    fn ask(&self, by: &Principal, command: &T::Command) -> Result<Vec<Decided<T::Event>>, Refusal> {
        let context = Context {
            now: self.now,
            by,
            rules: self.rules,
            directory: self.directory,
            case: self.case.as_ref(),
        };
        T::decide(self.state.as_ref(), command, &context)
    }

    /// Decides and folds; the answer is how many events it took.
    fn tries(&mut self, by: &Principal, command: &T::Command) -> Result<usize, Refusal> {
        let decided = self.ask(by, command)?;
        let count = decided.len();
        assert!(count > 0, "a command that is taken leads to something");
        for step in decided {
            T::apply(&mut self.state, self.id, &step.event, step.by, self.now);
            self.log.push((self.now, step));
        }
        Ok(count)
    }

    /// Carries a command out that has to be taken.
    fn does(&mut self, by: &Principal, command: &T::Command) -> usize {
        self.tries(by, command)
            .unwrap_or_else(|refusal| panic!("was refused: {}", refusal.en()))
    }

    /// Asks for a command that has to be refused.
    fn refused(&self, by: &Principal, command: &T::Command) -> Refusal {
        match self.ask(by, command) {
            Err(refusal) => refusal,
            Ok(_) => panic!("was to be refused"),
        }
    }

    fn next_alarm(&self) -> Option<Alarm> {
        self.state()
            .alarms()
            .into_iter()
            .min_by_key(|alarm| alarm.due)
    }

    fn command_of(alarm: &Alarm) -> T::Command {
        T::fired(alarm.kind, alarm.part, alarm.generation).expect("a kind of its own room")
    }

    /// Waits for the next deadline and fires it.
    fn fires(&mut self) -> Alarm {
        let alarm = self.next_alarm().expect("something waits");
        self.now = self.now.max(alarm.due);
        self.does(&Principal::System, &Self::command_of(&alarm));
        alarm
    }

    /// Folds everything again from the payloads, as the journal keeps them, and compares.
    fn folds_again(&self)
    where
        T: std::fmt::Debug,
    {
        let mut state: Option<T> = None;
        for (at, step) in &self.log {
            let event = T::Event::read(
                step.event.kind(),
                step.event.kind_version(),
                &step.event.payload(),
            )
            .expect("readable");
            T::apply(&mut state, self.id, &event, step.by, *at);
        }
        assert_eq!(state, self.state, "the fold is the state");
        let text = serde_json::to_vec(self.state()).expect("JSON");
        let read: T = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(&read, self.state(), "and the stored state is the fold");
        let shape = self.state().shape();
        assert_eq!(
            shape.version as usize,
            self.log.len(),
            "one version for each event"
        );
    }
}

/// The demo with further posts: account (any word), role, unit and division.
fn demo_and(more: &[(&str, PostRow)]) -> Directory {
    let mut posts: Vec<(PersonId, Vec<PostRow>)> = people()
        .into_iter()
        .map(|draft| (person_id(&draft.account), draft.posts))
        .collect();
    posts.extend(
        more.iter()
            .map(|(account, post)| (person_id(account), vec![post.clone()])),
    );
    let plain = directory_with(|_| {});
    Directory::new(
        divisions(),
        plain.units().map(|unit| unit.row.clone()),
        posts,
    )
}

/// A person as a directory has them.
fn as_in(directory: &Directory, account: &str) -> Principal {
    let id = person_id(account);
    let posts: Vec<Post> = directory.posts_of(id);
    assert!(!posts.is_empty(), "{account} holds nothing");
    Principal::Person { id, posts }
}

/// Everybody who may come along in a random story.
fn cast() -> Vec<Principal> {
    [
        "officer-hlx",
        "headgrid-hlx",
        "grid-hl1",
        "police-hlx",
        "chief-sl",
        "dispatcher-sl",
        "leader-sl",
        "auditor-sl",
        "gas-1",
        "fire-ya",
        "officer-ld",
    ]
    .map(who)
    .to_vec()
}

/// A runner whose seed is fixed, so that the run is the same on every machine.
fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    TestRunner::new_with_rng(config, random)
}

/// One random step: which command, by whom, about which of the choices, and how many seconds later.
type Step = (u8, u8, u8, i64);

fn steps(most: usize) -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    use proptest::prelude::*;
    proptest::collection::vec(
        (
            any::<u8>(),
            any::<u8>(),
            any::<u8>(),
            prop_oneof![4 => 0_i64..600, 1 => 600_i64..40_000],
        ),
        1..most,
    )
}

fn pick<X>(all: &[X], by: u8) -> &X {
    &all[usize::from(by) % all.len()]
}
