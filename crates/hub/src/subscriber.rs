//! The reading end of a feed: a cursor.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::flow::{Flow, Item};
use crate::pace::Pace;
use crate::ring::{Ring, register};
use crate::sync::AtomicWaker;
use crate::viewer::Account;

/// Where key items come when they are asked for, one of this age will do for who comes. So of
/// many who come at once not each costs one.
const YOUNG: Duration = Duration::from_millis(500);

/// A cursor on a feed. It reads every item once, in order; if it falls behind what
/// the ring holds or allows, it jumps to the newest item it can decode from.
pub struct Subscriber<T: Flow> {
    ring: Arc<Ring<T>>,
    waker: Arc<AtomicWaker>,
    next: u64,
    /// The reference of what comes next was lost: wait for a key item.
    needs_key: bool,
    skipped: u64,
    max_lag: Duration,
    /// Rather nothing than what is older than `max_lag`.
    impatient: bool,
    /// It has been up to date; before, it catches up from a key item.
    caught_up: bool,
    pace: Option<Pace>,
    account: Option<Account>,
}

/// No more items will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End;

impl<T: Flow> Subscriber<T> {
    pub(crate) fn new(ring: Arc<Ring<T>>, waker: Arc<AtomicWaker>) -> Self {
        let head = ring.head();
        let start = ring.newest_key().filter(|&key| {
            let young = |item: Arc<Item<T>>| {
                let age = ring.clock.now().saturating_sub(item.published);
                !ring.is_prompt() || age <= YOUNG
            };
            ring.get(key).is_some_and(young)
        });
        let mut cursor = Self {
            max_lag: ring.limits.max_lag,
            ring,
            waker,
            next: start.unwrap_or(head),
            needs_key: false,
            skipped: 0,
            impatient: false,
            caught_up: false,
            pace: None,
            account: None,
        };
        if start.is_none() {
            cursor.wait_for_key();
        }
        cursor
    }

    /// Begins with the oldest item that is held, instead of the newest.
    #[must_use]
    pub fn from_oldest(mut self) -> Self {
        let head = self.ring.head();
        let mut oldest = head.saturating_sub(self.ring.capacity() as u64);
        while oldest < self.next && self.ring.get(oldest).is_none() {
            oldest += 1;
        }
        self.next = self.next.min(oldest);
        self
    }

    /// Begins with a key item that is yet to come, which is asked for.
    #[must_use]
    pub fn from_next_key(mut self) -> Self {
        self.wait_for_next_key();
        self
    }

    /// Lets everything pass by up to a key item that is yet to come, which is asked for.
    pub fn wait_for_next_key(&mut self) {
        self.next = self.ring.head();
        self.wait_for_key();
    }

    /// Asks the publisher for a key item.
    pub fn want_key(&self) {
        self.ring.want_key();
    }

    /// Whether a key item comes [as soon as it is asked for](crate::Publisher::set_prompt).
    #[must_use]
    pub fn is_prompt(&self) -> bool {
        self.ring.is_prompt()
    }

    /// Lets only some items pass; what does not pass is not counted as skipped.
    #[must_use]
    pub fn with_pace(mut self, pace: Option<Pace>) -> Self {
        self.pace = pace;
        self
    }

    /// Leaves out what is older than `max_lag`, even if that means to wait for the next key item:
    /// for viewers, who would see a picture that ages. Without it a cursor that falls behind
    /// within a group of pictures reads on, for whoever decodes all and can catch up.
    #[must_use]
    pub fn impatient(mut self, max_lag: Duration) -> Self {
        (self.impatient, self.max_lag) = (true, max_lag);
        self
    }

    /// Books what passes to a viewer's account, and ends when the account is closed.
    #[must_use]
    pub fn with_account(mut self, account: Account) -> Self {
        account.wakes(Arc::clone(&self.waker));
        self.account = Some(account);
        self
    }

    /// The account this cursor books to.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Takes the account away, for another cursor of the same viewer.
    pub fn take_account(&mut self) -> Option<Account> {
        self.account.take()
    }

    /// How far this cursor may fall behind before it jumps to the newest item, if less
    /// than the feed allows: for viewers whose link is slow anyway.
    pub fn set_max_lag(&mut self, max_lag: Duration) {
        self.max_lag = max_lag.min(self.ring.limits.max_lag);
    }

    /// How much older than the newest an item is.
    #[must_use]
    pub fn behind(&self, item: &Item<T>) -> Duration {
        self.ring.newest_published().saturating_sub(item.published)
    }

