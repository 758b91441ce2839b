//! What a replay is about, a page at a time, and who takes it.

use super::Replayer;
use crate::event::Event;
use crate::name::SinkName;
use crate::store::DeliveryFilter;
use crate::store::Order;
use crate::store::Page;
use crate::store::Selection;
use crate::store::Slice;
use crate::store::StoreError;

/// How many are read at once.
const PAGE: usize = 200;

/// An event or a delivery that a replay is about.
#[derive(Debug)]
pub(super) struct Found {
    /// Its number.
    pub(super) number: i64,
    /// Which sinks it is owed to, whether or not the replay goes there.
    pub(super) sinks: Vec<SinkName>,
}

impl Replayer {
    /// The next page behind a number, oldest first, of what may go to these sinks.
    pub(super) async fn find(
        &self,
        selection: &Selection,
        sinks: &[SinkName],
        behind: i64,
    ) -> Result<Page<Found>, StoreError> {
        let slice = Slice {
            order: Order::Ascending,
            after: Some(behind),
            limit: PAGE,
        };
        match selection {
            Selection::Events(filter) => {
                let page = self.store.events_to_replay(filter, slice).await?;
                Ok(found(page, |event| Found {
                    number: event.seq,
                    sinks: self.takers(&event),
                }))
            }
            Selection::Deliveries(filter) => {
                let filter = DeliveryFilter {
                    sinks: sinks.to_vec(),
                    ..filter.clone()
                };
                let page = self.store.deliveries(&filter, slice).await?;
                Ok(found(page, |delivery| Found {
                    number: delivery.id.row(),
                    sinks: vec![delivery.sink],
                }))
            }
        }
    }

    /// The sinks that an event would be owed to if it came now.
    fn takers(&self, event: &Event) -> Vec<SinkName> {
        if event.same_as.is_some() {
            return Vec::new();
        }
        let owed = self.routes.owed(event);
        owed.into_iter().map(|owed| owed.sink).collect()
    }
}

fn found<T>(page: Page<T>, of: impl FnMut(T) -> Found) -> Page<Found> {
    Page {
        items: page.items.into_iter().map(of).collect(),
        next: page.next,
    }
}
