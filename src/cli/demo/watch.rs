//! Looks at what arrived where, and waits for it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::ensure;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio::time::timeout;

use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::simulator::Received;

/// How long anything may take before the demonstration has failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How often something is looked at that tells nobody when it changes.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The ends of both sinks.
pub(super) struct Sinks {
    /// What the backend got.
    pub(super) delivered: mpsc::Receiver<Received>,
    /// The file sink's file.
    pub(super) file: PathBuf,
}

impl Sinks {
    /// The status of the next event that the backend gets.
    pub(super) async fn next_at_backend(&mut self, task: &str) -> anyhow::Result<String> {
        let received = timeout(PATIENCE, self.delivered.recv())
            .await
            .context("the HTTP sink got nothing in time")?
            .context("the demo's backend has stopped")?;
        ensure!(
            received.task_id.as_deref() == Some(task),
            "the HTTP sink got the event of another task: {received:?}"
        );
        received.status.context("an event without a status")
    }

    /// The statuses in the file's lines about a task, once there are so many.
    pub(super) async fn lines_of_file(
        &self,
        task: &str,
        count: usize,
    ) -> anyhow::Result<Vec<String>> {
        let enough = async {
            loop {
                let statuses = self.read_file(task).await;
                if statuses.len() >= count {
                    return statuses;
                }
                sleep(LOOK_AGAIN).await;
            }
        };
        timeout(PATIENCE, enough)
            .await
            .context("the file sink wrote too little in time")
    }

    /// The statuses that the file has by now. A line that is not whole yet is none.
    async fn read_file(&self, task: &str) -> Vec<String> {
        let lines = tokio::fs::read_to_string(&self.file)
            .await
            .unwrap_or_default();
        lines
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|event| event["task_id"] == task)
            .filter_map(|event| event["status"].as_str().map(str::to_owned))
            .collect()
    }
}

/// The history, as the API tells it.
pub(super) struct History {
    pub(super) api: Client,
}

impl History {
    /// A task's events, oldest first, once none of them is owed any more.
    pub(super) async fn settled(&self, task: &str, count: usize) -> anyhow::Result<Vec<Value>> {
        let query = vec![
            ("task_id".to_owned(), task.to_owned()),
            ("order".to_owned(), "asc".to_owned()),
        ];
        let settled = async {
            loop {
                let events = self.api.list(&["events"], &query, count).await?;
                if events
                    .iter()
                    .all(|event| event["deliveries"]["pending"] == 0)
                {
                    return anyhow::Ok(events);
                }
                sleep(LOOK_AGAIN).await;
            }
        };
        timeout(PATIENCE, settled)
            .await
            .context("some deliveries were not settled in time")?
    }

    /// A task once it has ended. Its state follows the events, a moment behind them.
    pub(super) async fn ended(&self, task: &str) -> anyhow::Result<Value> {
        let query = vec![("timeout".to_owned(), format!("{}s", PATIENCE.as_secs()))];
        self.api.get(&["tasks", task, "wait"], &query).await?;
        self.api.get(&["tasks", task], &Query::new()).await
    }
}
