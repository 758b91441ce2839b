//! Which events: the options of `list` and `tail`, as the API takes them.

use anyhow::Context as _;
use anyhow::anyhow;
use clap::Args;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::client::Query;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::period;

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

/// A time as it is, or a length of time as so long ago.
fn moment(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    if let Ok(ago) = period::parse(text) {
        return Ok(now.checked_sub(SignedDuration::try_from(ago)?)?);
    }
    text.parse().map_err(|_unreadable| {
        anyhow!("expected a time like 2026-11-23T10:00:00Z, or so long ago: 90s, 3d")
    })
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_so_long_ago() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        assert_eq!(
            moment("1h", now).unwrap().to_string(),
            "2026-11-23T09:00:00Z"
        );
        assert_eq!(
            moment("2026-01-02T03:04:05Z", now).unwrap().to_string(),
            "2026-01-02T03:04:05Z"
        );
        assert!(moment("yesterday", now).is_err());
    }
}
