//! The command lines of ffmpeg that take the place of those for ffserver.

use super::model::Pictures;

/// The part of a command line that makes a stream's pictures and sends them somewhere.
pub(super) fn output(pictures: &Pictures, to: &str) -> String {
    let mut options = vec!["-an".to_owned()];
    if let Some(size) = pictures.size {
        options.push(format!("-s {size}"));
    }
    if let Some(fps) = pictures.fps {
        options.push(format!("-r {fps}"));
    }
    options.push(format!("-q:v {} -f mpjpeg {to}", pictures.qscale));
    options.join(" ")
}

/// A command that plays a file, or reads a device or an address.
pub(super) fn play(path: &str, format: Option<&str>) -> String {
    let live = is_live(path, format);
    let format = format.map(|format| format!("-f {} ", quote(format)));
    let pace = if live { "" } else { "-re -stream_loop -1 " };
    let format = format.unwrap_or_default();
    format!("ffmpeg -v warning {pace}{format}-i {}", quote(path))
}

/// Whether this is no file, which would be played to its end.
pub(super) fn is_live(path: &str, format: Option<&str>) -> bool {
    format.is_some() || path.contains("://") || path.starts_with("/dev/")
}

/// A command that was given to ffserver to start, without what only ffserver needed.
pub(super) fn launch(args: &[String]) -> String {
    let needed = args.iter().filter(|arg| *arg != "-override_ffserver");
    let needed: Vec<_> = needed.map(|arg| quote(arg)).collect();
    format!("ffmpeg -v warning {}", needed.join(" "))
}

/// A word as a shell takes it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more_into_them() {
        let check = |word: &str, expected: &str| assert_eq!(quote(word), expected);
        check("/dev/video0", "/dev/video0");
        check("a b", "'a b'");
        check("it's; rm -rf $HOME", r"'it'\''s; rm -rf $HOME'");
        check("", "''");
    }

    #[test]
    fn only_files_are_played_at_a_pace_and_again() {
        let check = |path: &str, format, expected: &str| {
            assert_eq!(play(path, format), format!("ffmpeg -v warning {expected}"));
        };
        check("/a b.avi", None, "-re -stream_loop -1 -i '/a b.avi'");
        check("rtsp://cam/1", None, "-i rtsp://cam/1");
        check("/dev/video0", Some("v4l2"), "-f v4l2 -i /dev/video0");
    }
}
