//! What keeps one request from harming the others: a bound on how many are in work, a bound on how long one may take, and
//! a net under a handler that panics.
//!
//! Must not count feeds: they stay open for hours and have a bound of their own. Signs of life are always answered:
//! a watchdog must not kill a node for being busy.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::routes;
use crate::state::ApiState;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an import or an export may take.
const PATIENCE_LONG: Duration = Duration::from_secs(600);

/// Runs the handler within the bounds.
pub(crate) async fn guard(State(api): State<ApiState>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let patience = if routes::LONG.iter().any(|long| route.starts_with(long)) {
        PATIENCE_LONG
    } else {
        PATIENCE
    };
    let _permit = if routes::SIGNS_OF_LIFE.contains(&route) {
        None
    } else {
        match api.requests().try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) => return Problem::busy(1).into_response(),
        }
    };
    match tokio::time::timeout(patience, caught(next.run(request))).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!("gave up on a request after {} s", patience.as_secs());
            Problem::busy(5).into_response()
        }
    }
}

/// Turns a panic into 500. What the panic says goes to the log by the program's panic hook and never to the outside.
async fn caught(work: impl Future<Output = Response>) -> Response {
    let mut work = pin!(work);
    poll_fn(move |context| {
        // The future is not polled again after a panic; what handlers share is behind locks that survive one.
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))).unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            Poll::Ready(Problem::internal().into_response())
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_500_and_tells_nothing() {
        async fn breaks() -> Response {
            tokio::task::yield_now().await;
            panic!("the inside")
        }
        let response = caught(breaks()).await;
        assert_eq!(response.status(), 500);
        assert_eq!(
            response.extensions().get::<Problem>(),
            Some(&Problem::internal())
        );
        let fine = caught(async { "fine".into_response() }).await;
        assert_eq!(fine.status(), 200);
    }
}
