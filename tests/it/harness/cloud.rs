//! Browser Use Cloud, as far as a receiver sees it: something that signs and posts.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use hmac::Hmac;
use hmac::KeyInit as _;
use hmac::Mac as _;
use jiff::SignedDuration;
use serde_json::Value;
use sha2::Sha256;
use tidings::clock::Clock;
use tidings::tls;

/// The webhook secret that receivers in tests have, unless they say otherwise.
pub(crate) const SECRET: &str = "a webhook secret";

/// Signs as Browser Use does, and posts.
#[derive(Clone, Debug)]
pub(crate) struct Cloud {
    url: String,
    clock: Arc<dyn Clock>,
    secret: Option<String>,
    told: Arc<AtomicU32>,
    client: reqwest::Client,
}

impl Cloud {
    /// A cloud that posts to `url`.
    pub(crate) fn posting_to(url: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            url: url.to_owned(),
            clock,
            secret: Some(SECRET.to_owned()),
            told: Arc::default(),
            client: client(),
        }
    }

    /// The same, at another address.
    pub(crate) fn at(&self, url: &str) -> Self {
        let url = url.to_owned();
        Self {
            url,
            ..self.clone()
        }
    }

    /// The same, with another secret.
    pub(crate) fn signs_with(&self, secret: &str) -> Self {
        let secret = Some(secret.to_owned());
        Self {
            secret,
            ..self.clone()
        }
    }

    /// The same, without a signature.
    pub(crate) fn forgets_to_sign(&self) -> Self {
        let secret = None;
        Self {
            secret,
            ..self.clone()
        }
    }

    /// Tells that a task has a new status. Each telling is another event.
    pub(crate) async fn reports(&self, task: &str, status: &str) -> Answer {
        let body = self.status_update(task, status);
        self.posts(&body).await
    }

    /// The body of a status update, told a microsecond after the one before.
    pub(crate) fn status_update(&self, task: &str, status: &str) -> String {
        let count = self.told.fetch_add(1, Ordering::Relaxed);
        let told = self.clock.now() + SignedDuration::from_micros(count.into());
        format!(
            r#"{{"payload":{{"metadata":{{"team":"tests"}},"session_id":"session_1","status":"{status}","task_id":"{task}"}},"timestamp":"{told}","type":"agent.task.status_update"}}"#
        )
    }

    /// Posts a body, signed now.
    pub(crate) async fn posts(&self, body: &str) -> Answer {
        self.tries(body).await.expect("the receiver answers")
    }

    /// Posts a body that somebody else signed.
    pub(crate) async fn posts_signed(
        &self,
        body: &str,
        timestamp: &str,
        signature: &str,
    ) -> Answer {
        let response = self
            .client
            .post(&self.url)
            .header("x-browser-use-timestamp", timestamp)
            .header("x-browser-use-signature", signature)
            .body(body.to_owned())
            .send()
            .await
            .expect("the receiver answers");
        Answer {
            status: response.status().as_u16(),
            body: response.json().await.expect("it is JSON"),
        }
    }

    /// Posts a body, signed now, to somebody who may be gone.
    pub(crate) async fn tries(&self, body: &str) -> reqwest::Result<Answer> {
        let timestamp = self.clock.now().as_second().to_string();
        let mut request = self.client.post(&self.url).body(body.to_owned());
        if let Some(secret) = &self.secret {
            request = request
                .header("x-browser-use-signature", sign(secret, &timestamp, body))
                .header("x-browser-use-timestamp", timestamp);
        }
        let response = request.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            body: response.json().await?,
        })
    }
}

/// What the receiver answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// The id of the event, which is now ours, and new.
    pub(crate) fn accepted(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["duplicate"], false, "{}", self.body);
        self.event_id()
    }

    /// The id of the event, which we had.
    pub(crate) fn known(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["duplicate"], true, "{}", self.body);
        self.event_id()
    }

    /// Holds that it was refused with this status.
    pub(crate) fn refused(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.body);
    }

    /// The id of the event, new or known.
    pub(crate) fn event_id(&self) -> String {
        self.body["event_id"].as_str().expect("an id").to_owned()
    }
}

/// A client that asks nobody's proxy.
pub(crate) fn client() -> reqwest::Client {
    tls::use_ring();
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("the client needs nothing from outside")
}

/// Signs a body that is in canonical form already.
pub(crate) fn sign(secret: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
