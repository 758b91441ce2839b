//! Telling tasks to stop, to pause and to go on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::name::TaskName;
use super::show::Shown;
use super::show::fresh;
use crate::api::auth::Operate;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::cloud::Order;
use crate::store::TaskBook;
use crate::tasks::LookUps;
use crate::tasks::TaskView;

/// Ends a task for good.
pub(super) async fn stop(
    _: Operate,
    State(book): State<Arc<dyn TaskBook>>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
) -> Result<Json<Shown<TaskView>>, ApiError> {
    tell(&*book, &look_ups, &name, Order::Stop).await
}

/// Halts a task until it is resumed.
pub(super) async fn pause(
    _: Operate,
    State(book): State<Arc<dyn TaskBook>>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
) -> Result<Json<Shown<TaskView>>, ApiError> {
    tell(&*book, &look_ups, &name, Order::Pause).await
}

/// Lets a task go on.
pub(super) async fn resume(
    _: Operate,
    State(book): State<Arc<dyn TaskBook>>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
) -> Result<Json<Shown<TaskView>>, ApiError> {
    tell(&*book, &look_ups, &name, Order::Resume).await
}

/// Tells a task, and answers with the task as it is then.
async fn tell(
    book: &dyn TaskBook,
    look_ups: &LookUps,
    name: &TaskName,
    order: Order,
) -> Result<Json<Shown<TaskView>>, ApiError> {
    match look_ups.tell(name.as_str(), order).await? {
        Some(told) => Ok(Json(Shown::new(TaskView::reported(&told)))),
        None => fresh(book, look_ups, name).await,
    }
}
