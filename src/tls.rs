//! Which cryptography TLS uses.

/// Makes ring what TLS uses in this process. Call it before building an HTTP client; calling it
/// again changes nothing.
///
/// The other choice of rustls, aws-lc, needs a C++ build, and with neither chosen building a
/// client panics.
pub fn use_ring() {
    // An error says that one has been chosen already: by us, since nothing else here chooses.
    drop(rustls::crypto::ring::default_provider().install_default());
}
