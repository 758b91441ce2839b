//! The beginning of an answer.

use std::time::Duration;

use reqwest::Response;
use tokio::time::timeout;

use crate::delivery::Attempt;

/// How long we listen once the status is known. The status has said it all: a sink that dawdles
/// over the rest has still said yes.
const PATIENCE: Duration = Duration::from_secs(1);

/// The beginning of what a sink answered, as text: what came in time, at most
/// [`Attempt::ANSWER_LIMIT`] bytes. None when there was nothing.
pub(super) async fn beginning(mut response: Response) -> Option<String> {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < Attempt::ANSWER_LIMIT
            && let Ok(Some(chunk)) = response.chunk().await
        {
            let room = Attempt::ANSWER_LIMIT - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
    };
    // What had come when the time was up is kept.
    timeout(PATIENCE, read).await.ok();
    (!bytes.is_empty()).then(|| text(&bytes))
}

/// Bytes as text. What is no UTF-8 is replaced, which takes more room than it did.
fn text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    text.truncate(text.floor_char_boundary(Attempt::ANSWER_LIMIT));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_text_stays_within_the_limit() {
        assert_eq!(text(b"ok"), "ok");
        assert_eq!(text(b"caf\xc3"), "caf\u{fffd}");
        let noise = text(&[0xff; Attempt::ANSWER_LIMIT]);
        assert!(noise.len() <= Attempt::ANSWER_LIMIT);
    }
}
