//! Which events: the options of `list` and `tail`, as the API takes them.

use anyhow::Context as _;
use clap::Args;

use crate::cli::arguments::moment;
use crate::cli::arguments::pair;
use crate::cli::client::Query;
use crate::clock::Clock as _;
use crate::clock::SystemClock;

/// Which events. Every option that is given must hold; of several values one is enough.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Of any of these types.
    #[arg(long = "type", value_delimiter = ',', value_name = "TYPE")]
    kind: Vec<String>,

    /// With any of these states: created, running, paused, idle, finished, failed, stopped.
    #[arg(long, value_delimiter = ',')]
    state: Vec<String>,

    /// With any of these words of the vendor's for the state.
    #[arg(long, value_delimiter = ',')]
    status: Vec<String>,

    /// About any of these tasks.
    #[arg(long, value_delimiter = ',')]
    task_id: Vec<String>,

    /// About any of these sessions.
    #[arg(long, value_delimiter = ',')]
    session_id: Vec<String>,

    /// About any of these runs.
    #[arg(long, value_delimiter = ',')]
    run_id: Vec<String>,

    /// With this in its metadata.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,

    /// With an id or metadata value like this.
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,

    /// Received at or after: a time, or so long ago ("90s", "3d").
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,

    /// Received before: a time, or so long ago.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
}

impl Filter {
    /// The options as the API's parameters.
    pub(super) fn query(self) -> anyhow::Result<Query> {
        let mut query: Query = [
            ("type", self.kind),
            ("state", self.state),
            ("status", self.status),
            ("task_id", self.task_id),
            ("session_id", self.session_id),
            ("run_id", self.run_id),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (name.to_owned(), values.join(",")))
        .collect();

        for (key, value) in self.metadata {
            query.push((format!("metadata.{key}"), value));
        }
        query.extend(self.q.map(|text| ("q".to_owned(), text)));
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
