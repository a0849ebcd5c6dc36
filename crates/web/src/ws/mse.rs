//! `/streams/{id}/mse`: H.264 for Media Source, one stream on one socket; made of JPEGs where the
//! source gives those. A client may ask
//! for the time; what else it says is not looked at.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::extract::{Path, State};
use axum::response::Response;
use eyeline_output::{Query, View, fmp4};
use eyeline_proto::websocket::CloseCode;
use http::request::Parts;
use tokio::io::{AsyncRead, AsyncWrite};

use super::messages::Message;
use super::replies;
use super::socket::{Goodbye, Heard, Socket};
use super::viewer::{ACCEPTS, Asked, Viewer};
use super::{accept, open};
use crate::app::Server;
use crate::errors::Error;
use crate::takeover::Taken;
use eyeline_tcp::stopped;

/// `GET /streams/{id}/mse`
pub(crate) async fn watch(
    State(server): State<Arc<Server>>,
    asked: Asked,
    Path(id): Path<String>,
    request: Parts,
) -> Result<Response, Error> {
    let accepted = accept(&request)?;
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let viewer = Viewer::of(server, asked, &request.headers, &fmp4::MESSAGES);
    let view = viewer.look_by("mse", &id.parse()?, query.wish()?)?;
    Ok(open(accepted, |taken| Box::pin(run(taken, viewer, view))))
}

async fn run(taken: Taken, viewer: Viewer, mut view: View) -> io::Result<()> {
    let mut stopping = taken.stopping;
    let mut socket = Socket::new(taken.io, &taken.read_buf, ACCEPTS);
    drop(taken.read_buf);
    let goodbye = tokio::select! {
        goodbye = poll_fn(|cx| poll(&mut socket, &viewer, &mut view, cx)) => goodbye?,
        () = stopped(&mut stopping) => Goodbye::STOPPING,
    };
    drop(view);
    socket.end(goodbye).await
}

/// Goes on until the session is to end. A picture is taken only when the socket took
/// everything before.
fn poll<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut Socket<S>,
    viewer: &Viewer,
    view: &mut View,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Goodbye>> {
    loop {
        while !socket.is_full()
            && let Poll::Ready(heard) = socket.poll_heard(cx)?
        {
            match heard {
                Heard::End(goodbye) => return Poll::Ready(Ok(goodbye)),
                Heard::Text(text) => tell_time(socket, viewer, &text),
                Heard::Binary(_) => {}
            }
        }
        ready!(socket.poll_ready(cx))?;
        match view.poll_chunk(cx) {
            Poll::Ready(Some(messages)) => socket.send(messages),
            Poll::Ready(None) => {
                let reason = viewer.why_ended(view).into();
                return Poll::Ready(Ok(Goodbye::Close(CloseCode::NORMAL, reason)));
            }
            Poll::Pending => return Poll::Pending,
        }
    }
}

/// Answers `clock`, so that the age of pictures can be told.
fn tell_time<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut Socket<S>,
    viewer: &Viewer,
    text: &str,
) {
    if let Ok(mut message) = Message::parse(text)
        && message.kind() == "clock"
    {
        socket.reply(replies::clock(viewer.clock(), message.take("sent")));
    }
}
