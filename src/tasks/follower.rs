//! The follower: reads what was committed and has it observed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::sleep;
use tracing::error;
use tracing::info;

use super::news::TaskNews;
use crate::causes::with_causes;
use crate::event::Seq;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::TaskBook;

/// At most so many events in a step: what it writes holds up the next commit for two milliseconds
/// and not longer.
const STEP: usize = 128;

/// How much longer than a step took the next one waits while others commit: so the follower never
/// takes more than a quarter of the time from those who are acknowledged.
const REST: u32 = 3;

/// How long it waits at least: one sender in a hurry brings a commit for each event, and need not
/// bring a step for each as well.
const SHORTEST_REST: Duration = Duration::from_millis(2);

/// How long it waits after a failure, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Follows the log, and tells whoever waits what it heard of.
#[derive(Debug)]
pub struct Follower {
    book: Arc<dyn TaskBook>,
    committed: watch::Receiver<Seq>,
    news: TaskNews,
    /// How long to wait after the next failure; none while all is well.
    pause: Option<Duration>,
}

impl Follower {
    /// A follower of this store's log.
    #[must_use]
    pub fn new(store: &Arc<dyn Store>, news: TaskNews) -> Self {
        Self {
            book: Arc::clone(store) as _,
            committed: store.committed(),
            news,
            pause: None,
        }
    }

    /// Follows until told to stop. A step that has begun is finished; where it ended, the next
    /// start goes on.
    pub async fn run(mut self, stop: Shutdown) {
        // Beyond any event, so that the first look finds out how far the log was followed.
        let mut through = Seq::MAX;
        loop {
            // Marked as seen before the look: what is committed after it is heard.
            let newest = *self.committed.borrow_and_update();
            let mut rest = Duration::ZERO;
            let mut caught_up = through == newest;
            if !caught_up {
                let began = Instant::now();
                match self.step().await {
                    Ok(followed) => {
                        (through, caught_up) = followed;
                        if self.committed.has_changed().unwrap_or(false) {
                            rest = (began.elapsed() * REST).max(SHORTEST_REST);
                        }
                    }
                    Err(error) => rest = self.pause_after(&error),
                }
            }
            tokio::select! {
                () = stop.requested() => return,
                () = sleep(rest) => {}
            }
            if caught_up {
                tokio::select! {
                    () = stop.requested() => return,
                    heard = self.committed.changed() => if heard.is_err() { return },
                }
            }
        }
    }

    /// Takes a step. Says how far the log is read, and whether that is its end.
    async fn step(&mut self) -> Result<(Seq, bool), StoreError> {
        let followed = self.book.follow(STEP).await?;
        self.news.tell(&followed.heard_of);
        if self.pause.take().is_some() {
            info!("The state of tasks follows the events again");
        }
        Ok((followed.through, followed.caught_up))
    }

    /// Says once that it does not go on, and how long to wait before the next try.
    fn pause_after(&mut self, error: &StoreError) -> Duration {
        let (first, longest) = PAUSES;
        let pause = self.pause.unwrap_or_else(|| {
            error!(
                error = %with_causes(error),
                "The state of tasks cannot follow the events; trying again"
            );
            first
        });
        self.pause = Some((pause * 2).min(longest));
        pause
    }
}
