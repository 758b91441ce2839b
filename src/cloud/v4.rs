//! The API v4: runs. From the vendor's OpenAPI document.
//!
//! Its credential is that of v2, its fields are in `camelCase`.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::Client;
use super::CloudError;
use super::call::Call;
use super::limits;
use super::wire::Extra;
use super::wire::Moment;
use crate::task::ApiVersion;

/// The calls of the API v4; from [`Client::v4`].
#[derive(Clone, Copy, Debug)]
pub struct V4<'c>(pub(super) &'c Client);

/// Which stretch of the runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListRuns {
    /// How many; 50 unless given.
    pub limit: Option<u32>,
    /// Where to go on: [`RunPage::next_cursor`] of the page before.
    pub cursor: Option<String>,
    /// Only those in this session.
    pub session_id: Option<String>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub id: String,
    /// `queued`, `dispatching`, `running`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// What it was told to do.
    pub task: Option<String>,
    /// What it is about, in few words.
    pub title: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// How many tokens the model takes in.
    pub context_limit: Option<u64>,
    /// What it came to.
    pub result: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// The session it belongs to.
    pub session_id: Option<String>,
    /// The workspace it has.
    pub workspace_id: Option<String>,
    /// The files that were given to it.
    pub attached_file_ids: Option<Vec<String>>,
    /// The judge's report.
    pub judgement: Option<Map<String, Value>>,
    /// How many tokens the model took in.
    pub total_input_tokens: Option<u64>,
    /// How many tokens the model gave out.
    pub total_output_tokens: Option<u64>,
    /// What it cost so far, in USD.
    pub total_cost_usd: Option<String>,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it was last changed: also after its end.
    pub updated_at: Option<Moment>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A stretch of the runs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<Run>,
    /// Where the next stretch begins.
    pub next_cursor: Option<String>,
    /// Whether there is one.
    pub has_more: Option<bool>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl RunPage {
    /// Where the next stretch begins; none after the last.
    #[must_use]
    pub fn goes_on_at(&self) -> Option<String> {
        let says_more = self.has_more != Some(false);
        self.next_cursor.clone().filter(|_| says_more)
    }
}

/// The answer of [`V4::run_status`].
#[derive(Deserialize)]
struct RunStatus {
    status: String,
}

impl V4<'_> {
    /// `GET /runs`: a stretch of the runs.
    pub async fn runs(&self, list: &ListRuns) -> Result<RunPage, CloudError> {
        let call = Call::new(ApiVersion::V4, Method::GET, &["runs"], "page")
            .query("limit", list.limit)
            .query("cursor", list.cursor.as_ref())
            .query("sessionId", list.session_id.as_ref())
            .within(limits::positive("limit", list.limit))?;
        self.0.send(call).await?.json()
    }

    /// `GET /runs/{run_id}`: everything about a run. One that was only just started may be unknown
    /// for some seconds.
    pub async fn run(&self, id: &str) -> Result<Run, CloudError> {
        let call = Call::new(ApiVersion::V4, Method::GET, &["runs", id], "run");
        self.0.send(call).await?.json()
    }

    /// `GET /runs/{run_id}/status`: the word for how a run stands, which costs the vendor less: it
    /// has a generous limit of its own.
    pub async fn run_status(&self, id: &str) -> Result<String, CloudError> {
        let call = Call::new(ApiVersion::V4, Method::GET, &["runs", id, "status"], "run");
        let status: RunStatus = self.0.send(call).await?.json()?;
        Ok(status.status)
    }
}
