//! Through a proxy, and only through one that the configuration names.

use std::sync::Arc;

use tidings::sinks::Reach;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use super::OwnNames;
use super::nobody;
use super::outbound;
use super::sink;

fn through(proxy: &str) -> Reach {
    Reach {
        proxy: Some(proxy.parse().unwrap()),
        ..Reach::default()
    }
}

#[tokio::test]
async fn a_proxy_is_given_the_request_and_finds_the_name_itself() {
    let proxy = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&proxy)
        .await;
    // The proxy is in our own network, as most are: the configuration names it.
    let names = OwnNames::with("proxy.internal", &["127.0.0.1"]);
    let address = format!("http://me:s3cret@proxy.internal:{}", proxy.address().port());
    let url = "http://backend.example.com/hook";
    let sink = sink(url, &through(&address), Arc::clone(&names) as _).unwrap();

    sink.deliver(&outbound()).await.unwrap();
    sink.check().await.unwrap();

    let requests = proxy.received_requests().await.unwrap();
    assert_eq!(requests[0].headers["host"], "backend.example.com");
    assert_eq!(
        requests[0].headers["proxy-authorization"],
        "Basic bWU6czNjcmV0"
    );
    assert!(names.asked().iter().all(|name| name == "proxy.internal"));
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_to_what_speaks_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    let tasks = TaskTracker::new();
    let asked = tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut line = String::new();
        let mut reader = BufReader::new(&mut stream);
        reader.read_line(&mut line).await.unwrap();
        let refusal = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(refusal).await.unwrap();
        line
    });
    let reach = through(&format!("http://{proxy}"));
    let sink = sink("https://backend.example.com", &reach, nobody()).unwrap();

    let error = sink.deliver(&outbound()).await.unwrap_err().to_string();

    assert_eq!(
        asked.await.unwrap(),
        "CONNECT backend.example.com:443 HTTP/1.1\r\n"
    );
    let expected = format!("backend.example.com:443 by way of the proxy {proxy}");
    assert!(error.contains(&expected), "{error}");
}

#[tokio::test]
async fn a_proxy_is_not_asked_for_an_address_that_is_private_as_it_stands() {
    let refused = sink(
        "http://169.254.169.254/",
        &through("http://proxy.example.com"),
        nobody(),
    );
    let refused = format!("{:#}", refused.unwrap_err());
    assert!(refused.contains("169.254.169.254"), "{refused}");
}

#[test]
fn what_is_no_proxy_is_refused_before_the_first_event() {
    for proxy in ["socks5://127.0.0.1:1080", "ftp://proxy.example.com"] {
        let refused = sink("http://a.example.com", &through(proxy), nobody());
        let refused = format!("{:#}", refused.unwrap_err());
        assert!(refused.contains("`proxy` is an address like"), "{refused}");
    }
}
