//! How connections are accepted, bounded and brought to their end.
//!
//! The accept loop is our own, because two promises live in it: a client that trickles its headers
//! is answered and let go, and a stop answers what has been accepted.

mod connection;

/// Reading a request's body to its limit and no further.
pub mod body;

/// Answers that say what went wrong, as `application/problem+json`.
pub mod problem;

/// Who sent a request, as far as trusted proxies tell.
pub mod remote;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use axum::Router;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

pub use self::problem::Problem;
use crate::causes::with_causes;
use crate::shutdown::Shutdown;

/// How long the accept loop rests when the system has no file descriptor left for a connection.
const REST: Duration = Duration::from_millis(100);

/// What a listener allows.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a request's headers may take, and how long a connection may stay idle.
    pub header_read_timeout: Duration,
    /// How many connections are open at once. Further ones wait in the system's queue.
    pub max_connections: usize,
    /// How long a stop waits for the answers to what has been accepted.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_read_timeout: Duration::from_secs(10),
            max_connections: 1024,
            grace: Duration::from_secs(10),
        }
    }
}

/// The address at the other end of the connection: an extension of every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The same router, which answers with a [`Problem`] for paths and methods that it does not know.
pub fn with_problems(router: Router) -> Router {
    router
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
}

/// Serves `router` until `shutdown` is requested, then stops accepting and returns once what has
/// been accepted is answered, or the grace is over.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: Shutdown) {
    let room = Arc::new(Semaphore::new(limits.max_connections));
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();

    loop {
        let (stream, peer, place) = tokio::select! {
            () = shutdown.requested() => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let serving = connection::serve(stream, peer, router.clone(), limits, shutdown.clone());
        let cut = cut.clone();
        connections.spawn(async move {
            cut.run_until_cancelled(serving).await;
            drop(place);
        });
    }

    drop(listener);
    connections.close();
    if timeout(limits.grace, connections.wait()).await.is_err() {
        warn!(
            connection.count = connections.len(),
            "Some requests were not answered within the grace; closing their connections"
        );
        cut.cancel();
        connections.wait().await;
    }
}

/// Takes the next connection once there is room for it.
///
/// The room comes first: a connection that was accepted and then waits would look alive to its
/// sender while nobody reads from it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // It fails only once the semaphore is closed, and nobody closes it.
    let place = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            // The client went away between its knock and our answer.
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                warn!(
                    error = %with_causes(&error),
                    "Cannot accept a connection; trying again"
                );
                sleep(REST).await;
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
