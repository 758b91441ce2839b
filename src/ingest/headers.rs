//! A request's headers: those that are signed, and all of them as they may be kept.

use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;

use super::claim::SignedHeaders;

/// How many headers are kept.
const COUNT: usize = 32;

/// How much of a name or a value is kept, in characters.
const LENGTH: usize = 200;

/// What a header's name contains when its value opens something. The signature is among them: it is
/// no secret, but with a guess at the body it lets one try secrets at leisure.
const TELLING: [&str; 8] = [
    "auth",
    "cookie",
    "key",
    "password",
    "secret",
    "session",
    "signature",
    "token",
];

/// The headers that a signature stands in. One that is no text is as good as none.
pub(super) fn signed(headers: &HeaderMap) -> SignedHeaders<'_> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    SignedHeaders {
        timestamp: text("x-browser-use-timestamp"),
        signature: text("x-browser-use-signature"),
        legacy_signature: text("x-webhook-signature"),
    }
}

/// The headers of a refused request as they may be kept: short, and without credentials.
pub(super) fn for_the_record(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .take(COUNT)
        .map(|(name, value)| (shortened(name.as_str()), shown(name, value)))
        .collect()
}

/// A masked value still tells its length, which is what is wrong with many a signature.
fn shown(name: &HeaderName, value: &HeaderValue) -> String {
    if TELLING.iter().any(|part| name.as_str().contains(part)) {
        format!("[masked, {} bytes]", value.len())
    } else {
        shortened(&String::from_utf8_lossy(value.as_bytes()))
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(name: &'static str, value: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        for_the_record(&headers).remove(0).1
    }

    #[test]
    fn credentials_are_masked_and_their_length_is_told() {
        let signature = "0".repeat(63);
        assert_eq!(
            kept("x-browser-use-signature", &signature),
            "[masked, 63 bytes]"
        );
        assert_eq!(kept("authorization", "Bearer x"), "[masked, 8 bytes]");
        assert_eq!(kept("cookie", "a=b"), "[masked, 3 bytes]");
        assert_eq!(kept("x-browser-use-timestamp", "1748164942"), "1748164942");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        assert_eq!(kept("user-agent", &"ü".repeat(500)), "ü".repeat(200) + "…");

        let mut many = HeaderMap::new();
        for number in 0..100 {
            let name = HeaderName::try_from(format!("x-{number}")).unwrap();
            many.insert(name, HeaderValue::from(number));
        }
        assert_eq!(for_the_record(&many).len(), COUNT);
    }
}
