//! Listings go in pages, and a cursor says where the next begins.

use axum::Json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::error::ApiError;
use super::params::Params;
use crate::store::Order;
use crate::store::Page;
use crate::store::Slice;

/// How many a page holds unless asked otherwise.
const USUAL: usize = 50;

/// How many a page holds at most.
const MOST: usize = 200;

/// A page as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Listing<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> Listing<T> {
    /// All there is, on one page.
    pub(super) fn whole(data: Vec<T>) -> Json<Self> {
        Json(Self {
            data,
            next_cursor: None,
        })
    }
}

/// Which page is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging {
    /// The stretch of the listing.
    pub(super) slice: Slice,
    fingerprint: [u8; 8],
}

impl Paging {
    /// Reads `order`, `limit` and `cursor`. Call it before the filter is taken out: the cursor is
    /// bound to all that was given.
    pub(super) fn read(params: &mut Params) -> Result<Self, ApiError> {
        let fingerprint = fingerprint(params);
        let order = match params.value::<String>("order")?.as_deref() {
            None | Some("desc") => Order::Descending,
            Some("asc") => Order::Ascending,
            Some(_) => return Err(ApiError::parameter("order", "is `asc` or `desc`")),
        };
        Self::ordered(params, order, fingerprint)
    }

    /// Reads `limit` and `cursor` of a listing that has but one order.
    pub(super) fn oldest_first(params: &mut Params) -> Result<Self, ApiError> {
        let fingerprint = fingerprint(params);
        Self::ordered(params, Order::Ascending, fingerprint)
    }

    fn ordered(params: &mut Params, order: Order, fingerprint: [u8; 8]) -> Result<Self, ApiError> {
        let limit = params
            .value::<String>("limit")?
            .map_or(Ok(USUAL), |text| text.parse())
            .ok()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| ApiError::parameter("limit", format!("is 1 to {MOST}")))?;
        let after = params
            .value::<String>("cursor")?
            .map(|text| row(&text, fingerprint))
            .transpose()?;
        Ok(Self {
            slice: Slice {
                order,
                after,
                limit,
            },
            fingerprint,
        })
    }

    /// The page as JSON.
    pub(super) fn answer<T, V>(self, page: &Page<T>, show: impl Fn(&T) -> V) -> Json<Listing<V>> {
        self.listing(page.items.iter().map(show).collect(), page.next)
    }

    /// What is shown of a page already, as JSON.
    pub(super) fn listing<V>(self, data: Vec<V>, next: Option<i64>) -> Json<Listing<V>> {
        Json(Listing {
            data,
            next_cursor: next.map(|row| cursor(row, self.fingerprint)),
        })
    }
}

/// What a cursor is bound to: all that was given but the stretch itself.
fn fingerprint(params: &Params) -> [u8; 8] {
    params.fingerprint(&["limit", "cursor"])
}

/// The form of a cursor, so that a later one can differ.
const VERSION: u8 = 1;

/// Where a listing goes on: a version, what the cursor is bound to, and a row's number. The server
/// keeps nothing of it, so it survives restarts.
fn cursor(row: i64, fingerprint: [u8; 8]) -> String {
    let mut octets = [VERSION; 17];
    octets[1..9].copy_from_slice(&fingerprint);
    octets[9..].copy_from_slice(&row.to_be_bytes());
    URL_SAFE_NO_PAD.encode(octets)
}

/// The row in a cursor, if it is one and goes with these parameters.
fn row(text: &str, fingerprint: [u8; 8]) -> Result<i64, ApiError> {
    let octets = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let row = octets
        .last_chunk()
        .map(|row| i64::from_be_bytes(*row))
        .ok_or(ApiError::Cursor)?;
    if cursor(row, fingerprint) == text {
        Ok(row)
    } else {
        Err(ApiError::Cursor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back_as_it_was_written(at: i64, fingerprint: [u8; 8]) {
            let text = cursor(at, fingerprint);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(row(&text, fingerprint).unwrap(), at);
        }

        #[test]
        fn a_cursor_does_not_go_with_another_filter(at: i64, one: [u8; 8], other: [u8; 8]) {
            prop_assume!(one != other);
            prop_assert!(row(&cursor(at, one), other).is_err());
        }

        #[test]
        fn what_is_no_cursor_is_refused(text: String, fingerprint: [u8; 8]) {
            prop_assert!(row(&text, fingerprint).is_err());
        }
    }
}
