//! Scheduled tasks: run again and again, at an interval or as cron says.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::Created;
use super::Paging;
use super::Totals;
use super::V1;
use super::call;
use super::run::MAX_STEPS;
use crate::cloud::CloudError;
use crate::cloud::limits;
use crate::cloud::limits::Bounded;
use crate::cloud::limits::Metadata;
use crate::cloud::limits::OutOfLimits;
use crate::cloud::wire::Extra;
use crate::cloud::wire::Moment;
use crate::cloud::wire::Secrets;

/// A schedule to create. What is not given is left to the vendor's defaults.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct CreateSchedule {
    /// What the agent should do. Required.
    pub task: String,
    /// `interval` or `cron`. Required.
    pub schedule_type: String,
    /// Minutes between runs; an `interval` requires it.
    pub interval_minutes: Option<u32>,
    /// The cron expression; `cron` requires it.
    pub cron_expression: Option<String>,
    /// When to begin; now unless given.
    pub start_at: Option<Moment>,
    /// When to end; in a year unless given.
    pub end_at: Option<Moment>,
    /// As in [`super::RunTask::secrets`].
    pub secrets: Option<Secrets>,
    /// Domains that the agent may visit; all unless given.
    pub allowed_domains: Option<Vec<String>>,
    /// Whether cookies and other data of the browser are kept between runs; not unless given.
    pub save_browser_data: Option<bool>,
    /// A JSON schema, as text, that the output will follow.
    pub structured_output_json: Option<String>,
    /// The model; `gpt-4o` unless given. Others that were on offer: `gpt-4o-mini`, `gpt-4.1`,
    /// `gpt-4.1-mini`, `o4-mini`, `o3`, `gemini-2.0-flash`, `gemini-2.0-flash-lite`,
    /// `gemini-2.5-flash-preview-04-17`, `gemini-2.5-flash`, `gemini-2.5-pro`,
    /// `claude-3-7-sonnet-20250219`, `claude-sonnet-4-20250514`,
    /// `llama-4-maverick-17b-128e-instruct`.
    pub llm_model: Option<String>,
    /// Whether an ad blocker is used; so unless given.
    pub use_adblock: Option<bool>,
    /// Whether a proxy is used; so unless given.
    pub use_proxy: Option<bool>,
    /// The proxy's country; `us` unless given. Others: `uk`, `fr`, `it`, `jp`, `au`, `de`, `fi`,
    /// `ca`, `in`. These are not those of single tasks.
    pub proxy_country_code: Option<String>,
    /// Whether elements of the page are highlighted; so unless given.
    pub highlight_elements: Option<bool>,
    /// Names of files to give to each run.
    pub included_file_names: Option<Vec<String>>,
    /// The viewport's width in pixels; 1280 unless given.
    pub browser_viewport_width: Option<u32>,
    /// The viewport's height in pixels; 960 unless given.
    pub browser_viewport_height: Option<u32>,
    /// How many steps the agent may take: at most 200; 75 unless given.
    pub max_agent_steps: Option<u32>,
    /// Whether anybody with the address may see the runs; not unless given.
    pub enable_public_share: Option<bool>,
    /// As in [`super::RunTask::metadata`].
    pub metadata: Option<Metadata>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for CreateSchedule {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::required("task", &self.task)?;
        limits::required("schedule_type", &self.schedule_type)?;
        rhythm(
            &self.schedule_type,
            self.interval_minutes,
            self.cron_expression.as_deref(),
        )?;
        limits::readable("start_at", self.start_at.as_ref())?;
        limits::readable("end_at", self.end_at.as_ref())?;
        limits::within("max_agent_steps", self.max_agent_steps, 1..=MAX_STEPS)?;
        limits::metadata(self.metadata.as_ref())
    }

    fn secrets(&self) -> Option<&Secrets> {
        self.secrets.as_ref()
    }
}

