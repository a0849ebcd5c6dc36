//! A program that writes pictures to its standard output: started, read, and heard out when it ends.
//! What `exec:` and the tools of cameras have in common.
//!
//! Not here: stopping it, which the session does when the run is over.

use std::time::Duration;

use eyeline_proto::mpjpeg;
use eyeline_sys_process::Spec;
use rustix::pipe::fcntl_setpipe_size;
use tokio::time::timeout;

use crate::byte_stream::{Content, Way, pump};
use crate::error::InputError;
use crate::last_words::{Known, hear};
use crate::session::Session;

/// How long a program that has closed its output may take to end.
const END_GRACE: Duration = Duration::from_secs(1);
/// How long to wait for the last of what an ended program wrote.
const LOG_GRACE: Duration = Duration::from_millis(200);
/// Room in the pipe; only a wish.
const PIPE_BYTES: usize = 1024 * 1024;

/// How a program came to its end.
pub(crate) struct Ended {
    /// Its exit status, in words.
    pub(crate) status: String,
    /// The last that it wrote to standard error, in one line; perhaps nothing.
    pub(crate) last_words: String,
}

/// Runs a program and gives its pictures to the session's sink until it ends. `shown` is what the log
/// says of it, `known` what it says before it fails.
///
/// # Errors
/// When it cannot be started, and when its pictures cannot be shown.
pub(crate) async fn run(
    program: &Spec,
    shown: &str,
    content: Content,
    known: &'static [Known],
    session: &mut Session,
) -> Result<Ended, InputError> {
    let started = program.spawn().await;
    let child = started.map_err(|error| InputError::Spawn(error.to_string()))?;
    let child = session.child.insert(child);
    tracing::info!(stream = %session.stream, pid = child.pid(), command = %shown, "started");
    // The output stays with the child: when this run is given up, it has to be read on while the
    // program is being stopped. Without a reader the program would die before it has closed its camera.
    let (Some(output), Some(errors)) = (&mut child.stdout, child.stderr.take()) else {
        return Err(InputError::Broken("a command without pipes"));
    };
    let _ = fcntl_setpipe_size(&*output, PIPE_BYTES);
    // A task of its own: it hears what the command says while it is being stopped, too.
    let log = tokio::spawn(hear(errors, session.stream.clone(), known));
    match pump(output, Way::Pipe, content, &mut session.sink).await {
        // A picture cut short says less than how the command ended.
        Ok(()) | Err(InputError::Read(_) | InputError::Stream(mpjpeg::Error::Truncated { .. })) => {
        }
        Err(error) => return Err(error),
    }
    // Its output is closed: it has ended or is about to.
    let status = match timeout(END_GRACE, child.wait()).await {
        Ok(Ok(status)) => status.to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it closed its output".to_owned(),
    };
    let last_words = match timeout(LOG_GRACE, log).await {
        Ok(Ok(last_words)) => last_words,
        _ => String::new(),
    };
    Ok(Ended { status, last_words })
}
