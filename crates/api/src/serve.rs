//! Serving the router on a listener until told to stop.
//!
//! Must not keep anybody waiting: after the sign to stop, nothing new is taken, feeds end at once, and requests in work
//! have five seconds.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use jingwei_engine::Node;
use tokio::net::TcpListener;

use crate::state::{ApiConfig, ApiState};

/// How long requests in work may take after the sign to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Serves `node` on `listener` until `shutdown` completes and what was in work is done, or five seconds have passed.
///
/// Errors: those of the listener.
pub async fn serve(
    listener: TcpListener,
    node: Arc<Node>,
    config: ApiConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let state = ApiState::new(node, config);
    let mut stopping = state.stopping();
    let app = crate::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    // Small answers leave at once instead of waiting for more to send.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        state.stop();
    });
    let patience = async {
        // Fails only when the state is gone, and then the server is too.
        let _ = stopping.wait_for(|stop| *stop).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = server => result,
        () = patience => {
            tracing::warn!("some requests did not end within {} s and were cut", GRACE.as_secs());
            Ok(())
        }
    }
}
