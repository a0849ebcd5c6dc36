//! `exec:COMMAND`: runs a command and reads the pictures it writes to standard output.

use std::sync::Arc;

use eyeline_sys_process::shell;

use super::{Input, RAW_PARAMS, Risk, Run, Running};
use crate::byte_stream::{Content, RawFormat};
use crate::error::InputError;
use crate::params::Params;
use crate::session::Session;
use crate::spec::{SpecError, Written};
use crate::{program, redact};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["exec"],
    example: "exec:python3 app.py",
    help: "Runs a command line by `sh -c` and reads what it writes to standard output: JPEGs one \
           after the other, multipart MJPEG, H.264 (Annex B), MPEG-TS of H.264, or raw pictures when their format comes before the \
           command, between a question mark and a colon: \
           `exec:?format=bgr24&size=640x480:python3 app.py`. Everything after that belongs to the command, commas and all. What it writes \
           to standard error goes to the log; it is started anew when it ends, and stopped \
           politely (SIGINT, SIGTERM, SIGKILL).",
    params: RAW_PARAMS,
    wish: false,
    risk: Risk::Command,
    parse,
};

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
            let (command, shown) = (shell(&self.command), redact::redact(&self.command));
            let content = Content::of(self.raw)?;
            let ended = program::run(&command, &shown, content, &[], session).await?;
            Err(session.sink.ended(InputError::Exited {
                status: ended.status,
                last_words: ended.last_words,
            }))
        })
    }
}
