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

/// Logs what the command writes to standard error until there is no more; the last
/// lines. Lines may be of any length and coding; a progress bar's ends in a carriage return.
pub(crate) async fn follow(errors: Stderr, stream: StreamId) -> String {
    let mut errors = BufReader::new(errors);
    let (mut line, mut last) = (Vec::new(), VecDeque::new());
    loop {
        line.clear();
        let mut limited = (&mut errors).take(MAX_LINE as u64);
        if !matches!(limited.read_until(b'\n', &mut line).await, Ok(1..)) {
            return Vec::from(last).join(" / ");
        }
        let text = String::from_utf8_lossy(&line);
        let text = text
            .trim_end()
            .rsplit('\r')
            .next()
            .unwrap_or_default()
            .trim();
        if text.is_empty() {
            continue;
        }
        let text = redact::redact(text);
        tracing::info!(%stream, "{text}");
        last.push_back(text);
        if last.len() > LAST_LINES {
            last.pop_front();
        }
    }
}
