//! `exec:COMMAND`: runs a command and reads the pictures it writes to standard output.

use std::sync::Arc;
use std::time::Duration;

use eyeline_proto::mpjpeg;
use eyeline_sys_process::shell;
use rustix::pipe::fcntl_setpipe_size;
use tokio::time::timeout;

use super::{Input, RAW_PARAMS, Risk, Run, Running};
use crate::byte_stream::{Content, RawFormat, pump};
use crate::error::InputError;
use crate::last_words::follow;
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
                Ok(Ok(last_words)) => last_words,
                _ => String::new(),
            };
            Err(session
                .sink
                .ended(InputError::Exited { status, last_words }))
        })
    }
}
