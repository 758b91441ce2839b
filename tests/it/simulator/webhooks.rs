//! Webhooks: the words of each era, the test ping, retries, and a real receiver at the other end.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use tidings::event::SignatureForm;
use tidings::simulator::Era;
use tidings::simulator::Options;
use tidings::simulator::TimeStyle;
use tidings::store::EventFilter;
use tidings::store::Order;
use tidings::store::Slice;

use crate::harness::cloud::SECRET;
use crate::harness::receiver::Receiver;
use crate::harness::simulated::Simulated;
use crate::harness::sink::FakeSink;

/// The bodies that came after the test ping.
fn bodies(sink: &FakeSink) -> Vec<Value> {
    sink.got()
        .into_iter()
        .skip(1)
        .map(|got| got.event)
        .collect()
}

/// The statuses that were told.
fn statuses(sink: &FakeSink) -> Vec<String> {
    let status = |body: &Value| {
        let status = body["payload"]["status"]
            .as_str()
            .or(body["status"].as_str());
        status.unwrap().to_owned()
    };
    bodies(sink).iter().map(status).collect()
}

#[tokio::test]
async fn the_test_ping_comes_first_word_for_word() {
    let (cloud, sink) = (Simulated::start().await, FakeSink::start().await);
    cloud.tells(&sink.url()).await;
    let got = sink.got();
    let ping = json!({
        "type": "test",
        "timestamp": "2024-03-21T12:00:00Z",
        "payload": { "test": "ok" },
    });
    assert_eq!(got[0].event, ping);
    assert_eq!(got[0].header("x-browser-use-timestamp"), Some("1779699600"));
    assert_eq!(got[0].header("x-browser-use-signature").unwrap().len(), 64);
}

#[tokio::test]
async fn a_webhook_is_registered_by_the_control_route_only_if_its_ping_is_taken() {
    let (cloud, sink) = (Simulated::start().await, FakeSink::start().await);
    let register = async || {
        let body = json!({ "url": sink.url(), "secret": SECRET });
        let request = cloud.stranger(Method::POST, "/simulator/webhook");
        Simulated::answer(request.json(&body)).await
    };
    sink.answers(403);
    register().await.is(400);
    sink.answers(200);
    assert_eq!(register().await.is(200)["status"], 200);
    cloud.run_task("t").await;
    cloud.simulator.settle().await;
    assert_eq!(sink.got().len(), 3);
}

#[tokio::test]
async fn each_version_has_its_own_words() {
    let (cloud, sink) = (Simulated::start().await, FakeSink::start().await);
    cloud.tells(&sink.url()).await;
    let from = async |path: &str, asked: Value| {
        let before = bodies(&sink).len();
        cloud.post(path, asked).await;
        cloud.passes(10).await;
        statuses(&sink)[before..].join(" ")
    };
    let task = |text: &str| json!({ "task": text });
    let fails = || task("simulate:fails");
    assert_eq!(
        from("v1/run-task", task("t")).await,
        "initializing started finished"
    );
    assert_eq!(
        from("v1/run-task", fails()).await,
        "initializing started failed"
    );
    assert_eq!(from("v2/tasks", task("t")).await, "started finished");
    assert_eq!(from("v3/sessions", task("t")).await, "running stopped");
    assert_eq!(from("v3/sessions", fails()).await, "running error");
    let keeps = json!({ "task": "t", "keepAlive": true });
    assert_eq!(from("v3/sessions", keeps).await, "running idle");
    assert_eq!(from("v4/runs", task("t")).await, "");

    let all = bodies(&sink);
    assert_eq!(all[0]["type"], "agent.task.status_update");
    assert_eq!(all[0]["timestamp"], "2026-05-25T09:00:00.000000+00:00");
    let session = all
        .iter()
        .find(|body| body["payload"]["status"] == "running");
    let session = session.unwrap();
    assert_eq!(session["type"], "session.status.update");
    assert_eq!(
        session["payload"].as_object().unwrap().len(),
        2,
        "{session}"
    );
}

#[tokio::test]
async fn an_era_can_be_chosen_for_all() {
    let options = Options {
        era: Some(Era::Flat),
        ..Options::default()
    };
    let (cloud, sink) = (Simulated::with(options).await, FakeSink::start().await);
    cloud.tells(&sink.url()).await;
    assert_eq!(sink.got()[0].event, json!({ "test": "ok" }));
    let made = cloud.post("v4/runs", json!({ "task": "t" })).await.is(200);
    cloud.simulator.settle().await;
    let flat = json!({
        "session_id": made["sessionId"],
        "task_id": made["id"],
        "status": "initializing",
    });
    assert_eq!(bodies(&sink), [flat]);
}

