//! `tidings tasks`, as people and scripts use it.

use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::Stdio;

use insta::assert_snapshot;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use serde_json::Value;

use crate::harness::cloud::Cloud;
use crate::harness::folder::Ended;
use crate::harness::folder::Folder;
use crate::harness::folder::words;
use crate::harness::home::Home;
use crate::harness::home::TOKEN;
use crate::harness::program::Program;

/// A running server, a cloud that posts to it, and somebody at a terminal.
struct Stage {
    program: Program,
    cloud: Cloud,
    desk: Folder,
    _home: Home,
}

impl Stage {
    fn set() -> Self {
        let home = Home::new("http://127.0.0.1:1/");
        let program = Program::start(&home);
        Self {
            cloud: program.cloud(),
            program,
            desk: Folder::new(),
            _home: home,
        }
    }

    /// Hears that tasks have these statuses, one after the other.
    async fn hears(&self, told: &[(&str, &str)]) {
        for (task, status) in told {
            self.cloud.reports(task, status).await.accepted();
        }
    }

    fn arguments<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let server = ["--server", &self.program.url, "--token", TOKEN];
        [&["tasks"], arguments, &server].concat()
    }

    /// Runs `tidings tasks` to its end.
    fn runs(&self, arguments: &[&str]) -> Ended {
        self.desk.run(&self.arguments(arguments))
    }

    /// Starts `tidings tasks wait` for tasks that are known, and returns once it has said this.
    fn waits(&self, ids: &[&str], says: &str) -> Child {
        for id in ids {
            while self.runs(&["show", id]).code != Some(0) {}
        }
        // Killed in the middle of this, the test run leaves nobody behind who waits for ever.
        let arguments = self.arguments(&[&["wait", "--timeout", "2m"], ids].concat());
        let mut command = self.desk.command(&arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut said = String::new();
        let stderr = child.stderr.as_mut().expect("it is piped");
        BufReader::new(stderr)
            .read_line(&mut said)
            .expect("it says something");
        assert_eq!(said.trim_end(), says);
        child
    }
}

/// How a command ended that was started, and what it printed.
fn ended(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().expect("it is ours");
    let printed = String::from_utf8(output.stdout).expect("it prints text");
    (output.status.code(), printed)
}

#[tokio::test]
async fn a_wait_ends_with_the_task_and_says_how_it_went() {
    let stage = Stage::set();
    stage
        .hears(&[("good", "started"), ("bad", "started")])
        .await;
    let good = stage.waits(&["good"], "running");
    let bad = stage.waits(&["good", "bad"], "0 of 2 have ended");

    stage
        .hears(&[("good", "finished"), ("bad", "timed_out")])
        .await;
    let (code, printed) = ended(good);
    assert_eq!(code, Some(0));
    assert_snapshot!(words(&printed), @"
    ID KIND STATE FIRST SEEN FINISHED
    good task finished
    ");
    assert_eq!(ended(bad).0, Some(1));

    let again = stage.runs(&["wait", "good", "--json"]);
    let task: Value = serde_json::from_str(&again.out).expect("a line of JSON");
    assert_eq!((again.code, &task["state"]), (Some(0), &"finished".into()));
    assert_eq!(
        stage.runs(&["wait", "nobody", "bad", "--any"]).code,
        Some(1)
    );
    stage.program.stop();
}

#[tokio::test]
async fn a_wait_that_is_given_up_says_how_to_go_on() {
    let stage = Stage::set();
    stage.hears(&[("task_1", "running")]).await;
    let up = stage.runs(&["wait", "task_1", "nobody", "--any", "--timeout", "10ms"]);
    assert_eq!(up.code, Some(124), "{up:?}");
    assert!(
        up.err
            .contains("to go on: tidings tasks wait task_1 nobody --any"),
        "{up:?}"
    );

    let waiting = stage.waits(&["task_1"], "running");
    kill_process(Pid::from_child(&waiting), Signal::INT).expect("it runs");
    assert_eq!(ended(waiting).0, Some(130));
    stage.program.stop();
}

#[tokio::test]
async fn a_rebuild_finds_everything_as_it_was() {
    let stage = Stage::set();
    stage
        .hears(&[("task_1", "started"), ("task_1", "failed")])
        .await;
    assert_eq!(stage.runs(&["wait", "task_1"]).code, Some(1));

    let rebuilt = stage.runs(&["rebuild", "--json"]);
    assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    assert_snapshot!(rebuilt.out, @r#"{"added":0,"events":2,"events_read":2,"mended":0,"state":"done","tasks":1,"tasks_folded":1}"#);
    stage.program.stop();
}

#[tokio::test]
async fn tasks_are_listed_and_shown() {
    let stage = Stage::set();
    let told = [
        ("task_1", "started"),
        ("task_2", "created"),
        ("task_1", "stopped"),
    ];
    stage.hears(&told).await;
    assert_eq!(stage.runs(&["wait", "task_1"]).code, Some(1));

    let listed = stage.runs(&["list"]);
    assert_snapshot!(words(&listed.out), @"
    ID KIND STATE FIRST SEEN FINISHED
    task_2 task created -
    task_1 task stopped
    ");
    let ended = stage.runs(&["list", "--ended", "--metadata", "team=tests"]);
    assert_snapshot!(words(&ended.out), @"
    ID KIND STATE FIRST SEEN FINISHED
    task_1 task stopped
    ");
    let shown = stage.runs(&["show", "task_1"]);
    assert_snapshot!(words(&shown.out), @r#"
    id task_1
    kind task
    state stopped
    status stopped
    session_id session_1
    started_at
    finished_at
    as_of
    ended true
    first_seen_at
    last_seen_at
    metadata {
    "team": "tests"
    }
    source webhook
    "#);
    stage.program.stop();
}

#[tokio::test]
async fn a_timeline_reads_as_what_happened() {
    let stage = Stage::set();
    stage.hears(&[("task_1", "started")]).await;
    let end = stage.cloud.status_update("task_1", "finished");
    stage.cloud.posts(&end).await.accepted();
    stage.cloud.posts(&end).await.known();
    stage.hears(&[("task_1", "paused")]).await;
    stage.hears(&[("task_2", "failed")]).await;
    // What came before it has been followed, then.
    assert_eq!(stage.runs(&["wait", "task_2"]).code, Some(1));

    let told = stage.runs(&["timeline", "task_1"]);
    assert_snapshot!(words(&told.out), @"
    AT AFTER STATE STATUS SOURCE EVENT NOTE
    - running started webhook
    finished finished webhook came 2 times
    paused paused webhook overruled, changes nothing
    ");
    let unknown = stage.runs(&["timeline", "nobody"]);
    assert_eq!(unknown.code, Some(1));
    assert_snapshot!(unknown.err, @"error: there is no task `nobody` (404 Not Found)");
    stage.program.stop();
}
