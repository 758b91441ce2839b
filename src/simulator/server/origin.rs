//! Where the caller found us, so that addresses in answers lead back to us.

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use jiff::Timestamp;
use url::Url;
use uuid::Uuid;

use super::refusal::Refusal;
use crate::simulator::world::Memory;
use crate::simulator::world::Target;

/// The address under which we were called, without a path.
#[derive(Clone, Debug)]
pub(super) struct Origin(Url);

impl Origin {
    /// An address of ours.
    pub(super) fn url<S: AsRef<str>>(&self, path: impl IntoIterator<Item = S>) -> String {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        url.into()
    }

    /// An address where a browser could be watched.
    pub(super) fn live(&self, id: Uuid) -> String {
        self.url(["live", &id.to_string()])
    }

    /// An address that opens a file for some minutes.
    pub(super) fn presigned(
        &self,
        memory: &mut Memory,
        name: &str,
        target: Target,
        now: Timestamp,
    ) -> String {
        let link = memory.link(target, now).to_string();
        self.url(["files", &link, name])
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        host.and_then(|host| Url::parse(&format!("http://{host}/")).ok())
            .map(Self)
            .ok_or_else(|| Refusal::bad_request("Invalid host header"))
    }
}
