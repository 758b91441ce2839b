//! One request to a service, and what its answer means: what every sink that speaks HTTP stands on.
//!
//! ```text
//! Request ──ask──▶ Answer ──Judge──▶ Receipt, or why not
//!                    │
//!                    └─ what this service says in words of its own
//! ```

mod answer;

mod judge;

mod retry_after;

use std::time::Duration;

use anyhow::Context as _;
use anyhow::anyhow;
use jiff::Timestamp;
use reqwest::Client;
use reqwest::Request;
use reqwest::Url;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(super) use self::answer::Answer;
pub(super) use self::judge::Judge;
use super::SinkError;
use super::Tools;
use crate::outgoing;
use crate::outgoing::no_answer;
use crate::outgoing::peer;

/// How long a connection that nothing goes over is kept. Shorter than what common servers keep
/// theirs, so that we are the one who closes and no event runs into a closing door.
const IDLE: Duration = Duration::from_secs(20);

/// How long [`Post::check`] waits for a connection.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Takes requests to a service. The caller keeps the deadline: dropping a future gives up.
#[derive(Debug)]
pub(super) struct Post {
    client: Client,
}

impl Post {
    /// With connections for as many requests as may be under way at once.
    pub(super) fn new(tools: &Tools) -> anyhow::Result<Self> {
        let client = outgoing::client()
            .pool_max_idle_per_host(tools.concurrency)
            .pool_idle_timeout(IDLE)
            .build()
            .context("the HTTP client could not be built")?;
        Ok(Self { client })
    }

    /// Sends a request once. No answer at all is a failure after which later may go better; what an
    /// answer means is for a [`Judge`] to say.
    pub(super) async fn ask(&self, request: Request, now: Timestamp) -> Result<Answer, SinkError> {
        match self.client.execute(request).await {
            Ok(response) => Ok(Answer::read(response, now).await),
            Err(error) => {
                let peer = error.url().map(peer).unwrap_or_default();
                Err(SinkError::not_now(anyhow!(no_answer(&error, &peer))))
            }
        }
    }

    /// Looks whether somebody listens there, without asking for anything.
    pub(super) async fn check(&self, url: &Url) -> anyhow::Result<()> {
        let peer = peer(url);
        timeout(CHECK_TIMEOUT, TcpStream::connect(&peer))
            .await
            .with_context(|| format!("no connection to {peer} within 5s"))?
            .with_context(|| format!("no connection to {peer}"))?;
        Ok(())
    }
}
