//! Tasks: how they stand, what came of them, and telling them to stop.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::V2;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::limits;
use crate::cloud::limits::Bounded;
use crate::cloud::limits::OutOfLimits;
use crate::cloud::wire::Extra;
use crate::cloud::wire::Moment;

/// The largest page of tasks.
const LARGEST_PAGE: u32 = 100;

/// Which tasks to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListTasks {
    /// How many on a page: 1 to 100; 10 unless given.
    pub page_size: Option<u32>,
    /// Which page, from 1; 1 unless given.
    pub page_number: Option<u32>,
    /// Only those in this session.
    pub session_id: Option<String>,
    /// Only those with this status.
    pub filter_by: Option<String>,
    /// Only those after this time.
    pub after: Option<Moment>,
    /// Only those before this time.
    pub before: Option<Moment>,
}

impl Bounded for ListTasks {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::within("pageSize", self.page_size, 1..=LARGEST_PAGE)?;
        limits::positive("pageNumber", self.page_number)?;
        limits::readable("after", self.after.as_ref())?;
        limits::readable("before", self.before.as_ref())
    }
}

/// A task. Listings leave out its steps and files.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Its id.
    pub id: String,
    /// `created`, `started`, `finished`, `failed` or `stopped`.
    pub status: String,
    /// The session it runs in.
    pub session_id: Option<String>,
    /// The model.
    pub llm: Option<String>,
    /// What it was told to do.
    pub task: Option<String>,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it began.
    pub started_at: Option<Moment>,
    /// When it ended.
    pub finished_at: Option<Moment>,
    /// Its tags.
    pub metadata: Option<Map<String, Value>>,
    /// The steps it took.
    pub steps: Option<Vec<TaskStep>>,
    /// What it came to, once it has ended.
    pub output: Option<String>,
    /// The files it made.
    pub output_files: Option<Vec<OutputFile>>,
    /// The version of browser-use that ran it.
    pub browser_use_version: Option<String>,
    /// Whether it did what it was told, as the agent itself sees it.
    pub is_success: Option<bool>,
    /// The judge's report: JSON as text.
    pub judgement: Option<String>,
    /// Whether it did what it was told, as the judge sees it.
    pub judge_verdict: Option<bool>,
    /// What it cost so far, in USD.
    pub cost: Option<String>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A step that a task took.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskStep {
    /// Its number.
    pub number: Option<i64>,
    /// What the agent keeps in mind.
    pub memory: Option<String>,
    /// What it thinks of the step before.
    pub evaluation_previous_goal: Option<String>,
    /// What it does next.
    pub next_goal: Option<String>,
    /// Where its browser is.
    pub url: Option<String>,
    /// Where a screenshot can be had for some minutes.
    pub screenshot_url: Option<String>,
    /// What it did: each JSON as text.
    pub actions: Option<Vec<String>>,
    /// How long it took, in seconds.
    pub duration: Option<f64>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A file that a task made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputFile {
    /// Its id; see [`V2::output_file`].
    pub id: String,
    /// Its name.
    pub file_name: String,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A page of tasks.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskPage {
    /// The tasks.
    pub items: Vec<Task>,
    /// How many there are on all pages.
    pub total_items: Option<u64>,
    /// This page's number, from 1.
    pub page_number: Option<u64>,
    /// How many are on a page.
    pub page_size: Option<u64>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How a task stands, and what came of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskStatus {
    /// Its id.
    pub id: Option<String>,
    /// As in [`Task::status`].
    pub status: String,
    /// What it came to, once it has ended.
    pub output: Option<String>,
    /// When it ended.
    pub finished_at: Option<Moment>,
    /// As in [`Task::is_success`].
    pub is_success: Option<bool>,
    /// As in [`Task::cost`].
    pub cost: Option<String>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Where something can be had for some minutes, by whoever has the address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DownloadUrl {
    /// The address.
    pub download_url: String,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a task takes along when it is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Stop {
    /// Nothing: its session goes on.
    #[default]
    #[serde(rename = "stop")]
    Task,
    /// Its session, too.
    #[serde(rename = "stop_task_and_session")]
    TaskAndSession,
}

impl Bounded for Stop {
    /// Either is good.
    fn check(&self) -> Result<(), OutOfLimits> {
        Ok(())
    }
}

impl V2<'_> {
    /// `GET /tasks`: a page of tasks.
    pub async fn tasks(&self, list: &ListTasks) -> Result<TaskPage, CloudError> {
        let naive = |time: &Option<Moment>| time.as_ref().and_then(Moment::naive);
        let call = call(Method::GET, &["tasks"], "page")
            .query("pageSize", list.page_size)
            .query("pageNumber", list.page_number)
            .query("sessionId", list.session_id.as_ref())
            .query("filterBy", list.filter_by.as_ref())
            .query("after", naive(&list.after))
            .query("before", naive(&list.before))
            .within(list.check())?;
        self.0.send(call).await?.json()
    }

    /// `GET /tasks/{task_id}`: everything about a task.
    pub async fn task(&self, id: &str) -> Result<Task, CloudError> {
        let call = call(Method::GET, &["tasks", id], "task");
        self.0.send(call).await?.json()
    }

    /// `GET /tasks/{task_id}/status`: how it stands and what came of it, which costs the vendor
    /// less: it is made for asking again and again.
    pub async fn task_status(&self, id: &str) -> Result<TaskStatus, CloudError> {
        let call = call(Method::GET, &["tasks", id, "status"], "task");
        self.0.send(call).await?.json()
    }

    /// `PATCH /tasks/{task_id}`: ends a task for good, and returns it as it is now. There is no
    /// pause in v2.
    pub async fn stop_task(&self, id: &str, stop: Stop) -> Result<Task, CloudError> {
        let call = call(Method::PATCH, &["tasks", id], "task").body(&stop)?;
        self.0.send(call).await?.json()
    }

    /// `GET /tasks/{task_id}/logs`: where its log can be had.
    pub async fn logs(&self, id: &str) -> Result<DownloadUrl, CloudError> {
        let call = call(Method::GET, &["tasks", id, "logs"], "task");
        self.0.send(call).await?.json()
    }

    /// `GET /files/tasks/{task_id}/output-files/{file_id}`: where a file that it made can be had.
    pub async fn output_file(&self, id: &str, file: &str) -> Result<DownloadUrl, CloudError> {
        let path = ["files", "tasks", id, "output-files", file];
        let call = call(Method::GET, &path, "task or file");
        self.0.send(call).await?.json()
    }
}
