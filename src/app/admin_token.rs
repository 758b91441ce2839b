//! The administrator's token that the first start makes when nobody gave one.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::access;
use crate::access::NewToken;
use crate::access::Scope;
use crate::access::TokenHash;
use crate::secret::Secret;
use crate::store::Access;

/// The file's name, beside the database.
const FILE: &str = "admin-token";

/// The token that the first start wrote beside the database with this URL. None: there is no such
/// file, or it is not for us to read.
#[must_use]
pub fn read_admin_token(store_url: &str) -> Option<Secret> {
    let mut text = String::new();
    File::open(path(store_url)?)
        .and_then(|file| file.take(1024).read_to_string(&mut text))
        .ok()?;
    Some(text.trim_end().into())
}

/// Makes an administrator's token where the store knows none at all, and says where it was written.
///
/// The path may be told to the log, and the token not: in a container the log is what people see.
pub(super) async fn make_admin_token(
    store: &dyn Access,
    store_url: &str,
    now: Timestamp,
) -> anyhow::Result<Option<PathBuf>> {
    if !store.tokens().await?.is_empty() {
        return Ok(None);
    }
    let Some(path) = path(store_url) else {
        return Ok(None);
    };
    let token = access::fresh_token();
    // The file first: a hash in the store whose token nobody ever saw would open nothing, and keep
    // the next start from making another.
    write(&path, &token).map_err(|error| {
        anyhow::anyhow!(
            "cannot write the first token to {} ({error}): make its folder writable, or set \
             TIDINGS_API_TOKEN",
            path.display()
        )
    })?;
    store
        .create_token(NewToken {
            hash: TokenHash::of(&token),
            scope: Scope::Admin,
            name: Some("first start".to_owned()),
            created_at: now,
            expires_at: None,
        })
        .await?;
    Ok(Some(path))
}

/// Writes the token so that only its owner can read it, from the first moment on.
fn write(path: &Path, token: &Secret) -> io::Result<()> {
    // Left over from another database, it may have other rights; it is not reused.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{}", token.expose())?;
    file.sync_all()
}

/// Where the file is, for a database that is a file itself.
fn path(store_url: &str) -> Option<PathBuf> {
    let rest = store_url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let database = rest.split('?').next().unwrap_or(rest);
    Some(Path::new(database).with_file_name(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_kept_beside_the_database() {
        for (url, file) in [
            ("sqlite:tidings.db", Some("admin-token")),
            (
                "sqlite://data/tidings.db?mode=rwc",
                Some("data/admin-token"),
            ),
            ("sqlite:///var/lib/tidings.db", Some("/var/lib/admin-token")),
            ("postgres://localhost/tidings", None),
        ] {
            assert_eq!(path(url), file.map(PathBuf::from), "{url}");
        }
    }

    #[test]
    fn nobody_but_its_owner_can_read_the_token() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "left over").unwrap();
        write(&path, &"a token".into()).unwrap();

        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let url = format!("sqlite:{}", folder.path().join("tidings.db").display());
        assert_eq!(read_admin_token(&url).unwrap().expose(), "a token");
    }
}
