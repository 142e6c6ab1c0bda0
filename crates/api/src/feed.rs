//! The live feed (SSE): which case or other thing has changed, when the desk rings, and what the server's clock shows.
//!
//! Must not say a word of it: screens fetch again, and what they may see is decided there. Keeps: a screen that cannot
//! follow is told to fetch everything anew, or cut; a feed ends within a minute after its session, and at once when the
//! node stops.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use jingwei_core::access::Principal;
use jingwei_core::things;
use jingwei_engine::EngineError;
use jingwei_engine::feed::{Change, Notice, Ring, Subscription};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_stream::wrappers::ReceiverStream;

use crate::extract::{Query, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::{ApiState, FeedPlace};

/// How often the server's clock is told; keeps the line open too.
const CLOCK: Duration = Duration::from_secs(2);
/// How often the session is looked at again.
const CHECK: Duration = Duration::from_secs(60);
/// How long a screen may take nothing before it is cut.
const SLOW: Duration = Duration::from_secs(30);
/// Events that wait for the screen here; more wait in the engine, within its bound.
const WAITING: usize = 64;

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/feed", "feed", feed)
            .told("feed", Access::ScopedList, "实时动态（SSE） · The live feed (SSE)")
            .about(
                "change：id 为日志序号，data 为 {thing,id,version}，thing 为 case、whistle 或 mediation；ring：data 为 {id,reason,order}，案件以外为 {thing,id,reason,part}；reset：请全部重新读取；\
                 now：data 为 {at}，一连上就发，此后每 2 秒一次。Last-Event-ID 或 since 续传。 · change: id is the journal sequence, data \
                 {thing,id,version}, thing being case, whistle or mediation; ring: data {id,reason,order}, of other things than cases \
                 {thing,id,reason,part}; reset: fetch everything anew; now: data {at}, at once and then every \
                 2 s. Last-Event-ID or since replays.",
            )
            .query_number("since", "从这个日志序号以后续传 · Replay after this journal sequence", 0, i64::MAX)
            .other(200, "事件流 · The stream of events", "text/event-stream"),
    ]
}

async fn feed(
    State(api): State<ApiState>,
    signed: Signed,
    headers: HeaderMap,
    mut query: Query,
) -> Result<Response, Problem> {
    let since = query.number("since", 0..=i64::MAX);
    query.finish()?;
    let place = api.feed_place().ok_or_else(|| Problem::busy(10))?;
    // Taken before subscribing: what is committed in between comes as a replay.
    let now = api.node().sequence();
    let since = match headers.get("last-event-id") {
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.parse::<i64>().ok())
            .unwrap_or(-1),
        None => since.unwrap_or(now),
    };
    // A sequence that is not reached yet comes from before a restore: like one that is no longer kept.
    let since = if since > now { -1 } else { since };
    let subscription = api.node().feed().subscribe(Some(since));
    let (sender, receiver) = mpsc::channel(WAITING);
    let line = Line {
        api,
        signed,
        sender,
        since,
    };
    tokio::spawn(line.run(subscription, place));
    let mut response = Sse::new(ReceiverStream::new(receiver)).into_response();
    // A proxy that gathers the stream would make it late.
    response.headers_mut().insert(
        "x-accel-buffering",
        axum::http::HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// An open line to one screen.
struct Line {
    api: ApiState,
    signed: Signed,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    since: i64,
}

impl Line {
    async fn run(mut self, mut subscription: Subscription, _place: FeedPlace) {
        let mut stopping = self.api.stopping();
        let work = async {
            let mut clock = interval(CLOCK);
            clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut check = interval(CHECK);
            check.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut first = true;
            loop {
                let events = tokio::select! {
                    biased;
                    () = self.sender.closed() => return,
                    _ = check.tick() => {
                        if !self.still_signed().await {
                            return;
                        }
                        continue;
                    }
                    _ = clock.tick() => {
                        let at = json!({ "at": self.api.node().now().rfc3339() });
                        let said = event("now", &at);
                        // A screen that loses its line before the first change can still say since when.
                        let said = if std::mem::take(&mut first) && self.since >= 0 { said.id(self.since.to_string()) } else { said };
                        vec![said]
                    }
                    notice = subscription.next() => match notice {
                        Some(Notice::Change(change)) => events_of(&change, &self.signed.session.principal),
                        Some(Notice::Reset) => vec![event("reset", &json!({})).id(self.api.node().sequence().to_string())],
                        None => return,
                    },
                };
                for event in events {
                    if !matches!(timeout(SLOW, self.sender.send(Ok(event))).await, Ok(Ok(()))) {
                        return;
                    }
                }
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => {}
            () = work => {}
        }
    }

    /// Whether the session goes on; takes over what its person may see by now.
    async fn still_signed(&mut self) -> bool {
        match self.api.node().session(&self.signed.token).await {
            Ok(session) => {
                self.signed.session = session;
                true
            }
            // A store that is away for a moment ends nobody's session.
            Err(error) => !matches!(error, EngineError::Unauthenticated),
        }
    }
}

/// What `principal` hears of a change. Rings come first: only the change moves the place from which a lost line resumes.
fn events_of(change: &Change, principal: &Principal) -> Vec<Event> {
    if !change.visible_to(principal) {
        return Vec::new();
    }
    let rings = change.rings_for(principal);
    let mut events: Vec<_> = rings
        .iter()
        .map(|ring| event("ring", &ring_data(change, ring)))
        .collect();
    events.extend(
        change
            .thing_rings_for(principal)
            .map(|ring| event("ring", &thing_ring_data(change, ring))),
    );
    let data = json!({ "thing": change.thing, "id": change.id, "version": change.version });
    events.push(event("change", &data).id(change.sequence.to_string()));
    events
}

fn ring_data(change: &Change, ring: &Ring) -> Value {
    json!({ "id": change.id, "reason": ring.reason.as_str(), "order": ring.order })
}

fn thing_ring_data(change: &Change, ring: &things::Ring) -> Value {
    json!({ "thing": change.thing, "id": change.id, "reason": ring.reason, "part": ring.part })
}

fn event(name: &str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