/// What to change of a schedule. What is not given stays as it is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct UpdateSchedule {
    /// What the agent should do.
    pub task: Option<String>,
    /// `interval` or `cron`; with it, what that requires.
    pub schedule_type: Option<String>,
    /// Minutes between runs.
    pub interval_minutes: Option<u32>,
    /// The cron expression.
    pub cron_expression: Option<String>,
    /// When to begin.
    pub start_at: Option<Moment>,
    /// When to end.
    pub end_at: Option<Moment>,
    /// Whether it runs.
    pub is_active: Option<bool>,
    /// Whether an ad blocker is used.
    pub use_adblock: Option<bool>,
    /// Whether a proxy is used.
    pub use_proxy: Option<bool>,
    /// Whether elements of the page are highlighted.
    pub highlight_elements: Option<bool>,
    /// The model, as in [`CreateSchedule::llm_model`].
    pub llm_model: Option<String>,
    /// Whether cookies and other data of the browser are kept between runs.
    pub save_browser_data: Option<bool>,
    /// A JSON schema, as text, that the output will follow.
    pub structured_output_json: Option<String>,
    /// As in [`super::RunTask::metadata`].
    pub metadata: Option<Metadata>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for UpdateSchedule {
    fn check(&self) -> Result<(), OutOfLimits> {
        rhythm(
            self.schedule_type.as_deref().unwrap_or_default(),
            self.interval_minutes,
            self.cron_expression.as_deref(),
        )?;
        limits::readable("start_at", self.start_at.as_ref())?;
        limits::readable("end_at", self.end_at.as_ref())?;
        limits::metadata(self.metadata.as_ref())
    }
}

/// Each type comes with what says how often. A type that we do not know is the vendor's to judge.
fn rhythm(kind: &str, minutes: Option<u32>, cron: Option<&str>) -> Result<(), OutOfLimits> {
    let problem = format!("must be given when `schedule_type` is \"{kind}\"");
    let lacks = |field| OutOfLimits::new(field, problem);
    match kind {
        "interval" if minutes.is_none() => Err(lacks("interval_minutes")),
        "cron" if cron.is_none_or(str::is_empty) => Err(lacks("cron_expression")),
        _ => limits::positive("interval_minutes", minutes),
    }
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Schedule {
    /// Its id.
    pub id: String,
    /// What the agent does.
    pub task: Option<String>,
    /// `interval` or `cron`.
    pub schedule_type: Option<String>,
    /// Minutes between runs.
    pub interval_minutes: Option<u64>,
    /// The cron expression.
    pub cron_expression: Option<String>,
    /// When it begins.
    pub start_at: Option<Moment>,
    /// When it runs next.
    pub next_run_at: Option<Moment>,
    /// When it ends.
    pub end_at: Option<Moment>,
    /// Whether it runs.
    pub is_active: Option<bool>,
    /// Whether cookies and other data of the browser are kept between runs.
    pub save_browser_data: Option<bool>,
    /// The JSON schema, as text, that the output follows.
    pub structured_output_json: Option<String>,
    /// The model.
    pub llm_model: Option<String>,
    /// Whether an ad blocker is used.
    pub use_adblock: Option<bool>,
    /// Whether a proxy is used.
    pub use_proxy: Option<bool>,
    /// Whether elements of the page are highlighted.
    pub highlight_elements: Option<bool>,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it was last changed.
    pub updated_at: Option<Moment>,
    /// Its tags; listings leave them out.
    pub metadata: Option<Map<String, Value>>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A page of schedules.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct SchedulePage {
    /// The schedules, by when they were created.
    pub tasks: Vec<Schedule>,
    /// Where this page stands.
    #[serde(flatten)]
    pub totals: Totals,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `GET /scheduled-tasks`: a page of all schedules.
    pub async fn schedules(&self, paging: Paging) -> Result<SchedulePage, CloudError> {
        let call = paging.of(call(Method::GET, &["scheduled-tasks"], "page"));
        let call = call.within(paging.check(None))?;
        self.0.send(call).await?.json()
    }

    /// `POST /scheduled-task`: creates a schedule and returns its id.
    ///
    /// Fails with [`Trouble::NoSubscription`](crate::cloud::Trouble) without an active
    /// subscription.
    pub async fn create_schedule(&self, new: &CreateSchedule) -> Result<Created, CloudError> {
        let call = call(Method::POST, &["scheduled-task"], "file").body(new)?;
        self.0.send(call).await?.json()
    }

    /// `GET /scheduled-task/{task_id}`: a schedule.
    pub async fn schedule(&self, id: &str) -> Result<Schedule, CloudError> {
        let call = call(Method::GET, &["scheduled-task", id], "scheduled task");
        self.0.send(call).await?.json()
    }

    /// `PUT /scheduled-task/{task_id}`: changes a schedule, and returns it as it is now.
    pub async fn update_schedule(
        &self,
        id: &str,
        change: &UpdateSchedule,
    ) -> Result<Schedule, CloudError> {
        let call = call(Method::PUT, &["scheduled-task", id], "scheduled task").body(change)?;
        self.0.send(call).await?.json()
    }

    /// `DELETE /scheduled-task/{task_id}`: deletes a schedule for good. A run under way goes on.
    pub async fn delete_schedule(&self, id: &str) -> Result<(), CloudError> {
        let call = call(Method::DELETE, &["scheduled-task", id], "scheduled task");
        self.0.send(call).await.map(drop)
    }
}
