//! Takes connections until told to stop, then lets those there are end in time.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use eyeline_output::Link;
use eyeline_tcp::{Meter, Patience, StallGuard, tune};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::app::App;
use crate::connection::Connection;
use crate::limits::{ACCEPT_BACKOFF, HANDSHAKE_TIMEOUT, MAX_CONNECTIONS, SHUTDOWN_GRACE};
use crate::tls::Tls;

/// Serves `app` on every listener, with TLS where there is one, until `shutdown` is ready. Then
/// streams that are played or published end. Dropping the future closes everything at once.
pub async fn serve(
    listeners: Vec<(TcpListener, Option<Tls>)>,
    app: App,
    shutdown: impl Future<Output = ()> + Send,
) {
    let app = Arc::new(app);
    let (stop, stopping) = watch::channel(false);
    let mut loops = JoinSet::new();
    for (listener, tls) in listeners {
        let door = Door {
            app: Arc::clone(&app),
            tls,
            stopping: stopping.clone(),
            tasks: JoinSet::new(),
        };
        loops.spawn(door.run(listener));
    }
    let receiving = async {
        match &app.datagrams {
            Some(ports) => ports.receive().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = shutdown => {}
        () = receiving => {}
    }
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
    tls: Option<Tls>,
    stopping: watch::Receiver<bool>,
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
                    // Whoever comes beyond the limit is told by the closed connection.
                    Ok((tcp, peer)) if self.tasks.len() < MAX_CONNECTIONS => self.take(tcp, peer),
                    Ok((_, peer)) => tracing::warn!(%peer, "too many RTSP connections"),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept RTSP connections");
                        sleep(ACCEPT_BACKOFF).await;
                    }
                }
            }
        }
        drop(listener);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = timeout(SHUTDOWN_GRACE, all).await;
    }

    fn take(&mut self, tcp: TcpStream, peer: SocketAddr) {
        tune(&tcp);
        let (app, tls) = (Arc::clone(&self.app), self.tls.clone());
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
            let link = Arc::new(Link::default());
            let clock = Arc::clone(app.hub.clock());
            let meter = Meter::new(Arc::clone(&link), clock);
            let guarded = StallGuard::new(tcp, Arc::default(), meter, Patience::default());
            match tls {
                None => {
                    Connection::new(app, peer, link, guarded)
                        .run(stopping)
                        .await
                }
                Some(Tls(acceptor)) => {
                    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(guarded)).await {
                        Ok(Ok(io)) => Connection::new(app, peer, link, io).run(stopping).await,
                        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS was agreed on"),
                        Err(_) => tracing::debug!(%peer, "no TLS was agreed on in time"),
                    }
                }
            }
        });
    }
}
