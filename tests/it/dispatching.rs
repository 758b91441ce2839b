//! How what is owed gets delivered: order, patience and fairness.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use jiff::SignedDuration;
use jiff::Timestamp;
use tidings::clock::SystemClock;
use tidings::delivery::DeliveryState;
use tidings::delivery::Outcome;
use tidings::dispatch::Dispatcher;
use tidings::dispatch::RetryPolicy;
use tidings::dispatch::SinkSettings;
use tidings::rate::Rate;
use tidings::sinks::Sink;
use tidings::store::Changed;
use tidings::store::DeliveryFilter;

use crate::harness::office::Delivering;
use crate::harness::office::Office;
use crate::harness::office::gives_up_after;
use crate::harness::office::settings;
use crate::harness::office::sink_name;
use crate::harness::scripted::Answer;
use crate::harness::scripted::Scripted;
use crate::harness::scripted::n;

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn events_of_one_task_keep_their_order_while_the_first_is_tried_again() {
    let sink = Scripted::new(|outbound| match (n(outbound).as_str(), outbound.attempt) {
        ("1", 1..=2) => Answer::NotNow,
        _ => Answer::Yes,
    });
    let office = Office::with(&sink).await;
    for event in 1..=3 {
        office.hears("task_1", event).await;
    }
    office.hears("task_2", 7).await;

    office.delivers().await;
    assert_eq!(sink.seen(), ["task_1/1", "task_2/7"]);

    office.delivers_after(seconds(5)).await;
    assert_eq!(sink.seen()[2..], ["task_1/1"]);
    office.delivers_after(seconds(9)).await;
    assert_eq!(sink.seen().len(), 3);
    office.delivers_after(seconds(1)).await;
    assert_eq!(sink.seen()[3..], ["task_1/1", "task_1/2", "task_1/3"]);
}

#[tokio::test]
async fn an_event_that_is_refused_stops_blocking() {
    let sink = Scripted::new(|outbound| match n(outbound).as_str() {
        "1" => Answer::Never,
        _ => Answer::Yes,
    });
    let office = Office::with(&sink).await;
    let refused = office.hears("task_1", 1).await;
    office.hears("task_1", 2).await;

    office.delivers().await;

    assert_eq!(sink.seen(), ["task_1/1", "task_1/2"]);
    let (delivery, attempts) = office.delivery(refused).await;
    assert_eq!(delivery.state, DeliveryState::Dead);
    assert_eq!(delivery.reason.as_deref(), Some("refused: not for me"));
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].outcome, Outcome::Refused);
}

#[tokio::test]
async fn a_replay_neither_waits_nor_blocks() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = Office::with(&sink).await;
    let first = office.hears("task_1", 1).await;
    office.delivers().await;

    // The second event fails, so its task has something unsettled.
    sink.now_answers(Answer::NotNow);
    office.hears("task_1", 2).await;
    office.delivers().await;
    let replay = office
        .store
        .replay(first, &[sink_name("backend")], office.clock_now())
        .await
        .unwrap();
    assert_eq!(replay.unwrap().len(), 1);

    // It does not wait for the second, and fails too. The third waits for the second alone.
    office.delivers().await;
    office.hears("task_1", 3).await;
    assert_eq!(sink.seen(), ["task_1/1", "task_1/2", "task_1/1"]);
    sink.now_answers(Answer::Yes);
    office.delivers_after(seconds(5)).await;

    let mut after = sink.seen()[3..].to_vec();
    assert_eq!(after.last().unwrap(), "task_1/3");
    after.sort();
    assert_eq!(after, ["task_1/1", "task_1/2", "task_1/3"]);
}

#[tokio::test]
async fn patience_ends_and_a_dead_letter_can_be_retried() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let impatient = gives_up_after(Duration::from_secs(30));
    let office = Office::open(vec![(impatient, Arc::clone(&sink))]).await;
    let event = office.hears("task_1", 1).await;

    // Tried at 0, 5, 15 and 35 seconds: the last is past the thirty.
    office.delivers().await;
    for wait in [5, 10, 20] {
        office.delivers_after(seconds(wait)).await;
    }
    let (dead, attempts) = office.delivery(event).await;
    assert_eq!(dead.state, DeliveryState::Dead);
    assert_eq!(
        dead.reason.as_deref(),
        Some("given up after 4 tries in 30s: busy")
    );
    assert_eq!(attempts.len(), 4);
    office.delivers_after(seconds(100_000)).await;
    assert_eq!(sink.seen().len(), 4);

    // Retried, it has its whole patience again.
    let changed = office
        .store
        .retry(dead.id, office.clock_now())
        .await
        .unwrap();
    assert!(matches!(changed, Changed::Done(_)));
    office.delivers().await;
    let (pending, _) = office.delivery(event).await;
    assert_eq!(pending.state, DeliveryState::Pending);
    sink.now_answers(Answer::Yes);
    office.delivers_after(seconds(3600)).await;
    let (delivered, attempts) = office.delivery(event).await;
    assert_eq!(delivered.state, DeliveryState::Delivered);
    assert_eq!(attempts.len(), 6);
}

