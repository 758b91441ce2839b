//! An address that is a secret, to which a service takes messages as JSON.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::ensure;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::Request;
use reqwest::Url;
use serde::Serialize;
use tokio::time::timeout;

use crate::outgoing::peer;
use crate::secret::Secret;
use crate::sinks::Rendering;
use crate::sinks::SinkError;
use crate::sinks::Tools;
use crate::sinks::post::Answer;
use crate::sinks::post::Post;
use crate::sinks::post::posting;
use crate::sinks::post::rendering;
use crate::sinks::rendering::MASK;

/// What is at least so long in an address may be a key. Ids of Discord's have 19 digits.
const KEY_LENGTH: usize = 20;

/// A beginning of a key that is so long counts as the key, where a text was cut in it.
const CUT_KEY_LENGTH: usize = 6;

/// How long [`Webhook::look`] waits for the answer.
const LOOK_TIMEOUT: Duration = Duration::from_secs(5);

/// An address that is a secret: whoever knows it can post there.
pub(in crate::sinks) struct Webhook {
    post: Post,
    url: Url,
    /// What must not be told of it, the longest first.
    keys: Vec<String>,
}

impl Webhook {
    /// The webhook at this address, with the name that it has in the configuration.
    pub(in crate::sinks) fn new(name: &str, url: &Secret, tools: &Tools) -> anyhow::Result<Self> {
        // The parser's message is left out: it may quote what it read.
        let url = Url::parse(url.expose()).ok().filter(Url::has_host);
        let url = url.with_context(|| format!("`{name}` is no address like https://…"))?;
        let is_open = url.scheme() == "http" && tools.reach.allow_private;
        ensure!(
            url.scheme() == "https" || is_open,
            "`{name}` must begin with https://: with http:// everybody on the way could read it, so \
             that is for services of your own, with `allow_private = true`"
        );
        let post = Post::new(tools)?;
        post.admit(&url)
            .with_context(|| format!("`{name}` may not be called"))?;
        let keys = keys(&url);
        Ok(Self { post, url, keys })
    }

    /// The same with this in the query of its address.
    pub(in crate::sinks) fn with(mut self, query: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(query);
        self
    }

    /// Posts a message once. The answer does not tell the address, even where the service did.
    pub(in crate::sinks) async fn send(
        &self,
        message: &impl Serialize,
        now: Timestamp,
    ) -> Result<Answer, SinkError> {
        let request = self.request(message).map_err(SinkError::not_now)?;
        self.ask(request, now).await
    }

    /// Asks for what is there, without posting anything.
    pub(in crate::sinks) async fn look(&self) -> anyhow::Result<Answer> {
        let request = Request::new(Method::GET, self.url.clone());
        // How long it wants to be left alone is nobody's concern who only looks.
        let asked = self.ask(request, Timestamp::UNIX_EPOCH);
        let answer = timeout(LOOK_TIMEOUT, asked).await;
        let silent = || format!("no answer from {} within 5s", peer(&self.url));
        Ok(answer.with_context(silent)??)
    }

    async fn ask(&self, request: Request, now: Timestamp) -> Result<Answer, SinkError> {
        let answer = self.post.ask(request, now).await?;
        Ok(Answer {
            text: answer.text.map(|text| self.masked(&text)),
            ..answer
        })
    }

    /// Looks whether somebody listens there.
    pub(in crate::sinks) async fn check(&self) -> anyhow::Result<()> {
        self.post.check(&self.url).await
    }

    /// A message as it would be posted.
    pub(in crate::sinks) fn shown(&self, message: &impl Serialize) -> anyhow::Result<Rendering> {
        let whose = self.url.origin().ascii_serialization();
        Ok(rendering(
            &self.request(message)?,
            format!("{whose}/{MASK}"),
        ))
    }

    fn request(&self, message: &impl Serialize) -> anyhow::Result<Request> {
        Ok(posting(self.url.clone(), serde_json::to_vec(message)?))
    }

    /// A text of the service's without what is secret in the address, also where the text was cut in
    /// the middle of that.
    fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for key in &self.keys {
            text = text.replace(key, MASK);
        }
        for key in &self.keys {
            let cut = (CUT_KEY_LENGTH..key.len())
                .rev()
                .filter_map(|length| key.get(..length))
                .find(|beginning| text.ends_with(beginning));
            if let Some(beginning) = cut {
                text.truncate(text.len() - beginning.len());
                text.push_str(MASK);
            }
        }
        text
    }
}

/// What must not be told of an address: its path with its query, and whatever in them is long enough
/// to be a key, as it is written and as it is meant.
fn keys(url: &Url) -> Vec<String> {
    let query = url.query().unwrap_or_default();
    let whole = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let written = url.path().split('/').chain(query.split(['&', '=']));
    let written: Vec<String> = written.map(str::to_owned).collect();
    let meant = url.query_pairs().map(|(_, value)| value.into_owned());
    let mut keys: Vec<String> = written.into_iter().chain(meant).collect();
    keys.retain(|key| key.len() >= KEY_LENGTH);
    keys.extend((whole.len() > CUT_KEY_LENGTH).then_some(whole));
    keys.sort_by_key(|key| std::cmp::Reverse(key.len()));
    keys.dedup();
    keys
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({})", peer(&self.url))
    }
}
