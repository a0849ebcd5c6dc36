//! REST: streams are made, changed, listed, kept and ended; viewers are listed and closed.

use eyeline_store::Store;
use eyeline_testkit::http::{self, Viewer};
use eyeline_testkit::wait;
use eyeline_web::Limits;

use crate::harness::{Harness, TOKEN, TRUSTED, start, start_keeping};

/// The members of `value` that `expected` has, compared.
fn check(value: &serde_json::Value, expected: serde_json::Value) {
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(&value[name], expected, "{name} of {value}");
    }
}

fn ids(server: &Harness, query: &str) -> Vec<String> {
    let list = server.json(&format!("/api/streams{query}"));
    let streams = list["streams"].as_array().unwrap().iter();
    streams
        .map(|info| info["stream_id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_stream_is_made_told_of_changed_and_ended() {
    let server = start();
    let wish = r#"{"id":"lab","source":"push:","name":"The lab","quality":"medium","fps":15}"#;
    let (status, made) = server.call("POST", "/api/streams", wish);
    assert_eq!((status, &made["message"]), (201, &"lab was made".into()));
    let told = serde_json::json!({
        "stream_id": "lab", "name": "The lab", "source": "push:", "quality": "medium",
        "origin": "api", "kept": true, "viewer_count": 0, "is_active": false,
    });
    check(&made, told.clone());
    check(&server.json("/api/streams/lab"), told);
    check(
        &made["requested"],
        serde_json::json!({"quality": "medium", "fps": 15, "size": null}),
    );

    let change = r#"{"name":null,"quality":"low","jpeg_quality":60,"size":"640x360"}"#;
    let (status, changed) = server.call("PATCH", "/api/streams/lab", change);
    assert_eq!(status, 200, "{changed}");
    check(
        &changed,
        serde_json::json!({"name": null, "quality": "low", "source": "push:"}),
    );
    let requested =
        serde_json::json!({"quality": "low", "fps": 15, "size": "640x360", "jpeg_quality": 60});
    check(&changed["requested"], requested);

    assert_eq!(ids(&server, ""), ["front", "lab"]);
    let (status, ended) = server.call("DELETE", "/api/streams/lab", "");
    assert_eq!((status, &ended["message"]), (200, &"lab has ended".into()));
    assert_eq!(ids(&server, ""), ["front"]);
    assert_eq!(server.call("DELETE", "/api/streams/lab", "").0, 404);
}

#[test]
fn the_answer_to_a_new_stream_says_where_it_is() {
    let server = start();
    let headers = [("Content-Type", "application/json")];
    let answer = http::send(
        server.port,
        "POST",
        "/api/streams",
        &headers,
        br#"{"source":"push:"}"#,
    );
    assert_eq!(
        (answer.status, answer.header("location")),
        (201, Some("streams/push"))
    );
}

#[test]
fn putting_a_stream_twice_changes_nothing() {
    let server = start();
    let lab = r#"{"source":"push:","name":"Lab"}"#;
    assert_eq!(server.call("PUT", "/api/streams/lab", lab).0, 201);
    let (status, info) = server.call("PUT", "/api/streams/lab", lab);
    assert_eq!(status, 200);
    check(
        &info,
        serde_json::json!({"stream_id": "lab", "name": "Lab"}),
    );
    let (status, info) = server.call("PUT", "/api/streams/lab", r#"{"source":"push:"}"#);
    assert_eq!((status, &info["name"]), (200, &serde_json::Value::Null));
}

#[test]
fn without_a_source_it_is_the_test_pattern_and_says_so() {
    let server = start();
    let (status, made) = server.call("POST", "/api/streams", r#"{"quality":"medium"}"#);
    assert_eq!(status, 201, "{made}");
    check(
        &made,
        serde_json::json!({"stream_id": "test", "source": "test:", "quality": "medium"}),
    );
    let message = made["message"].as_str().unwrap();
    assert!(message.contains("no camera"), "{message}");
    // The next one gets a name of its own.
    let (_, made) = server.call("POST", "/api/streams", "{}");
    assert_eq!(made["stream_id"], "test-2");
}

#[test]
fn lists_come_in_pages() {
    let server = start();
    for id in ["a", "b", "c"] {
        server.call(
            "PUT",
            &format!("/api/streams/{id}"),
            r#"{"source":"push:"}"#,
        );
    }
    assert_eq!(ids(&server, "?limit=2"), ["a", "b"]);
    assert_eq!(ids(&server, "?limit=2&offset=2"), ["c", "front"]);
    assert_eq!(server.json("/api/streams?limit=1")["total"], 4);
    assert_eq!(server.call("GET", "/api/streams?limit=0", "").0, 400);
}

#[test]
fn streams_made_over_the_api_are_there_after_a_restart_as_they_were_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eyeline.db");
    let keeping = || {
        start_keeping(
            Some(TOKEN),
            Limits::default(),
            Some(Store::open(&path).unwrap()),
        )
    };
    let server = keeping();
    server.call(
        "PUT",
        "/api/streams/kept",
        r#"{"source":"push:","name":"Kept","fps":5}"#,
    );
    server.call("PUT", "/api/streams/gone", r#"{"source":"push:"}"#);
    server.call(
        "PATCH",
        "/api/streams/kept",
        r#"{"fps":7,"on_demand":true}"#,
    );
    server.call("DELETE", "/api/streams/gone", "");
    drop(server);
    let server = keeping();
    assert_eq!(ids(&server, ""), ["front", "kept"]);
    let kept = server.json("/api/streams/kept");
    check(
        &kept,
        serde_json::json!({"name": "Kept", "origin": "api", "kept": true, "on_demand": true}),
    );
    assert_eq!(kept["requested"]["fps"], 7);
}

#[test]
fn viewers_are_listed_and_can_be_closed() {
    let mut server = start();
    let mut viewer = Viewer::open(server.port, "/streams/front/mjpeg");
    server.wait_viewers(1);
    server.publish(&b"picture"[..], 0);
    assert_eq!(viewer.next_part().unwrap().jpeg, b"picture"[..]);
    let list = server.json("/api/streams/front/viewers");
    assert_eq!(list["total"], 1);
    let one = &list["viewers"][0];
    check(
        one,
        serde_json::json!({"transport": "mjpeg", "frames": 1, "skipped": 0, "quality": "source", "reason": null}),
    );
    let path = format!("/api/streams/front/viewers/{}", one["id"]);
    assert_eq!(server.call("DELETE", &path, "").0, 200);
    assert!(viewer.next_part().is_none());
    server.wait_viewers(0);
    let (status, error) = server.call("DELETE", &path, "");
    assert_eq!((status, &error["code"]), (404, &"unknown_viewer".into()));
}

#[test]
fn viewers_stay_when_their_stream_is_changed() {
    let server = start();
    server.call(
        "PUT",
        "/api/streams/lab",
        r#"{"source":"test:?size=64x64"}"#,
    );
    let mut viewer = Viewer::open(server.port, "/streams/lab/mjpeg");
    let size = |jpeg: &[u8]| {
        eyeline_media::jpeg::parse_header(jpeg)
            .unwrap()
            .resolution
            .to_string()
    };
    assert_eq!(size(&viewer.next_part().unwrap().jpeg), "64x64");
    let (status, _) = server.call("PATCH", "/api/streams/lab", r#"{"size":"96x80"}"#);
    assert_eq!(status, 200);
    wait::until("pictures of the new size", || {
        (size(&viewer.next_part().expect("the viewer stays").jpeg) == "96x80").then_some(())
    });
    let (status, _) = server.call(
        "PATCH",
        "/api/streams/lab",
        r#"{"source":"test:?size=32x32","size":null}"#,
    );
    assert_eq!(status, 200);
    wait::until("pictures of the new source", || {
        (size(&viewer.next_part().expect("the viewer stays").jpeg) == "32x32").then_some(())
    });
}

#[test]
fn a_thousand_streams_made_and_ended_leave_nothing() {
    let server = start();
    for n in 0..1_000 {
        let path = format!("/api/streams/s{}", n % 10);
        assert_eq!(server.call("PUT", &path, r#"{"source":"push:"}"#).0, 201);
        assert_eq!(server.call("DELETE", &path, "").0, 200);
    }
    assert_eq!(ids(&server, ""), ["front"]);
}

#[test]
fn scripts_of_trusted_pages_may_read_and_act_and_others_need_the_token() {
    let server = start();
    let origin = |origin: &'static str| [("Origin", origin), ("Content-Type", "application/json")];
    let allowed = |path: &str, from: &'static str| {
        let answer = http::send(server.port, "GET", path, &origin(from), b"");
        answer
            .header("access-control-allow-origin")
            .map(str::to_owned)
    };
    let with_token = format!("/api/streams?token={TOKEN}");
    assert_eq!(allowed("/api/streams", TRUSTED).as_deref(), Some(TRUSTED));
    let refused = http::send(
        server.port,
        "GET",
        "/api/streams",
        &origin("https://evil.example"),
        b"",
    );
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("auth.origins"), "{refused:?}");
    assert_eq!(
        allowed(&with_token, "https://evil.example").as_deref(),
        Some("https://evil.example")
    );
    let post = |from: &'static str| {
        http::send(
            server.port,
            "POST",
            "/api/streams",
            &origin(from),
            br#"{"source":"push:"}"#,
        )
        .status
    };
    assert_eq!(post("https://evil.example"), 403);
    assert_eq!(post(TRUSTED), 201);
    let asks = [
        ("Origin", "https://evil.example"),
        ("Access-Control-Request-Method", "PATCH"),
    ];
    let preflight = server.send("OPTIONS", "/api/streams/front", &asks);
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
}
