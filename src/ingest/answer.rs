//! What a sender is told.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::event::EventId;
use crate::http::Problem;
use crate::rejection::Cause;

/// After how many seconds a sender may come again: to a server with too much to do, one that cannot
/// store, and one that waits for somebody to give it a secret.
const WHEN_BUSY: u32 = 1;
const WHEN_UNAVAILABLE: u32 = 5;
const WHEN_WAITING: u32 = 30;

/// What a sender is told.
#[derive(Debug)]
pub(super) enum Answer {
    /// `200`: it is ours from now on.
    Stored {
        /// The event it is.
        id: EventId,
        /// Whether it had come before.
        duplicate: bool,
    },
    /// `200`: the vendor's test ping.
    Ping,
    /// `400`, `403`, `408` or `413`: it would fare no better the next time.
    Refused {
        /// Why.
        cause: Cause,
        /// The same in a sentence.
        detail: Cow<'static, str>,
    },
    /// `400`: the body broke off. Hardly anybody is left to read this.
    Broken,
    /// `503`: too many requests are in work.
    Busy,
    /// `503`: it cannot be stored now.
    Unavailable,
    /// `503`: nobody has told us the secret yet, so it may be genuine.
    WaitingForSecret,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Stored { id, duplicate } => success(format!(
                r#"{{"status":"success","message":"Webhook received","event_id":"{id}","duplicate":{duplicate}}}"#
            )),
            Self::Ping => success(r#"{"status":"success","message":"Test ping received"}"#),
            Self::Refused { cause, detail } => Problem::new(status(cause), cause.as_str())
                .detail(detail)
                .into_response(),
            Self::Broken => Problem::new(StatusCode::BAD_REQUEST, "broken-body")
                .detail("the body broke off")
                .into_response(),
            Self::Busy => later("busy", WHEN_BUSY, "too much is going on: send it again"),
            Self::Unavailable => later(
                "unavailable",
                WHEN_UNAVAILABLE,
                "it cannot be stored now: send it again",
            ),
            Self::WaitingForSecret => later(
                "waiting-for-secret",
                WHEN_WAITING,
                "the secret of this webhook is not known here yet: send it again",
            ),
        }
    }
}

fn success(body: impl Into<axum::body::Body>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, body.into()).into_response()
}

fn later(slug: &'static str, seconds: u32, detail: &'static str) -> Response {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, slug)
        .detail(detail)
        .retry_after(seconds)
        .into_response()
}

fn status(cause: Cause) -> StatusCode {
    match cause {
        Cause::MissingHeader | Cause::InvalidJson => StatusCode::BAD_REQUEST,
        Cause::SignatureMismatch | Cause::UnreadableTime | Cause::TooOld | Cause::InTheFuture => {
            StatusCode::FORBIDDEN
        }
        Cause::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Cause::TooSlow => StatusCode::REQUEST_TIMEOUT,
    }
}
