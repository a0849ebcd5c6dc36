//! Takes connections until told to stop, then lets those there are end in time.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::app::{App, Server};
use crate::connection;
use crate::limits::{ACCEPT_BACKOFF, LINGER, REFUSALS};
use crate::routes;

/// Serves `app` on every listener until `shutdown` is ready. Then no connection is
/// taken any more, answers in progress may end for
/// [`Limits::shutdown_grace`](crate::Limits::shutdown_grace) (live streams end when
/// their publishers are dropped, which is the caller's part), and what is left is
/// closed. Dropping the future closes everything at once.
pub async fn serve(
    listeners: Vec<TcpListener>,
    app: App,
    shutdown: impl Future<Output = ()> + Send,
) {
    let (stop, stopping) = watch::channel(false);
    let server = Server::new(app, stopping.clone());
    let router = routes::router(&server);
    let mut loops = JoinSet::new();
    for listener in listeners {
        let door = Door {
            server: Arc::clone(&server),
            router: router.clone(),
            stopping: stopping.clone(),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
            tasks: JoinSet::new(),
        };
        loops.spawn(door.run(listener));
    }
    shutdown.await;
    stop.send_replace(true);
    while loops.join_next().await.is_some() {}
}

/// The answer when all connections are in use, which no part of hyper is spent on.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n\
    Connection: close\r\nContent-Type: application/json\r\nContent-Length: 77\r\n\r\n\
    {\"error\":\"the server has too many connections\",\"code\":\"too_many_connections\"}";

/// Waits until the server is told to stop.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that who would tell is gone, which says the same.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// What answers at one listener.
struct Door {
    server: Arc<Server>,
    router: Router,
    stopping: watch::Receiver<bool>,
    refusals: Arc<Semaphore>,
    tasks: JoinSet<()>,
}

impl Door {
    async fn run(mut self, listener: TcpListener) {
        let mut stopping = self.stopping.clone();
        loop {
            tokio::select! {
                () = stopped(&mut stopping) => break,
                Some(ended) = self.tasks.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a connection's task failed: this is a bug");
                    }
                }
                accepted = listener.accept() => match accepted {
                    Ok((tcp, peer)) => self.take(tcp, peer),
                    Err(error) => self.back_off(&error).await,
                },
            }
        }
        drop(listener);
        let grace = self.server.app.limits.shutdown_grace;
        let all_ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(grace, all_ended).await.is_err() {
            tracing::info!(
                connections = self.tasks.len(),
                "closing those that did not end in time"
            );
            self.tasks.shutdown().await;
        }
    }

    fn take(&mut self, tcp: TcpStream, peer: SocketAddr) {
        let metrics = &self.server.metrics;
        let Some((connection, made_room)) = self.server.connections.admit(peer) else {
            metrics.refused.inc();
            tracing::warn!(%peer, "refused: as many connections as allowed are in use");
            self.refuse(tcp);
            return;
        };
        metrics.accepted.inc();
        if made_room {
            metrics.evicted.inc();
        }
        self.tasks.spawn(connection::run(
            tcp,
            connection,
            Arc::clone(&self.server),
            self.router.clone(),
            self.stopping.clone(),
        ));
    }

    /// Says why before closing, as long as not too many are being told.
    fn refuse(&mut self, mut tcp: TcpStream) {
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else {
            return;
        };
        self.tasks.spawn(async move {
            let told = async {
                tcp.write_all(REFUSAL).await?;
                tcp.shutdown().await?;
                io::Result::Ok(())
            };
            if matches!(timeout(LINGER, told).await, Ok(Ok(()))) {
                connection::drop_unread(tcp).await;
            }
            drop(permit);
        });
    }

    /// Most failures concern the one connection that gave up; want of descriptors or
    /// memory lasts, and trying again at once would only burn the CPU.
    async fn back_off(&self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        if matches!(
            error.kind(),
            ConnectionAborted | ConnectionRefused | ConnectionReset
        ) {
            return;
        }
        let made_room = self.server.connections.evict();
        tracing::warn!(%error, made_room, "a connection could not be accepted");
        sleep(ACCEPT_BACKOFF).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let text = std::str::from_utf8(REFUSAL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let said = head.split("Content-Length: ").nth(1).unwrap();
        assert_eq!(said.parse(), Ok(body.len()));
    }
}
