//! `tidings tasks show`.

use clap::Args;
use serde_json::Value;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::table;

/// Shows one task.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings tasks show 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 --fresh"
)]
pub(super) struct Show {
    /// The id of a task, a run or a session.
    id: String,

    /// Ask Browser Use first; where it does not tell, the last that is known is shown.
    #[arg(long)]
    fresh: bool,
}

impl Show {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let mut query = Query::new();
        if self.fresh {
            query.push(("fresh".to_owned(), "true".to_owned()));
        }
        let mut task = client.get(&["tasks", &self.id], &query).await?;
        if !context.output.json {
            keep_what_is_known(&mut task);
        }
        table::show(context.output, &task)?;
        Ok(())
    }
}

/// Takes out what tells a person nothing: what nobody told, and where programs go on.
fn keep_what_is_known(task: &mut Value) {
    if let Value::Object(task) = task {
        task.retain(|key, value| !value.is_null() && key != "links");
    }
}
