//! `tidings events`: what came.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

use super::Context;
use super::client::Client;
use super::client::Query;
use super::table;
use super::table::Column;

mod filter;
mod tail;

use self::filter::Filter;

const COLUMNS: [Column; 7] = [
    ("ID", "/id"),
    ("RECEIVED", "/received_at"),
    ("TYPE", "/type"),
    ("STATUS", "/status"),
    ("TASK", "/task_id"),
    ("TIMES", "/times_received"),
    ("OWED", "/deliveries/pending"),
];

/// Shows events, and sends them once more.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings events list --state finished --since 1h")]
pub(super) struct Events {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them, newest first.
    #[command(after_help = "Example:\n  tidings events list --state finished --since 1h")]
    List {
        #[command(flatten)]
        filter: Filter,

        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,

        /// Oldest first.
        #[arg(long)]
        oldest: bool,
    },

    /// Shows one.
    #[command(
        after_help = "Example:\n  tidings events show evt_01932c07-1e00-8a4b-9c1d-2e3f4a5b6c7d --raw"
    )]
    Show {
        /// Its id.
        id: String,

        /// Print the body's bytes as they came, and nothing else.
        #[arg(long)]
        raw: bool,
    },

    /// Prints events as they come, until Ctrl-C.
    #[command(after_help = "Example:\n  tidings events tail --state finished,failed,stopped")]
    Tail {
        #[command(flatten)]
        filter: Filter,
    },

    /// Owes an event to its sinks once more.
    #[command(
        after_help = "Example:\n  tidings events replay evt_01932c07-1e00-8a4b-9c1d-2e3f4a5b6c7d --sink backend"
    )]
    Replay {
        /// Its id.
        id: String,

        /// Only to these sinks.
        #[arg(long, value_delimiter = ',', value_name = "NAME")]
        sink: Vec<String>,
    },
}

impl Events {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let client = Client::new(context)?;
        match self.command {
            Command::List {
                filter,
                limit,
                oldest,
            } => {
                let mut query = filter.query()?;
                if oldest {
                    query.push(("order".to_owned(), "asc".to_owned()));
                }
                let rows = client.list(&["events"], &query, limit).await?;
                table::list(context.output, &COLUMNS, &rows)?;
            }
            Command::Show { id, raw: true } => {
                let bytes = client.bytes(&["events", &id, "raw"], &Query::new()).await?;
                context.output.bytes(&bytes)?;
            }
            Command::Show { id, raw: false } => {
                let event = client.get(&["events", &id], &Query::new()).await?;
                table::show(context.output, &event)?;
            }
            Command::Tail { filter } => tail::tail(context, &client, &filter.query()?).await?,
            Command::Replay { id, sink } => replay(context, &client, &id, &sink).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn replay(
    context: &Context,
    client: &Client,
    id: &str,
    sinks: &[String],
) -> anyhow::Result<()> {
    let body = if sinks.is_empty() {
        json!({})
    } else {
        json!({ "sinks": sinks })
    };
    let answer = client
        .send_json(Method::POST, &["events", id, "replay"], Some(&body))
        .await?;
    let Some(deliveries) = answer["data"].as_array() else {
        bail!("the server's answer is no listing: is it Tidings?");
    };
    table::list(context.output, &super::deliveries::COLUMNS, deliveries)?;
    Ok(())
}
