//! The events of a turn, made ready to be kept at hand while SQLite writes them.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::append::Numbered;
use super::codes::micros;
use super::codes::time;
use super::tokens;
use super::unindexed::Unindexed;
use crate::event::Event;
use crate::event::EventId;
use crate::event::Seq;
use crate::store::Appended;
use crate::store::StoreError;
use crate::store::recent::Recent;

/// An event as it will be read, if it is new.
pub(super) struct Fresh {
    event: Event,
    tokens: Arc<str>,
}

impl Fresh {
    pub(super) fn all(events: &[Numbered<'_>]) -> Result<Vec<Self>, StoreError> {
        events.iter().map(Self::of).collect()
    }

    fn of(event: &Numbered<'_>) -> Result<Self, StoreError> {
        let new = &event.append.event;
        let received_at = time(event.received_at)?;
        let mut signature = new.signature.clone();
        if let Some(signature) = &mut signature {
            signature.signed_at = time(micros(signature.signed_at))?;
        }
        Ok(Self {
            tokens: tokens::of(&new.facts, new.origin).into(),
            event: Event {
                seq: event.seq,
                id: new.id,
                origin: new.origin,
                endpoint: new.endpoint.clone(),
                received_at,
                facts: new.facts.clone(),
                // A copy: the bytes as they came are a part of all that the connection read.
                body: Bytes::copy_from_slice(&new.body),
                signature,
                times_received: 1,
                last_received_at: received_at,
                same_as: None,
            },
        })
    }
}

/// Where the newest events are at hand.
pub(super) struct AtHand<'a> {
    pub(super) unindexed: &'a Unindexed,
    pub(super) recent: &'a Recent,
}

impl AtHand<'_> {
    /// Keeps what is new, and counts what came again.
    pub(super) fn keep(
        &self,
        fresh: Vec<Fresh>,
        events: &[Numbered<'_>],
        appended: &[Appended],
        echoes: &HashMap<Seq, EventId>,
    ) {
        for ((fresh, event), appended) in fresh.into_iter().zip(events).zip(appended) {
            match *appended {
                Appended::New(seq) => {
                    self.unindexed.add(seq, fresh.tokens);
                    self.recent.keep(Event {
                        same_as: echoes.get(&seq).copied(),
                        ..fresh.event
                    });
                }
                Appended::Known(seq) => {
                    self.recent.came_again(seq, event.append.event.received_at);
                }
                Appended::Told => {}
            }
        }
    }
}
