//! How many bytes are kept in all.

use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::Folder;
use crate::store::Store;
use crate::store::StoreError;

/// How long a count by what is in the folder stands, while that seems to be full.
const STANDS: SignedDuration = SignedDuration::from_hours(1);

/// How many tasks are looked through at once.
const STEP: usize = 200;

/// How many bytes are kept in all. At first that is taken from the store; whoever finds too little
/// room has it counted by what is still in the folder, for its owner may have removed some.
#[derive(Debug, Default)]
pub(super) struct Stock(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    bytes: Option<u64>,
    looked_at: Option<Timestamp>,
}

impl Stock {
    /// How many bytes are kept, as far as we know.
    pub(super) async fn bytes(&self, store: &dyn Store) -> Result<u64, StoreError> {
        let mut count = self.0.lock().await;
        let bytes = match count.bytes {
            Some(bytes) => bytes,
            None => store.kept_bytes().await?,
        };
        count.bytes = Some(bytes);
        Ok(bytes)
    }

    /// So many bytes more are kept.
    pub(super) async fn add(&self, bytes: u64) {
        let mut count = self.0.lock().await;
        count.bytes = count.bytes.map(|before| before + bytes);
    }

    /// Counts by what is in the folder. Says whether it did: not if it has of late.
    pub(super) async fn recount(
        &self,
        store: &dyn Store,
        folder: &Folder,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut count = self.0.lock().await;
        let is_fresh = |at: Timestamp| now.duration_since(at) < STANDS;
        if count.looked_at.is_some_and(is_fresh) {
            return Ok(false);
        }
        let mut bytes = 0;
        let mut after = None;
        loop {
            let page = store.kept_contents(after, STEP).await?;
            for content in &page.items {
                if folder.has(content).await {
                    bytes += content.size;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        *count = Count {
            bytes: Some(bytes),
            looked_at: Some(now),
        };
        Ok(true)
    }
}
