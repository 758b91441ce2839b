//! What a task leaves behind: recordings, screenshots, files. All of it is kept for 30 days, and
//! the addresses for it live minutes.

use reqwest::Method;
use serde::Deserialize;
use serde::Serialize;

use super::V1;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::wire::Extra;

/// Recordings of a task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Media {
    /// Their addresses: MP4 or `WebM`.
    pub recordings: Option<Vec<String>>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Screenshots of a task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Screenshots {
    /// Their addresses: PNG, one a major step. None where none were made.
    pub screenshots: Option<Vec<String>>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An animation of a task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Gif {
    /// Its address.
    pub gif: Option<String>,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Where a file can be had for some minutes, by whoever has the address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct DownloadUrl {
    /// The address.
    pub download_url: String,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `GET /task/{task_id}/media`: recordings, once the task has ended. Before, it fails with
    /// [`Trouble::NotYet`](crate::cloud::Trouble).
    pub async fn media(&self, id: &str) -> Result<Media, CloudError> {
        let call = call(Method::GET, &["task", id, "media"], "task").comes_with_the_end();
        self.0.send(call).await?.json()
    }

    /// `GET /task/{task_id}/screenshots`: screenshots, as soon as they are taken.
    pub async fn screenshots(&self, id: &str) -> Result<Screenshots, CloudError> {
        let call = call(Method::GET, &["task", id, "screenshots"], "task");
        self.0.send(call).await?.json()
    }

    /// `GET /task/{task_id}/gif`: an animation. Only the vendor's specification of v1 has it, not
    /// its pages.
    pub async fn gif(&self, id: &str) -> Result<Gif, CloudError> {
        let call = call(Method::GET, &["task", id, "gif"], "task").comes_with_the_end();
        self.0.send(call).await?.json()
    }

    /// `GET /task/{task_id}/output-file/{file_name}`: where a file that the task made can be had.
    pub async fn output_file(&self, id: &str, file: &str) -> Result<DownloadUrl, CloudError> {
        let path = ["task", id, "output-file", file];
        let call = call(Method::GET, &path, "task or file").comes_with_the_end();
        self.0.send(call).await?.json()
    }
}
