//! Stopping and starting lose nothing (`docs/delivery.md`): the built program and its signals.

use std::time::Duration;

use crate::harness::home::Home;
use crate::harness::program::Program;
use crate::harness::sink::FakeSink;

/// Longer than the server of these tests waits for anybody.
const TOO_LONG: Duration = Duration::from_mins(5);

#[tokio::test]
async fn a_server_told_to_stop_finishes_what_it_is_delivering() {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    sink.takes(Duration::from_millis(300));

    let program = Program::start(&home);
    let event = program.hears("task_1", "finished").await;
    sink.until(|got| !got.is_empty()).await;
    program.stop();

    let program = Program::start(&home);
    program.until_nothing_is_owed().await;
    program.stop();
    assert_eq!(
        sink.accepted(),
        [event],
        "it was delivered once, before the stop"
    );
}

#[tokio::test]
async fn a_server_told_to_stop_gives_back_what_takes_too_long() {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    sink.takes(TOO_LONG);

    let program = Program::start(&home);
    let event = program.hears("task_1", "finished").await;
    sink.until(|got| !got.is_empty()).await;
    program.stop();

    sink.answers(200);
    let program = Program::start(&home);
    program.until_nothing_is_owed().await;
    program.stop();
    assert_eq!(sink.accepted(), [event.clone(), event]);
}

#[tokio::test]
async fn a_second_signal_ends_the_server_at_once_and_loses_nothing() {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    sink.takes(TOO_LONG);

    let program = Program::start(&home);
    let event = program.hears("task_1", "finished").await;
    sink.until(|got| !got.is_empty()).await;
    program.terminate();
    program.until_it_says("Stopping");
    program.terminate();
    let (status, said) = program.ended();
    assert_eq!(status.code(), Some(130), "{said}");

    sink.answers(200);
    let program = Program::start(&home);
    program.until_nothing_is_owed().await;
    program.stop();
    assert_eq!(sink.accepted(), [event.clone(), event]);
}
