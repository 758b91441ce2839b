//! The client of Browser Use's own API: what it sends, what it makes of the answers, and how it
//! spares the vendor.

mod answers;
mod calls;
mod limits;
mod look_up;
mod manual;
mod refusals;
mod retrying;
mod secrecy;
mod simulated;
mod sparing;
mod upload;

use std::time::Duration;

use serde_json::Value;
use tidings::cloud::Client;
use tidings::cloud::Patience;
use tidings::cloud::Settings;
use tidings::rate::Rate;
use tidings::task::ApiVersion;
use url::Url;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

/// The key that the vendor knows.
const KEY: &str = "bu_k3y-0f-the-project";

/// A client of the API there, in a hurry and with plenty of room.
fn settings(server: &str) -> Settings {
    Settings {
        api_key: Some(KEY.into()),
        base_url: Url::parse(server).unwrap(),
        versions: vec![ApiVersion::V2, ApiVersion::V1],
        rate: Rate::per_second(100_000),
        patience: Patience {
            first: Duration::from_millis(1),
            ..Patience::default()
        },
    }
}

fn client(server: &MockServer) -> Client {
    Client::new(settings(&server.uri())).unwrap()
}

/// An API that gives one answer to everything, and a client of it.
async fn answering(answer: ResponseTemplate) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server);
    (server, client)
}

fn json(answer: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(answer)
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.expect("it records them")
}
