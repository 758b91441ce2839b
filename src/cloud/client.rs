//! Holds the key, and sends what the versions of the API ask it to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::Url;
use reqwest::header::AUTHORIZATION;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use tokio::time::sleep;
use tracing::debug;

use super::answer;
use super::answer::Answer;
use super::budget::Budget;
use super::call::Call;
use super::error::CloudError;
use super::error::Trouble;
use super::patience::Patience;
use super::refusal::Refusal;
use super::v1::V1;
use super::v2::V2;
use super::v3::V3;
use super::v4::V4;
use crate::outgoing;
use crate::outgoing::no_answer;
use crate::rate::Rate;
use crate::secret::Secret;
use crate::task::ApiVersion;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The header that carries the key from v2 on.
const API_KEY: HeaderName = HeaderName::from_static("x-browser-use-api-key");

/// What a client has to be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project's key. Without one every call but v1's ping fails with [`Trouble::NoKey`].
    pub api_key: Option<Secret>,
    /// Where the API is. An `/api` or `/api/v2` at its end, as documents show it, does no harm.
    pub base_url: Url,
    /// The versions that look-ups ask, in this order.
    pub versions: Vec<ApiVersion>,
    /// How many requests leave, at most. Tries after the first count too.
    pub rate: Rate,
    /// How long a request may take, and when one that failed is sent once more.
    pub patience: Patience,
}

/// Browser Use's API for one project. Clones share the key and the budget.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    http: reqwest::Client,
    api_key: Option<Secret>,
    base_url: Url,
    peer: String,
    versions: Vec<ApiVersion>,
    rate: Rate,
    budget: Arc<Budget>,
    patience: Patience,
}

impl Client {
    /// A client. It sends nothing until it is asked to.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        let http = outgoing::client()
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .context("the HTTP client could not be built")?;
        Ok(Self(Arc::new(Inner {
            http,
            api_key: settings.api_key.filter(|key| !key.is_empty()),
            peer: outgoing::peer(&settings.base_url),
            base_url: above_the_api(settings.base_url),
            versions: settings.versions,
            rate: settings.rate,
            budget: Arc::new(Budget::new(settings.rate)),
            patience: settings.patience,
        })))
    }

    /// The same client for work that nobody waits for: it leaves half of the budget to others.
    #[must_use]
    pub fn in_the_background(&self) -> Self {
        let whole = &self.0;
        Self(Arc::new(Inner {
            budget: Arc::new(Budget::half(&whole.budget, whole.rate)),
            ..Inner::clone(whole)
        }))
    }

    /// The calls of the API v1.
    #[must_use]
    pub fn v1(&self) -> V1<'_> {
        V1(self)
    }

    /// The calls of v2.
    #[must_use]
    pub fn v2(&self) -> V2<'_> {
        V2(self)
    }

    /// The calls of v3.
    #[must_use]
    pub fn v3(&self) -> V3<'_> {
        V3(self)
    }

    /// The calls of v4.
    #[must_use]
    pub fn v4(&self) -> V4<'_> {
        V4(self)
    }

    /// The versions that look-ups ask, in this order.
    pub(super) fn versions(&self) -> &[ApiVersion] {
        &self.0.versions
    }

    /// Where the API is, without `/api` at its end.
    pub(super) fn base_url(&self) -> &Url {
        &self.0.base_url
    }

    /// The API's host and port, as messages name them.
    pub(super) fn peer(&self) -> &str {
        &self.0.peer
    }

    /// The connections. Presigned addresses carry their own permission, and never get the key.
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// Sends a call until it is answered or patience ends. Each try waits for its place in the
    /// budget.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Answer, CloudError> {
        let mut failures = 0;
        loop {
            let trouble = match self.try_once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            let patience = &self.0.patience;
            let Some(delay) = patience.delay(&trouble, call.is_safe(), failures) else {
                return Err(CloudError::new(&call, trouble));
            };
            debug!(
                retry_in_ms = delay.as_millis(),
                error = %trouble,
                "{call} failed; trying again",
            );
            sleep(delay).await;
            failures += 1;
        }
    }

    async fn try_once(&self, call: &Call<'_>) -> Result<Answer, Trouble> {
        let url = call.url(self.base_url())?;
        let timeout = call.timeout.unwrap_or(self.0.patience.timeout);
        let mut request = self.0.http.request(call.method.clone(), url);
        request = request.timeout(timeout);
        match self.credential(call.version) {
            Ok((name, value)) => request = request.header(name, value),
            Err(Trouble::NoKey) if call.is_for_anybody => {}
            Err(trouble) => return Err(trouble),
        }
        if let Some(body) = &call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }

        let response = self.send_once(request).await?;
        let status = response.status();
        let retry_after = answer::retry_after(&response);
        let body = answer::read(response, self.peer()).await?;
        if status.is_success() {
            return Ok(Answer::new(call, body));
        }
        let hidden: Vec<_> = self.0.api_key.iter().chain(&call.hidden).collect();
        Err(Refusal::read(status, retry_after, &body, &hidden).trouble(call))
    }

    /// Sends a request when there is room for it in the budget, and waits until it is answered.
    pub(super) async fn send_once(&self, request: RequestBuilder) -> Result<Response, Trouble> {
        self.0.budget.take().await;
        let sent = request.send().await;
        sent.map_err(|error| Trouble::no_answer(no_answer(&error, self.peer())))
    }

    /// The key, where there is one.
    pub(super) fn key(&self) -> Result<&Secret, Trouble> {
        self.0.api_key.as_ref().ok_or(Trouble::NoKey)
    }

    /// How each version wants the key. Never the other way: an API that does not know a header
    /// says that there is no key, and the user looks for the mistake in the key.
    pub(super) fn credential(
        &self,
        version: ApiVersion,
    ) -> Result<(HeaderName, HeaderValue), Trouble> {
        let key = self.key()?.expose();
        let (name, text) = match version {
            ApiVersion::V1 => (AUTHORIZATION, format!("Bearer {key}")),
            ApiVersion::V2 | ApiVersion::V3 | ApiVersion::V4 => (API_KEY, key.to_owned()),
        };
        let mut value = HeaderValue::try_from(text).map_err(|_not_told| {
            Trouble::BadKey("a line break or another character in it cannot be sent".to_owned())
        })?;
        value.set_sensitive(true);
        Ok((name, value))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("peer", &self.0.peer)
            .finish_non_exhaustive()
    }
}

/// The same address without `/api` or `/api/v2` at its end.
fn above_the_api(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/');
    let path = ["/v1", "/v2", "/v3", "/v4"]
        .into_iter()
        .find_map(|version| path.strip_suffix(version))
        .filter(|path| path.ends_with("/api"))
        .unwrap_or(path);
    let path = path.strip_suffix("/api").unwrap_or(path).to_owned();
    url.set_path(&path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_given_as_documents_show_it() {
        let above = |url| above_the_api(Url::parse(url).unwrap()).to_string();
        for url in [
            "https://cloud.test",
            "https://cloud.test/api",
            "https://cloud.test/api/v2/",
        ] {
            assert_eq!(above(url), "https://cloud.test/");
        }
        assert_eq!(above("https://proxy.test/v2"), "https://proxy.test/v2");
    }
}
