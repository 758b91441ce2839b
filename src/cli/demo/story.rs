//! One task after the other, from the vendor's webhook to the user's systems.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::ensure;
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::broadcast;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use url::Url;

use super::stage::Stage;
use super::teller::Teller;
use super::watch::History;
use super::watch::PATIENCE;
use super::watch::Sinks;
use crate::app::Role;
use crate::cli::client::Client;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::shutdown::Shutdown;
use crate::simulator::Answer;
use crate::simulator::Options;
use crate::simulator::Posted;
use crate::simulator::Sender;
use crate::simulator::Signer;
use crate::simulator::Simulator;
use crate::simulator::Task;

/// What every task of the demonstration goes through.
const STATUSES: [&str; 3] = ["initializing", "started", "finished"];

/// How long a task of the demonstration stays in a state.
const PACE: Duration = Duration::from_millis(500);

/// The demonstration while it runs.
pub(super) struct Story {
    teller: Teller,
    /// Runs the tasks and tells of them.
    simulator: Simulator,
    posted: broadcast::Receiver<Posted>,
    /// Posts what no good cloud would.
    sender: Sender,
    signer: Signer,
    server: Url,
    token_file: PathBuf,
    sinks: Sinks,
    history: History,
    /// Keeps everything until the end.
    _folder: TempDir,
}

impl Story {
    /// Starts everything on the stage.
    pub(super) async fn new(
        stage: Stage,
        teller: Teller,
        tasks: &TaskTracker,
        stop: &Shutdown,
    ) -> anyhow::Result<Self> {
        let history = History {
            api: Client::at(stage.server.clone(), stage.token.clone())?,
        };
        let (token_file, file) = (stage.token_file(), stage.events_file());
        let stopped = stop.clone();
        let until_stopped = async move { stopped.requested().await };
        let (serving, delivered) = stage.backend.serve(stage.backend_listener, until_stopped);
        tasks.spawn(serving);
        tasks.spawn(stage.app.serve(stage.listeners, Role::All, stop.clone()));

        let options = Options {
            pace: PACE,
            seed: rand::random(),
            ..Options::default()
        };
        let clock = Arc::new(SystemClock);
        let simulator = Simulator::start(stage.simulator_listener, options, clock)?;
        let pinged = simulator.register(stage.webhook.clone(), stage.secret.clone());
        let answer = pinged.await?;
        ensure!(
            answer.is_success(),
            "the test ping was not taken: {answer:?}"
        );
        Ok(Self {
            teller,
            posted: simulator.posted(),
            simulator,
            sender: Sender::new(stage.webhook)?,
            signer: Signer::new(stage.secret),
            server: stage.server,
            token_file,
            sinks: Sinks { delivered, file },
            history,
            _folder: stage.folder,
        })
    }

    /// One task with all that can happen on its way.
    pub(super) async fn tell_one_task(&mut self) -> anyhow::Result<()> {
        let task = self.simulator.run_task("Find the price of milk");
        let last = self.webhooks_are_stored(&task).await?;
        self.a_repeated_webhook_is_known(last).await?;
        self.a_forged_webhook_is_refused(&task).await?;
        self.both_sinks_have_the_events(&task).await?;
        self.the_history_can_be_asked(&task).await?;
        self.the_task_has_its_end(&task).await?;
        self.teller.ending()?;
        Ok(())
    }

    /// Ends with the last of them.
    async fn webhooks_are_stored(&mut self, task: &str) -> anyhow::Result<Bytes> {
        let title = format!("Browser Use runs task {task} and tells of it, signed.");
        self.teller.step(1, title)?;
        let mut last = Bytes::new();
        for status in STATUSES {
            let (posted, answer) = self.next_posted(task, status).await?;
            ensure!(
                answer.duplicate == Some(false),
                "a new event was not stored: {answer:?}"
            );
            self.teller
                .answer(status, &answer, "on the disk before it was answered")?;
            last = posted.body;
        }
        Ok(last)
    }

