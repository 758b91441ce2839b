//! The webhook secrets, from the configuration and from earlier runs.

use crate::config::Config;
use crate::config::Mode;
use crate::keyring::Keyring;
use crate::store::Endpoints;
use crate::store::StoreError;

/// The secrets of the configuration.
pub(super) fn configured(config: &Config) -> Keyring {
    let endpoints = config.endpoints.iter();
    let secrets = endpoints.map(|endpoint| (endpoint.name.clone(), endpoint.secrets.clone()));
    Keyring::new(secrets).unless(config.mode == Mode::Poll)
}

/// Adds the secrets given to earlier runs. What was given to an endpoint that is no longer
/// configured stays in the store and counts for nothing.
pub(super) async fn load(keyring: &Keyring, store: &dyn Endpoints) -> Result<(), StoreError> {
    // The newest is given last, as it was.
    for (endpoint, secret) in store.secrets().await?.into_iter().rev() {
        if let Some(secrets) = keyring.of(&endpoint) {
            secrets.give(secret);
        }
    }
    Ok(())
}
