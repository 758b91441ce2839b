//! Signs requests in the manner of Standard Webhooks.

use std::fmt;

use anyhow::Context as _;
use anyhow::ensure;
use jiff::Timestamp;
use reqwest::header::HeaderValue;
use standardwebhooks::Webhook;

use crate::secret::NamedSecret;

/// What marks a secret as base64.
const BASE64_PREFIX: &str = "whsec_";

/// The two headers that prove where a request comes from.
#[derive(Debug)]
pub(super) struct Signed {
    /// When it was signed, in Unix seconds.
    pub(super) timestamp: HeaderValue,
    /// One signature a secret, separated by blanks.
    pub(super) signatures: HeaderValue,
}

/// Signs with every secret it was given.
pub(super) struct Signer(Vec<Webhook>);

impl Signer {
    /// A signer with these secrets. None of them: it does not sign.
    pub(super) fn new(secrets: &[NamedSecret]) -> anyhow::Result<Self> {
        secrets
            .iter()
            .map(key)
            .collect::<anyhow::Result<_>>()
            .map(Self)
    }

    /// The headers for a body. None: there is no secret to sign with.
    pub(super) fn sign(
        &self,
        id: &str,
        at: Timestamp,
        body: &[u8],
    ) -> anyhow::Result<Option<Signed>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let at = at.as_second();
        let signatures: Vec<String> = self
            .0
            .iter()
            .map(|key| key.sign(id, at, body))
            .collect::<Result<_, _>>()?;
        let mut signatures: HeaderValue = signatures.join(" ").try_into()?;
        signatures.set_sensitive(true);
        Ok(Some(Signed {
            timestamp: at.into(),
            signatures,
        }))
    }
}

/// The key in a secret: the base64 behind `whsec_`, else the text as it stands.
///
/// The standard's own spelling has the prefix. Without it we take the text, because `openssl rand
/// -hex` prints something that is also base64, and guessing would sign with a key nobody meant.
fn key(secret: &NamedSecret) -> anyhow::Result<Webhook> {
    let name = &secret.name;
    let text = secret.secret.expose();
    ensure!(
        !text.is_empty() && text != BASE64_PREFIX,
        "the signing secret {name} is empty"
    );
    if text.starts_with(BASE64_PREFIX) {
        Webhook::new(text).with_context(|| {
            format!(
                "the signing secret {name} begins with `whsec_`, and what follows is not base64"
            )
        })
    } else {
        Ok(Webhook::from_bytes(text.as_bytes().to_vec())?)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} secrets)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secrets: &[&str]) -> anyhow::Result<Signer> {
        let secrets: Vec<NamedSecret> = secrets
            .iter()
            .map(|&secret| NamedSecret {
                name: "#1".into(),
                secret: secret.into(),
            })
            .collect();
        Signer::new(&secrets)
    }

    fn signatures(secrets: &[&str]) -> String {
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let signed = signer(secrets)
            .unwrap()
            .sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                at,
                br#"{"test": 2432232314}"#,
            )
            .unwrap()
            .unwrap();
        assert_eq!(signed.timestamp, "1614265330");
        signed.signatures.to_str().unwrap().to_owned()
    }

    /// The example that the libraries of Standard Webhooks are tested with.
    const EXAMPLE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn a_secret_with_the_prefix_is_base64() {
        assert_eq!(
            signatures(&["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
            EXAMPLE
        );
    }

    #[test]
    fn a_secret_without_the_prefix_is_the_text_itself() {
        let encoded = signatures(&["whsec_Y29ycmVjdCBob3JzZQ=="]);
        assert_eq!(signatures(&["correct horse"]), encoded);
    }

    #[test]
    fn several_secrets_give_several_signatures() {
        let both = signatures(&["other", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
        let (other, example) = both.split_once(' ').unwrap();
        assert_eq!(other, signatures(&["other"]));
        assert_eq!(example, EXAMPLE);
    }

    #[test]
    fn a_secret_that_cannot_be_a_key_is_refused_without_being_shown() {
        for bad in ["", "whsec_", "whsec_!!"] {
            let error = format!("{:#}", signer(&[bad]).unwrap_err());
            assert!(error.contains("#1"), "{error}");
            assert!(!error.contains("!!"), "{error}");
        }
    }
}
