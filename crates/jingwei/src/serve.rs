//! `jingwei serve`: the node with API, page and timers, until Ctrl-C or SIGTERM.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jingwei_api::ApiConfig;
use jingwei_engine::clock::{Clock, StoryClock, SystemClock};
use jingwei_engine::{EngineError, Node};
use tokio::net::TcpListener;

use crate::cli::ServeOptions;
use crate::open;

/// Runs the node.
pub(crate) fn run(options: &ServeOptions) -> Result<ExitCode> {
    if !options.listen.ip().is_loopback() {
        bail!(
            "{} 不在本机：不加密的 HTTP 只能在本机（127.0.0.1）上监听。对外请在同一台机器上放一个 TLS 代理，转到 --listen 的地址，并加 --behind-proxy / {} is not loopback: plain HTTP listens on loopback (127.0.0.1) only. For the outside put a TLS proxy on this same machine before the --listen address, and add --behind-proxy",
            options.listen,
            options.listen
        );
    }
    let clock: Arc<dyn Clock> = if options.clock.clock_rate > 1 {
        let story = StoryClock::new(
            i64::from(options.clock.clock_span) * 60_000,
            options.clock.clock_rate,
        );
        story.begin();
        Arc::new(story)
    } else {
        Arc::new(SystemClock)
    };
    let runtime = runtime()?;
    let node = open::node(&options.store, clock)?;
    let config = ApiConfig {
        secure_cookies: options.behind_proxy,
        trust_proxy: options.behind_proxy,
    };
    let outcome = runtime.block_on(async {
        let listener = listen(options.listen).await?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        serve(listener, &node, config, stop_signal()).await
    });
    node.close();
    outcome
}

/// A runtime with as many threads as the machine has cores.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")
}

/// Binds the address.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} 已被占用或不可用，请用 --listen 换一个 / is taken or not available: choose another with --listen"))
}

/// Serves until `stop` or until another writer takes over.
pub(crate) async fn serve(
    listener: TcpListener,
    node: &Arc<Node>,
    config: ApiConfig,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<ExitCode> {
    node.run_timers();
    let (watched, deposed) = (Arc::clone(node), Arc::clone(node));
    let stop = async move {
        tokio::select! {
            () = stop => {}
            () = watched.deposed() => {}
        }
    };
    jingwei_api::serve(listener, Arc::clone(node), config, stop).await?;
    // Only this: a full disk is no other process.
    if matches!(deposed.writes(), Err(EngineError::Deposed)) {
        bail!(
            "另一个进程接管了写入，本进程已停 / another process took over writing; this one has stopped"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends at Ctrl-C or SIGTERM.
pub(crate) async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be watched");
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
