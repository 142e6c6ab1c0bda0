//! SK-b: the real binary killed while it works, and what has to be on the disk before it answers. Here the kills: of the
//! program on both engines, of the program with faults built in, and of the database server below it.
//!
//! `JINGWEI_KILLS` sets the kills on each engine (30), `JINGWEI_SEED` repeats a run's choices, `JINGWEI_BIN` and
//! `JINGWEI_MUTANT_BIN` name the programs. A kill leaves the page cache, so `sync` shows apart what reaches the disk.

mod clients;
mod compare;
mod fault;
mod harness;
mod http;
mod ladder;
mod ledger;
mod postgres;
mod prepare;
mod random;
mod server;
mod sync;

use std::time::Duration;

use jingwei_engine::clock::Stopwatch;
use jingwei_store::Db;
use jingwei_testkit::Engine;

use clients::Clients;
use fault::{Fault, Kind};
use harness::{Outcome, Plan, Stage, say};
use postgres::Cluster;
use random::Dice;
use server::Program;

fn survives(engine: Engine) {
    let kills = harness::kills();
    let outcome = harness::run(&Plan {
        engine,
        kills,
        mutant: None,
        wanted: &[],
    });
    assert!(
        outcome.faults.is_empty(),
        "{}\n{}",
        outcome.told(),
        outcome.log
    );
    assert_eq!(outcome.in_flight, kills, "kills with requests in flight");
    assert!(outcome.acknowledged > 0, "nothing was acknowledged");
}

#[test]
fn crash_sqlite() {
    survives(Engine::Sqlite);
}

#[test]
fn crash_postgres() {
    survives(Engine::Postgres);
}

/// The same run with a fault built in has to find it, on both engines.
fn finds(mutant: &'static str, wanted: &'static [Kind], also: impl Fn(&Outcome)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let outcome = harness::run(&Plan {
            engine,
            kills: 40,
            mutant: Some(mutant),
            wanted,
        });
        assert!(
            outcome.found(wanted),
            "{mutant} survived {} kills on {engine:?}: {}; is JINGWEI_MUTANT_BIN built with --features mutants?",
            outcome.in_flight,
            outcome.told()
        );
        say(&format!("crash: {mutant} was found: {}", outcome.told()));
        also(&outcome);
    }
}

#[test]
fn crash_mutant_answer_before_commit() {
    finds("answer-before-commit", &[Kind::Missing], |outcome| {
        assert!(outcome.in_flight > 0, "it takes a kill to find it");
    });
}

#[test]
fn crash_mutant_idempotency_off() {
    let wanted = &[Kind::Doubled, Kind::Refused];
    finds("idempotency-off", wanted, |outcome| {
        assert!(
            !outcome.found(&[Kind::Missing]),
            "what is acknowledged is there all the same: {}",
            outcome.told()
        );
    });
}

#[test]
fn crash_mutant_stock_outside() {
    finds("stock-outside", &[Kind::Check], |outcome| {
        let stock = |fault: &Fault| fault.kind == Kind::Check && fault.text.contains("stock of");
        assert!(
            outcome.faults.iter().any(stock),
            "it is the stock that differs: {}",
            outcome.told()
        );
    });
}

/// Kills of the database server.
const SERVER_KILLS: usize = 6;

#[test]
fn postgres_kill() {
    let watch = Stopwatch::start();
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut stage = Stage::set_on(folder, cluster.url().to_owned(), None);
    let mut server = stage.program.start();
    let tokens = prepare::sign_in(&stage.program);
    let mut clients = Clients::start(&stage.program, &tokens, stage.folder.path(), stage.seed);
    let (mut in_flight, mut kills) = (0, 0);
    while in_flight < SERVER_KILLS {
        assert!(kills < 3 * SERVER_KILLS, "too few kills hit a request");
        std::thread::sleep(Duration::from_millis(stage.dice.between(200, 800)));
        let flight = harness::moment_of_load(&clients);
        cluster.kill();
        kills += 1;
        in_flight += usize::from(!flight.is_empty());
        cluster.start_again();
        // It comes back by itself: work goes on without anybody's doing.
        clients.wait_for(clients.acknowledged() + 16);
        assert!(
            server.is_running(),
            "jingwei stays up:\n{}",
            stage.program.log_tail()
        );
    }
    let mut faults = stage.end(&mut clients, server, &tokens);
    faults.extend(clients.faults());
    say(&format!(
        "postgres_kill: {kills} kills of the database server, {in_flight} with requests in flight, {} acknowledged, {} sent again, {:.1} s",
        clients.acknowledged(),
        clients.repeated(),
        watch.elapsed().as_secs_f32()
    ));
    assert!(
        faults.is_empty(),
        "{faults:#?}\n{}",
        stage.program.log_tail()
    );
}

#[test]
fn postgres_kill_at_rest() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stage = Stage::set_on(folder, cluster.url().to_owned(), None);
    let mut server = stage.program.start();
    cluster.kill();
    cluster.start_again();
    // Nobody is at work whose command would notice the lost connection: whoever comes first still gets in.
    prepare::sign_in_within(&stage.program, Duration::from_secs(15));
    assert!(server.is_running(), "{}", stage.program.log_tail());
    server.kill();
    assert_eq!(stage.program.check(), Ok(()));
}

#[test]
fn postgres_settings_are_durable() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = cluster.url().parse().expect("an address");
    let setting = |name: &str| {
        let mut writer = Db::open_writer(&url).expect("a writer");
        let row = writer.transaction(|tx| tx.query_opt(&format!("SHOW {name}"), &[]));
        let mut row = row.expect("the setting").expect("a row");
        row.text(0).expect("a text")
    };
    assert_eq!(setting("fsync"), "on");
    assert_eq!(setting("full_page_writes"), "on");
    // A server whose default is to answer before the log is on the disk: the writer asks for it all the same.
    cluster.set("synchronous_commit = off");
    assert_eq!(setting("synchronous_commit"), "on");
    // A server that does not sync is refused by the program, which says what to do.
    let mut dice = Dice::new(random::seed(), 0);
    let program = Program::new(
        server::program(),
        folder.path(),
        cluster.url().to_owned(),
        &mut dice,
    );
    let (done, said) = program.run("migrate");
    assert!(done, "{said}");
    cluster.set("fsync = off");
    let (done, said) = program.run("migrate");
    assert!(
        !done && said.contains("fsync = off"),
        "a server with fsync off is refused: {said}"
    );
}
