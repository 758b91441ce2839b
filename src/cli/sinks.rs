//! `tidings sinks`: where events go, and how that goes.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use reqwest::Method;

use super::Context;
use super::client::Client;
use super::client::Query;
use super::table;
use super::table::Column;

const COLUMNS: [Column; 7] = [
    ("NAME", "/name"),
    ("TYPE", "/type"),
    ("STATE", "/state"),
    ("PENDING", "/pending"),
    ("WAITING", "/waiting"),
    ("DEAD", "/dead"),
    ("LAST ERROR", "/last_error"),
];

/// Shows the sinks and how they fare, tries them out, pauses and resumes them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings sinks list")]
pub(super) struct Sinks {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them.
    #[command(after_help = "Example:\n  tidings sinks list --json")]
    List,

    /// Shows one.
    #[command(after_help = "Example:\n  tidings sinks show backend")]
    Show {
        /// Its name.
        name: String,
    },

    /// Leaves a sink alone until it is resumed; what it is owed waits, also over a restart.
    #[command(after_help = "Example:\n  tidings sinks pause backend")]
    Pause {
        /// Its name.
        name: String,
    },

    /// Serves a sink again that was paused.
    #[command(after_help = "Example:\n  tidings sinks resume backend")]
    Resume {
        /// Its name.
        name: String,
    },

    /// Sends a sink a test event and shows its answer; exit code 1 if it did not take it.
    #[command(after_help = "Example:\n  tidings sinks test backend")]
    Test {
        /// Its name.
        name: String,
    },
}

impl Sinks {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let client = Client::new(context)?;
        match self.command {
            Command::List => {
                let answer = client.get(&["sinks"], &Query::new()).await?;
                let Some(rows) = answer["data"].as_array() else {
                    bail!("the server's answer is no listing: is it Tidings?");
                };
                table::list(context.output, &COLUMNS, rows)?;
            }
            Command::Show { name } => {
                let sink = client.get(&["sinks", &name], &Query::new()).await?;
                table::show(context.output, &sink)?;
            }
            Command::Pause { name } => change(&client, context, &name, "pause").await?,
            Command::Resume { name } => change(&client, context, &name, "resume").await?,
            Command::Test { name } => {
                let answer = client
                    .send_json(Method::POST, &["sinks", &name, "test"], None)
                    .await?;
                table::show(context.output, &answer)?;
                if answer["outcome"] != "delivered" {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Has a sink paused or resumed, and shows how it stands then.
async fn change(client: &Client, context: &Context, name: &str, verb: &str) -> anyhow::Result<()> {
    let path = ["sinks", name, verb];
    let sink = client.send_json(Method::POST, &path, None).await?;
    table::show(context.output, &sink)?;
    Ok(())
}
