//! What a request claims of itself before its body is read.

use super::refusal::Refusal;

/// The headers that a signature stands in, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignedHeaders<'a> {
    /// `X-Browser-Use-Timestamp`
    pub timestamp: Option<&'a str>,
    /// `X-Browser-Use-Signature`
    pub signature: Option<&'a str>,
    /// `X-Webhook-Signature`, which lets nobody in and helps to say what is wrong.
    pub legacy_signature: Option<&'a str>,
}

/// What a request claims of itself, well-formed and not yet believed.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// When it was signed, as it stands in the header.
    pub(super) timestamp: &'a str,
    /// The signature, as it stands in the header.
    pub(super) signature: &'a str,
    /// The signature's octets.
    pub(super) octets: [u8; 32],
}

impl<'a> SignedHeaders<'a> {
    /// Both headers and the signature's octets: what can be judged before the body is read.
    pub fn claim(&self) -> Result<Claim<'a>, Refusal> {
        let timestamp = self
            .timestamp
            .ok_or(Refusal::MissingHeader("X-Browser-Use-Timestamp"))?;
        let signature = self
            .signature
            .ok_or(Refusal::MissingHeader("X-Browser-Use-Signature"))?;
        Ok(Claim {
            timestamp,
            signature,
            octets: octets(signature).ok_or(Refusal::MalformedSignature)?,
        })
    }
}

/// The octets of a signature: 64 hexadecimal digits, and nothing else.
pub(super) fn octets(signature: &str) -> Option<[u8; 32]> {
    let mut octets = [0; 32];
    hex::decode_to_slice(signature, &mut octets).ok()?;
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Cause;

    fn refusal(signature: &str) -> Option<Refusal> {
        let headers = SignedHeaders {
            timestamp: Some("1748164942"),
            signature: Some(signature),
            legacy_signature: None,
        };
        headers.claim().err()
    }

    #[test]
    fn a_signature_is_64_hexadecimal_digits() {
        assert_eq!(refusal(&"0aF9".repeat(16)), None);
        let other_digit = format!("g{}", "0".repeat(63));
        for bad in ["", "0", &"0".repeat(63), &"0".repeat(66), &other_digit] {
            assert_eq!(refusal(bad), Some(Refusal::MalformedSignature));
        }
    }

    #[test]
    fn a_missing_header_is_named() {
        let only_time = SignedHeaders {
            timestamp: Some("1748164942"),
            ..SignedHeaders::default()
        };
        for (headers, missing) in [
            (SignedHeaders::default(), "X-Browser-Use-Timestamp"),
            (only_time, "X-Browser-Use-Signature"),
        ] {
            let refusal = headers.claim().unwrap_err();
            assert_eq!(refusal, Refusal::MissingHeader(missing));
            assert_eq!(refusal.cause(), Cause::MissingHeader);
        }
    }
}
