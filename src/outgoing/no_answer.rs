//! Why a request got no answer, in words that say where to look.

use std::error::Error;
use std::io;
use std::iter::successors;

/// What went wrong on the way to `peer`. The URL is not named: it may hold secrets.
#[must_use]
pub fn no_answer(error: &reqwest::Error, peer: &str) -> String {
    if let Some(reason) = find::<rustls::Error>(error) {
        return format!("no TLS with {peer}: {}", no_tls(reason));
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message) {
        return format!("{peer} closed the connection before it answered");
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => format!("connection refused by {peer}"),
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof,
        ) => format!("{peer} closed the connection before it answered"),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            format!("no way to {peer}: {}", root(error))
        }
        _ if error.is_timeout() => format!("no answer from {peer} in time"),
        _ if is_about_names(error) => format!("no address for {peer}: {}", root(error)),
        _ if error.is_connect() => format!("no connection to {peer}: {}", root(error)),
        _ => format!("no answer from {peer}: {}", root(error)),
    }
}

/// Why there is no TLS, where rustls says it in a word that does not say what to do.
fn no_tls(reason: &rustls::Error) -> String {
    use rustls::AlertDescription as Alert;
    use rustls::CertificateError as Certificate;

    match reason {
        rustls::Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "its certificate is from no authority that is trusted here".to_owned()
        }
        rustls::Error::AlertReceived(Alert::CertificateRequired) => {
            "it asks for a certificate, and none is configured".to_owned()
        }
        rustls::Error::AlertReceived(
            Alert::UnknownCA | Alert::BadCertificate | Alert::DecryptError,
        ) => "it does not accept our certificate".to_owned(),
        _ => reason.to_string(),
    }
}

/// The error itself and everything that caused it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| {
        // An I/O error hides what it was made of from `source`.
        let inside = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match inside {
            Some(inside) => Some(inside as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// The first of this kind among an error and everything that caused it.
#[must_use]
pub fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn root(error: &reqwest::Error) -> String {
    chain(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Whether the name of the host could not be resolved. The resolver's error has no type to ask for.
fn is_about_names(error: &reqwest::Error) -> bool {
    chain(error).any(|error| error.to_string() == "dns error")
}
