//! What several versions of the API can do with a task, each by its own calls.

use reqwest::Url;

use super::Client;
use super::CloudError;
use super::Trouble;
use super::started::started_in_v1;
use super::started::started_in_v2;
use super::v1::RunTask;
use super::v2::CreateTask;
use super::v2::Stop;
use crate::task::ApiVersion;
use crate::task::OutputFile;
use crate::task::TaskReport;

/// A task to start.
#[derive(Clone, Debug)]
pub enum NewTask {
    /// With v1.
    V1(Box<RunTask>),
    /// With v2.
    V2(Box<CreateTask>),
}

/// What a task can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// To end, for good.
    Stop,
    /// To halt until it is resumed.
    Pause,
    /// To go on.
    Resume,
}

impl Client {
    /// Starts a task. Of the report only what the answer and the request tell is known.
    pub async fn start(&self, task: &NewTask) -> Result<TaskReport, CloudError> {
        Ok(match task {
            NewTask::V1(task) => started_in_v1(task, self.v1().run_task(task).await?),
            NewTask::V2(task) => started_in_v2(task, self.v2().create_task(task).await?),
        })
    }

    /// Tells a task of this version something. Where the answer says how the task stands then, it
    /// is a report.
    pub async fn tell(
        &self,
        version: ApiVersion,
        id: &str,
        order: Order,
    ) -> Result<Option<TaskReport>, CloudError> {
        match (version, order) {
            (ApiVersion::V1, Order::Stop) => self.v1().stop_task(id).await.map(|()| None),
            (ApiVersion::V1, Order::Pause) => self.v1().pause_task(id).await.map(|()| None),
            (ApiVersion::V1, Order::Resume) => self.v1().resume_task(id).await.map(|()| None),
            (ApiVersion::V2, Order::Stop) => {
                let task = self.v2().stop_task(id, Stop::Task).await?;
                Ok(Some(task.into()))
            }
            (version, Order::Stop) => Err(lacking(version, id, "stopping a task")),
            (version, Order::Pause) => Err(lacking(version, id, "pausing a task")),
            (version, Order::Resume) => Err(lacking(version, id, "resuming a task")),
        }
    }

    /// Where recordings of a task of this version can be had for some minutes.
    pub async fn recordings(
        &self,
        version: ApiVersion,
        id: &str,
    ) -> Result<Vec<String>, CloudError> {
        Ok(match version {
            ApiVersion::V1 => self.v1().media(id).await?.recordings.unwrap_or_default(),
            ApiVersion::V3 => {
                let session = self.v3().session(id).await?;
                session.recording_urls.unwrap_or_default()
            }
            version => return Err(lacking(version, id, "recordings of a task")),
        })
    }

    /// Where screenshots of a task of this version can be had for some minutes, oldest first. v3
    /// has but the latest.
    pub async fn screenshots(
        &self,
        version: ApiVersion,
        id: &str,
    ) -> Result<Vec<String>, CloudError> {
        Ok(match version {
            ApiVersion::V1 => {
                let told = self.v1().screenshots(id).await?;
                told.screenshots.unwrap_or_default()
            }
            ApiVersion::V2 => {
                let steps = self.v2().task(id).await?.steps.unwrap_or_default();
                steps
                    .into_iter()
                    .filter_map(|step| step.screenshot_url)
                    .collect()
            }
            ApiVersion::V3 => {
                let session = self.v3().session(id).await?;
                session.screenshot_url.into_iter().collect()
            }
            version @ ApiVersion::V4 => return Err(lacking(version, id, "screenshots of a task")),
        })
    }

    /// Where a file that a task of this version made can be had for some minutes.
    pub async fn output_file(
        &self,
        version: ApiVersion,
        id: &str,
        file: &OutputFile,
    ) -> Result<Url, CloudError> {
        let url = match version {
            ApiVersion::V1 => self.v1().output_file(id, &file.id).await?.download_url,
            ApiVersion::V2 => self.v2().output_file(id, &file.id).await?.download_url,
            version => return Err(lacking(version, id, "files of a task")),
        };
        Url::parse(&url).map_err(|_not_told| {
            let cause = "`download_url` is no address".to_owned();
            CloudError::new(&format!("file of `{id}`"), Trouble::NotUnderstood(cause))
        })
    }
}

fn lacking(version: ApiVersion, id: &str, what: &'static str) -> CloudError {
    CloudError::new(&format!("`{id}`"), Trouble::NotInThisApi { what, version })
}
