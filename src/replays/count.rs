//! Counting what a replay would owe, before it owes anything.

use super::Replayer;
use super::Wish;
use super::find::Found;
use crate::name::SinkName;
use crate::store::DeliveryFilter;
use crate::store::Order;
use crate::store::Selection;
use crate::store::Slice;
use crate::store::StoreError;

/// How many pages are counted: a hundred thousand events, or, of a search, what it takes some seconds
/// to look through.
const PAGES: usize = 500;

/// What a replay would owe.
#[derive(Clone, Debug)]
pub struct Count {
    /// How many events or deliveries were found.
    pub matched: u64,
    /// How many of them would be owed to each sink.
    pub sinks: Vec<(SinkName, u64)>,
    /// Whether counting stopped before it had seen all, so that there may be more.
    pub more: bool,
    /// All that there is lies behind this number …
    pub(super) behind: i64,
    /// … and not beyond this one.
    pub(super) through: i64,
}

impl Count {
    fn new(wish: &Wish) -> Self {
        Self {
            matched: 0,
            sinks: wish.sinks.iter().map(|sink| (sink.clone(), 0)).collect(),
            more: false,
            behind: 0,
            through: 0,
        }
    }

    fn add(&mut self, found: &Found) {
        if self.matched == 0 {
            self.behind = found.number - 1;
        }
        self.matched += 1;
        self.through = found.number;
        for (sink, owed) in &mut self.sinks {
            *owed += u64::from(found.sinks.contains(sink));
        }
    }
}

impl Replayer {
    /// Counts what a wish is about, as of now and up to a limit, and does nothing else.
    pub async fn count(&self, wish: &Wish) -> Result<Count, StoreError> {
        let newest = self.newest(&wish.selection).await?;
        let mut count = Count::new(wish);
        let mut behind = 0;
        for _ in 0..PAGES {
            let page = self.find(&wish.selection, &wish.sinks, behind).await?;
            let among = page.items.iter().take_while(|found| found.number <= newest);
            among.for_each(|found| count.add(found));
            match page.next {
                Some(next) if next < newest => behind = next,
                _ => return Ok(count),
            }
        }
        count.more = true;
        // Nobody has seen how far it really goes.
        count.through = newest;
        Ok(count)
    }

    /// The number of the newest that a selection can be about.
    async fn newest(&self, selection: &Selection) -> Result<i64, StoreError> {
        match selection {
            Selection::Events(_) => Ok(*self.store.committed().borrow()),
            Selection::Deliveries(_) => {
                let slice = Slice {
                    order: Order::Descending,
                    after: None,
                    limit: 1,
                };
                let everything = DeliveryFilter::default();
                let page = self.store.deliveries(&everything, slice).await?;
                let newest = page.items.first();
                Ok(newest.map_or(0, |delivery| delivery.id.row()))
            }
        }
    }
}
