//! Browser profiles: what a browser keeps between tasks.

use jiff::Timestamp;
use uuid::Uuid;

use super::Api;

/// A browser profile. v1 knows its settings, later versions know whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) id: Uuid,
    pub(crate) api: Api,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) name: Option<String>,
    /// Whose it is in the user's own system.
    pub(crate) user_id: Option<String>,
    pub(crate) browser: Browser,
}

/// What v1 says of a profile's browser.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) description: String,
    pub(crate) persist: bool,
    pub(crate) ad_blocker: bool,
    pub(crate) proxy: bool,
    pub(crate) proxy_country_code: String,
    /// In pixels.
    pub(crate) viewport: (i64, i64),
}

impl Default for Browser {
    fn default() -> Self {
        Self {
            description: String::new(),
            persist: true,
            ad_blocker: true,
            proxy: true,
            proxy_country_code: "US".to_owned(),
            viewport: (1280, 960),
        }
    }
}
