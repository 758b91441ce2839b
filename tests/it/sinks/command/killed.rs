//! How a program is ended with all it started, and when.

use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tidings::sinks::Tools;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::outbound;
use super::script;
use super::shell;
use crate::harness::folder::Folder;
use crate::harness::home::TOKEN;
use crate::harness::program::Program;
use crate::harness::receiver::Receiver;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;

/// Longer than any of these programs is waited for.
const FOR_EVER: &str = "1000";

/// Something that a process can hold on to, so that its death is noticed: a pipe with a name.
struct Line {
    path: PathBuf,
    _folder: TempDir,
}

impl Line {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("line");
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        Self {
            path,
            _folder: folder,
        }
    }

    fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Waits until somebody holds it. What is returned waits until nobody does any more.
    async fn is_held(&self) -> impl Future<Output = ()> + use<> {
        let path = self.path.clone();
        let opened = spawn_blocking(move || fs::File::open(path).unwrap());
        let mut held = opened.await.unwrap();
        async move {
            let read = spawn_blocking(move || std::io::copy(&mut held, &mut std::io::sink()));
            read.await.unwrap().unwrap();
        }
    }
}

/// Starts a process that holds the line, and waits for it.
const HOLD: &str = "sleep 1000 >\"$1\" & wait";

#[tokio::test]
async fn a_program_that_takes_too_long_is_killed_with_all_it_started() {
    let line = Line::new();
    let tools = Tools {
        timeout: Duration::from_secs(2),
        ..sinks::tools()
    };
    let settings = shell(&format!("echo working; {HOLD}"), &[line.name()]);
    let sink = sinks::build("command", &settings, &tools).unwrap();
    let outbound = outbound();

    let (released, result) = tokio::join!(line.is_held(), sink.deliver(&outbound));

    assert_eq!(
        told(&result),
        "again: still at work after 2s, so it was killed"
    );
    assert_eq!(answer(&result), "working");
    released.await;
}

#[tokio::test]
async fn what_a_program_leaves_running_dies_when_it_ends() {
    let line = Line::new();
    // The line is taken before the program ends, and the rest of it only inherits it.
    let sink = script("exec 3>\"$1\"; sleep 1000 & exit 0", &[line.name()]);
    // It also holds what the program says, and ends nothing by that.
    let loud = script("sleep 1000 & echo started", &[]);
    let outbound = outbound();

    let (released, result) = tokio::join!(line.is_held(), sink.deliver(&outbound));
    assert_eq!(told(&result), "delivered");
    released.await;
    assert_eq!(answer(&loud.deliver(&outbound).await), "started");
}

#[tokio::test]
async fn what_left_the_group_is_left_alone_and_not_waited_for() {
    let sink = script("setsid sleep \"$1\" & echo $!", &[FOR_EVER]);
    let result = sink.deliver(&outbound()).await;
    assert_eq!(told(&result), "delivered");
    let killed = Command::new("kill").arg(answer(&result)).status().unwrap();
    assert!(killed.success(), "it ran on");
}

#[tokio::test]
async fn giving_up_on_a_try_kills_its_program() {
    let line = Line::new();
    let sink = script(HOLD, &[line.name()]);
    let outbound = outbound();

    let delivering = sink.deliver(&outbound);
    let released = tokio::select! {
        released = line.is_held() => released,
        result = delivering => panic!("{result:?}"),
    };

    released.await;
}

#[tokio::test]
async fn an_attempt_that_ran_out_of_time_keeps_what_the_program_said() {
    let receiver = Receiver::with(&format!(
        r#"
        [[sink]]
        name = "script"
        type = "command"
        program = "sh"
        args = ["-c", "echo working; exec sleep {FOR_EVER}"]
        timeout = "1s"
        "#
    ))
    .await;
    receiver.log.expects("Sink `script` did not take event");

    receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;

    let caller = receiver.caller();
    let found = caller.finds("/deliveries?sink=script").await;
    let id = found["data"][0]["id"].as_str().unwrap();
    let delivery = caller.finds(&format!("/deliveries/{id}")).await;
    let attempt = &delivery["attempt_list"][0];
    assert_eq!(attempt["answer"], "working", "{delivery}");
    assert_eq!(attempt["error"], "still at work after 1s, so it was killed");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_server_that_stops_kills_what_outlives_its_grace() {
    let line = Line::new();
    let folder = Folder::with(&format!(
        r#"
        [server]
        listen = "127.0.0.1:0"
        grace = "1s"

        [[sink]]
        name = "script"
        type = "command"
        program = "sh"
        args = ["-c", '{HOLD}', "sh", "{}"]
        timeout = "5m"
        "#,
        line.name()
    ));
    let mut command = folder.command(&["serve"]);
    command
        .env("BROWSER_USE_WEBHOOK_SECRET", crate::harness::cloud::SECRET)
        .env("TIDINGS_API_TOKEN", TOKEN);
    let program = Program::run(command);

    program.hears("task_1", "finished").await;
    let released = line.is_held().await;
    program.stop();

    timeout(Duration::from_secs(10), released).await.unwrap();
}
