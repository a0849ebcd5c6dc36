//! The boundary in a `Content-Type`.

use super::*;

fn check(value: &str, expected: Result<Option<&str>, BoundaryError>) {
    let expected = expected.map(|name| {
        name.map_or(Boundary::Sniff, |name| {
            Boundary::Declared(name.parse().unwrap())
        })
    });
    assert_eq!(boundary_from_content_type(value), expected, "{value:?}");
}

#[test]
fn a_boundary_is_read_quoted_and_unquoted() {
    let name = Ok(Some("frame"));
    for value in [
        "multipart/x-mixed-replace;boundary=frame",
        "multipart/x-mixed-replace; boundary=frame",
        "multipart/x-mixed-replace; boundary=--frame",
        "Multipart/X-Mixed-Replace ; charset=x; BOUNDARY = \"frame\" ; x=y",
        "multipart/mixed; odd; x=\"a;boundary=no\"; boundary=\"fr\\ame\"",
        "multipart/mixed; boundary=\"frame",
    ] {
        check(value, name.clone());
    }
    check("multipart/mixed; boundary=\"a b;=c\"", Ok(Some("a b;=c")));
    check("multipart/mixed; boundary=a=b", Ok(Some("a=b")));
}

#[test]
fn a_missing_boundary_is_to_be_sniffed() {
    check("multipart/x-mixed-replace", Ok(None));
    check("multipart/x-mixed-replace; x=y; boundary", Ok(None));
}

#[test]
fn another_type_is_refused() {
    for value in ["image/jpeg; boundary=b", "", "multipart", "xmultipart/a"] {
        check(value, Err(BoundaryError::NotMultipart(value.to_owned())));
    }
}

#[test]
fn an_unusable_boundary_is_refused() {
    for name in ["", "----", "a\u{7}", "ü", &"x".repeat(201)] {
        let value = format!("multipart/mixed; boundary=\"{name}\"");
        let excerpt = name.chars().take(80).collect();
        check(&value, Err(BoundaryError::Unusable(excerpt)));
    }
}
