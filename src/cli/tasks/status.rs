//! `tidings tasks status`.

use clap::Args;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;

/// Prints how a task stands, in one word: as Browser Use says, unless it has ended.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks status 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45")]
pub(super) struct Status {
    /// The id of a task, a run or a session.
    id: String,
}

impl Status {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let path = ["tasks", &self.id, "status"];
        let status = client.get(&path, &Query::new()).await?;
        let state = status["state"].as_str().unwrap_or("unknown");
        Ok(context.output.word(&status, state)?)
    }
}
