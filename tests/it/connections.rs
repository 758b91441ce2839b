//! Connections: their limits, and what a stop does to them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum::routing::post;
use tidings::http;
use tidings::http::Limits;
use tidings::shutdown::Shutdown;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::harness::home::Home;
use crate::harness::program::Program;

/// A server with one path that answers at once, and one that waits until it may.
struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
    begun: Arc<Notify>,
    may_answer: Arc<Notify>,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shutdown = Shutdown::new();
        let (begun, may_answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (beginning, permission) = (Arc::clone(&begun), Arc::clone(&may_answer));
        let slow = || async move {
            beginning.notify_one();
            permission.notified().await;
            "answered\n"
        };
        let router = Router::new()
            .route("/slow", get(slow))
            .route("/refuses", post(|| async { "refused unread\n" }));
        let router = http::with_problems(router);
        let serving = http::serve(listener, router, limits, shutdown.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "the test itself waits for this task"
        )]
        let serving = tokio::spawn(serving);
        Self {
            address,
            shutdown,
            begun,
            may_answer,
            serving,
        }
    }

    async fn connect(&self) -> TcpStream {
        let connected = TcpStream::connect(self.address).await;
        connected.expect("the server accepts")
    }

    async fn stop(self) {
        self.shutdown.request();
        self.serving.await.expect("nothing panics");
    }
}

async fn send(stream: &mut TcpStream, text: &str) {
    let sent = stream.write_all(text.as_bytes()).await;
    sent.expect("the server reads");
}

/// All that comes until the server closes the connection, without the date.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = stream.read_to_string(&mut text).await;
    read.expect("the server ends it in order");
    let lines = text.lines().filter(|line| !line.starts_with("date:"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_client_that_trickles_its_headers_is_answered_and_let_go() {
    let server = Server::start(Limits {
        header_read_timeout: Duration::from_millis(50),
        ..Limits::default()
    })
    .await;
    let mut stream = server.connect().await;
    send(&mut stream, "GET /slow HTTP/1.1\r\nhost: ").await;

    insta::assert_snapshot!(rest(&mut stream).await, @r#"
    HTTP/1.1 408 Request Timeout
    content-type: application/problem+json
    content-length: 123
    connection: close

    {"type":"/problems/headers-too-slow","title":"headers too slow","status":408,"detail":"the headers did not arrive in time"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_let_go_without_a_word() {
    let server = Server::start(Limits {
        header_read_timeout: Duration::from_millis(50),
        ..Limits::default()
    })
    .await;
    let mut stream = server.connect().await;
    assert_eq!(rest(&mut stream).await, "");
    server.stop().await;
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = Server::start(Limits::default()).await;
    let mut stream = server.connect().await;
    send(&mut stream, "GET /slow HTTP/1.1\r\nx-long: ").await;
    send(&mut stream, &"x".repeat(100_000)).await;
    insta::assert_snapshot!(rest(&mut stream).await, @r"
    HTTP/1.1 431 Request Header Fields Too Large
    connection: close
    content-length: 0
    ");
    server.stop().await;
}

#[tokio::test]
async fn a_path_or_method_that_nobody_knows_is_a_problem_too() {
    let server = Server::start(Limits::default()).await;
    let mut stream = server.connect().await;
    send(
        &mut stream,
        "GET /nowhere HTTP/1.1\r\nconnection: close\r\n\r\n",
    )
    .await;
    insta::assert_snapshot!(rest(&mut stream).await, @r#"
    HTTP/1.1 404 Not Found
    content-type: application/problem+json
    content-length: 104
    connection: close

    {"type":"/problems/not-found","title":"not found","status":404,"detail":"nothing answers at `/nowhere`"}
    "#);

    let mut stream = server.connect().await;
    send(
        &mut stream,
        "PUT /slow HTTP/1.1\r\nconnection: close\r\n\r\n",
    )
    .await;
    insta::assert_snapshot!(rest(&mut stream).await, @r#"
    HTTP/1.1 405 Method Not Allowed
    content-type: application/problem+json
    allow: GET,HEAD
    content-length: 158
    connection: close

    {"type":"/problems/method-not-allowed","title":"method not allowed","status":405,"detail":"`/slow` does not take PUT; the header `allow` lists what it takes"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_is_refused_while_it_still_sends_can_read_why() {
    let server = Server::start(Limits::default()).await;
    let mut stream = server.connect().await;
    let length = 900_000;
    let head = format!("POST /refuses HTTP/1.1\r\ncontent-length: {length}\r\n\r\n");
    send(&mut stream, &head).await;
    send(&mut stream, &"x".repeat(length)).await;

    let answer = rest(&mut stream).await;
    assert!(answer.ends_with("refused unread"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn more_connections_than_allowed_wait_their_turn() {
    let server = Server::start(Limits {
        max_connections: 1,
        ..Limits::default()
    })
    .await;
    let mut first = server.connect().await;
    send(&mut first, "GET /slow HTTP/1.1\r\n\r\n").await;
    server.begun.notified().await;

    let mut second = server.connect().await;
    send(
        &mut second,
        "GET /slow HTTP/1.1\r\nconnection: close\r\n\r\n",
    )
    .await;
    let early = tokio::time::timeout(Duration::from_millis(50), server.begun.notified()).await;
    assert!(early.is_err(), "the second was served beside the first");

    drop(first);
    server.begun.notified().await;
    server.may_answer.notify_one();
    assert!(rest(&mut second).await.ends_with("answered"));
    server.stop().await;
}

#[tokio::test]
async fn a_stop_answers_what_was_accepted_and_accepts_no_more() {
    let server = Server::start(Limits::default()).await;
    let mut asked = server.connect().await;
    send(&mut asked, "GET /slow HTTP/1.1\r\n\r\n").await;
    server.begun.notified().await;
    let mut idle = server.connect().await;
    send(&mut idle, "GET /nowhere HTTP/1.1\r\n\r\n").await;
    let answered = idle.read(&mut [0; 4096]).await.unwrap();
    assert_ne!(answered, 0);

    server.shutdown.request();
    assert_eq!(rest(&mut idle).await, "");
    assert!(TcpStream::connect(server.address).await.is_err());

    server.may_answer.notify_one();
    assert!(rest(&mut asked).await.ends_with("answered"));
    server.serving.await.unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_the_grace() {
    let server = Server::start(Limits {
        grace: Duration::from_millis(50),
        ..Limits::default()
    })
    .await;
    let mut asked = server.connect().await;
    send(&mut asked, "GET /slow HTTP/1.1\r\n\r\n").await;
    server.begun.notified().await;

    server.stop().await;
    assert_eq!(rest(&mut asked).await, "");
}

#[tokio::test]
async fn a_server_started_with_a_low_limit_of_files_takes_more_connections_than_that() {
    let home = Home::new("http://127.0.0.1:1/");
    let limited = ["bash", "-c", r#"ulimit -S -n 100; exec "$@""#, "-"];
    let program = Program::run(home.serve_under(&limited));
    let address = program.url.trim_start_matches("http://");

    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(TcpStream::connect(address).await.expect("it listens"));
    }
    // Accepted behind all of them.
    program.get("/api/v1/sinks").await;

    let said = program.stop();
    assert!(said.contains("Raised the limit of open files"), "{said}");
    assert!(!said.contains("Cannot accept"), "{said}");
}
