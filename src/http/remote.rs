//! Who sent a request, as far as trusted proxies tell.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The address of whoever sent a request.
///
/// Each proxy adds the address it was called from to the end of `X-Forwarded-For`. So the header is
/// read from its end, and only as far as those who wrote it are trusted: what stands before may
/// have been made up by the client.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let mut client = peer.to_canonical();
    for told in forwarded_for(headers) {
        match told {
            Some(told) if is_trusted(client) => client = told.to_canonical(),
            _ => break,
        }
    }
    client
}

/// The addresses in `X-Forwarded-For`, the last one first; none for what is no address.
fn forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .rev()
        .flat_map(|line| line.to_str().unwrap_or_default().rsplit(','))
        .map(|word| word.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_behind(peer: &str, forwarded_for: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded_for {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(client_behind("192.0.2.1", &["10.0.0.1"], &[]), "192.0.2.1");
        assert_eq!(
            client_behind("10.0.0.9", &["1.2.3.4, 192.0.2.1"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed_to_its_beginning() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(
            client_behind("10.0.0.9", &["192.0.2.1, 10.0.0.7", "10.0.0.8"], trusted),
            "192.0.2.1"
        );
        assert_eq!(client_behind("10.0.0.9", &["unknown"], trusted), "10.0.0.9");
        assert_eq!(client_behind("10.0.0.9", &[], trusted), "10.0.0.9");
        assert_eq!(
            client_behind("::ffff:10.0.0.9", &["2001:db8::1"], trusted),
            "2001:db8::1"
        );
    }
}
