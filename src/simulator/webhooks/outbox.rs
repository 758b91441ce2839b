//! What has to be posted, and when.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use jiff::SignedDuration;
use jiff::Timestamp;
use tracing::warn;
use uuid::Uuid;

use super::Webhook;
use super::words;
use crate::simulator::MAX_RETRIES;
use crate::simulator::world::Memory;
use crate::simulator::world::News;

/// How many postings wait at most.
const ROOM: usize = 10_000;

/// How long the first retry waits; each further one waits twice as long. The vendor does not say.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// A body to be posted.
#[derive(Clone, Debug)]
pub(super) struct Posting {
    /// The run, or the session.
    pub(super) about: Uuid,
    pub(super) status: &'static str,
    pub(super) body: Bytes,
    /// How often it was posted before.
    pub(super) retries: u32,
    due_at: Timestamp,
}

/// What has to be posted.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Posting>,
    /// What is held back until the next posting of its run or session.
    held: HashMap<Uuid, Posting>,
}

impl Outbox {
    /// Takes what there is to tell, or loses, doubles and mixes it up as the mischief wants.
    pub(super) fn fill(&mut self, memory: &mut Memory, webhook: &Webhook, now: Timestamp) {
        for notice in memory.take_notices() {
            let Some((status, body)) = words::tell(&notice, webhook.era) else {
                continue;
            };
            let posting = Posting {
                about: notice.id,
                status,
                body,
                retries: 0,
                due_at: now,
            };
            let is_last = matches!(notice.news, News::Ended(_) | News::SessionStopped);
            self.take(posting, is_last, memory);
        }
    }

    fn take(&mut self, posting: Posting, is_last: bool, memory: &mut Memory) {
        let (dice, mischief) = (&mut memory.dice, &memory.mischief);
        if dice.says(mischief.lost) {
            return;
        }
        // Nothing comes after the last that could overtake it.
        let is_held = dice.says(mischief.reordered) && !is_last;
        let before = self.held.remove(&posting.about);
        if is_held && before.is_none() {
            self.held.insert(posting.about, posting);
            return;
        }
        if dice.says(mischief.duplicate) {
            self.push(posting.clone());
        }
        self.push(posting);
        if let Some(before) = before {
            self.push(before);
        }
    }

    /// The next posting that is due.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<Posting> {
        let due = self.waiting.iter().position(|one| one.due_at <= now)?;
        self.waiting.remove(due)
    }

    /// Posts something again later, unless it was tried often enough.
    pub(super) fn retry(&mut self, mut posting: Posting, now: Timestamp) {
        if posting.retries == MAX_RETRIES {
            return;
        }
        let wait = FIRST_RETRY.saturating_mul(1 << posting.retries);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        posting.due_at = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        posting.retries += 1;
        self.push(posting);
    }

    /// When the next posting is due.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|posting| posting.due_at).min()
    }

    fn push(&mut self, posting: Posting) {
        if self.waiting.len() == ROOM {
            warn!("Too many webhooks wait to be sent: the oldest is lost");
            self.waiting.pop_front();
        }
        self.waiting.push_back(posting);
    }
}
