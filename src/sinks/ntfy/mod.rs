//! Publishes each event to a topic of an ntfy server, which pushes it to phones and browsers.

mod judge;

mod login;

mod message;

use std::fmt;

use anyhow::Context as _;
use anyhow::ensure;
use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::Request;
use reqwest::Url;
use reqwest::header::AUTHORIZATION;
use reqwest::header::HeaderValue;
use serde::Deserialize;

use self::judge::judge;
use self::login::login;
use self::message::message;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::Slot;
use super::Tools;
use super::chat::Words;
use super::note::Note;
use super::post::Answer;
use super::post::Post;
use super::post::posting;
use super::post::rendering;
use super::rendering::MASK;
use crate::outgoing::peer;
use crate::secret::Secret;
use crate::template::Template;

/// The server that anybody can use.
const SERVER: &str = "https://ntfy.sh";

/// How long the name of a topic may be.
const TOPIC_LIMIT: usize = 64;

/// An ntfy sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NtfyConfig {
    /// The server.
    #[serde(default = "server")]
    pub server: Url,

    /// Where events are published. Whoever knows it reads along, unless the server asks them who
    /// they are: so it is a secret.
    pub topic: Secret,

    /// Who we are to the server: an access token.
    #[serde(default)]
    pub token: Option<Secret>,

    /// The same as a user.
    #[serde(default)]
    pub username: Option<String>,

    /// What proves that.
    #[serde(default)]
    pub password: Option<Secret>,

    /// What is said in place of our message.
    #[serde(default)]
    pub template: Option<Template>,
}

fn server() -> Url {
    SERVER.parse().expect("it is written above")
}

impl NtfyConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<NtfySink> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let topic = self.topic.expose();
        ensure!(
            (1..=TOPIC_LIMIT).contains(&topic.len()) && topic.chars().all(is_part),
            "`topic` is no topic: it has 1 to {TOPIC_LIMIT} letters, digits, dashes and underscores"
        );
        // What else stands in it may be the topic, so it is not told.
        ensure!(
            self.server.path() == "/" && self.server.query().is_none() && self.server.has_host(),
            "`server` is the address of the server alone, like {SERVER}: the topic stands in `topic`"
        );
        let is_open = self.server.scheme() == "http" && tools.reach.allow_private;
        ensure!(
            self.server.scheme() == "https" || is_open,
            "`server` must begin with https://: with http:// everybody on the way could read the \
             topic, so that is for servers of your own, with `allow_private = true`"
        );
        let post = Post::new(tools)?;
        post.admit(&self.server)
            .context("`server` may not be called")?;
        Ok(NtfySink {
            post,
            login: login(&self)?,
            words: self.words(),
            server: self.server,
            topic: self.topic,
            keys: self.token.into_iter().chain(self.password).collect(),
        })
    }

    /// The places that its template fills.
    pub(super) fn slots(&self) -> Vec<Slot> {
        self.words().map(Words::slot).into_iter().collect()
    }

    /// What is said is plain text.
    fn words(&self) -> Option<Words> {
        Words::new(self.template.as_ref(), |_| None)
    }
}

/// Publishes each event to a topic of an ntfy server.
pub(super) struct NtfySink {
    post: Post,
    server: Url,
    topic: Secret,
    /// What proves who we are.
    keys: Vec<Secret>,
    login: Option<HeaderValue>,
    words: Option<Words>,
}

impl NtfySink {
    /// The request that publishes an event, with this for the topic.
    fn publish(&self, outbound: &Outbound, topic: &str) -> Result<Request, SinkError> {
        let words = self.words.as_ref().map(|words| words.of(outbound));
        let words = words.transpose()?;
        let message = message(topic, &Note::of(outbound), words.as_deref(), outbound);
        Ok(self.with_login(posting(self.server.clone(), message.to_string())))
    }

    /// A request for what is at this path.
    fn look(&self, path: &str) -> Request {
        let mut url = self.server.clone();
        url.set_path(path);
        self.with_login(Request::new(Method::GET, url))
    }

    /// A request with what proves who we are.
    fn with_login(&self, mut request: Request) -> Request {
        if let Some(login) = &self.login {
            request.headers_mut().insert(AUTHORIZATION, login.clone());
        }
        request
    }

    /// Sends a request once. A server quotes the topic with each yes, which is not to be told.
    async fn ask(&self, request: Request, now: Timestamp) -> Result<Receipt, SinkError> {
        let answer = self.post.ask(request, now).await?;
        let secrets = self.keys.iter().chain([&self.topic]);
        judge(secrets.fold(answer, Answer::without))
    }
}

#[async_trait]
impl Sink for NtfySink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let request = self.publish(outbound, self.topic.expose())?;
        self.ask(request, outbound.sent_at).await
    }

    /// Whether it is a server and in good health, and whether it knows us. That we may publish to
    /// the topic it tells only when we do.
    async fn check(&self) -> anyhow::Result<()> {
        let account = self.login.as_ref().map(|_| "/v1/account");
        for path in ["/v1/health"].into_iter().chain(account) {
            let request = self.look(path);
            // The time serves to read how long to wait, and nobody waits here.
            let asked = self.ask(request, Timestamp::UNIX_EPOCH).await;
            asked.map_err(SinkError::into_cause)?;
        }
        Ok(())
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        let request = self.publish(outbound, MASK)?;
        Ok(rendering(&request, self.server.clone()))
    }
}

impl fmt::Debug for NtfySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtfySink")
            .field("peer", &peer(&self.server))
            .finish_non_exhaustive()
    }
}
