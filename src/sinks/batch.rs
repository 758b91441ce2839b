//! Several events on their way to a sink at once.

use jiff::Timestamp;

use super::Outbound;
use super::body;

/// How many bytes of events go at once: what common servers take of a body without being told to.
const LIMIT: usize = 1024 * 1024;

/// Several events on their way to a sink at once, each in the shape in which sinks get it. They are
/// within [`LIMIT`], or one alone is beyond it.
#[derive(Debug)]
pub struct Batch {
    events: Vec<Outbound>,
    bodies: Vec<Vec<u8>>,
    sent_at: Timestamp,
}

impl Batch {
    /// The first of these, as many as fit, sent now.
    pub fn of_the_first(mut events: Vec<Outbound>, now: Timestamp) -> anyhow::Result<Self> {
        let mut bodies: Vec<Vec<u8>> = Vec::with_capacity(events.len());
        let mut size = 0;
        for event in &events {
            let body = body(event)?;
            size += body.len();
            if size > LIMIT && !bodies.is_empty() {
                break;
            }
            bodies.push(body);
        }
        events.truncate(bodies.len());
        Ok(Self {
            events,
            bodies,
            sent_at: now,
        })
    }

    /// The events, in order.
    #[must_use]
    pub fn events(&self) -> &[Outbound] {
        &self.events
    }

    /// What is sent of each, in the same order.
    pub(super) fn bodies(&self) -> &[Vec<u8>] {
        &self.bodies
    }

    /// The present moment, for signatures.
    pub(super) fn sent_at(&self) -> Timestamp {
        self.sent_at
    }

    /// Whether somebody asked for all of it once more.
    pub(super) fn is_replay(&self) -> bool {
        self.events.iter().all(|event| event.replay)
    }
}
