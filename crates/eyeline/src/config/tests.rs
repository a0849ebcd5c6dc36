//! What configurations are taken, and what is said of those that are not.

use std::io::Write as _;

use super::*;

fn load_text(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let loaded = load(Some(file.path()), environment);
    loaded.map_err(|error| format!("{error:#}").replace(file.path().to_str().unwrap(), "FILE"))
}

fn check_refused(text: &str, environment: &[(&str, &str)], says: &[&str]) {
    let error = load_text(text, environment).expect_err(text);
    for part in says {
        assert!(error.contains(part), "expected {part:?} in:\n{error}");
    }
}

#[test]
fn an_empty_file_is_a_configuration() {
    let config = load_text("", &[]).unwrap();
    assert!(config.streams.is_empty() && !config.open);
}

#[test]
fn every_key_is_taken() {
    let config = load_text(
        r#"
        listen = ["127.0.0.1:9000", "[::1]:9000"]
        open = true
        auto = true
        [auth]
        token = "0123456789abcdef"
        hosts = ["cams.example.org"]
        [api]
        allow = ["exec", "private"]
        [limits]
        connections = 100
        viewers_per_stream = 10
        [log]
        level = "debug"
        format = "json"
        [streams.front]
        source = "http://10.0.0.7/video,test:"
        name = "Front door"
        quality = "medium"
        fps = 10
        size = "1280x720"
        on_demand = true
        jpeg_quality = 70
        silence_timeout_s = 2.5
        controls = { brightness = 140, gain_automatic = false }
        tcp = "0.0.0.0:9000"
        tcp_open = true
        "#,
        &[],
    )
    .unwrap();
    assert_eq!(config.listen.0.len(), 2);
    let allowed = config.api.allow();
    assert!(allowed.exec && allowed.private && !allowed.file);
    let front = config.streams.values().next().unwrap();
    assert_eq!(front.source.0.len(), 2);
    assert_eq!(front.jpeg_quality.map(|quality| quality.get()), Some(70));
    assert_eq!(front.fps.map(|fps| fps.get()), Some(10));
    let size = front.size.map(|size| size.0.to_string());
    assert_eq!(size.as_deref(), Some("1280x720"));
    assert!(config.auto);
    let tcp = front.tcp.map(|tcp| tcp.0.to_string());
    assert_eq!(
        (tcp.as_deref(), front.tcp_open),
        (Some("0.0.0.0:9000"), true)
    );
    let controls = front.controls.iter();
    let controls: Vec<_> = controls
        .map(|(id, value)| (id.as_str(), i64::from(*value)))
        .collect();
    assert_eq!(controls, [("brightness", 140), ("gain_automatic", 0)]);
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_what_was_meant() {
    check_refused(
        "open = true\nlisen = \"0.0.0.0:80\"\n",
        &[],
        &["FILE:2:1", "lisen", "did you mean `listen`?"],
    );
    check_refused(
        "[streams.a]\nsource = \"test:\"\nondemand = true",
        &[],
        &["FILE:3:1", "did you mean `on_demand`?"],
    );
}

#[test]
fn a_bad_value_is_refused_with_its_line_and_what_is_accepted() {
    check_refused("\nlisten = \"port 80\"", &[], &["FILE:2:10", "port 80"]);
    check_refused("open = \"yes\"", &[], &["FILE:1:8", "boolean"]);
    check_refused(
        "[limits]\nconnections = 0",
        &[],
        &["FILE:2:15", "1 to 1000000"],
    );
    check_refused(
        "[streams.a]\nsource = \"test:\"\njpeg_quality = 101",
        &[],
        &["FILE:3:16", "1 to 100"],
    );
    check_refused(
        "[streams.a]\nsource = \"test:\"\nfps = 121",
        &[],
        &["FILE:3:7", "1 to 120"],
    );
    check_refused(
        "[streams.a]\nsource = \"test:\"\nquality = \"ultra\"",
        &[],
        &["FILE:3:11", "low, medium, high or source"],
    );
    check_refused(
        "[streams.a]\nsource = \"test:\"\nsize = \"big\"",
        &[],
        &["FILE:3:8", "WIDTHxHEIGHT"],
    );
    check_refused(
        "[streams.a]\nsource = \"test:\"\nname = \"a\\nb\"",
        &[],
        &["FILE:3:8", "in one line"],
    );
    check_refused(
        "[streams.a]\nsource = \"tset:\"",
        &[],
        &["FILE:2:10", "tset", "test"],
    );
    check_refused(
        "[streams.\"a/b\"]\nsource = \"test:\"",
        &[],
        &["FILE:1:", "a/b"],
    );
    check_refused(
        "[streams.a]\non_demand = true",
        &[],
        &["stream a has no source"],
    );
    check_refused(
        "[api]\nallow = [\"root\"]",
        &[],
        &["FILE:2:9", "exec, file or private"],
    );
    check_refused("open = ", &[], &["FILE:1:"]);
}

#[test]
fn a_variable_wins_over_the_file() {
    let config = load_text(
        "open = false\n[streams.front]\nsource = \"test:\"",
        &[
            ("EYELINE_OPEN", "true"),
            ("EYELINE_LISTEN", "127.0.0.1:7000"),
            ("EYELINE_STREAMS_FRONT_ON_DEMAND", "false"),
            ("EYELINE_STREAMS_FRONT_NAME", "5"),
            ("EYELINE_STREAMS_FRONT_JPEG_QUALITY", "40"),
            ("EYELINE_STREAMS_FRONT_QUALITY", "low"),
            ("EYELINE_STREAMS_FRONT_FPS", "5"),
            ("EYELINE_AUTH_TOKEN", "0000000000000000"),
            ("EYELINE_API_ALLOW", "file"),
            ("HOME", "/nowhere"),
        ],
    )
    .unwrap();
    assert!(config.open);
    assert!(config.api.allow().file);
    assert_eq!(config.listen.0.len(), 1);
    let front = config.streams.values().next().unwrap();
    assert_eq!(front.on_demand, Some(false));
    assert_eq!(front.name.as_ref().map(|name| name.0.0.as_str()), Some("5"));
    assert_eq!(front.jpeg_quality.map(|quality| quality.get()), Some(40));
    assert_eq!(front.fps.map(|fps| fps.get()), Some(5));
    assert_eq!(front.quality.map(|quality| quality.0.name()), Some("low"));
    assert!(
        config
            .auth
            .token
            .is_some_and(|token| token.matches("0000000000000000"))
    );
}

#[test]
fn a_port_alone_is_one_of_this_machine() {
    let check = |text: &str, environment: &[(&str, &str)]| {
        let text = format!("[streams.front]\nsource = \"test:\"\n{text}");
        let config = load_text(&text, environment).unwrap();
        let front = config.streams.values().next().unwrap();
        let tcp = front.tcp.map(|tcp| tcp.0.to_string());
        assert_eq!(tcp.as_deref(), Some("127.0.0.1:9000"));
    };
    check("tcp = 9000", &[]);
    check("", &[("EYELINE_STREAMS_FRONT_TCP", "9000")]);
    check("", &[("EYELINE_STREAMS_FRONT_TCP", "127.0.0.1:9000")]);
    check_refused(
        "[streams.front]\nsource = \"test:\"\ntcp = \"9000\"",
        &[],
        &["FILE:3", "such as 9000"],
    );
}

#[test]
fn a_bad_variable_is_named() {
    check_refused(
        "",
        &[("EYELINE_OPNE", "true")],
        &["EYELINE_OPNE", "did you mean EYELINE_OPEN?"],
    );
    check_refused(
        "",
        &[("EYELINE_OPEN", "perhaps")],
        &["EYELINE_OPEN", "boolean"],
    );
    check_refused(
        "",
        &[("EYELINE_LIMITS_STREAMS", "-1")],
        &["EYELINE_LIMITS_STREAMS", "1 to"],
    );
}

#[test]
fn a_missing_file_is_said_to_be_missing() {
    let error = load(Some(std::path::Path::new("/nonexistent/eyeline.toml")), []).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("cannot read the configuration /nonexistent/eyeline.toml")
    );
}
