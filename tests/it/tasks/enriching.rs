//! Sinks that get the task with the news of its end.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use tidings::routing::Filter;
use tidings::samples::samples_with_tasks;

use crate::harness::linked::Linked;
use crate::harness::receiver::Receiver;
use crate::harness::sink::Got;

/// A key that may do everything, and one version of the API to ask.
const KEY: &str = "api_key = \"a key\"\nversions = [\"v2\"]";

/// A receiver whose sink wants the task.
async fn enriching(settings: &str) -> Linked {
    Linked::with_sink("enrich = \"task\"", settings).await
}

/// Starts a v2 task, lets it end, and has all delivered that does not wait.
async fn ended(linked: &mut Linked, task: &str) -> String {
    let made = linked.cloud.post("v2/tasks", json!({ "task": task })).await;
    let id = made.is(202)["id"].as_str().expect("an id").to_owned();
    linked.passes(11).await;
    linked.receiver.dispatch_all().await;
    linked.asked();
    id
}

/// What the sink got with status `finished`, each time.
fn ends(receiver: &Receiver) -> Vec<Value> {
    let got = receiver.sink.got().into_iter().map(|got| got.event);
    got.filter(|event| event["status"] == "finished").collect()
}

#[tokio::test]
async fn the_news_of_an_end_comes_with_what_no_webhook_tells() {
    let mut linked = enriching(KEY).await;
    let id = ended(&mut linked, "look").await;
    let early = linked.receiver.sink.got();
    assert!(!early.is_empty() && ends(&linked.receiver).is_empty());
    for got in early {
        assert_eq!(got.event.get("task"), None, "what goes on is sent as it is");
    }

    linked.receiver.enrich_and_dispatch().await;
    let [event] = &ends(&linked.receiver)[..] else {
        panic!("the end was sent once");
    };
    assert_eq!(event["task_unavailable"], Value::Null);
    let task = &event["task"];
    assert_eq!(task["output"], "Done: look");
    assert_eq!(
        (&task["outcome"], &task["cost"]),
        (&json!("success"), &json!("0.03"))
    );
    assert_eq!(task["output_files"], json!(["result.txt"]));
    assert_eq!(task.get("live_url"), None);
    assert_eq!(linked.asked(), [format!("GET /api/v2/tasks/{id}")]);

    // The API shows the same task, and does not have to ask for it.
    let caller = linked.receiver.caller();
    let known = caller.finds(&format!("/tasks/{id}")).await;
    for (name, value) in known.as_object().expect("an object") {
        if name != "fresh_unavailable" {
            assert_eq!(task[name], *value, "{name}");
        }
    }
    assert_eq!(linked.asked().len(), 0);

    let file = &task["files"][0];
    assert_eq!(file["name"], "result.txt");
    let url = file["url"].as_str().expect("an address");
    assert_eq!(caller.gets(url).await.status, 200);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_server_looks_up_by_itself_when_a_task_has_ended() {
    let linked = enriching(KEY).await;
    let end = async {
        let made = linked.cloud.post("v2/tasks", json!({ "task": "t" })).await;
        made.is(202);
        linked.passes(11).await;
        let is_end = |got: &Got| got.event["status"] == "finished";
        linked
            .receiver
            .sink
            .until(|got| got.iter().any(is_end))
            .await;
    };
    linked.receiver.dispatch_until(end).await;
    linked.receiver.dispatch_all().await;
    let events = ends(&linked.receiver);
    assert_eq!(events[0]["task"]["output"], "Done: t");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_output_that_lags_is_waited_for_and_no_attempt_counted() {
    let mut linked = enriching(KEY).await;
    linked
        .cloud
        .misbehaves(json!({ "output_lag": "10s" }))
        .await
        .is(200);
    ended(&mut linked, "t").await;
    for _ in 0..3 {
        linked.receiver.enrich_and_dispatch().await;
        linked.passes(2).await;
    }
    assert_eq!(ends(&linked.receiver).len(), 0);
    assert_eq!(linked.asked().len(), 3);
    let waiting = linked.receiver.deliveries().await;
    assert_snapshot!(waiting.lines().last().unwrap_or_default(), @"backend: pending, next in 53 s");

    linked.passes(4).await;
    linked.receiver.enrich_and_dispatch().await;
    let [event] = &ends(&linked.receiver)[..] else {
        panic!("the end was sent once");
    };
    assert_eq!(event["task"]["output"], "Done: t");
    let delivered = linked.receiver.deliveries().await;
    assert_snapshot!(delivered.lines().last().unwrap_or_default(), @"backend: delivered after 1 attempt");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_output_that_does_not_come_in_time_is_told_as_missing() {
    let mut linked = enriching(KEY).await;
    linked
        .cloud
        .misbehaves(json!({ "output_lag": "1h" }))
        .await
        .is(200);
    ended(&mut linked, "t").await;
    linked.receiver.enrich_and_dispatch().await;
    linked.passes(60).await;
    linked.receiver.dispatch_all().await;
    let events = ends(&linked.receiver);
    let task = &events[0]["task"];
    assert_eq!(
        (&task["state"], &task["output"]),
        (&json!("finished"), &Value::Null)
    );
    assert_snapshot!(task["output_unavailable"], @r#""Browser Use does not have it yet""#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn while_the_api_is_down_the_event_goes_out_thin_in_time_and_stays_so() {
    let mut linked = enriching(KEY).await;
    let id = ended(&mut linked, "t").await;
    // One question is sent four times before it is given up.
    linked
        .cloud
        .misbehaves(json!({ "next": [503, 503, 503, 503] }))
        .await
        .is(200);
    linked.receiver.enrich_and_dispatch().await;
    linked.passes(58).await;
    linked.receiver.dispatch_all().await;
    assert_eq!(ends(&linked.receiver).len(), 0);

    linked.receiver.sink.answers(503);
    linked.receiver.log.expects("trying again");
    linked.passes(2).await;
    linked.receiver.dispatch_all().await;
    linked.receiver.sink.answers(200);
    linked.passes(5).await;
    linked.receiver.enrich_and_dispatch().await;
    let events = ends(&linked.receiver);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0], events[1], "what is sent stays the same");
    let event = &events[0];
    assert_eq!(event["task"], Value::Null);
    let why = event["task_unavailable"].to_string().replace(&id, "ID");
    assert_snapshot!(why, @r#""GET /api/v2/tasks/ID: Browser Use is down or cannot be reached (503 Service Unavailable: Service Unavailable): try again later""#);

    linked
        .receiver
        .replay(event["id"].as_str().expect("an id"))
        .await;
    linked.receiver.dispatch_all().await;
    assert_eq!(ends(&linked.receiver)[2], *event);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn where_nobody_can_be_asked_the_event_goes_out_thin_at_once() {
    let mut linked = enriching("").await;
    let id = ended(&mut linked, "t").await;
    linked.receiver.enrich_and_dispatch().await;
    let event = &ends(&linked.receiver)[0];
    assert_eq!(event["task"], Value::Null);
    let why = event["task_unavailable"].to_string().replace(&id, "ID");
    assert_snapshot!(why, @r#""GET /api/v2/tasks/ID: there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment""#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_task_that_waits_for_its_look_up_holds_up_no_other() {
    let mut linked = enriching(KEY).await;
    ended(&mut linked, "t").await;
    linked
        .receiver
        .cloud
        .reports("other", "started")
        .await
        .accepted();
    linked.receiver.dispatch_all().await;
    let got = linked.receiver.sink.got();
    assert_eq!(
        got.last().expect("something came").event["task_id"],
        "other"
    );
    assert_eq!(ends(&linked.receiver).len(), 0);

    linked.receiver.enrich_and_dispatch().await;
    assert_eq!(ends(&linked.receiver).len(), 1);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn events_of_a_task_keep_their_order_around_the_one_that_waits_for_its_look_up() {
    let down = json!({ "next": vec![503; 4] });
    for (mischief, seconds, is_known) in [
        (json!({ "output_lag": "10s" }), 10, true),
        (down, 60, false),
    ] {
        let mut linked = enriching(KEY).await;
        if is_known {
            linked.cloud.misbehaves(mischief.clone()).await.is(200);
        }
        let id = ended(&mut linked, "t").await;
        if !is_known {
            linked.cloud.misbehaves(mischief).await.is(200);
        }
        // What comes late of the same task stands behind its end.
        linked.receiver.hears(&id, "paused").await;
        linked.receiver.enrich_and_dispatch().await;
        let words = || {
            let got = linked.receiver.sink.got().into_iter();
            let word = |got: Got| got.event["status"].as_str().map(str::to_owned);
            got.filter_map(word).collect::<Vec<_>>().join(", ")
        };
        let before = words();
        assert!(before.starts_with("started"), "{before}");
        assert!(!before.contains("finished") && !before.contains("paused"));
        let stand = linked.receiver.deliveries().await;
        let waiting: Vec<&str> = stand.lines().rev().take(2).collect();
        assert_eq!(waiting[0], "backend: waiting", "{stand}");
        assert!(
            waiting[1].starts_with("backend: pending, next in "),
            "{stand}"
        );

        linked.passes(seconds).await;
        if is_known {
            linked.receiver.enrich_and_dispatch().await;
        } else {
            linked.receiver.dispatch_all().await;
        }
        assert_eq!(words(), format!("{before}, finished, paused"));
        let stand = linked.receiver.deliveries().await;
        for line in stand.lines() {
            assert_eq!(line, "backend: delivered after 1 attempt");
        }
        let end = &ends(&linked.receiver)[0];
        assert_eq!(end["task"].is_object(), is_known);
        let why = end["task_unavailable"].as_str().unwrap_or_default();
        assert_eq!(why.contains("Browser Use is down"), !is_known, "{why}");
        linked.receiver.stop_cleanly().await;
    }
}

#[tokio::test]
async fn a_sample_of_a_task_has_what_a_real_one_has() {
    let mut linked = enriching(KEY).await;
    ended(&mut linked, "t").await;
    linked.receiver.enrich_and_dispatch().await;
    let names = |task: &Value| -> Vec<String> {
        task.as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    let real = names(&ends(&linked.receiver)[0]["task"]);
    let mut tried = 0;
    for sample in samples_with_tasks(&Filter::default()) {
        if let Some(task) = sample.enrichment.and_then(|enrichment| enrichment.task) {
            let task: Value = serde_json::from_str(task.get()).expect("JSON");
            assert_eq!(names(&task), real, "{}", sample.what);
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
    linked.receiver.stop_cleanly().await;
}

/// A receiver whose sink wants the task, and the news of an end only by what came of it.
async fn filtering(task_filter: &str, settings: &str) -> Linked {
    let keys = format!("enrich = \"task\"\nfilter = {{ task = {{ {task_filter} }} }}");
    Linked::with_sink(&keys, settings).await
}

#[tokio::test]
async fn an_end_that_is_not_wanted_by_its_task_is_discarded_without_an_attempt() {
    let mut linked = filtering("outcome = \"failure\"", KEY).await;
    let id = ended(&mut linked, "t").await;
    // What comes after it for the same task waits behind it, and then goes on.
    linked.receiver.hears(&id, "resumed").await;
    linked.receiver.dispatch_all().await;
    let before = linked.receiver.sink.got().len();

    linked.receiver.enrich_and_dispatch().await;
    let got = linked.receiver.sink.got();
    assert_eq!(ends(&linked.receiver).len(), 0);
    assert_eq!(got.len(), before + 1);
    assert_eq!(got[before].event["status"], "resumed");
    let caller = linked.receiver.caller();
    let discarded = &caller.finds("/deliveries?state=discarded").await["data"];
    assert_eq!(discarded.as_array().map(Vec::len), Some(1));
    assert_eq!(discarded[0]["reason"], "filtered");
    assert_eq!(discarded[0]["attempts"], 0);

    // Who asks for it once more gets it.
    let event = discarded[0]["event_id"].as_str().expect("an id");
    let path = format!("/api/v1/events/{event}/replay");
    caller
        .calls(Method::POST, &path, &json!({ "sinks": ["backend"] }))
        .await;
    linked.receiver.dispatch_all().await;
    assert_eq!(ends(&linked.receiver).len(), 1);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_end_that_is_wanted_by_its_task_is_sent() {
    let wanted = "outcome = \"success\", state = \"finished\", \
                  when = 'task.cost and task.cost | float > 0.01'";
    let mut linked = filtering(wanted, KEY).await;
    ended(&mut linked, "t").await;
    linked.receiver.enrich_and_dispatch().await;
    assert_eq!(ends(&linked.receiver).len(), 1);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_end_whose_task_could_not_be_had_is_kept_from_nobody() {
    let mut linked = filtering("outcome = \"failure\"", "").await;
    ended(&mut linked, "t").await;
    linked.receiver.enrich_and_dispatch().await;
    let event = &ends(&linked.receiver)[0];
    assert_eq!(event["task"], Value::Null);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_was_tried_once_is_owed_whatever_its_filter_says_by_then() {
    let mut linked = enriching(KEY).await;
    ended(&mut linked, "t").await;
    linked.receiver.sink.answers(503);
    linked.receiver.log.expects("trying again");
    linked.receiver.enrich_and_dispatch().await;
    assert_eq!(ends(&linked.receiver).len(), 1);

    let linked = linked
        .changed_to(|config| {
            let filter = toml::from_str("task = { outcome = \"failure\" }");
            config.sinks[0].common.filter = filter.expect("a filter");
        })
        .await;
    linked.receiver.sink.answers(200);
    linked.passes(5).await;
    linked.receiver.dispatch_all().await;
    assert_eq!(ends(&linked.receiver).len(), 2);
    linked.receiver.stop_cleanly().await;
}
