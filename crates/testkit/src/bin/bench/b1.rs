//! B1: a report by HTTP to its durable commit, 32 clients, against pgbench committing the same rows.
//!
//! Ours and the peer run in turn, each on a new database; the rows of both sides are counted after each run and must be
//! exactly those of the answered reports, no more and no fewer.

use std::time::Duration;

use jingwei_testkit::Engine;

use crate::machine::{Cpu, Shares};
use crate::peer::{self, Peer, Rows, Way};
use crate::reports;
use crate::server::{REPORTERS, Server};
use crate::table::{self, Run};
use crate::{Options, Result, lean, server, tell};

/// Clients.
const CLIENTS: usize = 32;
/// Seconds before the measurement begins, on both sides.
const WARM_UP: u64 = 2;
/// What we want to be, against the peer that commits the same rows.
const GOAL: f64 = 1.5;

/// The peer's lines: how the transaction is written, by how many clients, and its name. Only those of 32 clients that commit
/// all rows are the same load as ours; the one client is there because the peer is fastest when nobody waits for a lock.
const PEERS: [(Way, usize, &str); 4] = [
    (
        Way::Statements,
        CLIENTS,
        "pgbench, a statement for each table",
    ),
    (Way::One, CLIENTS, "pgbench, all in one statement"),
    (Way::One, 1, "pgbench, all in one statement, 1 client"),
    (
        Way::Unshared,
        CLIENTS,
        "pgbench, one statement, without head and figures",
    ),
];

/// What the node's writer did during a run.
#[derive(Clone, Copy)]
struct Batches {
    commands: f64,
    ms: f64,
}

#[derive(Default)]
struct Side {
    runs: Vec<Run>,
    shares: Vec<Shares>,
    batches: Vec<Batches>,
    cpu_ms: Vec<f64>,
}

/// Measures and gives the section's text.
pub(crate) fn run(options: &Options) -> Result<String> {
    let rows = one_report()?;
    let [mut sqlite, mut postgres] = [Side::default(), Side::default()];
    let mut peers = PEERS.map(|_| Side::default());
    let mut settings = String::new();
    for turn in 1..=options.runs {
        for (engine, side) in [
            (Engine::Sqlite, &mut sqlite),
            (Engine::Postgres, &mut postgres),
        ] {
            ours(engine, &rows, options, side)?;
            tell(&format!(
                "B1 run {turn}: Jingwei, {}: {:.0}/s",
                server::called(engine),
                last(side)
            ));
        }
        for ((way, clients, name), side) in PEERS.into_iter().zip(&mut peers) {
            let peer = Peer::create()?;
            settings = peer::settings(peer.database())?;
            theirs(&peer, &rows, way, clients, options, side)?;
            tell(&format!("B1 run {turn}: {name}: {:.0}/s", last(side)));
        }
    }
    Ok(text(options, &rows, &sqlite, &postgres, &peers, &settings))
}

fn last(side: &Side) -> f64 {
    side.runs.last().map_or(0.0, |run| run.rate)
}

/// The rows that one report comes to.
fn one_report() -> Result<Rows> {
    let server = Server::start(Engine::Postgres)?;
    let token = server.token(REPORTERS[0])?;
    let mut once = Some(reports::report(&token).1);
    let once = std::cell::RefCell::new(once.take());
    lean::drive(server.address, 1, 201, move |_, _| once.borrow_mut().take())?;
    Rows::read(server.database())
}

fn ours(engine: Engine, rows: &Rows, options: &Options, side: &mut Side) -> Result<()> {
    let server = Server::start(engine)?;
    let tokens = REPORTERS
        .map(|account| server.token(account))
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    if engine == Engine::Postgres {
        peer::checkpoint(server.database())?;
    }
    let before = server.count("SELECT seq FROM journal_head")?;
    let load = |seconds: u64| {
        let (tokens, until) = (tokens.clone(), Duration::from_secs(seconds));
        lean::drive(server.address, CLIENTS, 201, move |client, elapsed| {
            (elapsed < until).then(|| reports::report(&tokens[client % tokens.len()]).1)
        })
    };
    let warm = load(options.seconds.min(WARM_UP))?;
    let names = [
        "jingwei_batches_total",
        "jingwei_batched_commands_total",
        "jingwei_batch_seconds_total",
    ];
    let read = || {
        names
            .iter()
            .map(|name| server.figure(name))
            .collect::<Result<Vec<f64>>>()
    };
    let (figures, cpu) = (read()?, Cpu::now(Some(server.pid()))?);
    let outcome = load(options.seconds)?;
    let (cpu_after, figures_after) = (Cpu::now(Some(server.pid()))?, read()?);
    let grown: Vec<f64> = figures
        .iter()
        .zip(&figures_after)
        .map(|(before, after)| after - before)
        .collect();
    let answered = i64::try_from(warm.micros.len() + outcome.micros.len())?;
    let count = |sql: &str| server.count(sql);
    assert_rows(rows, answered, true, before, &count)?;
    let batches = grown[0].max(1.0);
    side.batches.push(Batches {
        commands: grown[1] / batches,
        ms: 1_000.0 * grown[2] / batches,
    });
    side.cpu_ms
        .push(1_000.0 * cpu_after.server_seconds(&cpu) / outcome.micros.len().max(1) as f64);
    side.shares.push(cpu_after.since(&cpu));
    side.runs.push(Run::of(outcome.rate(), &outcome.micros));
    Ok(())
}

