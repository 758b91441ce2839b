//! How long a sink asks us to wait.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::HeaderMap;
use reqwest::header::RETRY_AFTER;

/// The wait that `Retry-After` asks for: in seconds, or until a date as HTTP writes it. None when
/// there is no such header, it cannot be read, or the date has passed.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = rfc2822::parse(text).ok()?.timestamp();
    until.duration_since(now).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        retry_after(&headers, "2026-11-23T08:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        assert_eq!(read("120"), Some(Duration::from_mins(2)));
        assert_eq!(
            read("Mon, 23 Nov 2026 08:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
    }

    #[test]
    fn what_is_past_or_cannot_be_read_asks_for_nothing() {
        for text in ["soon", "", "-5", "1.5", "Mon, 23 Nov 2026 07:59:59 GMT"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }
}
