//! Sinks that take several events at once: what goes together, and what becomes of it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::delivery::Delivery;
use tidings::delivery::DeliveryState;
use tidings::delivery::Outcome;
use tidings::dispatch::BatchPolicy;
use tidings::dispatch::BreakerPolicy;
use tidings::dispatch::Dispatcher;
use tidings::dispatch::SinkSettings;
use tidings::dispatch::Superseded;
use tidings::event::EventId;
use tidings::sinks::Sink;
use tidings::store::DeliveryFilter;

use crate::harness::events::status_update;
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

/// A sink as it is served, in batches of so many, each of which waits a second for more.
fn in_batches(max: usize, settings: SinkSettings) -> SinkSettings {
    SinkSettings {
        batch: Some(BatchPolicy {
            max: NonZeroUsize::new(max).unwrap(),
            wait: Duration::from_secs(1),
        }),
        ..settings
    }
}

/// An office whose one sink takes so many at once.
async fn office(max: usize, sink: &Arc<Scripted>) -> Office {
    let batching = in_batches(max, settings("backend"));
    Office::open(vec![(batching, Arc::clone(sink))]).await
}

async fn stands(office: &Office, event: EventId) -> Delivery {
    let (delivery, attempts) = office.delivery(event).await;
    assert_eq!(delivery.attempts as usize, attempts.len());
    delivery
}

#[tokio::test]
async fn what_is_due_waits_a_while_for_company_in_nobodys_hands() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = office(10, &sink).await;
    office.hears("task_1", 1).await;
    office
        .delivers_after(SignedDuration::from_millis(900))
        .await;
    office.hears("task_2", 1).await;
    office.delivers().await;
    assert!(sink.seen().is_empty());
    let leased = DeliveryFilter {
        states: vec![DeliveryState::Leased],
        ..DeliveryFilter::default()
    };
    assert!(office.find(&leased).await.is_empty());

    office
        .delivers_after(SignedDuration::from_millis(100))
        .await;
    assert_eq!(sink.requests(), ["task_1/1 task_2/1"]);
}

#[tokio::test]
async fn as_much_as_fits_goes_at_once_and_in_order_for_each_task() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = office(4, &sink).await;
    for event in 1..=3 {
        office.hears("task_1", event).await;
    }
    office.hears("task_2", 1).await;
    for event in 4..=9 {
        office.hears("task_1", event).await;
    }
    office.delivers().await;
    assert_eq!(sink.requests()[0], "task_1/1 task_1/2 task_2/1");
    assert_eq!(sink.requests()[1], "task_1/3 task_1/4 task_1/5 task_1/6");

    office.delivers_after(seconds(1)).await;
    assert_eq!(sink.requests()[2..], ["task_1/7 task_1/8 task_1/9"]);
}

#[tokio::test]
async fn a_batch_that_is_refused_is_tried_one_by_one_and_only_the_culprit_dies() {
    let sink = Scripted::new(|outbound| match n(outbound).as_str() {
        "2" => Answer::Never,
        _ => Answer::Yes,
    });
    let office = office(10, &sink).await;
    let mut events = Vec::new();
    for event in 1..=3 {
        events.push(office.hears("task_1", event).await);
    }
    events.push(office.hears("task_2", 7).await);
    office.delivers_after(seconds(1)).await;

    let requests = sink.requests();
    assert_eq!(requests[0], "task_1/1 task_1/2 task_1/3 task_2/7");
    let mut alone = requests[1..].to_vec();
    let of_one: Vec<_> = alone.iter().filter(|r| r.starts_with("task_1")).collect();
    assert_eq!(of_one, ["task_1/1", "task_1/2", "task_1/3"], "in order");
    alone.sort();
    assert_eq!(alone, ["task_1/1", "task_1/2", "task_1/3", "task_2/7"]);

    for (event, attempts) in [(events[0], 2), (events[2], 2), (events[3], 2)] {
        let delivery = stands(&office, event).await;
        assert_eq!(delivery.state, DeliveryState::Delivered);
        assert_eq!(delivery.attempts, attempts);
    }
    let (culprit, attempts) = office.delivery(events[1]).await;
    assert_eq!(culprit.state, DeliveryState::Dead);
    assert_eq!(culprit.reason.as_deref(), Some("refused: not for me"));
    let errors: Vec<_> = attempts.iter().map(|a| a.error.as_deref()).collect();
    let in_company = "not for me (in a batch of 4)";
    assert_eq!(errors, [Some(in_company), Some("not for me")]);
    assert!(attempts.iter().all(|a| a.outcome == Outcome::Refused));
}

