//! What a caller is told where the Cloud API did not do what it was asked: the status, and the slug
//! of the problem. That it cannot be asked with our key is our trouble and no caller's mistake.

use std::time::Duration;

use axum::http::StatusCode;

use crate::cloud::Trouble;

/// The status and the slug of the problem.
pub(super) fn kind(trouble: &Trouble) -> (StatusCode, &'static str) {
    match trouble {
        Trouble::NoKey => (StatusCode::SERVICE_UNAVAILABLE, "cloud-no-key"),
        Trouble::BadKey(_) => (StatusCode::BAD_GATEWAY, "cloud-bad-key"),
        Trouble::NoSubscription(_) => (StatusCode::PAYMENT_REQUIRED, "cloud-no-subscription"),
        Trouble::NoMoney(_) => (StatusCode::PAYMENT_REQUIRED, "cloud-no-balance"),
        Trouble::NotFound { .. } => (StatusCode::NOT_FOUND, "not-found"),
        Trouble::NotYet(_) => (StatusCode::CONFLICT, "not-yet"),
        Trouble::NotInThisApi { .. } => (StatusCode::CONFLICT, "not-in-this-api"),
        Trouble::TooManySessions { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "cloud-too-many-sessions")
        }
        Trouble::TooOften { .. } => (StatusCode::SERVICE_UNAVAILABLE, "cloud-too-often"),
        Trouble::Down { .. } => (StatusCode::BAD_GATEWAY, "cloud-down"),
        Trouble::NoSuchAddress(_) => (StatusCode::BAD_GATEWAY, "cloud-no-such-address"),
        Trouble::Gateway { .. } => (StatusCode::BAD_GATEWAY, "cloud-gateway"),
        Trouble::OutOfLimits(_) => (StatusCode::BAD_REQUEST, "invalid-body"),
        Trouble::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "cloud-refused"),
        Trouble::TooLarge { .. } => (StatusCode::BAD_GATEWAY, "cloud-too-large"),
        Trouble::NotUnderstood(_) => (StatusCode::BAD_GATEWAY, "cloud-not-understood"),
    }
}

/// After how long it is worth asking again: as the vendor says, else after `usual` where there was
/// too much at once.
pub(super) fn retry_after(trouble: &Trouble, usual: Duration) -> Option<Duration> {
    match trouble {
        Trouble::TooManySessions { retry_after, .. } | Trouble::TooOften { retry_after, .. } => {
            Some(retry_after.unwrap_or(usual))
        }
        Trouble::Down { retry_after, .. } => *retry_after,
        _ => None,
    }
}
