//! Prints events as they come, by asking the list again and again.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::output::Output;
use crate::cli::table::printable;
use crate::clock::Clock as _;
use crate::clock::SystemClock;

/// How long to wait before asking again when there was nothing new.
const PAUSE: Duration = Duration::from_millis(1500);

/// How many events an answer may hold.
const PAGE: usize = 100;

/// Follows the log from now on until somebody presses Ctrl-C.
pub(super) async fn tail(context: &Context, client: &Client, filter: &Query) -> anyhow::Result<()> {
    tokio::select! {
        outcome = follow(context, client, filter) => outcome,
        // A failure to listen for Ctrl-C means that it ends the process by itself.
        Ok(()) = tokio::signal::ctrl_c() => Ok(()),
    }
}

async fn follow(context: &Context, client: &Client, filter: &Query) -> anyhow::Result<()> {
    let mut query = filter.clone();
    query.push(("order".to_owned(), "asc".to_owned()));
    if !query.iter().any(|(name, _)| name == "since") {
        query.push(("since".to_owned(), SystemClock.now().to_string()));
    }

    let mut cursor = None;
    let mut seen = 0;
    loop {
        let (rows, next) = client
            .page(&["events"], &query, cursor.clone(), PAGE)
            .await?;
        // Only a page that is not the last has a cursor; the last one is asked for again, and what
        // it showed before is passed over.
        for row in rows.iter().skip(seen) {
            print(context.output, row)?;
        }
        if next.is_some() {
            cursor = next;
            seen = 0;
        } else {
            seen = rows.len();
            sleep(PAUSE).await;
        }
    }
}

fn print(output: Output, event: &Value) -> anyhow::Result<()> {
    if output.json {
        return Ok(output.json(event)?);
    }
    let word = |key: &str| printable(event[key].as_str().unwrap_or("-"));
    output.line(format_args!(
        "{}  {}  {}  {}  {}",
        word("received_at"),
        word("id"),
        word("type"),
        word("status"),
        word("task_id"),
    ))?;
    Ok(())
}
