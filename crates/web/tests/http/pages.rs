//! The pages and what they are made of.

use crate::harness::start;

#[test]
fn pages_take_nothing_from_elsewhere_and_give_nothing_away() {
    let server = start();
    for path in ["/", "/streams/front", "/streams/none"] {
        let page = server.get(path);
        assert!(
            page.header("content-type")
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        let text = page.text();
        assert!(
            !text.contains("//") || text.contains("http://192.168"),
            "{path}: {text}"
        );
    }
}

#[test]
fn everything_a_page_asks_for_is_there() {
    let server = start();
    for (page, base) in [("/", "/"), ("/streams/front", "/"), ("/streams/none", "/")] {
        let text = server.get(page).text();
        let asked: Vec<_> = text
            .split(['"'])
            .filter(|value| value.contains("assets/"))
            .map(|value| {
                format!(
                    "{base}{}",
                    value.trim_start_matches("../").trim_start_matches("./")
                )
            })
            .collect();
        assert!(asked.len() >= 2, "{page}: {text}");
        for path in asked {
            assert_eq!(server.get(&path).status, 200, "{page} asks for {path}");
        }
    }
    assert_eq!(server.get("/assets/../Cargo.toml").status, 404);
}

#[test]
fn a_file_that_is_known_is_not_sent_again() {
    let server = start();
    let first = server.get("/assets/icon.svg");
    assert_eq!(first.header("content-type"), Some("image/svg+xml"));
    let known = server.send(
        "GET",
        "/assets/icon.svg",
        &[("If-None-Match", first.header("etag").unwrap())],
    );
    assert_eq!((known.status, known.body.len()), (304, 0));
}

#[test]
fn an_unknown_stream_has_a_page_that_leads_on() {
    let server = start();
    let page = server.get("/streams/none");
    assert_eq!(page.status, 404);
    let text = page.text();
    assert!(text.contains("There is no stream named none."), "{text}");
    assert!(text.contains("href=\"../\""), "{text}");
}
