//! Waiting until tasks have ended: woken by news, and asleep in between.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_all;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio::time::sleep_until;

use super::TaskNews;
use crate::shutdown::Shutdown;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::store::TaskRecord;

/// Where to wait for tasks. Clones are one room.
#[derive(Clone, Debug)]
pub struct WaitingRoom {
    book: Arc<dyn TaskBook>,
    news: TaskNews,
    stop: Shutdown,
    seats: Arc<Semaphore>,
    looks: Arc<Semaphore>,
}

/// How many look at the store at once. Thousands may come together, and others ask it, too.
const LOOKS: usize = 4;

/// How many of the tasks must be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Enough {
    /// One of them.
    Any,
    /// All of them.
    All,
}

impl fmt::Display for Enough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::All => "all",
        })
    }
}

impl FromStr for Enough {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, &'static str> {
        match word {
            "any" => Ok(Self::Any),
            "all" => Ok(Self::All),
            _ => Err("it is `any` or `all`"),
        }
    }
}

/// What waiting came to.
#[derive(Debug)]
pub struct Waited {
    /// What is known of each, in the order in which they were named; none: nothing.
    pub tasks: Vec<Option<Arc<TaskRecord>>>,
    /// How it ended.
    pub end: End,
}

/// How waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Enough of the tasks are over.
    Enough,
    /// The time was up.
    TimeIsUp,
    /// Before the time: the server stops, or the room is full.
    SentHome,
}

impl WaitingRoom {
    /// The longest that anybody can wait at a time.
    pub const LONGEST: Duration = Duration::from_mins(5);

    /// A room for at most so many who wait for these tasks. `stop` sends everybody home, so that
    /// stopping is not held up.
    #[must_use]
    pub fn new(book: Arc<dyn TaskBook>, news: TaskNews, stop: Shutdown, seats: usize) -> Self {
        Self {
            book,
            news,
            stop,
            seats: Arc::new(Semaphore::new(seats)),
            looks: Arc::new(Semaphore::new(LOOKS)),
        }
    }

    /// Waits until enough of these tasks are over, or the time is up. Any id of a task will do,
    /// also one that nobody has heard of yet.
    pub async fn wait(
        &self,
        ids: &[&str],
        enough: Enough,
        time: Duration,
    ) -> Result<Waited, StoreError> {
        // Without one there is an answer all the same, only no waiting for a better one.
        let seat = self.seats.try_acquire();
        let until = Instant::now() + time.min(Self::LONGEST);
        // Subscribed before looking: what is said between the look and the wait is heard.
        let mut news: Vec<_> = ids.iter().map(|id| self.news.subscribe(id)).collect();
        let mut tasks = Vec::with_capacity(ids.len());
        for id in ids {
            tasks.push(self.look(id).await?);
        }

        let end = loop {
            if enough.are_over(&tasks) {
                break End::Enough;
            }
            if seat.is_err() {
                break End::SentHome;
            }
            let changed = select_all(news.iter_mut().map(|of_one| Box::pin(of_one.changed())));
            let (told, which, _) = tokio::select! {
                told = changed => told,
                () = sleep_until(until) => break End::TimeIsUp,
                () = self.stop.requested() => break End::SentHome,
            };
            tasks[which] = match told {
                Some(task) => Some(task),
                None => self.look(ids[which]).await?,
            };
        };
        Ok(Waited { tasks, end })
    }

    async fn look(&self, id: &str) -> Result<Option<Arc<TaskRecord>>, StoreError> {
        // It fails only once the semaphore is closed, and nobody closes it.
        let _turn = self.looks.acquire().await.ok();
        Ok(self.book.task(id).await?.map(Arc::new))
    }
}

impl Enough {
    fn are_over(self, tasks: &[Option<Arc<TaskRecord>>]) -> bool {
        let mut over = tasks
            .iter()
            .map(|task| task.as_deref().is_some_and(is_over));
        match self {
            Self::Any => over.any(|over| over),
            Self::All => over.all(|over| over),
        }
    }
}

/// Whether there is nothing left to wait for: the task has ended, or its turn is done.
fn is_over(task: &TaskRecord) -> bool {
    let state = task.projection.state();
    state.is_some_and(|state| state.ended() || state.is_resumable())
}
