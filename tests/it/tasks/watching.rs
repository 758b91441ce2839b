//! What goes on for too long becomes an event.

use jiff::SignedDuration;
use serde_json::json;

use crate::harness::receiver::Receiver;

/// A receiver with a limit, and with a sink that asks for our own events.
async fn watching(limit: &str) -> Receiver {
    let types = r#"filter = { types = ["tidings.task.stuck", "tidings.webhooks.silent"] }"#;
    Receiver::with(&format!("{types}\n[watch]\n{limit}")).await
}

async fn passes(receiver: &Receiver, minutes: i64) -> usize {
    receiver.clock.advance(SignedDuration::from_mins(minutes));
    receiver.watches().await
}

#[tokio::test]
async fn a_task_that_runs_for_too_long_is_told_once_also_after_a_restart() {
    let receiver = watching(r#"stuck_after = "1h""#).await;
    receiver.cloud.reports("slow", "started").await.accepted();
    receiver.cloud.reports("over", "started").await.accepted();
    receiver.cloud.reports("over", "finished").await.accepted();
    receiver.follow_all().await;
    assert_eq!(passes(&receiver, 59).await, 0);

    receiver.log.expects("Told tidings.task.stuck");
    assert_eq!(passes(&receiver, 2).await, 1);
    assert_eq!(passes(&receiver, 2).await, 0);
    let receiver = receiver.restart().await;
    assert_eq!(passes(&receiver, 1).await, 0);

    receiver.dispatch_all().await;
    let got = receiver.sink.got();
    assert_eq!(got.len(), 1);
    let event = &got[0].event;
    assert_eq!(event["type"], "tidings.task.stuck");
    assert_eq!(event["origin"], "tidings");
    assert_eq!(event["task_id"], "slow");
    assert_eq!(event["occurred_at"], "2026-05-25T10:00:00.000000Z");
    let task = receiver.caller().finds("/tasks/slow").await;
    assert_eq!(task["state"], "running", "we say nothing of how it stands");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn webhooks_that_stay_away_while_a_task_runs_are_told_once_for_each_silence() {
    let receiver = watching(r#"silent_after = "10m""#).await;
    assert_eq!(passes(&receiver, 60).await, 0, "nothing runs");
    receiver.cloud.reports("t", "started").await.accepted();
    receiver.follow_all().await;

    receiver.log.expects("Told tidings.webhooks.silent");
    assert_eq!(passes(&receiver, 9).await, 0);
    assert_eq!(passes(&receiver, 1).await, 1);
    assert_eq!(passes(&receiver, 9).await, 0);
    receiver.cloud.reports("t", "paused").await.accepted();
    receiver.cloud.reports("t", "started").await.accepted();
    receiver.follow_all().await;
    assert_eq!(passes(&receiver, 9).await, 0);
    assert_eq!(passes(&receiver, 1).await, 1);

    receiver.dispatch_all().await;
    let types: Vec<_> = receiver
        .sink
        .got()
        .into_iter()
        .map(|got| got.event["type"].clone())
        .collect();
    assert_eq!(
        types,
        [
            json!("tidings.webhooks.silent"),
            json!("tidings.webhooks.silent")
        ]
    );
    receiver.stop_cleanly().await;
}
