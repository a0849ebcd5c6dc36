//! What is refused, and that whatever is taken makes a configuration.

use super::*;
use crate::config::Config;

const FILES: [&str; 3] = [
    include_str!("../../tests/ffserver/workshop.conf"),
    include_str!("../../tests/ffserver/webcam.conf"),
    include_str!("../../tests/ffserver/archive.conf"),
];

fn made(text: &str) -> Made {
    convert(text).unwrap_or_else(|mistake| panic!("{mistake}\n{text}"))
}

/// What is made must be a configuration.
fn check_sound(text: &str) {
    let Ok(made) = convert(text) else { return };
    if let Err(error) = toml::from_str::<Config>(&made.text) {
        panic!("{error}\nout of\n{text}\nwas made\n{}", made.text);
    }
}

#[test]
fn a_mistake_names_its_line_and_what_would_be_right() {
    let check = |text: &str, line: usize, says: &str| {
        let mistake = convert(text).err().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(mistake.line, line, "{mistake}");
        assert!(mistake.what.contains(says), "{mistake}");
    };
    check("HTTPPort 99999", 1, "1 to 65535");
    check("\nHTTPPort", 2, "needs a value");
    check("BindAddress my.host", 1, "in numbers");
    check("MaxClients none", 1, "1 to 1000000");
    check("<Stream a>\nFeed b\n</Stream>", 2, "no feed of that name");
    check("<Feed a>\n</Feed>\n<Feed a>\n</Feed>", 3, "already");
    let stream = |line: &str| format!("<Stream a>\nFile x\n{line}\n</Stream>");
    check(&stream("VideoSize huge"), 3, "WIDTHxHEIGHT");
    check(&stream("VideoFrameRate fast"), 3, "30000/1001");
    check(&stream("VideoFrameRate 0"), 3, "30000/1001");
    check(&stream("VideoFrameRate 1/0"), 3, "30000/1001");
    let twice = stream("") + "\n" + &stream("");
    check(&twice, 5, "already");
}

#[test]
fn keywords_are_taken_in_any_case() {
    let text =
        "HTTPPORT 81\n<FEED f.ffm>\n</feed>\n<stream a.mjpg>\nfeed f.ffm\nVIDEOSIZE CIF\n</STREAM>";
    let made = made(text);
    assert!(
        made.text.contains("listen = \"0.0.0.0:81\""),
        "{}",
        made.text
    );
    assert!(made.text.contains("size = \"352x288\""), "{}", made.text);
    assert!(made.warnings.is_empty(), "{:?}", made.warnings);
}

#[test]
fn a_limit_that_all_streams_have_is_the_limit_of_streams() {
    let stream = |name: &str, clients: u32| {
        format!("<Stream {name}>\nFile {name}\nMaxClients {clients}\n</Stream>\n")
    };
    let check = |text: String, expected: Option<&str>| {
        let text = made(&text).text;
        let limit = text
            .lines()
            .find(|line| line.starts_with("viewers_per_stream"));
        assert_eq!(limit, expected, "{text}");
    };
    check(
        stream("a", 3) + &stream("b", 3),
        Some("viewers_per_stream = 3"),
    );
    check(stream("a", 3) + &stream("b", 4), None);
    let of_all = format!("MaxClients 9\n{}", stream("a", 3));
    check(of_all, Some("viewers_per_stream = 9"));
}

#[test]
fn names_are_such_as_streams_may_have_and_no_two_are_the_same() {
    let names = [
        "a.mjpg",
        "a.jpg",
        "a.asf",
        "über alles!.mpg",
        "..",
        "a/b.mpg",
        &"n".repeat(200),
    ];
    let sections = names.map(|name| format!("<Stream \"{name}\">\nFile \"{name}\"\n</Stream>\n"));
    let made = made(&sections.concat());
    let config: Config = toml::from_str(&made.text).unwrap();
    assert_eq!(config.streams.len(), names.len(), "{}", made.text);
}

#[test]
fn what_is_made_is_sound_whichever_line_is_missing_or_said_twice() {
    for file in FILES {
        let lines: Vec<_> = file.lines().collect();
        for at in 0..lines.len() {
            let mut less = lines.clone();
            less.remove(at);
            check_sound(&less.join("\n"));
            let mut more = lines.clone();
            more.insert(at, lines[at]);
            check_sound(&more.join("\r\n"));
        }
    }
}

#[test]
fn nothing_in_a_file_gets_out_of_its_comment_or_its_text() {
    for nasty in [
        "\"\"\"",
        "\\",
        "\u{7}\u{1b}[0m",
        "]]\n[auth]",
        "'; exit 1 #",
        "${HOME}",
        "\u{feff}",
    ] {
        check_sound(&format!("CustomLog {nasty}"));
        check_sound(&format!(
            "<Stream \"{nasty}\">\nFile \"{nasty}\"\nTitle \"{nasty}\"\n</Stream>"
        ));
        check_sound(&format!("<Redirect {nasty}>\nURL {nasty}\n</Redirect>"));
        check_sound(&format!(
            "<Feed f>\nLaunch ffmpeg {nasty} '{nasty}'\n</Feed>\n<Stream s>\nFeed f\n</Stream>"
        ));
    }
}
