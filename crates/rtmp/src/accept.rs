//! The door of the RTMP server: how many may come, and who talks with them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::app::App;
use crate::session;

/// Serves `app` on every listener until `shutdown` is ready. Then viewers are told, and what has not
/// ended after [`Limits::shutdown_grace`](crate::Limits::shutdown_grace) is closed. Dropping the
/// future closes everything at once.
pub async fn serve(
    listeners: Vec<TcpListener>,
    app: App,
    shutdown: impl Future<Output = ()> + Send,
) {
    let places = Arc::new(Semaphore::new(app.limits.connections));
    let grace = app.limits.shutdown_grace;
    let app = Arc::new(app);
    let (stop, stopping) = watch::channel(false);
    let open = |listener| {
        let door = Door {
            app: Arc::clone(&app),
            stopping: stopping.clone(),
            places: Arc::clone(&places),
        };
        (listener, door)
    };
    let doors = listeners.into_iter().map(open).collect();
    eyeline_tcp::serve(doors, grace, stop, shutdown).await;
}

/// What answers at one listener.
struct Door {
    app: Arc<App>,
    stopping: watch::Receiver<bool>,
    places: Arc<Semaphore>,
}

impl eyeline_tcp::Door for Door {
    const PROTOCOL: &'static str = "RTMP";

    fn take(&mut self, tcp: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        // There is no way to say why before the handshake.
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            tracing::warn!(%peer, "refused: as many RTMP connections as allowed are in use");
            return;
        };
        let (app, stopping) = (Arc::clone(&self.app), self.stopping.clone());
        tasks.spawn(async move {
            session::run(tcp, peer, app, stopping).await;
            drop(place);
        });
    }
}
