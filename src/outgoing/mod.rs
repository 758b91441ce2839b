//! How others are called: what every HTTP client of ours keeps to, and why a call got no answer.

mod address;

mod no_answer;

use reqwest::Client;
use reqwest::ClientBuilder;
use reqwest::Url;
use reqwest::redirect;

pub use self::address::Address;
pub use self::no_answer::find;
pub use self::no_answer::no_answer;
use crate::tls;

/// A client that goes only where it is sent, to be given its time-outs.
pub fn client() -> ClientBuilder {
    tls::use_ring();
    Client::builder()
        .user_agent(concat!("tidings/", env!("CARGO_PKG_VERSION")))
        // A redirect would hand what is sent, its key or its signature, to somebody nobody
        // configured.
        .redirect(redirect::Policy::none())
        // Settings come from the configuration: a proxy in the environment is somebody else's. That
        // goes for commands, too: most servers are on the same machine or in the same network,
        // where a company's proxy leads nowhere, and it would be given the token.
        .no_proxy()
}

/// The host and the port, as messages name them: a URL's path and query may hold secrets.
#[must_use]
pub fn peer(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
