//! Posts each event to a URL.

mod answer;

mod headers;

mod judge;

mod retry_after;

mod signer;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::anyhow;
use anyhow::ensure;
use async_trait::async_trait;
use reqwest::Client;
use reqwest::Method;
use reqwest::Request;
use reqwest::Url;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::judge::Judge;
use self::judge::Verdict;
use self::retry_after::retry_after;
use self::signer::Signer;
use super::Outbound;
use super::Receipt;
use super::Sink;
use super::SinkError;
use super::Tools;
use crate::outgoing;
use crate::outgoing::no_answer;
use crate::secret::NamedSecret;
use crate::secret::Secret;

/// How long a connection that nothing goes over is kept. Shorter than what common servers keep
/// theirs, so that we are the one who closes and no event runs into a closing door.
const IDLE: Duration = Duration::from_secs(20);

/// How long [`Sink::check`] waits for a connection.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// An HTTP sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Where events are posted to.
    pub url: Url,

    /// Headers of your own on every request.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,

    /// What requests are signed with, in the manner of Standard Webhooks: several while rotating.
    #[serde(default, deserialize_with = "crate::secret::named_list")]
    pub signing_secrets: Vec<NamedSecret>,

    /// Statuses that refuse an event for good, beside those that always do.
    #[serde(default)]
    pub reject_on: Vec<u16>,

    /// Statuses that are tried again although they would refuse an event for good.
    #[serde(default)]
    pub retry_on: Vec<u16>,
}

impl HttpConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<HttpSink> {
        ensure!(
            matches!(self.url.scheme(), "http" | "https") && self.url.host().is_some(),
            "`url` is an address like https://example.com/hook"
        );
        Ok(HttpSink {
            client: client(tools.concurrency)?,
            headers: headers::own(&self.headers)?,
            signer: Signer::new(&self.signing_secrets)?,
            judge: Judge::new(&self.reject_on, &self.retry_on)?,
            peer: outgoing::peer(&self.url),
            url: self.url,
        })
    }
}

fn client(concurrency: usize) -> anyhow::Result<Client> {
    outgoing::client()
        .pool_max_idle_per_host(concurrency)
        .pool_idle_timeout(IDLE)
        .build()
        .context("the HTTP client could not be built")
}

/// Posts each event to a URL.
pub(super) struct HttpSink {
    client: Client,
    url: Url,
    peer: String,
    headers: HeaderMap,
    signer: Signer,
    judge: Judge,
}

impl HttpSink {
    fn request(&self, outbound: &Outbound) -> anyhow::Result<Request> {
        let body = super::body(outbound)?;
        let id = outbound.event.id.to_string();

        let mut request = Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        if let Some(signed) = self.signer.sign(&id, outbound.sent_at, &body)? {
            headers.insert(headers::TIMESTAMP, signed.timestamp);
            headers.insert(headers::SIGNATURE, signed.signatures);
        }
        if outbound.replay {
            headers.insert(headers::REPLAY, HeaderValue::from_static("true"));
        }
        let id = HeaderValue::try_from(id)?;
        headers.insert(headers::ID, id.clone());
        headers.insert(headers::IDEMPOTENCY_KEY, id);
        *request.body_mut() = Some(body.into());
        Ok(request)
    }
}

#[async_trait]
impl Sink for HttpSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let request = self.request(outbound).map_err(SinkError::not_now)?;
        let response = self
            .client
            .execute(request)
            .await
            .map_err(|error| SinkError::not_now(anyhow!(no_answer(&error, &self.peer))))?;

        let status = response.status();
        let verdict = self.judge.of(status);
        let after = retry_after(response.headers(), outbound.sent_at);
        let receipt = Receipt {
            status: Some(status.as_u16()),
            answer: answer::beginning(response).await,
        };
        match verdict {
            Verdict::Accepted => Ok(receipt),
            Verdict::NotNow(cause) => Err(SinkError::Retry {
                after,
                cause,
                receipt,
            }),
            Verdict::Refused(cause) => Err(SinkError::Reject { cause, receipt }),
        }
    }

    async fn check(&self) -> anyhow::Result<()> {
        let connected = timeout(CHECK_TIMEOUT, TcpStream::connect(&self.peer)).await;
        connected
            .with_context(|| format!("no connection to {} within 5s", self.peer))?
            .with_context(|| format!("no connection to {}", self.peer))?;
        Ok(())
    }
}

impl fmt::Debug for HttpSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSink")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
