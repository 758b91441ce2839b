//! A receiver written for Browser Use, in a process of its own.

use std::path::PathBuf;
use std::process::Command;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::harness::cloud::SECRET;
use crate::harness::companion::Companion;
use crate::harness::installed;

/// The receiver of the vendor's documents: `FastAPI`, and its own verification.
#[derive(Debug)]
pub(super) struct Webhook {
    process: Companion,
    /// Where webhooks are posted to.
    pub(super) url: String,
}

impl Webhook {
    /// One that asks only whether the signature is good.
    pub(super) async fn as_documented() -> Self {
        Self::start(&[]).await
    }

    /// One that also refuses what was signed more than 300 seconds ago.
    pub(super) async fn that_insists_on_fresh_signatures() -> Self {
        Self::start(&["300"]).await
    }

    async fn start(tolerance: &[&str]) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/receivers/webhook.py");
        let mut command = Command::new(installed("receivers/python/bin/python"));
        let process = Companion::start(command.arg(script).arg(SECRET).args(tolerance));
        let port = process.says().await["port"].clone();
        Self {
            process,
            url: format!("http://127.0.0.1:{port}/webhook"),
        }
    }

    /// It is this time there.
    pub(super) async fn lives_at(&mut self, now: Timestamp) {
        self.obeys(&json!({ "now": now.as_second() })).await;
    }

    /// From now on it answers this to what is genuine.
    pub(super) async fn answers(&mut self, status: u16) {
        self.obeys(&json!({ "status": status })).await;
    }

    async fn obeys(&mut self, order: &Value) {
        self.process.hears(&order.to_string());
        // Said in between requests: nothing is left to be read before it.
        let manner = self.process.says().await;
        let order = order.as_object().expect("an object");
        assert!(order.iter().all(|(key, value)| manner[key] == *value));
    }

    /// The next request that it tells of: how it was answered, and what was in its head.
    pub(super) async fn got(&self) -> Got {
        let said = self.process.says().await;
        serde_json::from_value(said).expect("it tells of a request")
    }
}

/// A request, as the receiver tells of it.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) detail: String,
    pub(super) timestamp: String,
    pub(super) id: String,
    pub(super) replay: Option<String>,
}
