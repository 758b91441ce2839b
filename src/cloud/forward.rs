//! Requests that somebody else wrote: passed on as they are, and so are their answers.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::Url;
use reqwest::header::ACCEPT_ENCODING;
use reqwest::header::CONTENT_ENCODING;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderValue;
use tokio::time::timeout;
use tracing::debug;

use super::Client;
use super::error::CloudError;
use super::error::Trouble;
use super::mask::Mask;
use super::pieces::LIMIT;
use super::pieces::Pieces;
use super::pieces::late;
use crate::task::ApiVersion;

/// How long an answer may take to begin: a search answers when its work is done.
const BEGINS: Duration = Duration::from_mins(5);

/// A request to pass on. It shows itself as messages name it, without its query and its body.
pub struct Forward {
    /// The version it is for.
    pub version: ApiVersion,
    /// What is to be done.
    pub method: Method,
    /// Where, below `/api/v1`: `/task/t-1`. Whoever makes it sees to it that it stays there.
    pub path: String,
    /// What stands behind the `?`.
    pub query: Option<String>,
    /// The headers that go along. The key is added to them.
    pub headers: HeaderMap,
    /// The body, which is not looked at.
    pub body: Bytes,
}

/// An answer to pass on. Wherever it quoted the key, there are asterisks.
pub struct Forwarded {
    /// Its status, whichever.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    call: Box<str>,
    pieces: Pieces,
    mask: Mask,
}

impl Client {
    /// Passes a request on as it is, with the key, when there is room in the budget. It is sent
    /// once: whoever wrote it has a client that knows when to try again.
    ///
    /// Every status is an answer, but for a redirect, which would lead past us. Fails with
    /// [`Trouble::NoKey`], or if there is no answer.
    pub async fn forward(&self, forward: Forward) -> Result<Forwarded, CloudError> {
        let call: Box<str> = forward.to_string().into();
        match self.pass(forward).await {
            Ok((response, mask)) => {
                debug!(http.status = response.status().as_u16(), "Passed on {call}");
                Ok(Forwarded {
                    status: response.status(),
                    headers: masked(response.headers(), &mask),
                    pieces: Pieces::of(response, self.peer(), LIMIT)
                        .map_err(|trouble| CloudError::new(&call, trouble))?,
                    call,
                    mask,
                })
            }
            Err(trouble) => Err(CloudError::new(&call, trouble)),
        }
    }

    async fn pass(&self, forward: Forward) -> Result<(Response, Mask), Trouble> {
        let key = self.key()?;
        let (name, value) = self.credential(forward.version)?;
        let mut request = self
            .http()
            .request(forward.method.clone(), forward.url(self.base_url())?)
            .headers(forward.headers)
            .header(name, value)
            // What is compressed could hold the key unseen.
            .header(ACCEPT_ENCODING, "identity");
        if !forward.body.is_empty() {
            request = request.body(forward.body);
        }
        let response = timeout(BEGINS, self.send_once(request))
            .await
            .unwrap_or_else(|_| Err(late(self.peer())))?;
        judge(&response)?;
        Ok((response, Mask::of(key)))
    }
}

/// Lets an answer go on that can be passed on.
fn judge(response: &Response) -> Result<(), Trouble> {
    if response.status().is_redirection() {
        return Err(Trouble::NoSuchAddress(response.status().to_string()));
    }
    let coding = response.headers().get(CONTENT_ENCODING);
    if coding.is_some_and(|coding| coding != "identity") {
        return Err(Trouble::NotUnderstood("it is compressed".to_owned()));
    }
    Ok(())
}

fn masked(headers: &HeaderMap, mask: &Mask) -> HeaderMap {
    let masked = |value: &HeaderValue| HeaderValue::from_bytes(&mask.whole(value.as_bytes()));
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), masked(value).ok()?)))
        .collect()
}

impl Forward {
    fn url(&self, base: &Url) -> Result<Url, Trouble> {
        let base = base.as_str().trim_end_matches('/');
        let text = format!("{base}/api/{}{}", self.version, self.path);
        let mut url =
            Url::parse(&text).map_err(|error| Trouble::NoSuchAddress(error.to_string()))?;
        url.set_query(self.query.as_deref());
        Ok(url)
    }
}

impl Forwarded {
    /// The next piece of the body; none: that was all.
    ///
    /// Fails if it breaks off, falls silent for too long, or goes beyond 64 MiB.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, CloudError> {
        let chunk = self.read().await;
        chunk.map_err(|trouble| CloudError::new(&self.call, trouble))
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Trouble> {
        Ok(match self.pieces.next().await? {
            Some(piece) => Some(self.mask.next(&piece)),
            None => self.mask.rest(),
        })
    }
}

impl fmt::Display for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /api/{}{}", self.method, self.version, self.path)
    }
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Forward").field(&self.to_string()).finish()
    }
}

impl fmt::Debug for Forwarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forwarded")
            .field("call", &self.call)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_as_it_was_written() {
        let forward = Forward {
            version: ApiVersion::V1,
            method: Method::GET,
            path: "/task/%C3%A9%20'(1)'/status".to_owned(),
            query: Some("a=%20b+c&a".to_owned()),
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"s3cret"),
        };
        let url = |base| forward.url(&Url::parse(base).unwrap()).unwrap();
        let rest = "api/v1/task/%C3%A9%20'(1)'/status?a=%20b+c&a";
        for base in ["https://cloud.test/", "https://proxy.test/behind"] {
            let expected = format!("{}/{rest}", base.trim_end_matches('/'));
            assert_eq!(url(base).as_str(), expected);
        }
        let shown = format!("{forward:?}");
        assert_eq!(
            shown,
            r#"Forward("GET /api/v1/task/%C3%A9%20'(1)'/status")"#
        );
    }
}
