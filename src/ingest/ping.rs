//! What is remembered of the vendor's test ping.
//!
//! It comes before the secret can be known, so for the most part it proves nothing and is no event.
//! But whoever registers a webhook wants to see that it came, also where its signature was good.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tracing::info;
use tracing::warn;

use crate::causes::with_causes;
use crate::name::EndpointName;
use crate::shutdown::Shutdown;
use crate::shutdown::next_until;
use crate::store::Endpoints;

/// How often a ping is written down, in microseconds: anybody can send them.
const WRITTEN_EVERY: i64 = 60_000_000;

/// Before any ping.
const NEVER: i64 = i64::MIN;

/// A ping that is to be written down.
type Noted = (EndpointName, Timestamp);

/// When each endpoint was pinged last. Clones share it.
#[derive(Clone, Debug)]
pub struct Pings {
    last: Arc<BTreeMap<EndpointName, Last>>,
    writer: mpsc::Sender<Noted>,
}

/// In microseconds since 1970.
#[derive(Debug)]
struct Last {
    seen: AtomicI64,
    written: AtomicI64,
}

impl Pings {
    /// A memory for these endpoints, and the task that writes it down.
    #[must_use]
    pub fn new(
        endpoints: impl IntoIterator<Item = EndpointName>,
        store: Arc<dyn Endpoints>,
    ) -> (Self, PingWriter) {
        let never = || Last {
            seen: AtomicI64::new(NEVER),
            written: AtomicI64::new(NEVER),
        };
        let last: BTreeMap<_, _> = endpoints.into_iter().map(|name| (name, never())).collect();
        // Each endpoint writes once a minute, so there is always room.
        let (writer, noted) = mpsc::channel(last.len().max(1));
        let pings = Self {
            last: Arc::new(last),
            writer,
        };
        (pings, PingWriter { noted, store })
    }

    /// Remembers a ping, and has it written down if the last time is a minute ago.
    pub(super) fn note(&self, endpoint: &EndpointName, at: Timestamp) {
        let Some(last) = self.last.get(endpoint) else {
            return;
        };
        let now = at.as_microsecond();
        last.seen.store(now, Ordering::Relaxed);

        let written = last.written.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(written) >= WRITTEN_EVERY;
        if is_due && swapped(&last.written, written, now) {
            // Should there be no room after all, the next minute's ping will find some.
            self.writer.try_send((endpoint.clone(), at)).ok();
        }
    }

    /// When an endpoint was pinged last since the server started.
    #[must_use]
    pub fn last(&self, endpoint: &EndpointName) -> Option<Timestamp> {
        let seen = self.last.get(endpoint)?.seen.load(Ordering::Relaxed);
        Timestamp::from_microsecond(seen).ok()
    }
}

/// Whether it was us who put `new` in the place of `old`.
fn swapped(cell: &AtomicI64, old: i64, new: i64) -> bool {
    cell.compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed)
        .is_ok()
}

/// Writes pings down, beside the requests.
#[derive(Debug)]
pub struct PingWriter {
    noted: mpsc::Receiver<Noted>,
    store: Arc<dyn Endpoints>,
}

impl PingWriter {
    /// Writes until `stop` is requested and nothing is left to write.
    pub async fn run(mut self, stop: Shutdown) {
        while let Some((endpoint, at)) = next_until(&mut self.noted, &stop).await {
            info!(endpoint.name = %endpoint, "The test ping came");
            if let Err(error) = self.store.record_ping(&endpoint, at).await {
                warn!(
                    endpoint.name = %endpoint,
                    error = %with_causes(&error),
                    "Cannot write down that the test ping came"
                );
            }
        }
    }
}
