//! B11, ours, the empty half: how many cases a second are created over HTTP, and how many lists of 100 are answered.
//!
//! The peer, Signalen, is not run here: its figures were measured once and stand in the document with that said.

use std::time::Duration;

use jingwei_testkit::Engine;
use serde_json::Value;

use crate::reports;
use crate::server::{OFFICER, REPORTERS, Server, called};
use crate::table::{self, Run};
use crate::{Options, Result, lean, tell};

/// Clients.
const CLIENTS: usize = 8;
/// Cases of a list.
const LIST: usize = 100;
/// Signalen: cases created a second, lists of 100 a second.
const SIGNALEN: [f64; 2] = [11.0, 0.6];
/// What we want to be.
const GOAL: f64 = 50.0;

/// Measures and gives the section's text.
pub(crate) fn run(options: &Options) -> Result<String> {
    let (mut lines, mut verdicts) = (Vec::new(), Vec::new());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = called(engine);
        let mut steps: [Vec<Run>; 2] = Default::default();
        for turn in 1..=options.runs {
            for (step, run) in steps.iter_mut().zip(once(engine, options)?) {
                step.push(run);
            }
            tell(&format!("B11 run {turn}: {name}"));
        }
        for ((what, peer), runs) in ["create a case", "list of 100"]
            .into_iter()
            .zip(SIGNALEN)
            .zip(&steps)
        {
            let times = table::median(runs.iter().map(|run| run.rate)) / peer;
            let verdict = if times >= GOAL { "met" } else { "missed" };
            let mut cells = vec![format!("{what}, {name}")];
            cells.extend(table::rates(runs));
            cells.extend(table::times(runs));
            cells.extend([peer.to_string(), format!("{} ×", table::rate(times))]);
            lines.push(cells);
            verdicts.push(format!("{what} on {name} {verdict}"));
        }
    }
    let head = [
        "operation",
        "a second min",
        "median",
        "max",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "Signalen a second",
        "times",
    ];
    Ok(format!(
        "{}\n{} runs of {} s each, {CLIENTS} clients, a new database for each run; the list reads what the creates of its run left.\n\n\
         **Goal: at least {GOAL} × Signalen: {}.**\n",
        table::markdown(&head, &lines),
        options.runs,
        options.seconds.div_ceil(2),
        verdicts.join("; "),
    ))
}

fn once(engine: Engine, options: &Options) -> Result<[Run; 2]> {
    let server = Server::start(engine)?;
    let (reporter, officer) = (server.token(REPORTERS[0])?, server.token(OFFICER)?);
    let until = Duration::from_secs(options.seconds.div_ceil(2));
    let create = lean::drive(server.address, CLIENTS, 201, move |_, elapsed| {
        (elapsed < until).then(|| reports::report(&reporter).1)
    })?;
    let cases = server.count("SELECT count(*) FROM cases")?;
    if cases != i64::try_from(create.micros.len())? {
        return Err(format!(
            "{cases} cases after {} answered creates",
            create.micros.len()
        )
        .into());
    }
    let mut client = server.client();
    client.sign_in(OFFICER, jingwei_testkit::PASSWORD);
    let shown = client
        .get(&format!("{}?limit={LIST}", reports::CASES))
        .json();
    let shown = shown["items"].as_array().map_or(0, Vec::<Value>::len);
    if shown != LIST.min(create.micros.len()) {
        return Err(format!("a list of {shown} cases").into());
    }
    let list = lean::drive(server.address, CLIENTS, 200, move |_, elapsed| {
        (elapsed < until).then(|| reports::list(&officer, LIST))
    })?;
    Ok([create, list].map(|step| Run::of(step.rate(), &step.micros)))
}
