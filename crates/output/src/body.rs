//! Bodies of answers. For a picture, a viewer's body does no more than to move its
//! cursor and hand on the memory that all viewers share.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::view::View;

/// The body of an answer.
pub struct Body(Kind);

enum Kind {
    Whole(Option<Bytes>),
    Unsaid,
    Chunks(Box<Chunks>),
    Pieces(Box<Pieces>),
}

/// What comes behind so many pieces, if anything does.
type More = Box<dyn Fn(usize) -> Piece + Send>;
type Piece = Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>;

/// Memory that many share, one piece after the other.
struct Pieces {
    there: VecDeque<Bytes>,
    given: usize,
    more: Option<More>,
    awaited: Option<Piece>,
}

type Map = Box<dyn FnMut(Bytes) -> Bytes + Send>;

struct Chunks {
    head: Option<Bytes>,
    view: View,
    /// What is done to the pieces of this viewer.
    map: Option<Map>,
    /// What ends the body properly; gone once it was sent.
    tail: Option<Bytes>,
}

impl Body {
    /// No bytes.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Kind::Whole(None))
    }

    /// In place of a body of unknown length, when only the head is wanted.
    pub(crate) const fn unsaid() -> Self {
        Self(Kind::Unsaid)
    }

    /// These bytes.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }

    /// `head`, then each chunk as it comes, and `tail` when no more will come.
    pub(crate) fn chunks(head: Bytes, view: View, tail: Bytes) -> Self {
        Self(Kind::Chunks(Box::new(Chunks {
            head: Some(head).filter(|head| !head.is_empty()),
            view,
            map: None,
            tail: Some(tail),
        })))
    }

    /// These pieces, as one whole.
    pub(crate) fn pieces(there: VecDeque<Bytes>) -> Self {
        Self(Kind::Pieces(Box::new(Pieces {
            there,
            given: 0,
            more: None,
            awaited: None,
        })))
    }

    /// These pieces, and then those that `more` gives for their index, until it gives none.
    pub(crate) fn growing(
        there: VecDeque<Bytes>,
        more: impl Fn(usize) -> Piece + Send + 'static,
    ) -> Self {
        Self(Kind::Pieces(Box::new(Pieces {
            there,
            given: 0,
            more: Some(Box::new(more)),
            awaited: None,
        })))
    }

    /// With every piece that comes of the stream changed so. For what costs next to nothing:
    /// a piece is shared, and only to be cut.
    pub(crate) fn map(mut self, map: impl FnMut(Bytes) -> Bytes + Send + 'static) -> Self {
        if let Kind::Chunks(chunks) = &mut self.0 {
            chunks.map = Some(Box::new(map));
        }
        self
    }
}

impl Chunks {
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(head));
        }
        if self.tail.is_none() {
            return Poll::Ready(None);
        }
        let chunk = ready!(self.view.poll_chunk(cx));
        let chunk = match &mut self.map {
            Some(map) => chunk.map(map),
            None => chunk,
        };
        Poll::Ready(chunk.or_else(|| self.tail.take().filter(|tail| !tail.is_empty())))
    }
}

impl Pieces {
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let piece = match (self.there.pop_front(), &self.more) {
            (Some(piece), _) => Some(piece),
            (None, None) => None,
            (None, Some(more)) => {
                let given = self.given;
                let awaited = self.awaited.get_or_insert_with(|| more(given));
                let piece = ready!(awaited.as_mut().poll(cx));
                self.awaited = None;
                if piece.is_none() {
                    self.more = None;
                }
                piece
            }
        };
        self.given += usize::from(piece.is_some());
        Poll::Ready(piece)
    }

    fn is_over(&self) -> bool {
        self.there.is_empty() && self.more.is_none()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut self.0 {
            Kind::Whole(bytes) => bytes.take(),
            Kind::Unsaid => None,
            Kind::Chunks(chunks) => ready!(chunks.poll_bytes(cx)),
            Kind::Pieces(pieces) => ready!(pieces.poll_bytes(cx)),
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_none(),
            // Known to be empty, its length would be said.
            Kind::Unsaid => false,
            Kind::Chunks(chunks) => chunks.head.is_none() && chunks.tail.is_none(),
            Kind::Pieces(pieces) => pieces.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Kind::Pieces(pieces) if pieces.more.is_none() => {
                SizeHint::with_exact(pieces.there.iter().map(|piece| piece.len() as u64).sum())
            }
            Kind::Unsaid | Kind::Chunks(_) | Kind::Pieces(_) => SizeHint::default(),
        }
    }
}
