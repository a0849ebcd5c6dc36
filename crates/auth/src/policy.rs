//! The rule of a server without configured users: the same machine is free,
//! everybody else needs the token.

use std::net::IpAddr;

use crate::{Access, Token, host};

/// Who is let in.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The token that visitors from elsewhere must bring; `None` lets everybody in.
    pub token: Option<Token>,
    /// Host names, besides addresses and local names, under which an open server
    /// may be reached (a reverse proxy's, say).
    pub hosts: Vec<String>,
    /// Origins (`https://example.org`) of other sites whose pages may do what the
    /// server's own pages may, for visitors who are let in.
    pub origins: Vec<String>,
}

/// What is known of a visitor, before anything is decided.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// Address of the connection's other end.
    pub peer: IpAddr,
    /// The `Host` header, if there was exactly one.
    pub host: Option<&'a str>,
    /// Whether a header says that the request was forwarded for somebody else.
    pub forwarded: bool,
    /// A token presented on purpose: in the URL, or as a bearer or basic credential.
    pub presented: Option<&'a str>,
    /// A token the browser sent by itself: the cookie of an earlier visit.
    pub cookie: Option<&'a str>,
    /// Whether the request wants to change something, to open a socket or to be read by
    /// scripts, and comes from a page of another origin.
    pub foreign_write: bool,
}

/// Why a visitor was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No token, and not from this machine.
    #[error(
        "a token is needed from another machine; open the link that the server printed at its start"
    )]
    TokenNeeded,
    /// A token, but not the right one.
    #[error("this token is not the server's; open the link that the server printed at its start")]
    WrongToken,
    /// A host name that anybody may have pointed at this machine.
    #[error("this server does not answer to that host name; add it to `auth.hosts` if it is yours")]
    UnknownHost,
    /// A page of another site tried to change something.
    #[error(
        "a page of another site may not do this; let it bring the token, or add its origin to `auth.origins`"
    )]
    ForeignOrigin,
}

/// Whether the visitor is let in.
///
/// A presented token decides alone. Without one the visitor enters by the cookie,
/// or freely from this machine (loopback peer, loopback `Host`, nothing forwarded),
/// or because the server is open; and on each of these ways, which a browser takes
/// without being asked, a page of another origin may not change anything.
///
/// # Errors
/// Says why not: see [`Denied`].
pub fn decide(policy: &Policy, visit: &Visit<'_>) -> Result<Access, Denied> {
    let host = visit.host.unwrap_or_default();
    if let (Some(token), Some(presented)) = (&policy.token, visit.presented) {
        return if token.matches(presented) {
            Ok(Access::full())
        } else {
            Err(Denied::WrongToken)
        };
    }
    match &policy.token {
        None => {
            let known = host::is_private_name(host)
                || policy
                    .hosts
                    .iter()
                    .any(|allowed| host::is_named(host, allowed));
            if !known {
                return Err(Denied::UnknownHost);
            }
        }
        Some(token) => {
            let same_machine = host::is_loopback_address(visit.peer)
                && host::is_loopback(host)
                && !visit.forwarded;
            let known_browser = visit.cookie.is_some_and(|cookie| token.matches(cookie));
            if !same_machine && !known_browser {
                return Err(Denied::TokenNeeded);
            }
        }
    }
    if visit.foreign_write {
        Err(Denied::ForeignOrigin)
    } else {
        Ok(Access::full())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef";

    fn visit<'a>(peer: &str, host: &'a str) -> Visit<'a> {
        Visit {
            peer: peer.parse().unwrap(),
            host: Some(host),
            forwarded: false,
            presented: None,
            cookie: None,
            foreign_write: false,
        }
    }

    fn check(visit: Visit<'_>, expected: Result<(), Denied>) {
        let policy = Policy {
            token: Some(Token::new(SECRET).unwrap()),
            hosts: vec![],
            origins: vec![],
        };
        assert_eq!(decide(&policy, &visit).map(|_| ()), expected, "{visit:?}");
    }

    fn check_open(visit: Visit<'_>, expected: Result<(), Denied>) {
        let policy = Policy {
            token: None,
            hosts: vec!["cams.example.org".into()],
            origins: vec![],
        };
        assert_eq!(decide(&policy, &visit).map(|_| ()), expected, "{visit:?}");
    }

    #[test]
    fn the_same_machine_enters_freely() {
        check(visit("127.0.0.1", "localhost:8000"), Ok(()));
        check(visit("127.0.0.1", "127.0.0.1:8000"), Ok(()));
        check(visit("::1", "[::1]:8000"), Ok(()));
        check(visit("::ffff:127.0.0.1", "LOCALHOST"), Ok(()));
    }

    #[test]
    fn another_machine_needs_the_token() {
        let far = visit("192.168.1.9", "192.168.1.2:8000");
        check(far, Err(Denied::TokenNeeded));
        check(
            Visit {
                presented: Some(SECRET),
                ..far
            },
            Ok(()),
        );
        check(
            Visit {
                presented: Some("0123456789abcdeX"),
                ..far
            },
            Err(Denied::WrongToken),
        );
        check(
            Visit {
                cookie: Some(SECRET),
                ..far
            },
            Ok(()),
        );
        check(
            Visit {
                cookie: Some("stale"),
                ..far
            },
            Err(Denied::TokenNeeded),
        );
    }

    #[test]
    fn another_machine_that_says_localhost_is_still_another_machine() {
        check(visit("192.168.1.9", "localhost"), Err(Denied::TokenNeeded));
    }

    #[test]
    fn a_rebound_name_does_not_enter_from_the_same_machine() {
        check(
            visit("127.0.0.1", "evil.example.com"),
            Err(Denied::TokenNeeded),
        );
        check(
            Visit {
                host: None,
                ..visit("127.0.0.1", "")
            },
            Err(Denied::TokenNeeded),
        );
        check(
            visit("127.0.0.1", "localhost.evil.example.com"),
            Err(Denied::TokenNeeded),
        );
    }

    #[test]
    fn a_forwarded_request_is_not_from_the_same_machine() {
        let proxied = Visit {
            forwarded: true,
            ..visit("127.0.0.1", "localhost")
        };
        check(proxied, Err(Denied::TokenNeeded));
    }

    #[test]
    fn a_page_of_another_site_changes_nothing_unless_it_knows_the_token() {
        let foreign = Visit {
            foreign_write: true,
            ..visit("127.0.0.1", "localhost")
        };
        check(foreign, Err(Denied::ForeignOrigin));
        check(
            Visit {
                cookie: Some(SECRET),
                ..foreign
            },
            Err(Denied::ForeignOrigin),
        );
        check(
            Visit {
                presented: Some(SECRET),
                ..foreign
            },
            Ok(()),
        );
    }

    #[test]
    fn an_open_server_lets_everybody_in_but_under_no_strangers_name() {
        for host in [
            "192.168.1.2:8000",
            "robot:8000",
            "robot.local",
            "[fe80::1]:8000",
            "cams.example.org",
        ] {
            check_open(visit("192.168.1.9", host), Ok(()));
        }
        check_open(
            visit("192.168.1.9", "evil.example.com"),
            Err(Denied::UnknownHost),
        );
        check_open(visit("192.168.1.9", ""), Err(Denied::UnknownHost));
        let foreign = Visit {
            foreign_write: true,
            ..visit("192.168.1.9", "robot.local")
        };
        check_open(foreign, Err(Denied::ForeignOrigin));
    }
}
