//! One connection's bytes: what the client says goes to the protocol, what is answered and what is played
//! goes out, several pieces with one write.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use eyeline_proto::rtmp::{Event, Server};
use eyeline_tcp::{Bell, Probe, StallGuard};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::limits::{GATHER_PIECES, LINGER};

pub(crate) struct Line<S> {
    io: StallGuard<S>,
    pub(crate) server: Server,
    out: VecDeque<Bytes>,
    /// Whether something was written that was not flushed.
    written: bool,
    /// Rings when the client may have said something.
    bell: Bell,
}

impl<S: AsyncRead + Probe> Line<S> {
    pub(crate) fn new(io: StallGuard<S>, server: Server) -> Self {
        Self {
            io,
            server,
            out: VecDeque::new(),
            written: false,
            bell: Bell::default(),
        }
    }

    /// What the client does next; `None` if it is gone. Cancel-safe. Answers that its talk asks for
    /// are written meanwhile.
    pub(crate) async fn heard(&mut self) -> io::Result<Option<Event>> {
        poll_fn(|cx| {
            let behind = self.poll_written(cx)?.is_pending();
            let heard = self.poll_heard(cx)?;
            if heard.is_pending() && !behind {
                // Something may have been asked that is answered without further ado.
                let _ = self.poll_written(cx)?;
            }
            heard.map(Ok)
        })
        .await
    }

    /// Writes what is there to be written.
    pub(crate) async fn written(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_written(cx)).await
    }

    /// What the client does next; `None` if it is gone. What is broken is an error of kind
    /// `InvalidData`.
    pub(crate) fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Event>>> {
        loop {
            let next = self.server.next();
            self.take_answers();
            let broken = |error| io::Error::new(io::ErrorKind::InvalidData, error);
            if let Some(event) = next.map_err(broken)? {
                return Poll::Ready(Ok(Some(event)));
            }
            // Who does not read the answers asks nothing more.
            if self.out.len() > GATHER_PIECES {
                return Poll::Pending;
            }
            let Self {
                io, server, bell, ..
            } = self;
            let mut room = server.input();
            if ready!(bell.poll(cx, |cx| pin!(io.read_buf(&mut room)).poll(cx)))? == 0 {
                return Poll::Ready(Ok(None));
            }
        }
    }

    /// Ready when the client's side of the kernel took everything, and has room for more.
    pub(crate) fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.take_answers();
        while !self.out.is_empty() {
            let mut pieces = [IoSlice::new(&[]); GATHER_PIECES];
            let count = self.out.len().min(GATHER_PIECES);
            for (slice, piece) in pieces.iter_mut().zip(&self.out) {
                *slice = IoSlice::new(piece);
            }
            let io = Pin::new(&mut self.io);
            let mut taken = ready!(io.poll_write_vectored(cx, &pieces[..count]))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written = true;
            while let Some(piece) = self.out.front_mut() {
                if taken < piece.len() {
                    piece.advance(taken);
                    break;
                }
                taken -= piece.len();
                self.out.pop_front();
            }
        }
        if self.written {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.written = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Puts a piece behind what waits to be written.
    pub(crate) fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.out.push_back(piece);
        }
    }

    /// Says the last words and waits a moment for the client to read them: closing while it still sends
    /// would reset the connection.
    pub(crate) async fn end(mut self) {
        let all = async {
            self.written().await?;
            self.io.shutdown().await?;
            let mut unread = [0; 1024];
            while self.io.read(&mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        let _ = timeout(LINGER, all).await;
    }

    fn take_answers(&mut self) {
        let answers = self.server.take_output();
        self.push(answers);
    }
}
