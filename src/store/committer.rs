//! Many appends, one transaction.
//!
//! Callers put what they want written into bounded channels and wait for the answer. One collector
//! takes whatever is there, has it written as one turn, and answers all at once. There is no
//! timer: an idle store commits at once, a busy one batches by itself, because the next turn
//! gathers while this one is written.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Append;
use super::Appended;
use super::StoreError;
use super::answers::Answer;
use super::answers::Answers;
use super::answers::singly;
use super::sightings::Sightings;
use super::turn::APPENDS;
use super::turn::Backend;
use super::turn::Claim;
use super::turn::Claimed;
use super::turn::Turn;
use super::turn::TurnOutcome;
use super::turn::WORK;
use crate::delivery::Settle;
use crate::event::Seq;

/// How often the counts of known events that came again are written, at most.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// What the dispatcher wants written.
#[derive(Debug)]
enum Work {
    Settle(Vec<Settle>, Timestamp, Answer<Vec<bool>>),
    Claim(Claim, Answer<Vec<Claimed>>),
}

/// Where callers hand in what they want written.
#[derive(Debug)]
pub(super) struct Committer {
    appends: mpsc::Sender<(Append, Answer<Appended>)>,
    work: mpsc::Sender<Work>,
    committed: watch::Sender<Seq>,
    closing: CancellationToken,
    task: TaskTracker,
}

impl Committer {
    /// Starts the collector. `newest` is the number of the newest event there is; at most `queue`
    /// appends wait in memory.
    pub(super) fn start(
        backend: impl Backend,
        newest: Seq,
        queue: usize,
        sightings: Sightings,
    ) -> Self {
        let (appends, append_queue) = mpsc::channel(queue.max(1));
        let (work, work_queue) = mpsc::channel(2 * WORK);
        let committed = watch::Sender::new(newest);
        let closing = CancellationToken::new();
        let task = TaskTracker::new();
        let collector = Collector {
            backend,
            appends: append_queue,
            work: work_queue,
            committed: committed.clone(),
            sightings,
            flush_at: None,
        };
        task.spawn(collector.run(closing.clone()));
        task.close();
        Self {
            appends,
            work,
            committed,
            closing,
            task,
        }
    }

    /// Has an event written. A full channel is an error at once: the sender will come again.
    pub(super) async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.appends
            .try_send((append, answer))
            .map_err(|refused| match refused {
                TrySendError::Full(_) => StoreError::Overloaded,
                TrySendError::Closed(_) => StoreError::Closed,
            })?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Has deliveries settled, all in one turn. It waits for room: what was sent must not be
    /// forgotten.
    pub(super) async fn settle(
        &self,
        settles: Vec<Settle>,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Work::Settle(settles, now, answer)).await?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Has due deliveries leased.
    pub(super) async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Work::Claim(claim, answer)).await?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    /// The number of the newest committed event; see [`super::EventLog::committed`].
    pub(super) fn committed(&self) -> watch::Receiver<Seq> {
        self.committed.subscribe()
    }

    /// Tells dispatchers to look: something became due that no turn brought.
    pub(super) fn ring(&self) {
        self.committed.send_modify(|_| {});
    }

    /// Takes nothing more, and returns when everything taken was written and answered.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.task.wait().await;
    }

    async fn hand_in(&self, work: Work) -> Result<(), StoreError> {
        self.work
            .send(work)
            .await
            .map_err(|_closed| StoreError::Closed)
    }
}

/// The one task that writes.
struct Collector<B> {
    backend: B,
    appends: mpsc::Receiver<(Append, Answer<Appended>)>,
    work: mpsc::Receiver<Work>,
    committed: watch::Sender<Seq>,
    sightings: Sightings,
    flush_at: Option<Instant>,
}

impl<B: Backend> Collector<B> {
    async fn run(mut self, closing: CancellationToken) {
        let (mut appends, mut work) = (Vec::new(), Vec::new());
        loop {
            let flush_at = self.flush_at;
            let flush = async move {
                match flush_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                taken = self.appends.recv_many(&mut appends, APPENDS) => {
                    if taken == 0 && self.work.is_closed() && self.work.is_empty() {
                        break;
                    }
                }
                taken = self.work.recv_many(&mut work, WORK) => {
                    if taken == 0 && self.appends.is_closed() && self.appends.is_empty() {
                        break;
                    }
                }
                () = flush => {}
                () = closing.cancelled(), if !self.appends.is_closed() => {
                    self.appends.close();
                    self.work.close();
                }
            }
            self.take_what_else_is_there(&mut appends, &mut work);
            self.turn(std::mem::take(&mut appends), std::mem::take(&mut work))
                .await;
        }
        self.flush_at = Some(Instant::now());
        self.turn(Vec::new(), Vec::new()).await;
    }

    /// Both queues fill one turn, whichever of them woke us.
    fn take_what_else_is_there(
        &mut self,
        appends: &mut Vec<(Append, Answer<Appended>)>,
        work: &mut Vec<Work>,
    ) {
        while appends.len() < APPENDS
            && let Ok(append) = self.appends.try_recv()
        {
            appends.push(append);
        }
        while work.len() < WORK
            && let Ok(more) = self.work.try_recv()
        {
            work.push(more);
        }
    }

    async fn turn(&mut self, appends: Vec<(Append, Answer<Appended>)>, work: Vec<Work>) {
        let mut turn = Turn::default();
        let mut answers = Answers::default();
        for (append, answer) in appends {
            turn.appends.push(append);
            answers.appends.push(answer);
        }
        for work in work {
            match work {
                Work::Settle(settles, now, answer) => {
                    turn.settles.push((settles, now));
                    answers.settles.push(answer);
                }
                Work::Claim(claim, answer) => {
                    turn.claims.push(claim);
                    answers.claims.push(answer);
                }
            }
        }
        if self.flush_at.is_some_and(|at| at <= Instant::now()) {
            turn.sightings = self.sightings.take();
            self.flush_at = None;
        }
        if turn.parts() == 0 && turn.sightings.is_empty() {
            return;
        }
        self.write(turn, answers).await;
        if self.flush_at.is_none() && !self.sightings.is_empty() {
            self.flush_at = Some(Instant::now() + FLUSH_EVERY);
        }
    }

    /// Writes a turn and answers everybody in it. Where one of them may be at fault, each is tried
    /// on its own, so that it fails alone.
    async fn write(&mut self, mut turn: Turn, answers: Answers) {
        match self.backend.write(&turn).await {
            Ok(outcome) => {
                self.remember(&turn, &outcome);
                answers.give(outcome);
            }
            Err(error) => {
                self.sightings.put_back(std::mem::take(&mut turn.sightings));
                if turn.parts() > 1 && error.may_be_one_alone() {
                    for (turn, answers) in singly(turn, answers) {
                        Box::pin(self.write(turn, answers)).await;
                    }
                } else {
                    answers.refuse(&error);
                }
            }
        }
    }

    /// Counts those that came again, and rings before anybody is answered: who has an answer may
    /// rely on it that the dispatcher knows.
    fn remember(&self, turn: &Turn, outcome: &TurnOutcome) {
        for (append, appended) in turn.appends.iter().zip(&outcome.appended) {
            if let Appended::Known(seq) = *appended {
                self.sightings.count(seq, append.event.received_at);
            }
        }
        if outcome.rings {
            self.committed.send_replace(outcome.newest);
        }
    }
}
