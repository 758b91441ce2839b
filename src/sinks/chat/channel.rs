//! Where a service's messages go, and what they say.

use serde_json::Value;

use super::webhook::Webhook;
use super::words::Words;
use crate::sinks::Outbound;
use crate::sinks::Rendering;
use crate::sinks::SinkError;
use crate::sinks::Slot;
use crate::sinks::note::Note;
use crate::sinks::post::Answer;
use crate::template::Escape;
use crate::template::Template;

/// How a service has its messages.
#[derive(Debug)]
pub(in crate::sinks) struct Form {
    /// How its markup has a text that is none.
    pub(in crate::sinks) escape: Escape,
    /// Our message.
    pub(in crate::sinks) message: fn(&Note) -> Value,
    /// The user's own words as a message.
    pub(in crate::sinks) worded: fn(&str) -> Value,
}

impl Form {
    /// The places that a user's template fills.
    pub(in crate::sinks) fn slots(&self, template: Option<&Template>) -> Vec<Slot> {
        let words = Words::new(template, self.escape);
        words.map(Words::slot).into_iter().collect()
    }
}

/// Where a service's messages go, and what they say.
#[derive(Debug)]
pub(in crate::sinks) struct Channel {
    webhook: Webhook,
    words: Option<Words>,
    form: &'static Form,
}

impl Channel {
    /// What is posted to a webhook, in the words of a template if there is one.
    pub(in crate::sinks) fn new(
        webhook: Webhook,
        template: Option<&Template>,
        form: &'static Form,
    ) -> Self {
        Self {
            webhook,
            words: Words::new(template, form.escape),
            form,
        }
    }

    /// Posts the message of an event once.
    pub(in crate::sinks) async fn send(&self, outbound: &Outbound) -> Result<Answer, SinkError> {
        let message = self.message(outbound)?;
        self.webhook.send(&message, outbound.sent_at).await
    }

    /// Asks for what is there, without posting anything.
    pub(in crate::sinks) async fn look(&self) -> anyhow::Result<Answer> {
        self.webhook.look().await
    }

    /// Looks whether somebody listens there.
    pub(in crate::sinks) async fn check(&self) -> anyhow::Result<()> {
        self.webhook.check().await
    }

    /// The message of an event as it would be posted.
    pub(in crate::sinks) fn shown(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        self.webhook.shown(&self.message(outbound)?)
    }

    fn message(&self, outbound: &Outbound) -> Result<Value, SinkError> {
        match &self.words {
            Some(words) => Ok((self.form.worded)(&words.of(outbound)?)),
            None => Ok((self.form.message)(&Note::of(outbound))),
        }
    }
}
