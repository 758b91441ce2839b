//! Whom a sink trusts, and what it shows of itself.

use anyhow::Context as _;
use anyhow::bail;
use anyhow::ensure;
use reqwest::Certificate;
use reqwest::ClientBuilder;
use reqwest::Identity;

use super::Reach;

/// The client with the certificates that the configuration names.
pub(super) fn certificates(client: ClientBuilder, reach: &Reach) -> anyhow::Result<ClientBuilder> {
    let client = match &reach.ca {
        Some(pem) => client.tls_certs_only(authorities(pem)?),
        None => client,
    };
    Ok(match identity(reach)? {
        Some(identity) => client.identity(identity),
        None => client,
    })
}

fn authorities(pem: &str) -> anyhow::Result<Vec<Certificate>> {
    let found =
        Certificate::from_pem_bundle(pem.as_bytes()).context("`ca` is not readable as PEM")?;
    ensure!(
        !found.is_empty(),
        "`ca` holds no certificate: it is the text of one, or {{ file = \"…\" }}"
    );
    Ok(found)
}

fn identity(reach: &Reach) -> anyhow::Result<Option<Identity>> {
    match (&reach.client_cert, &reach.client_key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => {
            let pem = format!("{cert}\n{}", key.expose());
            let identity = Identity::from_pem(pem.as_bytes()).context(
                "`client_cert` and `client_key` are not a certificate and its key as PEM",
            )?;
            Ok(Some(identity))
        }
        (Some(_), None) => bail!("`client_cert` needs the `client_key` that belongs to it"),
        (None, Some(_)) => bail!("`client_key` needs the `client_cert` that it belongs to"),
    }
}
