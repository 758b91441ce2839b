//! Pages somebody through PagerDuty: what goes wrong triggers an alert, and a good end resolves it.

mod action;

mod alert;

mod judge;

mod severity;

use std::fmt;

use anyhow::Context as _;
use anyhow::anyhow;
use anyhow::ensure;
use async_trait::async_trait;
use reqwest::Request;
use reqwest::Url;
use serde::Deserialize;

use self::action::Action;
use self::alert::body;
use self::judge::judge;
use self::severity::Severities;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::Tools;
use super::note::Mood;
use super::note::Note;
use super::post::Post;
use super::post::masked;
use super::post::posting;
use super::post::rendering;
use super::rendering::MASK;
use crate::event::Event;
use crate::outgoing::peer;
use crate::secret::Secret;
use crate::task::Enrichment;

/// Where PagerDuty takes events, for accounts in the United States.
const URL: &str = "https://events.pagerduty.com/v2/enqueue";

/// How many characters the key of an integration has.
const KEY_LENGTH: usize = 32;

/// Why an event is not sent.
const NO_ALARM: &str = "no alarm";

/// A PagerDuty sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagerDutyConfig {
    /// The key of the integration, which says which service is paged.
    pub routing_key: Secret,

    /// How severe is what goes wrong.
    #[serde(default)]
    pub severity: Severities,

    /// Where PagerDuty takes events.
    #[serde(default = "url")]
    pub url: Url,
}

fn url() -> Url {
    URL.parse().expect("it is written above")
}

impl PagerDutyConfig {
    /// Builds the sink.
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<PagerDutySink> {
        let key = self.routing_key.expose();
        ensure!(
            key.len() == KEY_LENGTH && key.chars().all(|c| c.is_ascii_alphanumeric()),
            "`routing_key` is not the key of an integration: PagerDuty's have {KEY_LENGTH} letters \
             and digits, and stand at a service under Integrations, Events API V2"
        );
        ensure!(
            matches!(self.url.scheme(), "http" | "https") && self.url.host().is_some(),
            "`url` is an address like {URL}"
        );
        let post = Post::new(tools)?;
        post.admit(&self.url).context("`url` may not be called")?;
        Ok(PagerDutySink { post, config: self })
    }
}

/// Pages somebody through PagerDuty.
pub(super) struct PagerDutySink {
    post: Post,
    config: PagerDutyConfig,
}

impl PagerDutySink {
    /// The request for an event, with this for the key.
    fn request(&self, outbound: &Outbound, key: &str) -> Result<Request, SinkError> {
        let note = Note::of(outbound);
        let action = Action::of(&outbound.event.facts, note.mood);
        let action = action.ok_or_else(|| SinkError::Unsendable {
            cause: anyhow!(NO_ALARM),
        })?;
        let body = body(key, action, self.config.severity, &note, outbound);
        let body = body.map_err(|error| SinkError::not_now(error.into()))?;
        Ok(posting(self.config.url.clone(), body))
    }
}

#[async_trait]
impl Sink for PagerDutySink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let key = &self.config.routing_key;
        let request = self.request(outbound, key.expose())?;
        let answer = self.post.ask(request, outbound.sent_at).await?;
        judge(answer.without(key))
    }

    async fn check(&self) -> anyhow::Result<()> {
        self.post.check(&self.config.url).await
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        let request = self.request(outbound, MASK);
        let request = request.map_err(SinkError::into_cause)?;
        Ok(rendering(&request, masked(&self.config.url)))
    }

    fn objection(&self, event: &Event, enrichment: Option<&Enrichment>) -> Option<&'static str> {
        let action = Action::of(&event.facts, Mood::of(event, enrichment));
        action.is_none().then_some(NO_ALARM)
    }
}

impl fmt::Debug for PagerDutySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagerDutySink")
            .field("peer", &peer(&self.config.url))
            .finish_non_exhaustive()
    }
}
