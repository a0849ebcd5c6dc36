//! Which texts are sources, and what is said of those that are not.

use super::*;

fn check(text: &str, scheme: &str, shown: &str) {
    let spec = Spec::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(
        (spec.input().schemes[0], spec.to_string().as_str()),
        (scheme, shown),
        "{text}"
    );
}

fn check_refused(text: &str, says: &[&str]) {
    let Err(error) = Spec::parse(text) else {
        panic!("{text:?} was taken")
    };
    let said = error.to_string();
    for part in says {
        assert!(
            said.contains(part),
            "{text}: {said:?} does not say {part:?}"
        );
    }
}

fn check_list(text: &str, expected: &[&str]) {
    let specs = Spec::parse_list(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let shown: Vec<_> = specs.iter().map(Spec::to_string).collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn every_example_of_the_help_is_a_source() {
    for input in INPUTS {
        let scheme = input.schemes[0];
        let spec = Spec::parse(input.example).unwrap_or_else(|error| panic!("{scheme}: {error}"));
        assert_eq!(spec.input().schemes, input.schemes);
        assert!(!input.help.is_empty());
    }
}

#[test]
fn sources_of_every_kind_are_read() {
    check("test:", "test", "test:");
    check(
        " test:?size=640x480&fps=7.5 ",
        "test",
        "test:?size=640x480&fps=7.5",
    );
    check("-", "stdin", "-");
    check(
        "-?format=bgr24&size=768x432&fps=24",
        "stdin",
        "-?format=bgr24&size=768x432&fps=24",
    );
    check("stdin:", "stdin", "stdin:");
    check(
        "STDIN:?format=gray&size=1x1",
        "stdin",
        "STDIN:?format=gray&size=1x1",
    );
    check(
        "exec:python3 app.py --url=a,b",
        "exec",
        "exec:python3 app.py --url=a,b",
    );
    check(
        "exec:?format=nv12&size=2x2:cat x",
        "exec",
        "exec:?format=nv12&size=2x2:cat x",
    );
    check(
        "tcp://[::1]:5000?format=yuyv422&size=2x2",
        "tcp",
        "tcp://[::1]:5000?format=yuyv422&size=2x2",
    );
    check(
        "http://u:secret@cam/v?pwd=x#fps=2",
        "http",
        "http://u:***@cam/v?pwd=***#fps=2",
    );
    check("https://cam/v", "http", "https://cam/v");
    check("file:/a/b.mjpeg?loop", "file", "file:/a/b.mjpeg?loop");
    check(
        "file:a?b?fps=12.5&loop=true",
        "file",
        "file:a?b?fps=12.5&loop=true",
    );
    check("push:", "push", "push:");
}

#[test]
fn what_is_no_source_is_refused_with_a_hint() {
    check_refused("", &["empty", "test:"]);
    check_refused("foo:bar", &["foo:", "test:", "exec:", "https:", "push:"]);
    check_refused("python3 app.py", &["exec:python3 app.py"]);
    check_refused("/tmp/x.mjpeg", &["file:/tmp/x.mjpeg"]);
    check_refused("test", &["test:"]);
    check_refused("test:size=1x1", &["question mark"]);
    check_refused("test:?sise=1x1", &["sise", "size, fps"]);
    check_refused("test:?fps=0", &["fps=0", "0.1 to 240"]);
    check_refused("test:?fps=NaN", &["fps=NaN"]);
    check_refused("test:?size=60000x60000", &["60000x60000", "limits"]);
    check_refused("test:?fps", &["fps=30"]);
    check_refused("test:?fps=1&fps=2", &["twice"]);
    check_refused("-?format=h264&size=1x1", &["h264", "bgr24"]);
    check_refused("-?format=bgr24", &["size"]);
    check_refused("-?size=640x480", &["format=bgr24&size=640x480"]);
    check_refused("exec:", &["command"]);
    check_refused("exec:?format=bgr24&size=1x1", &["colon"]);
    check_refused("tcp://host", &["host and a port"]);
    check_refused("tcp://:1", &["host and a port"]);
    check_refused("tcp://host:0", &["host and a port"]);
    check_refused("tcp://host:99999", &["host and a port"]);
    check_refused("http://", &["http://"]);
    check_refused("http://u:secret@", &["***"]);
    check_refused("http://cam/#poll=1", &["poll", "fps"]);
    check_refused("file:", &["path"]);
    check_refused("file:x?loop=maybe", &["loop=maybe", "true or false"]);
    check_refused("push:x", &["stands alone"]);
}

#[test]
fn a_list_is_split_at_commas_before_sources() {
    check_list("test:", &["test:"]);
    check_list("-,test:", &["-", "test:"]);
    check_list("push:, test:?fps=5", &["push:", "test:?fps=5"]);
    check_list(
        "http://cam/a,b?c=1,2,tcp://x:1",
        &["http://cam/a,b?c=1,2", "tcp://x:1"],
    );
    check_list(
        "test:,-?format=gray8&size=1x1,-",
        &["test:", "-?format=gray8&size=1x1", "-"],
    );
}

#[test]
fn a_command_takes_the_rest_of_a_list() {
    check_list(
        "test:,exec:ffmpeg -vf scale=1,2,test: -",
        &["test:", "exec:ffmpeg -vf scale=1,2,test: -"],
    );
}

#[test]
fn a_list_with_a_gap_or_an_unknown_kind_is_refused() {
    for (text, says) in [
        ("test:,", "empty"),
        (",test:", "empty"),
        ("test:,,-", "empty"),
        ("test:,foo:x", "foo:"),
    ] {
        let said = Spec::parse_list(text).unwrap_err().to_string();
        assert!(said.contains(says), "{text}: {said}");
    }
}
