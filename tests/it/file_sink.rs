//! What a file sink leaves on the disk.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Outbound;
use tidings::sinks::Rendering;
use tidings::sinks::Sink;
use tidings::sinks::Tools;
use tokio_util::task::TaskTracker;

use crate::harness::events;
use crate::harness::sinks;

fn sink(path: &Path, tasks: &TaskTracker) -> Arc<dyn Sink> {
    let settings = json!({ "path": path });
    let tools = Tools {
        tasks: tasks.clone(),
        ..sinks::tools()
    };
    sinks::build("file", &settings, &tools).unwrap()
}

fn outbound(n: usize) -> Outbound {
    events::outbound(&events::status_update("task_1", n), SystemClock.now())
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn every_event_is_one_line_of_json_however_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let tasks = TaskTracker::new();
    let sink = sink(&path, &tasks);
    let events: Vec<Outbound> = (0..200).map(outbound).collect();
    assert!(events[0].event.body.contains(&b'\n'));

    for result in join_all(events.iter().map(|event| sink.deliver(event))).await {
        result.unwrap();
    }

    let mut expected: Vec<String> = events.iter().map(|e| e.event.id.to_string()).collect();
    let mut found: Vec<String> = lines(&path)
        .iter()
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_writer_ends_with_its_sink() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = TaskTracker::new();
    let sink = sink(&folder.path().join("events.jsonl"), &tasks);
    sink.deliver(&outbound(1)).await.unwrap();

    drop(sink);

    tasks.close();
    tasks.wait().await;
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_line_costs_only_that_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let tasks = TaskTracker::new();
    sink(&path, &tasks).deliver(&outbound(1)).await.unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();

    sink(&path, &tasks).deliver(&outbound(2)).await.unwrap();

    let numbers: Vec<Value> = lines(&path)
        .iter()
        .map(|line| line["metadata"]["n"].clone())
        .collect();
    assert_eq!(numbers, ["1", "2"]);
}

#[tokio::test]
async fn a_rotated_file_is_left_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let rotated = folder.path().join("events.jsonl.1");
    let tasks = TaskTracker::new();
    let sink = sink(&path, &tasks);

    sink.deliver(&outbound(1)).await.unwrap();
    fs::rename(&path, &rotated).unwrap();
    sink.deliver(&outbound(2)).await.unwrap();

    assert_eq!(lines(&rotated)[0]["metadata"]["n"], "1");
    assert_eq!(lines(&path)[0]["metadata"]["n"], "2");
}

#[tokio::test]
async fn a_check_finds_what_would_stop_an_event_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = TaskTracker::new();
    let good = folder.path().join("new/events.jsonl");
    sink(&good, &tasks).check().await.unwrap();
    assert_eq!(fs::read(&good).unwrap(), b"");

    let text = folder.path().join("notes.txt");
    fs::write(&text, "not ours").unwrap();
    let error = format!("{:#}", sink(&text, &tasks).check().await.unwrap_err());
    assert!(error.contains("notes.txt"), "{error}");
    assert!(error.contains("is it the right file?"), "{error}");
    assert_eq!(fs::read(&text).unwrap(), b"not ours");
}

#[tokio::test]
async fn the_line_that_would_be_written_is_shown_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let sink = sink(&path, &TaskTracker::new());
    let outbound = outbound(1);

    let rendering = sink.render(&outbound).unwrap();

    assert!(!path.exists());
    sink.deliver(&outbound).await.unwrap();
    let written = fs::read_to_string(&path).unwrap();
    let expected = Rendering::Line {
        path: path.display().to_string(),
        line: written.trim_end().to_owned(),
    };
    assert_eq!(rendering, expected);
}
