//! The place that an HTTP sink posts to: it says yes to everything, and counts.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context as _;
use anyhow::ensure;
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use serde::Serialize;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::process;
use crate::process::Server;

/// What has arrived so far.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Arrived {
    /// How many events.
    pub(crate) count: u64,
    /// Seconds between the first and the last of them.
    pub(crate) seconds: f64,
}

#[derive(Debug, Default)]
struct Counter {
    count: u64,
    span: Option<(Instant, Instant)>,
}

impl Counter {
    fn count(&mut self) {
        let now = Instant::now();
        self.count += 1;
        self.span.get_or_insert((now, now)).1 = now;
    }

    fn arrived(&self) -> Arrived {
        Arrived {
            count: self.count,
            seconds: self
                .span
                .map_or(0.0, |(first, last)| (last - first).as_secs_f64()),
        }
    }
}

/// Serves it.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let counting = Arc::new(Mutex::new(Counter::default()));
    let asked = Arc::clone(&counting);
    let take = move |_: Bytes| async move {
        lock(&counting).count();
        StatusCode::NO_CONTENT
    };
    let tell = move || async move { Json(lock(&asked).arrived()) };
    let router = Router::new()
        .route("/hook", post(take))
        .route("/arrived", get(tell));
    super::serve(router).await
}

fn lock(counter: &Mutex<Counter>) -> std::sync::MutexGuard<'_, Counter> {
    counter.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of them in a process of its own.
#[derive(Debug)]
pub(crate) struct HttpSink(Server);

impl HttpSink {
    /// Starts it.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let server = Server::that_says_where(process::role("http-sink")?).await?;
        Ok(Self(server))
    }

    /// Where to post to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.0.address)
    }

    /// Waits until `count` events have arrived.
    pub(crate) async fn wait_for(&self, count: u64, limit: Duration) -> anyhow::Result<Arrived> {
        let ends = Instant::now() + limit;
        let mut connection = Connection::open(self.0.address).await?;
        loop {
            let answer = connection.get("/arrived").await?;
            let arrived: Arrived =
                serde_json::from_slice(answer.body).context("the sink's own words")?;
            if arrived.count >= count {
                return Ok(arrived);
            }
            ensure!(
                Instant::now() < ends,
                "{} of {count} events arrived within {limit:?}",
                arrived.count,
            );
            sleep(Duration::from_millis(10)).await;
        }
    }
}
