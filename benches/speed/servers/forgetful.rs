//! A log that keeps nothing: what is left is receiving and verifying.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use jiff::Timestamp;
use tidings::delivery::Delivery;
use tidings::event::EventId;
use tidings::event::Seq;
use tidings::name::EndpointName;
use tidings::name::SinkName;
use tidings::rejection::NewRejection;
use tidings::rejection::Rejection;
use tidings::rejection::RejectionId;
use tidings::secret::NamedSecret;
use tidings::store::Append;
use tidings::store::Appended;
use tidings::store::Endpoints;
use tidings::store::EventFilter;
use tidings::store::EventLog;
use tidings::store::EventRecord;
use tidings::store::Page;
use tidings::store::Rejections;
use tidings::store::Slice;
use tidings::store::StoreError;
use tokio::sync::watch;

/// Acknowledges everything and keeps nothing.
#[derive(Debug, Default)]
pub(super) struct Forgetful {
    seq: AtomicI64,
    committed: watch::Sender<Seq>,
}

/// Serves it.
pub(crate) async fn serve() -> anyhow::Result<()> {
    super::serve(super::door::router(Arc::new(Forgetful::default()))).await
}

#[async_trait]
impl EventLog for Forgetful {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        drop(append);
        Ok(Appended::New(self.seq.fetch_add(1, Ordering::Relaxed) + 1))
    }

    fn committed(&self) -> watch::Receiver<Seq> {
        self.committed.subscribe()
    }

    async fn event(&self, _: EventId) -> Result<Option<EventRecord>, StoreError> {
        Ok(None)
    }

    async fn events(&self, _: &EventFilter, _: Slice) -> Result<Page<EventRecord>, StoreError> {
        Ok(nothing())
    }

    async fn replay(
        &self,
        _: EventId,
        _: &[SinkName],
        _: Timestamp,
    ) -> Result<Option<Vec<Delivery>>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl Rejections for Forgetful {
    async fn record(&self, _: Vec<NewRejection>, _: usize) -> Result<(), StoreError> {
        Ok(())
    }

    async fn rejection(&self, _: RejectionId) -> Result<Option<Rejection>, StoreError> {
        Ok(None)
    }

    async fn rejections(&self, _: Slice) -> Result<Page<Rejection>, StoreError> {
        Ok(nothing())
    }
}

#[async_trait]
impl Endpoints for Forgetful {
    async fn secrets(&self) -> Result<Vec<(EndpointName, NamedSecret)>, StoreError> {
        Ok(Vec::new())
    }

    async fn set_secret(
        &self,
        _: &EndpointName,
        _: &NamedSecret,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    async fn record_ping(&self, _: &EndpointName, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn pings(&self) -> Result<Vec<(EndpointName, Timestamp)>, StoreError> {
        Ok(Vec::new())
    }
}

fn nothing<T>() -> Page<T> {
    Page {
        items: Vec::new(),
        next: None,
    }
}
