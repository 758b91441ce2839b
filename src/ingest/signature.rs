//! Lets in what the vendor signed, and nothing else.

use bytes::Bytes;
use jiff::SignedDuration;
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::claim::Claim;
use super::claim::SignedHeaders;
use super::refusal::Refusal;
use super::signed_time;
use crate::canonical::Document;
use crate::event::Signature;
use crate::event::SignatureForm;
use crate::secret::NamedSecret;
use crate::signing;

/// What an endpoint asks of a signature.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The forms it accepts, tried in this order.
    pub accept: Vec<SignatureForm>,
    /// How old a signed time may be.
    pub max_age: SignedDuration,
}

/// A body whose signature was good, and fresh.
///
/// [`verify`] is the only way to get one, so whoever asks for a `Verified` cannot be handed bytes
/// from a stranger.
#[derive(Clone, Debug)]
pub struct Verified {
    document: Document,
    body: Bytes,
    signature: Signature,
}

impl Verified {
    /// The body, read.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The bytes as they came.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// How it proved to be genuine.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    pub(super) fn into_parts(self) -> (Document, Bytes, Signature) {
        (self.document, self.body, self.signature)
    }
}

/// Verifies a request, and judges how fresh it is at `now`.
///
/// The signature comes before the time: only whoever knows the secret learns that a clock is wrong.
pub fn verify(
    secrets: &[NamedSecret],
    policy: &Policy,
    headers: &SignedHeaders<'_>,
    body: &Bytes,
    now: Timestamp,
) -> Result<Verified, Refusal> {
    let claim = headers.claim()?;
    let document = Document::read(body)?;
    let (form, secret) = find_match(secrets, &policy.accept, &claim, &document, body)
        .ok_or(Refusal::SignatureMismatch)?;
    let signed_at = signed_time::fresh(claim.timestamp, policy.max_age, now)?;

    let signature = Signature {
        form,
        secret: (&*secret.name).into(),
        timestamp: claim.timestamp.into(),
        value: claim.signature.into(),
        signed_at,
    };
    Ok(Verified {
        document,
        body: body.clone(),
        signature,
    })
}

