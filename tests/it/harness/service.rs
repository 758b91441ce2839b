//! A service that takes messages at a secret address, and looks at each as strictly as its documents
//! say it does.

use std::fmt;

use serde_json::Value;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::method;

use super::strict::Looked;

/// A service under a test's hands.
#[derive(Debug)]
pub(crate) struct Service {
    server: MockServer,
}

impl Service {
    /// A service that answers `yes` to what it finds right, and to all else what is wrong with it.
    pub(crate) async fn that_looks(
        look: impl Fn(&Request) -> Looked + Send + Sync + 'static,
        yes: ResponseTemplate,
    ) -> Self {
        Self::started(move |request: &Request| match look(request) {
            Ok(()) => yes.clone(),
            Err(wrong) => ResponseTemplate::new(400).set_body_string(wrong),
        })
        .await
    }

    /// A service that gives one answer to everything.
    pub(crate) async fn that_answers(answer: ResponseTemplate) -> Self {
        Self::started(move |_: &Request| answer.clone()).await
    }

    async fn started(
        answer: impl Fn(&Request) -> ResponseTemplate + Send + Sync + 'static,
    ) -> Self {
        let server = MockServer::start().await;
        let posts = Mock::given(method("POST"));
        posts.respond_with(answer).mount(&server).await;
        Self { server }
    }

    /// From now on it answers this to whoever only asks.
    pub(crate) async fn tells(&self, answer: ResponseTemplate) {
        let asks = Mock::given(method("GET"));
        asks.respond_with(answer).mount(&self.server).await;
    }

    /// An address at it.
    pub(crate) fn at(&self, path: impl fmt::Display) -> String {
        format!("{}{path}", self.server.uri())
    }

    /// What it was sent so far.
    pub(crate) async fn got(&self) -> Vec<Request> {
        let got = self.server.received_requests().await;
        got.expect("it remembers what it got")
    }

    /// The last message that it was sent.
    pub(crate) async fn last(&self) -> Value {
        let got = self.got().await;
        let last = got.last().expect("something was sent");
        last.body_json().expect("it is JSON")
    }
}
