//! The folder of a server that tests stop, kill and start again.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::cloud::SECRET;
use super::folder::Folder;

/// What opens the API in these tests.
pub(crate) const TOKEN: &str = "a-token-for-these-tests";

/// A folder with a configuration, a secret and a token: what stays when the program is killed.
#[derive(Debug)]
pub(crate) struct Home(Folder);

impl Home {
    /// A folder whose server has a file sink, and an HTTP sink at `sink_url` that is tried again
    /// soon.
    pub(crate) fn new(sink_url: &str) -> Self {
        Self::with(sink_url, "")
    }

    /// The same, with more keys for both sinks.
    pub(crate) fn with(sink_url: &str, keys: &str) -> Self {
        Self(Folder::with(&format!(
            r#"
            [server]
            listen = "127.0.0.1:0"
            grace = "2s"

            [[sink]]
            name = "file"
            type = "file"
            path = "events.jsonl"
            {keys}

            [[sink]]
            name = "http"
            type = "http"
            url = "{sink_url}"
            allow_private = true
            retry = {{ first = "50ms", longest = "1s" }}
            {keys}
            "#
        )))
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    /// What the file sink holds, an event a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        fs::read_to_string(self.path("events.jsonl"))
            .unwrap_or_default()
            .lines()
            .map(|line| serde_json::from_str(line).expect("every line is whole"))
            .collect()
    }

    /// `tidings serve` in this folder, not yet started.
    pub(crate) fn serve(&self) -> Command {
        Self::equip(self.0.command(&["serve"]))
    }

    /// The same, run by another program that gets `tidings serve` as its last arguments.
    pub(crate) fn serve_under(&self, wrapper: &[&str]) -> Command {
        Self::equip(self.0.command_under(wrapper, &["serve"]))
    }

    fn equip(mut command: Command) -> Command {
        command
            .env("BROWSER_USE_WEBHOOK_SECRET", SECRET)
            .env("TIDINGS_API_TOKEN", TOKEN);
        command
    }
}
