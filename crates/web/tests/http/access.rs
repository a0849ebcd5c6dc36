//! Who is let in, over the wire. Every test client comes from the same machine, so a
//! forwarding header stands for "from elsewhere".

use eyeline_testkit::http::{self, Answer};

use crate::harness::{Harness, TOKEN, start, start_with};

const ELSEWHERE: (&str, &str) = ("X-Forwarded-For", "192.0.2.7");

fn check(server: &Harness, path: &str, headers: &[(&str, &str)], status: u16, code: &str) {
    let answer = server.send("GET", path, headers);
    assert_eq!(
        answer.status,
        status,
        "{path} {headers:?}: {}",
        answer.text()
    );
    if !code.is_empty() {
        assert_eq!(code_of(&answer), code, "{path} {headers:?}");
    }
}

fn code_of(answer: &Answer) -> String {
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(
        json["error"].as_str().is_some_and(|text| text.len() > 10),
        "{json}"
    );
    json["code"].as_str().unwrap().to_owned()
}

#[test]
fn the_same_machine_enters_freely_and_others_need_the_token() {
    let server = start();
    let list = "/api/streams";
    check(&server, list, &[], 200, "");
    check(&server, list, &[("Host", "localhost")], 200, "");
    check(&server, list, &[ELSEWHERE], 401, "token_needed");
    check(
        &server,
        list,
        &[("Host", "evil.example")],
        401,
        "token_needed",
    );
    check(
        &server,
        list,
        &[("Host", "localhost.evil.example:8000")],
        401,
        "token_needed",
    );
    check(
        &server,
        list,
        &[("Host", "localhost"), ("Host", "localhost")],
        401,
        "token_needed",
    );
    for name in ["Forwarded", "X-Forwarded-Host", "X-Real-IP", "Via"] {
        check(&server, list, &[(name, "x")], 401, "token_needed");
    }
}

#[test]
fn the_token_is_taken_in_the_link_as_bearer_as_password_and_as_cookie() {
    let server = start();
    let list = "/api/streams";
    check(
        &server,
        &format!("{list}?token={TOKEN}"),
        &[ELSEWHERE],
        200,
        "",
    );
    let bearer = format!("Bearer {TOKEN}");
    check(
        &server,
        list,
        &[ELSEWHERE, ("Authorization", &bearer)],
        200,
        "",
    );
    // "any:0123456789abcdef"
    let basic = "Basic YW55OjAxMjM0NTY3ODlhYmNkZWY=";
    check(
        &server,
        list,
        &[ELSEWHERE, ("Authorization", basic)],
        200,
        "",
    );
    let cookie = format!("other=1; eyeline_token={TOKEN}");
    check(&server, list, &[ELSEWHERE, ("Cookie", &cookie)], 200, "");
    let stale = [ELSEWHERE, ("Cookie", "eyeline_token=fedcba9876543210")];
    check(&server, list, &stale, 401, "token_needed");
    check(
        &server,
        &format!("{list}?token=wrong"),
        &[],
        401,
        "wrong_token",
    );
}

#[test]
fn a_link_with_the_token_becomes_a_cookie_and_a_clean_address() {
    let server = start();
    let check = |path: &str, location: &str| {
        let answer = server.send("GET", path, &[ELSEWHERE]);
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some(location))
        );
        let cookie = answer.header("set-cookie").unwrap();
        assert!(
            cookie.starts_with(&format!("eyeline_token={TOKEN};")),
            "{cookie}"
        );
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    };
    check(&format!("/?token={TOKEN}"), "./");
    check(
        &format!("/streams/front?token={TOKEN}&fps=5"),
        "front?fps=5",
    );
    let stream = server.send(
        "HEAD",
        &format!("/streams/front/mjpeg?token={TOKEN}"),
        &[ELSEWHERE],
    );
    assert_eq!(stream.status, 200);
    assert!(
        stream.header("set-cookie").is_some(),
        "a player's link is remembered too"
    );
}

#[test]
fn nothing_but_health_and_the_looks_of_the_pages_is_for_everybody() {
    let server = start();
    for path in ["/health", "/ready", "/assets/icon.svg"] {
        check(&server, path, &[ELSEWHERE], 200, "");
    }
    for path in [
        "/metrics",
        "/api/streams/front",
        "/api/streams/front/viewers",
        "/streams/front/mjpeg",
        "/streams/front/snapshot.jpg",
        "/nothing-here",
    ] {
        check(&server, path, &[ELSEWHERE], 401, "token_needed");
    }
    let push = http::send(server.port, "PUT", "/streams/x/ingest", &[ELSEWHERE], b"x");
    assert_eq!(
        (push.status, code_of(&push).as_str()),
        (401, "token_needed")
    );
}

#[test]
fn people_are_told_on_a_page_and_players_are_asked_for_the_password() {
    let server = start();
    let page = server.send("GET", "/streams/front", &[ELSEWHERE]);
    assert_eq!(page.status, 401);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.text().contains("name=\"token\""), "{}", page.text());
    assert_eq!(
        page.header("www-authenticate"),
        Some("Bearer realm=\"Eyeline\"")
    );
    let stream = server.send("GET", "/streams/front/mjpeg", &[ELSEWHERE]);
    let asked = stream.header("www-authenticate").unwrap();
    assert!(asked.starts_with("Basic "), "{asked}");
}

#[test]
fn a_page_of_another_site_can_change_nothing() {
    let server = start();
    let evil = ("Origin", "http://evil.example");
    let bearer = format!("Bearer {TOKEN}");
    let check = |headers: &[(&str, &str)], denied: bool| {
        let answer = http::send(server.port, "POST", "/streams/x/ingest", headers, b"x");
        assert_eq!(
            answer.status == 403,
            denied,
            "{headers:?}: {}",
            answer.text()
        );
    };
    check(&[evil], true);
    check(&[("Origin", "null")], true);
    check(&[("Sec-Fetch-Site", "cross-site")], true);
    check(&[evil, ("Cookie", &format!("eyeline_token={TOKEN}"))], true);
    check(&[evil, ("Authorization", &bearer)], false);
    check(
        &[("Origin", &format!("http://127.0.0.1:{}", server.port))],
        false,
    );
    check(&[], false);
}

#[test]
fn an_open_server_answers_to_names_of_the_local_network_only() {
    let server = start_with(None, eyeline_web::Limits::default());
    check(&server, "/api/streams", &[ELSEWHERE], 200, "");
    check(&server, "/api/streams", &[("Host", "robot.local")], 200, "");
    check(
        &server,
        "/api/streams",
        &[("Host", "evil.example")],
        403,
        "unknown_host",
    );
}
