//! The vendor's own packages, unmodified, against a running receiver: what they sign is taken, and
//! what they ask goes through. `scripts/test` installs them.

mod clients;

mod listener;

mod signers;

use std::path::PathBuf;

/// A path below `target` at which a package was installed.
fn installed(path: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("target")
        .join(path);
    let is_there = path.exists();
    assert!(
        is_there,
        "{} is missing: scripts/test installs it",
        path.display()
    );
    path
}
