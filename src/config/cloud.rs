//! `mode`, `[cloud]`, `[reconcile]`, `[watch]`, `[retention]`: what Tidings does beyond receiving.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::rate::Rate;
use crate::secret::Secret;
use crate::task::ApiVersion;

/// Where events come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The vendor calls us.
    #[default]
    Webhook,
    /// We ask the vendor: no public address is needed.
    Poll,
}

/// The vendor's API.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cloud {
    /// The project's key. None: the API is not asked.
    pub api_key: Option<Secret>,

    /// Where the API is.
    pub base_url: Url,

    /// The versions of the API, asked in this order.
    pub versions: Vec<ApiVersion>,

    /// How often it may be asked.
    pub rate: Rate,

    /// How long the news of a task's end waits for what sinks with `enrich` want to know of it.
    #[serde(with = "crate::period")]
    pub enrich_within: Duration,

    /// How long a link to a file opens it for whoever has the link. Zero: only a token does.
    #[serde(with = "crate::period")]
    pub link_valid_for: Duration,
}

impl Default for Cloud {
    fn default() -> Self {
        Self {
            api_key: None,
            base_url: Url::parse("https://api.browser-use.com")
                .expect("the vendor's address is a URL"),
            versions: vec![ApiVersion::V2, ApiVersion::V1],
            rate: Rate::per_second(2),
            enrich_within: Duration::from_mins(1),
            link_valid_for: Duration::from_hours(7 * 24),
        }
    }
}

/// The search for ends that no webhook told of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reconcile {
    /// How often to look.
    #[serde(with = "crate::period")]
    pub every: Duration,

    /// How often to look in poll mode.
    #[serde(with = "crate::period")]
    pub poll_every: Duration,

    /// How old an end must be before we tell it, so that the webhook comes first. In poll mode
    /// there is none to wait for.
    #[serde(with = "crate::period")]
    pub grace: Duration,

    /// How old an end may be that the first look of all tells.
    #[serde(with = "crate::period")]
    pub since: Duration,
}

impl Default for Reconcile {
    fn default() -> Self {
        Self {
            every: Duration::from_mins(5),
            poll_every: Duration::from_secs(10),
            grace: Duration::from_mins(2),
            since: Duration::ZERO,
        }
    }
}

/// What becomes an event because it is so for too long. Zero: nothing does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watch {
    /// How long a task may run.
    #[serde(with = "crate::period")]
    pub stuck_after: Duration,

    /// How long webhooks may stay away while a task runs.
    #[serde(with = "crate::period")]
    pub silent_after: Duration,
}

/// How long things are kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Bodies, attempts and rejections. What is owed stays until it is settled.
    #[serde(with = "crate::period")]
    pub events: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            events: Duration::from_hours(90 * 24),
        }
    }
}
