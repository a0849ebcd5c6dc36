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
use tokio::time::timeout;

use crate::app::{App, Server};
use crate::connection;
use crate::limits::{LINGER, REFUSALS};
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
    let grace = app.limits.shutdown_grace;
    let server = Server::new(app, stopping.clone());
    let router = routes::router(&server);
    let open = |listener| {
        let door = Door {
            server: Arc::clone(&server),
            router: router.clone(),
            stopping: stopping.clone(),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
        };
        (listener, door)
    };
    let doors = listeners.into_iter().map(open).collect();
    eyeline_tcp::serve(doors, grace, stop, shutdown).await;
}

/// The answer when all connections are in use, which no part of hyper is spent on.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n\
    Connection: close\r\nContent-Type: application/json\r\nContent-Length: 77\r\n\r\n\
    {\"error\":\"the server has too many connections\",\"code\":\"too_many_connections\"}";

/// What answers at one listener.
struct Door {
    server: Arc<Server>,
    router: Router,
    stopping: watch::Receiver<bool>,
    refusals: Arc<Semaphore>,
}

impl eyeline_tcp::Door for Door {
    const PROTOCOL: &'static str = "HTTP";

    fn take(&mut self, tcp: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let metrics = &self.server.metrics;
        let Some((connection, made_room)) = self.server.connections.admit(peer) else {
            metrics.refused.inc();
            tracing::warn!(%peer, "refused: as many connections as allowed are in use");
            self.refuse(tcp, tasks);
            return;
        };
        metrics.accepted.inc();
        if made_room {
            metrics.evicted.inc();
        }
        tasks.spawn(connection::run(
            tcp,
            connection,
            Arc::clone(&self.server),
            self.router.clone(),
            self.stopping.clone(),
        ));
    }

    fn make_room(&mut self) -> bool {
        self.server.connections.evict()
    }
}

impl Door {
    /// Says why before closing, as long as not too many are being told.
    fn refuse(&self, mut tcp: TcpStream, tasks: &mut JoinSet<()>) {
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else {
            return;
        };
        tasks.spawn(async move {
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
