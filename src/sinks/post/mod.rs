//! One request to a service, and what its answer means: what every sink that speaks HTTP stands on.
//!
//! ```text
//! Request ──ask──▶ Answer ──Judge──▶ Receipt, or why not
//!                    │
//!                    └─ what this service says in words of its own
//! ```

mod answer;

mod judge;

mod rendering;

mod retry_after;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Error;
use anyhow::anyhow;
use jiff::Timestamp;
use reqwest::Body;
use reqwest::Client;
use reqwest::Method;
use reqwest::Request;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderValue;

pub(super) use self::answer::Answer;
pub(super) use self::judge::Judge;
pub(super) use self::rendering::masked;
pub(super) use self::rendering::rendering;
use super::SinkError;
use super::Tools;
use super::reach::Refused;
use super::reach::Road;
use crate::outgoing::Address;
use crate::outgoing::find;
use crate::outgoing::no_answer;

/// How long a connection that nothing goes over is kept. Shorter than what common servers keep
/// theirs, so that we are the one who closes and no event runs into a closing door.
const IDLE: Duration = Duration::from_secs(20);

/// A request that posts this JSON.
pub(super) fn posting(url: Url, json: impl Into<Body>) -> Request {
    let mut request = Request::new(Method::POST, url);
    let kind = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, kind);
    *request.body_mut() = Some(json.into());
    request
}

/// Takes requests to a service. The caller keeps the deadline: dropping a future gives up.
#[derive(Debug)]
pub(super) struct Post {
    client: Client,
    road: Road,
}

impl Post {
    /// With connections for as many requests as may be under way at once.
    pub(super) fn new(tools: &Tools) -> anyhow::Result<Self> {
        let (road, client) = Road::build(&tools.reach, Arc::clone(&tools.names), |client| {
            client
                .pool_max_idle_per_host(tools.concurrency)
                .pool_idle_timeout(IDLE)
        })?;
        Ok(Self { client, road })
    }

    /// Refuses an address that stands for one that may not be called, before there is an event. Where
    /// its name leads is looked at with each connection.
    pub(super) fn admit(&self, url: &Url) -> anyhow::Result<()> {
        Ok(self.road.admit(url)?)
    }

    /// An address without the user and the password that may stand in it, and the header that they are
    /// sent in.
    pub(super) fn login(&self, address: &Address) -> anyhow::Result<(Url, HeaderMap)> {
        let request = self.client.post(address.expose().clone()).build();
        let request = request.map_err(reqwest::Error::without_url)?;
        Ok((request.url().clone(), request.headers().clone()))
    }

    /// Sends a request once. No answer at all is a failure after which later may go better; what an
    /// answer means is for a [`Judge`] to say.
    pub(super) async fn ask(&self, request: Request, now: Timestamp) -> Result<Answer, SinkError> {
        self.road
            .admit(request.url())
            .map_err(|refused| SinkError::not_now(refused.into()))?;
        match self.client.execute(request).await {
            Ok(response) => Ok(Answer::read(response, now).await),
            Err(error) => Err(SinkError::not_now(self.why(&error))),
        }
    }

    /// Why there was no answer.
    fn why(&self, error: &reqwest::Error) -> Error {
        if let Some(refused) = find::<Refused>(error) {
            return refused.clone().into();
        }
        let peer = error.url().map(|url| self.road.peer(url));
        anyhow!(no_answer(error, &peer.unwrap_or_default()))
    }

    /// Looks whether somebody listens there, without asking for anything.
    pub(super) async fn check(&self, url: &Url) -> anyhow::Result<()> {
        self.road.check(url).await
    }
}
