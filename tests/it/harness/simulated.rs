//! A simulated cloud with a clock held by hand, and somebody who calls it.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock;
use tidings::clock::ManualClock;
use tidings::simulator::Options;
use tidings::simulator::Simulator;
use tokio::net::TcpListener;

use super::cloud::SECRET;
use super::cloud::client;

/// When these tests play.
const START: &str = "2026-05-25T09:00:00Z";

/// A simulated cloud under a test's hands. Two seconds lie between two beats of a task's life, and
/// it ends after ten.
#[derive(Debug)]
pub(crate) struct Simulated {
    /// What time it is there.
    pub(crate) clock: Arc<ManualClock>,
    /// The cloud itself.
    pub(crate) simulator: Simulator,
    url: String,
    key: String,
    client: reqwest::Client,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The JSON; null where the body is empty or something else.
    pub(crate) body: Value,
}

impl Told {
    /// The JSON of an answer with this status.
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Holds that this field was refused for this reason.
    pub(crate) fn finds_fault(self, field: &str, kind: &str) {
        let body = self.is(422);
        let fault = &body["detail"][0];
        assert_eq!(fault["loc"].as_array().unwrap().last().unwrap(), field);
        assert_eq!(fault["type"], kind, "{body}");
    }
}

impl Simulated {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let clock = Arc::new(ManualClock::starting_at(START.parse().expect("a time")));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let simulator = Simulator::start(listener, options, Arc::clone(&clock) as Arc<dyn Clock>);
        let simulator = simulator.expect("it starts");
        Self {
            url: format!("http://{}", simulator.address()),
            clock,
            simulator,
            key: "a key".to_owned(),
            client: client(),
        }
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on the caller has another key.
    pub(crate) fn with_key(&mut self, key: &str) -> &Self {
        key.clone_into(&mut self.key);
        self
    }

    /// Registers a webhook, whose test ping is taken.
    pub(crate) async fn tells(&self, url: &str) {
        let registered = self
            .simulator
            .register(url.parse().expect("an address"), SECRET.into());
        let answer = registered.await.expect("somebody is there");
        assert!(answer.is_success(), "{answer:?}");
    }

    /// Lets time pass, second by second, until all that is due by then is done.
    pub(crate) async fn passes(&self, seconds: i64) {
        for _ in 0..seconds {
            self.clock.advance(SignedDuration::from_secs(1));
            self.simulator.settle().await;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Told {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Told {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Told {
        self.call(Method::DELETE, path, None).await
    }

    /// Calls by a path below `/api/`, with the key in the way of that version.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Told {
        let request = self
            .client
            .request(method, self.url_of(&format!("/api/{path}")));
        let request = if path.starts_with("v1/") {
            request.bearer_auth(&self.key)
        } else {
            request.header("x-browser-use-api-key", &self.key)
        };
        Self::answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// Says what goes wrong from now on.
    pub(crate) async fn misbehaves(&self, mischief: Value) -> Told {
        let request = self.client.post(self.url_of("/simulator/mischief"));
        Self::answer(request.json(&mischief)).await
    }

    /// Makes a v1 task, and names it.
    pub(crate) async fn run_task(&self, task: &str) -> String {
        let made = self
            .post("v1/run-task", json!({ "task": task }))
            .await
            .is(200);
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Somebody without a key.
    pub(crate) fn stranger(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url_of(path))
    }

    /// Asks as a stranger with an address that an answer gave.
    pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Told {
        let response = request.send().await.expect("it answers");
        Told {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: {
                let bytes = response.bytes().await.expect("it answers to the end");
                serde_json::from_slice(&bytes).unwrap_or_default()
            },
        }
    }

    fn url_of(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.url)
        }
    }
}
