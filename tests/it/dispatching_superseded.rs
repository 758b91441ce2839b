//! Statuses that were overtaken before they could be sent.

use std::sync::Arc;

use tidings::delivery::DeliveryState;
use tidings::dispatch::SinkSettings;
use tidings::dispatch::Superseded;
use tidings::event::EventId;

use crate::harness::office::Office;
use crate::harness::office::settings;
use crate::harness::office::sink_name;
use crate::harness::scripted::Answer;
use crate::harness::scripted::Scripted;

/// An office whose one sink skips what was overtaken.
async fn office(sink: &Arc<Scripted>) -> Office {
    let skips = SinkSettings {
        superseded: Superseded::Skip,
        ..settings("backend")
    };
    Office::open(vec![(skips, Arc::clone(sink))]).await
}

/// How the deliveries of an event stand, with the reason.
async fn stands(office: &Office, event: EventId) -> (DeliveryState, Option<String>) {
    let (delivery, attempts) = office.delivery(event).await;
    assert_eq!(delivery.attempts as usize, attempts.len());
    (delivery.state, delivery.reason)
}

fn skipped() -> (DeliveryState, Option<String>) {
    (DeliveryState::Discarded, Some("superseded".to_owned()))
}

#[tokio::test]
async fn of_several_statuses_only_the_last_is_sent() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = office(&sink).await;
    let mut events = Vec::new();
    for (n, status) in ["created", "started", "paused", "started"]
        .into_iter()
        .enumerate()
    {
        events.push(office.hears_status("task_1", n, status).await);
    }
    office.hears("task_2", 7).await;
    office.delivers().await;

    let mut seen = sink.seen();
    seen.sort();
    assert_eq!(seen, ["task_1/3", "task_2/7"]);
    for event in &events[..3] {
        assert_eq!(stands(&office, *event).await, skipped());
    }
}

#[tokio::test]
async fn what_comes_after_the_end_of_a_task_is_late_and_the_end_is_always_sent() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = office(&sink).await;
    office.hears_status("task_1", 1, "finished").await;
    let late = office.hears_status("task_1", 2, "started").await;
    // The same end in other words: it owes nothing, and must not take the place of the first.
    office.hears_status("task_1", 3, "stopped").await;
    office.delivers().await;

    assert_eq!(sink.seen(), ["task_1/1"]);
    assert_eq!(stands(&office, late).await, skipped());
}

#[tokio::test]
async fn what_was_tried_is_tried_again_though_it_was_overtaken_since() {
    let sink = Scripted::new(|outbound| match outbound.attempt {
        1 => Answer::NotNow,
        _ => Answer::Yes,
    });
    let office = office(&sink).await;
    let tried = office.hears("task_1", 1).await;
    office.delivers().await;
    office.hears_status("task_1", 2, "paused").await;
    office
        .delivers_after(jiff::SignedDuration::from_secs(5))
        .await;
    let (state, _) = stands(&office, tried).await;
    assert_eq!(state, DeliveryState::Delivered);
}

#[tokio::test]
async fn what_somebody_asks_for_is_sent_though_it_was_overtaken() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = office(&sink).await;
    let first = office.hears("task_1", 1).await;
    office.hears_status("task_1", 2, "paused").await;
    office.delivers().await;
    let (discarded, _) = office.delivery(first).await;
    assert_eq!(sink.seen(), ["task_1/2"]);

    // Asked for by its delivery, and by its event.
    let now = office.clock_now();
    office.store.retry(discarded.id, now).await.unwrap();
    office.delivers().await;
    let backend = [sink_name("backend")];
    office.store.replay(first, &backend, now).await.unwrap();
    office.delivers().await;
    assert_eq!(sink.seen()[1..], ["task_1/1", "task_1/1"]);
}

#[tokio::test]
async fn without_the_setting_everything_is_sent() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = Office::with(&sink).await;
    for (n, status) in ["created", "started", "finished"].into_iter().enumerate() {
        office.hears_status("task_1", n, status).await;
    }
    office.delivers().await;
    assert_eq!(sink.seen(), ["task_1/0", "task_1/1", "task_1/2"]);
}
