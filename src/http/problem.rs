//! Answers that say what went wrong, as `application/problem+json` (RFC 9457).
//!
//! Their `type` is `/problems/` and a slug that names the cause; `docs/api.md` lists the slugs.
//! A problem never says what a signature should have been.

use std::borrow::Cow;

use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;

/// The media type of a [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

/// An answer that says what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    slug: &'static str,
    detail: Cow<'static, str>,
    retry_after: Option<u32>,
}

/// Its shape on the wire.
#[derive(Serialize)]
struct Wire<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    /// A problem whose cause is called `slug`.
    #[must_use]
    pub fn new(status: StatusCode, slug: &'static str) -> Self {
        Self {
            status,
            slug,
            detail: Cow::Borrowed(""),
            retry_after: None,
        }
    }

    /// What happened this time, and what to do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Asks the client to come again after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The answer's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer's body.
    #[must_use]
    pub fn to_json(&self) -> String {
        let wire = Wire {
            r#type: format!("/problems/{}", self.slug),
            title: &self.slug.replace('-', " "),
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        serde_json::to_string(&wire).expect("strings and a number are always JSON")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, CONTENT_TYPE)];
        let mut response = (self.status, kind, self.to_json()).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What a path is answered that nothing answers to.
pub(super) async fn not_found(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found")
        .detail(format!("nothing answers at `{}`", shortened(uri.path())))
}

/// What a method is answered that its path does not know.
pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed").detail(format!(
        "`{}` does not take {}; the header `allow` lists what it takes",
        shortened(uri.path()),
        shortened(method.as_str()),
    ))
}

/// A stranger's words, cut to what fits a sentence.
fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_cause_and_says_what_to_do() {
        let problem = Problem::new(StatusCode::CONFLICT, "already-settled").detail("ask again");
        insta::assert_snapshot!(
            problem.to_json(),
            @r#"{"type":"/problems/already-settled","title":"already settled","status":409,"detail":"ask again"}"#
        );
    }
}
