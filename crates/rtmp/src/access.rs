//! Lets clients in, or not: as HTTP does, with the token among the parameters of the stream's name or
//! address, or as password in the address.

use std::net::IpAddr;

use eyeline_auth::{Access, Denied, Policy, Visit, decide};
use eyeline_output::Query;
use eyeline_proto::rtmp::Target;

/// The parameter that brings the token.
const TOKEN_PARAMETER: &str = "token";
/// What stands in for the host's name where everybody is let in: that check is against pages in
/// browsers, which do not speak RTMP.
const ANY_HOST: &str = "localhost";

/// Whether a client may play and publish.
pub(crate) fn access(
    policy: &Policy,
    peer: IpAddr,
    target: &Target,
    query: &Query,
) -> Result<Access, Denied> {
    let open = policy.token.is_none();
    let host = if open {
        Some(ANY_HOST)
    } else {
        target.host.as_deref()
    };
    decide(
        policy,
        &Visit {
            peer,
            host,
            forwarded: false,
            presented: query.get(TOKEN_PARAMETER).or(target.password.as_deref()),
            cookie: None,
            foreign_write: false,
        },
    )
}

#[cfg(test)]
mod tests {
    use eyeline_auth::Token;

    use super::*;

    const SECRET: &str = "0123456789abcdef";

    fn check(token: bool, peer: &str, host: &str, given: (&str, Option<&str>), may: bool) {
        let policy = Policy {
            token: token.then(|| Token::new(SECRET).unwrap()),
            hosts: vec![],
            origins: vec![],
        };
        let (query, password) = given;
        let target = Target {
            host: Some(host.to_owned()),
            password: password.map(str::to_owned),
            query: query.to_owned(),
            ..Target::default()
        };
        let query = Query::parse(&target.query);
        let let_in = access(&policy, peer.parse().unwrap(), &target, &query).is_ok();
        assert_eq!(let_in, may, "{peer} {host} {given:?}");
    }

    #[test]
    fn the_same_machine_is_free_and_others_bring_the_token() {
        let parameter = format!("quality=low&token={SECRET}");
        check(true, "127.0.0.1", "localhost:1935", ("", None), true);
        check(true, "127.0.0.1", "cams.example.org", ("", None), false);
        check(true, "192.0.2.7", "localhost", ("", None), false);
        check(true, "192.0.2.7", "192.0.2.1", (&parameter, None), true);
        check(true, "192.0.2.7", "192.0.2.1", ("", Some(SECRET)), true);
        check(true, "192.0.2.7", "192.0.2.1", ("token=wrong", None), false);
        check(true, "127.0.0.1", "localhost", ("token=wrong", None), false);
        check(false, "192.0.2.7", "cams.example.org", ("", None), true);
    }
}
