//! What is no address of the internet is not called, whichever way it is written or reached.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use insta::assert_snapshot;
use tidings::sinks::Reach;
use tidings::sinks::SystemNames;
use tokio::net::TcpListener;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use super::OwnNames;
use super::failures;
use super::nobody;
use super::outbound;
use super::sink;
use crate::harness::folder::Folder;

/// Somebody on this machine whom nobody should call.
struct Inside(TcpListener);

impl Inside {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    fn was_not_called(self) {
        assert!(self.0.accept().now_or_never().is_none());
    }
}

fn open() -> Reach {
    Reach {
        allow_private: true,
        ..Reach::default()
    }
}

#[tokio::test]
async fn an_address_that_is_private_as_it_stands_is_refused_before_the_first_event() {
    let urls = [
        "http://127.0.0.1/",
        // Decimal, octal, hexadecimal, short, and in digits that only look different.
        "http://2130706433/",
        "http://0177.0.0.01/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://１２７.0.0.1/",
        "http://0/",
        "http://10.0.0.7/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a00:7]/",
        "http://[64:ff9b::169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://backend.localhost/",
    ];
    let told = urls.map(|url| {
        let refused = sink(url, &Reach::default(), nobody()).unwrap_err();
        sink(url, &open(), nobody()).unwrap();
        format!("{url}\n  {refused:#}")
    });
    assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_called() {
    let inside = Inside::start().await;
    for (address, says) in [
        ("127.0.0.1", "a loopback address"),
        ("::ffff:127.0.0.1", "which stands for 127.0.0.1"),
        ("10.0.0.7 192.168.1.1 fd00::1", "a unique-local address"),
    ] {
        let names = OwnNames::with("backend.example.com", &[address]);
        let url = format!(
            "http://backend.example.com:{}/hook",
            inside.address().port()
        );
        let sink = sink(&url, &Reach::default(), names).unwrap();
        let told = failures(&*sink).await;
        assert_eq!(told.matches(says).count(), 2, "{told}");
    }
    inside.was_not_called();
}

#[tokio::test]
async fn the_refusal_says_what_and_how_to_allow_it() {
    let names = OwnNames::with("backend.example.com", &["127.0.0.1"]);
    let sink = sink("http://backend.example.com", &Reach::default(), names).unwrap();
    assert_snapshot!(failures(&*sink).await, @"
    not now: `backend.example.com` leads to 127.0.0.1, a loopback address; set `allow_private = true` on this sink if it may be called
    check: no connection to backend.example.com:80: `backend.example.com` leads to 127.0.0.1, a loopback address; set `allow_private = true` on this sink if it may be called
    ");
}

#[tokio::test]
async fn this_machine_is_called_by_its_name_where_that_is_allowed() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let url = format!("http://localhost:{}", server.address().port());
    let sink = sink(&url, &open(), Arc::new(SystemNames)).unwrap();
    sink.deliver(&outbound()).await.unwrap();
    sink.check().await.unwrap();
}

#[tokio::test]
async fn a_name_that_changes_between_look_ups_is_looked_at_each_time() {
    let inside = Inside::start().await;
    let names = OwnNames::with("backend.example.com", &["nowhere", "127.0.0.1", "10.0.0.7"]);
    let url = format!("http://backend.example.com:{}", inside.address().port());
    let sink = sink(&url, &Reach::default(), names).unwrap();

    let mut told = Vec::new();
    for _ in 0..3 {
        let error = sink.deliver(&outbound()).await.unwrap_err().to_string();
        told.push(error.replace(&inside.address().port().to_string(), "PORT"));
    }
    assert_snapshot!(told.join("\n"), @"
    not now: no address for backend.example.com:PORT: nobody knows backend.example.com
    not now: `backend.example.com` leads to 127.0.0.1, a loopback address; set `allow_private = true` on this sink if it may be called
    not now: `backend.example.com` leads to 10.0.0.7, a private address; set `allow_private = true` on this sink if it may be called
    ");
    inside.was_not_called();
}

#[tokio::test]
async fn a_connection_goes_to_the_address_that_was_looked_at_and_to_no_other() {
    // Two machines by one port, and a name that leads to the one, and from then on to the other.
    let (first, second) = loop {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        if let Ok(second) = TcpListener::bind(("127.0.0.2", port)).await {
            break (first, second);
        }
    };
    let port = first.local_addr().unwrap().port();
    let server = MockServer::builder()
        .listener(first.into_std().unwrap())
        .start()
        .await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let names = OwnNames::with("backend.example.com", &["127.0.0.1", "127.0.0.2"]);
    let url = format!("http://backend.example.com:{port}");
    let sink = sink(&url, &open(), Arc::clone(&names) as _).unwrap();

    for _ in 0..3 {
        sink.deliver(&outbound()).await.unwrap();
    }

    // Once for the one connection, which was kept.
    assert_eq!(names.asked(), ["backend.example.com"]);
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
    assert!(second.accept().now_or_never().is_none());
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_not_followed() {
    let inside = Inside::start().await;
    let server = MockServer::start().await;
    let moved = ResponseTemplate::new(307)
        .insert_header("location", format!("http://{}/", inside.address()));
    Mock::given(any()).respond_with(moved).mount(&server).await;
    let sink = sink(&server.uri(), &open(), nobody()).unwrap();

    let error = sink.deliver(&outbound()).await.unwrap_err();
    assert_snapshot!(error, @"not now: answered 307 Temporary Redirect, and redirects are not followed: configure the final address");
    inside.was_not_called();
}

#[test]
fn the_check_of_a_configuration_says_so_too() {
    let folder =
        Folder::with("sink = [{ name = \"a\", type = \"http\", url = \"http://[::1]/\" }]");
    let ended = folder.run(&["config", "check"]);
    assert_eq!(ended.code, Some(1));
    assert_snapshot!(ended.err, @"error: sink `a`: `url` may not be called: it leads to ::1, the loopback address; set `allow_private = true` on this sink if it may be called");
}
