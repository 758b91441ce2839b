//! `tidings tasks rebuild`.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::table;

/// How often to ask how it goes.
const PAUSE: Duration = Duration::from_millis(200);

/// Works out the state of all tasks anew, from every event that is kept and every observation.
///
/// The server goes on receiving and answering meanwhile, and finishes also if this command is ended.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks rebuild")]
pub(super) struct Rebuild;

impl Rebuild {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let path = ["tasks", "rebuild"];
        let mut rebuild = client.send_json(Method::POST, &path, None).await?;
        while rebuild["state"] == "running" {
            context.output.progress(told(&rebuild));
            sleep(PAUSE).await;
            rebuild = client.get(&path, &Query::new()).await?;
        }
        context.output.progress("");
        table::show(context.output, &rebuild)?;
        if rebuild["state"] != "done" {
            bail!("it did not come to its end: the server's log says why");
        }
        Ok(())
    }
}

/// How far it has come.
fn told(rebuild: &Value) -> String {
    format!(
        "{} of {} events read, {} of {} tasks folded",
        rebuild["events_read"], rebuild["events"], rebuild["tasks_folded"], rebuild["tasks"]
    )
}
