//! The timer loop: wakes when the next timer is due, fires it as a command, sleeps again.
//!
//! It keeps nothing: what is due stands in the database, whatever happened to this process. A timer that was cancelled or
//! set again is refused by the rules; firing twice is therefore harmless.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jingwei_core::access::Principal;
use jingwei_core::cases::{CaseCommand, ClockKind};
use jingwei_core::id::{CaseId, OrderId};
use jingwei_core::refusal::Refusal;
use jingwei_core::time::Timestamp;
use jingwei_store::timers::{self, TimerRow};

use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::random;
use crate::writer::Envelope;

/// Timers fired in one go.
const AT_ONCE: i64 = 400;
/// The longest sleep: bounds the harm of a lost wake-up or a clock that was set.
const LONGEST: Duration = Duration::from_secs(30);
/// Pause after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Runs until the node stops.
pub(crate) async fn run(node: Arc<Node>) {
    let mut stop = node.stopping();
    loop {
        let wait = match round(&node).await {
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

/// Fires what is due; answers how long to sleep.
async fn round(node: &Arc<Node>) -> Result<Duration> {
    let now = node.now();
    let due = node
        .read_aside(move |tx| Ok(timers::due(tx, now.0, AT_ONCE)?))
        .await?;
    if due.is_empty() {
        // From here on an earlier timer wakes the loop; one set before this line is found by the query after it.
        node.shared.next_due.store(i64::MAX, Ordering::Release);
        let next = node.read_aside(|tx| Ok(timers::next_due(tx)?)).await?;
        let Some(next) = next else { return Ok(LONGEST) };
        node.shared.next_due.store(next, Ordering::Release);
        return Ok(node.shared.clock.until(Timestamp(next)));
    }
    let mut firing = tokio::task::JoinSet::new();
    for row in due {
        let node = Arc::clone(node);
        firing.spawn(async move { fire(&node, &row).await });
    }
    let mut failed = None;
    while let Some(result) = firing.join_next().await {
        match result {
            Ok(Ok(())) => {}
            Ok(Err(error)) => failed = Some(error),
            Err(error) => failed = Some(EngineError::Internal(error.to_string())),
        }
    }
    failed.map_or(Ok(Duration::ZERO), Err)
}

async fn fire(node: &Node, row: &TimerRow) -> Result<()> {
    if let Some(answer) = crate::things::fire(node, row).await {
        return answer;
    }
    let clock = ClockKind::parse(&row.kind).ok_or_else(|| {
        EngineError::Journal(format!("a timer has the unknown kind {}", row.kind))
    })?;
    let order = (!row.sub.is_nil()).then_some(OrderId(row.sub));
    let now = node.now();
    let generation = u32::try_from(row.generation).unwrap_or(u32::MAX);
    let correlation = random::uuid_v7(node.shared.random.as_ref(), now);
    let case = CaseId(row.thing);
    let answer = node
        .queue
        .command(|reply| Envelope {
            by: Principal::System,
            case,
            expected: None,
            command: CaseCommand::Timer {
                clock,
                order,
                generation,
            },
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
        Ok(_) => {
            node.shared
                .counters
                .timers_fired
                .fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
        Err(EngineError::Refused(Refusal::TimerGone)) => Ok(()),
        Err(error) => Err(error),
    }
}
