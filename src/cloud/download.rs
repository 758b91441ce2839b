//! Files at presigned addresses, which carry their own permission: they get no key, and no message
//! shows them.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use tokio::time::timeout;

use super::Client;
use super::CloudError;
use super::Trouble;
use super::pieces::LIMIT;
use super::pieces::Pieces;
use super::pieces::late;
use crate::outgoing;
use crate::outgoing::no_answer;

/// How long a file may take to begin.
const BEGINS: Duration = Duration::from_secs(30);

/// A file on its way.
pub struct Download {
    /// Its type, as whoever keeps it says.
    pub content_type: Option<String>,
    /// Its length in bytes, where that is said.
    pub length: Option<u64>,
    call: Box<str>,
    pieces: Pieces,
}

impl Client {
    /// Fetches a file of at most `limit` bytes from an address that the API gave; `what` names it in
    /// messages. One that is larger, and says so, is not begun.
    pub async fn download(
        &self,
        what: &str,
        address: &str,
        limit: usize,
    ) -> Result<Download, CloudError> {
        let call = format!("download of `{what}`");
        let fail = |trouble| CloudError::new(&call, trouble);
        let url = Url::parse(address).map_err(|_not_told| {
            let cause = "its address is none".to_owned();
            fail(Trouble::NotUnderstood(cause))
        })?;
        let peer = outgoing::peer(&url);
        let response = timeout(BEGINS, self.http().get(url).send())
            .await
            .map_err(|_elapsed| fail(late(&peer)))?
            .map_err(|error| fail(Trouble::no_answer(no_answer(&error, &peer))))?;
        let status = response.status();
        if !status.is_success() {
            let cause = format!("{status} from {peer}");
            return Err(fail(Trouble::Refused(cause)));
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        Ok(Download {
            content_type: content_type.and_then(|it| Some(it.to_str().ok()?.to_owned())),
            length: response.content_length(),
            pieces: Pieces::of(response, &peer, limit).map_err(fail)?,
            call: call.into(),
        })
    }
}

impl Download {
    /// The largest file that is passed on, in bytes.
    pub const LIMIT: usize = LIMIT;

    /// The next piece of the file; none: that was all.
    ///
    /// Fails if it breaks off, falls silent for too long, or goes beyond its limit.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, CloudError> {
        let piece = self.pieces.next().await;
        piece.map_err(|trouble| CloudError::new(&self.call, trouble))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
