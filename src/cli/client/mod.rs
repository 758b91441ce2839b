//! Asks a running server, and says what to do where that fails.

mod refusal;

use std::time::Duration;

use anyhow::Context as _;
use anyhow::anyhow;
use anyhow::bail;
use jiff::Zoned;
use jiff::fmt::rfc2822;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header;
use serde_json::Value;
use url::Url;

use self::refusal::reason;
use super::Context;
use crate::app;
use crate::config::Config;
use crate::outgoing;
use crate::secret::Secret;

/// How long a server may be silent: it may itself wait for Browser Use, and try again.
const SILENCE: Duration = Duration::from_mins(2);

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// No answer is larger than this, in bytes: a page of 200 events of the largest size fits.
const ANSWER_LIMIT: usize = 256 * 1024 * 1024;

/// The most that a page of a listing holds.
const PAGE_LIMIT: usize = 200;

/// The server that nobody could reach.
#[derive(Debug, thiserror::Error)]
#[error(
    "no server answers at {server}: start one with `tidings serve`, or name another with --server \
     or TIDINGS_URL"
)]
pub(super) struct Unreachable {
    server: Url,
    source: reqwest::Error,
}

/// How a server says it is.
#[derive(Debug)]
pub(super) struct Readiness {
    pub(super) status: StatusCode,
    /// What time it is there, to the second.
    pub(super) date: Option<Zoned>,
    pub(super) body: Vec<u8>,
}

/// A running server, and the token for it.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    pub(super) server: Url,
    pub(super) token: Option<Secret>,
}

impl Client {
    /// The server and token that the command line names, else those of the configuration here.
    pub(super) fn new(context: &Context) -> anyhow::Result<Self> {
        let server = context.server()?;
        let token = context.token()?;
        // Who names both needs no configuration, and is not troubled by a broken one.
        let (server, token) = match (server, token) {
            (Some(server), Some(token)) => (server, Some(token)),
            (server, token) => {
                let config = context.load()?.config;
                let server = server.map_or_else(|| address(&config), Ok)?;
                let token = token.or_else(|| app::read_admin_token(&config.store.url));
                (server, token)
            }
        };
        Self::build(server, token)
    }

    /// A server that this process runs itself.
    pub(super) fn at(server: Url, token: Secret) -> anyhow::Result<Self> {
        Self::build(server, Some(token))
    }

    fn build(server: Url, token: Option<Secret>) -> anyhow::Result<Self> {
        let http = outgoing::client()
            .read_timeout(SILENCE)
            .connect_timeout(CONNECT_TIMEOUT)
            .build()?;
        Ok(Self {
            http,
            server,
            token,
        })
    }

    /// Asks for something, by its path below `/api/v1`.
    pub(super) async fn get(&self, path: &[&str], query: &Query) -> anyhow::Result<Value> {
        let bytes = self.bytes(path, query).await?;
        serde_json::from_slice(&bytes).context("the server's answer is not JSON: is it Tidings?")
    }

    /// Asks for something that need not be JSON.
    pub(super) async fn bytes(&self, path: &[&str], query: &Query) -> anyhow::Result<Vec<u8>> {
        whole(self.open(path, query).await?).await
    }

    /// Asks for something of any size, to be read piece by piece.
    pub(super) async fn open(&self, path: &[&str], query: &Query) -> anyhow::Result<Response> {
        let request = self.request(Method::GET, &self.api(path)?).query(query);
        self.send(request).await
    }

    /// Asks the server to do something.
    pub(super) async fn send_json(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        self.send_query(method, path, &Query::new(), body).await
    }

    /// The same, with something behind the `?`.
    pub(super) async fn send_query(
        &self,
        method: Method,
        path: &[&str],
        query: &Query,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let mut request = self.request(method, &self.api(path)?).query(query);
        if let Some(body) = body {
            request = request.json(body);
        }
        let bytes = whole(self.send(request).await?).await?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).context("the server's answer is not JSON: is it Tidings?")
    }

    /// The first `limit` entries of a listing, page by page.
    pub(super) async fn list(
        &self,
        path: &[&str],
        query: &Query,
        limit: usize,
    ) -> anyhow::Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut cursor = None;
        while found.len() < limit {
            let (rows, next) = self
                .page(path, query, cursor, (limit - found.len()).min(PAGE_LIMIT))
                .await?;
            found.extend(rows);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// One page of a listing, and where the next begins. A page may be empty and not the last.
    pub(super) async fn page(
        &self,
        path: &[&str],
        query: &Query,
        cursor: Option<String>,
        limit: usize,
    ) -> anyhow::Result<(Vec<Value>, Option<String>)> {
        let mut query = query.clone();
        query.push(("limit".to_owned(), limit.to_string()));
        query.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor)));
        let mut answer = self.get(path, &query).await?;
        let next = answer["next_cursor"].as_str().map(str::to_owned);
        match answer["data"].take() {
            Value::Array(rows) => Ok((rows, next)),
            _ => bail!("the server's answer is no listing: is it Tidings?"),
        }
    }

    /// How the server is, by its `/readyz`. It asks for no token.
    pub(super) async fn ready(&self) -> anyhow::Result<Readiness> {
        let response = self
            .reach(self.http.get(self.server.join("readyz")?))
            .await?;
        let date = response.headers().get(header::DATE);
        Ok(Readiness {
            status: response.status(),
            date: date.and_then(|date| rfc2822::parse(date.to_str().ok()?).ok()),
            body: whole(response).await?,
        })
    }

    /// Where something is at the server, by the parts of its path.
    pub(super) fn url(&self, path: &[&str]) -> anyhow::Result<Url> {
        let mut url = self.server.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow!("{} cannot be a server's address", self.server))?
            .pop_if_empty()
            // It encodes what stands between the slashes, so no id can lead elsewhere.
            .extend(path);
        Ok(url)
    }

    fn api(&self, path: &[&str]) -> anyhow::Result<Url> {
        self.url(&[&["api", "v1"], path].concat())
    }

    fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let request = self.http.request(method, url.clone());
        match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        let response = self.reach(request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = whole(response).await.unwrap_or_default();
        Err(self.refused(status, &reason(&body)))
    }

    async fn reach(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        request.send().await.map_err(|error| {
            let error = error.without_url();
            if error.is_connect() {
                Unreachable {
                    server: self.server.clone(),
                    source: error,
                }
                .into()
            } else {
                anyhow::Error::from(error).context(format!("{} did not answer", self.server))
            }
        })
    }
}

/// Names and values behind the `?`.
pub(super) type Query = Vec<(String, String)>;

/// Where a server with this configuration is reached from the same machine.
fn address(config: &Config) -> anyhow::Result<Url> {
    let mut address = config.server.admin_listen.unwrap_or(config.server.listen);
    if address.port() == 0 {
        bail!("the configured port is 0, so only the server's log knows it: give --server");
    }
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(Url::parse(&format!("http://{address}/"))?)
}

/// Reads an answer to its end, and no further than the limit.
async fn whole(mut response: Response) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > ANSWER_LIMIT {
            bail!("the server's answer is larger than {ANSWER_LIMIT} bytes");
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
