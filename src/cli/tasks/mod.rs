//! `tidings tasks`: what is known of tasks, running them, and waiting for their end.

use std::process::ExitCode;

use clap::Args;
use clap::Subcommand;

use super::Context;
use super::client::Client;

mod control;
mod files;
mod list;
mod media;
mod rebuild;
mod run;
mod show;
mod status;
mod timeline;
mod wait;
mod waiting;

/// Shows what is known of tasks, runs and steers them, and waits for their end.
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
    Run(Box<run::Run>),
    Stop(control::Stop),
    Pause(control::Pause),
    Resume(control::Resume),
    Status(status::Status),
    Files(files::Files),
    Media(media::Media),
    Screenshots(media::Screenshots),
    OutputFile(media::OutputFile),
    Rebuild(rebuild::Rebuild),
}

impl Tasks {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let client = Client::new(context)?;
        match self.command {
            Command::List(list) => list.run(context, &client).await?,
            Command::Show(show) => show.run(context, &client).await?,
            Command::Timeline(timeline) => timeline.run(context, &client).await?,
            Command::Stop(stop) => stop.run(context, &client).await?,
            Command::Pause(pause) => pause.run(context, &client).await?,
            Command::Resume(resume) => resume.run(context, &client).await?,
            Command::Status(status) => status.run(context, &client).await?,
            Command::Files(files) => files.run(context, &client).await?,
            Command::Media(media) => media.run(context, &client).await?,
            Command::Screenshots(screenshots) => screenshots.run(context, &client).await?,
            Command::OutputFile(file) => file.run(context, &client).await?,
            Command::Rebuild(rebuild) => rebuild.run(context, &client).await?,
            Command::Wait(wait) => return wait.run(context, &client).await,
            Command::Run(run) => return run.run(context, &client).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}
