//! Links to files of tasks, for whoever was sent one: each opens one file, until it ends.
//!
//! A link is the file's path with two parameters: `expires`, in seconds since 1970, and `grant`, an
//! HMAC-SHA256 over both. So nothing is kept of a link, and none can be made without our key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::encoded;
use crate::secret::Secret;
use crate::signing;

/// Makes links, and knows its own again.
#[derive(Clone, Debug)]
pub struct Links {
    key: Secret,
    base: Box<str>,
    valid_for: SignedDuration,
}

/// What a link says of itself, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// When it ends, in seconds since 1970.
    pub expires: String,
    /// What only we can have written.
    pub proof: String,
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Somebody changed it, or another server made it, or links are switched off.
    #[error("this link is not as it was sent, or this server gives none")]
    NotGenuine,

    /// Its time is up.
    #[error("this link was good until {0}")]
    Ended(Timestamp),
}

impl Links {
    /// Links signed with this key, good for so long; zero: none is good. They begin with `base`,
    /// where the API is reached; without one they are paths.
    #[must_use]
    pub fn new(key: Secret, base: Option<&str>, valid_for: SignedDuration) -> Self {
        Self {
            key,
            base: base.unwrap_or_default().trim_end_matches('/').into(),
            valid_for,
        }
    }

    /// A link to download an output file of a task, made now.
    #[must_use]
    pub fn to_output_file(&self, task: &str, name: &str, now: Timestamp) -> String {
        let (task, name) = (encoded(task), encoded(name));
        let path = format!("/api/v1/tasks/{task}/output-files/{name}");
        self.link(&path, "?download=true", now)
    }

    /// A link to a screenshot of a task, made now.
    #[must_use]
    pub fn to_screenshot(&self, task: &str, number: u32, now: Timestamp) -> String {
        let path = format!("/api/v1/tasks/{}/screenshots/{number}", encoded(task));
        self.link(&path, "", now)
    }

    fn link(&self, path: &str, query: &str, now: Timestamp) -> String {
        let base = &self.base;
        if !self.valid_for.is_positive() {
            return format!("{base}{path}{query}");
        }
        let ends = now.saturating_add(self.valid_for);
        let expires = ends.unwrap_or(Timestamp::MAX).as_second().to_string();
        let proof = URL_SAFE_NO_PAD.encode(self.sign(path, &expires));
        let more = if query.is_empty() { '?' } else { '&' };
        format!("{base}{path}{query}{more}expires={expires}&grant={proof}")
    }

    /// Whether a grant opens what is at this path. Its parts are written as [`encoded`] does.
    pub fn check(&self, path: &str, grant: &Grant, now: Timestamp) -> Result<(), LinkError> {
        // The proof comes before the time: only who was sent a link learns when it ended.
        let right = self.sign(path, &grant.expires);
        let given = URL_SAFE_NO_PAD.decode(&grant.proof);
        let is_ours = given.is_ok_and(|given| right.as_slice().ct_eq(&given).into());
        if !is_ours || !self.valid_for.is_positive() {
            return Err(LinkError::NotGenuine);
        }
        let ends = grant.expires.parse().map(Timestamp::from_second);
        match ends {
            Ok(Ok(ends)) if now < ends => Ok(()),
            Ok(Ok(ends)) => Err(LinkError::Ended(ends)),
            _ => Err(LinkError::NotGenuine),
        }
    }

    fn sign(&self, path: &str, expires: &str) -> [u8; 32] {
        let key = self.key.expose().as_bytes();
        // No path has a line break in it: whoever encodes it sees to that.
        signing::hmac(key, &[path.as_bytes(), b"\n", expires.as_bytes()])
    }
}

/// What a file is asked for by: its name, or its id where another file has that name, too, or
/// addresses cannot have it.
#[must_use]
pub fn asked_for_by<'f>(
    id: &'f str,
    name: &'f str,
    names: impl Iterator<Item = &'f str>,
) -> &'f str {
    let is_shared = names.filter(|other| *other == name).count() > 1;
    let leads_elsewhere = matches!(name, "" | "." | "..");
    if is_shared || leads_elsewhere {
        id
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn links(base: Option<&str>, valid_for: SignedDuration) -> Links {
        Links::new("a key".into(), base, valid_for)
    }

    /// The path of a link, and what it says of itself.
    fn read(link: &str) -> (String, Grant) {
        let (path, query) = link.split_once("?download=true&expires=").unwrap();
        let (expires, proof) = query.split_once("&grant=").unwrap();
        let grant = Grant {
            expires: expires.to_owned(),
            proof: proof.to_owned(),
        };
        (path.to_owned(), grant)
    }

    /// A text with each of its characters changed in turn, and one that is cut.
    fn every_change_of(text: &str) -> Vec<String> {
        let changed = (0..text.len()).map(|place| {
            let other = |(at, one)| match one {
                '1' if at == place => '2',
                _ if at == place => '1',
                one => one,
            };
            text.chars().enumerate().map(other).collect()
        });
        let cut = text.chars().skip(1).collect();
        changed.chain([cut]).collect()
    }

    #[test]
    fn a_link_opens_its_own_file_until_it_ends_and_nothing_else() {
        let links = links(None, WEEK);
        let (path, grant) = read(&links.to_output_file("t/1", "a b.csv", at(10)));
        assert_eq!(path, "/api/v1/tasks/t%2F1/output-files/a%20b.csv");
        let check = |path: &str, grant: &Grant, second| links.check(path, grant, at(second));
        assert_eq!(check(&path, &grant, 10), Ok(()));
        assert_eq!(check(&path, &grant, 7 * 86400 + 9), Ok(()));
        let ended = Err(LinkError::Ended(at(7 * 86400 + 10)));
        assert_eq!(check(&path, &grant, 7 * 86400 + 10), ended);

        let not_ours = Err(LinkError::NotGenuine);
        let other = read(&links.to_output_file("t/1", "b.csv", at(10)));
        assert_eq!(check(&other.0, &grant, 10), not_ours);
        for (part, changed) in [
            ("expires", every_change_of(&grant.expires)),
            ("proof", every_change_of(&grant.proof)),
        ] {
            for changed in changed {
                let mut forged = grant.clone();
                match part {
                    "expires" => forged.expires = changed,
                    _ => forged.proof = changed,
                }
                assert_eq!(check(&path, &forged, 10), not_ours, "{forged:?}");
            }
        }
        let stranger = Links::new("another".into(), None, WEEK);
        assert_eq!(stranger.check(&path, &grant, at(10)), not_ours);
    }

    #[test]
    fn links_begin_where_the_api_is_reached() {
        let link = links(Some("https://tidings.test/behind/"), WEEK);
        let link = link.to_output_file("t", "a", at(0));
        assert!(
            link.starts_with("https://tidings.test/behind/api/v1/tasks/t/output-files/a?"),
            "{link}"
        );
    }

    #[test]
    fn where_links_are_switched_off_none_is_good_any_more() {
        let (path, grant) = read(&links(None, WEEK).to_output_file("t", "a", at(0)));
        let off = links(None, SignedDuration::ZERO);
        assert_eq!(
            off.to_output_file("t", "a", at(0)),
            "/api/v1/tasks/t/output-files/a?download=true"
        );
        assert_eq!(off.check(&path, &grant, at(1)), Err(LinkError::NotGenuine));
    }
}
