//! When the machine fails: a message that says what to do, no panic, and nothing acknowledged that
//! is not stored.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::harness::home::Home;
use crate::harness::lock::Lock;
use crate::harness::program::Program;
use crate::harness::program::fails_to_start;
use crate::harness::sink::FakeSink;

#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_that_is_not_stored() {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    // No file may grow past a megabyte. Without the trap, the first try to would kill it.
    let limited = [
        "bash",
        "-c",
        r#"trap "" XFSZ; ulimit -S -f 1024; exec "$@""#,
        "-",
    ];
    let program = Program::run(home.serve_under(&limited));
    let cloud = program.cloud();

    let mut acknowledged = BTreeSet::new();
    let large = "x".repeat(50_000);
    let refused = loop {
        let answer = cloud.reports("task_1", &large).await;
        if answer.status != 200 {
            break answer;
        }
        acknowledged.insert(answer.accepted());
    };
    refused.refused(503);
    assert!(!acknowledged.is_empty());
    // What the program writes behind its answers needs room too, and some of it makes room: one
    // event more may fit. It is refused, or it is stored.
    for _ in 0..3 {
        let answer = cloud.reports("task_1", &large).await;
        if answer.status == 200 {
            acknowledged.insert(answer.accepted());
        } else {
            answer.refused(503);
        }
    }

    program.gets_room();
    acknowledged.insert(cloud.reports("task_1", "finished").await.accepted());

    // Cut off in the middle of life, it still has all it said yes to, and nothing else.
    program.kill();
    let program = Program::start(&home);
    let stored: BTreeSet<String> = program
        .every_event()
        .await
        .iter()
        .map(|event| event["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(stored, acknowledged);
    program.until_nothing_is_owed().await;
    program.stop();
}

#[tokio::test]
async fn while_another_process_locks_the_database_the_answer_is_503() {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    let mut command = home.serve();
    command.env("TIDINGS_LOG_FORMAT", "json");
    let program = Program::run(command);
    program.hears("task_1", "started").await;

    let lock = Lock::on(&home.path("tidings.db"));
    let refused = program.cloud().reports("task_1", "finished").await;
    refused.refused(503);
    lock.release();

    program.hears("task_1", "finished").await;
    let said = program.stop();
    let complaint = said
        .lines()
        .find(|line| line.contains("Cannot store events"));
    let complaint: Value = serde_json::from_str(complaint.expect("it says so")).expect("JSON");
    let error = complaint["error"].as_str().expect("a text");
    let cause = "the database is locked by another process: ";
    assert!(error.starts_with(cause), "{error}");
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_told_so() {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    let program = Program::start(&home);

    let said = fails_to_start(home.serve());

    assert!(said.contains("tidings.db"), "{said}");
    program.stop();
}

#[test]
fn a_database_of_garbage_is_refused_by_name() {
    let home = Home::new("http://127.0.0.1:1/");
    fs::write(
        home.path("tidings.db"),
        "not a database at all\n".repeat(1000),
    )
    .unwrap();

    let said = fails_to_start(home.serve());

    assert!(said.contains("tidings.db"), "{said}");
}

#[tokio::test]
async fn a_truncated_database_is_refused_by_name() {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    let program = Program::start(&home);
    for _ in 0..50 {
        program.hears("task_1", "running").await;
    }
    program.stop();
    let file = fs::File::options()
        .write(true)
        .open(home.path("tidings.db"))
        .unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();

    let said = fails_to_start(home.serve());

    assert!(said.contains("tidings.db"), "{said}");
}
