//! What is asked, told to whoever listens.

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::middleware::Next;
use tokio::sync::broadcast;

/// A request to the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
}

/// The same server, which tells of each request to the API before it answers.
pub(in crate::simulator) fn overheard(router: Router, asked: broadcast::Sender<Asked>) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let path = request.uri().path();
        if path.starts_with("/api/") {
            let one = Asked {
                method: request.method().to_string(),
                path: path.to_owned(),
            };
            // It fails if nobody listens.
            asked.send(one).ok();
        }
        next.run(request)
    }))
}
