//! Says what would have matched: which form, which secret, which clock.
//!
//! "The signature never matches" is the commonest trouble with these webhooks. Nothing here lets
//! anybody in; it is worked out beside the requests, and told to the operator only.

mod content;

mod finding;

mod search;

mod spelling;

use bytes::Bytes;
use jiff::Timestamp;

pub use self::finding::Diagnosis;
use self::finding::Finding;
use super::claim::SignedHeaders;
use super::refusal::Refusal;
use super::signature::Policy;
use super::signed_time;
use crate::secret::NamedSecret;

/// Works out what would have let a refused request in. None: nothing we know of, or nothing is
/// wrong.
#[must_use]
pub fn diagnose(
    secrets: &[NamedSecret],
    policy: &Policy,
    headers: &SignedHeaders<'_>,
    body: &Bytes,
    now: Timestamp,
) -> Option<Diagnosis> {
    let mut diagnosis = search::find(secrets, policy, headers, body)?;
    diagnosis.findings.extend(clock(policy, headers, now));
    (!diagnosis.findings.is_empty()).then_some(diagnosis)
}

/// What is wrong with the time, in a request that is otherwise understood.
fn clock(policy: &Policy, headers: &SignedHeaders<'_>, now: Timestamp) -> Option<Finding> {
    let timestamp = headers.timestamp?;
    match signed_time::fresh(timestamp, policy.max_age, now) {
        Err(Refusal::TooOld { age, limit }) => Some(Finding::TooOld { age, limit }),
        Err(Refusal::InTheFuture { by, limit }) => Some(Finding::InTheFuture { by, limit }),
        Err(_) => Some(Finding::UnreadableTime(timestamp.into())),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::signature;
    use super::*;
    use crate::canonical;
    use crate::canonical::Document;
    use crate::canonical::KeyOrder;
    use crate::event::SignatureForm;
    use crate::signing;

    const BODY: &str = r#"{"type": "test", "payload": {"9": "ü", "10": 1.0}}"#;
    const TIMESTAMP: &str = "1748164942";

    fn now() -> Timestamp {
        "2025-05-25T09:22:30Z".parse().unwrap()
    }

    fn policy() -> Policy {
        Policy {
            accept: vec![
                SignatureForm::Python,
                SignatureForm::Utf8,
                SignatureForm::Raw,
            ],
            max_age: SignedDuration::from_hours(72),
        }
    }

    fn named(secret: &str) -> Vec<NamedSecret> {
        vec![NamedSecret {
            name: "main".into(),
            secret: secret.into(),
        }]
    }

    /// What is said of a request to a receiver whose secret is `configured`.
    fn told(configured: &str, headers: &SignedHeaders<'_>, body: &str) -> String {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let secrets = named(configured);
        assert!(signature::verify(&secrets, &policy(), headers, &body, now()).is_err());
        diagnose(&secrets, &policy(), headers, &body, now())
            .map_or_else(|| "nothing".to_owned(), |diagnosis| diagnosis.to_string())
    }

    fn headers<'a>(timestamp: &'a str, signature: &'a str) -> SignedHeaders<'a> {
        SignedHeaders {
            timestamp: Some(timestamp),
            signature: Some(signature),
            legacy_signature: None,
        }
    }

    fn python() -> Vec<u8> {
        Document::read(BODY.as_bytes()).unwrap().python().to_vec()
    }

    fn signed(key: &str, timestamp: &str, content: &[u8]) -> String {
        hex::encode(signing::sign(key.as_bytes(), timestamp, content))
    }

    #[test]
    fn a_form_that_is_not_accepted_is_named() {
        let document = Document::read(BODY.as_bytes()).unwrap();
        let signature = signed("s", TIMESTAMP, document.get("payload").unwrap());
        insta::assert_snapshot!(told("s", &headers(TIMESTAMP, &signature), BODY), @r#"The signature belongs to the secret `main`, but it covers only the payload (form `payload`), which this endpoint does not accept: update the sender's SDK, or add "payload" to `accept` knowing that the type and the time are then unsigned."#);

        let sample = canonical::utf8_ordered(BODY.as_bytes(), KeyOrder::IntegersFirst).unwrap();
        let signature = signed("s", TIMESTAMP, &sample);
        insta::assert_snapshot!(told("s", &headers(TIMESTAMP, &signature), BODY), @"The signature belongs to the secret `main`, but keys that look like integers were put first, as the vendor's TypeScript sample puts them: sign with the vendor's SDK instead.");
    }

    #[test]
    fn a_secret_that_was_copied_badly_is_named() {
        let signature = signed("s", TIMESTAMP, &python());
        insta::assert_snapshot!(told("s\n", &headers(TIMESTAMP, &signature), BODY), @"The signature belongs to the secret `main`, but the configured secret has blanks or a newline around it: remove them here.");
        insta::assert_snapshot!(told("\"s\"", &headers(TIMESTAMP, &signature), BODY), @"The signature belongs to the secret `main`, but the configured secret is in quotes: remove them here.");

        let signature = signed("s\n", TIMESTAMP, &python());
        insta::assert_snapshot!(told("s", &headers(TIMESTAMP, &signature), BODY), @"The signature belongs to the secret `main`, but the sender's secret ends with a blank or a newline: remove it there.");
    }

    #[test]
    fn a_clock_that_is_wrong_is_named() {
        let old = "2025-05-20T09:22:30Z";
        let signature = signed("s", old, &python());
        insta::assert_snapshot!(told("s", &headers(old, &signature), BODY), @"The signature belongs to the secret `main`, but it is 5d old, and this endpoint's `max_age` is 3d: set the sender's clock right, or raise `max_age`.");

        let ahead = "1748165942";
        let signature = signed("s", ahead, &python());
        insta::assert_snapshot!(told("s", &headers(ahead, &signature), BODY), @"The signature belongs to the secret `main`, but its time is 16m 32s ahead of this machine's clock, and 5m is the limit: set both clocks right.");

        let signature = signed("s", "noon", &python());
        insta::assert_snapshot!(told("s", &headers("noon", &signature), BODY), @"The signature belongs to the secret `main`, but its time `noon` cannot be read: send Unix seconds, or ISO 8601.");
    }

    #[test]
    fn a_header_that_was_rewritten_is_named() {
        let signature = signed("s", "1748164942000", &python());
        insta::assert_snapshot!(told("s", &headers(TIMESTAMP, &signature), BODY), @"The signature belongs to the secret `main`, but it was made over the time `1748164942000`, which is not what the header says: send the time exactly as it was signed.");

        let signature = format!("sha256={}", signed("s", TIMESTAMP, &python()));
        insta::assert_snapshot!(told("s", &headers(TIMESTAMP, &signature), BODY), @"The signature belongs to the secret `main`, but the header has something before the digits: send the 64 digits alone.");
    }

    #[test]
    fn the_way_of_early_2026_is_named() {
        let signature = hex::encode(signing::hmac(b"s", &[BODY.as_bytes()]));
        let headers = SignedHeaders {
            legacy_signature: Some(&signature),
            ..SignedHeaders::default()
        };
        insta::assert_snapshot!(told("s", &headers, BODY), @"The signature belongs to the secret `main`, but it covers the body without a time: sign `{timestamp}.{body}` and send both headers. Also, it came in the header `X-Webhook-Signature`: send it as `X-Browser-Use-Signature`.");
    }

    #[test]
    fn several_faults_are_told_together() {
        let signature = signed("s", "1748165942", b"not json");
        insta::assert_snapshot!(told("s ", &headers("1748165942", &signature), "not json"), @"The signature belongs to the secret `main`, but the body cannot be read (unexpected character, at byte 0): send JSON within the documented bounds. Also, the configured secret has blanks or a newline around it: remove them here. Also, its time is 16m 32s ahead of this machine's clock, and 5m is the limit: set both clocks right.");
    }

    #[test]
    fn what_matches_in_no_way_gets_no_diagnosis() {
        let signature = signed("another", TIMESTAMP, &python());
        assert_eq!(told("s", &headers(TIMESTAMP, &signature), BODY), "nothing");
        assert_eq!(told("s", &SignedHeaders::default(), BODY), "nothing");
    }

    #[test]
    fn what_is_genuine_gets_no_diagnosis() {
        let signature = signed("s", TIMESTAMP, &python());
        let headers = headers(TIMESTAMP, &signature);
        let body = Bytes::from_static(BODY.as_bytes());
        assert!(diagnose(&named("s"), &policy(), &headers, &body, now()).is_none());
    }
}
