//! `tidings tasks wait`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::time::Instant;
use tokio::time::sleep;

use super::list::COLUMNS;
use super::progress::Progress;
use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::client::Unreachable;
use crate::cli::table;
use crate::period;

/// How long the server is asked to wait in one request: short enough for proxies, which cut off
/// what is silent for a minute, and for what is shown meanwhile to be true.
const ROUND: Duration = Duration::from_secs(30);

/// How long to rest when the server is away, or answers before its time because it stops.
const PAUSE: Duration = Duration::from_secs(1);

/// The exit code when the time was up, as `timeout` has it.
const TIME_IS_UP: u8 = 124;

/// The exit code after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Waits until tasks have ended.
///
/// Exit code: 0 when they finished (or a session's turn is done), 1 when one failed or was stopped,
/// 124 when the time was up before, 130 after Ctrl-C.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings tasks wait 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 --timeout 10m"
)]
pub(super) struct Wait {
    /// Ids of tasks, runs or sessions, also of such as nobody has heard of yet.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Until one of them has ended.
    #[arg(long, conflicts_with = "all")]
    any: bool,

    /// Until all of them have ended; that is so anyway.
    #[arg(long)]
    all: bool,

    /// Wait at most this long ("10m"); else as long as it takes.
    #[arg(long, value_parser = period::parse)]
    timeout: Option<Duration>,
}

impl Wait {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<ExitCode> {
        let mut progress = Progress::new(context.output);
        let waited = tokio::select! {
            waited = self.wait(client, &mut progress) => Some(waited?),
            // A failure to listen for Ctrl-C means that it ends the process by itself.
            Ok(()) = tokio::signal::ctrl_c() => None,
        };
        progress.end();

        let Some(answer) = waited else {
            context.output.note(self.how_to_go_on());
            return Ok(ExitCode::from(INTERRUPTED));
        };
        let tasks = answer["data"].as_array().map_or(&[][..], Vec::as_slice);
        table::list(context.output, &COLUMNS, tasks)?;
        if !answer["next"].is_null() {
            context
                .output
                .note(format_args!("the time is up; {}", self.how_to_go_on()));
            return Ok(ExitCode::from(TIME_IS_UP));
        }
        Ok(if tasks.iter().any(went_wrong) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }

    /// Asks again and again, until there is an end or the time is up.
    async fn wait(&self, client: &Client, progress: &mut Progress) -> anyhow::Result<Value> {
        let begun = Instant::now();
        // The first look only tells what is known.
        let mut round = Duration::ZERO;
        let mut was_there = false;
        loop {
            let left = self
                .timeout
                .map_or(Duration::MAX, |most| most.saturating_sub(begun.elapsed()));
            round = round.min(left);
            let asked = Instant::now();
            let asking = async { client.get(&["tasks", "wait"], &self.query(round)).await };
            match progress.during(asking).await {
                Ok(answer) if answer["next"].is_null() || round == left => return Ok(answer),
                Ok(answer) => {
                    progress.knows(&answer);
                    was_there = true;
                }
                // It was there, so it may come back: servers are restarted.
                Err(error) if was_there && is_away(&error) && !left.is_zero() => {
                    progress.is_alone();
                }
                Err(error) => return Err(error),
            }
            if asked.elapsed() < round {
                progress.during(sleep(PAUSE.min(left))).await;
            }
            round = ROUND;
        }
    }

    fn query(&self, round: Duration) -> Query {
        let mode = if self.any { "any" } else { "all" };
        vec![
            ("ids".to_owned(), self.ids.join(",")),
            ("mode".to_owned(), mode.to_owned()),
            ("timeout".to_owned(), period::text(round)),
        ]
    }

    fn how_to_go_on(&self) -> String {
        let any = if self.any { " --any" } else { "" };
        format!("to go on: tidings tasks wait {}{any}", self.ids.join(" "))
    }
}

/// Whether the server could not be reached, or was lost on the way.
fn is_away(error: &anyhow::Error) -> bool {
    error.is::<Unreachable>() || error.is::<reqwest::Error>()
}

/// Whether a task ended otherwise than it should.
fn went_wrong(task: &Value) -> bool {
    task["ended"] == true && task["state"] != "finished"
}
