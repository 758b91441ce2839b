//! Everything that a version of the API lists, newest first.

use super::Client;
use super::CloudError;
use super::v1;
use super::v2;
use super::v3;
use super::v4;
use crate::task::ApiVersion;
use crate::task::TaskReport;

/// How many are asked for at once: the most that every version gives.
const PAGE: u32 = 100;

/// A walk through all tasks, sessions or runs of one version, newest first. What is created while
/// it goes on moves the rest to later pages, so that some may come twice and none is passed over.
#[derive(Debug)]
pub struct Newest {
    client: Client,
    version: ApiVersion,
    next: Option<Place>,
}

/// Where a page begins.
#[derive(Debug)]
struct Place {
    /// The page's number, from 1, for the versions that count.
    number: u32,
    /// What v4 said with the page before.
    cursor: Option<String>,
}

impl Client {
    /// Begins to walk through everything that a version lists. Listings tell less than a look-up:
    /// those of v1 no metadata, and none tells files.
    #[must_use]
    pub fn newest(&self, version: ApiVersion) -> Newest {
        Newest {
            client: self.clone(),
            version,
            next: Some(Place {
                number: 1,
                cursor: None,
            }),
        }
    }
}

impl Newest {
    /// The next page; none after the last. After an error the same page is asked for again.
    pub async fn page(&mut self) -> Result<Option<Vec<TaskReport>>, CloudError> {
        let Some(Place { number, cursor }) = &self.next else {
            return Ok(None);
        };
        let mut next_cursor = None;
        let listed: Vec<TaskReport> = match self.version {
            ApiVersion::V1 => {
                let paging = v1::Paging {
                    page: Some(*number),
                    limit: Some(PAGE),
                };
                reports(self.client.v1().tasks(paging).await?.tasks)
            }
            ApiVersion::V2 => {
                let list = v2::ListTasks {
                    page_size: Some(PAGE),
                    page_number: Some(*number),
                    ..v2::ListTasks::default()
                };
                reports(self.client.v2().tasks(&list).await?.items)
            }
            ApiVersion::V3 => {
                let list = v3::ListSessions {
                    page: Some(*number),
                    page_size: Some(PAGE),
                };
                reports(self.client.v3().sessions(list).await?.sessions)
            }
            ApiVersion::V4 => {
                let list = v4::ListRuns {
                    limit: Some(PAGE),
                    cursor: cursor.clone(),
                    session_id: None,
                };
                let page = self.client.v4().runs(&list).await?;
                next_cursor = page.goes_on_at();
                reports(page.runs)
            }
        };
        let goes_on = match self.version {
            ApiVersion::V4 => next_cursor.is_some(),
            ApiVersion::V1 | ApiVersion::V2 | ApiVersion::V3 => listed.len() >= PAGE as usize,
        };
        self.next = goes_on.then_some(Place {
            number: number + 1,
            cursor: next_cursor,
        });
        Ok(Some(listed))
    }
}

fn reports<T: Into<TaskReport>>(listed: Vec<T>) -> Vec<TaskReport> {
    listed.into_iter().map(Into::into).collect()
}
