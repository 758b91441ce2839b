//! Public ids made from a row's number.
//!
//! `dlv_…`, `rej_…`, `tok_…` and `rpl_…` are UUIDs of version 7 whose random part is the row's
//! number. So they sort by age, cost no column and no index, and are looked up by primary key.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Serialize;
use serde::Serializer;
use uuid::Builder;
use uuid::Uuid;

/// What an id is of.
pub trait Kind: Copy + fmt::Debug + Eq + Hash + Ord + Send + Sync + 'static {
    /// What stands before the UUID, underscore included.
    const PREFIX: &'static str;
}

/// The public id of a row: when it was made (to the millisecond) and which it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId<K> {
    millis: u64,
    row: i64,
    kind: PhantomData<K>,
}

impl<K: Kind> RowId<K> {
    /// The id of row number `row`, made at `made_at`.
    #[must_use]
    pub fn new(made_at: Timestamp, row: i64) -> Self {
        let millis = u64::try_from(made_at.as_millisecond()).unwrap_or(0);
        Self {
            millis,
            row,
            kind: PhantomData,
        }
    }

    /// The row's primary key.
    #[must_use]
    pub fn row(self) -> i64 {
        self.row
    }

    /// Whether a row made at `made_at` is the one meant: a well-formed id of a row number that
    /// exists may still have been made up.
    #[must_use]
    pub fn was_made_at(self, made_at: Timestamp) -> bool {
        self.millis == u64::try_from(made_at.as_millisecond()).unwrap_or(0)
    }

    fn uuid(self) -> Uuid {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.row.to_be_bytes());
        Builder::from_unix_timestamp_millis(self.millis, &random).into_uuid()
    }
}

impl<K: Kind> fmt::Display for RowId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", K::PREFIX, self.uuid())
    }
}

impl<K: Kind> fmt::Debug for RowId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> Serialize for RowId<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a text is not the id of such a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id here is written `{0}` and a UUID")]
pub struct IdError(pub(crate) &'static str);

impl<K: Kind> FromStr for RowId<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let uuid = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| Uuid::parse_str(rest).ok())
            .ok_or(IdError(K::PREFIX))?;
        let (head, tail) = uuid.as_u64_pair();
        let id = Self {
            millis: head >> 16,
            // Without the two bits of the variant.
            row: i64::try_from(tail & (u64::MAX >> 2)).unwrap_or(0),
            kind: PhantomData,
        };
        if id.uuid() == uuid {
            Ok(id)
        } else {
            Err(IdError(K::PREFIX))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::delivery::DeliveryId;

    proptest! {
        #[test]
        fn an_id_reads_back_as_it_was_written(millis in 0i64..4_000_000_000_000, row in 0i64..1 << 61) {
            let made_at = Timestamp::from_millisecond(millis).unwrap();
            let id = DeliveryId::new(made_at, row);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(id.row(), row);
            prop_assert!(id.was_made_at(made_at));
        }
    }

    #[test]
    fn a_uuid_of_another_kind_is_refused() {
        let random = "dlv_00000000-0000-4000-8000-000000000001";
        assert_eq!(random.parse::<DeliveryId>(), Err(IdError("dlv_")));
        assert_eq!("evt_x".parse::<DeliveryId>(), Err(IdError("dlv_")));
    }
}
