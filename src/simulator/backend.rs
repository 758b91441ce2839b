//! A system of the user's, made up: it receives what an HTTP sink delivers.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::secret::Secret;

/// The largest event it takes, in bytes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// How many events wait to be looked at before senders have to wait too.
const CAPACITY: usize = 64;

/// A system of the user's, which checks the signature of what it is given and takes note of it.
#[derive(Debug)]
pub struct Backend {
    router: Router,
    received: mpsc::Receiver<Received>,
}

/// An event as the backend sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct Received {
    /// Its id.
    pub id: String,
    /// Its number.
    pub seq: i64,
    /// The task it is about.
    pub task_id: Option<String>,
    /// The status it tells.
    pub status: Option<String>,
}

#[derive(Clone)]
struct Inbox {
    verifier: Arc<Webhook>,
    noted: mpsc::Sender<Received>,
}

impl Backend {
    /// A backend that trusts this secret (Standard Webhooks, `whsec_…`).
    pub fn new(secret: &Secret) -> Result<Self, standardwebhooks::WebhookError> {
        let (noted, received) = mpsc::channel(CAPACITY);
        let inbox = Inbox {
            verifier: Arc::new(Webhook::new(secret.expose())?),
            noted,
        };
        let router = Router::new()
            .route("/events", post(receive))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(inbox);
        Ok(Self { router, received })
    }

    /// Splits it into the server, which runs until `stop`, and what it receives.
    pub fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> (
        impl Future<Output = std::io::Result<()>> + Send,
        mpsc::Receiver<Received>,
    ) {
        let serving = axum::serve(listener, self.router)
            .with_graceful_shutdown(stop)
            .into_future();
        (serving, self.received)
    }
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if inbox.verifier.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    match inbox.noted.send(event).await {
        Ok(()) => StatusCode::NO_CONTENT,
        // Nobody looks any more: the demonstration is over.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
