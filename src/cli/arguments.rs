//! Values as people write them on the command line.

use anyhow::anyhow;
use clap::ValueEnum;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::period;

/// The versions of Browser Use's API in which tasks can be run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Api {
    V1,
    #[default]
    V2,
}

/// Something that cannot be done as it was typed. The exit code is that of an option which does not
/// exist.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongUsage(pub(super) String);

/// A time as it is, or a length of time as so long ago.
pub(super) fn moment(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    if let Ok(ago) = period::parse(text) {
        return Ok(now.checked_sub(SignedDuration::try_from(ago)?)?);
    }
    text.parse().map_err(|_unreadable| {
        anyhow!("expected a time like 2026-11-23T10:00:00Z, or so long ago: 90s, 3d")
    })
}

/// A key and its value.
pub(super) fn pair(text: &str) -> anyhow::Result<(String, String)> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(anyhow!("write KEY=VALUE")),
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

    #[test]
    fn a_pair_has_a_key() {
        assert_eq!(pair("a=b=c").unwrap(), ("a".into(), "b=c".into()));
        assert!(pair("=b").is_err() && pair("a").is_err());
    }
}
