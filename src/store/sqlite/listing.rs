//! Listing events, a bounded stretch at a time.
//!
//! Every listing walks the numbers from where the last page ended: no offset, and no count over
//! the table. What has a token is found through the index of tokens; free text is searched in
//! steps, and a page then says how far it looked.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;

use super::SqliteStore;
use super::event_row;
use super::event_row::columns;
use super::event_row::joined;
use super::script::Values;
use super::search::Search;
use super::tokens;
use super::unindexed::Found;
use crate::event::Event;
use crate::event::Seq;
use crate::store::EventFilter;
use crate::store::Order;
use crate::store::Page;
use crate::store::Slice;
use crate::store::StoreError;

/// How many rows a search for free text reads for one page: about 20 ms.
pub(super) const STEP: i64 = 20_000;

/// Which numbers a page may have: `from` ≤ number < `to`.
#[derive(Clone, Copy, Debug)]
struct Range {
    from: Seq,
    to: Seq,
}

/// A page of events without their deliveries.
pub(super) async fn events(
    store: &SqliteStore,
    filter: &EventFilter,
    slice: Slice,
) -> Result<Page<Event>, StoreError> {
    let range = range(store, filter, slice).await?;
    if range.from >= range.to || slice.limit == 0 {
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    }
    let found = tokens::question(filter).map(|question| store.unindexed.ask(&question));
    match filter.q.as_deref().filter(|text| !text.is_empty()) {
        None => list(store, filter, found.as_ref(), range, slice).await,
        Some(text) => {
            let search = Search::new(text);
            step(store, filter, found.as_ref(), &search, range, slice).await
        }
    }
}

async fn range(
    store: &SqliteStore,
    filter: &EventFilter,
    slice: Slice,
) -> Result<Range, StoreError> {
    let bound = async |time: Option<Timestamp>, otherwise| match time {
        Some(time) => store.first_since(time).await,
        None => Ok(otherwise),
    };
    let mut range = Range {
        from: bound(filter.since, 1).await?,
        to: bound(filter.until, Seq::MAX).await?,
    };
    match (slice.order, slice.after) {
        (Order::Descending, Some(after)) => range.to = range.to.min(after),
        (Order::Ascending, Some(after)) => range.from = range.from.max(after.saturating_add(1)),
        (_, None) => {}
    }
    Ok(range)
}

/// The candidates in a range, in order, at most so many: what was found by tokens where they were
/// asked for, else all.
fn candidates(
    values: &mut Values,
    found: Option<&Found>,
    range: Range,
    order: Order,
    most: i64,
) -> String {
    let direction = direction(order);
    let numbers = if let Some(found) = found {
        found.numbers(values, range.from, range.to)
    } else {
        values.bind(range.from);
        values.bind(range.to);
        "select seq from event where seq >= ? and seq < ?"
    };
    values.bind(most);
    format!("{numbers} order by seq {direction} limit ? + 0")
}

/// One more than asked for tells whether there is more.
pub(super) fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

pub(super) fn direction(order: Order) -> &'static str {
    match order {
        Order::Descending => "desc",
        Order::Ascending => "asc",
    }
}

/// Without free text: every candidate counts, but for those whose hash is another's too.
async fn list(
    store: &SqliteStore,
    filter: &EventFilter,
    found: Option<&Found>,
    range: Range,
    slice: Slice,
) -> Result<Page<Event>, StoreError> {
    let mut values = Values::default();
    let most = one_more(slice.limit);
    let candidates = candidates(&mut values, found, range, slice.order, most);
    let mut found = fetch(store, &candidates, "true", values, slice).await?;
    let next = cut(&mut found, slice.limit);
    found.retain(|event| tokens::lets_through(filter, &event.facts, event.origin));
    Ok(Page { items: found, next })
}

/// With free text: one step through the candidates, which the database looks through and we look
/// at again.
async fn step(
    store: &SqliteStore,
    filter: &EventFilter,
    found: Option<&Found>,
    search: &Search,
    range: Range,
    slice: Slice,
) -> Result<Page<Event>, StoreError> {
    let mut values = Values::default();
    let inner = candidates(&mut values, found, range, slice.order, STEP);
    let edge = match slice.order {
        Order::Descending => "min",
        Order::Ascending => "max",
    };
    let looked_at = sqlx::query_with(
        AssertSqlSafe(format!("select count(*), {edge}(seq) from ({inner})")),
        values.into_arguments()?,
    )
    .fetch_one(&store.readers)
    .await?;
    let edge = (looked_at.try_get::<i64, _>(0)? == STEP)
        .then(|| looked_at.try_get::<Seq, _>(1))
        .transpose()?;

    let mut values = Values::default();
    let inner = candidates(&mut values, found, range, slice.order, STEP);
    let condition = search.condition(&mut values);
    let mut found = fetch(store, &inner, &condition, values, slice).await?;
    let next = cut(&mut found, slice.limit).or(edge);
    found.retain(|event| {
        tokens::lets_through(filter, &event.facts, event.origin) && search.finds(event)
    });
    Ok(Page { items: found, next })
}

/// Takes off what was read beyond the limit, and says where to go on if there was such a thing.
fn cut(found: &mut Vec<Event>, limit: usize) -> Option<Seq> {
    if found.len() <= limit {
        return None;
    }
    found.truncate(limit);
    found.last().map(|event| event.seq)
}

async fn fetch(
    store: &SqliteStore,
    candidates: &str,
    condition: &str,
    mut values: Values,
    slice: Slice,
) -> Result<Vec<Event>, StoreError> {
    let direction = direction(slice.order);
    values.bind(one_more(slice.limit));
    let sql = format!(
        "select {} from ({candidates}) c cross join event e on e.seq = c.seq {} where {condition}
          order by c.seq {direction} limit ? + 0",
        columns!(),
        joined!(),
    );
    let rows = sqlx::query_with(AssertSqlSafe(sql), values.into_arguments()?)
        .fetch_all(&store.readers)
        .await?;
    rows.iter()
        .map(|row| event_row::read(row, &store.sightings))
        .collect()
}
