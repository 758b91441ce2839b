//! Refusals, in the vendor's shapes.

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// `{"detail": "text"}`
    Said(StatusCode, &'static str),
    /// `{"detail": {"code": …, "message": …}}`
    Coded(StatusCode, &'static str, &'static str),
    /// `{"detail": [{"loc": […], "msg": …, "type": …}]}`
    Invalid(Vec<Fault>),
}

/// What is wrong with one part of a request.
#[derive(Debug, Serialize)]
pub(super) struct Fault {
    pub(super) loc: Vec<Value>,
    pub(super) msg: String,
    pub(super) r#type: &'static str,
}

impl Refusal {
    pub(super) fn bad_request(detail: &'static str) -> Self {
        Self::Said(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn not_found(detail: &'static str) -> Self {
        Self::Said(StatusCode::NOT_FOUND, detail)
    }

    pub(super) fn conflict(detail: &'static str) -> Self {
        Self::Said(StatusCode::CONFLICT, detail)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::Said(status, detail) => (status, json!(detail)),
            Self::Coded(status, code, message) => {
                (status, json!({ "code": code, "message": message }))
            }
            Self::Invalid(faults) => (StatusCode::UNPROCESSABLE_ENTITY, json!(faults)),
        };
        (status, Json(json!({ "detail": detail }))).into_response()
    }
}

/// For paths that nothing answers.
pub(super) async fn unknown_path() -> Refusal {
    Refusal::not_found("Not Found")
}

/// For methods that a path does not have.
pub(super) async fn unknown_method() -> Refusal {
    Refusal::Said(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}
