//! What goes wrong on request.

use std::time::Instant;

use serde_json::Value;
use serde_json::json;
use tidings::simulator::Mischief;
use tidings::simulator::Options;

use crate::harness::simulated::Simulated;
use crate::harness::sink::FakeSink;

#[tokio::test]
async fn the_next_answers_can_be_chosen_one_by_one() {
    let cloud = Simulated::start().await;
    let chosen = json!({ "next": [429, 500, 200, 503], "retry_after": 7 });
    cloud.misbehaves(chosen).await.is(200);
    let limited = cloud.get("v1/balance").await;
    assert_eq!(limited.headers["retry-after"], "7");
    assert!(limited.is(429)["detail"].is_string());
    for status in [500, 200, 503, 200] {
        cloud.get("v2/tasks").await.is(status);
    }
}

#[tokio::test]
async fn shares_of_requests_fail_the_same_way_for_the_same_seed() {
    let mischief = json!({ "too_many_requests": 0.3, "server_errors": 0.3 });
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let options = Options {
            seed,
            ..Options::default()
        };
        let cloud = Simulated::with(options).await;
        cloud.misbehaves(mischief.clone()).await.is(200);
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(cloud.get("v1/balance").await.status);
        }
        assert!(
            [200, 429, 500]
                .iter()
                .all(|status| statuses.contains(status))
        );
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn answers_are_slow_and_outputs_late() {
    let cloud = Simulated::start().await;
    let late = json!({ "latency": "30ms", "output_lag": "5s" });
    cloud.misbehaves(late).await.is(200);
    let id = cloud.run_task("t").await;
    cloud.passes(14).await;
    let before = Instant::now();
    let early = cloud.get(&format!("v1/task/{id}")).await.is(200);
    assert!(before.elapsed().as_millis() >= 30);
    assert_eq!(
        (&early["status"], &early["output"]),
        (&json!("finished"), &Value::Null)
    );
    cloud.passes(1).await;
    let whole = cloud.get(&format!("v1/task/{id}")).await.is(200);
    assert_eq!(whole["output"], "Done: t");
}

#[tokio::test]
async fn a_new_run_is_not_there_yet() {
    let cloud = Simulated::start().await;
    cloud.misbehaves(json!({ "not_yet": "3s" })).await.is(200);
    let run = cloud.post("v4/runs", json!({ "task": "t" })).await.is(200);
    let path = format!("v4/runs/{}", run["id"].as_str().unwrap());
    cloud.passes(2).await;
    cloud.get(&path).await.is(404);
    cloud.passes(1).await;
    cloud.get(&path).await.is(200);
}

#[tokio::test]
async fn webhooks_are_lost_doubled_and_mixed_up() {
    let always = 1;
    for (mischief, told) in [
        (json!({ "lost": always }), ""),
        (
            json!({ "duplicate": always }),
            "initializing initializing started started finished finished",
        ),
        (
            json!({ "reordered": always }),
            "started initializing finished",
        ),
        (json!({}), "initializing started finished"),
    ] {
        let (cloud, sink) = (Simulated::start().await, FakeSink::start().await);
        cloud.tells(&sink.url()).await;
        cloud.misbehaves(mischief.clone()).await.is(200);
        cloud.run_task("t").await;
        cloud.passes(10).await;
        let got = sink.got();
        let statuses = got[1..]
            .iter()
            .map(|got| got.event["payload"]["status"].as_str());
        let statuses: Vec<&str> = statuses.map(Option::unwrap).collect();
        assert_eq!(statuses.join(" "), told, "{mischief}");
    }
}

#[tokio::test]
async fn what_nobody_can_do_wrong_is_refused() {
    let cloud = Simulated::start().await;
    for wrong in [
        json!({ "lost": 2 }),
        json!({ "tea": 1 }),
        json!({ "latency": 3 }),
    ] {
        cloud.misbehaves(wrong).await.is(400);
    }
    cloud.simulator.misbehave(Mischief {
        next: [418].into(),
        ..Mischief::default()
    });
    cloud.get("v1/balance").await.is(418);
}
