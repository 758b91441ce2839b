//! A real mail server, in a process of its own.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;
use tokio::task::spawn_blocking;

use super::installed;

/// A mail server that tells what it got.
#[derive(Debug)]
pub(crate) struct MailServer {
    child: Child,
    said: Arc<Mutex<BufReader<ChildStdout>>>,
    /// Where it listens.
    pub(crate) port: u16,
    /// The authority behind its certificate, as PEM.
    pub(crate) ca: String,
    tls: String,
}

impl MailServer {
    /// A server that does TLS in this way: the words are those of the configuration.
    pub(crate) async fn start(tls: &str) -> Self {
        Self::with_login(tls, &[]).await
    }

    /// The same, which takes mail only from whom it knows.
    pub(crate) async fn with_login(tls: &str, user_and_password: &[&str]) -> Self {
        let mut child = Command::new(installed("smtp/bin/python"))
            .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/smtp/server.py"))
            .arg(tls)
            .args(user_and_password)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let stdout = child.stdout.take().expect("it is piped");
        let mut server = Self {
            child,
            said: Arc::new(Mutex::new(BufReader::new(stdout))),
            port: 0,
            ca: String::new(),
            tls: tls.to_owned(),
        };
        let hello = server.says().await;
        let port = hello["port"].as_u64().expect("a number");
        server.port = port.try_into().expect("a port");
        hello["ca"]
            .as_str()
            .expect("PEM")
            .clone_into(&mut server.ca);
        server
    }

    /// The next that it says: a mail that it took, for the most part.
    pub(crate) async fn says(&self) -> Value {
        let said = Arc::clone(&self.said);
        let reading = spawn_blocking(move || {
            let mut line = String::new();
            let mut said = said.lock().expect("nobody panics with it");
            said.read_line(&mut line).expect("it says text");
            line
        });
        let line = reading.await.expect("it only reads");
        serde_json::from_str(&line).expect("the server went away")
    }

    /// It closes every connection.
    pub(crate) async fn hangs_up(&mut self) {
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "hang up").expect("it listens");
        assert_eq!(self.says().await, json!({ "hung_up": true }));
    }

    /// The settings of a sink that sends its mail there.
    pub(crate) fn settings(&self, to: &[&str]) -> Value {
        json!({
            "host": "localhost",
            "port": self.port,
            "tls": self.tls,
            "ca": self.ca,
            "from": "Tidings <tidings@example.com>",
            "to": to,
        })
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
