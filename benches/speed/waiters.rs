//! Clients that wait for tasks, all in one process and on one thread.

use std::net::SocketAddr;
use std::time::Duration;
use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use futures_util::future::join_all;
use serde::Deserialize;
use serde::Serialize;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::event::view;
use tidings::signing;
use tokio::time::sleep;

use crate::SECRET;
use crate::TOKEN;
use crate::connection::Connection;
use crate::process;
use crate::process::Usage;

/// How long the server may take to hear everybody, before it is looked at.
const SETTLING: Duration = Duration::from_secs(2);

/// Who waits for what.
#[derive(Clone, Debug, Args)]
pub(crate) struct Waiters {
    /// The server.
    #[arg(long)]
    pub(crate) to: SocketAddr,
    /// The server's process.
    #[arg(long)]
    pub(crate) process: i32,
    /// How many wait.
    #[arg(long)]
    pub(crate) count: usize,
    /// For how many tasks they wait: each for one of them, in turns.
    #[arg(long)]
    pub(crate) tasks: usize,
    /// How many of those end.
    #[arg(long)]
    pub(crate) ends: usize,
}

/// How it went.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Outcome {
    /// From the 200 of a task's end to the answer of whoever waited for it, in milliseconds: the
    /// longest.
    pub(crate) worst: f64,
    /// The resident memory that a waiter and its connection cost the server, in KB.
    pub(crate) memory: f64,
}

impl Waiters {
    /// Carries it out in a process of its own.
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let mut command = process::role("wait")?;
        command
            .args(["--to", &self.to.to_string()])
            .args(["--process", &self.process.to_string()])
            .args(["--count", &self.count.to_string()])
            .args(["--tasks", &self.tasks.to_string()])
            .args(["--ends", &self.ends.to_string()]);
        process::answer(command).await
    }

    /// Carries it out in this process: everybody waits, then tasks end, one after the other.
    #[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
    pub(crate) async fn carry_out(&self) -> anyhow::Result<Outcome> {
        let before = Usage::of(self.process)?.memory;
        let mut waiting: Vec<Vec<Connection>> = (0..self.tasks).map(|_| Vec::new()).collect();
        for waiter in 0..self.count {
            let task = waiter % self.tasks;
            let mut connection = Connection::open(self.to).await?;
            connection.send(wait(task).as_bytes()).await?;
            waiting[task].push(connection);
        }
        sleep(SETTLING).await;
        let memory = Usage::of(self.process)?.memory - before;

        let mut sender = Connection::open(self.to).await?;
        let mut worst = Duration::ZERO;
        for (task, waiting) in waiting.iter_mut().take(self.ends).enumerate() {
            let status = sender.exchange(&end(task)).await?.status;
            let acknowledged = Instant::now();
            ensure!(status == 200, "the end was answered with {status}");
            join_all(waiting.iter_mut().map(hears))
                .await
                .into_iter()
                .collect::<anyhow::Result<()>>()?;
            worst = worst.max(acknowledged.elapsed());
        }
        Ok(Outcome {
            worst: worst.as_secs_f64() * 1e3,
            memory: memory * 1024.0 / self.count as f64,
        })
    }
}

/// Reads the answer of one who waited.
async fn hears(connection: &mut Connection) -> anyhow::Result<()> {
    let status = connection.answer().await?.status;
    ensure!(status == 200, "a wait was answered with {status}");
    Ok(())
}

/// A request that waits for a task.
fn wait(task: usize) -> String {
    format!(
        "GET /api/v1/tasks/task-{task}/wait?timeout=300s HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {TOKEN}\r\n\r\n"
    )
}

/// A signed request that tells of a task's end, in canonical form.
fn end(task: usize) -> Vec<u8> {
    let now = SystemClock.now();
    let body = format!(
        r#"{{"payload":{{"status":"finished","task_id":"task-{task}"}},"timestamp":"{}","type":"agent.task.status_update"}}"#,
        view::time(now),
    );
    let timestamp = now.as_second().to_string();
    let signature = signing::sign(SECRET.as_bytes(), &timestamp, body.as_bytes());
    format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Browser-Use-Timestamp: {timestamp}\r\n\
         X-Browser-Use-Signature: {}\r\nContent-Length: {}\r\n\r\n{body}",
        hex::encode(signature),
        body.len(),
    )
    .into()
}