    /// Items lost so far because this cursor was too slow.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The next item when there is one. Wakes the task of the latest call.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arc<Item<T>>, End>> {
        if let Some(item) = self.take() {
            return Poll::Ready(Ok(item));
        }
        register(&self.waker, cx.waker());
        // Look again: an item that came before the waker was registered woke nobody.
        let closed = self.ring.is_closed() || self.account.as_ref().is_some_and(Account::is_closed);
        match self.take() {
            Some(item) => Poll::Ready(Ok(item)),
            None if closed => Poll::Ready(Err(End)),
            None => Poll::Pending,
        }
    }

    /// Waits for the next item. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`End`] when no more will come.
    pub async fn next(&mut self) -> Result<Arc<Item<T>>, End> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The newest item that is held, once the one at which the cursor was last or one behind it is what
    /// is looked for; the cursor stays where it is. `None` if none is held, or if no other will come.
    /// Wakes the task of the latest call.
    pub fn poll_newest(
        &self,
        cx: &mut Context<'_>,
        is_it: impl Fn(&T) -> bool,
    ) -> Poll<Option<Arc<Item<T>>>> {
        let look = || {
            let newest = self.ring.newest();
            let mut behind = (self.next.saturating_sub(1)..self.ring.head()).rev();
            let found = behind.any(|seq| self.ring.get(seq).is_some_and(|item| is_it(&item.value)));
            (found || newest.is_none()).then_some(newest)
        };
        if let Some(item) = look() {
            return Poll::Ready(item);
        }
        register(&self.waker, cx.waker());
        let closed = self.ring.is_closed() || self.account.as_ref().is_some_and(Account::is_closed);
        match look() {
            Some(item) => Poll::Ready(item),
            None if closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// The next item, if it is there already.
    pub fn take(&mut self) -> Option<Arc<Item<T>>> {
        if self.account.as_ref().is_some_and(Account::is_closed) {
            return None;
        }
        while self.next < self.ring.head() {
            let Some(item) = self.step() else { continue };
            let passes = self
                .pace
                .as_mut()
                .is_none_or(|pace| pace.passes(item.value.captured()));
            if passes {
                if let Some(account) = &self.account {
                    account.book(&item.value, item.published);
                }
                return Some(item);
            }
        }
        None
    }

    /// Moves past the item at the cursor, or over what is lost.
    fn step(&mut self) -> Option<Arc<Item<T>>> {
        let item = self.ring.get(self.next);
        let in_time = item.as_ref().is_some_and(|item| !self.lags(item));
        match item {
            Some(item) if in_time && (!self.needs_key || item.value.is_key()) => {
                (self.needs_key, self.caught_up) = (false, true);
                self.next += 1;
                Some(item)
            }
            Some(_) if in_time => {
                self.lose(self.next + 1);
                None
            }
            held => self.jump(held),
        }
    }

    fn lags(&self, item: &Item<T>) -> bool {
        self.behind(item) > self.max_lag
    }

    /// Goes on from the newest key item. If that lies behind, what is `held` at the
    /// cursor is still better than nothing; if nothing is, a new key must come.
    fn jump(&mut self, held: Option<Arc<Item<T>>>) -> Option<Arc<Item<T>>> {
        match (self.ring.newest_key(), held) {
            (Some(key), _) if key > self.next && self.ring.get(key).is_some() => {
                self.lose(key);
                self.needs_key = false;
                None
            }
            (_, Some(_)) if self.impatient && self.caught_up => {
                self.lose(self.next + 1);
                self.wait_for_key();
                None
            }
            (_, Some(item)) if !self.needs_key || item.value.is_key() => {
                self.needs_key = false;
                self.next += 1;
                Some(item)
            }
            (_, Some(_)) => {
                self.lose(self.next + 1);
                None
            }
            (_, None) => {
                self.lose(self.next + 1);
                self.wait_for_key();
                None
            }
        }
    }

    fn wait_for_key(&mut self) {
        self.needs_key = true;
        self.ring.want_key();
    }

    fn lose(&mut self, up_to: u64) {
        let lost = up_to - self.next;
        self.next = up_to;
        self.skipped += lost;
        if let Some(account) = &self.account {
            account.book_skipped(lost);
        }
    }
}

impl<T: Flow> Drop for Subscriber<T> {
    fn drop(&mut self) {
        self.ring.leave(&self.waker);
    }
}
