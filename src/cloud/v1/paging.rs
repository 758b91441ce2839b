//! Pages of listings.

use serde::Deserialize;
use serde::Serialize;

use crate::cloud::call::Call;
use crate::cloud::limits;
use crate::cloud::limits::OutOfLimits;

/// Which page of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Paging {
    /// From 1; 1 unless given.
    pub page: Option<u32>,
    /// How many on a page, from 1; 10 unless given.
    pub limit: Option<u32>,
}

/// Where a page stands in its listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Totals {
    /// How many pages there are.
    pub total_pages: Option<u64>,
    /// This page's number, from 1.
    pub page: Option<u64>,
    /// How many are on a page.
    pub limit: Option<u64>,
    /// How many there are on all pages.
    pub total_count: Option<u64>,
}

impl Paging {
    /// Both count from 1, and `most` is the largest page, where one is documented.
    pub(super) fn check(self, most: Option<u32>) -> Result<(), OutOfLimits> {
        limits::positive("page", self.page)?;
        match most {
            Some(most) => limits::within("limit", self.limit, 1..=most),
            None => limits::positive("limit", self.limit),
        }
    }

    /// Asks a call for this page.
    pub(super) fn of(self, call: Call<'_>) -> Call<'_> {
        call.query("page", self.page).query("limit", self.limit)
    }
}
