//! `tidings cloud runs`: what v4 has in place of tasks.

use clap::Args;
use clap::Subcommand;

use super::Gateway;
use super::pages;
use super::shown;
use crate::cli::Context;
use crate::cli::table::Column;
use crate::cloud::v4::ListRuns;

const COLUMNS: [Column; 4] = [
    ("ID", "/id"),
    ("STATUS", "/status"),
    ("CREATED", "/createdAt"),
    ("TASK", "/task"),
];

/// Shows runs of v4.
///
/// One that was only just started may be unknown to Browser Use for some seconds.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud runs list --limit 10")]
pub(super) struct Runs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them, newest first.
    #[command(after_help = "Example:\n  tidings cloud runs list --json")]
    List {
        /// Of this session.
        #[arg(long, value_name = "ID")]
        session_id: Option<String>,

        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },

    /// Shows one, with what it came to.
    #[command(
        after_help = "Example:\n  tidings cloud runs show 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Show {
        /// Its id.
        id: String,
    },

    /// Prints Browser Use's word for how one stands: it takes being asked often.
    #[command(
        after_help = "Example:\n  tidings cloud runs status 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Status {
        /// Its id.
        id: String,
    },
}

impl Runs {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let v4 = gateway.v4();
        match self.command {
            Command::List { session_id, limit } => {
                let page = async |cursor, size| {
                    let list = ListRuns {
                        limit: Some(size),
                        cursor,
                        session_id: session_id.clone(),
                    };
                    let page = v4.runs(&list).await?;
                    let next = page.goes_on_at();
                    Ok((page.runs, next))
                };
                shown::list(context, &COLUMNS, pages::follow(limit, page).await?)
            }
            Command::Show { id } => shown::show(context, &v4.run(&id).await?),
            Command::Status { id } => shown::status(context, &v4.run_status(&id).await?),
        }
    }
}
