//! `tidings tasks list`.

use anyhow::Context as _;
use clap::Args;

use crate::cli::Context;
use crate::cli::arguments::moment;
use crate::cli::arguments::pair;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::table;
use crate::cli::table::Column;
use crate::clock::Clock as _;
use crate::clock::SystemClock;

pub(super) const COLUMNS: [Column; 5] = [
    ("ID", "/id"),
    ("KIND", "/kind"),
    ("STATE", "/state"),
    ("FIRST SEEN", "/first_seen_at"),
    ("FINISHED", "/finished_at"),
];

/// Lists tasks, newest first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks list --state failed,stopped --since 1d")]
pub(super) struct List {
    /// In any of these states: created, running, paused, idle, finished, failed, stopped.
    #[arg(long, value_delimiter = ',')]
    state: Vec<String>,

    /// Only those that have ended, or, with `--ended=false`, those that have not.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    ended: Option<bool>,

    /// Of any of these sessions.
    #[arg(long, value_delimiter = ',')]
    session_id: Vec<String>,

    /// With this in its metadata.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,

    /// Seen first at or after: a time, or so long ago ("90s", "3d").
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,

    /// Seen first before: a time, or so long ago.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,

    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl List {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let limit = self.limit;
        let rows = client.list(&["tasks"], &self.query()?, limit).await?;
        table::list(context.output, &COLUMNS, &rows)?;
        Ok(())
    }

    /// The options as the API's parameters.
    fn query(self) -> anyhow::Result<Query> {
        let mut query: Query = [("state", self.state), ("session_id", self.session_id)]
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| (name.to_owned(), values.join(",")))
            .collect();
        query.extend(
            self.ended
                .map(|ended| ("ended".to_owned(), ended.to_string())),
        );
        for (key, value) in self.metadata {
            query.push((format!("metadata.{key}"), value));
        }
        let now = SystemClock.now();
        for (name, when) in [("since", self.since), ("until", self.until)] {
            if let Some(when) = when {
                let at = moment(&when, now).with_context(|| format!("--{name} {when}"))?;
                query.push((name.to_owned(), at.to_string()));
            }
        }
        Ok(query)
    }
}
