//! A request as it is shown to people.

use std::collections::BTreeMap;

use reqwest::Body;
use reqwest::Request;
use reqwest::Url;
use reqwest::header::HeaderMap;

use crate::sinks::rendering::MASK;
use crate::sinks::rendering::Rendering;

/// What stands in place of a secret in an address, where brackets would be written as escapes.
const MASK_IN_ADDRESS: &str = "secret";

/// A request as it is shown: headers that are marked sensitive are named and not told. `url` is its
/// address without what is secret in it; [`masked`] serves where that is a password or a query.
pub(in crate::sinks) fn rendering(request: &Request, url: impl Into<String>) -> Rendering {
    let body = request.body().and_then(Body::as_bytes).unwrap_or_default();
    Rendering::Request {
        method: request.method().to_string(),
        url: url.into(),
        headers: headers(request.headers()),
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// An address whose user, password and values in the query are masked.
pub(in crate::sinks) fn masked(url: &Url) -> Url {
    let mut shown = url.clone();
    // An address that has them can have others.
    if !url.username().is_empty() {
        shown.set_username(MASK_IN_ADDRESS).ok();
    }
    if url.password().is_some() {
        shown.set_password(Some(MASK_IN_ADDRESS)).ok();
    }
    if url.query().is_some() {
        let names = url.query_pairs().map(|(name, _)| (name, MASK_IN_ADDRESS));
        shown.query_pairs_mut().clear().extend_pairs(names);
    }
    shown
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = match value.to_str() {
                _ if value.is_sensitive() => MASK.to_owned(),
                Ok(text) => text.to_owned(),
                Err(_) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
            };
            (name.to_string(), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_in_an_address_is_masked() {
        let shown = |url: &str| masked(&url.parse().unwrap()).to_string();
        assert_eq!(
            shown("https://me:pw@example.com/a?token=abc&x=1"),
            "https://secret:secret@example.com/a?token=secret&x=secret"
        );
        assert_eq!(
            shown("https://example.com/a?abc"),
            "https://example.com/a?abc=secret"
        );
        assert_eq!(shown("http://example.com/a"), "http://example.com/a");
    }
}
