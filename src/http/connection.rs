//! One connection, from its first byte to its last.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service as _;
use tracing::debug;

use super::Limits;
use super::Peer;
use super::Problem;
use crate::causes::with_causes;
use crate::shutdown::Shutdown;

/// How many bytes of one request's headers are kept while they are read.
const HEADER_LIMIT: usize = 64 * 1024;

/// How much is thrown away, and how long, so that a client which is still sending can read why it
/// was refused: closing at once would reset the connection and take the answer along.
const LINGER_BYTES: u64 = 1024 * 1024;
const LINGER: Duration = Duration::from_secs(1);

/// Serves a connection until it ends by itself, or until `shutdown` is requested and its current
/// request is answered.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    shutdown: Shutdown,
) {
    // An answer is one small write that somebody waits for.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(
            error = %with_causes(&error),
            "Cannot switch off Nagle's algorithm"
        );
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().call(request)
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_buf_size(HEADER_LIMIT)
        .serve_connection(TokioIo::new(stream), service);

    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = shutdown.requested() => {
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };

    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    match ended {
        Ok(()) => {}
        // Without a byte of a request it was idle, and nobody waits for an answer.
        Err(error) if error.is_timeout() && !parts.read_buf.is_empty() => {
            answer_too_slow(&mut stream).await;
        }
        Err(error) => debug!(
            error = %with_causes(&error),
            "A connection broke"
        ),
    }
    // Nobody waits for this, so a stop does not either.
    tokio::select! {
        () = linger(&mut stream) => {}
        () = shutdown.requested() => {}
    }
}

/// Says that nothing more will come, reads what the client is still sending, and drops it.
async fn linger(stream: &mut TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut rest = stream.take(LINGER_BYTES);
    let mut nowhere = tokio::io::sink();
    let drained = tokio::io::copy(&mut rest, &mut nowhere);
    // Whatever ends it, the connection is over.
    timeout(LINGER, drained).await.ok();
}

/// Tells a client that its headers took too long. There is no request yet that the router could
/// answer, so the answer is written by hand.
async fn answer_too_slow(stream: &mut TcpStream) {
    let body = Problem::new(StatusCode::REQUEST_TIMEOUT, "headers-too-slow")
        .detail("the headers did not arrive in time")
        .to_json();
    let answer = format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        super::problem::CONTENT_TYPE,
        body.len(),
    );
    let sent = stream.write_all(answer.as_bytes());
    // Whatever ends it, the connection is over.
    timeout(LINGER, sent).await.ok();
}
