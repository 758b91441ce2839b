//! One task: as it is known, or as the Cloud API tells it now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::find;
use super::name::TaskName;
use super::view::TaskView;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::api::params::Params;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::store::TaskRecord;
use crate::tasks::LookUps;

/// One task. With `fresh` the Cloud API is asked; where it does not tell, the last that is known
/// will do.
pub(super) async fn show(
    _: Read,
    State(book): State<Arc<dyn TaskBook>>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
    mut params: Params,
) -> Result<Json<ShownTask>, ApiError> {
    let is_fresh = params.value("fresh")?.unwrap_or(false);
    params.finish()?;
    if !is_fresh {
        let task = find(&*book, &name).await?;
        return Ok(ShownTask::known(&*book, &task, None).await?);
    }
    fresh(&*book, &look_ups, &name).await
}

/// A task as the Cloud API tells it now, or as it is known and why no better.
pub(super) async fn fresh(
    book: &dyn TaskBook,
    look_ups: &LookUps,
    name: &TaskName,
) -> Result<Json<ShownTask>, ApiError> {
    let error = match look_ups.ask(name.as_str()).await {
        Ok(told) => {
            let task = TaskView::told(&told.task, Some(told.report.clone()));
            return Ok(Json(ShownTask {
                task,
                fresh_unavailable: None,
            }));
        }
        Err(error) => ApiError::from(error),
    };
    match book.task(name.as_str()).await? {
        Some(task) => Ok(ShownTask::known(book, &task, Some(error.to_string())).await?),
        None => Err(error),
    }
}

/// A task as JSON, and how fresh it is.
#[derive(Debug, Serialize)]
pub(super) struct ShownTask {
    #[serde(flatten)]
    task: TaskView,
    /// Why the Cloud API did not tell, where it was to be asked.
    fresh_unavailable: Option<String>,
}

impl ShownTask {
    async fn known(
        book: &dyn TaskBook,
        task: &TaskRecord,
        fresh_unavailable: Option<String>,
    ) -> Result<Json<Self>, StoreError> {
        let report = book.report(&task.key).await?;
        Ok(Json(Self {
            task: TaskView::told(task, report),
            fresh_unavailable,
        }))
    }
}
