//! `tidings tasks`: what is known of tasks, and waiting for their end.

use std::process::ExitCode;

use clap::Args;
use clap::Subcommand;

use super::Context;
use super::client::Client;

mod list;
mod rebuild;
mod show;
mod timeline;
mod wait;
mod waiting;

/// Shows what is known of tasks, and waits for their end.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings tasks wait 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 --timeout 10m"
)]
pub(super) struct Tasks {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::List),
    Show(show::Show),
    Timeline(timeline::Timeline),
    Wait(wait::Wait),
    Rebuild(rebuild::Rebuild),
}

impl Tasks {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let client = Client::new(context)?;
        match self.command {
            Command::List(list) => list.run(context, &client).await?,
            Command::Show(show) => show.run(context, &client).await?,
            Command::Timeline(timeline) => timeline.run(context, &client).await?,
            Command::Rebuild(rebuild) => rebuild.run(context, &client).await?,
            Command::Wait(wait) => return wait.run(context, &client).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}
