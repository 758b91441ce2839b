//! The libraries of Standard Webhooks, of `PyPI` and of npm: they know what we signed.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;

use crate::harness::companion::Companion;
use crate::harness::events;
use crate::harness::installed;
use crate::harness::sink::FakeSink;
use crate::harness::sinks;

/// Secrets of two sorts: text, and what the standard makes of base64.
const NEW: &str = "correct horse battery staple";
const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn python() -> Companion {
    let mut command = Command::new(installed("receivers/python/bin/python"));
    Companion::start(command.arg("tests/receivers/standard.py"))
}

fn node() -> Companion {
    let modules = installed("receivers/node/node_modules");
    let mut command = Command::new("node");
    command.arg("tests/receivers/standard.js");
    Companion::start(command.env("NODE_PATH", modules))
}

/// A request as it reached a receiver.
#[derive(Clone)]
struct Sent {
    headers: BTreeMap<&'static str, String>,
    body: String,
}

impl Sent {
    /// What a sink with these secrets sends.
    async fn by(signing_secrets: &[&str]) -> Self {
        let receiver = FakeSink::start().await;
        let settings = json!({ "url": receiver.url(), "signing_secrets": signing_secrets });
        let sink = sinks::build("http", &settings, &sinks::tools()).expect("it is right");
        let body = r#"{"type": "test", "payload": {"city": "München", "😀": 1e2}}"#;
        let outbound = events::outbound(body, SystemClock.now());
        sink.deliver(&outbound).await.expect("it is taken");

        let got = receiver.got().remove(0);
        let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        let header = |name: &'static str| (name, got.header(name).expect(name).to_owned());
        Self {
            headers: headers.map(header).into(),
            body: String::from_utf8(got.body.clone()).expect("text"),
        }
    }

    /// The same with something else in one of its headers.
    fn with(&self, name: &'static str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.headers.insert(name, value.to_owned());
        changed
    }

    /// What a library says of it that holds this secret.
    async fn to(&self, library: &mut Companion, secret: &str) -> Value {
        let Self { headers, body } = self;
        let question = json!({ "secret": secret, "headers": headers, "body": body });
        library.hears(&question.to_string());
        library.says().await
    }
}

async fn knows_what_we_signed(mut library: Companion) {
    let rotating = Sent::by(&[NEW, OLD]).await;
    for secret in [NEW, OLD] {
        assert_eq!(rotating.to(&mut library, secret).await, true);
        let alone = Sent::by(&[secret]).await;
        assert_eq!(alone.to(&mut library, secret).await, true);
    }

    let no_match = json!("No matching signature found");
    assert_eq!(rotating.to(&mut library, OTHER).await, no_match);
    let tampered = Sent {
        body: rotating.body.replace("100.0", "100.5"),
        ..rotating.clone()
    };
    assert_ne!(tampered.body, rotating.body);
    let renamed = rotating.with("webhook-id", "evt_00000000-0000-8b57-b48b-63936c924fa1");
    let sent_at: u64 = rotating.headers["webhook-timestamp"]
        .parse()
        .expect("seconds");
    let postdated = rotating.with("webhook-timestamp", &(sent_at + 1).to_string());
    for forged in [tampered, renamed, postdated] {
        for secret in [NEW, OLD] {
            assert_eq!(forged.to(&mut library, secret).await, no_match);
        }
    }
}

#[tokio::test]
async fn the_library_of_pypi_knows_what_we_signed_and_nothing_else() {
    knows_what_we_signed(python()).await;
}

#[tokio::test]
async fn the_library_of_npm_knows_what_we_signed_and_nothing_else() {
    knows_what_we_signed(node()).await;
}