#[tokio::test]
async fn a_sink_that_hangs_delays_no_other_and_its_try_ends_with_its_time() {
    let stuck = Scripted::new(|_| Answer::Hang);
    let quick = Scripted::new(|_| Answer::Yes);
    let narrow = SinkSettings {
        concurrency: 1,
        timeout: Duration::from_millis(500),
        ..settings("stuck")
    };
    let office = Office::open(vec![
        (narrow, Arc::clone(&stuck)),
        (settings("quick"), Arc::clone(&quick)),
    ])
    .await;
    let mut first = None;
    for task in 0..50 {
        let event = office.hears(&format!("task_{task}"), 1).await;
        first.get_or_insert(event);
    }
    let running = office.runs();

    quick.saw(50).await;
    assert!(stuck.seen().len() <= 1);
    // The second begins when the time of the first is up.
    stuck.saw(2).await;
    running.stops().await;

    let deliveries = office.deliveries(first.unwrap()).await;
    let (_, attempts) = deliveries
        .iter()
        .find(|(delivery, _)| delivery.sink == sink_name("stuck"))
        .unwrap();
    assert_eq!(attempts[0].error.as_deref(), Some("no answer within 500ms"));
}

#[tokio::test]
async fn a_sink_that_panics_has_failed_like_any_other() {
    let sink = Scripted::new(|outbound| match outbound.attempt {
        1 => Answer::Panic,
        _ => Answer::Yes,
    });
    let office = Office::with(&sink).await;
    let event = office.hears("task_1", 1).await;

    office.delivers().await;
    office.delivers_after(seconds(5)).await;

    let (delivery, attempts) = office.delivery(event).await;
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert_eq!(
        attempts[0].error.as_deref(),
        Some("the sink failed inside Tidings: the script says so")
    );
}

#[tokio::test]
async fn what_is_stored_while_nothing_is_due_is_delivered_and_failures_are_tried_again() {
    let sink = Scripted::new(|outbound| match outbound.attempt {
        1 => Answer::NotNow,
        _ => Answer::Yes,
    });
    let office = Office::with(&sink).await;
    let hasty = SinkSettings {
        retry: RetryPolicy {
            first: Duration::from_millis(20),
            ..settings("backend").retry
        },
        ..settings("backend")
    };
    let sinks = vec![(hasty, Arc::clone(&sink) as Arc<dyn Sink>)];
    // By the real time: nothing rings when a failure is due again.
    let dispatcher = Dispatcher::new(Arc::clone(&office.store), sinks, Arc::new(SystemClock));
    let running = Delivering::begin(Arc::new(dispatcher));

    office.hears("task_1", 1).await;
    sink.saw(2).await;
    office.hears("task_1", 2).await;
    sink.saw(4).await;

    running.stops().await;
    let seen = sink.seen();
    assert_eq!(seen, ["task_1/1", "task_1/1", "task_1/2", "task_1/2"]);
}

/// How many of these moments lie in the busiest second.
fn busiest_second(moments: &[Timestamp]) -> usize {
    let within = |from: &Timestamp| {
        let end = *from + seconds(1);
        moments
            .iter()
            .filter(|at| (*from..end).contains(*at))
            .count()
    };
    moments.iter().map(within).max().unwrap_or_default()
}

#[tokio::test]
async fn a_sink_with_a_rate_gets_no_more_than_that_in_any_second_and_no_less() {
    let moments = Arc::new(Mutex::new(Vec::new()));
    let begun = Arc::clone(&moments);
    let paced = Scripted::new(move |outbound| {
        begun.lock().unwrap().push(outbound.sent_at);
        Answer::Yes
    });
    let other = Scripted::new(|_| Answer::Yes);
    let rate = Some("5/s".parse().unwrap());
    let office = Office::open(vec![
        (
            SinkSettings {
                rate,
                ..settings("paced")
            },
            Arc::clone(&paced),
        ),
        (settings("other"), Arc::clone(&other)),
    ])
    .await;
    for task in 0..40 {
        office.hears(&format!("task_{task}"), 1).await;
    }

    office.delivers().await;
    assert_eq!((paced.seen().len(), other.seen().len()), (5, 40));
    // What waits for its turn is in nobody's hands.
    let leased = DeliveryFilter {
        states: vec![DeliveryState::Leased],
        ..DeliveryFilter::default()
    };
    assert_eq!(office.find(&leased).await.len(), 0);
    for _ in 0..70 {
        office
            .delivers_after(SignedDuration::from_millis(100))
            .await;
    }
    assert_eq!(paced.seen().len(), 40);
    assert_eq!(busiest_second(&moments.lock().unwrap()), 5);
}

#[tokio::test]
async fn a_dispatcher_wakes_for_the_next_that_a_rate_allows() {
    let sink = Scripted::new(|_| Answer::Yes);
    let rate = Some(Rate {
        times: NonZeroU32::new(4).unwrap(),
        per: Duration::from_millis(40),
    });
    let office = Office::with(&sink).await;
    let sinks = vec![(
        SinkSettings {
            rate,
            ..settings("backend")
        },
        Arc::clone(&sink) as Arc<dyn Sink>,
    )];
    for task in 0..20 {
        office.hears(&format!("task_{task}"), 1).await;
    }
    // By the real time: nothing rings when the rate allows more.
    let dispatcher = Dispatcher::new(Arc::clone(&office.store), sinks, Arc::new(SystemClock));
    let began = Instant::now();
    let running = Delivering::begin(Arc::new(dispatcher));
    sink.saw(20).await;
    assert!(began.elapsed() >= Duration::from_millis(160));
    running.stops().await;
}
