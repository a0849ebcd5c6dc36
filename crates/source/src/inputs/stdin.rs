//! `-` or `stdin:`: pictures that another program writes into our standard input.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::sync::Arc;

use eyeline_proto::mpjpeg;
use rustix::pipe::fcntl_setpipe_size;
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

use super::{Input, RAW_PARAMS, Risk, Run, Running};
use crate::byte_stream::{Content, FPS_RANGE, Pace, RawFormat, Way, play, pump};
use crate::error::InputError;
use crate::params::Params;
use crate::recording;
use crate::session::Session;
use crate::sink::Sink;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["stdin"],
    example: "-",
    help: "Pictures on standard input, as in `python3 app.py | eyeline serve -`: JPEGs one after \
           the other, multipart MJPEG, H.264 (Annex B), MPEG-TS or fragmented MP4 with H.264, or raw pictures with `-?format=bgr24&size=640x480`. Also \
           written `stdin:`. A pipe that was closed cannot be opened again.",
    params: RAW_PARAMS,
    wish: false,
    risk: Risk::StandardInput,
    parse,
};

/// Frames a second at which a regular file on standard input is played.
const DEFAULT_FPS: f64 = 30.0;
/// Room in the pipe, so that a program that writes large pictures waits less. The
/// kernel may give less; it is only a wish.
const PIPE_BYTES: usize = 1024 * 1024;

struct Stdin {
    raw: Option<RawFormat>,
    fps: f64,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let rest = written.rest.strip_prefix('?').unwrap_or(written.rest);
    let params = Params::read(rest, RAW_PARAMS)?;
    Ok(Arc::new(Stdin {
        raw: RawFormat::read(&params)?,
        fps: params.number("fps", FPS_RANGE)?.unwrap_or(DEFAULT_FPS),
    }))
}

impl Run for Stdin {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let descriptor = io::stdin().as_fd().try_clone_to_owned()?;
            let last_words = match self.read(descriptor, &mut session.sink).await {
                Ok(()) => session.sink.last_bad().map(|bad| bad.to_string()),
                Err(InputError::Stream(error @ mpjpeg::Error::Truncated { .. })) => {
                    Some(error.to_string())
                }
                Err(error) => return Err(error),
            };
            Err(InputError::PipeClosed {
                last_words: last_words.unwrap_or_default(),
            })
        })
    }

    fn on_demand(&self, _: Option<bool>) -> bool {
        // What is not read is lost, and the writer waits.
        false
    }

    fn patient(&self) -> bool {
        // What was read of a picture so far would be lost.
        true
    }
}

impl Stdin {
    async fn read(&self, from: OwnedFd, sink: &mut Sink) -> Result<(), InputError> {
        let content = Content::of(self.raw)?;
        let file = File::from(from);
        let kind = file.metadata()?.file_type();
        if kind.is_fifo() {
            let _ = fcntl_setpipe_size(&file, PIPE_BYTES);
            let pipe = pipe::Receiver::from_owned_fd(file.into())?;
            pump(pipe, Way::Pipe, content, sink).await
        } else if kind.is_socket() {
            let socket = std::os::unix::net::UnixStream::from(OwnedFd::from(file));
            socket.set_nonblocking(true)?;
            pump(UnixStream::from_std(socket)?, Way::Pipe, content, sink).await
        } else if file.is_terminal() {
            Err(InputError::Stdin(
                "standard input is a terminal; pipe pictures into it: python3 app.py | eyeline serve -",
            ))
        } else {
            let mut file = tokio::fs::File::from_std(file);
            if self.raw.is_none() && recording::is_mp4(&mut file).await? {
                return recording::play(&mut file, false, sink).await.map(|_| ());
            }
            play(file, content, &mut Pace::new(self.fps), sink)
                .await
                .map(|_| ())
        }
    }
}
