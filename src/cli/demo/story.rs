//! One task after the other, from the vendor's webhook to the user's systems.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::bail;
use anyhow::ensure;
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use url::Url;

use super::stage::Stage;
use super::teller::Teller;
use crate::app::Role;
use crate::cli::client::Client;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::shutdown::Shutdown;
use crate::simulator::Answer;
use crate::simulator::Received;
use crate::simulator::Sender;
use crate::simulator::Signer;
use crate::simulator::Task;

/// What every task of the demonstration goes through.
const STATUSES: [&str; 3] = ["initializing", "started", "finished"];

/// How long anything may take before the demonstration has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often something is looked at that tells nobody when it changes.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long a task of the demonstration stays in a status.
const PACE: Duration = Duration::from_secs(2);

/// The demonstration while it runs.
pub(super) struct Story {
    teller: Teller,
    sender: Sender,
    signer: Signer,
    api: Client,
    server: Url,
    token_file: PathBuf,
    events_file: PathBuf,
    /// What the backend got.
    delivered: mpsc::Receiver<Received>,
    /// Keeps everything until the end.
    _folder: TempDir,
}

impl Story {
    /// Starts everything on the stage.
    pub(super) fn new(
        stage: Stage,
        teller: Teller,
        tasks: &TaskTracker,
        stop: &Shutdown,
    ) -> anyhow::Result<Self> {
        let story_api = Client::at(stage.server.clone(), stage.token.clone())?;
        let (token_file, events_file) = (stage.token_file(), stage.events_file());
        let stopped = stop.clone();
        let (serving, delivered) =
            stage.backend.serve(
                stage.backend_listener,
                async move { stopped.requested().await },
            );
        tasks.spawn(serving);
        tasks.spawn(stage.app.serve(stage.listeners, Role::All, stop.clone()));
        Ok(Self {
            teller,
            sender: Sender::new(stage.webhook)?,
            signer: Signer::new(stage.secret),
            api: story_api,
            server: stage.server,
            token_file,
            events_file,
            delivered,
            _folder: stage.folder,
        })
    }

    /// One task with all that can happen on its way.
    pub(super) async fn tell_one_task(&mut self) -> anyhow::Result<()> {
        let task = Task::new(SystemClock.now());
        self.webhooks_are_stored(&task).await?;
        self.a_repeated_webhook_is_known(&task).await?;
        self.a_forged_webhook_is_refused(&task).await?;
        self.both_sinks_have_the_events(&task).await?;
        self.the_history_can_be_asked(&task).await?;
        self.teller.ending()?;
        Ok(())
    }

    async fn webhooks_are_stored(&self, task: &Task) -> anyhow::Result<()> {
        let title = format!("Browser Use runs task {} and tells of it, signed.", task.id);
        self.teller.step(1, title)?;
        for (index, status) in STATUSES.into_iter().enumerate() {
            let answer = self.post(&self.signer, update(task, index)).await?;
            ensure!(
                answer.duplicate == Some(false),
                "a new event was not stored: {answer:?}"
            );
            self.teller
                .answer(status, &answer, "on the disk before it was answered")?;
        }
        Ok(())
    }

    async fn a_repeated_webhook_is_known(&self, task: &Task) -> anyhow::Result<()> {
        self.teller.step(
            2,
            "The last answer is lost on the way, so it is sent again.",
        )?;
        let last = STATUSES.len() - 1;
        let answer = self.post(&self.signer, update(task, last)).await?;
        ensure!(
            answer.duplicate == Some(true),
            "a repeated event counts as new: {answer:?}"
        );
        self.teller.answer(
            STATUSES[last],
            &answer,
            "the same event: nobody gets it twice",
        )?;
        Ok(())
    }

    async fn a_forged_webhook_is_refused(&self, task: &Task) -> anyhow::Result<()> {
        self.teller.step(
            3,
            "A stranger, who does not know the secret, tells of it too.",
        )?;
        let stranger = Signer::new("a guess".into());
        let answer = self
            .post(&stranger, task.update("failed", SignedDuration::ZERO))
            .await?;
        ensure!(
            answer.status == 403,
            "a forged event was not refused: {answer:?}"
        );
        self.teller
            .answer("failed", &answer, "kept as a rejection, with its cause")?;
        Ok(())
    }

