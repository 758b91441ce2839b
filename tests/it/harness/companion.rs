//! A process in another language that tells what it sees, a line of JSON each.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;
use tokio::task::spawn_blocking;

/// A process that lives as long as this.
#[derive(Debug)]
pub(crate) struct Companion {
    child: Child,
    said: Arc<Mutex<BufReader<ChildStdout>>>,
}

impl Companion {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/test installs what this starts");
        let stdout = child.stdout.take().expect("it is piped");
        Self {
            child,
            said: Arc::new(Mutex::new(BufReader::new(stdout))),
        }
    }

    /// The next that it says.
    pub(crate) async fn says(&self) -> Value {
        let said = Arc::clone(&self.said);
        let reading = spawn_blocking(move || {
            let mut line = String::new();
            let mut said = said.lock().expect("nobody panics with it");
            said.read_line(&mut line).expect("it says text");
            line
        });
        let line = reading.await.expect("it only reads");
        serde_json::from_str(&line).expect("the process went away")
    }

    /// Tells it something, in a line.
    pub(crate) fn hears(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "{line}").expect("it listens");
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
