//! `tidings rejections`: what was refused, and why.

use std::process::ExitCode;

use clap::Args;
use clap::Subcommand;

use super::Context;
use super::client::Client;
use super::client::Query;
use super::table;
use super::table::Column;

const COLUMNS: [Column; 5] = [
    ("ID", "/id"),
    ("AT", "/at"),
    ("ENDPOINT", "/endpoint"),
    ("CAUSE", "/cause"),
    ("DIAGNOSIS", "/diagnosis"),
];

/// Shows requests that were refused, and why.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings rejections list")]
pub(super) struct Rejections {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them, newest first.
    #[command(after_help = "Example:\n  tidings rejections list --limit 10")]
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },

    /// Shows one.
    #[command(
        after_help = "Example:\n  tidings rejections show rej_019aae2b-0000-7000-8000-000000000001"
    )]
    Show {
        /// Its id.
        id: String,
    },
}

impl Rejections {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let client = Client::new(context)?;
        match self.command {
            Command::List { limit } => {
                let rows = client.list(&["rejections"], &Query::new(), limit).await?;
                table::list(context.output, &COLUMNS, &rows)?;
            }
            Command::Show { id } => {
                let rejection = client.get(&["rejections", &id], &Query::new()).await?;
                table::show(context.output, &rejection)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
