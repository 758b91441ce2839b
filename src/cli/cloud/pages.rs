//! Listings of the API, page by page.

use std::collections::HashSet;
use std::hash::Hash;

use anyhow::Result;
use anyhow::ensure;
use serde::Serialize;
use serde_json::Value;

use crate::cloud::CloudError;
use crate::cloud::v1::Paging;

/// The most that a page holds, where a limit is documented.
const LARGEST_PAGE: u32 = 100;

/// Which page of a listing of v1.
pub(super) fn paging(number: u32, size: u32) -> Paging {
    Paging {
        page: Some(number),
        limit: Some(size),
    }
}

/// The first `limit` entries of a listing whose pages are numbered from 1. `page` is asked for the
/// page with a number and so many entries.
pub(super) async fn gather<T: Serialize>(
    limit: u32,
    page: impl AsyncFn(u32, u32) -> Result<Vec<T>, CloudError>,
) -> Result<Vec<Value>> {
    let numbered = async |number: u32, size: u32| {
        let entries = page(number, size).await?;
        let goes_on = entries.len() >= size as usize;
        Ok((entries, goes_on.then(|| number.saturating_add(1))))
    };
    walk(limit, 1, numbered).await
}

/// The same of a listing that says with each page where the next begins.
pub(super) async fn follow<T: Serialize>(
    limit: u32,
    page: impl AsyncFn(Option<String>, u32) -> Result<(Vec<T>, Option<String>), CloudError>,
) -> Result<Vec<Value>> {
    let told = async |cursor, size| {
        let (entries, next) = page(cursor, size).await?;
        Ok((entries, next.map(Some)))
    };
    walk(limit, None, told).await
}

/// Goes from page to page until there are `limit` entries or no more. `page` gives so many of those
/// at a place, and where the next are. Fails where that is a place it came from: it would go round
/// for ever.
async fn walk<P: Clone + Eq + Hash, T: Serialize>(
    limit: u32,
    first: P,
    page: impl AsyncFn(P, u32) -> Result<(Vec<T>, Option<P>), CloudError>,
) -> Result<Vec<Value>> {
    // Pages of one size: a smaller last one would begin elsewhere.
    let size = limit.min(LARGEST_PAGE);
    let wanted = limit as usize;
    let mut found = Vec::new();
    let mut been = HashSet::new();
    let mut next = Some(first);
    while found.len() < wanted
        && let Some(place) = next
    {
        ensure!(
            been.insert(place.clone()),
            "Browser Use's API leads from page to page in a circle: ask for no more than the {} \
             entries that it has told",
            found.len()
        );
        let (entries, following) = page(place, size).await?;
        for entry in entries {
            found.push(serde_json::to_value(entry)?);
        }
        next = following;
    }
    found.truncate(wanted);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Gathers so many of 250 numbers, and says which pages were asked for.
    async fn gathered(limit: u32) -> (usize, Vec<(u32, u32)>) {
        let asked = RefCell::new(Vec::new());
        let page = async |number: u32, size: u32| {
            asked.borrow_mut().push((number, size));
            let from = (number - 1) * size;
            Ok((from..(from + size).min(250)).collect())
        };
        let found = gather(limit, page).await.unwrap();
        let expected: Vec<Value> = (0..250.min(limit)).map(Value::from).collect();
        assert_eq!(found, expected);
        (found.len(), asked.into_inner())
    }

    #[tokio::test]
    async fn a_listing_is_read_until_there_is_enough_or_no_more() {
        assert_eq!(gathered(0).await, (0, vec![]));
        assert_eq!(gathered(10).await, (10, vec![(1, 10)]));
        assert_eq!(gathered(150).await, (150, vec![(1, 100), (2, 100)]));
        assert_eq!(
            gathered(1_000).await,
            (250, vec![(1, 100), (2, 100), (3, 100)])
        );
    }

    #[tokio::test]
    async fn a_listing_that_leads_in_a_circle_ends() {
        let page = async |cursor: Option<String>, _| {
            let next = if cursor.as_deref() == Some("a") {
                "b"
            } else {
                "a"
            };
            Ok((vec![1], Some(next.to_owned())))
        };
        assert_eq!(follow(3, page).await.unwrap().len(), 3);
        let error = follow(4, page).await.unwrap_err().to_string();
        assert!(error.contains("in a circle"), "{error}");
        assert!(error.contains("the 3 entries"), "{error}");
    }

    #[tokio::test]
    async fn a_listing_is_followed_from_cursor_to_cursor() {
        let asked = RefCell::new(Vec::new());
        let page = async |cursor: Option<String>, size: u32| {
            let from: u32 = cursor
                .as_deref()
                .map_or(0, |cursor| cursor.parse().unwrap());
            let to = (from + size).min(250);
            asked.borrow_mut().push((cursor, size));
            Ok(((from..to).collect(), (to < 250).then(|| to.to_string())))
        };
        assert_eq!(follow(200, page).await.unwrap().len(), 200);
        assert_eq!(follow(1_000, page).await.unwrap().len(), 250);

        let at = |cursor: u32| (Some(cursor.to_string()), 100);
        let first = || (None, 100);
        let expected = [first(), at(100), first(), at(100), at(200)];
        assert_eq!(asked.into_inner(), expected);
    }
}
