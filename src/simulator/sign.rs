//! Signs as Browser Use does.

use bytes::Bytes;
use jiff::Timestamp;

use crate::canonical::CanonicalError;
use crate::canonical::Document;
use crate::event::SignatureForm;
use crate::secret::Secret;
use crate::signing;

/// How the header writes the time. Both are in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// `1748164942`
    #[default]
    UnixSeconds,
    /// `2025-05-25T09:22:22.269116+00:00`, as Python's `isoformat` prints it.
    Iso,
}

impl TimeStyle {
    /// Writes a time so.
    #[must_use]
    pub fn write(self, time: Timestamp) -> String {
        match self {
            Self::UnixSeconds => time.as_second().to_string(),
            Self::Iso => format!("{time:.6}").replace('Z', "+00:00"),
        }
    }
}

/// A webhook's secret, and the way it is used.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The secret.
    pub secret: Secret,
    /// What is signed.
    pub form: SignatureForm,
    /// How the time is written.
    pub time: TimeStyle,
}

/// A body with the headers that go with it.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    /// The bytes on the wire.
    pub body: Bytes,
    /// `X-Browser-Use-Timestamp`
    pub timestamp: String,
    /// `X-Browser-Use-Signature`
    pub signature: String,
}

/// Why a body cannot be signed in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// It is not JSON.
    #[error("the body cannot be signed in this form: {0}; the form `raw` signs any bytes")]
    NotJson(#[from] CanonicalError),
    /// It has nothing of the kind.
    #[error("the body has nothing to sign in the form `{0}`")]
    NothingToSign(SignatureForm),
}

impl Signer {
    /// A signer as the documentation describes it.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self {
            secret,
            form: SignatureForm::Python,
            time: TimeStyle::default(),
        }
    }

    /// Signs a body at a time.
    pub fn sign_at(&self, body: Bytes, time: Timestamp) -> Result<SignedRequest, SignError> {
        self.sign(body, self.time.write(time))
    }

    /// Signs a body with exactly this header, whatever it says.
    pub fn sign(&self, body: Bytes, timestamp: String) -> Result<SignedRequest, SignError> {
        let key = self.secret.expose().as_bytes();
        let signature = if self.form == SignatureForm::Raw {
            signing::sign(key, &timestamp, &body)
        } else {
            let document = Document::read(&body)?;
            let content = signing::content(self.form, &document, &body)
                .ok_or(SignError::NothingToSign(self.form))?;
            signing::sign(key, &timestamp, &content)
        };
        Ok(SignedRequest {
            body,
            timestamp,
            signature: hex::encode(signature),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_body_gets_its_known_answer() {
        let body =
            r#"{"type": "test", "timestamp": "2024-03-21T12:00:00Z", "payload": {"test": "ok"}}"#;
        let signer = Signer::new("secret".into());
        let time = Timestamp::from_second(1_748_164_942).unwrap();
        let request = signer.sign_at(body.into(), time).unwrap();
        assert_eq!(request.timestamp, "1748164942");
        assert_eq!(
            request.signature,
            "697680af767b9c9450d8f2791234fe3782483ce52a058d2126f4c1bd4c7d9153"
        );
    }

    #[test]
    fn a_time_is_written_as_the_vendor_writes_it() {
        let time = "2025-05-25T09:22:22.269116Z".parse().unwrap();
        assert_eq!(TimeStyle::UnixSeconds.write(time), "1748164942");
        assert_eq!(
            TimeStyle::Iso.write(time),
            "2025-05-25T09:22:22.269116+00:00"
        );
    }

    #[test]
    fn only_the_raw_form_signs_what_is_no_json() {
        let mut signer = Signer::new("secret".into());
        let sign = |signer: &Signer, body: &'static str| signer.sign(body.into(), "0".to_owned());
        assert!(matches!(sign(&signer, "hello"), Err(SignError::NotJson(_))));
        signer.form = SignatureForm::Payload;
        let form = SignatureForm::Payload;
        assert_eq!(
            sign(&signer, "{}").unwrap_err(),
            SignError::NothingToSign(form)
        );
        signer.form = SignatureForm::Raw;
        assert!(sign(&signer, "hello").is_ok());
    }
}
