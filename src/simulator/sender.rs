//! Posts as Browser Use does.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use super::SignError;
use super::SignedRequest;
use crate::signing;
use crate::tls;

/// How often the vendor tries again when a webhook is not taken.
pub const MAX_RETRIES: u32 = 5;

/// How long we wait for an answer. The vendor does not say how long it waits.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How much of an answer is read, in characters, where it is not the JSON we know.
const ANSWER_LIMIT: usize = 200;

/// Posts to one receiver.
#[derive(Clone, Debug)]
pub struct Sender {
    client: Client,
    url: Url,
}

/// Why something could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Nobody answered.
    #[error("the receiver does not answer")]
    Http(#[from] reqwest::Error),
}

/// What a receiver answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The id it gave the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Whether it had the event before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate: Option<bool>,
    /// What it said about that, or why it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The parts of an answer that we know, of a success and of a problem.
#[derive(Default, Deserialize)]
struct Known {
    event_id: Option<String>,
    duplicate: Option<bool>,
    message: Option<String>,
    detail: Option<String>,
}

impl Answer {
    /// Whether the receiver took it. Everything else is sent again.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn new(status: u16, body: &str) -> Self {
        let known: Known = serde_json::from_str(body).unwrap_or_default();
        let beginning = || body.trim().chars().take(ANSWER_LIMIT).collect::<String>();
        let message = known.detail.or(known.message).unwrap_or_else(beginning);
        Self {
            status,
            event_id: known.event_id,
            duplicate: known.duplicate,
            message: (!message.is_empty()).then_some(message),
        }
    }
}

impl Sender {
    /// A sender that posts to `url`.
    pub fn new(url: Url) -> Result<Self, reqwest::Error> {
        tls::use_ring();
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("tidings-simulator")
            // What is sent is for the receiver alone, whatever proxies the machine uses.
            .no_proxy()
            .build()?;
        Ok(Self { client, url })
    }

    /// Posts once.
    pub async fn post(&self, request: &SignedRequest) -> Result<Answer, reqwest::Error> {
        let response = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(signing::TIMESTAMP_HEADER, &request.timestamp)
            .header(signing::SIGNATURE_HEADER, &request.signature)
            .body(request.body.clone())
            .send()
            .await?;
        let status = response.status().as_u16();
        let body = response.text().await?;
        Ok(Answer::new(status, &body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_understood_or_shown() {
        let stored = Answer::new(
            200,
            r#"{"status":"success","message":"Webhook received","event_id":"evt_1","duplicate":true}"#,
        );
        assert!(stored.is_success());
        assert_eq!(stored.event_id.as_deref(), Some("evt_1"));
        assert_eq!(stored.duplicate, Some(true));

        let refused = Answer::new(403, r#"{"type":"/problems/too-old","detail":"too old"}"#);
        assert_eq!(refused.message.as_deref(), Some("too old"));

        let foreign = Answer::new(502, "<h1>Bad Gateway</h1>\n");
        assert_eq!(foreign.message.as_deref(), Some("<h1>Bad Gateway</h1>"));
    }
}
