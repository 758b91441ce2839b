//! `tidings cloud tasks`: tasks as Browser Use itself tells of them, with every field.

use anyhow::bail;
use clap::Args;
use clap::Subcommand;

use super::Gateway;
use super::pages;
use super::shown;
use crate::cli::Context;
use crate::cli::arguments::Api;
use crate::cli::arguments::WrongUsage;
use crate::cli::table::Column;
use crate::cloud::Moment;
use crate::cloud::v2::ListTasks;

const COLUMNS_OF_V1: [Column; 5] = [
    ("ID", "/id"),
    ("STATUS", "/status"),
    ("CREATED", "/created_at"),
    ("FINISHED", "/finished_at"),
    ("TASK", "/task"),
];

const COLUMNS_OF_V2: [Column; 5] = [
    ("ID", "/id"),
    ("STATUS", "/status"),
    ("CREATED", "/createdAt"),
    ("FINISHED", "/finishedAt"),
    ("TASK", "/task"),
];

/// Shows tasks as Browser Use tells of them, also those that no webhook told of.
///
/// `tidings tasks` shows what this server knows of tasks, in words that are the same for each
/// version of the API.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud tasks list --status started")]
pub(super) struct Tasks {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(List),

    /// Shows one, with its steps.
    #[command(
        after_help = "Example:\n  tidings cloud tasks show 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Show {
        /// Its id.
        id: String,

        /// The version of the API that it was made with.
        #[arg(long, value_enum, default_value_t)]
        api: Api,
    },

    /// Prints Browser Use's word for how one stands: it takes being asked often.
    #[command(
        after_help = "Example:\n  tidings cloud tasks status 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Status {
        /// Its id.
        id: String,

        /// The version of the API that it was made with.
        #[arg(long, value_enum, default_value_t)]
        api: Api,
    },
}

/// Lists them, newest first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud tasks list --status started --limit 10")]
struct List {
    /// Those made with this version of the API: each knows its own alone.
    #[arg(long, value_enum, default_value_t)]
    api: Api,

    /// Of this session; v2 alone.
    #[arg(long, value_name = "ID")]
    session_id: Option<String>,

    /// With this status: created, started, finished, failed, stopped; v2 alone.
    #[arg(long)]
    status: Option<String>,

    /// Made after this time, as in 2026-11-23T08:00:00Z; v2 alone.
    #[arg(long, value_name = "TIME")]
    after: Option<String>,

    /// Made before this time; v2 alone.
    #[arg(long, value_name = "TIME")]
    before: Option<String>,

    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

impl Tasks {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        match self.command {
            Command::List(list) => list.run(context, gateway).await,
            Command::Status { id, api: Api::V1 } => {
                shown::status(context, &gateway.v1().task_status(&id).await?)
            }
            Command::Status { id, api: Api::V2 } => {
                let told = gateway.v2().task_status(&id).await?;
                Ok(context.output.word(&told, &told.status)?)
            }
            Command::Show { id, api: Api::V1 } => {
                shown::show(context, &gateway.v1().task(&id).await?)
            }
            Command::Show { id, api: Api::V2 } => {
                shown::show(context, &gateway.v2().task(&id).await?)
            }
        }
    }
}

impl List {
    async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let filter = ListTasks {
            session_id: self.session_id,
            filter_by: self.status,
            after: self.after.as_deref().map(Moment::from),
            before: self.before.as_deref().map(Moment::from),
            ..ListTasks::default()
        };
        let (columns, rows) = match self.api {
            Api::V1 if filter != ListTasks::default() => {
                let told = "v1 lists all of its tasks: leave out what only v2 can choose by";
                bail!(WrongUsage(told.to_owned()))
            }
            Api::V1 => {
                let v1 = gateway.v1();
                let page = async |number, size| {
                    let page = v1.tasks(pages::paging(number, size)).await?;
                    Ok(page.tasks)
                };
                (COLUMNS_OF_V1, pages::gather(self.limit, page).await?)
            }
            Api::V2 => {
                let v2 = gateway.v2();
                let page = async |number, size| {
                    let list = ListTasks {
                        page_number: Some(number),
                        page_size: Some(size),
                        ..filter.clone()
                    };
                    Ok(v2.tasks(&list).await?.items)
                };
                (COLUMNS_OF_V2, pages::gather(self.limit, page).await?)
            }
        };
        shown::list(context, &columns, rows)
    }
}
