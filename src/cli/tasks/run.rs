//! `tidings tasks run`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::waiting::INTERRUPTED;
use super::waiting::TIME_IS_UP;
use super::waiting::Waited;
use super::waiting::Waiting;
use crate::cli::Context;
use crate::cli::agent::Agent;
use crate::cli::agent::AgentOfV1;
use crate::cli::agent::AgentOfV2;
use crate::cli::arguments::Api;
use crate::cli::arguments::WrongUsage;
use crate::cli::body::BodyFile;
use crate::cli::body::Fields;
use crate::cli::body::fields_of;
use crate::cli::body::given;
use crate::cli::body::lay_over;
use crate::cli::client::Client;
use crate::cli::table::printable;
use crate::period;

/// Runs a task, and prints its id; with --wait, what came of it.
///
/// Exit code with --wait: 0 when it succeeded, 1 when not, 124 when the time was up before, 130
/// after Ctrl-C. The task goes on after both.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings tasks run --wait \"Find the price of milk in Bern\"\n  \
                  tidings tasks run --secret-env password=SHOP_PASSWORD --allow shop.example \\\n    \
                  \"Log in as ann and order milk\""
)]
pub(super) struct Run {
    /// What the agent should do.
    #[arg(required_unless_present = "body")]
    task: Option<String>,

    /// Wait until it has ended, at most for a time such as `--wait=10m`, and print its output.
    #[arg(
        long,
        value_name = "TIME",
        num_args = 0..=1,
        require_equals = true,
        value_parser = period::parse
    )]
    #[expect(clippy::option_option, reason = "not at all, for ever, or for a time")]
    wait: Option<Option<Duration>>,

    /// The version of Browser Use's API to run it with.
    #[arg(long, value_enum, default_value_t)]
    api: Api,

    #[command(flatten)]
    body: BodyFile,

    /// The browser profile to use.
    #[arg(long, value_name = "ID")]
    profile: Option<String>,

    #[command(flatten)]
    agent: Agent,

    #[command(flatten, next_help_heading = "Of the API v1 alone")]
    of_v1: AgentOfV1,

    #[command(flatten, next_help_heading = "Of the API v2 alone")]
    of_v2: AgentOfV2,
}

impl Run {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<ExitCode> {
        let body = self.body.with(self.fields(context)?)?;
        let task = start(client, self.api, body).await?;
        let Some(id) = task["id"].as_str() else {
            bail!("the server's answer names no task: is it Tidings?");
        };
        match self.wait {
            None => {
                context.output.word(&task, id)?;
                Ok(ExitCode::SUCCESS)
            }
            Some(timeout) => wait(context, client, id, timeout).await,
        }
    }

    /// The body's fields, in the words of the version.
    fn fields(&self, context: &Context) -> anyhow::Result<Fields> {
        let (mut fields, profile, own, others) = match self.api {
            Api::V1 => (
                self.agent.in_v1(&context.environment)?,
                given([("browser_profile_id", json!(self.profile))]),
                fields_of(&self.of_v1),
                self.of_v2.fields(),
            ),
            Api::V2 => (
                self.agent.in_v2(&context.environment)?,
                self.profile_of_v2(),
                self.of_v2.fields(),
                fields_of(&self.of_v1),
            ),
        };
        if let Some(field) = others.keys().next() {
            bail!(WrongUsage(format!(
                "this version of the API does not know `{field}`: leave the option out, or give \
                 the other one with --api"
            )));
        }
        lay_over(&mut fields, given([("task", json!(self.task))]));
        lay_over(&mut fields, profile);
        lay_over(&mut fields, own);
        Ok(fields)
    }

    fn profile_of_v2(&self) -> Fields {
        let settings = self.profile.as_ref().map(|id| json!({ "profileId": id }));
        given([("sessionSettings", json!(settings))])
    }
}

/// Has the server start a task.
async fn start(client: &Client, api: Api, body: Fields) -> anyhow::Result<Value> {
    let api = match api {
        Api::V1 => "v1",
        Api::V2 => "v2",
    };
    let query = [("api".to_owned(), api.to_owned())].into();
    let started = client
        .send_query(Method::POST, &["tasks"], &query, Some(&body.into()))
        .await;
    started.map_err(|error| {
        if error.is::<reqwest::Error>() {
            error.context("nobody knows whether it was started: see `tidings cloud tasks list`")
        } else {
            error
        }
    })
}

/// Waits for the end, and prints what came of it.
async fn wait(
    context: &Context,
    client: &Client,
    id: &str,
    timeout: Option<Duration>,
) -> anyhow::Result<ExitCode> {
    let output = context.output;
    let waiting = Waiting {
        ids: vec![id.to_owned()],
        any: false,
        with_output: true,
        timeout,
    };
    match waiting.run(context, client).await? {
        Waited::Over(tasks) => {
            let task = tasks.first().unwrap_or(&Value::Null);
            tell(context, task)?;
            Ok(if succeeded(task) {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Waited::TimeIsUp(_) => {
            output.note(format_args!("the time is up; {}", waiting.how_to_go_on()));
            Ok(ExitCode::from(TIME_IS_UP))
        }
        Waited::Interrupted => {
            output.note(format_args!(
                "the task goes on; {}, and to stop it: tidings tasks stop {id}",
                waiting.how_to_go_on()
            ));
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

/// Prints the output alone, so that it can be put into a file; how the task ended goes beside it.
fn tell(context: &Context, task: &Value) -> anyhow::Result<()> {
    let output = context.output;
    if output.json {
        return Ok(output.json(task)?);
    }
    if !succeeded(task) {
        let state = printable(task["state"].as_str().unwrap_or("unknown"));
        let id = printable(task["id"].as_str().unwrap_or_default());
        output.note(format_args!(
            "it did not succeed ({state}): tidings tasks show {id}"
        ));
    }
    match task["output"].as_str() {
        Some(text) => output.text(text)?,
        None => output.note("there is no output"),
    }
    Ok(())
}

/// Whether a task that ended did what it was told, as the judge or the agent says, else its state.
fn succeeded(task: &Value) -> bool {
    match task["outcome"].as_str() {
        Some(outcome) => outcome == "success",
        None => task["state"] == "finished",
    }
}
