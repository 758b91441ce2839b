//! Who we are to a server.

use anyhow::Context as _;
use anyhow::bail;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

use super::NtfyConfig;

/// The header that says who we are. None: the server does not ask.
pub(super) fn login(config: &NtfyConfig) -> anyhow::Result<Option<HeaderValue>> {
    let text = match (&config.token, &config.username, &config.password) {
        (None, None, None) => return Ok(None),
        (Some(token), None, None) => format!("Bearer {}", token.expose()),
        (None, Some(username), Some(password)) => {
            let both = format!("{username}:{}", password.expose());
            format!("Basic {}", STANDARD.encode(both))
        }
        (None, _, _) => bail!("`username` and `password` go together: set both, or neither"),
        (Some(_), _, _) => bail!("`token` stands for a user with a password: set one of the two"),
    };
    let mut header = HeaderValue::try_from(text).context("`token` cannot be sent")?;
    header.set_sensitive(true);
    Ok(Some(header))
}
