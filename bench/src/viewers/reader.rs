//! One viewer that reads as fast as it can.

use std::io;
use std::rc::Rc;

use anyhow::anyhow;
use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::{TcpSocket, TcpStream};

use super::Target;
use super::parser::{Frame, Parser};
use super::pixels;
use super::shared::Shared;

/// How much is read at a time where the bytes matter.
const HEADERS_AT_ONCE: usize = 1024;
/// How much is read at a time by the viewer that looks at its pictures.
const PICTURE_AT_ONCE: usize = 64 * 1024;

impl Target {
    /// Connects and sends the request.
    pub(super) async fn connect(&self, receive_buffer: Option<u32>) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_buffer {
            // Before connecting: it decides the window that is offered.
            socket.set_recv_buffer_size(bytes)?;
        }
        let mut stream = socket.connect(self.addr).await?;
        stream.write_all(self.request.as_bytes()).await?;
        Ok(stream)
    }
}

/// Reads until something ends it, and says what. `eye` gets the pictures.
pub(super) async fn read_all(
    stream: &TcpStream,
    viewer: usize,
    eye: Option<pixels::Sender>,
    shared: &Rc<Shared>,
) -> anyhow::Error {
    let mut reading = Reading::new(eye.is_some());
    let mut frames = Vec::new();
    loop {
        if let Err(error) = stream.readable().await {
            return error.into();
        }
        loop {
            match reading.read(stream, usize::MAX, &mut frames, shared) {
                Ok(0) => break,
                Ok(count) => shared.add_bytes(count),
                Err(error) => return error,
            }
            for frame in frames.drain(..) {
                let arrived = shared.now();
                shared.add_frame(viewer, frame.time, arrived);
                if let Some(eye) = eye.as_ref().filter(|_| shared.is_counting()) {
                    // Fails only when nobody looks any more.
                    let _ = eye.send(pixels::Sight { frame, arrived });
                }
            }
        }
    }
}

/// A connection's answer being read.
pub(super) struct Reading {
    parser: Parser,
    buffer: Vec<u8>,
}

impl Reading {
    pub(super) fn new(keep: bool) -> Self {
        let at_once = if keep {
            PICTURE_AT_ONCE
        } else {
            HEADERS_AT_ONCE
        };
        Self {
            parser: Parser::new(keep),
            buffer: vec![0; at_once],
        }
    }

    /// Reads once, at most `max` bytes: those of pictures without copying them out of
    /// the kernel. Gives how many, 0 when there are none yet.
    ///
    /// # Errors
    /// When the connection ended, or what came makes no sense.
    pub(super) fn read(
        &mut self,
        stream: &TcpStream,
        max: usize,
        frames: &mut Vec<Frame>,
        shared: &Shared,
    ) -> anyhow::Result<usize> {
        let skippable = self.parser.skippable();
        let done = stream.try_io(Interest::READABLE, || {
            let count = if skippable > 0 {
                let mut scratch = shared.scratch.borrow_mut();
                let here = scratch.len().min(skippable).min(max);
                recv(stream, &mut scratch[..here], RecvFlags::TRUNC)?.1
            } else {
                let here = self.buffer.len().min(max);
                recv(stream, &mut self.buffer[..here], RecvFlags::empty())?.1
            };
            Ok(count)
        });
        match done {
            Ok(0) => Err(anyhow!("the server closed the connection")),
            Ok(count) if skippable > 0 => {
                frames.extend(self.parser.skip(count));
                Ok(count)
            }
            Ok(count) => {
                self.parser.feed(&self.buffer[..count], frames)?;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}
