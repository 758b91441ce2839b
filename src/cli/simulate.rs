//! `tidings simulate`: a Browser Use Cloud for development.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use owo_colors::OwoColorize as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::task::TaskTracker;
use url::Url;

use super::Context;
use super::output::Output;
use crate::clock::SystemClock;
use crate::event::SignatureForm;
use crate::period;
use crate::secret::Secret;
use crate::shutdown;
use crate::shutdown::Shutdown;
use crate::simulator::Era;
use crate::simulator::Life;
use crate::simulator::Mischief;
use crate::simulator::Options;
use crate::simulator::Posted;
use crate::simulator::Share;
use crate::simulator::Simulator;
use crate::simulator::TimeStyle;

/// A Browser Use Cloud for development: serves the API from memory, and sends signed webhooks.
///
/// It takes any API key. These have a meaning: bad-key, no-subscription, no-balance, spend-limit,
/// too-many-sessions. A task with the word simulate:LIFE in its text goes that way: finishes,
/// unsuccessful, fails, times-out, endless.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings simulate --webhook http://127.0.0.1:8080/webhook --secret secret"
)]
pub(super) struct Simulate {
    /// Where it answers.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,

    /// Where webhooks go; the test ping comes first.
    #[arg(long, value_name = "URL", requires = "secret")]
    webhook: Option<Url>,

    /// The secret to sign them with.
    #[arg(long, value_name = "S", requires = "webhook")]
    secret: Option<Secret>,

    #[command(flatten)]
    manner: Manner,

    #[command(flatten)]
    mischief: MischiefFlags,
}

/// How it behaves.
#[derive(Debug, Args)]
#[command(next_help_heading = "How it behaves")]
struct Manner {
    /// How long a task stays in each state: created, three steps, its end.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = period::parse)]
    pace: Duration,

    /// How tasks go that do not say it: finishes, unsuccessful, fails, times-out or endless.
    #[arg(long, value_name = "LIFE", default_value_t)]
    life: Life,

    /// The words of webhooks: flat (until May 2025), v1, v2 or v3; else those of the API through
    /// which a task was made.
    #[arg(long, value_name = "ERA")]
    era: Option<Era>,

    /// What is signed: python, utf8, raw or payload.
    #[arg(long, value_name = "FORM", default_value_t = SignatureForm::Python)]
    form: SignatureForm,

    /// Write the time in the header as ISO 8601 instead of Unix seconds.
    #[arg(long)]
    iso: bool,

    /// What ids and chance are made from: the same seed gives the same; else each start differs.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// How many tasks and sessions it remembers.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    keep: usize,
}

/// What goes wrong. Shares are from 0, never, to 1, always.
#[derive(Debug, Args)]
#[command(next_help_heading = "What goes wrong (shares from 0, never, to 1, always)")]
struct MischiefFlags {
    /// How long each answer of the API takes.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = period::parse)]
    latency: Duration,

    /// Requests that are answered with 429.
    #[arg(long, value_name = "SHARE", default_value = "0")]
    too_many_requests: Share,

    /// What Retry-After says then.
    #[arg(long, value_name = "SECONDS")]
    retry_after: Option<u64>,

    /// Requests that are answered with 500.
    #[arg(long, value_name = "SHARE", default_value = "0")]
    server_errors: Share,

    /// How long after its end a task's output can be seen.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = period::parse)]
    output_lag: Duration,

    /// How long a new task is answered with 404.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = period::parse)]
    not_yet: Duration,

    /// Webhooks that are never sent.
    #[arg(long, value_name = "SHARE", default_value = "0")]
    lost: Share,

    /// Webhooks that are sent twice.
    #[arg(long, value_name = "SHARE", default_value = "0")]
    duplicate: Share,

    /// Webhooks that come after the next one of their task.
    #[arg(long, value_name = "SHARE", default_value = "0")]
    reordered: Share,
}

impl Simulate {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let stop = Shutdown::new();
        let signals = TaskTracker::new();
        signals.spawn(shutdown::obey_signals(stop.clone())?);

        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))?;
        let options = self.manner.options(self.mischief.into());
        let simulator = Simulator::start(listener, options, Arc::new(SystemClock))?;
        let output = context.output;
        output.note(format_args!(
            "Listening on http://{} as Browser Use Cloud",
            simulator.address()
        ));
        let posted = simulator.posted();
        if let (Some(url), Some(secret)) = (self.webhook, self.secret) {
            register(&simulator, url, secret, output).await;
        }
        tokio::select! {
            told = tell_all(posted, output) => told?,
            () = stop.requested() => {}
        }
        simulator.stop().await;
        Ok(ExitCode::SUCCESS)
    }
}

impl Manner {
    fn options(self, mischief: Mischief) -> Options {
        Options {
            pace: self.pace,
            life: self.life,
            era: self.era,
            form: self.form,
            time: if self.iso {
                TimeStyle::Iso
            } else {
                TimeStyle::UnixSeconds
            },
            seed: self.seed.unwrap_or_else(rand::random),
            keep: self.keep,
            mischief,
        }
    }
}

impl From<MischiefFlags> for Mischief {
    fn from(flags: MischiefFlags) -> Self {
        Self {
            latency: flags.latency,
            too_many_requests: flags.too_many_requests,
            retry_after: flags.retry_after,
            server_errors: flags.server_errors,
            output_lag: flags.output_lag,
            not_yet: flags.not_yet,
            lost: flags.lost,
            duplicate: flags.duplicate,
            reordered: flags.reordered,
            ..Self::default()
        }
    }
}

/// Registers the webhook, and says how the test ping was answered.
async fn register(simulator: &Simulator, url: Url, secret: Secret, output: Output) {
    let sent = format!("The test ping to {url}");
    match simulator.register(url, secret).await {
        Ok(answer) if answer.is_success() => {
            output.note(format_args!("{sent} was answered with {}", answer.status));
        }
        Ok(answer) => output.note(format_args!(
            "{sent} was answered with {}: Browser Use would not register this webhook",
            answer.status
        )),
        Err(error) => output.note(format_args!(
            "{sent} was not answered ({error}): Browser Use would not register this webhook"
        )),
    }
}

/// Prints each webhook that is posted.
async fn tell_all(mut posted: broadcast::Receiver<Posted>, output: Output) -> anyhow::Result<()> {
    loop {
        match posted.recv().await {
            Ok(posted) => tell(&posted, output)?,
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                output.note(format_args!("{missed} webhooks are not shown"));
            }
            Err(broadcast::error::RecvError::Closed) => return Ok(()),
        }
    }
}

fn tell(posted: &Posted, output: Output) -> std::io::Result<()> {
    if output.json {
        return output.json(&json!({
            "task_id": posted.task_id,
            "status": posted.status,
            "retries": posted.retries,
            "answer": posted.answer.as_ref().ok(),
            "error": posted.answer.as_ref().err(),
        }));
    }
    let answer = match &posted.answer {
        Ok(answer) if answer.is_success() => answer.status.green().to_string(),
        Ok(answer) => answer.status.red().to_string(),
        Err(error) => error.red().to_string(),
    };
    let again = match posted.retries {
        0 => String::new(),
        retries => format!("  retry {retries}"),
    };
    output.line(format_args!(
        "task {}  {:<13} {answer}{again}",
        posted.task_id, posted.status
    ))
}
