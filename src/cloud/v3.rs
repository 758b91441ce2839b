//! The API v3: sessions, and no tasks below them. From the vendor's OpenAPI document.
//!
//! Its credential is that of v2, its answers are in `camelCase`, and the parameters of its listing
//! in `snake_case`.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::Client;
use super::CloudError;
use super::call::Call;
use super::limits;
use super::limits::OutOfLimits;
use super::wire::Extra;
use super::wire::Moment;
use crate::task::ApiVersion;

/// The largest page of sessions.
const LARGEST_PAGE: u32 = 100;

/// The calls of the API v3; from [`Client::v3`].
#[derive(Clone, Copy, Debug)]
pub struct V3<'c>(pub(super) &'c Client);

/// Which page of the sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct ListSessions {
    /// From 1; 1 unless given.
    pub page: Option<u32>,
    /// How many on a page: 1 to 100; 20 unless given.
    pub page_size: Option<u32>,
}

impl ListSessions {
    fn check(self) -> Result<(), OutOfLimits> {
        limits::positive("page", self.page)?;
        limits::within("page_size", self.page_size, 1..=LARGEST_PAGE)
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id.
    pub id: String,
    /// `created`, `idle`, `running`, `stopped`, `timed_out` or `error`. Whether it did what it was
    /// told is another matter: one that is not kept alive is `stopped` also after a success.
    pub status: String,
    /// Whether it did what it was told; none while it runs.
    pub is_task_successful: Option<bool>,
    /// The model.
    pub model: Option<String>,
    /// What it is about, in few words.
    pub title: Option<String>,
    /// What it came to: text, or whatever shape was asked for.
    pub output: Option<Value>,
    /// The shape that was asked for: a JSON schema.
    pub output_schema: Option<Map<String, Value>>,
    /// How many steps it took so far.
    pub step_count: Option<u64>,
    /// What it did last.
    pub last_step_summary: Option<String>,
    /// Where its browser can be watched and controlled by whoever has the address.
    pub live_url: Option<String>,
    /// Where recordings can be had for some minutes.
    pub recording_urls: Option<Vec<String>>,
    /// Where a screenshot can be had: for five minutes.
    pub screenshot_url: Option<String>,
    /// The browser profile it uses.
    pub profile_id: Option<String>,
    /// The workspace it has.
    pub workspace_id: Option<String>,
    /// The proxy's country; none: no proxy.
    pub proxy_country_code: Option<String>,
    /// What it may cost, in USD.
    pub max_cost_usd: Option<String>,
    /// What it cost so far, in USD: model, proxy and browser.
    pub total_cost_usd: Option<String>,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it was last changed: also after its end.
    pub updated_at: Option<Moment>,
    /// Fields that are not named here, or not by the documents.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A page of sessions.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionPage {
    /// The sessions.
    pub sessions: Vec<Session>,
    /// How many there are on all pages.
    pub total: Option<u64>,
    /// This page's number, from 1.
    pub page: Option<u64>,
    /// How many are on a page.
    pub page_size: Option<u64>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V3<'_> {
    /// `GET /sessions`: a page of sessions.
    pub async fn sessions(&self, list: ListSessions) -> Result<SessionPage, CloudError> {
        let call = Call::new(ApiVersion::V3, Method::GET, &["sessions"], "page")
            .query("page", list.page)
            .query("page_size", list.page_size)
            .within(list.check())?;
        self.0.send(call).await?.json()
    }

    /// `GET /sessions/{session_id}`: everything about a session.
    pub async fn session(&self, id: &str) -> Result<Session, CloudError> {
        let call = Call::new(ApiVersion::V3, Method::GET, &["sessions", id], "session");
        self.0.send(call).await?.json()
    }

    /// The word for how a session stands. v3 has no call for it alone.
    pub async fn session_status(&self, id: &str) -> Result<String, CloudError> {
        Ok(self.session(id).await?.status)
    }
}
