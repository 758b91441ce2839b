//! `tidings tasks wait`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::list::COLUMNS;
use super::waiting::INTERRUPTED;
use super::waiting::TIME_IS_UP;
use super::waiting::Waited;
use super::waiting::Waiting;
use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::table;
use crate::period;

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
        let waiting = Waiting {
            ids: self.ids,
            any: self.any,
            with_output: false,
            timeout: self.timeout,
        };
        let output = context.output;
        match waiting.run(context, client).await? {
            Waited::Over(tasks) => {
                table::list(output, &COLUMNS, &tasks)?;
                Ok(if tasks.iter().any(went_wrong) {
                    ExitCode::FAILURE
                } else {
                    ExitCode::SUCCESS
                })
            }
            Waited::TimeIsUp(tasks) => {
                table::list(output, &COLUMNS, &tasks)?;
                output.note(format_args!("the time is up; {}", waiting.how_to_go_on()));
                Ok(ExitCode::from(TIME_IS_UP))
            }
            Waited::Interrupted => {
                output.note(waiting.how_to_go_on());
                Ok(ExitCode::from(INTERRUPTED))
            }
        }
    }
}

/// Whether a task ended otherwise than it should.
fn went_wrong(task: &Value) -> bool {
    task["ended"] == true && task["state"] != "finished"
}
