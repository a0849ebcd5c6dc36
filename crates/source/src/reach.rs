//! Which addresses a source may connect to: all, or only those that anybody on the internet
//! could connect to as well. Checked when connecting, after names are resolved, as a name
//! can mean one address now and another the next moment.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which addresses may be connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// All.
    #[default]
    Everywhere,
    /// Public ones only: not private, loopback, link-local, shared (RFC 6598), multicast or
    /// reserved for documentation and the like.
    Public,
    /// One, for tests.
    #[cfg(test)]
    Only(IpAddr),
}

/// An address that may not be connected to. The text says how to allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is not a public address, and sources made over the API may not connect there; \
     to allow it, add \"private\" to api.allow in the configuration"
)]
pub struct OutOfReach(pub IpAddr);

impl Reach {
    /// Whether this address may be connected to.
    #[must_use]
    pub fn covers(self, address: IpAddr) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Public => match address {
                IpAddr::V4(address) => is_public_v4(address),
                IpAddr::V6(address) => is_public_v6(address),
            },
            #[cfg(test)]
            Self::Only(one) => one == address,
        }
    }

    /// Whether this address may be connected to.
    ///
    /// # Errors
    /// [`OutOfReach`] if it may not.
    pub(crate) fn check(self, address: IpAddr) -> Result<(), OutOfReach> {
        let covered = self.covers(address);
        covered.then_some(()).ok_or(OutOfReach(address))
    }

    /// Those of the addresses that may be connected to.
    ///
    /// # Errors
    /// [`OutOfReach`] if there are some, but none that may be.
    pub(crate) fn among(
        self,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, OutOfReach> {
        let (within, beyond): (Vec<_>, Vec<_>) = addresses
            .into_iter()
            .partition(|address| self.covers(address.ip()));
        match beyond.first() {
            Some(address) if within.is_empty() => Err(OutOfReach(address.ip())),
            _ => Ok(within),
        }
    }
}

/// By the registry of special-purpose addresses (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

/// Global unicast (2000::/3), without what is special in it. Addresses that carry an
/// IPv4 address are as public as that.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match (a, b) {
        // Mapped (RFC 4291), and translated by NAT64 (RFC 6052).
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => is_public_v4(v4(g, h)),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => is_public_v4(v4(g, h)),
        // 6to4 (RFC 3056).
        (0x2002, _) => is_public_v4(v4(b, c)),
        // Teredo and other protocol assignments, documentation.
        (0x2001, 0..0x200 | 0xdb8) => false,
        (0x3fff, 0..0x1000) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_anybody_could_connect_to_is_public() {
        let check = |addresses: &[&str], public: bool| {
            for address in addresses {
                let parsed: IpAddr = address.parse().unwrap();
                assert_eq!(Reach::Public.covers(parsed), public, "{address}");
                assert!(Reach::Everywhere.covers(parsed));
            }
        };
        check(
            &[
                "1.1.1.1",
                "8.8.8.8",
                "100.63.0.1",
                "100.128.0.1",
                "172.32.0.1",
                "198.20.0.1",
                "2606:4700::1111",
                "2a00:1450:4001::1",
                "::ffff:8.8.8.8",
                "64:ff9b::8.8.8.8",
                "2002:808:808::1",
            ],
            true,
        );
        check(
            &[
                "0.0.0.0",
                "10.0.0.1",
                "100.64.0.1",
                "127.0.0.1",
                "127.9.9.9",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.2.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
            ],
            false,
        );
        check(
            &[
                "::",
                "::1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "2001::1",
                "2001:db8::1",
                "3fff::1",
                "::ffff:10.0.0.1",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "64:ff9b::192.168.0.1",
                "64:ff9b:1::1",
                "2002:7f00:1::1",
            ],
            false,
        );
    }

    #[test]
    fn of_several_addresses_the_public_ones_are_taken() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let both = addresses(&["10.0.0.1:80", "8.8.8.8:80"]);
        assert_eq!(Reach::Public.among(both), Ok(addresses(&["8.8.8.8:80"])));
        let none = Reach::Public.among(addresses(&["10.0.0.1:80"]));
        let error = none.unwrap_err().to_string();
        assert!(error.contains("10.0.0.1"), "{error}");
        assert!(error.contains("\"private\" to api.allow"), "{error}");
        assert_eq!(Reach::Public.among([]), Ok(vec![]));
    }
}
