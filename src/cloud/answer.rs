//! What the API answered.

use std::time::Duration;

use bytes::Bytes;
use bytes::BytesMut;
use reqwest::Response;
use reqwest::header::RETRY_AFTER;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::call::Call;
use super::error::CloudError;
use super::error::Trouble;
use crate::outgoing::no_answer;

/// The largest answer we read, in bytes: a task with thousands of steps stays below.
const LIMIT: usize = 32 * 1024 * 1024;

/// A good answer.
#[derive(Debug)]
pub(super) struct Answer {
    call: Box<str>,
    body: Bytes,
}

impl Answer {
    pub(super) fn new(call: &Call<'_>, body: Bytes) -> Self {
        Self {
            call: call.to_string().into(),
            body,
        }
    }

    /// Reads it as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, CloudError> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            // The place and the kind, never the value: an answer may hold what must not be told.
            let fault = fault(error.inner());
            let cause = match error.path().to_string().as_str() {
                "." => fault,
                place => format!("{fault} at `{place}`"),
            };
            CloudError::new(&self.call, Trouble::NotUnderstood(cause))
        })
    }
}

/// What is wrong with a text as JSON, without quoting it.
fn fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match error.classify() {
        // Of all that serde says of a value, this alone quotes nothing but our own names.
        Category::Data if text.starts_with("missing field") => text
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned(),
        Category::Data => "another value than documented".to_owned(),
        Category::Eof => "it ends too early".to_owned(),
        Category::Io | Category::Syntax => "it is no JSON".to_owned(),
    }
}

/// How long the vendor asks us to wait: only in whole seconds, as its SDK reads it.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().map(Duration::from_secs).ok()
}

/// Reads a body to the limit and no further.
pub(super) async fn read(mut response: Response, peer: &str) -> Result<Bytes, Trouble> {
    let mut body = BytesMut::new();
    let broken = |error| Trouble::no_answer(no_answer(&error, peer));
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LIMIT {
            let cause = format!("it is longer than {} MiB", LIMIT / 1024 / 1024);
            return Err(Trouble::NotUnderstood(cause));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
