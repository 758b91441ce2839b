//! Where events go: one file a kind.
//!
//! A sink sends once and says how it went. Waiting, retrying, deadlines, order and bookkeeping
//! belong to `dispatch`. To add one: its file, a variant of `SinkKind`, a line in the example
//! configuration, a test, a page in `docs/sinks`.

mod batch;

mod blocks;

mod chat;

mod command;

mod discord;

mod email;

mod file;

mod http;

mod markup;

mod note;

mod ntfy;

mod pagerduty;

mod post;

mod reach;

mod rendering;

mod slack;

mod slot;

mod teams;

mod telegram;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Deserialize;
use tokio_util::task::TaskTracker;

pub use self::batch::Batch;
pub use self::command::CommandConfig;
pub use self::command::PASSED_ON;
pub use self::discord::DiscordConfig;
pub use self::email::EmailConfig;
pub use self::file::FileConfig;
pub use self::http::Forward;
pub use self::http::HttpConfig;
pub use self::ntfy::NtfyConfig;
pub use self::pagerduty::PagerDutyConfig;
pub use self::reach::KEYS as REACH_KEYS;
pub use self::reach::Names;
pub use self::reach::Reach;
pub use self::reach::SystemNames;
pub use self::rendering::Rendering;
pub use self::slack::SlackConfig;
pub use self::slot::Slot;
pub use self::slot::Takes;
pub use self::teams::TeamsConfig;
pub use self::telegram::TelegramConfig;
use crate::delivery::DeliveryId;
use crate::delivery::Lease;
use crate::event::Event;
use crate::event::view::EventView;
use crate::keyring::Keyring;
use crate::task::Enrichment;
use crate::template::Context;

/// What a sink is asked to hand over.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// The event.
    pub event: Arc<Event>,
    /// What is sent of the task with it; none where the sink does not want that.
    pub enrichment: Option<Enrichment>,
    /// The delivery it settles.
    pub delivery: DeliveryId,
    /// Which try this is, counting from 1.
    pub attempt: u32,
    /// Whether somebody asked for it once more.
    pub replay: bool,
    /// The present moment, for signatures.
    pub sent_at: Timestamp,
}

impl Outbound {
    /// The next try of what is leased.
    #[must_use]
    pub fn of(lease: &Lease, sent_at: Timestamp) -> Self {
        Self {
            event: Arc::clone(&lease.event),
            enrichment: lease.enrichment.clone(),
            delivery: lease.delivery,
            attempt: lease.attempts.saturating_add(1),
            replay: lease.replay,
            sent_at,
        }
    }
}

/// What a sink answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The HTTP status, where there is one.
    pub status: Option<u16>,
    /// The beginning of the answer.
    pub answer: Option<String>,
}

/// Why a sink did not take an event, told as what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Later may go better.
    #[error("not now: {cause:#}")]
    Retry {
        /// The sink asked us to wait at least this long.
        after: Option<Duration>,
        /// What went wrong.
        cause: anyhow::Error,
        /// What it answered, if it did.
        receipt: Receipt,
    },

    /// It will never go better: the sink understood the event and refused it.
    #[error("refused: {cause:#}")]
    Reject {
        /// What went wrong.
        cause: anyhow::Error,
        /// What it answered.
        receipt: Receipt,
    },

    /// Nothing was sent, and nothing ever will be: what the configuration makes of the event is
    /// nothing that could be. It says nothing about the sink.
    #[error("cannot be sent: {cause:#}")]
    Unsendable {
        /// What is wrong with it.
        cause: anyhow::Error,
    },
}

impl SinkError {
    /// A failure without an answer, after which later may go better.
    pub(crate) fn not_now(cause: anyhow::Error) -> Self {
        Self::Retry {
            after: None,
            cause,
            receipt: Receipt::default(),
        }
    }

    /// What went wrong, whatever is to be done about it.
    fn into_cause(self) -> anyhow::Error {
        match self {
            Self::Retry { cause, .. } | Self::Reject { cause, .. } | Self::Unsendable { cause } => {
                cause
            }
        }
    }
}

/// A place events go to.
#[async_trait]
pub trait Sink: std::fmt::Debug + Send + Sync {
    /// Hands one event over, once. Returns when the sink has it for good. Dropping the future
    /// gives up on the try: the caller keeps the deadline.
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError>;

    /// Looks whether the sink could take something now, without sending it an event.
    async fn check(&self) -> anyhow::Result<()>;

    /// Itself, if it takes several events at once.
    fn as_batching(&self) -> Option<&dyn TakesBatches> {
        None
    }

    /// What [`Sink::deliver`] would send, for people to look at: nothing is sent, and no secret is
    /// in it. Fails where a delivery would be refused before it is sent.
    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering>;

    /// Why an event is nothing for this sink, although its filter lets it through. It is discarded
    /// with that as its reason, and not tried. None: it is to be handed over.
    fn objection(&self, _: &Event, _: Option<&Enrichment>) -> Option<&'static str> {
        None
    }
}

/// A sink that takes several events at once.
#[async_trait]
pub trait TakesBatches: Send + Sync {
    /// Hands them over, once: all of them or none. Otherwise as [`Sink::deliver`] does for one.
    async fn deliver_batch(&self, batch: &Batch) -> Result<Receipt, SinkError>;
}

