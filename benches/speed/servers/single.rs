//! The real store, with a transaction for each event: how most receivers are written.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::delivery::Delivery;
use tidings::event::EventId;
use tidings::event::Seq;
use tidings::name::SinkName;
use tidings::store::Append;
use tidings::store::Appended;
use tidings::store::EventFilter;
use tidings::store::EventLog;
use tidings::store::EventRecord;
use tidings::store::Page;
use tidings::store::Slice;
use tidings::store::Store;
use tidings::store::StoreError;
use tokio::sync::Mutex;
use tokio::sync::watch;

use crate::database;

/// Lets one append in at a time, so that each is alone in its transaction.
#[derive(Debug)]
struct Single {
    store: Arc<dyn Store>,
    turn: Mutex<()>,
}

/// Serves it, with the database in `folder`.
pub(crate) async fn serve(folder: &Path) -> anyhow::Result<()> {
    let store = database::open(folder).await?;
    let sink = crate::SINK.parse()?;
    store.register_sinks(&[sink], SystemClock.now()).await?;
    super::serve(super::door::router(Arc::new(Single {
        store: Arc::clone(&store),
        turn: Mutex::new(()),
    })))
    .await?;
    Ok(store.close().await?)
}

#[async_trait]
impl EventLog for Single {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        let _turn = self.turn.lock().await;
        self.store.append(append).await
    }

    fn committed(&self) -> watch::Receiver<Seq> {
        self.store.committed()
    }

    async fn event(&self, id: EventId) -> Result<Option<EventRecord>, StoreError> {
        self.store.event(id).await
    }

    async fn events(
        &self,
        filter: &EventFilter,
        slice: Slice,
    ) -> Result<Page<EventRecord>, StoreError> {
        self.store.events(filter, slice).await
    }

    async fn replay(
        &self,
        id: EventId,
        sinks: &[SinkName],
        now: Timestamp,
    ) -> Result<Option<Vec<Delivery>>, StoreError> {
        self.store.replay(id, sinks, now).await
    }
}
