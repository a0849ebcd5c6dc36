//! What a `Host` header says about how a visitor came here.
//!
//! A page of a hostile site can make its own name resolve to this machine (DNS
//! rebinding); the browser then sends that name as `Host`. Names that only the
//! local network can give are therefore told from names anybody can register.

use std::net::{IpAddr, Ipv6Addr};

/// The host part of a `Host` header, the port cut off.
fn name(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

/// Whether the header names this machine itself: `localhost`, `127.0.0.0/8`, `[::1]`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = name(host);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(is_loopback_address)
}

/// Whether an address is of this machine, IPv4-mapped IPv6 included.
pub(crate) fn is_loopback_address(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => {
            v6 == Ipv6Addr::LOCALHOST || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
    }
}

/// Whether no stranger can own this name: an address, a name without a dot, or
/// one below `.local`, `.lan`, `.home.arpa`, `.internal` or `.localhost`.
pub(crate) fn is_private_name(host: &str) -> bool {
    const SUFFIXES: [&str; 5] = [".local", ".lan", ".home.arpa", ".internal", ".localhost"];
    let name = name(host).to_ascii_lowercase();
    !name.is_empty()
        && (name.parse::<IpAddr>().is_ok()
            || !name.contains('.')
            || SUFFIXES.iter().any(|suffix| name.ends_with(suffix)))
}

/// Whether the header names `allowed`, whatever the port.
pub(crate) fn is_named(host: &str, allowed: &str) -> bool {
    name(host).eq_ignore_ascii_case(allowed)
}
