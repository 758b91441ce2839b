//! The place that an HTTP sink posts to: it says yes to everything, counts, and can take its time or
//! look how old what comes is.

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
use clap::Args;
use hdrhistogram::Histogram;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::process;
use crate::process::Server;

/// Arrivals of the first second are not looked at: servers and connections are still beginning.
const WARM_UP: Duration = Duration::from_secs(1);

/// How it takes what comes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Manner {
    /// How long it takes to answer, in milliseconds.
    #[arg(long, default_value_t = 0)]
    pub(crate) answers_after: u64,
    /// Look how long each event has been under way. That costs reading it.
    #[arg(long)]
    pub(crate) looks: bool,
}

/// What has arrived so far.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Arrived {
    /// How many events.
    pub(crate) count: u64,
    /// Seconds between the first and the last of them.
    pub(crate) seconds: f64,
    /// Half of them were under way for at most so long, in milliseconds; 0 if nobody looked.
    pub(crate) p50: f64,
    /// 99 in 100, likewise.
    pub(crate) p99: f64,
}

/// What is read of an event.
#[derive(Deserialize)]
struct Event {
    received_at: Timestamp,
}

#[derive(Debug)]
struct Counter {
    count: u64,
    span: Option<(Instant, Instant)>,
    /// Microseconds from the receipt of an event to its arrival here.
    under_way: Histogram<u64>,
}

impl Counter {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            count: 0,
            span: None,
            under_way: Histogram::new(3)?,
        })
    }

    fn count(&mut self, received_at: Option<Timestamp>) {
        let now = Instant::now();
        self.count += 1;
        let (first, last) = self.span.get_or_insert((now, now));
        *last = now;
        if let Some(received_at) = received_at
            && now.duration_since(*first) > WARM_UP
        {
            let age = SystemClock.now().duration_since(received_at);
            let micros = u64::try_from(age.as_micros()).unwrap_or_default();
            self.under_way.saturating_record(micros);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
    fn arrived(&self) -> Arrived {
        let millis = |share| self.under_way.value_at_quantile(share) as f64 / 1_000.0;
        Arrived {
            count: self.count,
            seconds: self
                .span
                .map_or(0.0, |(first, last)| (last - first).as_secs_f64()),
            p50: millis(0.50),
            p99: millis(0.99),
        }
    }
}

/// Serves it.
pub(crate) async fn serve(manner: Manner) -> anyhow::Result<()> {
    let counting = Arc::new(Mutex::new(Counter::new()?));
    let asked = Arc::clone(&counting);
    let answers_after = Duration::from_millis(manner.answers_after);
    let take = move |body: Bytes| async move {
        let event: Option<Event> = manner
            .looks
            .then(|| serde_json::from_slice(&body).ok())
            .flatten();
        lock(&counting).count(event.map(|event| event.received_at));
        if !answers_after.is_zero() {
            sleep(answers_after).await;
        }
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
    /// One that only counts.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::with(&Manner::default()).await
    }

    /// One that has its manner.
    pub(crate) async fn with(manner: &Manner) -> anyhow::Result<Self> {
        let mut command = process::role("http-sink")?;
        command.args(["--answers-after", &manner.answers_after.to_string()]);
        if manner.looks {
            command.arg("--looks");
        }
        Ok(Self(Server::that_says_where(command).await?))
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
