//! `tidings tasks stop`, `pause` and `resume`.

use clap::Args;
use reqwest::Method;

use super::list::COLUMNS;
use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::table;

/// Ends tasks for good.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks stop 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45")]
pub(super) struct Stop {
    #[command(flatten)]
    tasks: Tasks,
}

/// Halts running tasks until they are resumed; only the API v1 has it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks pause 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45")]
pub(super) struct Pause {
    #[command(flatten)]
    tasks: Tasks,
}

/// Lets paused tasks go on; only the API v1 has it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks resume 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45")]
pub(super) struct Resume {
    #[command(flatten)]
    tasks: Tasks,
}

#[derive(Debug, Args)]
struct Tasks {
    /// Their ids.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

impl Stop {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        self.tasks.tell("stop", context, client).await
    }
}

impl Pause {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        self.tasks.tell("pause", context, client).await
    }
}

impl Resume {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        self.tasks.tell("resume", context, client).await
    }
}

impl Tasks {
    /// Tells each the same, and shows where they stand then.
    async fn tell(&self, what: &str, context: &Context, client: &Client) -> anyhow::Result<()> {
        let mut tasks = Vec::new();
        for id in &self.ids {
            let path = ["tasks", id, what];
            tasks.push(client.send_json(Method::POST, &path, None).await?);
        }
        table::list(context.output, &COLUMNS, &tasks)?;
        Ok(())
    }
}
