//! Listings of the API, page by page.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::cloud::CloudError;
use crate::cloud::Moment;
use crate::cloud::v1::Paging;
use crate::event::view::time;

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
    // Pages of one size: a smaller last one would begin elsewhere.
    let size = limit.min(LARGEST_PAGE);
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for number in 1.. {
        if found.len() >= wanted {
            break;
        }
        let entries = page(number, size).await?;
        let is_last = u32::try_from(entries.len()).is_ok_and(|count| count < size);
        for entry in entries {
            found.push(serde_json::to_value(entry)?);
        }
        if is_last {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

/// Times as every other table shows them: the API writes some without a zone.
pub(super) fn in_utc(row: &mut Value, fields: &[&str]) {
    for field in fields {
        let moment = row[*field].as_str().map(Moment::from);
        if let Some(at) = moment.and_then(|moment| moment.read()) {
            row[*field] = time(at).into();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::json;

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

    #[test]
    fn times_are_shown_in_one_way_whatever_zone_they_name() {
        let mut row = json!({
            "a": "2025-05-25T09:22:22", "b": "2025-05-25T11:22:22.5+02:00", "c": null, "d": "soon",
        });
        in_utc(&mut row, &["a", "b", "c", "d"]);
        let expected = json!({
            "a": "2025-05-25T09:22:22.000000Z", "b": "2025-05-25T09:22:22.500000Z", "c": null,
            "d": "soon",
        });
        assert_eq!(row, expected);
    }
}
