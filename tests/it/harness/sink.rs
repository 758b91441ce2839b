//! The user's system: an HTTP server that remembers what it got and answers as it is told.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::Respond;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

/// An HTTP sink under a test's hands.
#[derive(Debug)]
pub(crate) struct FakeSink {
    server: MockServer,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    manner: Mutex<Manner>,
    got: watch::Sender<Vec<Got>>,
}

/// How it answers.
#[derive(Clone, Copy, Debug)]
struct Manner {
    status: u16,
    after: Duration,
    retry_after: Option<u32>,
}

impl Manner {
    const YES: Self = Self {
        status: 200,
        after: Duration::ZERO,
        retry_after: None,
    };
}

/// An event that reached the sink.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    /// The event's id.
    pub(crate) id: String,
    /// The event as it was sent.
    pub(crate) event: Value,
    /// The same, byte for byte.
    pub(crate) body: Vec<u8>,
    /// Those of the request that it came with.
    headers: Vec<(String, String)>,
    /// What the sink answered.
    pub(crate) answered: u16,
}

impl Got {
    /// The header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl FakeSink {
    /// A sink that says yes.
    pub(crate) async fn start() -> Self {
        let state = Arc::new(State {
            manner: Mutex::new(Manner::YES),
            got: watch::Sender::default(),
        });
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(Recorder(Arc::clone(&state)))
            .mount(&server)
            .await;
        Self { server, state }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("{}/hook", self.server.uri())
    }

    /// From now on it answers this status.
    pub(crate) fn answers(&self, status: u16) {
        self.behaves(Manner {
            status,
            ..Manner::YES
        });
    }

    /// From now on it says yes, and takes this long.
    pub(crate) fn takes(&self, after: Duration) {
        self.behaves(Manner {
            after,
            ..Manner::YES
        });
    }

    /// From now on it asks to be left alone for so many seconds.
    pub(crate) fn asks_to_wait(&self, seconds: u32) {
        self.behaves(Manner {
            status: 503,
            retry_after: Some(seconds),
            ..Manner::YES
        });
    }

    fn behaves(&self, manner: Manner) {
        *self.state.manner.lock().expect("nobody panics with it") = manner;
    }

    /// Everything it got, in the order of arrival.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.state.got.borrow().clone()
    }

    /// The ids of the events it said yes to, in the order of arrival.
    pub(crate) fn accepted(&self) -> Vec<String> {
        let got = self.state.got.borrow();
        let accepted = got.iter().filter(|got| got.answered == 200);
        accepted.map(|got| got.id.clone()).collect()
    }

    /// Waits until what it got is as wished.
    pub(crate) async fn until(&self, enough: impl Fn(&[Got]) -> bool) {
        let mut got = self.state.got.subscribe();
        let waited = got.wait_for(|got| enough(got));
        waited.await.expect("we hold the sender ourselves");
    }
}

/// Writes down what comes, and answers.
struct Recorder(Arc<State>);

impl Respond for Recorder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let manner = *self.0.manner.lock().expect("nobody panics with it");
        let events = match serde_json::from_slice(&request.body).unwrap_or_default() {
            Value::Array(events) => events,
            event => vec![event],
        };
        let headers = request.headers.iter().map(|(name, value)| {
            let value = value.to_str().unwrap_or_default();
            (name.to_string(), value.to_owned())
        });
        let headers: Vec<_> = headers.collect();
        let got = events.into_iter().map(|event| Got {
            id: event["id"].as_str().unwrap_or_default().to_owned(),
            headers: headers.clone(),
            answered: manner.status,
            event,
            body: request.body.clone(),
        });
        self.0.got.send_modify(|all| all.extend(got));

        let answer = ResponseTemplate::new(manner.status).set_delay(manner.after);
        match manner.retry_after {
            Some(seconds) => answer.insert_header("retry-after", seconds.to_string()),
            None => answer,
        }
    }
}
