//! Asking the Cloud API about a task that we know of.

use crate::cloud::Client;
use crate::cloud::CloudError;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::task::TaskKey;
use crate::task::TaskReport;

/// What the Cloud API says of a task now. The version that knew it the last time is asked alone.
pub(super) async fn ask<E>(
    cloud: &Client,
    book: &dyn TaskBook,
    key: &TaskKey,
) -> Result<TaskReport, E>
where
    E: From<CloudError> + From<StoreError>,
{
    Ok(match book.report(key).await? {
        Some(kept) => cloud.look_up_in(kept.report.api, &key.id).await?,
        None => cloud.look_up(&key.id).await?,
    })
}
