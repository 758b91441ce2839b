//! Reading deliveries, one or a bounded stretch.

use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::SqlitePool;

use super::codes::time;
use super::delivery_row;
use super::delivery_row::columns;
use super::delivery_row::joined;
use super::listing::STEP;
use super::listing::direction;
use super::listing::one_more;
use super::script::Values;
use super::sinks;
use super::tokens;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::delivery::DeliveryState;
use crate::name::SinkName;
use crate::store::DeliveryFilter;
use crate::store::Order;
use crate::store::Page;
use crate::store::Slice;
use crate::store::StoreError;

/// The delivery with this id, and its attempts.
pub(super) async fn one(
    readers: &SqlitePool,
    id: DeliveryId,
) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError> {
    let sql = concat!(
        "select ",
        columns!(),
        " from delivery d",
        joined!(),
        "where d.id = ?"
    );
    let row = sqlx::query(sql)
        .bind(id.row())
        .fetch_optional(readers)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    if !id.was_made_at(time(row.try_get(7)?)?) {
        return Ok(None);
    }
    let attempts = sqlx::query(
        "select number, started_at, took_ms, outcome, status, error, answer
           from attempt where delivery = ? order by number",
    )
    .bind(id.row())
    .fetch_all(readers)
    .await?;
    let attempts = attempts.iter().map(delivery_row::attempt);
    Ok(Some((
        delivery_row::read(&row)?,
        attempts.collect::<Result<_, _>>()?,
    )))
}

/// Where candidates come from. Each is an index in which one sink's deliveries stand by age, or
/// something at least as narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Those of one event.
    Event,
    /// Those of some tasks' events.
    Tasks,
    /// What a sink is owed.
    Open,
    /// A sink's dead letters.
    Dead,
    /// All there are.
    Everything,
}

/// What was found in one source, and how far the search came: none, to its end.
struct Stretch {
    found: Vec<Delivery>,
    reached: Option<i64>,
}

/// A stretch of the deliveries that a filter lets through.
pub(super) async fn list(
    readers: &SqlitePool,
    filter: &DeliveryFilter,
    slice: Slice,
) -> Result<Page<Delivery>, StoreError> {
    let sources = sources(filter);
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
    Ok(merge(stretches, slice))
}

fn sources(filter: &DeliveryFilter) -> Vec<Source> {
    if filter.event.is_some() {
        return vec![Source::Event];
    }
    if !filter.task_ids.is_empty() {
        return vec![Source::Tasks];
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

/// One step through a source: at most [`STEP`] candidates are looked at.
async fn stretch(
    readers: &SqlitePool,
    filter: &DeliveryFilter,
    source: Source,
    sink: Option<&SinkName>,
    slice: Slice,
) -> Result<Stretch, StoreError> {
    let mut values = Values::default();
    let inner = candidates(&mut values, filter, source, sink, slice);
    let edge = match slice.order {
        Order::Descending => "min",
        Order::Ascending => "max",
    };
    let sql = format!("select count(*), {edge}(id) from ({inner})");
    let looked_at = sqlx::query_with(AssertSqlSafe(sql), values.into_arguments()?)
        .fetch_one(readers)
        .await?;
    let edge = (looked_at.try_get::<i64, _>(0)? == STEP)
        .then(|| looked_at.try_get::<i64, _>(1))
        .transpose()?;

    let mut values = Values::default();
    let inner = candidates(&mut values, filter, source, sink, slice);
    let condition = condition(&mut values, filter);
    values.bind(one_more(slice.limit));
    let sql = format!(
        "select {} from ({inner}) c cross join delivery d on d.id = c.id {} where {condition}
          order by c.id {} limit ?",
        columns!(),
        joined!(),
        direction(slice.order),
    );
    let rows = sqlx::query_with(AssertSqlSafe(sql), values.into_arguments()?)
        .fetch_all(readers)
        .await?;
    let mut found = rows
        .iter()
        .map(delivery_row::read)
        .collect::<Result<Vec<_>, _>>()?;
    let more = found.len() > slice.limit;
    found.truncate(slice.limit);
    let last = found.last().map(|delivery| delivery.id.row());
    Ok(Stretch {
        reached: if more { last } else { edge },
        found,
    })
}

fn candidates(
    values: &mut Values,
    filter: &DeliveryFilter,
    source: Source,
    sink: Option<&SinkName>,
    slice: Slice,
) -> String {
    let from = match source {
        Source::Event => {
            values.bind(filter.event.map(|id| id.as_bytes().to_vec()));
            "delivery d indexed by delivery_by_event
              where d.event = (select seq from event where id = ?)"
        }
        Source::Tasks => {
            values.bind(tokens::about_tasks(&filter.task_ids));
            "event_token t cross join delivery d indexed by delivery_by_event on d.event = t.rowid
              where t.event_token match ?"
        }
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
    let beyond = match slice.order {
        Order::Descending => "<",
        Order::Ascending => ">",
    };
    values.bind(slice.after.unwrap_or(match slice.order {
        Order::Descending => i64::MAX,
        Order::Ascending => 0,
    }));
    values.bind(STEP);
    format!(
        "select d.id from {from} and d.id {beyond} ? order by d.id {} limit ?",
        direction(slice.order)
    )
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

/// Puts stretches together. None of them may be told further than the one that came least far, or
/// the next page would miss what that one has not seen yet.
fn merge(stretches: Vec<Stretch>, slice: Slice) -> Page<Delivery> {
    let reached = stretches.iter().filter_map(|stretch| stretch.reached);
    let mut next = match slice.order {
        Order::Descending => reached.max(),
        Order::Ascending => reached.min(),
    };
    let within = |id: i64| match (slice.order, next) {
        (_, None) => true,
        (Order::Descending, Some(edge)) => id >= edge,
        (Order::Ascending, Some(edge)) => id <= edge,
    };
    let mut items: Vec<_> = stretches
        .into_iter()
        .flat_map(|stretch| stretch.found)
        .filter(|delivery| within(delivery.id.row()))
        .collect();
    items.sort_unstable_by_key(|delivery| delivery.id.row());
    if slice.order == Order::Descending {
        items.reverse();
    }
    if items.len() > slice.limit {
        items.truncate(slice.limit);
        next = items.last().map(|delivery| delivery.id.row());
    }
    Page { items, next }
}
