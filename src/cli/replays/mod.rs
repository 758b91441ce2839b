//! `tidings replays`: much that is delivered once more, and how that goes.

use std::process::ExitCode;

use clap::Args;
use clap::Subcommand;
use reqwest::Method;

use super::Context;
use super::client::Client;
use super::client::Query;
use super::table;
use super::table::Column;

mod many;
mod watch;

pub(super) use self::many::Many;
pub(super) use self::many::Which;

const COLUMNS: [Column; 8] = [
    ("ID", "/id"),
    ("KIND", "/kind"),
    ("STATE", "/state"),
    ("FOUND", "/matched"),
    ("OWED", "/owed"),
    ("PENDING", "/pending"),
    ("DELIVERED", "/delivered"),
    ("DEAD", "/dead"),
];

/// Shows replays, and cancels them. `tidings events replay` and `tidings deliveries retry` begin them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings replays list")]
pub(super) struct Replays {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them, newest first.
    #[command(after_help = "Example:\n  tidings replays list --json")]
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },

    /// Shows one.
    #[command(
        after_help = "Example:\n  tidings replays show rpl_019aae2b-0000-7000-8000-000000000001 --wait"
    )]
    Show {
        /// Its id.
        id: String,

        /// Watch it until it has ended; exit code 1 if it was cancelled or left dead letters.
        #[arg(long)]
        wait: bool,
    },

    /// Ends one before its time: it owes nothing more, and what nobody is trying is given up.
    #[command(
        after_help = "Example:\n  tidings replays cancel rpl_019aae2b-0000-7000-8000-000000000001"
    )]
    Cancel {
        /// Its id.
        id: String,
    },
}

impl Replays {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let client = Client::new(context)?;
        match self.command {
            Command::List { limit } => {
                let rows = client.list(&["replays"], &Query::new(), limit).await?;
                table::list(context.output, &COLUMNS, &rows)?;
            }
            Command::Show { id, wait } => {
                let replay = client.get(&["replays", &id], &Query::new()).await?;
                if wait {
                    return watch::watch(context, &client, replay).await;
                }
                table::show(context.output, &replay)?;
            }
            Command::Cancel { id } => {
                let path = ["replays", &id];
                let cancelled = client.send_json(Method::DELETE, &path, None).await?;
                table::show(context.output, &cancelled)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
