//! The loader: sends signed webhooks as fast as they are answered, or at a fixed rate.
//!
//! It is a process of its own, so that what it costs is not counted as the server's, and runs on
//! one thread. Every body is made and signed before the first is sent.

mod closed;

mod open;

mod requests;

mod tally;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::ensure;
use clap::Args;
use serde::Deserialize;
use serde::Serialize;

use self::requests::Requests;
use self::tally::Tally;
use crate::connection::Connection;
use crate::process;

/// What to send, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct Plan {
    /// The server.
    #[arg(long)]
    pub(crate) to: SocketAddr,
    /// Where it receives.
    #[arg(long, default_value = "/webhook")]
    pub(crate) path: String,
    /// How many connections are kept open; each has one request under way at a time.
    #[arg(long)]
    pub(crate) connections: usize,
    /// How long is measured, in seconds.
    #[arg(long)]
    pub(crate) seconds: f64,
    /// How long is sent before that, in seconds.
    #[arg(long)]
    pub(crate) warm_up: f64,
    /// How many requests to prepare for each second. When they run out it ends early.
    #[arg(long)]
    pub(crate) at_most: u32,
    /// Send at this rate, requests a second, however slowly they are answered. Without it each
    /// connection sends its next request once the last is answered.
    #[arg(long)]
    pub(crate) rate: Option<u32>,
}

/// How it went.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Outcome {
    /// Answers of 2xx a second, while it was measured.
    pub(crate) rate: f64,
    /// Half of these took at most so long, in milliseconds; under a fixed rate counted from the
    /// moment at which the request was to be sent.
    pub(crate) p50: f64,
    /// 99 in 100 took at most so long, in milliseconds.
    pub(crate) p99: f64,
    /// The longest, in milliseconds.
    pub(crate) max: f64,
    /// Answers of 2xx altogether, those before the measuring included.
    pub(crate) acknowledged: u64,
    /// Other answers, and requests that got none.
    pub(crate) failed: u64,
    /// The bytes of all bodies that were answered with 2xx.
    pub(crate) body_bytes: u64,
}

impl Plan {
    fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up)
    }

    fn length(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up + self.seconds)
    }

    /// How many requests it may take.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of requests, whose fraction does not matter"
    )]
    fn requests(&self) -> usize {
        let rate = f64::from(self.rate.unwrap_or(self.at_most));
        (rate * self.length().as_secs_f64()) as usize
    }

    /// Carries it out in this process.
    pub(crate) async fn carry_out(&self) -> anyhow::Result<Outcome> {
        let requests = Requests::signed(self);
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            connections.push(Connection::open(self.to).await?);
        }
        let tally = match self.rate {
            Some(rate) => open::run(self, rate, &requests, connections).await?,
            None => closed::run(self, &requests, connections).await?,
        };
        Ok(tally.outcome())
    }

    /// Carries it out in a process of its own.
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let mut command = process::role("load")?;
        command
            .args(["--to", &self.to.to_string(), "--path", &self.path])
            .args(["--connections", &self.connections.to_string()])
            .args(["--seconds", &self.seconds.to_string()])
            .args(["--warm-up", &self.warm_up.to_string()])
            .args(["--at-most", &self.at_most.to_string()]);
        if let Some(rate) = self.rate {
            command.args(["--rate", &rate.to_string()]);
        }
        let outcome: Outcome = process::answer(command).await?;
        ensure!(
            outcome.failed == 0,
            "{} of {} requests were not answered with 2xx",
            outcome.failed,
            outcome.failed + outcome.acknowledged,
        );
        Ok(outcome)
    }
}

/// One request and its answer. A failed connection is opened again.
async fn exchange(
    connection: &mut Connection,
    request: &[u8],
    plan: &Plan,
) -> anyhow::Result<bool> {
    if let Ok(answer) = connection.exchange(request).await {
        // Tidings answers 200; a peer may answer another of them, as svix-bridge does.
        return Ok((200..300).contains(&answer.status));
    }
    *connection = Connection::open(plan.to)
        .await
        .context("the server is gone")?;
    Ok(false)
}
