//! The body of a push: a feed's pictures as multipart, until the source goes away.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use eyeline_proto::mpjpeg::mux;
use hyper::body::{Body, Frame};
use tokio::sync::oneshot;

use crate::local::Jpegs;

/// A request body that reads a cursor. It ends properly with the stream, and when the
/// source goes away: the server then says so with a slate of its own.
pub(super) struct Parts {
    jpegs: Jpegs,
    state: State,
    any: Arc<AtomicBool>,
    /// Dropped with the body.
    _ended: oneshot::Sender<()>,
}

enum State {
    Begun,
    Waiting,
    Sending,
    Closed,
}

/// What became of a body.
pub(super) struct Sent {
    any: Arc<AtomicBool>,
    ended: oneshot::Receiver<()>,
}

impl Parts {
    pub(super) fn new(jpegs: Jpegs) -> (Self, Sent) {
        let (_ended, ended) = oneshot::channel();
        let any = Arc::new(AtomicBool::new(false));
        let sent = Sent {
            any: Arc::clone(&any),
            ended,
        };
        (
            Self {
                jpegs,
                state: State::Begun,
                any,
                _ended,
            },
            sent,
        )
    }

    /// The next bytes; `None` at the end.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match self.state {
                State::Begun => {
                    self.state = State::Waiting;
                    return Poll::Ready(Some(Bytes::from_static(mux::PREAMBLE)));
                }
                State::Closed => return Poll::Ready(None),
                State::Waiting | State::Sending => {}
            }
            let next = ready!(self.jpegs.poll_next(cx));
            match next {
                Ok(item) if !item.value.slate => {
                    self.state = State::Sending;
                    self.any.store(true, Ordering::Release);
                    let part = mux::part(&item.value.data, item.value.captured);
                    return Poll::Ready(Some(part));
                }
                // The slate from before the picture that this body was begun for.
                Ok(_) if matches!(self.state, State::Waiting) => {}
                _ => {
                    self.state = State::Closed;
                    return Poll::Ready(Some(Bytes::from_static(mux::CLOSE)));
                }
            }
        }
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = ready!(self.get_mut().poll_bytes(cx));
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

impl Sent {
    /// Whether a picture was sent.
    pub(super) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Waits until everything is sent or given up.
    pub(super) async fn ended(&mut self) {
        let _ = (&mut self.ended).await;
    }
}
