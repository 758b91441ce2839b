//! A real mail server, in a process of its own.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use super::companion::Companion;
use super::installed;

/// A mail server that tells what it got.
#[derive(Debug)]
pub(crate) struct MailServer {
    process: Companion,
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
        let process = Companion::start(
            Command::new(installed("smtp/bin/python"))
                .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/smtp/server.py"))
                .arg(tls)
                .args(user_and_password),
        );
        let hello = process.says().await;
        let port = hello["port"].as_u64().expect("a number");
        Self {
            port: port.try_into().expect("a port"),
            ca: hello["ca"].as_str().expect("PEM").to_owned(),
            process,
            tls: tls.to_owned(),
        }
    }

    /// The next that it says: a mail that it took, for the most part.
    pub(crate) async fn says(&self) -> Value {
        self.process.says().await
    }

    /// It closes every connection.
    pub(crate) async fn hangs_up(&mut self) {
        self.process.hears("hang up");
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
