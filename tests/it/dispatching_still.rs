//! Sinks that stand still: paused by somebody.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tidings::delivery::DeliveryState;
use tidings::dispatch::RetryPolicy;
use tidings::dispatch::SinkSettings;
use tidings::dispatch::Step;

use crate::harness::office::Office;
use crate::harness::office::settings;
use crate::harness::office::sink_name;
use crate::harness::scripted::Answer;
use crate::harness::scripted::Scripted;

fn two_sinks() -> (Arc<Scripted>, Arc<Scripted>) {
    let sink = || Scripted::new(|_| Answer::Yes);
    (sink(), sink())
}

async fn pause(office: &Office, sink: &str) {
    let (sink, now) = (sink_name(sink), office.clock_now());
    assert!(office.store.pause(&sink, now).await.unwrap());
}

async fn resume(office: &Office, sink: &str) {
    let (sink, now) = (sink_name(sink), office.clock_now());
    assert!(office.store.resume(&sink, now).await.unwrap());
}

#[tokio::test]
async fn a_paused_sink_is_left_alone_and_no_other() {
    let (one, two) = two_sinks();
    let office = Office::open(vec![
        (settings("one"), Arc::clone(&one)),
        (settings("two"), Arc::clone(&two)),
    ])
    .await;
    pause(&office, "one").await;
    for event in 1..=3 {
        office.hears("task_1", event).await;
    }
    office.delivers().await;
    assert_eq!(one.seen(), [""; 0]);
    assert_eq!(two.seen().len(), 3);

    // It stays so for whoever begins to deliver later.
    let later = office.second_dispatcher();
    assert_eq!(later.step().await.unwrap(), Step::Idle);
    resume(&office, "one").await;
    office.delivers().await;
    assert_eq!(one.seen(), ["task_1/1", "task_1/2", "task_1/3"]);
}

#[tokio::test]
async fn at_a_pause_what_is_in_flight_ends_and_what_stands_in_line_is_given_back() {
    let sink = Scripted::new(|_| Answer::Hang);
    let narrow = SinkSettings {
        concurrency: 1,
        ..settings("backend")
    };
    let office = Office::open(vec![(narrow, Arc::clone(&sink))]).await;
    let in_flight = office.hears("task_1", 1).await;
    let in_line = office.hears("task_2", 1).await;
    office.dispatcher.step().await.unwrap();
    sink.saw(1).await;

    pause(&office, "backend").await;
    sink.release();
    office.dispatcher.settled().await;
    let (delivered, _) = office.delivery(in_flight).await;
    assert_eq!(delivered.state, DeliveryState::Delivered);
    let (waits, attempts) = office.delivery(in_line).await;
    assert_eq!(waits.state, DeliveryState::Pending);
    assert_eq!((waits.attempts, attempts.len()), (0, 0));
    assert_eq!(office.dispatcher.step().await.unwrap(), Step::Idle);
}

#[tokio::test]
async fn a_running_dispatcher_heeds_a_pause_and_a_resumption_at_once() {
    let (one, two) = two_sinks();
    let office = Office::open(vec![
        (settings("one"), Arc::clone(&one)),
        (settings("two"), Arc::clone(&two)),
    ])
    .await;
    let running = office.runs();
    office.hears("task_1", 1).await;
    one.saw(1).await;

    pause(&office, "one").await;
    office.hears("task_1", 2).await;
    two.saw(2).await;
    assert_eq!(one.seen().len(), 1);
    resume(&office, "one").await;
    one.saw(2).await;
    running.stops().await;
}

#[tokio::test]
async fn nothing_loses_patience_while_its_sink_is_paused() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let impatient = SinkSettings {
        retry: RetryPolicy {
            give_up_after: Duration::from_secs(30),
            ..settings("backend").retry
        },
        ..settings("backend")
    };
    let office = Office::open(vec![(impatient, Arc::clone(&sink))]).await;
    let event = office.hears("task_1", 1).await;
    office.delivers().await;

    pause(&office, "backend").await;
    office.delivers_after(SignedDuration::from_hours(1)).await;
    resume(&office, "backend").await;
    office.delivers_after(SignedDuration::from_secs(29)).await;
    let (pending, _) = office.delivery(event).await;
    assert_eq!(pending.state, DeliveryState::Pending);
    office.delivers_after(SignedDuration::from_secs(10)).await;
    let (dead, attempts) = office.delivery(event).await;
    assert_eq!(dead.state, DeliveryState::Dead);
    assert_eq!(attempts.len(), 3);
}
