//! `tidings tasks files`.

use clap::Args;
use serde_json::Value;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::table;
use crate::cli::table::Column;

const COLUMNS: [Column; 6] = [
    ("KIND", "/kind"),
    ("NAME", "/name"),
    ("SIZE", "/size"),
    ("KEPT", "/kept_at"),
    ("SHA-256", "/sha256"),
    ("NOT KEPT", "/not_kept"),
];

/// Shows which files a task left behind, and which of them are kept.
///
/// As far as that is known: Browser Use is not asked.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks files 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45")]
pub(super) struct Files {
    /// The id of a task.
    id: String,
}

impl Files {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let path = ["tasks", &self.id, "files"];
        let files = client.get(&path, &Query::new()).await?;
        let rows = files["data"].as_array().map_or(&[][..], Vec::as_slice);
        table::list(context.output, &COLUMNS, rows)?;
        if let Some(why) = why(&files["capture"]) {
            context.output.note(why);
        }
        Ok(())
    }
}

/// Why not all of them are kept, where that is so for the task as a whole.
fn why(capture: &Value) -> Option<String> {
    let reason = capture["reason"].as_str()?;
    Some(match capture["due_at"].as_str() {
        Some(due_at) => format!("not all are kept yet; the next try is at {due_at}: {reason}"),
        None => format!("not all could be kept: {reason}"),
    })
}
