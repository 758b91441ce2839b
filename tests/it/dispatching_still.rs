//! Sinks that stand still: paused by somebody, or left alone by their breaker.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tidings::delivery::DeliveryState;
use tidings::dispatch::BreakerPolicy;
use tidings::dispatch::SinkSettings;
use tidings::dispatch::Step;

use crate::harness::log::Log;
use crate::harness::office::Office;
use crate::harness::office::gives_up_after;
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
    let impatient = gives_up_after(Duration::from_secs(30));
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

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// Events of this many tasks, one each.
async fn hears_of(office: &Office, tasks: usize) {
    for task in 0..tasks {
        office.hears(&format!("task_{task}"), 1).await;
    }
}

/// Since when the breaker of `backend` is open, and when the next probe is due, by the store.
fn breaker(office: &Office) -> Option<(i64, i64)> {
    let standings = office.store.standings();
    let open = standings.borrow().get(&sink_name("backend"))?.open?;
    let ago = |then| office.clock_now().duration_since(then).as_secs();
    Some((ago(open.since), -ago(open.probe_at)))
}

#[tokio::test]
async fn a_sink_that_fails_again_and_again_is_left_alone_but_for_probes() {
    let log = Log::listen();
    let sink = Scripted::new(|_| Answer::NotNow);
    let office = Office::with(&sink).await;
    hears_of(&office, 100).await;
    office.delivers().await;
    // Those that were under way when the tenth failed may have come on top.
    let until_it_opened = sink.seen().len();
    assert!((10..14).contains(&until_it_opened), "{until_it_opened}");
    assert_eq!(breaker(&office), Some((0, 10)));

    office.delivers_after(seconds(9)).await;
    assert_eq!(sink.seen().len(), until_it_opened);
    office.delivers_after(seconds(1)).await;
    assert_eq!(sink.seen().len(), until_it_opened + 1);
    assert_eq!(breaker(&office), Some((10, 20)));
    office.delivers_after(seconds(20)).await;
    assert_eq!(sink.seen().len(), until_it_opened + 2);

    // Told once. What had failed before was told each time.
    log.expects("trying again");
    log.expects("Sink `backend` failed 10 times in a row: it is left alone, but for a probe");
    log.is_as_expected();
}

#[tokio::test]
async fn once_it_answers_everything_goes_on_at_once_and_in_order() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let office = Office::with(&sink).await;
    for event in 1..=3 {
        for task in 0..20 {
            office.hears(&format!("task_{task}"), event).await;
        }
    }
    // Some have failed more than once by the time it opens, and would wait for long.
    for _ in 0..3 {
        office.delivers_after(seconds(10)).await;
    }
    let tried = sink.seen().len();

    sink.now_answers(Answer::Yes);
    office.delivers_after(seconds(300)).await;
    assert_eq!(breaker(&office), None);
    let accepted = sink.seen().split_off(tried);
    assert_eq!(accepted.len(), 60);
    for task in 0..20 {
        let prefix = format!("task_{task}/");
        let of_task: Vec<_> = accepted
            .iter()
            .filter_map(|seen| seen.strip_prefix(&prefix))
            .collect();
        assert_eq!(of_task, ["1", "2", "3"]);
    }
}

#[tokio::test]
async fn what_stands_in_line_when_a_breaker_opens_is_given_back_and_not_counted() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let touchy = SinkSettings {
        concurrency: 1,
        breaker: BreakerPolicy {
            failures: 1,
            ..BreakerPolicy::default()
        },
        ..settings("backend")
    };
    let office = Office::open(vec![(touchy, Arc::clone(&sink))]).await;
    let mut events = Vec::new();
    for task in 0..4 {
        events.push(office.hears(&format!("task_{task}"), 1).await);
    }
    office.delivers().await;
    assert_eq!(sink.seen(), ["task_0/1"]);
    for event in events.split_off(1) {
        let (delivery, attempts) = office.delivery(event).await;
        assert_eq!(delivery.state, DeliveryState::Pending);
        assert_eq!((delivery.attempts, attempts.len()), (0, 0));
    }
}

#[tokio::test]
async fn a_sink_that_refuses_is_alive() {
    let sink = Scripted::new(|_| Answer::Never);
    let office = Office::with(&sink).await;
    hears_of(&office, 50).await;
    office.delivers().await;
    assert_eq!(sink.seen().len(), 50);
    assert_eq!(breaker(&office), None);
}

#[tokio::test]
async fn what_cannot_be_sent_says_nothing_about_the_sink() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let office = Office::with(&sink).await;
    hears_of(&office, 50).await;
    office.delivers().await;
    let tried = sink.seen().len();
    assert!(breaker(&office).is_some());

    sink.now_answers(Answer::Unsendable);
    office.delivers_after(seconds(300)).await;
    assert_eq!(sink.seen().len(), tried + 50, "one probe after the other");
    assert!(breaker(&office).is_some(), "nobody knows that it is back");
    sink.now_answers(Answer::Yes);
    office.hears("another", 1).await;
    office.delivers().await;
    assert_eq!(breaker(&office), None);
}

#[tokio::test]
async fn after_a_restart_a_sink_that_failed_is_met_by_one_probe() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let office = Office::with(&sink).await;
    hears_of(&office, 50).await;
    office.delivers().await;
    let before = sink.seen().len();

    let next = office.second_dispatcher();
    for _ in 0..3 {
        next.step().await.unwrap();
        next.settled().await;
    }
    assert_eq!(sink.seen().len(), before + 1);
}

#[tokio::test]
async fn nothing_loses_patience_while_its_sink_is_left_alone() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let impatient = gives_up_after(Duration::from_secs(30));
    let office = Office::open(vec![(impatient, Arc::clone(&sink))]).await;
    hears_of(&office, 20).await;
    for _ in 0..36 {
        office.delivers_after(seconds(100)).await;
    }
    let (backend, now) = (sink_name("backend"), office.clock_now());
    let stats = office.store.sink_stats(&backend, now).await.unwrap();
    assert_eq!((stats.dead, stats.pending), (0, 20));
}
