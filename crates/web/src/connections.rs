//! The connections there are. When there are as many as allowed, the one that has
//! been idle for longest makes room for a new one, so that whoever opens thousands
//! and asks for nothing keeps nobody out; those in use are never touched.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use eyeline_media::StreamId;
use eyeline_output::Link;
use eyeline_tcp::Backlog;
use tokio::sync::Notify;

pub(crate) struct Connections {
    most: usize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    open: usize,
    /// Those without a request in progress, by when they became so.
    idle: BTreeMap<u64, Arc<Notify>>,
    next: u64,
}

/// One open connection; dropping it takes it off the list.
pub(crate) struct Connection {
    /// Address of the other end.
    pub(crate) peer: SocketAddr,
    /// The stream looked at, for the log.
    pub(crate) stream: OnceLock<StreamId>,
    /// Whether it has taken what was written to it.
    pub(crate) backlog: Arc<Backlog>,
    /// What is known of the way to it.
    pub(crate) link: Arc<Link>,
    list: Arc<Connections>,
    evicted: Arc<Notify>,
    place: Mutex<Place>,
}

/// How a connection stands in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Idle(u64),
    Busy,
}

/// A request in progress; dropping it makes the connection idle.
pub(crate) struct Busy(pub(crate) Arc<Connection>);

impl Connections {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            table: Mutex::default(),
        })
    }

    /// Number of open connections.
    pub(crate) fn open(&self) -> usize {
        self.table().open
    }

    /// Lists a new connection, and says whether another had to make room; `None` if
    /// all there may be are busy.
    pub(crate) fn admit(self: &Arc<Self>, peer: SocketAddr) -> Option<(Arc<Connection>, bool)> {
        let mut table = self.table();
        let full = table.open >= self.most;
        if full && !table.evict() {
            return None;
        }
        table.open += 1;
        let evicted = Arc::new(Notify::new());
        let place = Place::Idle(table.put_idle(Arc::clone(&evicted)));
        let connection = Connection {
            peer,
            stream: OnceLock::new(),
            backlog: Arc::default(),
            link: Arc::default(),
            list: Arc::clone(self),
            evicted,
            place: Mutex::new(place),
        };
        Some((Arc::new(connection), full))
    }

    /// Closes the connection that has been idle for longest; `false` if none is.
    pub(crate) fn evict(&self) -> bool {
        self.table().evict()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// The place of whoever is evicted is free at once.
    fn evict(&mut self) -> bool {
        let Some((_, oldest)) = self.idle.pop_first() else {
            return false;
        };
        oldest.notify_one();
        self.open -= 1;
        true
    }

    fn put_idle(&mut self, evicted: Arc<Notify>) -> u64 {
        let number = self.next;
        self.next += 1;
        self.idle.insert(number, evicted);
        number
    }
}

impl Connection {
    /// Marks the connection as in use; `None` if it was just told to make room.
    pub(crate) fn busy(self: &Arc<Self>) -> Option<Busy> {
        let mut place = self.place();
        if let Place::Idle(number) = *place {
            self.list.table().idle.remove(&number)?;
        }
        *place = Place::Busy;
        Some(Busy(Arc::clone(self)))
    }

    /// Waits to be told to make room.
    pub(crate) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut place = self.0.place();
        let number = self.0.list.table().put_idle(Arc::clone(&self.0.evicted));
        *place = Place::Idle(number);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let place = *self.place();
        let mut table = self.list.table();
        // One that was evicted is off the list already.
        let listed = match place {
            Place::Idle(number) => table.idle.remove(&number).is_some(),
            Place::Busy => true,
        };
        if listed {
            table.open -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> SocketAddr {
        "192.0.2.1:1".parse().unwrap()
    }

    #[tokio::test]
    async fn the_longest_idle_connection_makes_room() {
        let list = Connections::new(2);
        let (first, _) = list.admit(peer()).unwrap();
        let (second, _) = list.admit(peer()).unwrap();
        drop(first.busy());
        let (third, made_room) = list.admit(peer()).unwrap();
        assert!(made_room);
        second.evicted().await;
        assert!(
            second.busy().is_none(),
            "an evicted connection takes no request"
        );
        assert!(first.busy().is_some() && third.busy().is_some());
        drop(second);
        assert_eq!(list.open(), 2);
        drop((first, third));
        assert_eq!(list.open(), 0);
    }

    #[test]
    fn busy_connections_are_never_closed_for_a_new_one() {
        let list = Connections::new(1);
        let (only, _) = list.admit(peer()).unwrap();
        let busy = only.busy();
        assert!(list.admit(peer()).is_none());
        drop(busy);
        assert!(list.admit(peer()).is_some());
    }
}
