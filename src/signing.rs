//! What exactly is signed, and how: shared by those who verify and those who sign.

use std::borrow::Cow;

use hmac::Hmac;
use hmac::KeyInit as _;
use hmac::Mac as _;
use sha2::Sha256;

use crate::canonical;
use crate::canonical::Document;
use crate::event::SignatureForm;

/// The header that tells when a request was signed. Signed itself, verbatim.
pub const TIMESTAMP_HEADER: &str = "x-browser-use-timestamp";

/// The header that holds the signature: 64 hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "x-browser-use-signature";

/// The header of some weeks in early 2026. It covers the raw body and no time, so it is known for
/// the sake of diagnosis only.
pub const LEGACY_SIGNATURE_HEADER: &str = "x-webhook-signature";

/// What of a body is signed in a form. None: the body has nothing of the kind.
#[must_use]
pub fn content<'a>(
    form: SignatureForm,
    document: &'a Document,
    body: &'a [u8],
) -> Option<Cow<'a, [u8]>> {
    match form {
        SignatureForm::Python => Some(document.python().into()),
        SignatureForm::Utf8 => canonical::utf8(body).ok().map(Cow::Owned),
        SignatureForm::Raw => Some(body.into()),
        SignatureForm::Payload => document.get("payload").map(Cow::Borrowed),
    }
}

/// Signs `{timestamp}.{content}` with HMAC-SHA256. The key is the secret as it stands.
#[must_use]
pub fn sign(key: &[u8], timestamp: &str, content: &[u8]) -> [u8; 32] {
    hmac(key, &[timestamp.as_bytes(), b".", content])
}

/// HMAC-SHA256 over several pieces, one after the other.
#[must_use]
pub fn hmac(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// A signature made by the vendor's Python package.
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        secret: String,
        timestamp: String,
        body: String,
        canonical: String,
        signature: String,
    }

    #[test]
    fn we_sign_as_the_vendors_python_package_does() {
        let lines = include_str!("../tests/data/signatures.jsonl").lines();
        let vectors: Vec<Vector> = lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(vectors.len(), 54);

        for vector in vectors {
            let document = Document::read(vector.body.as_bytes()).unwrap();
            assert_eq!(document.as_str(), vector.canonical, "{}", vector.name);
            let signature = sign(
                vector.secret.as_bytes(),
                &vector.timestamp,
                document.python(),
            );
            assert_eq!(hex::encode(signature), vector.signature, "{}", vector.name);
        }
    }
}
