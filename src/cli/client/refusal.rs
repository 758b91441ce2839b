//! What a server that refuses says, and what to do about it.

use anyhow::anyhow;
use reqwest::StatusCode;
use serde_json::Value;

use super::Client;
use crate::cli::table::printable;

impl Client {
    /// What to tell of a refusal with this status, for which the server gives this reason.
    pub(in crate::cli) fn refused(&self, status: StatusCode, said: &str) -> anyhow::Error {
        match status {
            StatusCode::UNAUTHORIZED if self.token.is_none() => self.lacks_token(),
            StatusCode::UNAUTHORIZED => anyhow!(
                "{} does not know this token, or it has expired: `tidings token create` makes \
                 another",
                self.server
            ),
            StatusCode::FORBIDDEN => anyhow!(
                "this token's scope does not reach that far: `tidings token create --scope` makes \
                 one that does ({said})"
            ),
            status => anyhow!("{said} ({status})"),
        }
    }

    /// What to tell who has no token for a server that asks for one.
    pub(in crate::cli) fn lacks_token(&self) -> anyhow::Error {
        anyhow!(
            "{} asks for a token: give --token or TIDINGS_API_TOKEN, or run this where the file \
             `admin-token` beside its database can be read",
            self.server
        )
    }
}

/// The reason that a server gives, by the body of its answer.
pub(super) fn reason(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = body["detail"].as_str().or(body["title"].as_str());
    printable(said.unwrap_or("the server refused, and did not say why"))
}
