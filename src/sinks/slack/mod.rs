//! Posts each event to a channel of Slack, through an incoming webhook.

mod meanings;

mod message;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;

use self::meanings::MEANINGS;
use self::message::escape;
use self::message::message;
use self::message::worded;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::Slot;
use super::Tools;
use super::chat::Webhook;
use super::chat::Words;
use super::chat::judge;
use super::note::Note;
use crate::secret::Secret;
use crate::template::Template;

/// A Slack sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlackConfig {
    /// The address of the webhook. Whoever knows it can post there.
    pub webhook_url: Secret,

    /// What is posted in place of our message, in Slack's mrkdwn.
    #[serde(default)]
    pub template: Option<Template>,
}

impl SlackConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<SlackSink> {
        Ok(SlackSink {
            webhook: Webhook::new("webhook_url", &self.webhook_url, tools)?,
            words: self.words(),
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

/// Posts each event to a channel of Slack.
#[derive(Debug)]
pub(super) struct SlackSink {
    webhook: Webhook,
    words: Option<Words>,
}

impl SlackSink {
    fn message(&self, outbound: &Outbound) -> Result<Value, SinkError> {
        match &self.words {
            Some(words) => Ok(worded(&words.of(outbound)?)),
            None => Ok(message(&Note::of(outbound))),
        }
    }
}

#[async_trait]
impl Sink for SlackSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let message = self.message(outbound)?;
        let answer = self.webhook.send(&message, outbound.sent_at).await?;
        let word = answer.text.clone();
        judge(answer, word.as_deref().map(str::trim), &MEANINGS)
    }

    async fn check(&self) -> anyhow::Result<()> {
        self.webhook.check().await
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        self.webhook.shown(&self.message(outbound)?)
    }
}
