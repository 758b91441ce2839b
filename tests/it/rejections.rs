//! What is kept of requests that were refused, and how little a flood of them costs.

use insta::assert_snapshot;
use jiff::SignedDuration;
use reqwest::Method;

use crate::harness::cloud::SECRET;
use crate::harness::receiver::Receiver;

async fn kept(receiver: &Receiver) -> usize {
    let page = receiver.caller().finds("/rejections?limit=200").await;
    page["data"].as_array().expect("a list").len()
}

#[tokio::test]
async fn a_secret_with_a_line_break_is_found_out() {
    let receiver = Receiver::start().await;
    let cloud = receiver.cloud.signs_with(&format!("{SECRET}\n"));
    cloud.reports("task_1", "finished").await.refused(403);
    receiver.has_rejections(1).await;

    let mut page = receiver.caller().finds("/rejections").await;
    let rejection = page["data"][0].take();
    assert_eq!(rejection["cause"], "signature-mismatch");
    assert_eq!(rejection["endpoint"], "default");
    assert_eq!(rejection["remote"], "127.0.0.1");
    assert_eq!(rejection["at"], "2026-05-25T09:00:00.000000Z");
    assert_eq!(
        rejection["headers"]["x-browser-use-signature"][0],
        "[masked, 64 bytes]"
    );
    assert_snapshot!(rejection["diagnosis"].as_str().expect("a diagnosis"), @"The signature belongs to the secret `#1`, but the sender's secret ends with a blank or a newline: remove it there.");
    assert_eq!(rejection["body_sha256"].as_str().map(str::len), Some(64));

    let id = rejection["id"].as_str().expect("an id");
    let one = receiver.caller().finds(&format!("/rejections/{id}")).await;
    assert_eq!(one, rejection);
    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_flood_of_refusals_is_recorded_in_part_and_holds_up_nothing_genuine() {
    let receiver = Receiver::start().await;
    let stranger = receiver.cloud.forgets_to_sign();
    for _ in 0..100 {
        stranger.reports("task_1", "finished").await.refused(400);
    }
    receiver.hears("task_1", "finished").await;
    receiver.has_rejections(20).await;
    assert_eq!(kept(&receiver).await, 20);

    receiver.clock.advance(SignedDuration::from_secs(3));
    for _ in 0..100 {
        stranger.reports("task_1", "finished").await.refused(400);
    }
    receiver.has_rejections(23).await;
    assert_eq!(kept(&receiver).await, 23);
    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

/// The address that a receiver records when a proxy tells it another.
async fn remote_seen_by(receiver: Receiver) -> String {
    let headers = [("x-forwarded-for", "10.9.9.9, 192.0.2.7")];
    let caller = receiver.caller();
    caller.sends(Method::POST, "/webhook", &headers, "{}").await;
    receiver.has_rejections(1).await;
    let page = caller.finds("/rejections").await;
    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
    page["data"][0]["remote"]
        .as_str()
        .expect("an address")
        .to_owned()
}

#[tokio::test]
async fn what_proxies_say_is_believed_only_if_they_are_trusted() {
    let trusting = Receiver::configured(|config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    });
    assert_eq!(remote_seen_by(trusting.await).await, "192.0.2.7");
    assert_eq!(remote_seen_by(Receiver::start().await).await, "127.0.0.1");
}
