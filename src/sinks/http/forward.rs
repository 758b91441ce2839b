//! Handing on what came, so that a receiver written for Browser Use can stand behind us unchanged.

use std::fmt;

use anyhow::Context as _;
use anyhow::anyhow;
use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderValue;
use serde::Deserialize;

use super::headers::VENDOR_SIGNATURE;
use super::headers::VENDOR_TIMESTAMP;
use crate::canonical::Document;
use crate::event::Event;
use crate::keyring::Keyring;
use crate::secret::Secret;
use crate::signing;
use crate::sinks::Outbound;
use crate::sinks::SinkError;

/// What is sent in place of the event as the API shows it: its own body, and the two headers by which
/// Browser Use proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forward {
    /// Signed anew, in the documented form, with each try: whoever refuses what was signed some
    /// minutes ago takes it, however late it is sent, and whether it came or was told otherwise.
    Signed,
    /// With the headers that came with it. What never came is not sent.
    Verbatim,
}

/// Hands on the bodies of events.
pub(super) struct Forwarder {
    how: Forward,
    keyring: Keyring,
}

impl Forwarder {
    /// One that signs, where it does, with the secrets that the endpoints have by then.
    pub(super) fn new(how: Forward, keyring: Keyring) -> Self {
        Self { how, keyring }
    }

    /// The body of an event, byte for byte, and the headers that prove it.
    pub(super) fn forward(&self, outbound: &Outbound) -> Result<(Bytes, HeaderMap), SinkError> {
        let event = &outbound.event;
        let proof = match self.how {
            Forward::Signed => self.sign(outbound).map_err(SinkError::not_now)?,
            Forward::Verbatim => {
                as_it_came(event).map_err(|cause| SinkError::Unsendable { cause })?
            }
        };
        Ok((event.body.clone(), proof))
    }

    fn sign(&self, outbound: &Outbound) -> anyhow::Result<HeaderMap> {
        let event = &outbound.event;
        let secret = self.secret(event)?;
        let document = Document::read(&event.body).context("its body cannot be signed")?;
        let timestamp = outbound.sent_at.as_second().to_string();
        let signature = signing::sign(secret.expose().as_bytes(), &timestamp, document.python());
        proof(&timestamp, &hex::encode(signature))
    }

    /// The secret of the endpoint that an event came to, or in whose name it was told.
    fn secret(&self, event: &Event) -> anyhow::Result<Secret> {
        let endpoint = &event.endpoint;
        let secrets = self.keyring.of(endpoint).with_context(|| {
            format!("there is no secret to sign it with: no endpoint `{endpoint}` is configured")
        })?;
        let newest = secrets.newest().with_context(|| {
            format!(
                "there is no secret to sign it with: give endpoint `{endpoint}` its own, with \
                 `tidings secret set --endpoint {endpoint}`"
            )
        })?;
        Ok(newest.secret)
    }
}

fn as_it_came(event: &Event) -> anyhow::Result<HeaderMap> {
    let signature = event.signature.as_ref().ok_or_else(|| {
        anyhow!("it did not come by webhook, and `forward = \"verbatim\"` hands on only what did")
    })?;
    proof(&signature.timestamp, &signature.value)
}

/// The headers of Browser Use.
fn proof(timestamp: &str, signature: &str) -> anyhow::Result<HeaderMap> {
    let mut signature = HeaderValue::try_from(signature)?;
    signature.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (VENDOR_TIMESTAMP, HeaderValue::try_from(timestamp)?),
        (VENDOR_SIGNATURE, signature),
    ]))
}

impl fmt::Debug for Forwarder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Forwarder({:?})", self.how)
    }
}
