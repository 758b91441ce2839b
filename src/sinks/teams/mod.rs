//! Posts each event to a channel or a chat of Microsoft Teams, through a workflow.

mod answer;

mod message;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;

use self::answer::told;
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
use super::note::Note;
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
        Ok(TeamsSink {
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

/// Posts each event to a channel or a chat of Microsoft Teams.
#[derive(Debug)]
pub(super) struct TeamsSink {
    webhook: Webhook,
    words: Option<Words>,
}

impl TeamsSink {
    fn message(&self, outbound: &Outbound) -> Result<Value, SinkError> {
        match &self.words {
            Some(words) => Ok(worded(&words.of(outbound)?)),
            None => Ok(message(&Note::of(outbound))),
        }
    }
}

#[async_trait]
impl Sink for TeamsSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let message = self.message(outbound)?;
        told(self.webhook.send(&message, outbound.sent_at).await?)
    }

    async fn check(&self) -> anyhow::Result<()> {
        self.webhook.check().await
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        self.webhook.shown(&self.message(outbound)?)
    }
}
