//! What the tests stand on: a whole receiver in process, the built program in a folder, the two ends
//! of the road, a cloud that signs and a sink that remembers, and languages to compare with.

pub(crate) mod bodies;
pub(crate) mod caller;
pub(crate) mod cloud;
pub(crate) mod companion;
pub(crate) mod disk;
pub(crate) mod ends;
pub(crate) mod events;
pub(crate) mod folder;
pub(crate) mod home;
pub(crate) mod linked;
pub(crate) mod load;
pub(crate) mod lock;
pub(crate) mod log;
pub(crate) mod mail;
pub(crate) mod office;
pub(crate) mod outbounds;
pub(crate) mod program;
pub(crate) mod receiver;
pub(crate) mod reference;
pub(crate) mod running;
pub(crate) mod scripted;
pub(crate) mod service;
pub(crate) mod simulated;
pub(crate) mod sink;
pub(crate) mod sinks;
pub(crate) mod stage;
pub(crate) mod strict;
pub(crate) mod tls;
pub(crate) mod tree;
pub(crate) mod witness;

use std::path::PathBuf;

/// Whether this is `scripts/test all`, which has the time for large numbers.
pub(crate) fn full_counts() -> bool {
    std::env::var_os("TIDINGS_TEST_ALL").is_some()
}

/// A path below `target` at which a package was installed.
pub(crate) fn installed(path: &str) -> PathBuf {
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
