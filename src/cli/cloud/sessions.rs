//! `tidings cloud sessions`: what v3 has in place of tasks.

use clap::Args;
use clap::Subcommand;

use super::Gateway;
use super::pages;
use super::shown;
use crate::cli::Context;
use crate::cli::table::Column;
use crate::cloud::v3::ListSessions;

const COLUMNS: [Column; 5] = [
    ("ID", "/id"),
    ("STATUS", "/status"),
    ("SUCCESS", "/isTaskSuccessful"),
    ("CREATED", "/createdAt"),
    ("TITLE", "/title"),
];

/// Shows sessions of v3, which has no tasks below them.
///
/// One that is not kept alive is stopped also after a success: SUCCESS tells which.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud sessions list --limit 10")]
pub(super) struct Sessions {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them, newest first.
    #[command(after_help = "Example:\n  tidings cloud sessions list --json")]
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },

    /// Shows one, with what it came to.
    #[command(
        after_help = "Example:\n  tidings cloud sessions show 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Show {
        /// Its id.
        id: String,
    },

    /// Prints Browser Use's word for how one stands.
    #[command(
        after_help = "Example:\n  tidings cloud sessions status 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Status {
        /// Its id.
        id: String,
    },
}

impl Sessions {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let v3 = gateway.v3();
        match self.command {
            Command::List { limit } => {
                let page = async |number, size| {
                    let list = ListSessions {
                        page: Some(number),
                        page_size: Some(size),
                    };
                    Ok(v3.sessions(list).await?.sessions)
                };
                shown::list(context, &COLUMNS, pages::gather(limit, page).await?)
            }
            Command::Show { id } => shown::show(context, &v3.session(&id).await?),
            Command::Status { id } => shown::status(context, &v3.session_status(&id).await?),
        }
    }
}
