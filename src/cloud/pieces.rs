//! A body that is passed on as it comes.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use tokio::time::timeout;

use super::error::Trouble;
use crate::outgoing::no_answer;

/// How long an answer that has begun may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// The largest body that is passed on, in bytes.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;

/// A body that is passed on as it comes.
pub(super) struct Pieces {
    response: Response,
    peer: String,
    length: usize,
    limit: usize,
}

impl Pieces {
    /// The body of an answer from this peer, of at most `limit` bytes. One that declares to be
    /// larger is refused before anything of it is read.
    pub(super) fn of(response: Response, peer: &str, limit: usize) -> Result<Self, Trouble> {
        match response.content_length() {
            Some(length) if length > limit as u64 => Err(Trouble::TooLarge { limit }),
            _ => Ok(Self {
                response,
                peer: peer.to_owned(),
                length: 0,
                limit,
            }),
        }
    }

    /// The next piece; none: that was all. Fails if it breaks off, falls silent for too long, or
    /// goes beyond the limit.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Trouble> {
        let piece = timeout(SILENCE, self.response.chunk())
            .await
            .map_err(|_elapsed| late(&self.peer))?
            .map_err(|error| Trouble::no_answer(no_answer(&error, &self.peer)))?;
        self.length += piece.as_ref().map_or(0, Bytes::len);
        if self.length > self.limit {
            return Err(Trouble::TooLarge { limit: self.limit });
        }
        Ok(piece)
    }
}

/// Nothing came in time.
pub(super) fn late(peer: &str) -> Trouble {
    Trouble::no_answer(format!("no answer from {peer} in time"))
}
