//! Waiting until tasks have ended: woken by news, and asleep in between.

use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::future::select_all;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio::time::sleep_until;

use super::Enough;
use super::LookUps;
use super::NoOutput;
use super::TaskNews;
use super::Wish;
use crate::shutdown::Shutdown;
use crate::store::KeptReport;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::store::TaskRecord;

/// Where to wait for tasks. Clones are one room.
#[derive(Clone, Debug)]
pub struct WaitingRoom {
    book: Arc<dyn TaskBook>,
    news: TaskNews,
    look_ups: LookUps,
    stop: Shutdown,
    seats: Arc<Semaphore>,
    looks: Arc<Semaphore>,
}

/// How many look at the store at once. Thousands may come together, and others ask it, too.
const LOOKS: usize = 4;

/// What waiting came to.
#[derive(Debug)]
pub struct Waited {
    /// What is known of each, in the order in which they were named.
    pub tasks: Vec<Known>,
    /// How it ended.
    pub end: End,
}

/// What is known of a task that was waited for.
#[derive(Debug, Default)]
pub struct Known {
    /// The task; none: nobody has heard of it.
    pub task: Option<Arc<TaskRecord>>,
    /// What the Cloud API said of it last.
    pub report: Option<KeptReport>,
    /// Why there is no output, where it was waited for.
    pub no_output: Option<NoOutput>,
}

/// How waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Enough of the tasks are over, and their outputs are there, if they were waited for.
    Enough,
    /// The time was up.
    TimeIsUp,
    /// Before the time: the server stops, or the room is full.
    SentHome,
}

impl WaitingRoom {
    /// A room for at most so many who wait for these tasks. `stop` sends everybody home, so that
    /// stopping is not held up.
    #[must_use]
    pub fn new(
        book: Arc<dyn TaskBook>,
        news: TaskNews,
        look_ups: LookUps,
        stop: Shutdown,
        seats: usize,
    ) -> Self {
        Self {
            book,
            news,
            look_ups,
            stop,
            seats: Arc::new(Semaphore::new(seats)),
            looks: Arc::new(Semaphore::new(LOOKS)),
        }
    }

    /// Waits until enough of these tasks are over, or the time is up. Any id of a task will do,
    /// also one that nobody has heard of yet.
    ///
    /// Only an output has to be asked for; the end of a task is told by itself.
    pub async fn wait(&self, ids: &[&str], wish: Wish) -> Result<Waited, StoreError> {
        // Without one there is an answer all the same, only no waiting for a better one.
        let seat = self.seats.try_acquire();
        let begun = Instant::now();
        let until = match &seat {
            Ok(_) => begun + wish.time.min(Wish::LONGEST),
            Err(_) => begun,
        };
        let (mut tasks, mut end) = self.wait_for_ends(ids, wish.enough, until).await?;
        let mut lacking = vec![None; ids.len()];
        if wish.with_output {
            lacking.fill(Some(NoOutput::NotEnded));
            if end == End::Enough {
                let outputs = ids.iter().zip(&tasks).map(|(id, task)| {
                    let is_over = task.as_deref().is_some_and(is_over);
                    self.wait_for_output(id, is_over, until)
                });
                lacking = join_all(outputs).await;
                // Asking may have told more.
                tasks = self.look_at_all(ids).await?;
                if lacking.iter().flatten().any(NoOutput::may_come) {
                    end = End::TimeIsUp;
                }
            }
        }
        if end == End::TimeIsUp && (seat.is_err() || self.stop.is_requested()) {
            end = End::SentHome;
        }

        let mut known = Vec::with_capacity(ids.len());
        for (task, no_output) in tasks.into_iter().zip(lacking) {
            let report = match &task {
                Some(task) => self.report(task).await?,
                None => None,
            };
            let has_output = |kept: &KeptReport| kept.report.output.is_some();
            known.push(Known {
                no_output: no_output.filter(|_| !report.as_ref().is_some_and(has_output)),
                task,
                report,
            });
        }
        Ok(Waited { tasks: known, end })
    }

    async fn wait_for_ends(
        &self,
        ids: &[&str],
        enough: Enough,
        until: Instant,
    ) -> Result<(Vec<Option<Arc<TaskRecord>>>, End), StoreError> {
        // Subscribed before looking: what is said between the look and the wait is heard.
        let mut news: Vec<_> = ids.iter().map(|id| self.news.subscribe(id)).collect();
        let mut tasks = self.look_at_all(ids).await?;
        let end = loop {
            if enough.are_over(&tasks) {
                break End::Enough;
            }
            let changed = select_all(news.iter_mut().map(|of_one| Box::pin(of_one.changed())));
            let (told, which, _) = tokio::select! {
                told = changed => told,
                () = sleep_until(until) => break End::TimeIsUp,
                () = self.stop.requested() => break End::TimeIsUp,
            };
            tasks[which] = match told {
                Some(task) => Some(task),
                None => self.look(ids[which]).await?,
            };
        };
        Ok((tasks, end))
    }

    /// Waits for the output of a task, and says why there is none.
    async fn wait_for_output(&self, id: &str, is_over: bool, until: Instant) -> Option<NoOutput> {
        if !is_over {
            return Some(NoOutput::NotEnded);
        }
        tokio::select! {
            waited = self.look_ups.wait_for_output(id, until) => waited.err(),
            () = self.stop.requested() => Some(NoOutput::NotYet),
        }
    }

    async fn look_at_all(&self, ids: &[&str]) -> Result<Vec<Option<Arc<TaskRecord>>>, StoreError> {
        let mut tasks = Vec::with_capacity(ids.len());
        for id in ids {
            tasks.push(self.look(id).await?);
        }
        Ok(tasks)
    }

    async fn report(&self, task: &TaskRecord) -> Result<Option<KeptReport>, StoreError> {
        let _turn = self.looks.acquire().await.ok();
        self.book.report(&task.key).await
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
