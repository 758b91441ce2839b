//! Has a server wait for tasks, again and again, until there is an end.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::client::Unreachable;
use crate::cli::progress::Progress;
use crate::cli::table::printable;
use crate::period;

/// How long the server is asked to wait in one request: short enough for proxies, which cut off
/// what is silent for a minute, and for what is shown meanwhile to be true.
const ROUND: Duration = Duration::from_secs(30);

/// How long to rest when the server is away, or answers before its time because it stops.
const PAUSE: Duration = Duration::from_secs(1);

/// The exit code when the time was up, as `timeout` has it.
pub(super) const TIME_IS_UP: u8 = 124;

/// The exit code after Ctrl-C, as shells have it.
pub(super) const INTERRUPTED: u8 = 130;

/// What is waited for.
pub(super) struct Waiting {
    pub(super) ids: Vec<String>,
    /// Whether one of them is enough.
    pub(super) any: bool,
    /// Whether the output is waited for, too, which may lag behind the end.
    pub(super) with_output: bool,
    /// How long, at most.
    pub(super) timeout: Option<Duration>,
}

/// How it ended.
pub(super) enum Waited {
    /// There is an end. These are the tasks.
    Over(Vec<Value>),
    /// There was none in time. This is what is known of the tasks.
    TimeIsUp(Vec<Value>),
    /// By Ctrl-C.
    Interrupted,
}

impl Waiting {
    /// Waits, and shows a person at a terminal how it goes.
    pub(super) async fn run(&self, context: &Context, client: &Client) -> anyhow::Result<Waited> {
        let mut progress = Progress::new(context.output, "waiting");
        tokio::select! {
            // In this order: whoever has heard that it waits can rely on Ctrl-C.
            biased;
            // A failure to listen for it means that it ends the process by itself.
            Ok(()) = tokio::signal::ctrl_c() => Ok(Waited::Interrupted),
            answer = self.ask(client, &mut progress) => {
                let mut answer = answer?;
                let tasks = match answer["data"].take() {
                    Value::Array(tasks) => tasks,
                    _ => Vec::new(),
                };
                Ok(if answer["next"].is_null() {
                    Waited::Over(tasks)
                } else {
                    Waited::TimeIsUp(tasks)
                })
            }
        }
    }

    /// The command that goes on with it.
    pub(super) fn how_to_go_on(&self) -> String {
        let any = if self.any { " --any" } else { "" };
        format!("to go on: tidings tasks wait {}{any}", self.ids.join(" "))
    }

    /// Asks again and again, until there is an end or the time is up.
    async fn ask(&self, client: &Client, progress: &mut Progress) -> anyhow::Result<Value> {
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
                    progress.tell(known(&answer));
                    was_there = true;
                }
                // It was there, so it may come back: servers are restarted.
                Err(error) if was_there && is_away(&error) && !left.is_zero() => {
                    progress.tell("the server is away; asking again".to_owned());
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
        let mut query = vec![
            ("ids".to_owned(), self.ids.join(",")),
            ("mode".to_owned(), mode.to_owned()),
            ("timeout".to_owned(), period::text(round)),
        ];
        if self.with_output {
            query.push(("with".to_owned(), "output".to_owned()));
        }
        query
    }
}

/// What the server knows by now.
fn known(answer: &Value) -> String {
    let tasks = answer["data"].as_array().map_or(&[][..], Vec::as_slice);
    match tasks {
        [task] => match task["state"].as_str() {
            Some(state) => printable(state),
            None => "nothing is known of it yet".to_owned(),
        },
        tasks => {
            let ended = tasks.iter().filter(|task| task["ended"] == true).count();
            format!("{ended} of {} have ended", tasks.len())
        }
    }
}

/// Whether the server could not be reached, or was lost on the way.
fn is_away(error: &anyhow::Error) -> bool {
    error.is::<Unreachable>() || error.is::<reqwest::Error>()
}
