//! The disk takes no more, and later takes more again: the built program under a limit on the size
//! of its files.

#![cfg(target_os = "linux")]

use std::collections::HashSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use bytes::Bytes;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::simulator::Sender;
use tidings::simulator::Signer;
use tidings::store::EventFilter;
use tidings::store::OpenOptions;
use tidings::store::Order;
use tidings::store::Slice;
use tidings::store::open;

use crate::harness::events::status_update;

/// A running server, ended with this.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// Starts one whose files may grow to about half a megabyte.
    fn limited(folder: &Path) -> Self {
        // A port that was free a moment ago: who starts a process cannot hand it a listener.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let process = Command::new("sh")
            // Without the trap, the system would end the process at its first write too many.
            .args(["-c", "trap '' XFSZ; ulimit -S -f 1000; exec \"$0\" serve"])
            .arg(env!("CARGO_BIN_EXE_tidings"))
            .current_dir(folder)
            .env_clear()
            .env("TIDINGS_LISTEN", port.to_string())
            .env("TIDINGS_API_TOKEN", "tok")
            .env("BROWSER_USE_WEBHOOK_SECRET", "secret")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://{port}/webhook");
        Self { process, url }
    }

    fn lift_the_limit(&self) {
        let lifted = Command::new("prlimit")
            .args(["--fsize=unlimited:", "--pid"])
            .arg(self.process.id().to_string())
            .status()
            .unwrap();
        assert!(lifted.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_disk_takes_no_more_nothing_is_acknowledged_until_it_does() {
    tidings::tls::use_ring();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::limited(folder.path());
    let sender = Sender::new(server.url.parse().unwrap()).unwrap();
    let signer = Signer::new("secret".into());
    let mut number = 0;
    let mut send = async || {
        number += 1;
        let body = Bytes::from(status_update("task", number));
        let request = signer.sign_at(body, SystemClock.now()).unwrap();
        loop {
            // Nobody answers before it listens.
            match sender.post(&request).await {
                Ok(answer) => return answer,
                Err(error) if error.is_connect() => tokio::task::yield_now().await,
                Err(error) => panic!("{error:?}"),
            }
        }
    };

    let mut acknowledged = HashSet::new();
    let refused = loop {
        let answer = send().await;
        match answer.event_id {
            Some(id) => assert!(acknowledged.insert(id)),
            None => break answer,
        }
    };
    assert_eq!(refused.status, 503);
    assert!(!acknowledged.is_empty());
    assert_eq!(send().await.status, 503);

    server.lift_the_limit();
    let answer = send().await;
    assert_eq!(answer.status, 200);
    acknowledged.extend(answer.event_id);

    // Cut off in the middle of life, it still has all it said yes to, and nothing else.
    drop(server);
    let file = folder.path().join("tidings.db");
    let store = open(OpenOptions::new(format!("sqlite:{}", file.display())))
        .await
        .unwrap();
    let mut stored = HashSet::new();
    let mut after = None;
    loop {
        let slice = Slice {
            order: Order::Ascending,
            after,
            limit: 200,
        };
        let page = store.events(&EventFilter::default(), slice).await.unwrap();
        stored.extend(page.items.iter().map(|record| record.event.id.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(stored, acknowledged);
}
