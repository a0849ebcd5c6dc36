//! The door of the RTSP server: how many may come, and who talks with them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use eyeline_output::Link;
use eyeline_tcp::{Meter, Patience, StallGuard, tune};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::app::App;
use crate::connection::Connection;
use crate::limits::{HANDSHAKE_TIMEOUT, MAX_CONNECTIONS, SHUTDOWN_GRACE};
use crate::tls::Tls;

/// Serves `app` on every listener, with TLS where there is one, until `shutdown` is ready. Then
/// streams that are played or published end. Dropping the future closes everything at once.
pub async fn serve(
    listeners: Vec<(TcpListener, Option<Tls>)>,
    app: App,
    shutdown: impl Future<Output = ()> + Send,
) {
    let app = Arc::new(app);
    let receiving = async {
        match &app.datagrams {
            Some(ports) => ports.receive().await,
            None => std::future::pending().await,
        }
    };
    let ended = async {
        tokio::select! {
            () = shutdown => {}
            () = receiving => {}
        }
    };
    let (stop, stopping) = watch::channel(false);
    let open = |(listener, tls)| {
        let door = Door {
            app: Arc::clone(&app),
            tls,
            stopping: stopping.clone(),
        };
        (listener, door)
    };
    let doors = listeners.into_iter().map(open).collect();
    eyeline_tcp::serve(doors, SHUTDOWN_GRACE, stop, ended).await;
}

/// What answers at one listener.
struct Door {
    app: Arc<App>,
    tls: Option<Tls>,
    stopping: watch::Receiver<bool>,
}

impl eyeline_tcp::Door for Door {
    const PROTOCOL: &'static str = "RTSP";

    fn take(&mut self, tcp: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        // Whoever comes beyond the limit is told by the closed connection.
        if tasks.len() >= MAX_CONNECTIONS {
            tracing::warn!(%peer, "refused: as many RTSP connections as allowed are in use");
            return;
        }
        tune(&tcp);
        let (app, tls) = (Arc::clone(&self.app), self.tls.clone());
        let stopping = self.stopping.clone();
        tasks.spawn(async move {
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
