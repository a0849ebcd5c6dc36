//! TCP ports that give a stream's H.264 as a byte stream (ITU-T H.264, annex B) to whoever connects, for
//! `nc HOST PORT | mplayer -`: from the newest key picture on, nothing before it, nothing asked.
//!
//! Not here: how pictures become a byte stream (`output`), where ports are opened.

mod play;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use eyeline_auth::Policy;
use eyeline_hub::Hub;
use eyeline_media::StreamId;
use eyeline_output::Traffic;
use eyeline_tcp::Patience;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long connections may take to end when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// What the ports have in common.
#[derive(Clone)]
pub struct App {
    /// The streams.
    pub hub: Hub,
    /// What went out of the streams, by whichever door.
    pub traffic: Traffic,
    /// How slow a viewer may be.
    pub patience: Patience,
}

/// A port of one stream. There are as many connections at a time as the stream has seats.
pub struct Port {
    /// Where it is open.
    pub listener: TcpListener,
    /// The stream that it gives.
    pub stream: StreamId,
    /// Who is let in. Nobody can bring a token here, so with one only the same machine is.
    pub policy: Policy,
}

/// Serves every port until `shutdown` is ready. What has not ended within three seconds after that is
/// closed. Dropping the future closes everything at once.
pub async fn serve(ports: Vec<Port>, app: App, shutdown: impl Future<Output = ()> + Send) {
    let app = Arc::new(app);
    let (stop, stopping) = watch::channel(false);
    let open = |port: Port| {
        let door = Door {
            app: Arc::clone(&app),
            given: Arc::new(Given {
                stream: port.stream,
                policy: port.policy,
            }),
            stopping: stopping.clone(),
        };
        (port.listener, door)
    };
    let doors = ports.into_iter().map(open).collect();
    eyeline_tcp::serve(doors, SHUTDOWN_GRACE, stop, shutdown).await;
}

/// What one port gives, and to whom.
struct Given {
    stream: StreamId,
    policy: Policy,
}

/// What answers at one port.
struct Door {
    app: Arc<App>,
    given: Arc<Given>,
    stopping: watch::Receiver<bool>,
}

impl eyeline_tcp::Door for Door {
    const PROTOCOL: &'static str = "H.264 over TCP";

    fn take(&mut self, tcp: TcpStream, peer: SocketAddr, tasks: &mut JoinSet<()>) {
        let (app, given) = (Arc::clone(&self.app), Arc::clone(&self.given));
        let stopping = self.stopping.clone();
        tasks.spawn(async move { play::run(tcp, peer, &app, &given, stopping).await });
    }
}
