//! What is measured, and what it is measured against: each a process of its own.

/// Our own receiving, in front of a log that is not the real one.
pub(crate) mod door;

/// A log that keeps nothing.
pub(crate) mod forgetful;

/// The place that an HTTP sink posts to.
pub(crate) mod http_sink;

/// The real store, with a transaction for each event.
pub(crate) mod single;

/// The real thing.
pub(crate) mod tidings;

use std::net::SocketAddr;

use ::tidings::http;
use ::tidings::shutdown;
use ::tidings::shutdown::Shutdown;
use axum::Router;
use tokio::net::TcpListener;

/// Serves on a free port until SIGTERM, and says on standard output which it is.
#[expect(clippy::print_stdout, reason = "the parent process waits for it")]
async fn serve(router: Router) -> anyhow::Result<()> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", listener.local_addr()?);

    let shutdown = Shutdown::new();
    let obeying = shutdown::obey_signals(shutdown.clone())?;
    let serving = http::serve(listener, router, http::Limits::default(), shutdown);
    tokio::select! {
        () = serving => {}
        () = obeying => {}
    }
    Ok(())
}
