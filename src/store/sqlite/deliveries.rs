//! Reading deliveries, one or a bounded stretch.

use sqlx::SqlitePool;

use super::SqliteStore;
use super::delivery_row;
use super::delivery_row::columns;
use super::delivery_row::joined;
use super::script::Values;
use super::sinks;
use super::stretch;
use super::stretch::Place;
use super::stretch::Stretch;
use super::tokens;
use super::unindexed::Found;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::delivery::DeliveryState;
use crate::event::Seq;
use crate::name::SinkName;
use crate::store::DeliveryFilter;
use crate::store::Page;
use crate::store::Slice;
use crate::store::StoreError;

/// The delivery with this id, and its attempts.
pub(super) async fn one(
    readers: &SqlitePool,
    id: DeliveryId,
) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError> {
    let Some(delivery) = delivery_row::find(readers, id).await? else {
        return Ok(None);
    };
    let attempts = sqlx::query(
        "select number, started_at, took_ms, outcome, status, error, answer
           from attempt where delivery = ? order by number",
    )
    .bind(id.row())
    .fetch_all(readers)
    .await?;
    let attempts = attempts.iter().map(delivery_row::attempt);
    Ok(Some((delivery, attempts.collect::<Result<_, _>>()?)))
}

/// Where candidates come from. Each is an index in which one sink's deliveries stand by age, or
/// something at least as narrow.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// Those of one event.
    Event,
    /// Those of some tasks' events.
    Tasks(&'a Found),
    /// What a sink is owed.
    Open,
    /// A sink's dead letters.
    Dead,
    /// All there are.
    Everything,
}

/// A stretch of the deliveries that a filter lets through.
pub(super) async fn list(
    store: &SqliteStore,
    filter: &DeliveryFilter,
    slice: Slice,
) -> Result<Page<Delivery>, StoreError> {
    let readers = &store.readers;
    let tasks = tokens::about_tasks(&filter.task_ids).map(|tasks| store.unindexed.ask(&tasks));
    let sources = sources(filter, tasks.as_ref());
    let per_sink = sources
        .iter()
        .any(|source| matches!(source, Source::Open | Source::Dead));
    let sinks = match (per_sink, filter.sinks.is_empty()) {
        (false, _) => Vec::new(),
        (true, true) => sinks::known(readers).await?,
        (true, false) => filter.sinks.clone(),
    };
    let mut stretches = Vec::new();
    for source in sources {
        if matches!(source, Source::Open | Source::Dead) {
            for sink in &sinks {
                stretches.push(stretch(readers, filter, source, Some(sink), slice).await?);
            }
        } else {
            stretches.push(stretch(readers, filter, source, None, slice).await?);
        }
    }
    Ok(stretch::merge(stretches, slice, |delivery| {
        delivery.id.row()
    }))
}

fn sources<'a>(filter: &DeliveryFilter, tasks: Option<&'a Found>) -> Vec<Source<'a>> {
    if filter.event.is_some() {
        return vec![Source::Event];
    }
    if let Some(tasks) = tasks {
        return vec![Source::Tasks(tasks)];
    }
    let asks = |states: &[DeliveryState]| filter.states.iter().any(|state| states.contains(state));
    let everything =
        filter.states.is_empty() || asks(&[DeliveryState::Delivered, DeliveryState::Discarded]);
    if everything {
        return vec![Source::Everything];
    }
    let mut sources = Vec::new();
    if asks(&[
        DeliveryState::Pending,
        DeliveryState::Waiting,
        DeliveryState::Leased,
    ]) {
        sources.push(Source::Open);
    }
    if asks(&[DeliveryState::Dead]) {
        sources.push(Source::Dead);
    }
    sources
}

async fn stretch(
    readers: &SqlitePool,
    filter: &DeliveryFilter,
    source: Source<'_>,
    sink: Option<&SinkName>,
    slice: Slice,
) -> Result<Stretch<Delivery>, StoreError> {
    let place = Place {
        candidates: &|values| candidates(values, filter, source, sink, slice),
        rows: &|values, candidates| {
            let condition = condition(values, filter);
            format!(
                "select {} from ({candidates}) c cross join delivery d on d.id = c.id {}
                  where {condition}",
                columns!(),
                joined!(),
            )
        },
        read: delivery_row::read,
        number: |delivery| delivery.id.row(),
    };
    place.look(readers, slice).await
}

fn candidates(
    values: &mut Values,
    filter: &DeliveryFilter,
    source: Source<'_>,
    sink: Option<&SinkName>,
    slice: Slice,
) -> String {
    let from = match source {
        Source::Event => {
            values.bind(filter.event.map(|id| id.as_bytes().to_vec()));
            "delivery d indexed by delivery_by_event
              where d.event = (select seq from event where id = ?)"
        }
        Source::Tasks(found) => &format!(
            "({}) t cross join delivery d indexed by delivery_by_event on d.event = t.seq
              where true",
            found.numbers(values, 1, Seq::MAX)
        ),
        // The words of the index stand here as they are: a value bound to a `?` would not tell
        // the planner that the index holds all we ask for.
        Source::Open => {
            values.bind(sink.map(|sink| sink.as_str().to_owned()));
            "delivery d indexed by delivery_open
              where d.sink = (select id from sink where name = ?) and d.settled_at is null"
        }
        Source::Dead => {
            values.bind(sink.map(|sink| sink.as_str().to_owned()));
            "delivery d indexed by delivery_dead
              where d.sink = (select id from sink where name = ?) and d.state = 3"
        }
        Source::Everything => "delivery d where true",
    };
    let beyond = stretch::beyond(values, "d.id", slice);
    format!("select d.id from {from} and {beyond}")
}

/// What a candidate must be besides.
fn condition(values: &mut Values, filter: &DeliveryFilter) -> String {
    let mut parts = vec!["true".to_owned()];
    if !filter.states.is_empty() {
        let states: Vec<_> = filter.states.iter().map(|&state| of_state(state)).collect();
        parts.push(format!("({})", states.join(" or ")));
    }
    if !filter.sinks.is_empty() {
        values.bind(serde_json::json!(filter.sinks).to_string());
        parts.push("n.name in (select value from json_each(?))".to_owned());
    }
    parts.join(" and ")
}

fn of_state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "(d.state = 0 and d.due_at is not null)",
        DeliveryState::Waiting => "(d.state = 0 and d.due_at is null)",
        DeliveryState::Leased => "d.state = 1",
        DeliveryState::Delivered => "d.state = 2",
        DeliveryState::Dead => "d.state = 3",
        DeliveryState::Discarded => "d.state = 4",
    }
}
