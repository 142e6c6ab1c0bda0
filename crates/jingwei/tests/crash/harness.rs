//! The crash test: clients at work, a killer, and after each kill the same server on the same data.
//!
//! Invariant: a kill counts only when at least one request was sent and not answered at its moment and never got an answer
//! afterwards. What is found wrong is collected, not thrown: a mutant's run has to find something.

use std::io::Write as _;
use std::time::Duration;

use jingwei_engine::clock::Stopwatch;
use jingwei_testkit::{Database, Engine};

use crate::clients::Clients;
use crate::compare;
use crate::fault::{Fault, Kind};
use crate::prepare::{self, Tokens};
use crate::random::{self, Dice};
use crate::server::{self, Program};

/// What to run.
pub(crate) struct Plan {
    pub(crate) engine: Engine,
    /// Kills with requests in flight.
    pub(crate) kills: usize,
    /// The fault to choose; the program with faults is run then.
    pub(crate) mutant: Option<&'static str>,
    /// Ends as soon as one of these is found.
    pub(crate) wanted: &'static [Kind],
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) in_flight: usize,
    pub(crate) acknowledged: u64,
    pub(crate) faults: Vec<Fault>,
    /// What the servers said at last.
    pub(crate) log: String,
}

impl Outcome {
    pub(crate) fn found(&self, wanted: &[Kind]) -> bool {
        self.faults.iter().any(|fault| wanted.contains(&fault.kind))
    }

    /// The first faults of each kind, for people.
    pub(crate) fn told(&self) -> String {
        let texts: Vec<String> = self
            .faults
            .iter()
            .take(20)
            .map(|fault| format!("{:?}: {}", fault.kind, fault.text))
            .collect();
        format!("{} fault(s)\n{}", self.faults.len(), texts.join("\n"))
    }
}

/// Says a line where test runners look for it.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A node with its data, its program and two sessions.
pub(crate) struct Stage {
    pub(crate) folder: tempfile::TempDir,
    address: String,
    /// Dropped with the stage.
    owned: Option<Database>,
    pub(crate) program: Program,
    pub(crate) dice: Dice,
    pub(crate) seed: u64,
}

impl Stage {
    pub(crate) fn set(engine: Engine, mutant: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::create(engine, folder.path());
        let mut this = Self::set_on(folder, database.address(), mutant);
        this.owned = Some(database);
        this
    }

    /// On an empty database that somebody else made and removes.
    pub(crate) fn set_on(folder: tempfile::TempDir, address: String, mutant: Option<&str>) -> Self {
        let seed = random::seed();
        let mut dice = Dice::new(seed, 0);
        prepare::prepare(folder.path(), &address.parse().expect("an address"));
        let binary = match mutant {
            Some(_) => server::mutant_program(),
            None => server::program(),
        };
        let mut program = Program::new(binary, folder.path(), address.clone(), &mut dice);
        if let Some(mutant) = mutant {
            program = program.with("JINGWEI_MUTANT", mutant);
        }
        Self {
            folder,
            address,
            owned: None,
            program,
            dice,
            seed,
        }
    }

    /// `check` and the comparison. No server runs and no client sends.
    pub(crate) fn look(&self, clients: &Clients) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Err(said) = self.program.check() {
            faults.push(Fault::new(Kind::Check, said));
        }
        let (ledger, open) = (clients.ledger(), clients.open());
        faults.extend(compare::with_database(
            &self.address.parse().expect("an address"),
            &ledger,
            &open,
        ));
        faults
    }

    /// The end of a run: every client brings its request to its end, the officer's lists are compared, the server is killed
    /// and everything is compared once more.
    pub(crate) fn end(
        &self,
        clients: &mut Clients,
        mut server: server::Server,
        tokens: &Tokens,
    ) -> Vec<Fault> {
        clients.finish();
        let mut faults = compare::with_lists(&self.program, &tokens.officer, &clients.ledger());
        server.kill();
        faults.extend(self.look(clients));
        faults
    }
}

/// Kills wanted on each engine: `JINGWEI_KILLS`, else 30.
pub(crate) fn kills() -> usize {
    match std::env::var("JINGWEI_KILLS") {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("JINGWEI_KILLS is a whole number, not {text:?}")),
        Err(_) => 30,
    }
}

/// Runs the plan.
pub(crate) fn run(plan: &Plan) -> Outcome {
    let watch = Stopwatch::start();
    let mut stage = Stage::set(plan.engine, plan.mutant);
    say(&format!("crash: JINGWEI_SEED={}", stage.seed));
    let mut server = stage.program.start();
    let tokens = prepare::sign_in(&stage.program);
    let mut clients = Clients::start(&stage.program, &tokens, stage.folder.path(), stage.seed);
    let (mut kills, mut landed, mut cut, mut checked) = (0, 0, 0, 0);
    let mut faults = Vec::new();
    // While a mutant is looked for, after every kill; else every few, and after each of the last.
    let every = if plan.wanted.is_empty() {
        (plan.kills / 20).max(5)
    } else {
        1
    };
    while landed < plan.kills {
        assert!(
            kills < 2 * plan.kills + 10,
            "{kills} kills, only {landed} of them with requests in flight"
        );
        std::thread::sleep(Duration::from_millis(stage.dice.between(20, 250)));
        let flight = moment_of_load(&clients);
        server.kill();
        kills += 1;
        let lost = clients.cut_of(&flight);
        cut += lost;
        landed += usize::from(lost > 0);
        if landed % every == 0 || landed + 5 > plan.kills {
            clients.shut_gate();
            let found = stage.look(&clients);
            checked += 1;
            let enough = found
                .iter()
                .chain(&clients.faults())
                .any(|f| plan.wanted.contains(&f.kind));
            let broken = !found.is_empty();
            faults.extend(found);
            // The first fault of a program that should have none is the one to look at.
            if enough || (broken && plan.wanted.is_empty()) {
                break;
            }
        }
        clients.new_server();
        server = stage.program.start();
        clients.open_gate();
    }
    if plan.wanted.is_empty() && faults.is_empty() {
        faults.extend(stage.end(&mut clients, server, &tokens));
        checked += 1;
    }
    faults.extend(clients.faults());
    let acknowledged = clients.acknowledged();
    say(&format!(
        "crash: {kills} kills, {landed} with requests in flight, {acknowledged} acknowledged, {checked} dirs checked"
    ));
    say(&format!(
        "crash: {:?}{}: {cut} requests cut off, {} sent again, {} faults, {:.1} s",
        plan.engine,
        plan.mutant
            .map(|m| format!(" with {m}"))
            .unwrap_or_default(),
        clients.repeated(),
        faults.len(),
        watch.elapsed().as_secs_f32()
    ));
    Outcome {
        in_flight: landed,
        acknowledged,
        faults,
        log: stage.program.log_tail(),
    }
}

/// A moment at which requests are in flight: they are looked for, at most some seconds.
pub(crate) fn moment_of_load(clients: &Clients) -> crate::clients::InFlight {
    let mut flight = clients.in_flight();
    for _ in 0..200_000 {
        if !flight.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_micros(50));
        flight = clients.in_flight();
    }
    flight
}
