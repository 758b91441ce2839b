//! `tidings cloud`: Browser Use's API beside its tasks, through a running server, whose key it is.

use std::process::ExitCode;

use clap::Args;
use clap::Subcommand;

use super::Context;

mod account;
mod downloads;
mod files;
mod gateway;
mod pages;
mod profiles;
mod runs;
mod scheduled;
mod search;
mod sessions;
mod shown;
mod tasks;

use self::gateway::Gateway;

/// Uses Browser Use Cloud through a running server, which has the key.
///
/// Tasks are run and told what to do with `tidings tasks`; here is what else there is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud balance")]
pub(super) struct Cloud {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Search(search::Search),
    SearchUrl(search::SearchUrl),
    Scheduled(scheduled::Scheduled),
    Profiles(profiles::Profiles),
    Files(files::Files),
    Tasks(tasks::Tasks),
    Sessions(sessions::Sessions),
    Runs(runs::Runs),
    Gif(downloads::Gif),
    Logs(downloads::Logs),
    Balance(account::Balance),
    Me(account::Me),
    Ping(account::Ping),
}

impl Cloud {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let gateway = Gateway::open(context).await?;
        let ran = self.command.run(context, &gateway).await;
        ran.map_err(|error| gateway.explain(error))
    }
}

impl Command {
    async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<ExitCode> {
        match self {
            Self::Search(search) => search.run(context, gateway).await?,
            Self::SearchUrl(search) => search.run(context, gateway).await?,
            Self::Scheduled(scheduled) => scheduled.run(context, gateway).await?,
            Self::Profiles(profiles) => profiles.run(context, gateway).await?,
            Self::Files(files) => files.run(context, gateway).await?,
            Self::Tasks(tasks) => tasks.run(context, gateway).await?,
            Self::Sessions(sessions) => sessions.run(context, gateway).await?,
            Self::Runs(runs) => runs.run(context, gateway).await?,
            Self::Gif(gif) => gif.run(context, gateway).await?,
            Self::Logs(logs) => logs.run(context, gateway).await?,
            Self::Balance(balance) => balance.run(context, gateway).await?,
            Self::Me(me) => return me.run(context, gateway).await,
            Self::Ping(ping) => ping.run(context, gateway).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
