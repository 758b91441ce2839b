//! What a caller of the API is told when a request fails.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use tracing::error;

use super::cloud_trouble;
use crate::access::Scope;
use crate::causes::with_causes;
use crate::cloud::CloudError;
use crate::delivery::DeliveryState;
use crate::http::Problem;
use crate::http::body::BodyError;
use crate::store::StoreError;
use crate::tasks::LinkError;
use crate::tasks::LookUpError;

/// After how long it is worth asking again where there is too much to do.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What a caller of the API is told when a request fails.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// `401`
    #[error("send a token that is valid: `Authorization: Bearer <token>`")]
    Unauthorized,

    /// `403`
    #[error("this needs a token of scope `{needed}`, and yours has `{held}`")]
    Forbidden {
        /// The least that would do.
        needed: Scope,
        /// What the token has.
        held: Scope,
    },

    /// `403`
    #[error(
        "{0}: ask whoever sent it, or send a token of scope `read` with the same address, as in \
         `Authorization: Bearer <token>`"
    )]
    Link(#[from] LinkError),

    /// `404`
    #[error("there is no {what} `{id}`{hint}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// As the caller wrote it.
        id: String,
        /// How such an id is written, where this is none.
        hint: String,
    },

    /// `400`
    #[error("`{name}` {problem}")]
    Parameter {
        /// The parameter or field.
        name: String,
        /// What is wrong with it.
        problem: String,
    },

    /// `400`
    #[error("there is no parameter `{name}` here; {hint}")]
    UnknownParameter {
        /// As the caller wrote it.
        name: String,
        /// Which the caller may have meant.
        hint: String,
    },

    /// `400`
    #[error(
        "this `cursor` does not go with these parameters: use it with those of the listing it came \
         from, or begin anew without it"
    )]
    Cursor,

    /// `400`
    #[error("the body does not read as asked for: {0}")]
    Body(String),

    /// `413`, `408` or `400`
    #[error(transparent)]
    Unread(#[from] BodyError),

    /// `409`
    #[error("the delivery is {0}, and this cannot be done to it now")]
    NotNow(DeliveryState),

    /// `409`
    #[error("the replay is done, and there is nothing left of it to cancel")]
    Done,

    /// `409`
    #[error("too many replays go on: wait until one is done, or cancel one")]
    TooManyReplays,

    /// `409`
    #[error("no sink takes this event: name those that should, in `sinks`")]
    NoSink,

    /// Many; see [`cloud_trouble`].
    #[error(transparent)]
    Cloud(#[from] CloudError),

    /// `504`
    #[error("{0}")]
    CloudTooSlow(LookUpError),

    /// `500` or `503`. The cause goes to the log and not to the caller.
    #[error("{}", told(.0))]
    Store(Arc<StoreError>),
}

/// What a caller may know of the store's trouble: whether it is worth asking again.
fn told(error: &StoreError) -> &'static str {
    match error {
        StoreError::Overloaded => "there is too much to do just now: ask again",
        StoreError::Full(_) | StoreError::Locked(_) | StoreError::Closed => {
            "the store cannot be used just now: ask again"
        }
        StoreError::Database(_) => "something went wrong on our side; the server's log says what",
    }
}

impl ApiError {
    /// A parameter or field whose value is not what it should be.
    pub(super) fn parameter(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Parameter {
            name: name.into(),
            problem: problem.into(),
        }
    }

    /// After how long it is worth asking again, as far as anybody can tell.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Store(error) => match error.as_ref() {
                StoreError::Database(_) => None,
                _ => Some(RETRY_AFTER),
            },
            Self::Cloud(error) => cloud_trouble::retry_after(&error.trouble, RETRY_AFTER),
            _ => None,
        }
    }

    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Link(LinkError::NotGenuine) => (StatusCode::FORBIDDEN, "bad-link"),
            Self::Link(LinkError::Ended(_)) => (StatusCode::FORBIDDEN, "link-ended"),
            Self::NotFound { .. } => (StatusCode::NOT_FOUND, "not-found"),
            Self::Parameter { .. } => (StatusCode::BAD_REQUEST, "invalid-parameter"),
            Self::UnknownParameter { .. } => (StatusCode::BAD_REQUEST, "unknown-parameter"),
            Self::Cursor => (StatusCode::BAD_REQUEST, "invalid-cursor"),
            Self::Body(_) | Self::Unread(BodyError::Broken(_)) => {
                (StatusCode::BAD_REQUEST, "invalid-body")
            }
            Self::Unread(BodyError::TooLarge { .. }) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too-large")
            }
            Self::Unread(BodyError::TooSlow { .. }) => (StatusCode::REQUEST_TIMEOUT, "too-slow"),
            Self::NotNow(_) | Self::Done => (StatusCode::CONFLICT, "not-now"),
            Self::TooManyReplays => (StatusCode::CONFLICT, "too-many-replays"),
            Self::NoSink => (StatusCode::CONFLICT, "no-sink"),
            Self::Cloud(error) => cloud_trouble::kind(&error.trouble),
            Self::CloudTooSlow(_) => (StatusCode::GATEWAY_TIMEOUT, "cloud-too-slow"),
            Self::Store(error) => match error.as_ref() {
                StoreError::Database(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
                _ => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            },
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<LookUpError> for ApiError {
    fn from(error: LookUpError) -> Self {
        match error {
            LookUpError::Cloud(error) => Self::Cloud(error),
            LookUpError::Store(error) => Self::Store(error),
            LookUpError::TooSlow => Self::CloudTooSlow(error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, slug) = self.kind();
        let mut problem = Problem::new(status, slug).detail(self.to_string());
        if let Some(again) = self.retry_after() {
            problem = problem.retry_after(u32::try_from(again.as_secs()).unwrap_or(u32::MAX));
        }
        let mut response = problem.into_response();
        if matches!(self, Self::Unauthorized) {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        // `log_failures` looks here, where the route is known.
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Logs what went wrong on our side: once, with its cause, which the caller is not told.
pub(super) async fn log_failures(route: MatchedPath, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if let Some(failure) = response.extensions().get::<Arc<ApiError>>()
        && let ApiError::Store(cause) = failure.as_ref()
    {
        error!(
            http.route = route.as_str(),
            http.status = response.status().as_u16(),
            error = %with_causes(cause.as_ref()),
            "The store failed a request to the API"
        );
    }
    response
}
