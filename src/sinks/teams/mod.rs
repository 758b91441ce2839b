//! Posts each event to a channel or a chat of Microsoft Teams, through a workflow.

mod answer;

mod message;

use async_trait::async_trait;
use serde::Deserialize;

use self::answer::told;
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
use crate::secret::Secret;
use crate::template::Template;

/// A Teams sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamsConfig {
    /// The address of the workflow. Whoever knows it can set it off.
    pub webhook_url: Secret,

    /// What is posted in place of our message, in the Markdown of Adaptive Cards.
    #[serde(default)]
    pub template: Option<Template>,
}

impl TeamsConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<TeamsSink> {
        let webhook = Webhook::new("webhook_url", &self.webhook_url, tools)?;
        let channel = Channel::new(webhook, self.template.as_ref(), &FORM);
        Ok(TeamsSink { channel })
    }

    /// The places that its template fills.
    pub(super) fn slots(&self) -> Vec<Slot> {
        FORM.slots(self.template.as_ref())
    }
}

/// Posts each event to a channel or a chat of Microsoft Teams.
#[derive(Debug)]
pub(super) struct TeamsSink {
    channel: Channel,
}

#[async_trait]
impl Sink for TeamsSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        told(self.channel.send(outbound).await?)
    }

    async fn check(&self) -> anyhow::Result<()> {
        self.channel.check().await
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        self.channel.shown(outbound)
    }
}
