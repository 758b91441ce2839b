//! `browser-use listen` of npm's `browser-use-sdk@0.6.0`, which was taken out of later ones: it asks
//! for tasks each second, and posts what became of them, signed in the form `payload`. It stands
//! between the simulated cloud, which it asks through the gateway, and the receiver.

use std::process::Stdio;

use jiff::SignedDuration;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::process::Child;
use tokio::process::ChildStdout;
use tokio::process::Command;

use super::installed;
use crate::harness::cloud::SECRET;
use crate::harness::home::TOKEN;
use crate::harness::receiver::Receiver;
use crate::harness::simulated::Simulated;

/// The listener while it runs.
struct Listener {
    child: Child,
    /// It ends when nobody reads what it says.
    said: Lines<BufReader<ChildStdout>>,
}

impl Listener {
    fn start(receiver: &Receiver) -> Self {
        let cli = "clients/listener/node_modules/browser-use-sdk/lib/bin/cli.js";
        let base = format!("http://{}/cloud/api/v2", receiver.address());
        let mut child = Command::new("node")
            .arg(installed(cli))
            .args(["listen", receiver.webhook()])
            .env("BROWSER_USE_BASE_URL", base)
            .env("BROWSER_USE_API_KEY", TOKEN)
            .env("SECRET_KEY", SECRET)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("scripts/test installs what this starts");
        let said = BufReader::new(child.stdout.take().expect("it is piped"));
        Self {
            child,
            said: said.lines(),
        }
    }

    /// Waits until it says this.
    async fn says(&mut self, words: &str) {
        loop {
            let line = self.said.next_line().await.expect("it speaks text");
            if line.expect("it goes on").contains(words) {
                return;
            }
        }
    }
}

#[tokio::test]
async fn what_it_posts_is_taken_where_its_form_is_accepted() {
    let cloud = Simulated::start().await;
    // The listener lives by the machine's clock, and asks for tasks that are newer than itself.
    let ahead = SystemClock.now() + SignedDuration::from_hours(1);
    cloud.clock.advance(ahead.duration_since(cloud.clock.now()));
    let settings = format!(
        r#"
        [cloud]
        base_url = "{}"
        api_key = "a key"
        rate = "1000/s"

        [[endpoint]]
        name = "default"
        path = "/webhook"
        accept = ["payload"]
        secrets = [{{ env = "BROWSER_USE_WEBHOOK_SECRET" }}]
        "#,
        cloud.url()
    );
    let receiver = Receiver::living_by(&cloud.clock, &settings).await;
    let made = cloud.post("v2/tasks", json!({ "task": "Find milk" }));
    let made = made.await.is(202);
    cloud.passes(3).await;

    let mut listener = Listener::start(&receiver);
    listener.says("agent.task.status_update 200").await;
    cloud.passes(10).await;
    listener.says("agent.task.status_update 200").await;
    listener.child.kill().await.expect("it runs");

    let path = "/events?type=agent.task.status_update&order=asc";
    let events = receiver.caller().finds(path).await;
    let events = events["data"].as_array().expect("a list").iter();
    let told: Vec<_> = events
        .map(|event| {
            assert_eq!(event["task_id"], made["id"]);
            format!("{}, {}", event["status"], event["signature"]["form"])
        })
        .collect();
    assert_eq!(
        told,
        [r#""started", "payload""#, r#""finished", "payload""#]
    );
    receiver.stop_cleanly().await;
}
