//! Files of tasks: where they are kept, and links to them.

use anyhow::Context as _;
use jiff::SignedDuration;
use url::Url;

use crate::access;
use crate::config::Config;
use crate::store::Store;
use crate::tasks::Links;
use crate::tasks::capture::Folder;

/// The folder that files of ended tasks are kept in; none: none are.
pub(super) fn folder(config: &Config) -> anyhow::Result<Option<Folder>> {
    let path = config.capture.folder.as_deref();
    path.map(|path| {
        Folder::open(path).with_context(|| {
            format!(
                "cannot keep files in {}: make it writable for this user, or change \
                 `capture.folder`",
                path.display()
            )
        })
    })
    .transpose()
}

/// Links to files, signed with the key that the first start made.
pub(super) async fn links(config: &Config, store: &dyn Store) -> anyhow::Result<Links> {
    let key = store.link_key(&access::fresh_key()).await?;
    let base = config.server.api_url().map(Url::as_str);
    let valid_for = SignedDuration::try_from(config.cloud.link_valid_for);
    let valid_for = valid_for.unwrap_or(SignedDuration::MAX);
    Ok(Links::new(key, base, valid_for))
}
