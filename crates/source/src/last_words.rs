//! What a program says on its standard error: into the log, and the last of it into the
//! reason why it ended.

use std::collections::VecDeque;

use eyeline_media::StreamId;
use eyeline_sys_process::Stderr;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::redact;

/// Lines that are kept.
const LAST_LINES: usize = 2;
/// Characters of a line that are looked at.
const MAX_LINE: usize = 400;

/// What a program says when it fails for a reason that has a remedy.
#[derive(Debug)]
pub(crate) struct Known {
    /// Stands in the line, in small letters.
    pub(crate) says: &'static str,
    /// What to do, in a short sentence.
    pub(crate) remedy: &'static str,
}

/// Logs what the command writes to standard error until there is no more; the last
/// lines.
pub(crate) async fn follow(errors: Stderr, stream: StreamId) -> String {
    hear(errors, stream, &[]).await
}

/// As [`follow`]; but if a line is known, the last such line and its remedy.
/// Lines may be of any length and coding; a progress bar's ends in a carriage return.
pub(crate) async fn hear(errors: Stderr, stream: StreamId, known: &'static [Known]) -> String {
    let mut errors = BufReader::new(errors);
    let (mut line, mut last) = (Vec::new(), VecDeque::new());
    let mut understood = None;
    loop {
        line.clear();
        let mut limited = (&mut errors).take(MAX_LINE as u64);
        if !matches!(limited.read_until(b'\n', &mut line).await, Ok(1..)) {
            return understood.unwrap_or_else(|| Vec::from(last).join(" / "));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text
            .trim_end()
            .rsplit('\r')
            .next()
            .unwrap_or_default()
            .trim();
        if text.is_empty() || is_count(text) {
            continue;
        }
        let text = redact::redact(text);
        tracing::info!(%stream, "{text}");
        if let Some(known) = remedy(&text, known) {
            understood = Some(format!("{text}: {}", known.remedy));
        }
        last.push_back(text);
        if last.len() > LAST_LINES {
            last.pop_front();
        }
    }
}

/// Of several that fit, the first.
fn remedy<'a>(line: &str, known: &'a [Known]) -> Option<&'a Known> {
    let line = line.to_lowercase();
    known.iter().find(|known| line.contains(known.says))
}

/// Older `libcamera-vid` counts every picture: `#12 (30.01 fps) exp 33242.00 ag 8.00 dg 1.00`.
fn is_count(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_digit()) && rest.contains(" fps)")
    })
}

#[cfg(test)]
mod tests {
    use super::is_count;

    #[test]
    fn only_lines_that_count_pictures_are_left_out() {
        assert!(is_count("#12 (30.01 fps) exp 33242.00 ag 8.00 dg 1.00"));
        assert!(!is_count("#1 cannot open the camera"));
        assert!(!is_count("12 (30.01 fps)"));
        assert!(!is_count("# (fps)"));
    }
}
