//! One WebSocket: messages in and out, Pings, and the polite end.
//!
//! Nothing waits behind what is being written but answers, which are few: whoever has
//! pictures to send asks [`Socket::poll_ready`] first. Not here: what a message means.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use eyeline_proto::websocket::{CloseCode, Limits, Message, Parser, Role, frame};
use eyeline_tcp::Bell;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use super::limits::{CLOSE_TIMEOUT, PING_EVERY, REPLIES, UNANSWERED_PINGS};
use crate::takeover;

/// What a client may send.
#[derive(Clone, Copy)]
pub(crate) struct Accepts {
    pub(crate) limits: Limits,
    /// Most messages in a second.
    pub(crate) messages: u32,
}

/// What comes from the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Text(String),
    Binary(Bytes),
    End(Goodbye),
}

/// How a session ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Goodbye {
    /// The client is gone without a word.
    Gone,
    /// With a Close, or in answer to one.
    Close(CloseCode, Cow<'static, str>),
}

impl Goodbye {
    /// When the server stops.
    pub(crate) const STOPPING: Self = Self::Close(
        CloseCode::GOING_AWAY,
        Cow::Borrowed("the server is stopping"),
    );
}

pub(crate) struct Socket<S> {
    io: S,
    parser: Parser,
    /// What is being written.
    out: Bytes,
    /// Whether something was written that was not flushed.
    written: bool,
    replies: VecDeque<Bytes>,
    ping: Interval,
    /// Pings since the client was last heard.
    unanswered: u32,
    rate: Rate,
    /// Rings when the client may have said something, or is to be asked whether it is there.
    bell: Bell,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Takes over behind the handshake; `read` are bytes that came with it.
    pub(crate) fn new(io: S, read: &[u8], accepts: Accepts) -> Self {
        let mut parser = Parser::new(Role::Server, accepts.limits);
        parser.push(read);
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            io,
            parser,
            out: Bytes::new(),
            written: false,
            replies: VecDeque::new(),
            ping,
            unanswered: 0,
            rate: Rate::new(accepts.messages),
            bell: Bell::default(),
        }
    }

    /// The next message. Pings are answered, and the client is asked whether it is there.
    pub(crate) fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Heard>> {
        let mut bell = std::mem::take(&mut self.bell);
        let heard = bell.poll(cx, |cx| self.poll_hear(cx));
        self.bell = bell;
        heard
    }

    fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Heard>> {
        while self.ping.poll_tick(cx).is_ready() {
            if let Some(goodbye) = self.ask() {
                return Poll::Ready(Ok(Heard::End(goodbye)));
            }
        }
        loop {
            match self.parser.next() {
                Ok(Some(message)) => {
                    if let Some(heard) = self.take_in(message) {
                        return Poll::Ready(Ok(heard));
                    }
                }
                Ok(None) => match ready!(self.poll_read(cx))? {
                    0 => return Poll::Ready(Ok(Heard::End(Goodbye::Gone))),
                    _ => self.unanswered = 0,
                },
                Err(error) => {
                    let goodbye = Goodbye::Close(error.close_code(), error.to_string().into());
                    return Poll::Ready(Ok(Heard::End(goodbye)));
                }
            }
        }
    }

    /// Waits for the next message, while answers are written. Cancel-safe.
    pub(crate) async fn heard(&mut self) -> io::Result<Heard> {
        poll_fn(|cx| {
            loop {
                let behind = self.poll_ready(cx)?.is_pending();
                if behind && self.is_full() {
                    return Poll::Pending;
                }
                match self.poll_heard(cx) {
                    Poll::Pending if behind || self.replies.is_empty() => return Poll::Pending,
                    // A Ping came, or is due.
                    Poll::Pending => {}
                    heard => return heard,
                }
            }
        })
        .await
    }

    /// Whether so many answers wait that the client should not be heard for now.
    pub(crate) fn is_full(&self) -> bool {
        self.replies.len() >= REPLIES
    }

    /// Puts an answer behind what is being written.
    pub(crate) fn reply(&mut self, message: Bytes) {
        self.replies.push_back(message);
    }

    /// Ready when the client's side of the kernel took everything, answers included.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while self.out.has_remaining() {
                let count = ready!(Pin::new(&mut self.io).poll_write(cx, &self.out))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.out.advance(count);
                self.written = true;
            }
            // An empty rest would still hold the memory of the picture.
            self.out = Bytes::new();
            if self.written {
                ready!(Pin::new(&mut self.io).poll_flush(cx))?;
                self.written = false;
            }
            match self.replies.pop_front() {
                Some(reply) => self.out = reply,
                None => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Begins to write a message; only when [`poll_ready`](Self::poll_ready) said so.
    pub(crate) fn send(&mut self, message: Bytes) {
        debug_assert!(self.out.is_empty(), "asked whether ready");
        self.out = message;
    }

    /// Says goodbye and waits a moment for the client to hear it (RFC 6455, 7.1.1).
    ///
    /// # Errors
    /// When the connection is broken.
    pub(crate) async fn end(mut self, goodbye: Goodbye) -> io::Result<()> {
        let Goodbye::Close(code, reason) = goodbye else {
            return Ok(());
        };
        self.reply(frame::close(code, &reason));
        if let Ok(taken) = timeout(CLOSE_TIMEOUT, poll_fn(|cx| self.poll_ready(cx))).await {
            taken?;
            takeover::close(self.io).await?;
        }
        Ok(())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut room = self.parser.input();
        pin!(self.io.read_buf(&mut room)).poll(cx)
    }

    /// What a message is to the session; `None` if it is none of its business.
    fn take_in(&mut self, message: Message) -> Option<Heard> {
        if !self.rate.admits(Instant::now()) {
            let most = self.rate.most;
            let reason = format!("more than {most} messages within a second");
            let goodbye = Goodbye::Close(CloseCode::POLICY_VIOLATION, reason.into());
            return Some(Heard::End(goodbye));
        }
        match message {
            Message::Text(text) => Some(Heard::Text(text)),
            Message::Binary(bytes) => Some(Heard::Binary(bytes)),
            Message::Ping(payload) => {
                self.reply(frame::pong(&payload));
                None
            }
            Message::Pong(_) => None,
            Message::Close { code, .. } => {
                let code = code.unwrap_or(CloseCode::NORMAL);
                Some(Heard::End(Goodbye::Close(code, "".into())))
            }
        }
    }

    /// Asks whether the client is there, unless it has not answered for too long.
    fn ask(&mut self) -> Option<Goodbye> {
        if self.unanswered >= UNANSWERED_PINGS {
            let seconds = (PING_EVERY * UNANSWERED_PINGS).as_secs();
            let reason = format!("nothing was heard for {seconds} s, no Pong either");
            return Some(Goodbye::Close(CloseCode::INTERNAL_ERROR, reason.into()));
        }
        self.unanswered += 1;
        self.reply(frame::ping(b""));
        None
    }
}

/// How many messages came within the second that began last.
struct Rate {
    most: u32,
    begun: Instant,
    count: u32,
}

impl Rate {
    fn new(most: u32) -> Self {
        Self {
            most,
            begun: Instant::now(),
            count: 0,
        }
    }

    fn admits(&mut self, now: Instant) -> bool {
        if now.duration_since(self.begun) >= Duration::from_secs(1) {
            self.begun = now;
            self.count = 0;
        }
        self.count += 1;
        self.count <= self.most
    }
}

#[cfg(test)]
mod tests;
