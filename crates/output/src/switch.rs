//! Changing from one rendition of inter-coded pictures to another. A viewer goes on with what it
//! has until the other has a key picture, and never goes back in time.
//!
//! Not here: which rendition a viewer gets.

use std::sync::Arc;
use std::task::{Context, Poll};

use eyeline_hub::{Chunk, End, Item, Subscriber};
use eyeline_media::Timestamp;

/// The other rendition, as long as it is waited for.
#[derive(Default)]
pub(crate) struct Switch {
    next: Option<Subscriber<Chunk>>,
    /// When the latest picture of the viewer was captured.
    latest: Option<Timestamp>,
    /// The rendition has changed, and its first picture is yet to come.
    fresh: bool,
    made: u64,
}

/// Has the viewer look by another cursor.
pub(crate) fn replace(cursor: &mut Subscriber<Chunk>, next: Subscriber<Chunk>) {
    let account = cursor.take_account();
    *cursor = match account {
        Some(account) => next.with_account(account),
        None => next,
    };
}

impl Switch {
    /// Changes to what this cursor gives, from its next key picture on.
    pub(crate) fn to(&mut self, next: Subscriber<Chunk>) {
        self.next = Some(if self.latest.is_none() || next.is_prompt() {
            next
        } else {
            // The newest there is may be of seconds ago.
            next.from_next_key()
        });
    }

    /// How often the cursor was changed.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// Whether it waits for a key picture.
    pub(crate) fn is_waiting(&self) -> bool {
        self.next.is_some()
    }

    /// The next piece for the viewer.
    pub(crate) fn poll_next(
        &mut self,
        cursor: &mut Subscriber<Chunk>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Arc<Item<Chunk>>, End>> {
        let came = self.next.as_mut().map(|next| next.poll_next(cx));
        let first = match (came, self.next.take()) {
            (Some(Poll::Ready(Ok(item))), Some(next)) => {
                replace(cursor, next);
                self.fresh = true;
                self.made += 1;
                Some(item)
            }
            (Some(Poll::Pending), next) => {
                self.next = next;
                None
            }
            // It has ended before it began: the viewer stays.
            _ => None,
        };
        if let Some(item) = first.filter(|item| self.fits(item, cursor)) {
            return Poll::Ready(Ok(item));
        }
        loop {
            match cursor.poll_next(cx) {
                Poll::Ready(Ok(item)) if self.fits(&item, cursor) => return Poll::Ready(Ok(item)),
                Poll::Ready(Ok(_)) => {}
                // Unless somebody has closed the viewer, the other goes on.
                Poll::Ready(Err(End)) if self.next.is_some() && !is_closed(cursor) => {
                    return Poll::Pending;
                }
                other => return other,
            }
        }
    }

    /// Whether the piece may follow what the viewer has. A key picture that comes as soon as it is
    /// asked for may be of a moment that the viewer has seen: the one behind it is asked for then.
    fn fits(&mut self, item: &Item<Chunk>, cursor: &mut Subscriber<Chunk>) -> bool {
        let seen = self
            .latest
            .is_some_and(|latest| item.value.captured <= latest);
        if self.fresh && seen && cursor.is_prompt() {
            cursor.wait_for_next_key();
            return false;
        }
        self.fresh = false;
        if item.value.picture {
            self.latest = self.latest.max(Some(item.value.captured));
        }
        true
    }
}

fn is_closed(cursor: &Subscriber<Chunk>) -> bool {
    cursor
        .account()
        .is_some_and(|account| account.close_reason().is_some())
}

#[cfg(test)]
mod tests;
