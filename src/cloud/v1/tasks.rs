//! Tasks: how they stand, and telling them to stop, pause and resume.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::Paging;
use super::Totals;
use super::V1;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::limits;
use crate::cloud::wire::BrowserData;
use crate::cloud::wire::Extra;
use crate::cloud::wire::Moment;

/// The largest page of tasks.
const LARGEST_PAGE: u32 = 100;

/// Everything about a task.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// `created`, `running`, `finished` (successfully, that is), `stopped`, `paused` or `failed`.
    pub status: String,
    /// What it was told to do.
    pub task: Option<String>,
    /// What it came to, once it has ended.
    pub output: Option<String>,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it ended.
    pub finished_at: Option<Moment>,
    /// The steps it took.
    pub steps: Option<Vec<TaskStep>>,
    /// Where its browser can be watched and controlled by whoever has the address.
    pub live_url: Option<String>,
    /// The browser's data, if `save_browser_data` was set.
    pub browser_data: Option<BrowserData>,
    /// Names of the files that were given to it.
    pub user_uploaded_files: Option<Vec<String>>,
    /// Names of the files that it made; see [`V1::output_file`].
    pub output_files: Option<Vec<String>>,
    /// Where anybody can see it, if `enable_public_share` was set.
    pub public_share_url: Option<String>,
    /// Its tags.
    pub metadata: Option<Map<String, Value>>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A step that a task took.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct TaskStep {
    /// Its id.
    pub id: Option<String>,
    /// Its number.
    pub step: Option<i64>,
    /// What the agent thinks of the step before.
    pub evaluation_previous_goal: Option<String>,
    /// What it does next.
    pub next_goal: Option<String>,
    /// Where its browser is.
    pub url: Option<String>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A task in a listing.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct TaskSummary {
    /// Its id.
    pub id: String,
    /// As in [`Task::status`].
    pub status: String,
    /// What it was told to do.
    pub task: Option<String>,
    /// What it came to, once it has ended.
    pub output: Option<String>,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it ended.
    pub finished_at: Option<Moment>,
    /// As in [`Task::live_url`].
    pub live_url: Option<String>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A page of tasks, newest first.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct TaskPage {
    /// The tasks.
    pub tasks: Vec<TaskSummary>,
    /// Where this page stands.
    #[serde(flatten)]
    pub totals: Totals,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `GET /task/{task_id}`: everything about a task.
    pub async fn task(&self, id: &str) -> Result<Task, CloudError> {
        let call = call(Method::GET, &["task", id], "task");
        self.0.send(call).await?.json()
    }

    /// `GET /task/{task_id}/status`: the word alone, which costs the vendor less. On the wire it
    /// is a bare JSON string.
    pub async fn task_status(&self, id: &str) -> Result<String, CloudError> {
        let call = call(Method::GET, &["task", id, "status"], "task");
        self.0.send(call).await?.json()
    }

    /// `GET /tasks`: a page of all tasks, newest first; at most 100 on a page.
    pub async fn tasks(&self, paging: Paging) -> Result<TaskPage, CloudError> {
        let call = paging.of(call(Method::GET, &["tasks"], "page"));
        let call = call.within(paging.check(Some(LARGEST_PAGE)))?;
        self.0.send(call).await?.json()
    }

    /// `PUT /stop-task`: ends a task for good, at once.
    pub async fn stop_task(&self, id: &str) -> Result<(), CloudError> {
        self.tell("stop-task", id).await
    }

    /// `PUT /pause-task`: halts a running task until it is resumed.
    pub async fn pause_task(&self, id: &str) -> Result<(), CloudError> {
        self.tell("pause-task", id).await
    }

    /// `PUT /resume-task`: lets a paused task go on; a stopped one cannot.
    pub async fn resume_task(&self, id: &str) -> Result<(), CloudError> {
        self.tell("resume-task", id).await
    }

    /// The id goes in the query, and what is answered says nothing: it may even be empty.
    async fn tell(&self, what: &str, id: &str) -> Result<(), CloudError> {
        let call = call(Method::PUT, &[what], "task")
            .query("task_id", Some(id))
            .within(limits::required("task_id", id))?;
        self.0.send(call).await.map(drop)
    }
}
