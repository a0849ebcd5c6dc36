//! One viewer that reads as fast as it can.

use std::io;
use std::rc::Rc;

use anyhow::anyhow;
use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::{TcpSocket, TcpStream};

use super::parser::{Frame, Parser};
use super::shared::Shared;
use super::{Greeting, Protocol, Target, greeting, pixels, websocket};
use crate::coded::Marks;

/// How much is read at a time where the bytes matter.
const HEADERS_AT_ONCE: usize = 1024;
/// How much is read at a time by the viewer that looks at its pictures.
const PICTURE_AT_ONCE: usize = 64 * 1024;

impl Target {
    /// Connects and sends the request.
    pub(super) async fn connect(&self, receive_buffer: Option<u32>) -> anyhow::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_buffer {
            // Before connecting: it decides the window that is offered.
            socket.set_recv_buffer_size(bytes)?;
        }
        let mut stream = socket.connect(self.addr).await?;
        stream.write_all(self.request.as_bytes()).await?;
        match &self.greeting {
            Greeting::None => {}
            Greeting::Rtsp(url) => greeting::rtsp(&mut stream, url).await?,
            Greeting::Rtmp(addr, name) => greeting::rtmp(&mut stream, addr, name).await?,
        }
        acknowledge_what_is_read(&stream)?;
        Ok(stream)
    }
}

/// Who has had a conversation keeps acknowledgements back for the next answer, and sends them when
/// more comes: on one machine that is while the server sends, and counts as its time. Viewers of all
/// protocols, and of the floor, are to do so in their own.
fn acknowledge_what_is_read(stream: &TcpStream) -> std::io::Result<()> {
    rustix::net::sockopt::set_tcp_quickack(stream, true)?;
    Ok(())
}

/// Reads until something ends it, and says what. `eye` gets the pictures.
pub(super) async fn read_all(
    stream: &TcpStream,
    mut reading: Reading,
    viewer: usize,
    eye: Option<pixels::Sender>,
    shared: &Rc<Shared>,
) -> anyhow::Error {
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
    parser: Follower,
    buffer: Vec<u8>,
}

/// What understands the answer.
enum Follower {
    Multipart(Parser),
    WebSocket(websocket::Parser),
    Marked(Marks),
}

impl Reading {
    /// Before the answer's first byte. `keep` says whether pictures are wanted.
    pub(super) fn new(protocol: Protocol, keep: bool) -> Self {
        let at_once = if keep || protocol == Protocol::Marked {
            PICTURE_AT_ONCE
        } else {
            HEADERS_AT_ONCE
        };
        Self {
            parser: match protocol {
                Protocol::Multipart => Follower::Multipart(Parser::new(keep)),
                Protocol::WebSocket => Follower::WebSocket(websocket::Parser::new(keep)),
                Protocol::Marked | Protocol::Parts => Follower::Marked(Marks::default()),
            },
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
        let skippable = match &self.parser {
            Follower::Multipart(parser) => parser.skippable(),
            Follower::WebSocket(parser) => parser.skippable(),
            Follower::Marked(_) => 0,
        };
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
                frames.extend(match &mut self.parser {
                    Follower::Multipart(parser) => parser.skip(count),
                    Follower::WebSocket(parser) => parser.skip(count),
                    Follower::Marked(_) => None,
                });
                Ok(count)
            }
            Ok(count) => {
                self.feed(stream, count, frames)?;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes in what the buffer holds, and answers what asks for an answer.
    fn feed(
        &mut self,
        stream: &TcpStream,
        count: usize,
        frames: &mut Vec<Frame>,
    ) -> anyhow::Result<()> {
        let bytes = &self.buffer[..count];
        match &mut self.parser {
            Follower::Multipart(parser) => parser.feed(bytes, frames),
            Follower::Marked(marks) => {
                marks.feed(bytes, |time| frames.push(Frame::marked(time)));
                Ok(())
            }
            Follower::WebSocket(parser) => {
                parser.feed(bytes, frames)?;
                let replies = parser.take_replies();
                if !replies.is_empty() {
                    // A few bytes in a minute: there is room for them.
                    stream.try_write(&replies)?;
                }
                Ok(())
            }
        }
    }
}
