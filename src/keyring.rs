//! The webhook secrets in force, endpoint by endpoint.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use crate::name::EndpointName;
use crate::secret::NamedSecret;

/// The webhook secrets in force: those in the configuration, and those given while the server
/// runs. Clones share them, so a secret counts from the moment it is given.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    by_endpoint: Arc<BTreeMap<EndpointName, EndpointSecrets>>,
    are_needed: bool,
}

impl Keyring {
    /// The secrets of the configuration; an endpoint may have none yet.
    #[must_use]
    pub fn new(configured: impl IntoIterator<Item = (EndpointName, Vec<NamedSecret>)>) -> Self {
        let secrets = configured
            .into_iter()
            .map(|(endpoint, secrets)| (endpoint, EndpointSecrets::new(secrets)))
            .collect();
        Self {
            by_endpoint: Arc::new(secrets),
            are_needed: true,
        }
    }

    /// The same where no webhook is waited for, and so no secret either.
    #[must_use]
    pub fn unless(self, others_tell: bool) -> Self {
        Self {
            are_needed: !others_tell,
            ..self
        }
    }

    /// The secrets of one endpoint. None: there is no such endpoint.
    #[must_use]
    pub fn of(&self, endpoint: &EndpointName) -> Option<&EndpointSecrets> {
        self.by_endpoint.get(endpoint)
    }

    /// The endpoint that stands for all where none is meant: `default` if there is one, else the
    /// first by name.
    #[must_use]
    pub fn first(&self) -> EndpointName {
        let default = EndpointName::default();
        match self.by_endpoint.keys().next() {
            Some(first) if self.of(&default).is_none() => first.clone(),
            _ => default,
        }
    }

    /// Each endpoint and its secrets, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&EndpointName, &EndpointSecrets)> {
        self.by_endpoint.iter()
    }

    /// Whether an endpoint still waits for its first secret.
    #[must_use]
    pub fn is_one_missing(&self) -> bool {
        let mut all = self.by_endpoint.values();
        self.are_needed && all.any(|secrets| secrets.in_force().is_empty())
    }
}

/// The secrets of one endpoint. Clones share them.
#[derive(Clone, Debug)]
pub struct EndpointSecrets(Arc<RwLock<Arc<[NamedSecret]>>>);

impl EndpointSecrets {
    fn new(secrets: Vec<NamedSecret>) -> Self {
        Self(Arc::new(RwLock::new(secrets.into())))
    }

    /// Those that count now. The lock is held for as long as it takes to copy a pointer.
    #[must_use]
    pub fn in_force(&self) -> Arc<[NamedSecret]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The one to sign with: what was given last, else the first in the configuration. None: there
    /// is none yet.
    #[must_use]
    pub fn newest(&self) -> Option<NamedSecret> {
        let secrets = self.in_force();
        // Anybody can sign with nothing.
        let mut usable = secrets.iter().filter(|named| !named.secret.is_empty());
        usable.next().cloned()
    }

    /// Gives it a secret, in place of one with the same name. The newest comes first, because it is
    /// the likeliest to match, and the one to sign with.
    pub fn give(&self, secret: NamedSecret) {
        let mut secrets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut newest_first = vec![secret];
        for other in secrets.iter() {
            if other.name != newest_first[0].name {
                newest_first.push(other.clone());
            }
        }
        *secrets = newest_first.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str, text: &str) -> NamedSecret {
        NamedSecret {
            name: name.into(),
            secret: text.into(),
        }
    }

    fn in_force(secrets: &Keyring) -> Vec<String> {
        let secrets = secrets.of(&EndpointName::default()).unwrap().in_force();
        secrets
            .iter()
            .map(|secret| format!("{}={}", secret.name, secret.secret.expose()))
            .collect()
    }

    fn give(secrets: &Keyring, secret: NamedSecret) {
        secrets.of(&EndpointName::default()).unwrap().give(secret);
    }

    #[test]
    fn a_secret_that_is_given_counts_at_once_and_everywhere() {
        let secrets = Keyring::new([(EndpointName::default(), Vec::new())]);
        let elsewhere = secrets.clone();
        assert!(elsewhere.is_one_missing());

        give(&secrets, secret("pasted", "s1"));

        assert!(!elsewhere.is_one_missing());
        assert_eq!(in_force(&elsewhere), ["pasted=s1"]);
    }

    #[test]
    fn the_one_to_sign_with_is_what_was_given_last_else_the_first() {
        let configured = vec![
            secret("empty", ""),
            secret("2026-11", "s1"),
            secret("old", "s0"),
        ];
        let secrets = Keyring::new([(EndpointName::default(), configured)]);
        let newest = || {
            let secrets = secrets.of(&EndpointName::default()).unwrap();
            secrets.newest().unwrap().secret
        };
        assert_eq!(newest().expose(), "s1");
        give(&secrets, secret("pasted", "s2"));
        assert_eq!(newest().expose(), "s2");
        let empty = EndpointSecrets::new(Vec::new());
        assert!(empty.newest().is_none());
    }

    #[test]
    fn a_secret_takes_the_place_of_its_namesake_only() {
        let configured = vec![secret("2026-11", "old"), secret("spare", "s2")];
        let secrets = Keyring::new([(EndpointName::default(), configured)]);

        give(&secrets, secret("2026-11", "new"));

        assert_eq!(in_force(&secrets), ["2026-11=new", "spare=s2"]);
    }
}
