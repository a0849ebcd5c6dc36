//! `exec:COMMAND`: runs a command and reads the pictures it writes to standard output.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use eyeline_media::StreamId;
use eyeline_proto::mpjpeg;
use eyeline_sys_process::{Stderr, shell};
use rustix::pipe::fcntl_setpipe_size;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::time::timeout;

use super::{Input, RAW_PARAMS, Risk, Run, Running};
use crate::byte_stream::{Content, RawFormat, pump};
use crate::error::InputError;
use crate::params::Params;
use crate::redact;
use crate::session::{CHILD_GRACE, Session};
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["exec"],
    example: "exec:python3 app.py",
    help: "Runs a command line by `sh -c` and reads what it writes to standard output: JPEGs one \
           after the other, multipart MJPEG, or raw pictures when their format comes before the \
           command, between a question mark and a colon: \
           `exec:?format=bgr24&size=640x480:python3 app.py`. Everything after that belongs to the command, commas and all. What it writes \
           to standard error goes to the log; it is started anew when it ends, and stopped \
           politely (SIGINT, SIGTERM, SIGKILL).",
    params: RAW_PARAMS,
    wish: false,
    risk: Risk::Command,
    parse,
};

/// Lines of standard error that are kept to say why the command ended.
const LAST_LINES: usize = 2;
/// Characters of a line of standard error that are looked at.
const MAX_LINE: usize = 400;
/// How long to wait for the last of what an ended command wrote.
const LOG_GRACE: Duration = Duration::from_millis(200);
/// Room in the pipe; only a wish.
const PIPE_BYTES: usize = 1024 * 1024;

struct Exec {
    command: String,
    raw: Option<RawFormat>,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let (query, command) = match written.rest.strip_prefix('?') {
        Some(rest) => rest.split_once(':').ok_or_else(|| {
            SpecError::Malformed(
                "exec:? needs a colon after the parameters: \
                 exec:?format=bgr24&size=640x480:python3 app.py"
                    .to_owned(),
            )
        })?,
        None => ("", written.rest),
    };
    let command = command.trim();
    if command.is_empty() {
        return Err(SpecError::Malformed(format!(
            "exec: needs a command, such as {}",
            INPUT.example
        )));
    }
    let raw = RawFormat::read(&Params::read(query, RAW_PARAMS)?)?;
    Ok(Arc::new(Exec {
        command: command.to_owned(),
        raw,
    }))
}

impl Run for Exec {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let started = shell(&self.command).spawn().await;
            let child = started.map_err(|error| InputError::Spawn(error.to_string()))?;
            let child = session.child.insert(child);
            tracing::info!(stream = %session.stream, pid = child.pid(), command = %redact::redact(&self.command), "started");
            let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
                return Err(InputError::Broken("a command without pipes"));
            };
            let _ = fcntl_setpipe_size(&output, PIPE_BYTES);
            // A task of its own: it hears what the command says while it is being stopped, too.
            let log = tokio::spawn(follow(errors, session.stream.clone()));
            let content = Content::of(self.raw)?;
            match pump(output, content, &mut session.sink).await {
                // A picture cut short says less than how the command ended.
                Ok(())
                | Err(InputError::Read(_) | InputError::Stream(mpjpeg::Error::Truncated { .. })) => {
                }
                Err(error) => return Err(error),
            }
            // Its output is closed: it has ended or is about to.
            let status = match timeout(CHILD_GRACE, child.wait()).await {
                Ok(Ok(status)) => status.to_string(),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it closed its output".to_owned(),
            };
            let last_words = match timeout(LOG_GRACE, log).await {
                Ok(Ok(lines)) => Vec::from(lines).join(" / "),
                _ => String::new(),
            };
            Err(session
                .sink
                .ended(InputError::Exited { status, last_words }))
        })
    }
}

/// Logs what the command writes to standard error until there is no more; the last
/// lines. Lines may be of any length and coding; a progress bar's ends in a carriage return.
async fn follow(errors: Stderr, stream: StreamId) -> VecDeque<String> {
    let mut errors = BufReader::new(errors);
    let (mut line, mut last) = (Vec::new(), VecDeque::new());
    loop {
        line.clear();
        let mut limited = (&mut errors).take(MAX_LINE as u64);
        if !matches!(limited.read_until(b'\n', &mut line).await, Ok(1..)) {
            return last;
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