#[tokio::test]
async fn stop_pause_and_resume_are_told() {
    let (cloud, sink) = (Simulated::start().await, FakeSink::start().await);
    cloud.tells(&sink.url()).await;
    let id = cloud.run_task("simulate:endless").await;
    cloud.passes(3).await;
    for word in ["pause", "resume", "stop"] {
        let path = format!("v1/{word}-task?task_id={id}");
        cloud.call(Method::PUT, &path, None).await.is(200);
        cloud.simulator.settle().await;
    }
    let told = ["initializing", "started", "paused", "started", "stopped"];
    assert_eq!(statuses(&sink), told);
}

#[tokio::test]
async fn the_stop_of_a_session_is_told_whether_something_ran_in_it_or_not() {
    let (cloud, sink) = (Simulated::start().await, FakeSink::start().await);
    cloud.tells(&sink.url()).await;
    let stops = async |asked: Value, strategies: &[&str]| {
        let before = bodies(&sink).len();
        let made = cloud.post("v3/sessions", asked).await.is(200);
        cloud.passes(3).await;
        let path = format!("v3/sessions/{}/stop", made["id"].as_str().unwrap());
        for strategy in strategies {
            cloud
                .post(&path, json!({ "strategy": strategy }))
                .await
                .is(200);
        }
        cloud.simulator.settle().await;
        statuses(&sink)[before..].join(" ")
    };
    let endless = || json!({ "task": "simulate:endless", "keepAlive": true });
    let told = stops(endless(), &["session", "session"]).await;
    assert_eq!(told, "running stopped");
    let told = stops(endless(), &["task", "session"]).await;
    assert_eq!(told, "running idle stopped");
    let told = stops(json!({}), &["session"]).await;
    assert_eq!(told, "stopped", "of a session in which nothing ever ran");
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_five_times_and_signed_anew() {
    let (cloud, sink) = (Simulated::start().await, FakeSink::start().await);
    cloud.tells(&sink.url()).await;
    sink.answers(503);
    let id = cloud.run_task("simulate:endless").await;
    cloud.simulator.settle().await;
    let path = format!("v1/stop-task?task_id={id}");
    sink.answers(200);
    cloud.call(Method::PUT, &path, None).await.is(200);
    cloud.simulator.settle().await;
    assert_eq!(statuses(&sink), ["initializing", "stopped"]);

    sink.answers(503);
    cloud.passes(120).await;
    let sent: Vec<_> = sink.got().into_iter().skip(3).collect();
    let times: Vec<i64> = sent
        .iter()
        .map(|got| {
            got.header("x-browser-use-timestamp")
                .unwrap()
                .parse::<i64>()
                .unwrap()
        })
        .map(|time| time - 1_779_699_600)
        .collect();
    assert_eq!(times, [1, 3, 7, 15, 31]);
    assert!(
        sent.iter()
            .all(|got| got.event["payload"]["status"] == "initializing")
    );
}

#[tokio::test]
async fn a_real_receiver_takes_every_form_and_both_ways_to_write_the_time() {
    for form in [
        SignatureForm::Python,
        SignatureForm::Utf8,
        SignatureForm::Raw,
    ] {
        for time in [TimeStyle::UnixSeconds, TimeStyle::Iso] {
            let receiver = Receiver::start().await;
            let options = Options {
                form,
                time,
                ..Options::default()
            };
            let cloud = Simulated::with(options).await;
            cloud
                .tells(&format!("http://{}/webhook", receiver.address()))
                .await;
            let text = json!({ "task": "t", "metadata": { "city": "München 😀" } });
            cloud.post("v1/run-task", text).await.is(200);
            cloud.passes(10).await;

            let slice = Slice {
                order: Order::Ascending,
                after: None,
                limit: 10,
            };
            let page = receiver
                .store()
                .events(&EventFilter::default(), slice)
                .await;
            let events = page.unwrap().items;
            let told: Vec<String> = events
                .iter()
                .filter_map(|record| record.event.facts.status.clone())
                .map(|status| status.to_string())
                .collect();
            assert_eq!(
                told,
                ["initializing", "started", "finished"],
                "{form} {time:?}"
            );
            receiver.clock.advance(SignedDuration::from_secs(1));
            receiver.stop_cleanly().await;
        }
    }
}
