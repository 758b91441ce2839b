//! What a service answered.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::timeout;

use super::retry_after::retry_after;
use crate::delivery::Attempt;
use crate::secret::Secret;
use crate::sinks::Receipt;
use crate::sinks::SinkError;
use crate::sinks::rendering::MASK;

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

    /// What is kept of it.
    pub(in crate::sinks) fn receipt(self) -> Receipt {
        Receipt {
            status: Some(self.status.as_u16()),
            answer: self.text,
        }
    }

    /// Another try may go better.
    pub(in crate::sinks) fn not_now(self, cause: anyhow::Error) -> SinkError {
        SinkError::Retry {
            after: self.after,
            cause,
            receipt: self.receipt(),
        }
    }

    /// The service will never take this.
    pub(in crate::sinks) fn refused(self, cause: anyhow::Error) -> SinkError {
        SinkError::Reject {
            cause,
            receipt: self.receipt(),
        }
    }

    /// What it says in its JSON, at this pointer, as in RFC 6901.
    pub(in crate::sinks) fn json_at(&self, pointer: &str) -> Option<Value> {
        let json: Value = serde_json::from_str(self.text.as_deref()?).ok()?;
        json.pointer(pointer).cloned()
    }

    /// The same for a service that says in its JSON how long it asks us to wait, in seconds. Where it
    /// names two waits, the longer one counts.
    pub(in crate::sinks) fn or_waits_as_told_at(self, pointer: &str) -> Self {
        let seconds = self.json_at(pointer).and_then(|told| told.as_f64());
        let told = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self {
            after: self.after.max(told),
            ..self
        }
    }

    /// The same without a secret that the service quotes: answers are kept and shown.
    pub(in crate::sinks) fn without(self, secret: &Secret) -> Self {
        let text = self.text.map(|text| text.replace(secret.expose(), MASK));
        Self { text, ..self }
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
