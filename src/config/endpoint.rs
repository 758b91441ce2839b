//! `[[endpoint]]`: a path that receives, with its secrets.

use std::time::Duration;

use serde::Deserialize;

use crate::event::SignatureForm;
use crate::name::EndpointName;
use crate::secret;
use crate::secret::NamedSecret;

/// A path that receives, with its secrets.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Endpoint {
    /// Its name. Unless it is `default`, it is part of its events' ids.
    pub name: EndpointName,

    /// Where Browser Use posts to.
    pub path: String,

    /// The webhook's secrets: several while rotating. None: it waits for one.
    #[serde(deserialize_with = "secret::named_list")]
    pub secrets: Vec<NamedSecret>,

    /// What may have been signed.
    pub accept: Vec<SignatureForm>,

    /// Whether the vendor's test ping is answered also without a good signature.
    pub accept_unsigned_test: bool,

    /// How old a signature may be.
    #[serde(with = "crate::period")]
    pub max_age: Duration,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            name: EndpointName::default(),
            path: "/webhook".to_owned(),
            secrets: Vec::new(),
            accept: vec![
                SignatureForm::Python,
                SignatureForm::Utf8,
                SignatureForm::Raw,
            ],
            accept_unsigned_test: true,
            max_age: Duration::from_hours(3 * 24),
        }
    }
}
