//! Reads from a request's header what is to be known of a visitor before it is
//! decided whether to let them in. Decides nothing.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eyeline_auth::{Policy, Visit};
use eyeline_output::Query;
use http::header::{AUTHORIZATION, AsHeaderName, COOKIE, HOST, HeaderMap, ORIGIN, UPGRADE};
use http::request::Parts;
use http::{HeaderName, Method};

/// Name of the cookie that remembers the token.
pub(crate) const COOKIE_NAME: &str = "eyeline_token";

/// Name of the URL parameter that brings the token.
pub(crate) const TOKEN_PARAMETER: &str = "token";

/// Header fields that a proxy adds; any of them means that the other end of the
/// connection is not the visitor.
const FORWARDING: [&str; 6] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// What a request says of its visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    host: Option<String>,
    forwarded: bool,
    /// The token in the URL.
    pub(crate) in_url: Option<String>,
    in_header: Option<String>,
    in_cookie: Option<String>,
    foreign_write: bool,
    /// The origin of the page that asks, if it is another than the server's own.
    pub(crate) foreign_origin: Option<String>,
}

impl Seen {
    /// `trusted` are origins that count as the server's own.
    pub(crate) fn of(request: &Parts, trusted: &[String]) -> Self {
        let headers = &request.headers;
        let query = Query::parse(request.uri.query().unwrap_or_default());
        let host = host(request);
        let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&request.method);
        // Scripts may read what comes by a socket, whatever their origin. Of other answers
        // only those that are meant for them; so a refusal, which they may read, tells more.
        let acts = !reads || headers.contains_key(UPGRADE) || headers.contains_key(ORIGIN);
        let origin = only(headers, ORIGIN);
        let trusted = origin.is_some_and(|origin| trusted.iter().any(|one| one == origin));
        let foreign = is_foreign(headers, host);
        Self {
            foreign_write: acts && foreign && !trusted,
            foreign_origin: origin.filter(|_| foreign).map(str::to_owned),
            host: host.map(str::to_owned),
            forwarded: FORWARDING.iter().any(|name| headers.contains_key(*name)),
            in_url: query.get(TOKEN_PARAMETER).map(str::to_owned),
            in_header: credential(headers),
            in_cookie: cookie(headers).map(str::to_owned),
        }
    }

    /// The foreign origin whose scripts may read the answer: one that is trusted, or one
    /// whose page brought the token on purpose ; that it is the right one must be decided already.
    pub(crate) fn readable_by(&self, policy: &Policy) -> Option<&str> {
        let origin = self.foreign_origin.as_deref()?;
        // An open server looks at no token, so bringing one proves nothing there.
        let presented =
            policy.token.is_some() && (self.in_url.is_some() || self.in_header.is_some());
        (presented || policy.origins.iter().any(|one| one == origin)).then_some(origin)
    }

    /// All of it, for [`eyeline_auth::decide`].
    pub(crate) fn visit(&self, peer: IpAddr) -> Visit<'_> {
        Visit {
            peer,
            host: self.host.as_deref(),
            forwarded: self.forwarded,
            presented: self.in_url.as_deref().or(self.in_header.as_deref()),
            cookie: self.in_cookie.as_deref(),
            foreign_write: self.foreign_write,
        }
    }
}

/// The value of a field that must stand there once and be text.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The host asked for. A request that names two different ones names none.
fn host(request: &Parts) -> Option<&str> {
    let host = only(&request.headers, HOST)?;
    match request.uri.authority() {
        Some(authority) if !authority.as_str().eq_ignore_ascii_case(host) => None,
        _ => Some(host),
    }
}

/// The token of `Authorization: Bearer …`, or the password of `Basic …`.
fn credential(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = only(headers, AUTHORIZATION)?.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(rest).ok()?).ok()?;
    let (_user, password) = decoded.split_once(':')?;
    Some(password.to_owned())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value)
}

/// Whether a browser says that a page of another origin sent the request. Programs
/// that are no browsers say nothing.
fn is_foreign(headers: &HeaderMap, host: Option<&str>) -> bool {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let site = headers.get(SEC_FETCH_SITE).map(http::HeaderValue::as_bytes);
    if matches!(site, Some(b"cross-site" | b"same-site")) {
        return true;
    }
    headers.contains_key(ORIGIN)
        && !only(headers, ORIGIN).is_some_and(|origin| is_own(origin, host))
}

/// Whether an origin is that of the host asked for. The scheme is not compared: a
/// proxy in front may speak TLS where we do not.
fn is_own(origin: &str, host: Option<&str>) -> bool {
    let without_port = |name: &str, port: &str| name.strip_suffix(port).unwrap_or(name).to_owned();
    let (Some((scheme, name)), Some(host)) = (origin.split_once("://"), host) else {
        return false;
    };
    let port = if scheme == "https" { ":443" } else { ":80" };
    without_port(name, port).eq_ignore_ascii_case(&without_port(host, port))
}

#[cfg(test)]
mod tests {
    use eyeline_auth::Token;

    use super::*;

