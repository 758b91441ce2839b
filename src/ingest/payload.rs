//! From the wire to our own words.

use jiff::Timestamp;

use super::signature::Verified;
use crate::canonical;
use crate::canonical::Document;
use crate::event::EventId;
use crate::event::Facts;
use crate::event::NewEvent;
use crate::event::Origin;
use crate::event::Signature;
use crate::event::SignatureForm;
use crate::name::EndpointName;

/// The payload of the vendor's test ping, and the whole of an early one.
const PING: &[u8] = br#"{"test":"ok"}"#;

/// The event that a verified request tells.
#[must_use]
pub fn event(verified: Verified, endpoint: &EndpointName, received_at: Timestamp) -> NewEvent {
    let (document, body, signature) = verified.into_parts();
    let facts = Facts::read(&document);
    NewEvent {
        id: identify(&document, &facts, endpoint, &signature),
        origin: Origin::Webhook,
        endpoint: endpoint.clone(),
        received_at,
        facts,
        body,
        signature: Some(signature),
    }
}

/// An id is made only from what was signed. In the form `payload` that is the header's time and
/// the payload: were the body's own time to count, one signature would make any number of events.
fn identify(
    document: &Document,
    facts: &Facts,
    endpoint: &EndpointName,
    signature: &Signature,
) -> EventId {
    match signature.form {
        SignatureForm::Payload => {
            let payload = document.get("payload").unwrap_or_default();
            EventId::of_body(endpoint, Some(signature.signed_at), payload)
        }
        SignatureForm::Python | SignatureForm::Utf8 | SignatureForm::Raw => {
            EventId::of_body(endpoint, facts.occurred_at, document.python())
        }
    }
}

/// Whether a body is the vendor's test ping, and nothing else: it is let through unsigned, so no
/// field more may be in it.
#[must_use]
pub fn is_test_ping(document: &Document) -> bool {
    if document.python() == PING {
        return true;
    }
    let mut members = document.members();
    let mut next = || members.next().map(|member| (member.key, member.value));
    let is_ping = matches!(next(), Some((b"payload", PING)))
        && matches!(next(), Some((b"timestamp", time)) if canonical::string(time).is_some())
        && matches!(next(), Some((b"type", br#""test""#)));
    is_ping && next().is_none()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::SignedDuration;

    use super::super::claim::SignedHeaders;
    use super::super::signature::Policy;
    use super::super::signature::verify;
    use super::*;
    use crate::secret::NamedSecret;
    use crate::signing;

    /// The event of a body whose signature covers only the payload.
    fn event_of_payload(body: &'static str, timestamp: &str) -> NewEvent {
        let body = Bytes::from_static(body.as_bytes());
        let document = Document::read(&body).unwrap();
        let form = SignatureForm::Payload;
        let content = signing::content(form, &document, &body).unwrap();
        let signature = hex::encode(signing::sign(b"s", timestamp, &content));
        let headers = SignedHeaders {
            timestamp: Some(timestamp),
            signature: Some(&signature),
            legacy_signature: None,
        };
        let policy = Policy {
            accept: vec![form],
            max_age: SignedDuration::from_hours(1),
        };
        let secrets = [NamedSecret {
            name: "#1".into(),
            secret: "s".into(),
        }];
        let now = Timestamp::from_second(1_748_164_950).unwrap();
        let verified = verify(&secrets, &policy, &headers, &body, now).unwrap();
        event(verified, &EndpointName::default(), now)
    }

    #[test]
    fn what_is_not_signed_does_not_make_another_event() {
        let genuine = r#"{"type":"t","timestamp":"2025-05-25T09:22:22Z","payload":{"a":1}}"#;
        let changed = r#"{"type":"u","timestamp":"2025-05-25T09:22:23Z","payload":{"a":1}}"#;
        let of = |body, timestamp| event_of_payload(body, timestamp).id;
        assert_eq!(of(genuine, "1748164942"), of(changed, "1748164942"));
        assert_ne!(of(genuine, "1748164942"), of(genuine, "1748164943"));
    }

    fn is_ping(body: &str) -> bool {
        is_test_ping(&Document::read(body.as_bytes()).unwrap())
    }

    #[test]
    fn the_test_ping_is_known_by_its_exact_body() {
        assert!(is_ping(
            r#"{"type":"test","timestamp":"2024-03-21T12:00:00Z","payload":{"test":"ok"}}"#
        ));
        assert!(is_ping(
            r#"{"payload": {"test": "ok"}, "timestamp": "now", "type": "test"}"#
        ));
        assert!(is_ping(r#"{"test": "ok"}"#));
    }

    #[test]
    fn anything_more_or_less_is_no_ping() {
        for body in [
            r#"{"type":"test","timestamp":"t","payload":{"test":"ok"},"more":1}"#,
            r#"{"type":"test","timestamp":"t","payload":{"test":"ok","task_id":"t-1"}}"#,
            r#"{"type":"test","timestamp":1,"payload":{"test":"ok"}}"#,
            r#"{"type":"test","payload":{"test":"ok"}}"#,
            r#"{"type":"agent.task.status_update","timestamp":"t","payload":{"test":"ok"}}"#,
            r#"{"test":"ok","type":"test"}"#,
            r#"[{"test":"ok"}]"#,
            "{}",
        ] {
            assert!(!is_ping(body), "{body}");
        }
    }
}
