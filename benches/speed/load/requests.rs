//! Whole requests, signed before the first is sent.

use tidings::canonical::Document;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::signing;

use super::Plan;
use crate::SECRET;
use crate::events::Bodies;

/// Requests, one behind the other in one piece of memory.
#[derive(Debug)]
pub(super) struct Requests {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

/// Where a request lies.
#[derive(Debug)]
struct Piece {
    end: usize,
    body_length: u16,
}

impl Requests {
    /// As many as the plan may take, no two alike.
    pub(super) fn signed(plan: &Plan) -> Self {
        let count = plan.requests();
        let now = SystemClock.now();
        let mut requests = Self {
            bytes: Vec::with_capacity(count * 640),
            pieces: Vec::with_capacity(count),
        };
        let timestamp = now.as_second().to_string();
        for body in Bodies::starting_at(now).take(count) {
            requests.push(plan, &timestamp, &body);
        }
        requests
    }

    fn push(&mut self, plan: &Plan, timestamp: &str, body: &[u8]) {
        let document = Document::read(body).expect("our own bodies are JSON");
        let signature = signing::sign(SECRET.as_bytes(), timestamp, document.python());
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             X-Browser-Use-Timestamp: {timestamp}\r\nX-Browser-Use-Signature: {}\r\n\
             Content-Length: {}\r\n\r\n",
            plan.path,
            plan.to,
            hex::encode(signature),
            body.len(),
        );
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(body);
        self.pieces.push(Piece {
            end: self.bytes.len(),
            body_length: u16::try_from(body.len()).unwrap_or(u16::MAX),
        });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The bytes of a request and the length of its body; none when there are no more.
    pub(super) fn get(&self, index: usize) -> Option<(&[u8], u64)> {
        let piece = self.pieces.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.pieces[before].end,
            None => 0,
        };
        Some((&self.bytes[start..piece.end], piece.body_length.into()))
    }
}
