//! The timer loop: wakes when the next timer is due, fires it as a command, sleeps again.
//!
//! It keeps nothing: what is due stands in the database, whatever happened to this process. A timer that was cancelled or
//! set again is refused by the rules; firing twice is therefore harmless.
//!
//! After days off (timers late by more than the setting `catch_up_after`) each clock goes straight to its highest rung, no desk
//! rings for each, and one digest says it for all. While the wall clock stands where somebody set it by more than the setting
//! `clock_jump`, nothing fires until an administrator confirms that it is right ([`Node::confirm_clock`]).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jingwei_core::access::Principal;
use jingwei_core::cases::{self, CaseCommand, ClockKind, RingReason, Rung};
use jingwei_core::code::DivisionCode;
use jingwei_core::directory::CaughtUp;
use jingwei_core::id::{CaseId, OrderId};
use jingwei_core::refusal::Refusal;
use jingwei_core::time::Timestamp;
use jingwei_store::cases as case_store;
use jingwei_store::timers::{self, TimerRow};

use crate::error::{EngineError, Result};
use crate::feed::{Change, Ring, Why};
use crate::node::Node;
use crate::projection;
use crate::random;
use crate::writer::Envelope;

/// Timers fired in one go.
const AT_ONCE: i64 = 400;
/// The longest sleep: bounds the harm of a lost wake-up, and of a clock that was set.
const LONGEST: Duration = Duration::from_secs(30);
/// Pause after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Cases looked at in one page when a new calendar came.
const PAGE: i64 = 200;
/// The kind of the timer that an import of rules sets: deadlines are reckoned again.
pub(crate) const RECOMPUTE: &str = "recompute";

