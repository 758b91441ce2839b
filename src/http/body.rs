//! Reading a request's body to its limit and no further.

use std::time::Duration;

use axum::body::Body;
use axum::body::HttpBody as _;
use axum::http::HeaderMap;
use axum::http::header;
use bytes::Bytes;
use bytes::BytesMut;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is larger than allowed.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// What was allowed, in bytes.
        limit: usize,
    },

    /// It did not arrive in time.
    #[error("the body did not arrive within {} s", within.as_secs_f64())]
    TooSlow {
        /// What was allowed.
        within: Duration,
    },

    /// The connection broke, or the body was not framed as HTTP wants it.
    #[error("the body broke off")]
    Broken(#[source] axum::Error),
}

/// What `Content-Length` declares.
#[must_use]
pub fn declared(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Reads a body of at most `limit` bytes that arrives within `within`. One that declares more is
/// refused before anything of it is read.
pub async fn read(body: Body, limit: usize, within: Duration) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(BodyError::TooLarge { limit });
    }
    timeout(within, collect(body, limit))
        .await
        .unwrap_or(Err(BodyError::TooSlow { within }))
}

/// Puts a body together. One that arrives in one piece, as nearly all do, is not copied.
async fn collect(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut whole = Bytes::new();
    let mut copy = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // Trailers say nothing that we need.
        let Ok(piece) = frame.map_err(BodyError::Broken)?.into_data() else {
            continue;
        };
        if whole.len() + copy.len() + piece.len() > limit {
            return Err(BodyError::TooLarge { limit });
        }
        if whole.is_empty() && copy.is_empty() {
            whole = piece;
        } else {
            copy.extend_from_slice(&std::mem::take(&mut whole));
            copy.extend_from_slice(&piece);
        }
    }
    Ok(if copy.is_empty() {
        whole
    } else {
        copy.freeze()
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::stream;

    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    fn in_pieces(pieces: &[&'static str]) -> Body {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| Ok::<_, axum::Error>(*piece))
            .collect();
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn a_body_in_pieces_is_put_together() {
        for pieces in [&["abc"] as &[_], &["a", "bc"], &["a", "", "b", "c"]] {
            assert_eq!(read(in_pieces(pieces), 3, SOON).await.unwrap(), "abc");
        }
        assert_eq!(read(Body::empty(), 0, SOON).await.unwrap(), "");
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_limit_and_no_further() {
        for pieces in [&["abcd"] as &[_], &["ab", "cd"], &["a", "b", "cd"]] {
            let refused = read(in_pieces(pieces), 3, SOON).await.unwrap_err();
            assert_eq!(refused.to_string(), "the body is larger than 3 bytes");
        }
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let silence = Body::from_stream(stream::pending::<Result<Bytes, axum::Error>>());
        let refused = read(silence, 3, Duration::ZERO).await.unwrap_err();
        assert_eq!(refused.to_string(), "the body did not arrive within 0 s");
    }
}
