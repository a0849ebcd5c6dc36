//! A listener's loop: takes connections until told to stop, then lets those there are end in time.
//!
//! Not here: what is spoken with them, and how many there may be.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::bell::seldom;
use crate::limits::ACCEPT_BACKOFF;

/// Who answers those who come.
pub trait Door: Send + 'static {
    /// Name of the protocol, for the log.
    const PROTOCOL: &'static str;

    /// Takes a connection: spawns what serves it, or lets it drop.
    fn take(&mut self, tcp: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>);

    /// A connection could not be accepted for want of descriptors or memory; whether room was made
    /// for the next.
    fn make_room(&mut self) -> bool {
        false
    }
}

/// Serves every listener at its door until `shutdown` is ready, which `stop` then says to those who
/// listen to it. Connections that have not ended `grace` after that are closed. Dropping the future
/// closes everything at once.
pub async fn serve<D: Door>(
    doors: Vec<(TcpListener, D)>,
    grace: Duration,
    stop: watch::Sender<bool>,
    shutdown: impl Future<Output = ()> + Send,
) {
    let mut loops = JoinSet::new();
    for (listener, door) in doors {
        loops.spawn(run(door, listener, grace, stop.subscribe()));
    }
    shutdown.await;
    stop.send_replace(true);
    while loops.join_next().await.is_some() {}
}

/// Waits until the server is told to stop.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that who would tell is gone, which says the same.
    let told = async { drop(stopping.wait_for(|stop| *stop).await) };
    seldom(told).await;
}

async fn run<D: Door>(
    mut door: D,
    listener: TcpListener,
    grace: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stopped(&mut stopping));
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(ended) = tasks.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection's task failed: this is a bug");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((tcp, peer)) => door.take(tcp, peer, &mut tasks),
                Err(error) if is_passing(&error) => {}
                Err(error) => {
                    let made_room = door.make_room();
                    let protocol = D::PROTOCOL;
                    tracing::warn!(%error, made_room, protocol, "a connection could not be accepted");
                    sleep(ACCEPT_BACKOFF).await;
                }
            },
        }
    }
    drop(listener);
    let all_ended = async { while tasks.join_next().await.is_some() {} };
    if timeout(grace, all_ended).await.is_err() {
        let connections = tasks.len();
        tracing::info!(connections, "closing those that did not end in time");
        tasks.shutdown().await;
    }
}

/// Most failures concern the one connection that gave up; want of descriptors or memory lasts, and
/// trying again at once would only burn the CPU.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    let passing = [ConnectionAborted, ConnectionRefused, ConnectionReset];
    passing.contains(&error.kind())
}
