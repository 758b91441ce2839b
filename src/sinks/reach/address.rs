//! Which addresses belong to the internet, and which to somebody's own network.
//!
//! After the special-purpose registries of IANA (RFC 6890 and what followed it). Where an address of
//! version 6 carries one of version 4, as several ways from one to the other do, the one inside is
//! looked at as well: it is where a gateway would take us.

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::sync::LazyLock;

use ipnet::IpNet;

/// An address that no sink calls unless it was told to, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Private {
    address: IpAddr,
    /// The address of version 4 in it, where that is the reason.
    inside: Option<Ipv4Addr>,
    what: &'static str,
}

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, what, .. } = self;
        match self.inside {
            None => write!(f, "{address}, {what}"),
            Some(inside) => write!(f, "{address}, which stands for {inside}, {what}"),
        }
    }
}

/// What an address is if it is not one of the internet.
pub(super) fn private(address: IpAddr) -> Option<Private> {
    let found = |what, inside| Private {
        address,
        inside,
        what,
    };
    if let Some(what) = what(address) {
        return Some(found(what, None));
    }
    let IpAddr::V6(v6) = address else {
        return None;
    };
    within(v6).find_map(|inside| Some(found(what(inside.into())?, Some(inside))))
}

const METADATA: &str = "where clouds tell their machines secrets";

/// What is not of the internet. Single addresses come before the networks that hold them.
const NETWORKS: [(&str, &str); 35] = [
    ("169.254.169.254/32", METADATA),
    ("100.100.100.200/32", METADATA),
    ("192.0.0.192/32", METADATA),
    // Any other address of the internet by its looks; an Azure machine's host answers there.
    ("168.63.129.16/32", METADATA),
    ("255.255.255.255/32", "the broadcast address"),
    ("0.0.0.0/8", "an address of this machine"),
    ("127.0.0.0/8", "a loopback address"),
    ("10.0.0.0/8", "a private address"),
    ("172.16.0.0/12", "a private address"),
    ("192.168.0.0/16", "a private address"),
    ("100.64.0.0/10", "a provider's shared address"),
    ("169.254.0.0/16", "a link-local address"),
    ("192.0.0.0/24", "a reserved address"),
    ("192.0.2.0/24", "an address for documents"),
    ("198.51.100.0/24", "an address for documents"),
    ("203.0.113.0/24", "an address for documents"),
    ("198.18.0.0/15", "an address for benchmarks"),
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "a reserved address"),
    ("fd00:ec2::254/128", METADATA),
    ("fd20:ce::254/128", METADATA),
    ("::/128", "an address of this machine"),
    ("::1/128", "the loopback address"),
    ("fc00::/7", "a unique-local address"),
    ("fe80::/10", "a link-local address"),
    ("fec0::/10", "a site-local address"),
    ("ff00::/8", "a multicast address"),
    ("64:ff9b:1::/48", "a private address"),
    ("100::/64", "an address that leads nowhere"),
    ("2001:2::/48", "an address for benchmarks"),
    ("2001:10::/28", "a reserved address"),
    ("2001:20::/28", "a reserved address"),
    ("2001:db8::/32", "an address for documents"),
    ("3fff::/20", "an address for documents"),
    ("5f00::/16", "a reserved address"),
];

static READ: LazyLock<Vec<(IpNet, &str)>> = LazyLock::new(|| {
    let read = |(net, what): (&str, _)| (net.parse().expect("tests read them all"), what);
    NETWORKS.map(read).into()
});

fn what(address: IpAddr) -> Option<&'static str> {
    let found = READ.iter().find(|(net, _)| net.contains(&address));
    found.map(|(_, what)| *what)
}

/// The addresses of version 4 that one of version 6 carries.
fn within(address: Ipv6Addr) -> impl Iterator<Item = Ipv4Addr> {
    let segments = address.segments();
    let at = |index: usize| {
        let [high, low] = [segments[index], segments[index + 1]].map(u32::from);
        Ipv4Addr::from_bits(high << 16 | low)
    };
    let carried = match segments {
        // Mapped, compatible, translated by SIIT, and by NAT64.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..] => [Some(at(6)), None],
        // 6to4.
        [0x2002, ..] => [Some(at(1)), None],
        // Teredo: its server, and the client with every bit turned over.
        [0x2001, 0, ..] => [Some(at(2)), Some(!at(6))],
        _ => [None, None],
    };
    carried.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(address: &str) -> String {
        private(address.parse().unwrap()).map_or_else(|| "free".to_owned(), |it| it.to_string())
    }

    #[test]
    fn addresses_of_the_internet_are_free() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2001:0:101:101::fefe:fefe",
            "2002:101:101::",
            // A network of version 6 only reaches the rest of the internet so.
            "64:ff9b::101:101",
        ] {
            assert_eq!(told(address), "free", "{address}");
        }
    }

    #[test]
    fn whatever_is_not_of_the_internet_is_named() {
        let all = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.7",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "100::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        let told: Vec<String> = all.map(told).into();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn an_address_inside_another_is_found() {
        let all = [
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::10.0.0.7",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            // The server is private; the client is, each of its bits turned over.
            "2001:0:a00:7::",
            "2001:0:101:101:0:0:80ff:fffe",
        ];
        let told: Vec<String> = all.map(told).into();
        insta::assert_snapshot!(told.join("\n"), @"
        ::ffff:127.0.0.1, which stands for 127.0.0.1, a loopback address
        ::7f00:1, which stands for 127.0.0.1, a loopback address
        ::ffff:0:7f00:1, which stands for 127.0.0.1, a loopback address
        64:ff9b::a00:7, which stands for 10.0.0.7, a private address
        2002:7f00:1::, which stands for 127.0.0.1, a loopback address
        2002:a9fe:a9fe::1, which stands for 169.254.169.254, where clouds tell their machines secrets
        2001:0:a00:7::, which stands for 10.0.0.7, a private address
        2001:0:101:101::80ff:fffe, which stands for 127.0.0.1, a loopback address
        ");
    }
}
