//! Properties of the state machine: random directories, people and commands, with the invariants checked after each step.
//!
//! The seed is fixed, so that the run is the same on every machine; `JINGWEI_SEED` and `JINGWEI_RUNS` explore others,
//! `JINGWEI_SHRINK` says how long a failure is made smaller. The
//! run counts what it reached, and fails when it reached too little to mean anything (a shorter run asks only for the
//! invariants).

mod acts;
mod commands;
mod invariants;
mod run;
mod scenario;
mod way_out;
mod working_time;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jingwei_core::access::Act;
use jingwei_core::cases::{CaseEvent, Stage, stages_of};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Cases played when nothing else is said: enough to reach every event and every cell many times.
const RUNS: u32 = 1_200;

/// What a run reached.
#[derive(Debug, Default)]
struct Counts {
    /// Commands tried, by stage (none: before the report) and act, with how many were taken.
    cells: BTreeMap<(Option<Stage>, Act), (u32, u32)>,
    /// Events by kind.
    events: BTreeMap<&'static str, u32>,
    /// Refusals by code.
    refusals: BTreeMap<&'static str, u32>,
    /// Timers fired in time, and timers found gone.
    timers: (u32, u32),
    /// Cases by the stage in which the story left them.
    ends: BTreeMap<Stage, u32>,
    /// What playing on to the end led to.
    ways_out: BTreeMap<way_out::Found, u32>,
}

fn number_from(variable: &str, otherwise: u32) -> u32 {
    std::env::var(variable).map_or(otherwise, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is a number"))
    })
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the counts are for the reader of the test's output"
)]
fn invariants_hold_after_every_step_of_random_cases() {
    let seed = number_from("JINGWEI_SEED", 20_261_120);
    let runs = number_from("JINGWEI_RUNS", RUNS);
    let mut bytes = [0_u8; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: runs,
        failure_persistence: None,
        max_shrink_iters: number_from("JINGWEI_SHRINK", 600),
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, random);
    let counts = RefCell::new(Counts::default());
    let loud = quiet_while_shrinking();
    let outcome = runner.run(&scenario::scenario(), |scenario| {
        run::play(&scenario, &counts);
        Ok(())
    });
    std::panic::set_hook(Box::new(move |info| loud(info)));
    if let Err(failure) = outcome {
        let at = LAST.with(RefCell::take);
        panic!("seed {seed}, at {at}: {failure}");
    }
    let counts = counts.into_inner();
    println!("{}", printed(&counts, seed, runs));
    if runs < RUNS {
        return;
    }
    for (kind, _) in CaseEvent::KINDS {
        let times = counts.events.get(kind).copied().unwrap_or(0);
        assert!(times >= 10, "{kind} happened {times} times: too few");
    }
    for &act in Act::ALL {
        for stage in std::iter::once(None).chain(Stage::ALL.iter().copied().map(Some)) {
            let (tried, taken) = counts.cells.get(&(stage, act)).copied().unwrap_or_default();
            assert!(tried >= 10, "{act} was tried {tried} times at {stage:?}");
            let allowed = match stage {
                Some(stage) => stages_of(act).contains(&stage),
                None => matches!(act, Act::Report | Act::SolveOnSpot),
            };
            if allowed {
                assert!(taken >= 10, "{act} was taken {taken} times at {stage:?}");
            } else {
                assert_eq!(taken, 0, "{act} is not taken at {stage:?}");
            }
        }
    }
    for code in [
        "not_found",
        "forbidden",
        "wrong_state",
        "separation",
        "exists",
        "invalid",
    ] {
        assert!(
            counts.refusals.get(code).is_some_and(|times| *times >= 10),
            "too few refusals {code}"
        );
    }
    assert!(counts.timers.0 >= 100 && counts.timers.1 >= 100);
    for ended in [Stage::Closed, Stage::Refused, Stage::Voided, Stage::Merged] {
        assert!(
            counts.ends.get(&ended).is_some_and(|times| *times >= 10),
            "too few cases ended as {ended}"
        );
    }
}

thread_local! {
    /// Where the last panic came from: the failure itself does not say it.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

type Hook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Send + Sync>;

/// Shrinking panics thousands of times: only what is left at the end is worth reading. Other threads stay loud. The answer
/// is the hook to set again.
fn quiet_while_shrinking() -> Arc<Hook> {
    let loud = Arc::new(std::panic::take_hook());
    let (here, others) = (std::thread::current().id(), Arc::clone(&loud));
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() != here {
            others(info);
        } else if let Some(at) = info.location() {
            LAST.with(|last| *last.borrow_mut() = at.to_string());
        }
    }));
    loud
}

fn printed(counts: &Counts, seed: u32, runs: u32) -> String {
    use std::fmt::Write as _;
    let mut text = format!("seed {seed}, {runs} cases; taken/tried by act and stage\n");
    let stages: Vec<Option<Stage>> = std::iter::once(None)
        .chain(Stage::ALL.iter().copied().map(Some))
        .collect();
    let _ = write!(text, "{:<16}", "act");
    for stage in &stages {
        let _ = write!(text, "{:>12}", stage.map_or("none", Stage::as_str));
    }
    text.push('\n');
    for &act in Act::ALL {
        let _ = write!(text, "{:<16}", act.as_str());
        for &stage in &stages {
            let (tried, taken) = counts.cells.get(&(stage, act)).copied().unwrap_or_default();
            let _ = write!(text, "{:>12}", format!("{taken}/{tried}"));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "events: {:?}", counts.events);
    let _ = writeln!(text, "refusals: {:?}", counts.refusals);
    let _ = writeln!(
        text,
        "timers: {} fired, {} gone",
        counts.timers.0, counts.timers.1
    );
    let _ = writeln!(text, "cases left as: {:?}", counts.ends);
    let _ = writeln!(text, "played on to the end: {:?}", counts.ways_out);
    text
}
