//! The few primitives of the handoff, in two builds: the real ones, and loom's,
//! which explores every interleaving of them (`--cfg loom`).

#[cfg(not(loom))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

#[cfg(loom)]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

#[cfg(not(loom))]
pub(crate) use atomic_waker::AtomicWaker;
#[cfg(loom)]
pub(crate) use loom::future::AtomicWaker;

use std::sync::Arc;

/// Takes a lock. A poisoned one is taken all the same: the data behind the locks of
/// this crate is valid between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One place of a ring: holds an item or nothing, read without a lock.
#[cfg(not(loom))]
pub(crate) struct Slot<T>(arc_swap::ArcSwapOption<T>);

#[cfg(not(loom))]
impl<T> Slot<T> {
    pub(crate) fn empty() -> Self {
        Self(arc_swap::ArcSwapOption::empty())
    }

    pub(crate) fn swap(&self, item: Option<Arc<T>>) -> Option<Arc<T>> {
        self.0.swap(item)
    }

    pub(crate) fn load(&self) -> Option<Arc<T>> {
        self.0.load_full()
    }
}

/// The same place for loom, which cannot look inside `arc-swap` (that crate checks
/// itself); what is explored here is the order of our own steps around it.
#[cfg(loom)]
pub(crate) struct Slot<T>(Mutex<Option<Arc<T>>>);

#[cfg(loom)]
impl<T> Slot<T> {
    pub(crate) fn empty() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn swap(&self, item: Option<Arc<T>>) -> Option<Arc<T>> {
        std::mem::replace(&mut *lock(&self.0), item)
    }

    pub(crate) fn load(&self) -> Option<Arc<T>> {
        lock(&self.0).clone()
    }
}
