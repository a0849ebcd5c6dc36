//! Lets visitors in, by the same rule as HTTP: from this machine freely, from elsewhere with the
//! token, which is any user's password or stands in the URL.

use std::net::IpAddr;

use eyeline_auth::{Access, Denied, Policy, Visit, decide};
use eyeline_output::Query;
use eyeline_proto::rtsp::{Credentials, Request, Target};

/// Name of the URL parameter that brings the token.
const TOKEN_PARAMETER: &str = "token";

/// Whether this request is let in, and what it may do.
pub(crate) fn admit(
    policy: &Policy,
    peer: IpAddr,
    request: &Request,
    target: &Target,
    nonce: &str,
) -> Result<Access, Denied> {
    let query = Query::parse(&target.query);
    let field = request.field("Authorization");
    let credentials = field.and_then(Credentials::parse);
    let presented = match (query.get(TOKEN_PARAMETER), &credentials) {
        (Some(token), _) => Some(token),
        (None, Some(Credentials::Password(password))) => Some(password.as_str()),
        (None, Some(Credentials::Digest(proof))) => {
            let method = &request.method_name;
            let known = policy.token.as_ref().map(eyeline_auth::Token::reveal);
            let proven = known.filter(|token| proof.holds(method, nonce, token));
            // A proof that does not hold is a wrong token.
            Some(proven.unwrap_or_default())
        }
        (None, None) => None,
    };
    decide(
        policy,
        &Visit {
            peer,
            host: Some(&target.authority),
            forwarded: false,
            presented,
            cookie: None,
            foreign_write: false,
        },
    )
}

#[cfg(test)]
mod tests {
    use eyeline_auth::Token;
    use eyeline_proto::rtsp::{Incoming, Reader};

    use super::*;

    fn check(peer: &str, url: &str, fields: &str, expected: Result<(), Denied>) {
        let policy = Policy {
            token: Some(Token::new("0123456789abcdef").unwrap()),
            hosts: vec![],
            origins: vec![],
        };
        let mut reader = Reader::new();
        reader.push(format!("DESCRIBE {url} RTSP/1.0\r\n{fields}\r\n").as_bytes());
        let Ok(Some(Incoming::Request(request))) = reader.incoming() else {
            panic!("{fields}")
        };
        let target = Target::parse(url).unwrap();
        let admitted = admit(&policy, peer.parse().unwrap(), &request, &target, "n");
        assert_eq!(admitted.map(|_| ()), expected, "{peer} {url} {fields}");
    }

    #[test]
    fn the_same_machine_enters_freely_and_others_with_the_token() {
        let far = "192.168.1.9";
        check("127.0.0.1", "rtsp://localhost:8554/a", "", Ok(()));
        check(far, "rtsp://192.168.1.2/a", "", Err(Denied::TokenNeeded));
        check(
            "127.0.0.1",
            "rtsp://evil.example/a",
            "",
            Err(Denied::TokenNeeded),
        );
        check(
            far,
            "rtsp://192.168.1.2/a?token=0123456789abcdef",
            "",
            Ok(()),
        );
        check(
            far,
            "rtsp://192.168.1.2/a?token=x",
            "",
            Err(Denied::WrongToken),
        );
        let basic = "Authorization: Basic eDowMTIzNDU2Nzg5YWJjZGVm\r\n";
        check(far, "rtsp://192.168.1.2/a", basic, Ok(()));
        let wrong = "Authorization: Digest username=\"x\", realm=\"Eyeline\", nonce=\"n\", uri=\"\", response=\"\"\r\n";
        check(far, "rtsp://192.168.1.2/a", wrong, Err(Denied::WrongToken));
    }
}
