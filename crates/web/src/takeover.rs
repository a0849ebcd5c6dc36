//! Takes a connection over from HTTP: after the answer `101 Switching Protocols` (RFC 9110,
//! section 15.2.2) it belongs to a session of ours, in the same task and on the same guarded
//! socket, so that limits, accounts and the polite ending hold for it as for any answer.
//!
//! Not here: what is spoken then.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use eyeline_tcp::StallGuard;
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::connection::drop_unread;

/// A connection that was taken over.
///
/// While the session runs the connection counts as in use: it never makes room for others.
/// When the server stops, the session has [`Limits::shutdown_grace`](crate::Limits::shutdown_grace)
/// to end, and is then dropped.
pub(crate) struct Taken {
    /// The connection's socket. Whoever writes to it
    /// - goes on writing while a write is pending: only then is a viewer noticed that takes
    ///   nothing;
    /// - flushes once all of a message was taken, and never before, and waits for it before it
    ///   chooses the next picture: flushing ends when there is room for that. It says that the
    ///   viewer is not behind, and ends the time that the message took;
    /// - hands an error of writing on as the session's, so that the reason is logged and counted;
    /// - ends with [`close`].
    pub(crate) io: StallGuard<TcpStream>,
    /// What came behind the request and was read already. It comes before what `io` gives.
    pub(crate) read_buf: Bytes,
    /// Becomes true when the server stops: then say goodbye.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// A session until its end. Its error ends the connection and is logged.
pub(crate) type Running = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// What starts a session.
pub(crate) type Session = Box<dyn FnOnce(Taken) -> Running + Send>;

/// The session among an answer's extensions, which must be `Clone`. Who comes first has it.
#[derive(Clone)]
struct Offer(Arc<Mutex<Option<Session>>>);

/// The answer 101 with these headers, after which the connection is the session's. Only for
/// requests of HTTP/1.1 with `Connection: upgrade` and an `Upgrade` header: of others, hyper
/// closes the connection behind the answer.
pub(crate) fn respond(
    headers: HeaderMap,
    session: impl FnOnce(Taken) -> Running + Send + 'static,
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    let offer = Offer(Arc::new(Mutex::new(Some(Box::new(session)))));
    response.extensions_mut().insert(offer);
    response
}

/// The session that an answer offers, if it does.
pub(crate) fn offered<B>(response: &mut http::Response<B>) -> Option<Session> {
    let Offer(session) = response.extensions_mut().remove()?;
    let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
    session.take()
}

/// Ends a connection after the last word so that the other end can read it.
///
/// # Errors
/// When the connection is broken.
pub(crate) async fn close(mut io: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    io.shutdown().await?;
    drop_unread(io).await;
    Ok(())
}

#[cfg(test)]
mod tests;
