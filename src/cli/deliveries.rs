//! `tidings deliveries`: what is owed to sinks, and what became of it.

use std::process::ExitCode;

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

pub(super) const COLUMNS: [Column; 7] = [
    ("ID", "/id"),
    ("SINK", "/sink"),
    ("STATE", "/state"),
    ("ATTEMPTS", "/attempts"),
    ("NEXT", "/next_attempt_at"),
    ("EVENT", "/event_id"),
    ("LAST ANSWER", "/last_answer"),
];

/// Shows deliveries, and retries or discards them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings deliveries list --state dead")]
pub(super) struct Deliveries {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them, newest first.
    #[command(after_help = "Example:\n  tidings deliveries list --state dead --sink backend")]
    List(List),

    /// Shows one and its attempts.
    #[command(
        after_help = "Example:\n  tidings deliveries show dlv_019aae2b-0000-7000-8000-000000000001"
    )]
    Show {
        /// Its id.
        id: String,
    },

    /// Tries them again: some by id, or all dead letters that the options find.
    ///
    /// Those that the options find are counted first, and let live events go first. The exit code is
    /// 1 if some of them died again.
    #[command(after_help = "Example:\n  tidings deliveries retry --sink backend")]
    Retry {
        /// Their ids.
        #[arg(conflicts_with_all = ["Filter", "Many"])]
        ids: Vec<String>,

        #[command(flatten)]
        filter: Filter,

        #[command(flatten)]
        many: Many,
    },

    /// Gives them up, so that they hold up nothing.
    #[command(
        after_help = "Example:\n  tidings deliveries discard dlv_019aae2b-0000-7000-8000-000000000001 --reason \"sent by hand\""
    )]
    Discard {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<String>,

        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    filter: Filter,

    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// Which deliveries. Every option that is given must hold; of several values one is enough.
#[derive(Debug, Args)]
struct Filter {
    /// In any of these states: pending, waiting, leased, delivered, dead, discarded.
    #[arg(long, value_delimiter = ',')]
    state: Vec<String>,

    /// To any of these sinks.
    #[arg(long, value_delimiter = ',')]
    sink: Vec<String>,

    /// Of events about any of these tasks.
    #[arg(long, value_delimiter = ',')]
    task_id: Vec<String>,
}

impl Deliveries {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let client = Client::new(context)?;
        match self.command {
            Command::List(list) => {
                let query = list.filter.query();
                let rows = client.list(&["deliveries"], &query, list.limit).await?;
                table::list(context.output, &COLUMNS, &rows)?;
            }
            Command::Show { id } => {
                let delivery = client.get(&["deliveries", &id], &Query::new()).await?;
                table::show(context.output, &delivery)?;
            }
            Command::Retry { ids, .. } if !ids.is_empty() => {
                change(context, &client, &ids, "retry", &json!({})).await?;
            }
            Command::Retry { filter, many, .. } => {
                let which = Which {
                    path: &["deliveries", "retry"],
                    things: "dead letters",
                    filter: filter.query(),
                    sinks: Vec::new(),
                };
                return many.run(context, &client, &which).await;
            }
            Command::Discard { ids, reason } => {
                let body = match reason {
                    Some(reason) => json!({ "reason": reason }),
                    None => json!({}),
                };
                change(context, &client, &ids, "discard", &body).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Filter {
    fn query(self) -> Query {
        [
            ("state", self.state),
            ("sink", self.sink),
            ("task_id", self.task_id),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (name.to_owned(), values.join(",")))
        .collect()
    }
}

/// Does the same to each delivery, and shows where they stand then.
async fn change(
    context: &Context,
    client: &Client,
    ids: &[String],
    verb: &str,
    body: &serde_json::Value,
) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for id in ids {
        let path = ["deliveries", id, verb];
        rows.push(client.send_json(Method::POST, &path, Some(body)).await?);
    }
    table::list(context.output, &COLUMNS, &rows)?;
    Ok(())
}
