//! `tidings sinks`: where events go, and how that goes.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::Context;
use super::client::Client;
use super::client::Query;
use super::rendering;
use super::table;
use super::table::Column;
use super::table::printable;
use super::verdict;

const COLUMNS: [Column; 7] = [
    ("NAME", "/name"),
    ("TYPE", "/type"),
    ("STATE", "/state"),
    ("PENDING", "/pending"),
    ("WAITING", "/waiting"),
    ("DEAD", "/dead"),
    ("LAST ERROR", "/last_error"),
];

/// Shows the sinks and how they fare, tries them out, shows what they would send, pauses and resumes
/// them.
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

    /// Sends a sink a test event, or says why it did or did not get an event.
    ///
    /// The test event has the type `tidings.test`, and no task is meant; the exit code is 1 if the sink
    /// did not take it. With `--event` nothing is sent, and the exit code is 1 if the sink's filter
    /// does not let that event through.
    #[command(
        after_help = "Example:\n  tidings sinks test backend\n  tidings sinks test backend --event evt_0197bd36-6c24-8b71-9d23-5e0f1c3a7b42"
    )]
    Test {
        /// Its name.
        name: String,

        /// An event that came, by its id.
        #[arg(long, value_name = "ID")]
        event: Option<String>,
    },

    /// Shows what a sink would send of an event, without secrets.
    ///
    /// Nothing is sent. Where nothing could be, it tells why, and the exit code is 1.
    #[command(
        after_help = "Example:\n  tidings sinks render backend --event evt_0197bd36-6c24-8b71-9d23-5e0f1c3a7b42\n  tidings sinks render backend --sample finished"
    )]
    Render {
        /// Its name.
        name: String,

        #[command(flatten)]
        of: Of,
    },
}

/// Which event.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Of {
    /// One that came, by its id.
    #[arg(long, value_name = "ID")]
    event: Option<String>,

    /// One as it may come, by its status or type: "finished", "tidings.test".
    #[arg(long, value_name = "WORD")]
    sample: Option<String>,
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
            Command::Test { name, event: None } => {
                let answer = ask(&client, &name, "test", None).await?;
                table::show(context.output, &answer)?;
                return Ok(success_if(answer["outcome"] == "delivered"));
            }
            Command::Test { name, event } => {
                let body = json!({ "event": event });
                let answer = ask(&client, &name, "test", Some(&body)).await?;
                verdict::show(context.output, &answer)?;
                return Ok(success_if(answer["matches"] == true));
            }
            Command::Render { name, of } => {
                let body = match of.event {
                    Some(event) => json!({ "event": event }),
                    None => json!({ "sample": of.sample }),
                };
                let answer = ask(&client, &name, "render", Some(&body)).await?;
                if context.output.json {
                    context.output.json(&answer)?;
                } else if let Some(error) = answer["error"].as_str() {
                    bail!("{}", printable(error));
                } else {
                    rendering::show(context.output, &answer["rendering"])?;
                }
                return Ok(success_if(answer["error"].is_null()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Has a sink paused or resumed, and shows how it stands then.
async fn change(client: &Client, context: &Context, name: &str, verb: &str) -> anyhow::Result<()> {
    let sink = ask(client, name, verb, None).await?;
    table::show(context.output, &sink)?;
    Ok(())
}

/// Has something done to a sink, or looked at.
async fn ask(
    client: &Client,
    name: &str,
    verb: &str,
    body: Option<&Value>,
) -> anyhow::Result<Value> {
    client
        .send_json(Method::POST, &["sinks", name, verb], body)
        .await
}

fn success_if(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
