//! Who watches by asking again and again: an account for each address and program, until it asks
//! no more. Two windows of one browser count as one viewer, and so does a proxy.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use eyeline_clock::MonoTime;
use eyeline_hub::{Account, Stream, ViewError};

use crate::Visitor;
use crate::limits::AUDIENCE_LEFT;

type Who = (IpAddr, Option<String>, &'static str);

struct Seat {
    account: Account,
    /// When the viewer asked last.
    asked: MonoTime,
}

/// The viewers of one rendition.
#[derive(Default)]
pub(crate) struct Audience(Mutex<HashMap<Who, Seat>>);

impl Audience {
    /// A viewer asks by this transport; the first time it takes a seat.
    ///
    /// # Errors
    /// [`ViewError`]: all seats are taken, or an operator closed this viewer.
    pub(crate) fn ask(
        &self,
        stream: &Stream,
        visitor: &Visitor,
        transport: &'static str,
        now: MonoTime,
    ) -> Result<(), ViewError> {
        let who = (visitor.remote, visitor.agent.clone(), transport);
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seat) = seats.get_mut(&who) {
            seat.asked = now;
            let closed = seat.account.close_reason().is_some();
            return if closed {
                Err(ViewError::Ended(stream.id().clone()))
            } else {
                Ok(())
            };
        }
        let account = stream.seat(visitor.clone().by(transport))?;
        seats.insert(
            who,
            Seat {
                account,
                asked: now,
            },
        );
        Ok(())
    }

    /// Books what goes out to a viewer.
    pub(crate) fn book(
        &self,
        visitor: &Visitor,
        transport: &'static str,
        pictures: usize,
        bytes: usize,
        now: MonoTime,
    ) {
        let who = (visitor.remote, visitor.agent.clone(), transport);
        let seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seat) = seats.get(&who) {
            seat.account.book_pictures(pictures as u64, bytes, now);
        }
    }

    /// Forgets who has left.
    pub(crate) fn sweep(&self, now: MonoTime) {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seats.retain(|_, seat| now.saturating_sub(seat.asked) < AUDIENCE_LEFT);
    }
}