/// A sink as the configuration describes it. Its key `type` is the variant's name: `config` reads
/// it so, because serde's own `tag` forgets which key a mistake was in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkKind {
    /// Posts each event to a URL.
    Http(HttpConfig),
    /// Appends each event to a file, as a line of JSON.
    File(FileConfig),
    /// Runs a program for each event.
    Command(CommandConfig),
    /// Sends each event as a mail.
    Email(EmailConfig),
    /// Posts each event to a channel of Slack.
    Slack(SlackConfig),
    /// Posts each event to a channel of Discord.
    Discord(DiscordConfig),
    /// Posts each event to a channel or a chat of Microsoft Teams.
    Teams(TeamsConfig),
    /// Pages somebody when something goes wrong.
    PagerDuty(PagerDutyConfig),
    /// Publishes each event to a topic of an ntfy server.
    Ntfy(NtfyConfig),
    /// Sends each event to a chat of Telegram.
    Telegram(TelegramConfig),
}

/// What sinks are built with.
#[derive(Clone, Debug)]
pub struct Tools {
    /// How many deliveries may be under way at once.
    pub concurrency: usize,
    /// How long one try may take.
    pub timeout: Duration,
    /// Whether it is to take several events at once, of which one alone is then a special case.
    pub in_batches: bool,
    /// What programs are given of our own environment: of [`PASSED_ON`], what is set.
    pub environment: BTreeMap<String, String>,
    /// Where a sink spawns what it needs, so that shutdown can wait for it.
    pub tasks: TaskTracker,
    /// How a sink that calls somebody reaches them.
    pub reach: Reach,
    /// Where names lead.
    pub names: Arc<dyn Names>,
    /// The webhook secrets, for a sink that signs as Browser Use does.
    pub keyring: Keyring,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            concurrency: 1,
            timeout: Duration::from_secs(10),
            in_batches: false,
            environment: BTreeMap::new(),
            tasks: TaskTracker::new(),
            reach: Reach::default(),
            names: Arc::new(SystemNames),
            keyring: Keyring::default(),
        }
    }
}

impl SinkKind {
    /// The word for it in the configuration.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::File(_) => "file",
            Self::Command(_) => "command",
            Self::Email(_) => "email",
            Self::Slack(_) => "slack",
            Self::Discord(_) => "discord",
            Self::Teams(_) => "teams",
            Self::PagerDuty(_) => "pagerduty",
            Self::Ntfy(_) => "ntfy",
            Self::Telegram(_) => "telegram",
        }
    }

    /// The places in what it sends that templates of the configuration fill. They are tried on
    /// samples when the configuration is read.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        match self {
            Self::Http(config) => config.template.slots(),
            Self::Slack(config) => config.slots(),
            Self::Discord(config) => config.slots(),
            Self::Teams(config) => config.slots(),
            Self::Ntfy(config) => config.slots(),
            Self::Telegram(config) => config.slots(),
            Self::File(_) | Self::Command(_) | Self::Email(_) | Self::PagerDuty(_) => Vec::new(),
        }
    }

    /// Whether the kind of this name calls somebody over HTTP, so that the keys of [`Reach`] are for
    /// it, too.
    #[must_use]
    pub fn calls(name: &str) -> bool {
        matches!(
            name,
            "http" | "slack" | "discord" | "teams" | "pagerduty" | "ntfy" | "telegram"
        )
    }

    /// How it hands on the events' own bodies, if it does.
    #[must_use]
    pub fn forward(&self) -> Option<Forward> {
        if let Self::Http(config) = self {
            config.forward
        } else {
            None
        }
    }

    /// Whether it takes only what came by webhook: only that has a signature to hand on.
    #[must_use]
    pub fn takes_only_received(&self) -> bool {
        self.forward() == Some(Forward::Verbatim)
    }

    /// Whether it can take several events at once.
    #[must_use]
    pub fn takes_batches(&self) -> bool {
        matches!(self, Self::Http(_) | Self::File(_))
    }

    /// Builds the sink. What is wrong with the configuration is found here, before the first
    /// event; whether the sink can be reached is not asked.
    pub fn build(self, tools: &Tools) -> anyhow::Result<Arc<dyn Sink>> {
        Ok(match self {
            Self::Http(config) => Arc::new(config.build(tools)?),
            Self::File(config) => Arc::new(config.build(tools)),
            Self::Command(config) => Arc::new(config.build(tools)?),
            Self::Email(config) => Arc::new(config.build(tools)?),
            Self::Slack(config) => Arc::new(config.build(tools)?),
            Self::Discord(config) => Arc::new(config.build(tools)?),
            Self::Teams(config) => Arc::new(config.build(tools)?),
            Self::PagerDuty(config) => Arc::new(config.build(tools)?),
            Self::Ntfy(config) => Arc::new(config.build(tools)?),
            Self::Telegram(config) => Arc::new(config.build(tools)?),
        })
    }
}

/// What sinks get: the event as the API shows it, without its deliveries, and the task if they want
/// it.
fn body(outbound: &Outbound) -> anyhow::Result<Vec<u8>> {
    let view = EventView::sent(&outbound.event, outbound.enrichment.as_ref());
    Ok(serde_json::to_vec(&view)?)
}

/// The same as text.
fn body_text(outbound: &Outbound) -> anyhow::Result<String> {
    Ok(String::from_utf8(body(outbound)?)?)
}

/// What templates see: the same.
fn seen(outbound: &Outbound) -> Result<Context, SinkError> {
    let view = EventView::sent(&outbound.event, outbound.enrichment.as_ref());
    Context::of(&view).map_err(|error| SinkError::Unsendable {
        cause: error.into(),
    })
}
