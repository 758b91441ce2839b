//! Answers come as the vendor sends them, and no further than to their limit.

use tokio::io::AsyncWriteExt as _;

use super::Wire;
use super::in_front_of;
use crate::harness::cloud::client;
use crate::harness::home::TOKEN;
use crate::harness::receiver::Receiver;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

async fn asks(receiver: &Receiver) -> reqwest::Response {
    let url = format!("http://{}/cloud/api/v1/me", receiver.address());
    let asked = client().get(url).bearer_auth(TOKEN).send().await;
    asked.expect("it is answered")
}

#[tokio::test]
async fn an_answer_is_passed_on_while_it_comes() {
    let wire = Wire::lay().await;
    let receiver = in_front_of(&wire.url()).await;
    let begins = async {
        let mut stream = wire.asked().await;
        stream.write_all(HEAD).await.unwrap();
        stream.write_all(b"5\r\nfirst\r\n").await.unwrap();
        stream
    };
    let (mut stream, mut answer) = tokio::join!(begins, asks(&receiver));
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "first");

    stream.write_all(b"4\r\nlast\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "last");
    assert_eq!(answer.chunk().await.unwrap(), None);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let wire = Wire::lay().await;
    let receiver = in_front_of(&wire.url()).await;
    let begins = async {
        let mut stream = wire.asked().await;
        stream.write_all(HEAD).await.unwrap();
        stream.write_all(b"5\r\nfirst\r\n").await.unwrap();
    };
    let ((), mut answer) = tokio::join!(begins, asks(&receiver));
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "first");
    answer.chunk().await.unwrap_err();
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_answer_without_end_is_cut_at_its_limit() {
    let wire = Wire::lay().await;
    let receiver = in_front_of(&wire.url()).await;
    let endless = async {
        let mut stream = wire.asked().await;
        stream.write_all(HEAD).await.unwrap();
        let mut piece = b"100000\r\n".to_vec();
        piece.resize(piece.len() + 1024 * 1024, b' ');
        piece.extend_from_slice(b"\r\n");
        // It ends when nobody listens any more.
        while stream.write_all(&piece).await.is_ok() {}
    };
    let reads = async {
        let mut answer = asks(&receiver).await;
        let mut length = 0;
        while let Ok(Some(piece)) = answer.chunk().await {
            length += piece.len();
        }
        length
    };
    let ((), length) = tokio::join!(endless, reads);
    assert!(length <= 64 * 1024 * 1024, "{length}");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_answer_that_declares_too_much_is_not_begun() {
    let wire = Wire::lay().await;
    let receiver = in_front_of(&wire.url()).await;
    let begins = async {
        let mut stream = wire.asked().await;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            64 * 1024 * 1024 + 1
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let (_stream, answer) = tokio::join!(begins, asks(&receiver));
    assert_eq!(answer.status(), 502);
    receiver.stop_cleanly().await;
}
