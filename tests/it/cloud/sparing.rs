//! The vendor is asked once for what many want to know, and never more often than configured.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::json;
use tidings::cloud::Client;
use tidings::cloud::Settings;
use tidings::rate::Rate;
use tokio::sync::Notify;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::Respond;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use super::answering;
use super::client;
use super::json as answer;
use super::requests;
use super::settings;

#[tokio::test]
async fn a_thousand_who_look_up_one_task_make_one_request() {
    let running = answer(json!({ "id": "t-1", "status": "started" }));
    let (server, client) = answering(running).await;

    let reports = join_all((0..1000).map(|_| client.look_up("t-1"))).await;

    assert!(reports.iter().all(Result::is_ok));
    assert_eq!(requests(&server).await.len(), 1);
    client.look_up("t-1").await.unwrap();
    assert_eq!(requests(&server).await.len(), 2, "no answer is kept");
}

/// Says when it was asked, and takes its time to answer.
struct Slow(Arc<Notify>);

impl Respond for Slow {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.0.notify_one();
        let running = answer(json!({ "id": "t-1", "status": "started" }));
        running.set_delay(Duration::from_millis(100))
    }
}

#[tokio::test]
async fn who_goes_away_leaves_the_answer_to_the_others() {
    let server = MockServer::start().await;
    let asked = Arc::new(Notify::new());
    let slow = Slow(Arc::clone(&asked));
    Mock::given(any()).respond_with(slow).mount(&server).await;
    let client = client(&server);

    let mut first = Box::pin(client.look_up("t-1"));
    tokio::select! {
        _ = &mut first => panic!("it takes its time"),
        () = asked.notified() => {}
    }
    let mut second = Box::pin(client.look_up("t-1"));
    assert!((&mut second).now_or_never().is_none(), "it waits, too");
    drop(first);

    second.await.unwrap();
    assert_eq!(requests(&server).await.len(), 1);
}

#[tokio::test]
async fn a_thousand_tasks_are_looked_up_no_faster_than_configured() {
    let running = answer(json!({ "id": "t-1", "status": "started" }));
    let (server, _) = answering(running).await;
    let client = Client::new(Settings {
        rate: Rate::per_second(500),
        ..settings(&server.uri())
    });
    let client = client.unwrap();
    let ids: Vec<_> = (0..1000).map(|n| format!("t-{n}")).collect();

    let begun = Instant::now();
    let reports = join_all(ids.iter().map(|id| client.look_up(id))).await;

    assert!(reports.iter().all(Result::is_ok));
    assert_eq!(requests(&server).await.len(), 1000);
    // The first 500 leave at once, the others a second after them.
    assert!(begun.elapsed() >= Duration::from_secs(1));
}
