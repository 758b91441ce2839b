//! What a service answered.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::timeout;

use super::retry_after::retry_after;
use crate::delivery::Attempt;

/// How long we listen once the status is known. The status has said it all: a sink that dawdles
/// over the rest has still said yes.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a service answered.
#[derive(Debug)]
pub(in crate::sinks) struct Answer {
    /// The status.
    pub(in crate::sinks) status: StatusCode,
    /// How long it asks us to wait.
    pub(in crate::sinks) after: Option<Duration>,
    /// The beginning of the rest, as text: what came in time, at most [`Attempt::ANSWER_LIMIT`]
    /// bytes. None when there was nothing.
    pub(in crate::sinks) text: Option<String>,
}

impl Answer {
    /// Hears the beginning of an answer.
    pub(super) async fn read(response: Response, now: Timestamp) -> Self {
        Self {
            status: response.status(),
            after: retry_after(response.headers(), now),
            text: beginning(response).await,
        }
    }

    /// The same for a service that says in its JSON how long it asks us to wait, in seconds: at this
    /// pointer, as in RFC 6901. Where it names two waits, the longer one counts.
    #[cfg_attr(not(test), expect(dead_code, reason = "the first chat sink calls it"))]
    pub(in crate::sinks) fn or_waits_as_told_at(self, pointer: &str) -> Self {
        let told = self
            .text
            .as_deref()
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .and_then(|json| json.pointer(pointer)?.as_f64())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self {
            after: self.after.max(told),
            ..self
        }
    }
}

/// The beginning of an answer.
async fn beginning(mut response: Response) -> Option<String> {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < Attempt::ANSWER_LIMIT
            && let Ok(Some(chunk)) = response.chunk().await
        {
            let room = Attempt::ANSWER_LIMIT - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
    };
    // What had come when the time was up is kept.
    timeout(PATIENCE, read).await.ok();
    (!bytes.is_empty()).then(|| text(&bytes))
}

/// Bytes as text. What is no UTF-8 is replaced, which takes more room than it did.
fn text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    text.truncate(text.floor_char_boundary(Attempt::ANSWER_LIMIT));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_text_stays_within_the_limit() {
        assert_eq!(text(b"ok"), "ok");
        assert_eq!(text(b"caf\xc3"), "caf\u{fffd}");
        let noise = text(&[0xff; Attempt::ANSWER_LIMIT]);
        assert!(noise.len() <= Attempt::ANSWER_LIMIT);
    }

    #[test]
    fn a_wait_told_in_json_counts_beside_the_header() {
        let waits = |header: Option<u64>, text: &str| {
            let answer = Answer {
                status: StatusCode::TOO_MANY_REQUESTS,
                after: header.map(Duration::from_secs),
                text: Some(text.to_owned()),
            };
            answer.or_waits_as_told_at("/parameters/retry_after").after
        };
        let told = r#"{"parameters": {"retry_after": 1.5}}"#;
        assert_eq!(waits(None, told), Some(Duration::from_millis(1500)));
        assert_eq!(waits(Some(1), told), Some(Duration::from_millis(1500)));
        assert_eq!(waits(Some(2), told), Some(Duration::from_secs(2)));
        for told in [
            "busy",
            "{}",
            r#"{"parameters": {"retry_after": "1"}}"#,
            r#"{"parameters": {"retry_after": -1}}"#,
            r#"{"parameters": {"retry_after": 1e300}}"#,
        ] {
            assert_eq!(waits(Some(3), told), Some(Duration::from_secs(3)), "{told}");
        }
    }
}
