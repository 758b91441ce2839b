//! The parameters of a listing.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use sha2::Digest as _;
use sha2::Sha256;
use url::form_urlencoded;

use super::error::ApiError;
use crate::period;

/// From how much likeness on a parameter may have been meant: 0 is none, 1 is the same.
const LIKENESS: f64 = 0.85;

/// The query of a request. A handler takes out what it knows, and what is left is refused: a filter
/// with a slip of the pen must not list everything.
#[derive(Debug)]
pub(super) struct Params {
    /// As they came, until somebody takes them.
    given: Vec<(String, String)>,
    /// What was asked for.
    known: Vec<&'static str>,
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(parts.uri.query().unwrap_or_default()))
    }
}

impl Params {
    fn read(query: &str) -> Self {
        Self::given(form_urlencoded::parse(query.as_bytes()).into_owned())
    }

    /// Names and values, wherever they come from.
    pub(super) fn given(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            given: pairs.into_iter().collect(),
            known: Vec::new(),
        }
    }

    /// The one value of a parameter.
    pub(super) fn value<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, ApiError> {
        let mut texts = self.take(name);
        let text = texts.pop();
        if !texts.is_empty() {
            return Err(ApiError::parameter(name, "is given more than once"));
        }
        text.map(|text| parse(name, &text)).transpose()
    }

    /// The values of a parameter, with commas between them.
    pub(super) fn values<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
    ) -> Result<Vec<T>, ApiError> {
        let texts = self.take(name);
        texts
            .iter()
            .flat_map(|text| text.split(','))
            .map(|text| parse(name, text))
            .collect()
    }

    /// The values of every parameter that is called `prefix` and a key, by key.
    pub(super) fn keyed(
        &mut self,
        prefix: &'static str,
    ) -> Result<BTreeMap<String, Vec<String>>, ApiError> {
        self.known.push(prefix);
        let mut keyed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, text) in self.given.extract_if(.., |(name, _)| {
            name.len() > prefix.len() && name.starts_with(prefix)
        }) {
            let key = name.strip_prefix(prefix).unwrap_or_default();
            let values = keyed.entry(key.to_owned()).or_default();
            for value in text.split(',') {
                values.push(parse(&name, value)?);
            }
        }
        Ok(keyed)
    }

    /// Refuses what nobody took.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.given.first() {
            None => Ok(()),
            Some((name, _)) => Err(ApiError::UnknownParameter {
                name: name.chars().take(100).collect(),
                hint: self.hint(name),
            }),
        }
    }

    /// What tells these parameters from others, in eight octets, however they are ordered. Those
    /// named in `except` do not count. The same in every version: cursors outlive the server.
    pub(super) fn fingerprint(&self, except: &[&str]) -> [u8; 8] {
        let mut counted: Vec<_> = self
            .given
            .iter()
            .filter(|(name, _)| !except.contains(&name.as_str()))
            .collect();
        counted.sort();

        let mut hash = Sha256::new();
        for (name, value) in counted {
            for text in [name, value] {
                hash.update(text.len().to_be_bytes());
                hash.update(text);
            }
        }
        let mut head = [0; 8];
        head.copy_from_slice(&hash.finalize()[..8]);
        head
    }

    fn take(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        self.given
            .extract_if(.., |(given, _)| given == name)
            .map(|(_, value)| value)
            .collect()
    }

    fn hint(&self, name: &str) -> String {
        let likeness = |known: &&&str| strsim::jaro_winkler(known, name);
        let nearest = self
            .known
            .iter()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
            .filter(|known| likeness(known) >= LIKENESS);
        if let Some(nearest) = nearest {
            return format!("did you mean `{nearest}`?");
        }
        // A prefix is shown with what comes behind it.
        let known = self.known.join(", ").replace(".,", ".KEY,");
        format!("it knows {known}")
    }
}

/// A moment in a parameter, as the API writes them everywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(pub(super) Timestamp);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        text.parse()
            .map(Self)
            .or(Err("a time is written like 2026-11-23T10:00:00Z"))
    }
}

/// A length of time in a parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period(pub(super) Duration);

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        period::parse(text).map(Self)
    }
}

fn parse<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, ApiError> {
    if text.is_empty() {
        return Err(ApiError::parameter(name, "is empty"));
    }
    text.parse()
        .map_err(|error| ApiError::parameter(name, format!("does not read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(query: &str) -> String {
        let mut params = Params::read(query);
        let read = params
            .keyed("metadata.")
            .and_then(|_| params.values::<String>("status"))
            .and_then(|_| params.value::<usize>("limit"))
            .and_then(|_| params.finish());
        read.map_or_else(|error| error.to_string(), |()| "none".to_owned())
    }

    #[test]
    fn what_a_listing_does_not_know_is_refused_with_the_nearest() {
        assert_eq!(refusal("status=a&limit=3&metadata.team=x"), "none");
        assert_eq!(
            refusal("satus=a"),
            "there is no parameter `satus` here; did you mean `status`?"
        );
        assert_eq!(
            refusal("zzz=a"),
            "there is no parameter `zzz` here; it knows metadata.KEY, status, limit"
        );
        assert_eq!(
            refusal("limit=1&limit=2"),
            "`limit` is given more than once"
        );
        assert_eq!(
            refusal("limit=many"),
            "`limit` does not read: invalid digit found in string"
        );
        assert_eq!(refusal("status=a,,b"), "`status` is empty");
        assert_eq!(refusal("metadata.team="), "`metadata.team` is empty");
    }

    #[test]
    fn several_values_stand_between_commas_or_in_parameters_of_their_own() {
        let mut params = Params::read("status=a,b&status=c%2Cd&metadata.team=x,y");
        let status: Vec<String> = params.values("status").unwrap();
        assert_eq!(status, ["a", "b", "c", "d"]);
        let metadata = params.keyed("metadata.").unwrap();
        assert_eq!(metadata["team"], ["x", "y"]);
    }

    #[test]
    fn the_order_of_parameters_does_not_matter_to_a_cursor_and_their_values_do() {
        let fingerprint = |query| Params::read(query).fingerprint(&["limit"]);
        assert_eq!(fingerprint("a=1&b=2&limit=3"), fingerprint("b=2&a=1"));
        assert_ne!(fingerprint("a=1&b=2"), fingerprint("a=1&b=3"));
        assert_ne!(fingerprint("ab=1"), fingerprint("a=b1"));
    }
}
