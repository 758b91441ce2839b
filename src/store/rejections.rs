//! Requests that were refused.

use async_trait::async_trait;

use super::Page;
use super::Slice;
use super::StoreError;
use crate::rejection::NewRejection;
use crate::rejection::Rejection;
use crate::rejection::RejectionId;

/// Requests that were refused.
#[async_trait]
pub trait Rejections: std::fmt::Debug + Send + Sync {
    /// Stores some, and drops the oldest beyond `keep`.
    async fn record(&self, rejections: Vec<NewRejection>, keep: usize) -> Result<(), StoreError>;

    /// The rejection with this id.
    async fn rejection(&self, id: RejectionId) -> Result<Option<Rejection>, StoreError>;

    /// A stretch of them.
    async fn rejections(&self, slice: Slice) -> Result<Page<Rejection>, StoreError>;
}
