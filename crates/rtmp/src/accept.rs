//! Takes connections until told to stop, then lets those there are end in time.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::app::App;
use crate::limits::ACCEPT_BACKOFF;
use crate::session;

/// Serves `app` on every listener until `shutdown` is ready. Then viewers are told, and what has not
/// ended after [`Limits::shutdown_grace`](crate::Limits::shutdown_grace) is closed. Dropping the
/// future closes everything at once.
pub async fn serve(
    listeners: Vec<TcpListener>,
    app: App,
    shutdown: impl Future<Output = ()> + Send,
) {
    let (stop, stopping) = watch::channel(false);
    let places = Arc::new(Semaphore::new(app.limits.connections));
    let app = Arc::new(app);
    let mut loops = JoinSet::new();
    for listener in listeners {
        let door = Door {
            app: Arc::clone(&app),
            stopping: stopping.clone(),
            places: Arc::clone(&places),
            tasks: JoinSet::new(),
        };
        loops.spawn(door.run(listener));
    }
    shutdown.await;
    stop.send_replace(true);
    while loops.join_next().await.is_some() {}
}

/// Waits until the server is told to stop.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that who would tell is gone, which says the same.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// What answers at one listener.
struct Door {
    app: Arc<App>,
    stopping: watch::Receiver<bool>,
    places: Arc<Semaphore>,
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
                    Err(error) => back_off(&error).await,
                },
            }
        }
        drop(listener);
        let all_ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(self.app.limits.shutdown_grace, all_ended)
            .await
            .is_err()
        {
            tracing::info!(
                connections = self.tasks.len(),
                "closing those that did not end in time"
            );
            self.tasks.shutdown().await;
        }
    }

    fn take(&mut self, tcp: TcpStream, peer: SocketAddr) {
        // There is no way to say why before the handshake.
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            tracing::warn!(%peer, "refused: as many RTMP connections as allowed are in use");
            return;
        };
        let (app, stopping) = (Arc::clone(&self.app), self.stopping.clone());
        self.tasks.spawn(async move {
            session::run(tcp, peer, app, stopping).await;
            drop(place);
        });
    }
}

/// Most failures concern the one connection that gave up; want of descriptors or memory lasts, and
/// trying again at once would only burn the CPU.
async fn back_off(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    let passing = [ConnectionAborted, ConnectionRefused, ConnectionReset];
    if !passing.contains(&error.kind()) {
        tracing::warn!(%error, "an RTMP connection could not be accepted");
        sleep(ACCEPT_BACKOFF).await;
    }
}
