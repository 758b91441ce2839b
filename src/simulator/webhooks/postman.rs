//! Posts what is due when its time has come.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::broadcast;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::Outbox;
use super::Webhook;
use super::outbox::Posting;
use crate::causes::with_causes;
use crate::simulator::Answer;
use crate::simulator::SendError;
use crate::simulator::world::World;

/// How long it sleeps at most. A clock that is held does not tell when it was moved.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// A webhook that was posted, and what came of it.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The task, the run, or a session without either.
    pub task_id: String,
    /// The status that it tells.
    pub status: &'static str,
    /// What was posted.
    pub body: Bytes,
    /// How often it was posted before.
    pub retries: u32,
    /// What the receiver answered, or why it could not.
    pub answer: Result<Answer, String>,
}

/// Posts one webhook after the other, so that the order is the same each time.
#[derive(Debug)]
pub(crate) struct Postman {
    world: Arc<World>,
    outbox: Outbox,
    posted: broadcast::Sender<Posted>,
    /// Who wants to know when nothing is due any more.
    settling: mpsc::Receiver<oneshot::Sender<()>>,
}

impl Postman {
    pub(crate) fn new(
        world: Arc<World>,
        posted: broadcast::Sender<Posted>,
        settling: mpsc::Receiver<oneshot::Sender<()>>,
    ) -> Self {
        Self {
            world,
            outbox: Outbox::default(),
            posted,
            settling,
        }
    }

    /// Works for as long as it is polled.
    pub(crate) async fn run(mut self) {
        let mut waiting = Vec::<oneshot::Sender<()>>::new();
        loop {
            self.post_what_is_due().await;
            for settled in waiting.drain(..) {
                // Whoever asked may have gone.
                settled.send(()).ok();
            }
            let world = Arc::clone(&self.world);
            tokio::select! {
                () = world.changed() => {}
                () = sleep(self.time_to_sleep()) => {}
                Some(settled) = self.settling.recv() => waiting.push(settled),
            }
        }
    }

    async fn post_what_is_due(&mut self) {
        while let Some((webhook, posting)) = self.next_due() {
            let answer = self.post(&webhook, &posting).await;
            let is_taken = answer.as_ref().is_ok_and(Answer::is_success);
            let posted = Posted {
                task_id: posting.about.to_string(),
                status: posting.status,
                body: posting.body.clone(),
                retries: posting.retries,
                answer: answer.map_err(|error| with_causes(&error).to_string()),
            };
            // Nobody has to listen.
            self.posted.send(posted).ok();
            if !is_taken {
                self.outbox.retry(posting, self.world.now());
            }
        }
    }

    /// Takes the news, and of all that waits the first that is due.
    fn next_due(&mut self) -> Option<(Webhook, Posting)> {
        let Self { world, outbox, .. } = self;
        world.update(|memory, now| {
            let webhook = memory.webhook.clone()?;
            outbox.fill(memory, &webhook, now);
            Some((webhook, outbox.take_due(now)?))
        })
    }

    async fn post(&self, webhook: &Webhook, posting: &Posting) -> Result<Answer, SendError> {
        let body = posting.body.clone();
        let request = webhook.signer.sign_at(body, self.world.now())?;
        Ok(webhook.sender.post(&request).await?)
    }

    fn time_to_sleep(&self) -> Duration {
        let next = self
            .world
            .look(|memory, now| Some(memory.next_at(now)?.duration_since(now)));
        let retry = self.outbox.next_at();
        let retry = retry.map(|at| at.duration_since(self.world.now()));
        let wait = next.into_iter().chain(retry).min();
        wait.map_or(LONGEST_SLEEP, |wait| {
            Duration::try_from(wait)
                .unwrap_or_default()
                .min(LONGEST_SLEEP)
        })
    }
}
