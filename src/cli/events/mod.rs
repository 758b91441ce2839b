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
use super::replays::Many;
use super::replays::Which;
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

    /// Owes events to their sinks once more: some by id, or all that the options find.
    ///
    /// Those that the options find are counted first, go to those of the sinks whose own filter lets
    /// them through, and let live events go first. The exit code is 1 if some of them ended as dead
    /// letters.
    #[command(
        after_help = "Example:\n  tidings events replay --state finished --since 1d --sink backend"
    )]
    Replay {
        /// Their ids.
        #[arg(conflicts_with_all = ["Filter", "Many"])]
        ids: Vec<String>,

        #[command(flatten)]
        filter: Filter,

        /// Only to these sinks.
        #[arg(long, value_delimiter = ',', value_name = "NAME")]
        sink: Vec<String>,

        #[command(flatten)]
        many: Many,
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
            Command::Replay { ids, sink, .. } if !ids.is_empty() => {
                replay(context, &client, &ids, &sink).await?;
            }
            Command::Replay {
                filter, sink, many, ..
            } => {
                let which = Which {
                    path: &["replays"],
                    things: "events",
                    filter: filter.query()?,
                    sinks: sink,
                };
                return many.run(context, &client, &which).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn replay(
    context: &Context,
    client: &Client,
    ids: &[String],
    sinks: &[String],
) -> anyhow::Result<()> {
    let body = if sinks.is_empty() {
        json!({})
    } else {
        json!({ "sinks": sinks })
    };
    let mut rows = Vec::new();
    for id in ids {
        let path = ["events", id, "replay"];
        let answer = client.send_json(Method::POST, &path, Some(&body)).await?;
        let Some(deliveries) = answer["data"].as_array() else {
            bail!("the server's answer is no listing: is it Tidings?");
        };
        rows.extend_from_slice(deliveries);
    }
    table::list(context.output, &super::deliveries::COLUMNS, &rows)?;
    Ok(())
}
