//! Posts each event to a channel of Slack, through an incoming webhook.

mod meanings;

mod message;

use async_trait::async_trait;
use serde::Deserialize;

use self::meanings::MEANINGS;
use self::message::FORM;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::Slot;
use super::Tools;
use super::chat::Channel;
use super::chat::Webhook;
use super::chat::judge;
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
        let webhook = Webhook::new("webhook_url", &self.webhook_url, tools)?;
        let channel = Channel::new(webhook, self.template.as_ref(), &FORM);
        Ok(SlackSink { channel })
    }

    /// The places that its template fills.
    pub(super) fn slots(&self) -> Vec<Slot> {
        FORM.slots(self.template.as_ref())
    }
}

/// Posts each event to a channel of Slack.
#[derive(Debug)]
pub(super) struct SlackSink {
    channel: Channel,
}

#[async_trait]
impl Sink for SlackSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let answer = self.channel.send(outbound).await?;
        let word = answer.text.clone();
        judge(answer, word.as_deref().map(str::trim), &MEANINGS)
    }

    async fn check(&self) -> anyhow::Result<()> {
        self.channel.check().await
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        self.channel.shown(outbound)
    }
}
