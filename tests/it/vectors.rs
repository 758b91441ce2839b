//! Signatures made once with the vendor's own package, over HTTP: each is taken, and none once a
//! bit of it has changed.

use std::time::Duration;

use serde::Deserialize;
use tidings::secret::NamedSecret;

use crate::harness::receiver::Receiver;

/// A line of `tests/data/signatures.jsonl`.
#[derive(Clone, Debug, Deserialize)]
struct Vector {
    name: String,
    secret: String,
    timestamp: String,
    body: String,
    signature: String,
}

impl Vector {
    /// The same with one bit of one part changed.
    fn forged(&self) -> [Self; 3] {
        let mut forged = [self.clone(), self.clone(), self.clone()];
        flip_last_bit_of(&mut forged[0].signature, self.signature.len() - 1);
        flip_last_bit_of(&mut forged[1].timestamp, self.timestamp.len() - 1);
        // A bit of a key that stands in every body: a blank or a repeated key may change unsigned.
        let key = self.body.find("\"type\"").expect("each body has a type");
        flip_last_bit_of(&mut forged[2].body, key + 1);
        forged
    }
}

/// Flips the lowest bit of the digit or letter at `at`.
fn flip_last_bit_of(text: &mut String, at: usize) {
    let flipped = char::from(text.as_bytes()[at] ^ 1);
    text.replace_range(at..=at, flipped.encode_utf8(&mut [0; 4]));
}

fn vectors() -> Vec<Vector> {
    include_str!("../data/signatures.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a vector"))
        .collect()
}

/// A receiver that knows the vectors' secret, takes signatures as old as they are, and makes no
/// exception for the test ping.
async fn receiver() -> Receiver {
    Receiver::configured(|config| {
        let endpoint = &mut config.endpoints[0];
        endpoint.accept_unsigned_test = false;
        endpoint.max_age = Duration::from_hours(400 * 24);
        endpoint.secrets = vec![NamedSecret {
            name: "vectors".into(),
            secret: vectors()[0].secret.as_str().into(),
        }];
    })
    .await
}

#[tokio::test]
async fn every_vector_is_taken_and_none_with_one_bit_changed() {
    let receiver = receiver().await;
    let vectors = vectors();
    assert_eq!(vectors.len(), 54);

    for vector in &vectors {
        for forged in vector.forged() {
            let Vector {
                name,
                timestamp,
                body,
                signature,
                ..
            } = &forged;
            let answer = receiver.cloud.posts_signed(body, timestamp, signature);
            let answer = answer.await;
            assert_eq!(answer.status, 403, "{name}: {forged:?} {}", answer.body);
        }
        let answer = receiver
            .cloud
            .posts_signed(&vector.body, &vector.timestamp, &vector.signature)
            .await;
        assert_eq!(answer.status, 200, "{}: {}", vector.name, answer.body);
    }
    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}
