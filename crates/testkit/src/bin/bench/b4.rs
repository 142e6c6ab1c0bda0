//! B4, the empty half: create, act and list on a node without cases, one client and eight.
//!
//! The other half, the same with 5.19 million cases, belongs to a later issue and is compared with this one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use jingwei_testkit::Engine;
use uuid::Uuid;

use crate::reports;
use crate::server::{OFFICER, REPORTERS, Server, called};
use crate::table::{self, Run};
use crate::{Options, Result, lean, tell};

/// Cases of a page.
const PAGE: usize = 50;

/// Measures and gives the section's text.
pub(crate) fn run(options: &Options) -> Result<String> {
    let mut lines = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = called(engine);
        for clients in [1, 8] {
            let mut steps: [Vec<Run>; 3] = Default::default();
            for turn in 1..=options.runs {
                for (step, run) in steps.iter_mut().zip(once(engine, clients, options.count)?) {
                    step.push(run);
                }
                tell(&format!("B4 run {turn}: {name}, {clients} clients"));
            }
            for (what, runs) in ["create", "act (accept)", "list (first page of 50)"]
                .into_iter()
                .zip(&steps)
            {
                let p95 = table::spread(runs.iter().map(|run| run.p95));
                let mut cells = vec![format!("{what}, {name}"), clients.to_string()];
                cells.push(table::ms(table::median(runs.iter().map(|run| run.p50))));
                cells.extend([p95.0, p95.1, p95.2].map(table::ms));
                cells.push(table::rate(table::median(runs.iter().map(|run| run.rate))));
                lines.push(cells);
            }
        }
    }
    let head = [
        "operation",
        "clients",
        "p50 ms",
        "p95 ms min",
        "median",
        "max",
        "a second",
    ];
    Ok(format!(
        "{}\n{} runs, {} operations of each kind in a run, on a new database each; p50 is the median of the runs. The pages are full: \
         the list follows the creates. No target of its own: the half with 5.19 million cases is to stay within 1.5 × of these p95.\n",
        table::markdown(&head, &lines),
        options.runs,
        options.count,
    ))
}

/// Creates, accepts and lists on a new node.
fn once(engine: Engine, clients: usize, count: usize) -> Result<[Run; 3]> {
    let server = Server::start(engine)?;
    let (reporter, officer) = (server.token(REPORTERS[0])?, server.token(OFFICER)?);
    // A first case, so that no step pays for preparing its statements.
    let made: Rc<RefCell<Vec<Uuid>>> = Rc::default();
    let creates = |count: usize| {
        let (made, token, left) = (Rc::clone(&made), reporter.clone(), Cell::new(count));
        lean::drive(server.address, clients, 201, move |_, _| {
            left.set(left.get().checked_sub(1)?);
            let (id, request) = reports::report(&token);
            made.borrow_mut().push(id);
            Some(request)
        })
    };
    let accepts = |count: usize| {
        let (made, token, left) = (Rc::clone(&made), officer.clone(), Cell::new(count));
        lean::drive(server.address, clients, 200, move |_, _| {
            left.set(left.get().checked_sub(1)?);
            made.borrow_mut()
                .pop()
                .map(|id| reports::accept(&token, id))
        })
    };
    let lists = |count: usize| {
        let (token, left) = (officer.clone(), Cell::new(count));
        lean::drive(server.address, clients, 200, move |_, _| {
            left.set(left.get().checked_sub(1)?);
            Some(reports::list(&token, PAGE))
        })
    };
    creates(clients)?;
    accepts(clients)?;
    lists(clients)?;
    let steps = [creates(count)?, accepts(count)?, lists(count)?];
    let (cases, accepted) = (
        server.count("SELECT count(*) FROM cases")?,
        server.count("SELECT count(*) FROM journal WHERE kind = 'accepted'")?,
    );
    let wanted = i64::try_from(count + clients)?;
    if (cases, accepted) != (wanted, wanted) {
        return Err(format!("{cases} cases, {accepted} accepted, {wanted} were to be").into());
    }
    Ok(steps.map(|step| Run::of(step.rate(), &step.micros)))
}