#[tokio::test]
async fn one_alone_that_is_refused_is_dead_at_once() {
    let sink = Scripted::new(|_| Answer::Never);
    let office = office(10, &sink).await;
    let event = office.hears("task_1", 1).await;
    office.delivers_after(seconds(1)).await;
    let delivery = stands(&office, event).await;
    assert_eq!(
        (delivery.state, delivery.attempts),
        (DeliveryState::Dead, 1)
    );
}

#[tokio::test]
async fn a_batch_that_fails_is_put_off_and_what_comes_later_stands_behind_it() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let office = office(3, &sink).await;
    let first = office.hears("task_1", 1).await;
    let second = office.hears("task_1", 2).await;
    office.delivers_after(seconds(1)).await;
    office.hears("task_1", 3).await;
    office.hears("task_2", 1).await;
    office.delivers_after(seconds(1)).await;
    assert_eq!(sink.requests(), ["task_1/1 task_1/2", "task_2/1"]);
    for (event, state) in [
        (first, DeliveryState::Pending),
        (second, DeliveryState::Waiting),
    ] {
        let delivery = stands(&office, event).await;
        assert_eq!((delivery.state, delivery.attempts), (state, 1));
    }

    sink.now_answers(Answer::Yes);
    office.delivers_after(seconds(10)).await;
    office.delivers_after(seconds(1)).await;
    let seen = sink.seen()[3..].to_vec();
    let of_one: Vec<_> = seen.iter().filter(|s| s.starts_with("task_1")).collect();
    assert_eq!(of_one, ["task_1/1", "task_1/2", "task_1/3"]);
}

#[tokio::test]
async fn each_in_a_batch_loses_patience_by_itself() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let impatient = in_batches(10, gives_up_after(Duration::from_secs(15)));
    let office = Office::open(vec![(impatient, Arc::clone(&sink))]).await;
    let first = office.hears("task_1", 1).await;
    office.delivers_after(seconds(1)).await;
    // Tried for the first time together with the second try of the one before.
    let second = office.hears("task_1", 2).await;
    office.delivers_after(seconds(6)).await;
    assert_eq!(sink.requests(), ["task_1/1", "task_1/1 task_1/2"]);

    office.delivers_after(seconds(12)).await;
    let dead = stands(&office, first).await;
    assert_eq!(
        dead.reason.as_deref(),
        Some("given up after 3 tries in 15s: busy (in a batch of 2)")
    );
    let goes_on = stands(&office, second).await;
    assert_eq!(
        (goes_on.state, goes_on.attempts),
        (DeliveryState::Pending, 2)
    );
}

#[tokio::test]
async fn a_probe_is_one_batch_and_so_is_what_counts_against_a_rate() {
    let sink = Scripted::new(|_| Answer::NotNow);
    let touchy = SinkSettings {
        breaker: BreakerPolicy {
            failures: 1,
            ..BreakerPolicy::default()
        },
        rate: Some("1/s".parse().unwrap()),
        ..settings("backend")
    };
    let office = Office::open(vec![(in_batches(2, touchy), Arc::clone(&sink))]).await;
    for task in 1..=6 {
        office.hears(&format!("task_{task}"), 1).await;
    }
    office.delivers().await;
    office.delivers_after(seconds(9)).await;
    assert_eq!(sink.requests().len(), 1, "it is left alone");
    office.delivers_after(seconds(1)).await;
    assert_eq!(sink.requests().len(), 2, "one probe");
    assert_eq!(sink.seen().len(), 4);

    sink.now_answers(Answer::Yes);
    office.delivers_after(seconds(20)).await;
    assert_eq!(sink.requests().len(), 3, "one a second");
    for _ in 0..2 {
        office.delivers_after(seconds(1)).await;
    }
    assert_eq!(sink.requests().len(), 5);
    assert_eq!(sink.seen().len(), 10);
}