/// The first form and secret that match. Each comparison takes the same time whatever it finds.
fn find_match<'s>(
    secrets: &'s [NamedSecret],
    forms: &[SignatureForm],
    claim: &Claim<'_>,
    document: &Document,
    body: &[u8],
) -> Option<(SignatureForm, &'s NamedSecret)> {
    forms.iter().find_map(|&form| {
        let content = signing::content(form, document, body)?;
        let secret = secrets.iter().find(|secret| {
            let key = secret.secret.expose().as_bytes();
            let right = signing::sign(key, claim.timestamp, &content);
            // Anybody can sign with nothing.
            !key.is_empty() && right.ct_eq(&claim.octets).into()
        })?;
        Some((form, secret))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "secret";

    fn secrets(secrets: &[&str]) -> Vec<NamedSecret> {
        secrets
            .iter()
            .map(|secret| NamedSecret {
                name: format!("named {secret}").into(),
                secret: (*secret).into(),
            })
            .collect()
    }

    fn policy() -> Policy {
        Policy {
            accept: vec![
                SignatureForm::Python,
                SignatureForm::Utf8,
                SignatureForm::Raw,
            ],
            max_age: SignedDuration::from_secs(300),
        }
    }

    /// Half a minute after the timestamp that the vectors carry.
    fn now() -> Timestamp {
        "2025-05-25T09:22:52Z".parse().unwrap()
    }

    fn verified(timestamp: &str, signature: &str, body: &[u8]) -> Result<Verified, Refusal> {
        let headers = SignedHeaders {
            timestamp: Some(timestamp),
            signature: Some(signature),
            legacy_signature: None,
        };
        let body = Bytes::copy_from_slice(body);
        verify(
            &secrets(&["new", SECRET]),
            &policy(),
            &headers,
            &body,
            now(),
        )
    }

    fn signature(form: SignatureForm, timestamp: &str, body: &[u8]) -> String {
        let document = Document::read(body).unwrap();
        let content = signing::content(form, &document, body).unwrap();
        hex::encode(signing::sign(SECRET.as_bytes(), timestamp, &content))
    }

    #[test]
    fn the_two_documented_bodies_have_the_known_answers() {
        let test =
            br#"{"type": "test", "timestamp": "2024-03-21T12:00:00Z", "payload": {"test": "ok"}}"#;
        let status = br#"{"type": "agent.task.status_update", "timestamp": "2025-05-25T09:22:22.269116+00:00",
            "payload": {"session_id": "cd9cc7bf-e3af-4181-80a2-73f083bc94b4",
                        "task_id": "5b73fb3f-a3cb-4912-be40-17ce9e9e1a45", "status": "finished",
                        "metadata": {"campaign": "q4-automation", "team": "marketing"}}}"#;
        let answer = "697680af767b9c9450d8f2791234fe3782483ce52a058d2126f4c1bd4c7d9153";
        verified("1748164942", answer, test).unwrap();
        let answer = "b8ffb2870cdcac2c765c8d8f418b225978610fce6b36217e42c6e06bd040d0e7";
        let verified = verified("1748164942", answer, status).unwrap();
        assert_eq!(verified.signature().form, SignatureForm::Python);
        assert_eq!(&*verified.signature().secret, "named secret");
    }

    #[test]
    fn every_vector_is_let_in_and_refused_with_one_bit_changed() {
        for line in include_str!("../../tests/data/signatures.jsonl").lines() {
            let vector: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| vector[key].as_str().unwrap();
            let (timestamp, body) = (text("timestamp"), text("body").as_bytes());

            verified(timestamp, text("signature"), body).unwrap();

            let mut octets = hex::decode(text("signature")).unwrap();
            for bit in 0..256 {
                octets[bit / 8] ^= 1 << (bit % 8);
                let refusal = verified(timestamp, &hex::encode(&octets), body).unwrap_err();
                assert_eq!(refusal, Refusal::SignatureMismatch);
                octets[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn digits_in_upper_case_are_the_same_signature() {
        let good = signature(SignatureForm::Python, "1748164942", b"{}");
        verified("1748164942", &good.to_uppercase(), b"{}").unwrap();
    }

    #[test]
    fn only_forms_that_are_accepted_let_in() {
        let body = r#"{ "payload": {"city": "München"} }"#.as_bytes();
        for form in policy().accept {
            let verified = verified("1748164942", &signature(form, "1748164942", body), body);
            assert_eq!(verified.unwrap().signature().form, form);
        }
        let payload = signature(SignatureForm::Payload, "1748164942", body);
        let refusal = verified("1748164942", &payload, body).unwrap_err();
        assert_eq!(refusal, Refusal::SignatureMismatch);
    }

    #[test]
    fn the_time_is_judged_only_once_the_signature_is_good() {
        let signed = |timestamp: &str| {
            let good = signature(SignatureForm::Python, timestamp, b"{}");
            verified(timestamp, &good, b"{}").map(|_| ())
        };
        assert_eq!(signed("1748164942"), Ok(()));
        assert_eq!(signed("1748164672"), Ok(()), "just young enough");
        assert!(matches!(signed("1748164671"), Err(Refusal::TooOld { .. })));
        assert_eq!(signed("1748165272"), Ok(()), "just near enough");
        assert!(matches!(
            signed("1748165273"),
            Err(Refusal::InTheFuture { .. })
        ));
        assert_eq!(signed("noon"), Err(Refusal::UnreadableTime));
        assert_eq!(signed(""), Err(Refusal::UnreadableTime));

        let bad = "0".repeat(64);
        let refusal = verified("noon", &bad, b"{}").unwrap_err();
        assert_eq!(refusal, Refusal::SignatureMismatch);
    }

    #[test]
    fn nobody_gets_in_with_an_empty_secret() {
        let signature = hex::encode(signing::sign(b"", "1748164942", b"{}"));
        let headers = SignedHeaders {
            timestamp: Some("1748164942"),
            signature: Some(&signature),
            legacy_signature: None,
        };
        let body = Bytes::from_static(b"{}");
        let refusal = verify(&secrets(&[""]), &policy(), &headers, &body, now()).unwrap_err();
        assert_eq!(refusal, Refusal::SignatureMismatch);
    }

    proptest! {
        #[test]
        fn what_was_signed_is_let_in_and_every_changed_byte_is_refused(
            text in "\\PC{0,20}", number in any::<i64>(), change in 1u8..,
        ) {
            let text = serde_json::to_string(&text).unwrap();
            let body = format!(r#"{{"type":"t","payload":{{"text":{text},"n":{number}}}}}"#);
            let body = body.as_bytes();
            let raw = signature(SignatureForm::Raw, "1748164942", body);
            let python = signature(SignatureForm::Python, "1748164942", body);
            prop_assert!(verified("1748164942", &raw, body).is_ok());
            prop_assert!(verified("1748164942", &python, body).is_ok());

            let canonical = Document::read(body).unwrap();
            for at in 0..body.len() {
                let mut changed = body.to_vec();
                changed[at] ^= change;
                prop_assert!(verified("1748164942", &raw, &changed).is_err());
                // Another spelling of the same JSON is the same to Python.
                if Document::read(&changed).ok().as_ref() != Some(&canonical) {
                    prop_assert!(verified("1748164942", &python, &changed).is_err());
                }
            }
        }
    }
}
