//! One task: as it is known, or as the Cloud API tells it now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::find;
use super::name::TaskName;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::api::params::Params;
use crate::store::Reported;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::store::TaskRecord;
use crate::tasks::LookUpError;
use crate::tasks::LookUps;
use crate::tasks::StandView;
use crate::tasks::TaskView;

/// One task. With `fresh` the Cloud API is asked.
pub(super) async fn show(
    _: Read,
    State(book): State<Arc<dyn TaskBook>>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
    mut params: Params,
) -> Result<Json<Shown<TaskView>>, ApiError> {
    let is_fresh = params.value("fresh")?.unwrap_or(false);
    params.finish()?;
    if is_fresh {
        return fresh(&*book, &look_ups, &name).await;
    }
    let task = find(&*book, &name).await?;
    let known = known(&*book, &task).await?;
    Ok(Json(Shown::new(known)))
}

/// How a task stands, and nothing else. The Cloud API is asked unless the task has ended.
pub(super) async fn status(
    _: Read,
    State(book): State<Arc<dyn TaskBook>>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
) -> Result<Json<Shown<StandView>>, ApiError> {
    let answer = look_ups.know(name.as_str()).await;
    let shown = best(&*book, &name, answer).await?;
    Ok(Json(Shown {
        view: StandView::of(shown.view),
        fresh_unavailable: shown.fresh_unavailable,
    }))
}

/// A task as the Cloud API tells it now.
pub(super) async fn fresh(
    book: &dyn TaskBook,
    look_ups: &LookUps,
    name: &TaskName,
) -> Result<Json<Shown<TaskView>>, ApiError> {
    let answer = look_ups.ask(name.as_str()).await;
    best(book, name, answer).await.map(Json)
}

/// What the Cloud API told; where it did not, the last that is known will do.
async fn best(
    book: &dyn TaskBook,
    name: &TaskName,
    answer: Result<Arc<Reported>, LookUpError>,
) -> Result<Shown<TaskView>, ApiError> {
    let error = match answer {
        Ok(told) => return Ok(Shown::new(TaskView::reported(&told))),
        Err(error) => ApiError::from(error),
    };
    let Some(task) = book.task(name.as_str()).await? else {
        return Err(error);
    };
    Ok(Shown {
        view: known(book, &task).await?,
        fresh_unavailable: Some(error.to_string()),
    })
}

async fn known(book: &dyn TaskBook, task: &TaskRecord) -> Result<TaskView, StoreError> {
    Ok(TaskView::told(task, book.report(&task.key).await?))
}

/// What is known of a task, as JSON, and how good that is.
#[derive(Debug, Serialize)]
pub(super) struct Shown<V> {
    #[serde(flatten)]
    view: V,
    /// Why the Cloud API did not tell, where it was to be asked.
    fresh_unavailable: Option<String>,
}

impl<V> Shown<V> {
    pub(super) fn new(view: V) -> Self {
        Self {
            view,
            fresh_unavailable: None,
        }
    }
}
