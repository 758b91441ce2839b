//! What every command works with.

use anyhow::Context as _;
use url::Url;

use super::Global;
use super::output::Output;
use crate::config::Environment;
use crate::config::Loaded;
use crate::secret::Secret;

/// What a command works with.
pub(super) struct Context {
    pub(super) global: Global,
    pub(super) environment: Environment,
    pub(super) output: Output,
}

impl Context {
    /// The server that somebody named.
    pub(super) fn server(&self) -> anyhow::Result<Option<Url>> {
        match (&self.global.server, self.environment.value("TIDINGS_URL")?) {
            (Some(server), _) => Ok(Some(server.clone())),
            (None, Some(text)) => Ok(Some(text.parse().context("TIDINGS_URL is no address")?)),
            (None, None) => Ok(None),
        }
    }

    /// The token that somebody named.
    pub(super) fn token(&self) -> anyhow::Result<Option<Secret>> {
        Ok(match &self.global.token {
            Some(token) => Some(token.clone()),
            None => self
                .environment
                .value("TIDINGS_API_TOKEN")?
                .map(Secret::from),
        })
    }

    /// The configuration here.
    pub(super) fn load(&self) -> anyhow::Result<Loaded> {
        let file = self.global.config.as_deref();
        Ok(Loaded::read(file, self.environment.clone())?)
    }
}
