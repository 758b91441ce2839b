//! The vendor is never asked more often than configured.

use std::time::Duration;
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;
use tidings::cloud::Client;
use tidings::cloud::Settings;
use tidings::rate::Rate;

use super::answering;
use super::json as answer;
use super::requests;
use super::settings;

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