    async fn both_sinks_have_the_events(&mut self, task: &Task) -> anyhow::Result<()> {
        self.teller
            .step(4, "Both sinks have the events, in order.")?;
        let mut statuses = Vec::new();
        while statuses.len() < STATUSES.len() {
            statuses.push(self.next_delivered(task).await?);
        }
        ensure!(
            statuses == STATUSES,
            "the backend got them out of order: {statuses:?}"
        );
        self.teller.seen(
            "backend",
            format_args!("{}, each signed by Tidings", statuses.join(", ")),
        )?;

        let statuses = self.lines_of_the_file(task).await?;
        ensure!(
            statuses == STATUSES,
            "the file has them out of order: {statuses:?}"
        );
        self.teller.seen(
            "audit",
            format_args!("{}, a line of JSON each", statuses.join(", ")),
        )?;
        Ok(())
    }

    async fn the_history_can_be_asked(&self, task: &Task) -> anyhow::Result<()> {
        let title = format!(
            "The API has the history: GET /api/v1/events?task_id={}",
            task.id
        );
        self.teller.step(5, title)?;
        let events = self.settled_events(task).await?;
        let statuses: Vec<_> = events.iter().map(|event| text(event, "status")).collect();
        ensure!(statuses == STATUSES, "the history is another: {statuses:?}");
        for event in &events {
            let often = if event["times_received"] == 1 {
                "once"
            } else {
                "twice"
            };
            let sinks = &event["deliveries"]["delivered"];
            let value = format!("received {often}, delivered to {sinks} sinks");
            self.teller.seen(text(event, "status"), value)?;
        }
        Ok(())
    }

    /// Says what a watcher could do now.
    pub(super) fn invite(&self) -> anyhow::Result<()> {
        Ok(self
            .teller
            .invitation(&self.server, self.token_file.display())?)
    }

    /// One more task, at the pace of life.
    pub(super) async fn run_another_task(&mut self) -> anyhow::Result<()> {
        let task = Task::new(SystemClock.now());
        for (index, status) in STATUSES.into_iter().enumerate() {
            tokio::time::sleep(PACE).await;
            let answer = self
                .sender
                .deliver(&self.signer, &update(&task, index), &SystemClock)
                .await?;
            self.next_delivered(&task).await?;
            self.teller.passing(&task.id, status, &answer)?;
        }
        Ok(())
    }

    async fn post(&self, signer: &Signer, body: Bytes) -> anyhow::Result<Answer> {
        let request = signer.sign_at(body, SystemClock.now())?;
        Ok(self.sender.post(&request).await?)
    }

    /// The status of the next event that the backend gets.
    async fn next_delivered(&mut self, task: &Task) -> anyhow::Result<String> {
        let received = timeout(PATIENCE, self.delivered.recv())
            .await
            .context("the HTTP sink got nothing in time")?
            .context("the demo's backend has stopped")?;
        ensure!(
            received.task_id.as_deref() == Some(&task.id),
            "the HTTP sink got the event of another task: {received:?}"
        );
        received.status.context("an event without a status")
    }

    /// The statuses in the file sink's lines, once all are there.
    async fn lines_of_the_file(&self, task: &Task) -> anyhow::Result<Vec<String>> {
        let enough = async {
            loop {
                let statuses = read_lines(&self.events_file, &task.id).await;
                if statuses.len() >= STATUSES.len() {
                    return statuses;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        timeout(PATIENCE, enough)
            .await
            .context("the file sink wrote too little in time")
    }

    /// The task's events, once nothing is owed any more.
    async fn settled_events(&self, task: &Task) -> anyhow::Result<Vec<Value>> {
        let query = vec![
            ("task_id".to_owned(), task.id.clone()),
            ("order".to_owned(), "asc".to_owned()),
        ];
        let settled = async {
            loop {
                let events = self.api.list(&["events"], &query, STATUSES.len()).await?;
                if events
                    .iter()
                    .all(|event| event["deliveries"]["pending"] == 0)
                {
                    return Ok::<_, anyhow::Error>(events);
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        match timeout(PATIENCE, settled).await {
            Ok(events) => events,
            Err(_) => bail!("some deliveries were not settled in time"),
        }
    }
}

/// What is told when the task comes to one of its statuses.
fn update(task: &Task, index: usize) -> Bytes {
    let seconds = i64::try_from(index).unwrap_or_default() * 2;
    task.update(STATUSES[index], SignedDuration::from_secs(seconds))
}

/// The statuses that the file has of a task. A line that is not whole yet is none.
async fn read_lines(file: &PathBuf, task_id: &str) -> Vec<String> {
    let lines = tokio::fs::read_to_string(file).await.unwrap_or_default();
    lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|event| text(event, "task_id") == task_id)
        .map(|event| text(&event, "status").to_owned())
        .collect()
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().unwrap_or_default()
}
