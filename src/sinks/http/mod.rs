//! Posts each event to a URL.

mod forward;

mod headers;

mod message;

mod signer;

mod template;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context as _;
use anyhow::ensure;
use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::Request;
use reqwest::Url;
use reqwest::header::AUTHORIZATION;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use serde::Deserialize;

pub use self::forward::Forward;
use self::forward::Forwarder;
use self::message::Message;
use self::signer::Signer;
use self::template::Filled;
use self::template::Form;
use self::template::TemplateConfig;
use super::Batch;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::TakesBatches;
use super::Tools;
use super::post::Judge;
use super::post::Post;
use super::post::masked;
use super::post::rendering;
use crate::outgoing::Address;
use crate::outgoing::peer;
use crate::secret::NamedSecret;
use crate::secret::Secret;

/// An HTTP sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Where events are posted to. A user and a password in it are sent as `Authorization: Basic …`.
    pub url: Address,

    /// What is sent in place of the event as the API shows it.
    #[serde(default)]
    pub forward: Option<Forward>,

    /// Headers of your own on every request.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,

    /// What requests are signed with, in the manner of Standard Webhooks: several while rotating.
    #[serde(default, deserialize_with = "crate::secret::named_list")]
    pub signing_secrets: Vec<NamedSecret>,

    /// What is sent in place of the event, and beside it.
    #[serde(default)]
    pub template: TemplateConfig,

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
        let post = Post::new(tools)?;
        let (url, login) = post.login(&self.url)?;
        ensure!(
            matches!(url.scheme(), "http" | "https") && url.host().is_some(),
            "`url` is an address like https://example.com/hook"
        );
        post.admit(&url).context("`url` may not be called")?;
        ensure!(
            login.is_empty() || !self.sets(&AUTHORIZATION),
            "`url` has a user and a password, and there is an `Authorization` of yours: leave one of \
             them out"
        );
        ensure!(
            self.forward.is_none() || self.template.body.is_none(),
            "`forward` and `template.body` both say what the body is: leave one of them out"
        );
        ensure!(
            !tools.in_batches || self.forward.is_none() && self.template.slots().is_empty(),
            "`batch` sends several events in one request, and `forward` and `template` make one of a \
             single event: leave one of them out"
        );
        let mut headers = headers::own(&self.headers)?;
        headers.extend(login);
        let form = Form::new(&self.template, &mut headers)?;
        Ok(HttpSink {
            post,
            forwarder: self
                .forward
                .map(|how| Forwarder::new(how, tools.keyring.clone())),
            headers,
            form,
            in_batches: tools.in_batches,
            signer: Signer::new(&self.signing_secrets)?,
            judge: Judge::new(&self.reject_on, &self.retry_on)?,
            url,
        })
    }

    /// Whether the configuration sets this header itself.
    fn sets(&self, header: &HeaderName) -> bool {
        let mut names = self.headers.keys().chain(self.template.headers.keys());
        names.any(|name| name.eq_ignore_ascii_case(header.as_str()))
    }
}

/// Posts each event to a URL.
pub(super) struct HttpSink {
    post: Post,
    url: Url,
    forwarder: Option<Forwarder>,
    headers: HeaderMap,
    form: Form,
    in_batches: bool,
    signer: Signer,
    judge: Judge,
}

impl HttpSink {
    /// The request for an event. A sink that takes batches gets one of one: always the same shape.
    fn request(&self, outbound: &Outbound, mut filled: Filled) -> Result<Request, SinkError> {
        let message = if self.in_batches {
            let batch = Batch::of_the_first(vec![outbound.clone()], outbound.sent_at);
            Message::of_batch(&batch.map_err(SinkError::not_now)?)
        } else {
            let (body, proof) = self.content(outbound, filled.body.take())?;
            Message::of_event(outbound, body, proof)
        };
        self.carrying(message, &filled).map_err(SinkError::not_now)
    }

    /// The body for an event, and the headers that prove it where it is the vendor's.
    fn content(
        &self,
        outbound: &Outbound,
        template: Option<String>,
    ) -> Result<(Bytes, HeaderMap), SinkError> {
        if let Some(forwarder) = &self.forwarder {
            return forwarder.forward(outbound);
        }
        let body = match template {
            Some(text) => text.into_bytes(),
            None => super::body(outbound).map_err(SinkError::not_now)?,
        };
        Ok((body.into(), HeaderMap::new()))
    }

    /// The request with this message, and what else templates add.
    fn carrying(&self, message: Message, filled: &Filled) -> anyhow::Result<Request> {
        let mut request = Request::new(Method::POST, self.url.clone());
        filled.add_to_address(request.url_mut());
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        filled.add_to_headers(headers)?;
        headers.extend(message.proof);
        let (id, body) = (message.id, message.body);
        if let Some(signed) = self.signer.sign(&id, message.sent_at, &body)? {
            headers.insert(headers::TIMESTAMP, signed.timestamp);
            headers.insert(headers::SIGNATURE, signed.signatures);
        }
        if message.replay {
            headers.insert(headers::REPLAY, HeaderValue::from_static("true"));
        }
        let id = HeaderValue::try_from(id)?;
        headers.insert(headers::ID, id.clone());
        headers.insert(headers::IDEMPOTENCY_KEY, id);
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    async fn send(&self, request: Request, now: Timestamp) -> Result<Receipt, SinkError> {
        self.judge.judge(self.post.ask(request, now).await?)
    }
}

#[async_trait]
impl Sink for HttpSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let filled = self.form.fill(outbound)?;
        let request = self.request(outbound, filled)?;
        self.send(request, outbound.sent_at).await
    }

    fn as_batching(&self) -> Option<&dyn TakesBatches> {
        self.in_batches.then_some(self)
    }

    async fn check(&self) -> anyhow::Result<()> {
        self.post.check(&self.url).await
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        let filled = self.form.fill(outbound)?;
        // What templates add is no secret: it is what somebody wants to see.
        let mut shown = masked(&self.url);
        filled.add_to_address(&mut shown);
        Ok(rendering(&self.request(outbound, filled)?, shown))
    }
}

#[async_trait]
impl TakesBatches for HttpSink {
    async fn deliver_batch(&self, batch: &Batch) -> Result<Receipt, SinkError> {
        let request = self.carrying(Message::of_batch(batch), &Filled::default());
        let request = request.map_err(SinkError::not_now)?;
        self.send(request, batch.sent_at()).await
    }
}

impl fmt::Debug for HttpSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSink")
            .field("peer", &peer(&self.url))
            .finish_non_exhaustive()
    }
}