    async fn a_repeated_webhook_is_known(&self, last: Bytes) -> anyhow::Result<()> {
        self.teller.step(
            2,
            "The last answer is lost on the way, so it is sent again.",
        )?;
        let answer = self.post(&self.signer, last).await?;
        ensure!(
            answer.duplicate == Some(true),
            "a repeated event counts as new: {answer:?}"
        );
        let status = STATUSES[STATUSES.len() - 1];
        self.teller
            .answer(status, &answer, "the same event: nobody gets it twice")?;
        Ok(())
    }

    async fn a_forged_webhook_is_refused(&self, task: &str) -> anyhow::Result<()> {
        self.teller.step(
            3,
            "A stranger, who does not know the secret, tells of it too.",
        )?;
        let stranger = Signer::new("a guess".into());
        let told = Task {
            id: task.to_owned(),
            ..Task::new(SystemClock.now())
        };
        let answer = self
            .post(&stranger, told.update("failed", SignedDuration::ZERO))
            .await?;
        ensure!(
            answer.status == 403,
            "a forged event was not refused: {answer:?}"
        );
        self.teller
            .answer("failed", &answer, "kept as a rejection, with its cause")?;
        Ok(())
    }

    async fn both_sinks_have_the_events(&mut self, task: &str) -> anyhow::Result<()> {
        self.teller
            .step(4, "Both sinks have the events, in order.")?;
        let mut statuses = Vec::new();
        while statuses.len() < STATUSES.len() {
            statuses.push(self.sinks.next_at_backend(task).await?);
        }
        ensure!(
            statuses == STATUSES,
            "the backend got them out of order: {statuses:?}"
        );
        self.teller.seen(
            "backend",
            format_args!("{}, each signed by Tidings", statuses.join(", ")),
        )?;

        let statuses = self.sinks.lines_of_file(task, STATUSES.len()).await?;
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

    async fn the_history_can_be_asked(&self, task: &str) -> anyhow::Result<()> {
        let title = format!("The API has the history: GET /api/v1/events?task_id={task}");
        self.teller.step(5, title)?;
        let events = self.history.settled(task, STATUSES.len()).await?;
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

    async fn the_task_has_its_end(&self, task: &str) -> anyhow::Result<()> {
        let title = format!("It knows where the task stands: GET /api/v1/tasks/{task}");
        self.teller.step(6, title)?;
        let known = self.history.ended(task).await?;
        ensure!(
            known["state"] == "finished",
            "the task stands otherwise: {known}"
        );
        let (began, ended) = (text(&known, "started_at"), text(&known, "finished_at"));
        self.teller.seen(
            text(&known, "state"),
            format_args!("started at {began}, finished at {ended}"),
        )?;
        Ok(())
    }

    /// Says what a watcher could do now.
    pub(super) fn invite(&self) -> anyhow::Result<()> {
        Ok(self
            .teller
            .invitation(&self.server, self.token_file.display())?)
    }

    /// One more task.
    pub(super) async fn run_another_task(&mut self) -> anyhow::Result<()> {
        let task = self.simulator.run_task("Find the price of bread");
        for status in STATUSES {
            let (_, answer) = self.next_posted(&task, status).await?;
            self.sinks.next_at_backend(&task).await?;
            self.teller.passing(&task, status, &answer)?;
        }
        tokio::time::sleep(PACE).await;
        Ok(())
    }

    /// The next webhook of a task, and its answer.
    async fn next_posted(&mut self, task: &str, status: &str) -> anyhow::Result<(Posted, Answer)> {
        let posted = timeout(PATIENCE, self.posted.recv())
            .await
            .context("no webhook was posted in time")?
            .context("the simulator has stopped")?;
        ensure!(
            posted.task_id == task && posted.status == status,
            "another webhook was posted: {posted:?}"
        );
        let answer = posted.answer.clone().map_err(anyhow::Error::msg)?;
        Ok((posted, answer))
    }

    async fn post(&self, signer: &Signer, body: Bytes) -> anyhow::Result<Answer> {
        let request = signer.sign_at(body, SystemClock.now())?;
        Ok(self.sender.post(&request).await?)
    }
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().unwrap_or_default()
}
