//! What is told of a run, in the words of each era.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use serde_json::json;

use crate::simulator::Task;
use crate::simulator::world::Api;
use crate::simulator::world::End;
use crate::simulator::world::News;
use crate::simulator::world::Notice;

/// The words and shapes of webhooks in one era.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// Until May 2025: the words of v1, and the payload alone.
    Flat,
    /// As documented for v1.
    V1,
    /// Of tasks made through v2: nothing is told before the start.
    V2,
    /// Of sessions made through v3, as users report it.
    V3,
}

/// A word that is no era.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no era `{0}`: flat, v1, v2, v3")]
pub struct UnknownEra(String);

/// What the vendor posts to see whether somebody is there, word for word.
pub(super) fn test_ping(era: Option<Era>) -> Bytes {
    Bytes::from_static(match era {
        Some(Era::Flat) => br#"{"test": "ok"}"#,
        _ => br#"{"type": "test", "timestamp": "2024-03-21T12:00:00Z", "payload": {"test": "ok"}}"#,
    })
}

/// What is told of something that has happened: the status, and the body. None: nothing is.
pub(super) fn tell(notice: &Notice, era: Option<Era>) -> Option<(&'static str, Bytes)> {
    let era = era.or_else(|| Era::of(notice.api))?;
    let status = era.status(notice)?;
    let task = subject(notice);
    let after = notice.at.duration_since(task.created_at);
    let body = match era {
        Era::Flat => task.flat_update(status),
        Era::V1 | Era::V2 => task.update(status, after),
        Era::V3 => {
            let payload = json!({ "session_id": task.session_id, "status": status });
            task.body("session.status.update", after, payload)
        }
    };
    Some((status, body))
}

/// What it is about, as far as webhooks know it.
fn subject(notice: &Notice) -> Task {
    Task {
        id: notice.id.to_string(),
        session_id: notice.session_id.to_string(),
        created_at: notice.created_at,
        metadata: notice.metadata.clone(),
    }
}

impl Era {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Flat, Self::V1, Self::V2, Self::V3];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }

    /// The era of a version of the API. No webhooks are documented for v4.
    fn of(api: Api) -> Option<Self> {
        match api {
            Api::V1 => Some(Self::V1),
            Api::V2 => Some(Self::V2),
            Api::V3 => Some(Self::V3),
            Api::V4 => None,
        }
    }

    fn status(self, notice: &Notice) -> Option<&'static str> {
        match self {
            Self::Flat | Self::V1 => v1_status(notice.news),
            Self::V2 => v2_status(notice.news),
            Self::V3 => v3_status(notice.news, notice.keeps_alive),
        }
    }
}

/// `failed` was never announced for webhooks; users have seen it. Sessions were not told of.
fn v1_status(news: News) -> Option<&'static str> {
    match news {
        News::Created => Some("initializing"),
        News::Started | News::Resumed => Some("started"),
        News::Paused => Some("paused"),
        News::Ended(End::Succeeded | End::Unsuccessful) => Some("finished"),
        News::Ended(End::Failed | End::TimedOut) => Some("failed"),
        News::Ended(End::Stopped) => Some("stopped"),
        News::SessionStopped => None,
    }
}

fn v2_status(news: News) -> Option<&'static str> {
    match news {
        News::Created | News::Paused => None,
        other => v1_status(other),
    }
}

/// The status of the session, which outlives a run if it is kept alive.
fn v3_status(news: News, keeps_alive: bool) -> Option<&'static str> {
    match news {
        News::Created | News::Paused => None,
        News::Started | News::Resumed => Some("running"),
        News::Ended(End::Failed) => Some("error"),
        News::Ended(End::TimedOut) => Some("timed_out"),
        News::Ended(_) if keeps_alive => Some("idle"),
        News::Ended(_) | News::SessionStopped => Some("stopped"),
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Era {
    type Err = UnknownEra;

    fn from_str(word: &str) -> Result<Self, UnknownEra> {
        Self::ALL
            .into_iter()
            .find(|era| era.as_str() == word)
            .ok_or_else(|| UnknownEra(word.to_owned()))
    }
}
