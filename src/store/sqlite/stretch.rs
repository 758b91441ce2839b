//! Listings that look in one place or several, at most [`STEP`] candidates in each.
//!
//! A place is an index in which what is wanted stands by age. What is found there is put together
//! in one order, and no further than every place was looked through.

use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::listing::STEP;
use super::listing::direction;
use super::listing::one_more;
use super::script::Values;
use crate::store::Order;
use crate::store::Page;
use crate::store::Slice;
use crate::store::StoreError;

/// How to look through one place.
pub(super) struct Place<'a, T> {
    /// The query that gives candidates as `id`, ended by [`beyond`].
    pub(super) candidates: &'a (dyn Fn(&mut Values) -> String + Sync),
    /// The query that reads those candidates `c` that are wanted, up to its conditions.
    pub(super) rows: &'a (dyn Fn(&mut Values, &str) -> String + Sync),
    pub(super) read: fn(&SqliteRow) -> Result<T, StoreError>,
    pub(super) number: fn(&T) -> i64,
}

/// What was found in one place, and how far the search came: none, to its end.
pub(super) struct Stretch<T> {
    found: Vec<T>,
    reached: Option<i64>,
}

/// The end of a query for candidates: behind where the last page ended, in order, one step.
pub(super) fn beyond(values: &mut Values, id: &str, slice: Slice) -> String {
    let (beyond, beginning) = match slice.order {
        Order::Descending => ("<", i64::MAX),
        Order::Ascending => (">", 0),
    };
    values.bind(slice.after.unwrap_or(beginning));
    values.bind(STEP);
    let direction = direction(slice.order);
    format!("{id} {beyond} ? order by {id} {direction} limit ? + 0")
}

impl<T> Place<'_, T> {
    /// One step through it.
    pub(super) async fn look(
        &self,
        readers: &SqlitePool,
        slice: Slice,
    ) -> Result<Stretch<T>, StoreError> {
        let edge = match slice.order {
            Order::Descending => "min",
            Order::Ascending => "max",
        };
        let mut values = Values::default();
        let candidates = (self.candidates)(&mut values);
        let sql = format!("select count(*), {edge}(id) from ({candidates})");
        let looked_at = sqlx::query_with(AssertSqlSafe(sql), values.into_arguments()?)
            .fetch_one(readers)
            .await?;
        let edge = (looked_at.try_get::<i64, _>(0)? == STEP)
            .then(|| looked_at.try_get::<i64, _>(1))
            .transpose()?;

        let mut values = Values::default();
        let candidates = (self.candidates)(&mut values);
        let rows = (self.rows)(&mut values, &candidates);
        values.bind(one_more(slice.limit));
        let sql = format!(
            "{rows} order by c.id {} limit ? + 0",
            direction(slice.order)
        );
        let rows = sqlx::query_with(AssertSqlSafe(sql), values.into_arguments()?)
            .fetch_all(readers)
            .await?;
        let mut found = rows.iter().map(self.read).collect::<Result<Vec<_>, _>>()?;
        let more = found.len() > slice.limit;
        found.truncate(slice.limit);
        let last = found.last().map(self.number);
        Ok(Stretch {
            reached: if more { last } else { edge },
            found,
        })
    }
}

/// Puts stretches together. None of them may be told further than the one that came least far, or
/// the next page would miss what that one has not seen yet.
pub(super) fn merge<T>(
    stretches: Vec<Stretch<T>>,
    slice: Slice,
    number: impl Fn(&T) -> i64,
) -> Page<T> {
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
        .filter(|item| within(number(item)))
        .collect();
    items.sort_unstable_by_key(&number);
    if slice.order == Order::Descending {
        items.reverse();
    }
    if items.len() > slice.limit {
        items.truncate(slice.limit);
        next = items.last().map(number);
    }
    Page { items, next }
}
