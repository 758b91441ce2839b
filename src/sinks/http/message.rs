//! What a request tells: an event, or a batch.

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use sha2::Digest as _;
use sha2::Sha256;
use uuid::Builder;

use crate::sinks::Batch;
use crate::sinks::Outbound;

/// What stands before the UUID of a batch.
const PREFIX: &str = "bat_";

/// What a request tells.
#[derive(Debug)]
pub(super) struct Message {
    /// By which it is known.
    pub(super) id: String,
    /// What it says.
    pub(super) body: Bytes,
    /// Headers that prove the body where it is the vendor's.
    pub(super) proof: HeaderMap,
    /// The present moment, for signatures.
    pub(super) sent_at: Timestamp,
    /// Whether somebody asked for it once more.
    pub(super) replay: bool,
}

impl Message {
    /// An event, with this body and the headers that prove it.
    pub(super) fn of_event(outbound: &Outbound, body: Bytes, proof: HeaderMap) -> Self {
        Self {
            id: outbound.event.id.to_string(),
            body,
            proof,
            sent_at: outbound.sent_at,
            replay: outbound.replay,
        }
    }

    /// A batch: its events as a JSON array, also where it is one alone.
    pub(super) fn of_batch(batch: &Batch) -> Self {
        let mut body = vec![b'['];
        body.extend(batch.bodies().join(&b','));
        body.push(b']');
        Self {
            id: id(batch),
            body: body.into(),
            proof: HeaderMap::new(),
            sent_at: batch.sent_at(),
            replay: batch.is_replay(),
        }
    }
}

/// The id of a batch: a hash of the ids of its events, as a UUID of version 8. So the same events in
/// the same order have the same id, whenever they are sent.
fn id(batch: &Batch) -> String {
    let mut hash = Sha256::new();
    for outbound in batch.events() {
        hash.update(outbound.event.id.as_bytes());
    }
    let mut octets = [0; 16];
    octets.copy_from_slice(&hash.finalize()[..16]);
    let uuid = Builder::from_custom_bytes(octets).into_uuid();
    format!("{PREFIX}{uuid}")
}
