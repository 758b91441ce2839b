//! The headers of a request: ours, and those the configuration adds.

use std::collections::BTreeMap;

use anyhow::Context as _;
use anyhow::ensure;
use reqwest::header::CONTENT_LENGTH;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::HOST;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use reqwest::header::TRANSFER_ENCODING;

use crate::secret::Secret;
use crate::signing::SIGNATURE_HEADER;
use crate::signing::TIMESTAMP_HEADER;

/// The event's id, by which Standard Webhooks knows a message.
pub(super) const ID: HeaderName = HeaderName::from_static("webhook-id");

/// The event's id, by the name that many frameworks dedupe by.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// When the request was signed, in Unix seconds.
pub(super) const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");

/// The signatures, separated by blanks.
pub(super) const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Says that somebody asked for this event once more.
pub(super) const REPLAY: HeaderName = HeaderName::from_static("tidings-replay");

/// When a body that is handed on was signed, as Browser Use tells it.
pub(super) const VENDOR_TIMESTAMP: HeaderName = HeaderName::from_static(TIMESTAMP_HEADER);

/// The signature of a body that is handed on, as Browser Use makes it.
pub(super) const VENDOR_SIGNATURE: HeaderName = HeaderName::from_static(SIGNATURE_HEADER);

/// What the configuration cannot set: a consumer trusts these to come from us.
const RESERVED: [HeaderName; 11] = [
    ID,
    IDEMPOTENCY_KEY,
    TIMESTAMP,
    SIGNATURE,
    REPLAY,
    VENDOR_TIMESTAMP,
    VENDOR_SIGNATURE,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    HOST,
    TRANSFER_ENCODING,
];

/// The headers that every request of a sink carries.
pub(super) fn own(configured: &BTreeMap<String, Secret>) -> anyhow::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));

    for (name, value) in configured {
        let key = self::name(name, "headers")?;
        let mut value = HeaderValue::try_from(value.expose())
            .with_context(|| format!("the value of `{name}` in `headers` cannot be sent"))?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

/// The name of a header that the configuration may set, from the table with this key.
pub(super) fn name(name: &str, table: &str) -> anyhow::Result<HeaderName> {
    let key = HeaderName::try_from(name)
        .with_context(|| format!("`{name}` in `{table}` is not the name of a header"))?;
    ensure!(
        !RESERVED.contains(&key),
        "`{name}` in `{table}` is set by Tidings itself"
    );
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> anyhow::Result<HeaderMap> {
        own(&BTreeMap::from([(name.to_owned(), value.into())]))
    }

    #[test]
    fn a_header_of_ones_own_is_sent_and_not_shown() {
        let headers = of("Authorization", "Bearer s3cret").unwrap();
        assert_eq!(headers["authorization"], "Bearer s3cret");
        assert!(!format!("{headers:?}").contains("s3cret"));
    }

    #[test]
    fn a_header_that_is_ours_or_cannot_be_sent_is_refused_by_name() {
        for (name, value) in [
            ("Webhook-Id", "a"),
            ("X-Browser-Use-Signature", "a"),
            ("no blanks", "a"),
            ("x-note", "line\nbreak"),
        ] {
            let error = of(name, value).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
