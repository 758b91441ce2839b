//! A running server: waited for, listened to, asked, stopped, killed.

use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::ChildStderr;
use std::process::Command;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::Pid;
use rustix::process::Resource;
use rustix::process::Rlimit;
use rustix::process::Signal;
use rustix::process::kill_process;
use rustix::process::prlimit;
use serde_json::Value;
use tidings::clock::SystemClock;

use super::cloud::Cloud;
use super::cloud::client;
use super::home::Home;
use super::home::TOKEN;

/// How long a server may take on a busy machine to say what a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    log: Arc<Log>,
    reading: Option<JoinHandle<()>>,
    /// Where it answers, without a slash at the end.
    pub(crate) url: String,
}

/// What a server has said so far.
#[derive(Debug, Default)]
struct Log {
    text: Mutex<String>,
    more: Condvar,
}

impl Log {
    /// Reads until nobody writes any more.
    fn read(&self, from: ChildStderr) {
        for line in BufReader::new(from).lines() {
            let mut text = self.text.lock().expect("nobody panics with it");
            text.push_str(&line.unwrap_or_default());
            text.push('\n');
            self.more.notify_all();
        }
    }

    /// Waits for something in what was said.
    fn wait_for<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text.lock().expect("nobody panics with it");
        let waited = self
            .more
            .wait_timeout_while(text, PATIENCE, |text| find(text).is_none());
        let (text, _) = waited.expect("nobody panics with it");
        find(&text)
    }

    fn so_far(&self) -> String {
        self.text.lock().expect("nobody panics with it").clone()
    }
}

impl Program {
    /// Starts the server of this folder and waits until it listens.
    pub(crate) fn start(home: &Home) -> Self {
        Self::run(home.serve())
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start {command:?}: {error}; scripts/test installs what is missing")
        });
        let stderr = child.stderr.take().expect("it is piped");
        let log = Arc::new(Log::default());
        let reader = Arc::clone(&log);
        let mut program = Self {
            child,
            log,
            reading: Some(thread::spawn(move || reader.read(stderr))),
            url: String::new(),
        };
        program.url = program.announces("Listening on ");
        program
    }

    /// Where webhooks go.
    pub(crate) fn webhook(&self) -> String {
        format!("{}/webhook", self.url)
    }

    /// A cloud that posts to it.
    pub(crate) fn cloud(&self) -> Cloud {
        Cloud::posting_to(&self.webhook(), Arc::new(SystemClock))
    }

    /// Hears from its cloud, and believes, that a task has a status. Returns the event's id.
    pub(crate) async fn hears(&self, task: &str, status: &str) -> String {
        self.cloud().reports(task, status).await.accepted()
    }

    /// Asks the API.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = client()
            .get(format!("{}{path}", self.url))
            .bearer_auth(TOKEN);
        let response = request.send().await.expect("it answers");
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.expect("it is JSON")
    }

    /// Every event of the history, oldest first.
    pub(crate) async fn every_event(&self) -> Vec<Value> {
        let mut events = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self
                .get(&format!("/api/v1/events?order=asc&limit=200{cursor}"))
                .await;
            events.extend_from_slice(page["data"].as_array().expect("a list"));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return events,
            }
        }
    }

    /// Waits until no sink is owed anything.
    pub(crate) async fn until_nothing_is_owed(&self) {
        loop {
            let sinks = self.get("/api/v1/sinks").await;
            let mut sinks = sinks["data"].as_array().expect("a list").iter();
            if sinks.all(|sink| sink["pending"] == 0 && sink["waiting"] == 0) {
                return;
            }
            // Only the file sink's progress has no signal that reaches a test.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until it has announced an address with these words.
    pub(crate) fn announces(&self, words: &str) -> String {
        let address = |text: &str| {
            let (_, rest) = text.split_once(words)?;
            rest.split_whitespace().next().map(str::to_owned)
        };
        let announced = self.log.wait_for(address);
        announced.unwrap_or_else(|| panic!("it never said `{words}`:\n{}", self.log.so_far()))
    }

    /// Waits until it has said this.
    pub(crate) fn until_it_says(&self, words: &str) {
        let said = self.log.wait_for(|text| text.contains(words).then_some(()));
        assert!(
            said.is_some(),
            "it never said `{words}`:\n{}",
            self.log.so_far()
        );
    }

    /// Lifts a limit on the size of its files that it was started with.
    pub(crate) fn gets_room(&self) {
        let unlimited = Rlimit {
            current: None,
            maximum: None,
        };
        let pid = Pid::from_child(&self.child);
        prlimit(Some(pid), Resource::Fsize, unlimited).expect("its limit was a soft one");
    }

    /// Ends it in the middle of everything: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is ours");
    }

    /// Asks it to stop: SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).expect("it runs");
    }

    /// Waits for its end, and returns what it said.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it is ours");
        // A tracer writes on until it, too, has let go of the pipe.
        let reading = self.reading.take().expect("it ends once");
        reading.join().expect("it only reads");
        (status, self.log.so_far())
    }

    /// Asks it to stop, and holds that it ends well. Returns what it said.
    pub(crate) fn stop(self) -> String {
        self.terminate();
        let (status, said) = self.ended();
        assert!(status.success(), "{status}\n{said}");
        assert!(!said.contains("panicked"), "{said}");
        said
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that fails leaves nothing running.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a server that cannot start, and returns what it said.
pub(crate) fn fails_to_start(mut command: Command) -> String {
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}