/// Runs until the node stops.
pub(crate) async fn run(node: Arc<Node>) {
    let mut stop = node.stopping();
    let mut caught_up = CaughtUpWith::new();
    loop {
        let wait = match round(&node, &mut caught_up).await {
            Ok(wait) => wait,
            Err(EngineError::Deposed) => return,
            Err(error) => {
                tracing::warn!(code = error.code(), "timers wait");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait.min(LONGEST)) => {}
            () = node.shared.timers.notified() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// The cases with late timers that fired and of which no digest tells yet, each with the time when its first one had been due.
type CaughtUpWith = BTreeMap<uuid::Uuid, i64>;

/// Fires what is due; answers how long to sleep.
async fn round(node: &Arc<Node>, caught_up: &mut CaughtUpWith) -> Result<Duration> {
    if node.clock_is_held() {
        return Ok(LONGEST);
    }
    let now = node.now();
    let due = node
        .read_aside(move |tx| Ok(timers::due(tx, now.0, AT_ONCE)?))
        .await?;
    if due.is_empty() {
        digest(node, caught_up).await?;
        // From here on an earlier timer wakes the loop; one set before this line is found by the query after it.
        node.shared.next_due.store(i64::MAX, Ordering::Release);
        let next = node.read_aside(|tx| Ok(timers::next_due(tx)?)).await?;
        let Some(next) = next else { return Ok(LONGEST) };
        node.shared.next_due.store(next, Ordering::Release);
        return Ok(node.shared.clock.until(Timestamp(next)));
    }
    let late = node
        .shared
        .world()
        .rules
        .settings
        .catch_up_after
        .milliseconds();
    let (recompute, due): (Vec<TimerRow>, Vec<TimerRow>) =
        due.into_iter().partition(|row| row.kind == RECOMPUTE);
    // The timers of one case fire in their order; those of different cases in one batch.
    let mut by_case: BTreeMap<uuid::Uuid, Vec<TimerRow>> = BTreeMap::new();
    for row in due {
        by_case.entry(row.thing).or_default().push(row);
    }
    let mut firing = tokio::task::JoinSet::new();
    for rows in by_case.into_values() {
        let node = Arc::clone(node);
        firing.spawn(async move {
            // What fired late is told of although a later one fails.
            let mut fired = Vec::new();
            for row in rows {
                let is_late = now.0 - row.due > late;
                match fire(&node, &row, is_late).await {
                    Ok(true) if is_late => fired.push((row.thing, row.due)),
                    Ok(_) => {}
                    Err(error) => return (fired, Err(error)),
                }
            }
            (fired, Ok(()))
        });
    }
    let mut failed = None;
    let mut more = false;
    while let Some(result) = firing.join_next().await {
        match result {
            Ok((fired, outcome)) => {
                more |= !fired.is_empty();
                for (case, due) in fired {
                    let since = caught_up.entry(case).or_insert(due);
                    *since = (*since).min(due);
                }
                failed = outcome.err().or(failed);
            }
            Err(error) => failed = Some(EngineError::Internal(error.to_string())),
        }
    }
    // While rounds still catch up, the digest waits: one for all of them. A timer that fails for ever does not hold it up.
    if !more {
        digest(node, caught_up).await?;
    }
    for row in recompute {
        reckon_anew(node, &row).await?;
    }
    failed.map_or(Ok(Duration::ZERO), Err)
}

/// Fires one timer; answers whether there was anything to do for a case.
async fn fire(node: &Node, row: &TimerRow, caught_up: bool) -> Result<bool> {
    if let Some(answer) = crate::things::fire(node, row).await {
        // Digests tell of cases.
        return answer.map(|()| false);
    }
    let clock = ClockKind::parse(&row.kind).ok_or_else(|| {
        EngineError::Journal(format!("a timer has the unknown kind {}", row.kind))
    })?;
    let order = (!row.sub.is_nil()).then_some(OrderId(row.sub));
    let generation = u32::try_from(row.generation).unwrap_or(u32::MAX);
    let command = CaseCommand::Timer {
        clock,
        order,
        generation,
        caught_up,
    };
    let fired = by_the_system(node, CaseId(row.thing), command).await?;
    if fired {
        node.shared
            .counters
            .timers_fired
            .fetch_add(1, Ordering::Relaxed);
    }
    Ok(fired)
}

/// Sends a command of the system; answers whether there was anything to do.
async fn by_the_system(node: &Node, case: CaseId, command: CaseCommand) -> Result<bool> {
    let now = node.now();
    let correlation = random::uuid_v7(node.shared.random.as_ref(), now);
    let answer = node
        .queue
        .command(|reply| Envelope {
            by: Principal::System,
            case,
            expected: None,
            command,
            key: None,
            idempotency: None,
            device: None,
            device_at: None,
            received_at: now,
            correlation,
            reply,
        })
        .await;
    match answer {
        Ok(_) => Ok(true),
        Err(EngineError::Refused(Refusal::TimerGone)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the late timers of one centre come to.
struct Late {
    since: i64,
    last: Change,
    cases: Vec<CaseId>,
    red: u32,
    cards: u32,
}

/// One digest for each centre: written into the journal, and its desk rings once. What is told of is taken out of `first`, so
/// that after a failure in between no centre gets a second one.
async fn digest(node: &Node, first: &mut CaughtUpWith) -> Result<()> {
    if first.is_empty() {
        return Ok(());
    }
    let ids: Vec<uuid::Uuid> = first.keys().copied().collect();
    let rows = node
        .read_aside(move |tx| Ok(case_store::load_states(tx, &ids)?))
        .await?;
    let sequence = node.sequence();
    let mut centres: BTreeMap<DivisionCode, Late> = BTreeMap::new();
    for row in rows {
        let case = projection::read_state(&row.state, row.lon_e7, row.lat_e7)?;
        let since = first.get(&row.id).copied().unwrap_or_default();
        let reached = |least: Rung| {
            case.clocks.iter().any(|clock| {
                clock.stopped.is_none() && clock.reached.is_some_and(|(rung, _)| rung >= least)
            })
        };
        let (red, cards) = (reached(Rung::Red), reached(Rung::YellowCard));
        let ring = Ring {
            reason: Why::Desk(RingReason::CaughtUp),
            order: None,
        };
        let late = centres.entry(case.centre.clone()).or_insert_with(|| Late {
            since,
            last: Change::of(&case, sequence, vec![ring], Vec::new()),
            cases: Vec::new(),
            red: 0,
            cards: 0,
        });
        late.since = late.since.min(since);
        late.cases.push(case.id);
        late.red += u32::from(red);
        late.cards += u32::from(cards);
    }
    for (centre, late) in centres {
        tracing::warn!(%centre, cases = late.cases.len(), "timers were caught up with after a time off");
        let event = CaughtUp {
            centre,
            since: Timestamp(late.since),
            cases: u32::try_from(late.cases.len()).unwrap_or(u32::MAX),
            red: late.red,
            cards: late.cards,
        };
        crate::notices::write_digest(node, event).await?;
        for case in &late.cases {
            first.remove(&case.0);
        }
        node.shared.feed.publish(vec![late.last]);
    }
    first.clear();
    Ok(())
}

/// New rules are in force: every open case whose deadlines the calendar now reckons otherwise is told. The timer is taken away
/// last, so that a restart in between begins again.
async fn reckon_anew(node: &Node, timer: &TimerRow) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = node
            .read_aside(move |tx| Ok(case_store::open_after(tx, after, PAGE)?))
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        let world = node.shared.world();
        for row in &rows {
            let case = projection::read_state(&row.state, row.lon_e7, row.lat_e7)?;
            if cases::is_reckoned_anew(&case, &world.rules, &world.directory) {
                by_the_system(node, case.id, CaseCommand::Recompute).await?;
            }
        }
    }
    let timer = timer.clone();
    node.queue
        .job(move |writer| {
            writer.transact(|tx, _| {
                let set_again = timers::of_thing(tx, timer.thing)?
                    .iter()
                    .any(|now| now.kind == timer.kind && now.generation != timer.generation);
                if !set_again {
                    timers::delete(tx, vec![(timer.thing, timer.kind.clone(), timer.sub)])?;
                }
                Ok(())
            })
        })
        .await
}
