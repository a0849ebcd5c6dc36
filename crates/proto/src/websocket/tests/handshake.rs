//! The opening handshake.

use crate::websocket::handshake::{Error, Request, accept, accept_for, key};

/// The request of RFC 6455, 1.2.
const REQUEST: Request<'_> = Request {
    method: "GET",
    has_host: true,
    upgrade: Some("websocket"),
    connection: Some("Upgrade"),
    version: Some("13"),
    key: Some("dGhlIHNhbXBsZSBub25jZQ=="),
};

#[track_caller]
fn check(request: Request<'_>, expected: Result<(), Error>) {
    let answer = accept(&request);
    let expected = expected.map(|()| "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned());
    assert_eq!(answer, expected, "{request:?}");
}

#[test]
fn the_example_of_the_rfc_is_answered_as_it_says() {
    check(REQUEST, Ok(()));
    let nonce = *b"the sample nonce";
    assert_eq!(Some(&*key(nonce)), REQUEST.key);
    assert_eq!(accept_for(&key(nonce)), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[test]
fn names_count_among_others_and_in_any_case() {
    for upgrade in ["WebSocket", "h2c, websocket", " WEBSOCKET "] {
        check(
            Request {
                upgrade: Some(upgrade),
                ..REQUEST
            },
            Ok(()),
        );
    }
    for connection in ["upgrade", "keep-alive, Upgrade", "keep-alive,UPGRADE,x"] {
        check(
            Request {
                connection: Some(connection),
                ..REQUEST
            },
            Ok(()),
        );
    }
    let padded = Request {
        version: Some(" 13 "),
        key: Some(" dGhlIHNhbXBsZSBub25jZQ== "),
        ..REQUEST
    };
    check(padded, Ok(()));
}

#[test]
fn a_request_that_is_none_is_told_which_header_is_wrong() {
    for method in ["POST", "get", ""] {
        check(Request { method, ..REQUEST }, Err(Error::Method));
    }
    let has_host = false;
    check(
        Request {
            has_host,
            ..REQUEST
        },
        Err(Error::Host),
    );
    for upgrade in [None, Some(""), Some("h2c"), Some("websocket2")] {
        check(Request { upgrade, ..REQUEST }, Err(Error::Upgrade));
    }
    for connection in [None, Some(""), Some("keep-alive"), Some("not upgrade")] {
        let request = Request {
            connection,
            ..REQUEST
        };
        check(request, Err(Error::Connection));
    }
    for version in [None, Some(""), Some("8"), Some("13, 13"), Some("013")] {
        check(Request { version, ..REQUEST }, Err(Error::Version));
    }
}

#[test]
fn a_key_is_sixteen_bytes_in_base64() {
    for key in [
        None,
        Some(""),
        Some("dGhlIHNhbXBsZSBub25jZQ"),
        Some("dGhlIHNhbXBsZSBub25jZ==="),
        Some("dGhlIHNhbXBsZSBub25j"),
        Some("dGhlIHNhbXBsZSBub25jZSE="),
        Some("dGhlIHNhbXBsZSBub25jZSEhISEhISEhISEh"),
        Some("dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="),
        Some("dGhlIHNhbXBsZSBub25jZ-=="),
    ] {
        check(Request { key, ..REQUEST }, Err(Error::Key));
    }
}

#[test]
fn only_a_wrong_version_is_another_status() {
    let errors = [
        (Error::Method, 400, None),
        (Error::Host, 400, Some("host")),
        (Error::Upgrade, 400, Some("upgrade")),
        (Error::Connection, 400, Some("connection")),
        (Error::Version, 426, Some("sec-websocket-version")),
        (Error::Key, 400, Some("sec-websocket-key")),
    ];
    for (error, status, header) in errors {
        assert_eq!((error.status(), error.header()), (status, header));
    }
}
