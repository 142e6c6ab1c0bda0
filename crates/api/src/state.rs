//! What every handler shares: the node, the settings, the bounds and the sign to stop.
//!
//! Must not hold anything about a person or a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use jingwei_engine::Node;
use tokio::sync::{Semaphore, watch};

use crate::metrics::HttpMetrics;

/// Requests that may be in work at once.
pub(crate) const MOST_REQUESTS: usize = 1_024;
/// Feeds that may be open at once.
pub(crate) const MOST_FEEDS: usize = 4_000;

/// Settings of the HTTP floor.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApiConfig {
    /// The session cookie is sent over TLS only. To be set wherever the page is not on loopback.
    pub secure_cookies: bool,
    /// A proxy on this machine says in `X-Forwarded-For` from where a request came. From any other peer the header counts
    /// for nothing.
    pub trust_proxy: bool,
}

/// What every handler shares. Cheap to clone.
#[derive(Clone)]
pub struct ApiState(Arc<Shared>);

struct Shared {
    node: Arc<Node>,
    config: ApiConfig,
    requests: Arc<Semaphore>,
    feeds: AtomicUsize,
    metrics: HttpMetrics,
    document: Bytes,
    stop: watch::Sender<bool>,
}

impl ApiState {
    /// A state over `node`.
    pub fn new(node: Arc<Node>, config: ApiConfig) -> Self {
        let document = serde_json::to_vec(&crate::openapi())
            .expect("the document holds nothing that JSON cannot write");
        Self(Arc::new(Shared {
            node,
            config,
            requests: Arc::new(Semaphore::new(MOST_REQUESTS)),
            feeds: AtomicUsize::new(0),
            metrics: HttpMetrics::default(),
            document: Bytes::from(document),
            stop: watch::Sender::new(false),
        }))
    }

    /// The node.
    pub(crate) fn node(&self) -> &Node {
        &self.0.node
    }

    /// The node, to be taken to another thread.
    pub(crate) fn node_owned(&self) -> Arc<Node> {
        Arc::clone(&self.0.node)
    }

    /// The settings.
    pub(crate) fn config(&self) -> ApiConfig {
        self.0.config
    }

    /// Permits of requests in work.
    pub(crate) fn requests(&self) -> &Arc<Semaphore> {
        &self.0.requests
    }

    /// Counters of this floor.
    pub(crate) fn metrics(&self) -> &HttpMetrics {
        &self.0.metrics
    }

    /// The OpenAPI document as JSON.
    pub(crate) fn document(&self) -> Bytes {
        self.0.document.clone()
    }

    /// A place for one more feed; none when all are taken.
    pub(crate) fn feed_place(&self) -> Option<FeedPlace> {
        let taken = self.0.feeds.fetch_add(1, Ordering::Relaxed);
        // Made before the check: it gives the place back when there is none.
        let place = FeedPlace(self.clone());
        (taken < MOST_FEEDS).then_some(place)
    }

    /// Tells every feed to end.
    pub(crate) fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Tells when to end.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stop.subscribe()
    }
}

/// One feed's place, given back when dropped.
pub(crate) struct FeedPlace(ApiState);

impl Drop for FeedPlace {
    fn drop(&mut self) {
        self.0.0.feeds.fetch_sub(1, Ordering::Relaxed);
    }
}
