//! Sends each event as a message of a Telegram bot.

mod chat;

mod cut;

mod judge;

mod message;

use std::fmt;

use anyhow::Context as _;
use anyhow::ensure;
use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::Request;
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use self::chat::ChatId;
use self::cut::cut;
use self::judge::judge;
use self::message::MESSAGE_LIMIT;
use self::message::escape;
use self::message::html;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::Slot;
use super::Tools;
use super::chat::Words;
use super::note::Note;
use super::post::Post;
use super::post::posting;
use super::post::rendering;
use super::rendering::MASK;
use crate::outgoing::peer;
use crate::secret::Secret;
use crate::template::Template;

/// Where Telegram's Bot API is.
const API: &str = "https://api.telegram.org";

/// A Telegram sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramConfig {
    /// The bot's token.
    pub token: Secret,

    /// The chat that it writes to.
    pub chat_id: ChatId,

    /// The topic in that chat, where it has some.
    #[serde(default)]
    pub thread: Option<i64>,

    /// Where the Bot API is.
    #[serde(default = "api")]
    pub api: Url,

    /// What is sent in place of our message, in Telegram's HTML.
    #[serde(default)]
    pub template: Option<Template>,
}

fn api() -> Url {
    API.parse().expect("it is written above")
}

impl TelegramConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<TelegramSink> {
        let proof = proof(&self.token);
        let proof = proof
            .context("`token` is not a bot's token: @BotFather gives one like 123456789:AAE…")?;
        ensure!(
            self.api.has_host() && self.api.query().is_none(),
            "`api` is an address like {API}"
        );
        let is_open = self.api.scheme() == "http" && tools.reach.allow_private;
        ensure!(
            self.api.scheme() == "https" || is_open,
            "`api` must begin with https://: with http:// everybody on the way could read the token, \
             so that is for servers of your own, with `allow_private = true`"
        );
        let post = Post::new(tools)?;
        post.admit(&self.api).context("`api` may not be called")?;
        Ok(TelegramSink {
            post,
            proof,
            words: self.words(),
            config: self,
        })
    }

    /// The places that its template fills.
    pub(super) fn slots(&self) -> Vec<Slot> {
        self.words().map(Words::slot).into_iter().collect()
    }

    fn words(&self) -> Option<Words> {
        Words::new(self.template.as_ref(), escape)
    }
}

/// What proves a bot, behind its number in its token. None where a text is no token: whatever else it
/// is must not become a part of an address.
fn proof(token: &Secret) -> Option<Secret> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let (bot, proof) = token.expose().split_once(':')?;
    let is_token = !bot.is_empty()
        && bot.chars().all(|c| c.is_ascii_digit())
        && !proof.is_empty()
        && proof.chars().all(is_part);
    is_token.then(|| proof.into())
}

/// Sends each event as a message of a Telegram bot.
pub(super) struct TelegramSink {
    post: Post,
    config: TelegramConfig,
    /// The part of the token that is a secret.
    proof: Secret,
    words: Option<Words>,
}

impl TelegramSink {
    /// Where a method of the Bot API is, with this for the token.
    fn address(&self, token: &str, method: &str) -> String {
        let api = self.config.api.as_str().trim_end_matches('/');
        format!("{api}/bot{token}/{method}")
    }

    /// A call of a method of the Bot API.
    fn call(&self, method: &str, body: &Value) -> anyhow::Result<Request> {
        let url = self.address(self.config.token.expose(), method);
        // Its error would not name the address; neither do we.
        let url: Url = url.parse().context("`api` makes no address")?;
        Ok(posting(url, body.to_string()))
    }

    /// The call that sends an event.
    fn message(&self, outbound: &Outbound) -> Result<Request, SinkError> {
        let text = match &self.words {
            Some(words) => cut(&words.of(outbound)?, MESSAGE_LIMIT).into_owned(),
            None => html(&Note::of(outbound)),
        };
        let mut body = json!({
            "chat_id": self.config.chat_id,
            "text": text,
            "parse_mode": "HTML",
            // Whoever looks at a link opens it, and a link to a file opens it for whoever has it.
            "link_preview_options": { "is_disabled": true },
        });
        if let Some(thread) = self.config.thread {
            body["message_thread_id"] = thread.into();
        }
        self.call("sendMessage", &body).map_err(SinkError::not_now)
    }

    async fn ask(&self, request: Request, now: Timestamp) -> Result<Receipt, SinkError> {
        let answer = self.post.ask(request, now).await?;
        judge(answer.without(&self.config.token).without(&self.proof))
    }
}

#[async_trait]
impl Sink for TelegramSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let request = self.message(outbound)?;
        self.ask(request, outbound.sent_at).await
    }

    /// Whether the token is one, and whether the chat is one that the bot is in.
    async fn check(&self) -> anyhow::Result<()> {
        let chat = json!({ "chat_id": self.config.chat_id });
        for (method, body) in [("getMe", json!({})), ("getChat", chat)] {
            let request = self.call(method, &body)?;
            // The time serves to read how long to wait, and nobody waits here.
            let asked = self.ask(request, Timestamp::UNIX_EPOCH).await;
            asked.map_err(SinkError::into_cause)?;
        }
        Ok(())
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        let request = self.message(outbound)?;
        Ok(rendering(&request, self.address(MASK, "sendMessage")))
    }
}

impl fmt::Debug for TelegramSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelegramSink")
            .field("peer", &peer(&self.config.api))
            .finish_non_exhaustive()
    }
}
