//! The connection to one client: requests and packets come in, answers and chunks go out, both
//! at the same time and in one task. A chunk is one write.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use eyeline_proto::rtsp::{Error, Incoming, Reader};
use eyeline_tcp::Bell;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::limits::READ_BYTES;
use crate::play::Interleaved;

/// A connection.
pub(crate) struct Line<S> {
    io: S,
    reader: Reader,
    buffer: Box<[u8]>,
    /// Answers that are to be written before the next chunk.
    answers: Vec<u8>,
    /// What is being written.
    writing: Bytes,
    /// Something was written, and the socket was not asked yet whether there is room for more.
    unflushed: bool,
    /// Rings when the client may have said something.
    bell: Bell,
    /// Whoever plays over this connection.
    pub(crate) playing: Option<Box<Interleaved>>,
}

/// What happened.
pub(crate) enum Turn {
    /// Something came.
    Incoming(Incoming),
    /// What came is not RTSP.
    Malformed(Error),
    /// Nothing more will come.
    Closed,
    /// The stream that is played has ended.
    Ended,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    pub(crate) fn new(io: S) -> Self {
        Self {
            io,
            reader: Reader::new(),
            buffer: vec![0; READ_BYTES].into(),
            answers: Vec::new(),
            writing: Bytes::new(),
            unflushed: false,
            bell: Bell::default(),
            playing: None,
        }
    }

    /// Writes an answer, when the chunk is through that is being written.
    pub(crate) fn answer(&mut self, bytes: &[u8]) {
        self.answers.extend_from_slice(bytes);
    }

    /// Plays and reads until something happens. Dropping the future loses nothing.
    pub(crate) async fn turn(&mut self) -> io::Result<Turn> {
        poll_fn(|cx| self.poll_turn(cx)).await
    }

    /// Writes what there is to say.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.playing = None;
        poll_fn(|cx| self.poll_write(cx).map_ok(drop)).await?;
        poll_fn(|cx| Pin::new(&mut self.io).poll_shutdown(cx)).await
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Turn>> {
        match self.poll_write(cx) {
            Poll::Ready(Ok(true)) => return Poll::Ready(Ok(Turn::Ended)),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Ready(Ok(false)) | Poll::Pending => {}
        }
        loop {
            match self.reader.incoming() {
                Ok(Some(incoming)) => return Poll::Ready(Ok(Turn::Incoming(incoming))),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Ok(Turn::Malformed(error))),
            }
            let Self { io, bell, .. } = self;
            let mut buffer = ReadBuf::new(&mut self.buffer);
            ready!(bell.poll(cx, |cx| Pin::new(io).poll_read(cx, &mut buffer)))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(Turn::Closed));
            }
            self.reader.push(buffer.filled());
        }
    }

    /// Writes as long as there is something. Ready when there is nothing for now and nobody plays,
    /// with `true` when the stream has ended.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            while self.writing.has_remaining() {
                let written = ready!(Pin::new(&mut self.io).poll_write(cx, &self.writing))?;
                if written == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.writing.advance(written);
                self.unflushed = true;
            }
            if !self.answers.is_empty() {
                self.writing = std::mem::take(&mut self.answers).into();
                continue;
            }
            if self.unflushed {
                ready!(Pin::new(&mut self.io).poll_flush(cx))?;
                self.unflushed = false;
            }
            let Some(playing) = &mut self.playing else {
                return Poll::Ready(Ok(false));
            };
            match ready!(playing.poll_chunk(cx)) {
                Some(chunk) => self.writing = chunk,
                None => return Poll::Ready(Ok(true)),
            }
        }
    }
}