fn theirs(
    peer: &Peer,
    rows: &Rows,
    way: Way,
    clients: usize,
    options: &Options,
    side: &mut Side,
) -> Result<()> {
    let warm = peer.run(rows, way, clients, options.seconds.min(WARM_UP), 0)?;
    peer::checkpoint(peer.database())?;
    let cpu = Cpu::now(None)?;
    // No client came as far in the warm-up as all of them together.
    let told = peer.run(rows, way, clients, options.seconds, warm.transactions)?;
    side.shares.push(Cpu::now(None)?.since(&cpu));
    let count = |sql: &str| peer.count(sql);
    assert_rows(
        rows,
        warm.transactions + told.transactions,
        way != Way::Unshared,
        0,
        &count,
    )?;
    side.runs.push(told.run);
    Ok(())
}

/// Every answered report has its rows, and there are no others.
fn assert_rows(
    rows: &Rows,
    reports: i64,
    shared: bool,
    head: i64,
    count: &dyn Fn(&str) -> Result<i64>,
) -> Result<()> {
    let mut wanted = vec![
        (
            "journal",
            "SELECT count(*) FROM journal WHERE aggregate = 'case'",
            reports * rows.count("journal")?,
        ),
        (
            "cases",
            "SELECT count(*) FROM cases",
            reports * rows.count("cases")?,
        ),
        (
            "timer",
            "SELECT count(*) FROM timer",
            reports * rows.count("timer")?,
        ),
        (
            "receipt",
            "SELECT count(*) FROM receipt",
            reports * rows.count("receipt")?,
        ),
    ];
    if shared {
        wanted.extend([
            (
                "stock",
                "SELECT CAST(sum(reported) AS BIGINT) FROM stock",
                reports * rows.count("stock")?,
            ),
            (
                "flow",
                "SELECT CAST(sum(reported) AS BIGINT) FROM flow",
                reports * rows.count("flow")?,
            ),
            (
                "journal_head",
                "SELECT seq FROM journal_head",
                head + reports * rows.count("journal")?,
            ),
        ]);
    }
    for (table, sql, wanted) in wanted {
        let found = count(sql)?;
        if found != wanted {
            return Err(format!(
                "{table}: {found} after {reports} answered reports, {wanted} were to be"
            )
            .into());
        }
    }
    Ok(())
}

fn text(
    options: &Options,
    rows: &Rows,
    sqlite: &Side,
    postgres: &Side,
    peers: &[Side; PEERS.len()],
    settings: &str,
) -> String {
    let percent = |side: &Side, pick: fn(&Shares) -> f64| {
        format!("{:.0} %", table::median(side.shares.iter().map(pick)))
    };
    let line = |name: &str, side: &Side, own: bool| {
        let mut cells = vec![name.to_owned()];
        cells.extend(table::rates(&side.runs));
        cells.extend(table::times(&side.runs));
        cells.push(percent(side, |s| s.clients));
        cells.push(if own {
            percent(side, |s| s.server)
        } else {
            "–".to_owned()
        });
        cells.push(percent(side, |s| s.idle));
        cells
    };
    let mut lines = vec![
        line("Jingwei, SQLite", sqlite, true),
        line("Jingwei, PostgreSQL", postgres, true),
    ];
    for ((_, _, name), side) in PEERS.iter().zip(peers) {
        lines.push(line(name, side, false));
    }
    let head = [
        "side",
        "reports/s min",
        "median",
        "max",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "clients",
        "Jingwei",
        "idle",
    ];
    let middle = |side: &Side| table::median(side.runs.iter().map(|run| run.rate));
    let verdict = |peer: f64| {
        let times = middle(postgres) / peer;
        format!(
            "{times:.2} ×: {}",
            if times >= GOAL { "met" } else { "missed" }
        )
    };
    // The better of the two ways that commit all rows with as many clients.
    let [statements, one, alone, unshared] = peers.each_ref().map(middle);
    let same = statements.max(one);
    let writer = |side: &Side| {
        format!(
            "{:.1} reports in a batch, {:.2} ms a batch, {:.3} ms of processor time of the process for a report",
            table::median(side.batches.iter().map(|b| b.commands)),
            table::median(side.batches.iter().map(|b| b.ms)),
            table::median(side.cpu_ms.iter().copied()),
        )
    };
    format!(
        "{}\n{} runs of {} s each after a warm-up; times are medians of the runs. Shares are of all cores; \"clients\" is the process of the clients \
         (pgbench itself on the peer's lines), what is neither that nor Jingwei nor idle is PostgreSQL and the kernel.\n\n\
         - Rows of a report: {}. Counted on both sides after every run: right.\n\
         - The writer on SQLite: {}.\n- The writer on PostgreSQL: {}.\n- SQLite: journal_mode WAL, synchronous FULL. {settings}.\n\n\
         **Goal: at least {GOAL} × pgbench on the same PostgreSQL with 32 clients, the better of its two ways: {}.** \
         Against pgbench at its own best, one client: {}. On SQLite {:.2} × and {:.2} ×. \
         Against pgbench without the rows that all reports share (not the same work, for scale): {:.2} ×.\n",
        table::markdown(&head, &lines),
        options.runs,
        options.seconds,
        rows.words(),
        writer(sqlite),
        writer(postgres),
        verdict(same),
        verdict(alone),
        middle(sqlite) / same,
        middle(sqlite) / alone,
        middle(postgres) / unshared,
    )
}
