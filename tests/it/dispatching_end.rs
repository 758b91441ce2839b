//! Workers that stop, on purpose or not: what they held is delivered all the same.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tidings::delivery::DeliveryState;
use tidings::dispatch::SinkSettings;
use tidings::dispatch::Step;

use crate::harness::office::Office;
use crate::harness::office::settings;
use crate::harness::scripted::Answer;
use crate::harness::scripted::Scripted;
use crate::harness::scripted::n;

#[tokio::test]
async fn a_worker_that_was_away_too_long_cannot_settle() {
    let sink = Scripted::new(|outbound| match n(outbound).as_str() {
        "1" => Answer::Hang,
        _ => Answer::Yes,
    });
    let office = Office::with(&sink).await;
    let event = office.hears("task_1", 1).await;
    assert_eq!(office.dispatcher.step().await.unwrap(), Step::Worked);
    sink.saw(1).await;

    // The lease runs out, and somebody else is refused for good.
    office.clock.advance(SignedDuration::from_hours(1));
    sink.now_answers(Answer::Never);
    let second = office.second_dispatcher();
    assert_eq!(second.step().await.unwrap(), Step::Worked);
    second.settled().await;
    // Now the first one hears a yes, too late.
    sink.release();
    office.dispatcher.settled().await;

    let (delivery, attempts) = office.delivery(event).await;
    assert_eq!(delivery.state, DeliveryState::Dead);
    assert_eq!(attempts.len(), 1);
}

#[tokio::test]
async fn at_shutdown_what_is_on_its_way_is_finished() {
    let sink = Scripted::new(|_| Answer::Hang);
    let office = Office::with(&sink).await;
    let event = office.hears("task_1", 1).await;
    office.dispatcher.step().await.unwrap();
    sink.saw(1).await;

    let release = async {
        sink.release();
    };
    tokio::join!(office.dispatcher.drain(Duration::from_secs(30)), release);

    let (delivery, _) = office.delivery(event).await;
    assert_eq!(delivery.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn at_shutdown_what_takes_too_long_is_given_back_and_not_counted() {
    let sink = Scripted::new(|_| Answer::Hang);
    let narrow = SinkSettings {
        concurrency: 1,
        ..settings("backend")
    };
    let office = Office::open(vec![(narrow, Arc::clone(&sink))]).await;
    let hanging = office.hears("task_1", 1).await;
    office.dispatcher.step().await.unwrap();
    sink.saw(1).await;
    let in_line = office.hears("task_2", 1).await;
    office.dispatcher.step().await.unwrap();

    office.dispatcher.drain(Duration::from_millis(400)).await;

    for event in [hanging, in_line] {
        let (delivery, attempts) = office.delivery(event).await;
        assert_eq!(delivery.state, DeliveryState::Pending);
        assert_eq!((delivery.attempts, attempts.len()), (0, 0));
    }
    // The next start delivers both at once.
    sink.now_answers(Answer::Yes);
    let next = office.second_dispatcher();
    for _ in 0..2 {
        next.step().await.unwrap();
        next.settled().await;
    }
    assert_eq!(sink.seen().len(), 3);
}