#[tokio::test]
async fn what_was_overtaken_is_left_out_of_its_batch() {
    let sink = Scripted::new(|_| Answer::Yes);
    let skips = SinkSettings {
        superseded: Superseded::Skip,
        ..settings("backend")
    };
    let office = Office::open(vec![(in_batches(10, skips), Arc::clone(&sink))]).await;
    let mut events = Vec::new();
    for (n, status) in ["created", "started", "paused"].into_iter().enumerate() {
        events.push(office.hears_status("task_1", n, status).await);
    }
    office.hears("task_2", 7).await;
    office.delivers_after(seconds(1)).await;
    assert_eq!(sink.requests(), ["task_1/2 task_2/7"]);
    for event in &events[..2] {
        let skipped = stands(&office, *event).await;
        assert_eq!(skipped.state, DeliveryState::Discarded);
        assert_eq!(skipped.attempts, 0);
    }
    assert_eq!(
        stands(&office, events[2]).await.state,
        DeliveryState::Delivered
    );
}

#[tokio::test]
async fn what_is_sent_once_more_goes_apart_from_what_comes_live() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = office(10, &sink).await;
    let first = office.hears("task_1", 1).await;
    office.delivers_after(seconds(1)).await;
    office.hears("task_1", 2).await;
    let sinks = [sink_name("backend")];
    let replayed = office.store.replay(first, &sinks, office.clock_now()).await;
    assert_eq!(replayed.unwrap().unwrap().len(), 1);
    office.hears("task_2", 1).await;
    office.delivers_after(seconds(1)).await;

    let mut requests = sink.requests()[1..].to_vec();
    requests.sort();
    assert_eq!(requests, ["task_1/1", "task_1/2 task_2/1"]);
}

#[tokio::test]
async fn what_does_not_fit_into_a_body_follows_in_the_next() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = office(10, &sink).await;
    let long = "x".repeat(250_000);
    for (task, n) in [("a", 1), ("a", 2), ("b", 1), ("c", 1), ("c", 2), ("b", 2)] {
        let body = status_update(task, n).replace("\"n\"", &format!("\"long\": \"{long}\", \"n\""));
        office.hears_body(&body).await;
    }
    office.delivers_after(seconds(1)).await;
    office.delivers_after(seconds(1)).await;

    let requests = sink.requests();
    assert!(requests.len() > 1, "{requests:?}");
    assert!(
        requests
            .iter()
            .all(|request| request.split(' ').count() < 5)
    );
    let mut seen = sink.seen();
    for task in ["a", "b", "c"] {
        let of_task: Vec<_> = seen.iter().filter(|s| s.starts_with(task)).collect();
        assert_eq!(of_task, [&format!("{task}/1"), &format!("{task}/2")]);
    }
    seen.sort();
    assert_eq!(seen, ["a/1", "a/2", "b/1", "b/2", "c/1", "c/2"]);
}

#[tokio::test]
async fn at_shutdown_a_batch_that_takes_too_long_is_given_back_and_not_counted() {
    let sink = Scripted::new(|_| Answer::Hang);
    let office = office(3, &sink).await;
    let mut events = Vec::new();
    for (task, event) in [("task_1", 1), ("task_1", 2), ("task_2", 1)] {
        events.push(office.hears(task, event).await);
    }
    office.dispatcher.step().await.unwrap();
    sink.saw(3).await;
    office.dispatcher.drain(Duration::from_millis(400)).await;
    for event in events {
        assert_eq!(stands(&office, event).await.attempts, 0);
    }

    sink.now_answers(Answer::Yes);
    let next = office.second_dispatcher();
    next.step().await.unwrap();
    next.settled().await;
    assert_eq!(sink.requests()[1..], ["task_1/1 task_1/2 task_2/1"]);
}

#[tokio::test]
async fn a_running_dispatcher_wakes_when_a_batch_has_waited_for_long_enough() {
    let sink = Scripted::new(|_| Answer::Yes);
    let office = Office::with(&sink).await;
    let hasty = SinkSettings {
        batch: Some(BatchPolicy {
            wait: Duration::from_millis(50),
            ..BatchPolicy::default()
        }),
        ..settings("backend")
    };
    let sinks = vec![(hasty, Arc::clone(&sink) as Arc<dyn Sink>)];
    // By the real time: nothing rings when the wait is over.
    let dispatcher = Dispatcher::new(Arc::clone(&office.store), sinks, Arc::new(SystemClock));
    let running = Delivering::begin(Arc::new(dispatcher));
    for event in 1..=3 {
        let came = SystemClock.now();
        office
            .clock
            .advance(came.duration_since(office.clock_now()));
        office.hears("task_1", event).await;
        sink.saw(event).await;
        let waited = SystemClock.now().duration_since(came);
        assert!(waited >= SignedDuration::from_millis(50), "{waited}");
    }
    running.stops().await;
    assert_eq!(sink.requests().len(), 3);
}
