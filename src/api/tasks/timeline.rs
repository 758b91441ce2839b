//! What was said about a task.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::find;
use super::name::TaskName;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::api::page::Listing;
use crate::api::page::Paging;
use crate::api::params::Params;
use crate::event::EventId;
use crate::event::view::time;
use crate::store::EventLog;
use crate::store::Order;
use crate::store::Slice;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::store::TimelineEntry;
use crate::task::Effect;
use crate::task::Projection;
use crate::task::Source;
use crate::task::TaskState;

/// How many lines are read at once on the way to a page.
const STEP: usize = 1000;

/// A task's timeline, oldest first.
pub(super) async fn list(
    _: Read,
    State(book): State<Arc<dyn TaskBook>>,
    State(log): State<Arc<dyn EventLog>>,
    Id(name): Id<TaskName>,
    mut params: Params,
) -> Result<Json<Listing<EntryView>>, ApiError> {
    let paging = Paging::oldest_first(&mut params)?;
    params.finish()?;

    let task = find(&*book, &name).await?.number;
    let mut known = as_of(&*book, task, paging.slice.after).await?;
    let page = book.timeline(task, paging.slice).await?;
    let mut views = Vec::with_capacity(page.items.len());
    for entry in page.items {
        let times_received = match entry.event {
            Some(id) => log
                .event(id)
                .await?
                .map(|record| record.event.times_received),
            None => None,
        };
        views.push(EntryView::new(entry, &mut known, times_received));
    }
    Ok(paging.listing(views, page.next))
}

/// What a task's timeline comes to up to an entry. What a later one changed depends on it.
async fn as_of(
    book: &dyn TaskBook,
    task: i64,
    last: Option<i64>,
) -> Result<Projection, StoreError> {
    let mut known = Projection::default();
    let mut slice = Slice {
        order: Order::Ascending,
        after: None,
        limit: STEP,
    };
    while slice.after < last {
        let page = book.timeline(task, slice).await?;
        for entry in page.items {
            if Some(entry.number) <= last {
                known.observe(entry.observation);
            }
        }
        slice.after = page.next.or(last);
    }
    Ok(known)
}

/// A line of a timeline as JSON.
#[derive(Debug, Serialize)]
pub(super) struct EntryView {
    number: i64,
    at: String,
    seen_at: String,
    source: Source,
    state: Option<TaskState>,
    status: Option<Box<str>>,
    effect: Effect,
    event_id: Option<EventId>,
    times_received: Option<u64>,
}

impl EntryView {
    fn new(entry: TimelineEntry, known: &mut Projection, times_received: Option<u64>) -> Self {
        let said = entry.observation;
        Self {
            number: entry.number,
            at: time(said.at),
            seen_at: time(said.seen_at),
            source: said.source,
            state: said.word.as_deref().map(TaskState::of),
            status: said.word.clone(),
            effect: Effect::of(known, said),
            event_id: entry.event,
            times_received,
        }
    }
}
