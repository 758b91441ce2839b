//! Posts each event to a channel of Discord, through a webhook.

mod meanings;

mod message;

use anyhow::ensure;
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
use super::post::Answer;
use crate::secret::Secret;
use crate::template::Template;

/// A Discord sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscordConfig {
    /// The address of the webhook. Whoever knows it can post there, and change and delete it.
    pub webhook_url: Secret,

    /// The thread of its channel to post to.
    #[serde(default)]
    pub thread_id: Option<String>,

    /// What is posted in place of our message, in Discord's Markdown.
    #[serde(default)]
    pub template: Option<Template>,
}

impl DiscordConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<DiscordSink> {
        // Without this, Discord says yes before it has looked.
        let mut query = vec![("wait", "true")];
        if let Some(id) = &self.thread_id {
            let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
            ensure!(
                is_id,
                "`thread_id` is a number, like \"1234567890123456789\""
            );
            query.push(("thread_id", id));
        }
        let webhook = Webhook::new("webhook_url", &self.webhook_url, tools)?.with(&query);
        let channel = Channel::new(webhook, self.template.as_ref(), &FORM);
        Ok(DiscordSink { channel })
    }

    /// The places that its template fills.
    pub(super) fn slots(&self) -> Vec<Slot> {
        FORM.slots(self.template.as_ref())
    }
}

/// Posts each event to a channel of Discord.
#[derive(Debug)]
pub(super) struct DiscordSink {
    channel: Channel,
}

#[async_trait]
impl Sink for DiscordSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let answer = self.channel.send(outbound).await?;
        told(answer.or_waits_as_told_at("/retry_after"))
    }

    /// Asks Discord for the webhook, which posts nothing.
    async fn check(&self) -> anyhow::Result<()> {
        told(self.channel.look().await?)?;
        Ok(())
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        self.channel.shown(outbound)
    }
}

/// What an answer means. Discord's own word is a number.
fn told(answer: Answer) -> Result<Receipt, SinkError> {
    let code = answer.json_at("/code").map(|code| code.to_string());
    judge(answer, code.as_deref(), &MEANINGS)
}
