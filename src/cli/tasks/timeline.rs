//! `tidings tasks timeline`.

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::table;
use crate::cli::table::Column;
use crate::period;

const COLUMNS: [Column; 7] = [
    ("AT", "/at"),
    ("AFTER", "/after"),
    ("STATE", "/state"),
    ("STATUS", "/status"),
    ("SOURCE", "/source"),
    ("EVENT", "/event_id"),
    ("NOTE", "/note"),
];

/// From how long on it is worth telling that news was on its way.
const LONG: SignedDuration = SignedDuration::from_secs(10);

/// Shows all that was said about a task, oldest first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks timeline 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45")]
pub(super) struct Timeline {
    /// The id of a task, a run or a session.
    id: String,
}

impl Timeline {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let path = ["tasks", &self.id, "timeline"];
        let entries = client.list(&path, &Query::new(), usize::MAX).await?;
        let rows = if context.output.json {
            entries
        } else {
            told(&entries)
        };
        table::list(context.output, &COLUMNS, &rows)?;
        Ok(())
    }
}

/// The entries as a person reads them.
fn told(entries: &[Value]) -> Vec<Value> {
    let before = std::iter::once(None).chain(entries.iter().map(Some));
    let rows = entries.iter().zip(before).map(|(entry, before)| {
        let mut row = entry.clone();
        row["after"] = before.and_then(|before| gap(before, entry)).into();
        row["note"] = note(entry).into();
        row
    });
    rows.collect()
}

/// How much later than the one before it was so.
fn gap(before: &Value, entry: &Value) -> Option<String> {
    let gap = moment(&entry["at"])?.duration_since(moment(&before["at"])?);
    let sign = if gap.is_negative() { '-' } else { '+' };
    let gap = gap.unsigned_abs();
    let told = if gap < Duration::from_secs(1) {
        format!("{}ms", gap.as_millis())
    } else {
        period::rough(gap)
    };
    Some(format!("{sign}{told}"))
}

/// What is odd about an entry.
fn note(entry: &Value) -> String {
    let mut notes = Vec::new();
    match entry["effect"].as_str() {
        Some("late") => notes.push("late, changes nothing".to_owned()),
        Some("overruled") => notes.push("overruled, changes nothing".to_owned()),
        _ => {}
    }
    if let Some(times @ 2..) = entry["times_received"].as_u64() {
        notes.push(format!("came {times} times"));
    }
    if let (Some(at), Some(seen_at)) = (moment(&entry["at"]), moment(&entry["seen_at"])) {
        let way = seen_at.duration_since(at);
        if way > LONG {
            notes.push(format!("heard {} later", period::rough(way.unsigned_abs())));
        }
    }
    notes.join("; ")
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}