    fn seen(method: &str, uri: &str, headers: &[(&str, &str)]) -> Seen {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Seen::of(
            &request.body(()).unwrap().into_parts().0,
            &["https://panel.example".to_owned()],
        )
    }

    #[test]
    fn the_host_counts_only_if_there_is_one() {
        let check = |uri: &str, hosts: &[&str], expected: Option<&str>| {
            let headers: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
            assert_eq!(
                seen("GET", uri, &headers).host.as_deref(),
                expected,
                "{uri} {hosts:?}"
            );
        };
        check("/", &["localhost:8000"], Some("localhost:8000"));
        check("/", &[], None);
        check("/", &["localhost", "localhost"], None);
        check("http://localhost/", &["localhost"], Some("localhost"));
        check("http://evil.example/", &["localhost"], None);
    }

    #[test]
    fn any_sign_of_a_proxy_is_seen() {
        for name in FORWARDING {
            assert!(seen("GET", "/", &[(name, "x")]).forwarded, "{name}");
        }
        assert!(!seen("GET", "/", &[("host", "a")]).forwarded);
    }

    #[test]
    fn tokens_are_read_from_every_place_a_program_can_put_one() {
        let check =
            |uri: &str, header: (&str, &str), presented: Option<&str>, cookie: Option<&str>| {
                let seen = seen("GET", uri, &[header]);
                let visit = seen.visit([127, 0, 0, 1].into());
                assert_eq!(
                    (visit.presented, visit.cookie),
                    (presented, cookie),
                    "{uri} {header:?}"
                );
            };
        check("/?a=b&token=t%2D1", ("x", "y"), Some("t-1"), None);
        check("/", ("authorization", "Bearer t1"), Some("t1"), None);
        check("/", ("authorization", "bearer  t1"), Some("t1"), None);
        check(
            "/",
            ("authorization", "Basic dXNlcjp0OjE="),
            Some("t:1"),
            None,
        );
        check("/", ("authorization", "Basic !"), None, None);
        check("/", ("authorization", "Digest t1"), None, None);
        check("/?token=a", ("authorization", "Bearer b"), Some("a"), None);
        check(
            "/",
            ("cookie", "a=b; eyeline_token=t1; c=d"),
            None,
            Some("t1"),
        );
        check("/", ("cookie", "xeyeline_token=t1"), None, None);
    }

    #[test]
    fn what_a_page_of_another_origin_wants_to_do_is_seen() {
        let check = |method: &str, header: (&str, &str), expected: bool| {
            let seen = seen(method, "/", &[("host", "robot:8000"), header]);
            assert_eq!(seen.foreign_write, expected, "{method} {header:?}");
        };
        check("POST", ("origin", "http://robot:8000"), false);
        check("POST", ("origin", "https://ROBOT:8000"), false);
        check("POST", ("origin", "http://robot"), true);
        check("POST", ("origin", "http://evil.example"), true);
        check("POST", ("origin", "null"), true);
        check("PUT", ("sec-fetch-site", "cross-site"), true);
        check("PUT", ("sec-fetch-site", "same-site"), true);
        check("PUT", ("sec-fetch-site", "same-origin"), false);
        check("GET", ("origin", "http://evil.example"), true);
        check("GET", ("sec-fetch-site", "cross-site"), false);
        check("POST", ("user-agent", "curl"), false);
        check("POST", ("origin", "https://panel.example"), false);
    }

    #[test]
    fn a_socket_opened_by_a_page_of_another_origin_counts_as_a_write() {
        let check = |origin: &str, expected: bool| {
            let headers = [
                ("host", "robot"),
                ("upgrade", "websocket"),
                ("origin", origin),
            ];
            assert_eq!(
                seen("GET", "/", &headers).foreign_write,
                expected,
                "{origin}"
            );
        };
        check("http://robot", false);
        check("http://evil.example", true);
        check("null", true);
        check("https://panel.example", false);
    }

    #[test]
    fn only_trusted_origins_and_those_with_a_token_read_answers() {
        let check = |uri: &str, origin: &str, token: bool, expected: bool| {
            let seen = seen("GET", uri, &[("host", "robot"), ("origin", origin)]);
            let policy = Policy {
                token: token.then(|| Token::new("0123456789abcdef").unwrap()),
                hosts: vec![],
                origins: vec!["https://panel.example".to_owned()],
            };
            let readable = seen.readable_by(&policy).is_some();
            assert_eq!(readable, expected, "{uri} {origin}");
        };
        check("/", "https://panel.example", true, true);
        check("/", "http://evil.example", true, false);
        check("/?token=x", "http://evil.example", true, true);
        check("/?token=x", "http://robot", true, false);
        check("/?token=x", "http://evil.example", false, false);
    }

    #[test]
    fn the_port_that_goes_without_saying_makes_no_other_origin() {
        assert!(is_own("http://robot", Some("robot:80")));
        assert!(is_own("https://robot:443", Some("robot")));
        assert!(!is_own("http://robot:8000", Some("robot")));
    }
}
