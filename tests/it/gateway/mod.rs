//! The Cloud API through the receiver: what clients of the vendor meet there.

mod calls;

mod crossing;

mod refusals;

mod starting;

mod streaming;

use reqwest::Method;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use crate::harness::caller::Reply;
use crate::harness::receiver::Receiver;

/// The key that the receiver has, and nobody behind it.
const KEY: &str = "bu_k3y-0f-the-project";

/// A receiver in front of the API there.
async fn in_front_of(api: &str) -> Receiver {
    Receiver::with(&format!(
        "[cloud]\nbase_url = \"{api}\"\napi_key = \"{KEY}\"\nrate = \"1000/s\""
    ))
    .await
}

/// A receiver in front of an API that gives one answer to everything.
async fn answering(answer: ResponseTemplate) -> (MockServer, Receiver) {
    let api = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&api).await;
    let receiver = in_front_of(&api.uri()).await;
    (api, receiver)
}

/// What the API was asked.
async fn requests(api: &MockServer) -> Vec<Request> {
    api.received_requests().await.expect("it records them")
}

/// Gets a path below `/cloud/api`.
async fn gets(receiver: &Receiver, path: &str) -> Reply {
    receiver.caller().gets(&format!("/cloud/api{path}")).await
}

/// Posts to a path below `/cloud/api`.
async fn posts(receiver: &Receiver, path: &str, body: impl Into<reqwest::Body>) -> Reply {
    let path = format!("/cloud/api{path}");
    receiver
        .caller()
        .sends(Method::POST, &path, &[], body)
        .await
}

/// An API whose answers a test writes by hand.
struct Wire(TcpListener);

impl Wire {
    async fn lay() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("a free port"))
    }

    /// Where it is.
    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("it is bound"))
    }

    /// The connection of a request that has arrived.
    async fn asked(&self) -> TcpStream {
        let (mut stream, _) = self.0.accept().await.expect("somebody asks");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("it asks to the end"));
        }
        stream
    }
}
