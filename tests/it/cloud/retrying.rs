//! What is sent once more, how often, and what never is.

use std::cell::Cell;
use std::time::Duration;

use serde_json::json;
use tidings::cloud::Client;
use tidings::cloud::Patience;
use tidings::cloud::Settings;
use tidings::cloud::Trouble;
use tidings::cloud::v1;
use tokio::net::TcpListener;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use super::client;
use super::json as answer;
use super::requests;
use super::settings;

/// An API that fails so often in this way before it answers.
async fn failing(times: u64, failure: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(failure)
        .up_to_n_times(times)
        .mount(&server)
        .await;
    let good = answer(json!({ "id": "t-1", "status": "running" }));
    Mock::given(any()).respond_with(good).mount(&server).await;
    server
}

async fn look(client: &Client) -> Result<(), Trouble> {
    let looked = client.v2().task("t-1").await;
    looked.map(drop).map_err(|error| error.trouble)
}

async fn start(client: &Client) -> Result<(), Trouble> {
    let task = v1::RunTask {
        task: "look".to_owned(),
        ..v1::RunTask::default()
    };
    let started = client.v1().run_task(&task).await;
    started.map(drop).map_err(|error| error.trouble)
}

#[tokio::test]
async fn a_look_is_repeated_until_the_vendor_is_back() {
    for status in [429, 502, 503, 504] {
        let server = failing(3, ResponseTemplate::new(status)).await;
        look(&client(&server)).await.unwrap();
        assert_eq!(requests(&server).await.len(), 4, "{status}");
    }
}

#[tokio::test]
async fn the_fourth_failure_is_the_last() {
    let server = failing(9, ResponseTemplate::new(503)).await;
    let trouble = look(&client(&server)).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Down { .. }), "{trouble}");
    assert_eq!(requests(&server).await.len(), 4);
}

#[tokio::test]
async fn a_start_is_repeated_only_when_it_certainly_was_none() {
    let server = failing(1, ResponseTemplate::new(429)).await;
    start(&client(&server)).await.unwrap();
    assert_eq!(requests(&server).await.len(), 2);

    for status in [500, 502, 503, 504] {
        let server = failing(1, ResponseTemplate::new(status)).await;
        start(&client(&server)).await.unwrap_err();
        assert_eq!(requests(&server).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn what_will_not_change_is_not_repeated() {
    for status in [400, 401, 402, 403, 404, 409, 422, 500] {
        let server = failing(1, ResponseTemplate::new(status)).await;
        look(&client(&server)).await.unwrap_err();
        assert_eq!(requests(&server).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn the_vendor_says_how_long_to_wait() {
    let failure = ResponseTemplate::new(503).insert_header("retry-after", "0");
    let server = failing(1, failure).await;
    let client = Client::new(Settings {
        patience: Patience {
            first: Duration::from_hours(1),
            longest: Duration::from_hours(1),
            ..Patience::default()
        },
        ..settings(&server.uri())
    });
    look(&client.unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_look_at_somebody_who_hangs_up_is_repeated_and_a_start_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new(settings(&address)).unwrap();

    let calls = Cell::new(0);
    let hangs_up = async {
        while listener.accept().await.is_ok() {
            calls.set(calls.get() + 1);
        }
    };
    let asks = async {
        look(&client).await.unwrap_err();
        start(&client).await.unwrap_err();
    };
    tokio::select! {
        () = hangs_up => panic!("it listens on"),
        () = asks => {}
    }
    assert_eq!(calls.get(), 4 + 1);
}

#[tokio::test]
async fn who_never_answers_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(Settings {
        patience: Patience {
            timeout: Duration::from_millis(50),
            retries: 0,
            ..Patience::default()
        },
        ..settings(&format!("http://{}", listener.local_addr().unwrap()))
    });
    let trouble = look(&client.unwrap()).await.unwrap_err();
    assert!(trouble.to_string().contains("in time"), "{trouble}");
}
