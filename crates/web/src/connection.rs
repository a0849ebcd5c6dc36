//! One connection: from its first byte to its end, and what is logged about it.

use std::convert::Infallible;
use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::response::IntoResponse;
use eyeline_tcp::{Meter, StallGuard, Stalled, seldom, stopped};
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::Server;
use crate::connections::{Busy, Connection};
use crate::errors::Error;
use crate::limits::{HTTP_BUFFER_BYTES, LINGER};
use crate::takeover::{self, Session, Taken};

/// The connection a request came by, among the request's extensions.
#[derive(Clone)]
pub(crate) struct Via(pub(crate) Arc<Connection>);

/// Serves one connection until it ends, is told to make room, or the server stops.
pub(crate) async fn run(
    tcp: TcpStream,
    connection: Arc<Connection>,
    server: Arc<Server>,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    eyeline_tcp::tune(&tcp);
    // Until something comes there is no need for buffers: waiting costs next to nothing.
    tokio::select! {
        ready = timeout(server.app.limits.header_timeout, tcp.readable()) => {
            if !matches!(ready, Ok(Ok(()))) { return }
        }
        () = connection.evicted() => return,
        () = stopped(&mut stopping) => return,
    }
    boxed_talk(tcp, connection, server, router, stopping).await;
}

/// On the heap, and made in a function of its own, so that the waiting above holds no
/// room for it.
fn boxed_talk(
    tcp: TcpStream,
    connection: Arc<Connection>,
    server: Arc<Server>,
    router: Router,
    stopping: watch::Receiver<bool>,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(talk(tcp, connection, server, router, stopping))
}

async fn talk(
    tcp: TcpStream,
    connection: Arc<Connection>,
    server: Arc<Server>,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let limits = server.app.limits;
    let clock = Arc::clone(server.app.hub.clock());
    let io = TokioIo::new(StallGuard::new(
        tcp,
        Arc::clone(&connection.backlog),
        Meter::new(Arc::clone(&connection.link), clock),
        limits.patience,
    ));
    let router = TowerToHyperService::new(router);
    let taker = Mutex::default();
    let service = service_fn(|request| answer(&router, &connection, &taker, request));
    let mut conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(HTTP_BUFFER_BYTES)
        .serve_connection(io, service);
    let mut told_to_stop = false;
    loop {
        tokio::select! {
            ended = &mut conversation => {
                if let Err(error) = ended {
                    let cause = error.source().and_then(|cause| cause.downcast_ref());
                    log(&server, &connection, cause, &error);
                    if !error.is_parse() {
                        return;
                    }
                }
                break;
            }
            () = seldom(connection.evicted()) => return,
            () = stopped(&mut stopping), if !told_to_stop => {
                told_to_stop = true;
                Pin::new(&mut conversation).graceful_shutdown();
            }
        }
    }
    let (io, read_buf) = {
        let parts = conversation.into_parts();
        (parts.io.into_inner(), parts.read_buf)
    };
    let taker = taker.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Some(Taker { session, busy }) = taker else {
        return drop_unread(io).await;
    };
    let session = session(Taken {
        io,
        read_buf,
        stopping,
    });
    if let Err(error) = session.await {
        log(&server, &connection, Some(&error), &error);
    }
    drop(busy);
}

/// What goes on with a connection when HTTP is through with it.
struct Taker {
    session: Session,
    busy: Busy,
}

/// Everything is said. Closing while the other end still sends would reset the
/// connection, and it might never read why its upload was refused (RFC 9112, 9.6).
pub(crate) async fn drop_unread(mut io: impl AsyncRead + Unpin) {
    let mut unread = [0; 1024];
    let all = async { while matches!(io.read(&mut unread).await, Ok(1..)) {} };
    let _ = timeout(LINGER, all).await;
}

async fn answer(
    router: &TowerToHyperService<Router>,
    connection: &Arc<Connection>,
    taker: &Mutex<Option<Taker>>,
    mut request: Request<Incoming>,
) -> Result<Response<Tracked>, Infallible> {
    let Some(busy) = connection.busy() else {
        let body = Error::TooManyConnections.into_response();
        return Ok(body.map(|body| Tracked { body, busy: None }));
    };
    request.extensions_mut().insert(Via(Arc::clone(connection)));
    let mut response = router.call(request).await?;
    let mut busy = Some(busy);
    if let Some(session) = takeover::offered(&mut response) {
        let next = busy.take().map(|busy| Taker { session, busy });
        *taker.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }
    Ok(response.map(|body| Tracked { body, busy }))
}

fn log(
    server: &Server,
    connection: &Connection,
    cause: Option<&io::Error>,
    error: &(dyn std::error::Error + 'static),
) {
    let peer = connection.peer;
    let stream = connection.stream.get().map(tracing::field::display);
    let stalled = cause
        .and_then(io::Error::get_ref)
        .and_then(|cause| cause.downcast_ref::<Stalled>());
    if let Some(reason) = stalled {
        server.metrics.stalled.inc();
        tracing::info!(%peer, stream, %reason, "a viewer was closed");
    } else {
        tracing::debug!(%peer, stream, %error, "a connection ended early");
    }
}

/// A body that keeps its connection marked as in use until it was sent, and gives
/// nothing more while the connection has not taken what was given before.
struct Tracked {
    body: axum::body::Body,
    busy: Option<Busy>,
}

impl Body for Tracked {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let busy = self.busy.as_ref();
        if busy.is_some_and(|Busy(connection)| connection.backlog.holds_back()) {
            return Poll::Pending;
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
