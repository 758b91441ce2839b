//! What a program is given, how it is ended, and what its end means. The programs are real ones.

mod ending;
mod given;
mod killed;

use std::fs;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Outbound;
use tidings::sinks::Receipt;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;

use super::pages;
use crate::harness::events;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("command", settings, &sinks::tools())
}

/// A sink that runs this script, with these arguments.
fn script(text: &str, args: &[&str]) -> Arc<dyn Sink> {
    build(&shell(text, args)).unwrap()
}

fn shell(text: &str, args: &[&str]) -> Value {
    let args = [&["-c", text, "sh"], args].concat();
    json!({ "program": "/bin/sh", "args": args })
}

fn outbound() -> Outbound {
    events::outbound(&events::status_update("task_1", 1), SystemClock.now())
}

async fn run(text: &str) -> Result<Receipt, SinkError> {
    script(text, &[]).deliver(&outbound()).await
}

#[tokio::test]
async fn a_program_that_is_not_there_yet_is_tried_again() {
    let missing = build(&json!({ "program": "/nowhere/on-task" })).unwrap();
    let expected = "there is no program /nowhere/on-task";
    let result = missing.deliver(&outbound()).await;
    assert_eq!(told(&result), format!("again: {expected}"));
    assert_eq!(missing.check().await.unwrap_err().to_string(), expected);

    let settings = json!({ "program": "true", "working_directory": "/nowhere" });
    let homeless = build(&settings).unwrap();
    let expected = "there is no folder /nowhere to work in";
    assert_eq!(
        told(&homeless.deliver(&outbound()).await),
        format!("again: {expected}")
    );
    assert_eq!(homeless.check().await.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn a_file_that_the_system_cannot_run_is_told_with_its_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("on-task");
    fs::write(&path, "#!/no/such/interpreter\n").unwrap();
    let made = Command::new("chmod").arg("+x").arg(&path).status().unwrap();
    assert!(made.success());
    let sink = build(&json!({ "program": path })).unwrap();

    sink.check().await.unwrap();
    let told = told(&sink.deliver(&outbound()).await);
    assert!(told.starts_with("again: "), "{told}");
    assert!(
        told.contains("on-task cannot be run: No such file"),
        "{told}"
    );
}

#[tokio::test]
async fn it_works_in_its_own_folder() {
    let folder = TempDir::new().unwrap();
    let mut settings = shell("pwd -P", &[]);
    settings["working_directory"] = json!(folder.path());
    let sink = build(&settings).unwrap();
    sink.check().await.unwrap();
    let result = sink.deliver(&outbound()).await;
    let expected = folder.path().canonicalize().unwrap();
    assert_eq!(answer(&result), expected.to_str().unwrap());
}

#[tokio::test]
async fn the_example_on_its_page_works() {
    let folder = TempDir::new().unwrap();
    let page = pages::page("command");
    let mut settings = shell(pages::code(&page, "sh")[0], &[]);
    settings["working_directory"] = json!(folder.path());
    let outbound = outbound();

    let result = build(&settings).unwrap().deliver(&outbound).await;

    assert_eq!(told(&result), "delivered");
    let ends = fs::read_to_string(folder.path().join("ends.txt")).unwrap();
    assert_eq!(ends, format!("{} task_1 running\n", outbound.event.id));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for (settings, expected) in [
        (
            json!({ "program": "" }),
            "`program` is empty: name what to run",
        ),
        (
            json!({ "program": "true", "env": { "TIDINGS_TASK_ID": "x" } }),
            "`TIDINGS_TASK_ID` in `env` begins with TIDINGS_: such variables are set by Tidings itself",
        ),
        (
            json!({ "program": "true", "env": { "A=B": "x" } }),
            "`A=B` in `env` is not the name of a variable",
        ),
        (
            json!({ "program": "true", "retry_on": [0] }),
            "0 in `retry_on` is the exit code of success",
        ),
    ] {
        assert_eq!(build(&settings).unwrap_err().to_string(), expected);
    }
}
