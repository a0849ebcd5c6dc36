//! One connection, from the newest key picture to its end.

use std::fmt::Display;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use eyeline_auth::{Access, Denied, Policy, Visit, decide};
use eyeline_hub::{ViewerInfo, Wish};
use eyeline_output::{ANNEX_B, Link, View, Viewing};
use eyeline_tcp::{Meter, StallGuard, Stalled, stopped, tune};
use tokio::io::{AsyncRead as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::{App, Given};

/// Name of the transport in viewers' accounts.
const TRANSPORT: &str = "tcp";
/// What stands in for the host's name, which is not told here: that check is against pages in browsers,
/// and what this port writes is nothing that a browser takes for an answer.
const ANY_HOST: &str = "localhost";
/// What clients say is read in pieces of so many bytes, and not looked at.
const UNREAD_BYTES: usize = 512;

/// Gives the stream until it ends, the client leaves or the server stops.
pub(crate) async fn run(
    tcp: TcpStream,
    peer: SocketAddr,
    app: &App,
    given: &Given,
    mut stopping: watch::Receiver<bool>,
) {
    tune(&tcp);
    let link = Arc::<Link>::default();
    let access = match access(&given.policy, peer.ip()) {
        Ok(access) => access,
        Err(denied) => return refused(peer, given, &denied),
    };
    let view = match open(app, given, &access, peer.ip(), Arc::clone(&link)) {
        Ok(view) => view,
        Err(error) => return refused(peer, given, &error),
    };
    let meter = Meter::new(link, Arc::clone(app.hub.clock()));
    let mut playing = Playing {
        io: StallGuard::new(tcp, Arc::default(), meter, app.patience),
        view,
        piece: Bytes::new(),
        is_flushed: true,
        is_heard: true,
    };
    let ended = tokio::select! {
        ended = poll_fn(|cx| playing.poll(cx)) => ended,
        () = stopped(&mut stopping) => Ok(()),
    };
    let ended = match ended {
        Ok(()) => playing.io.shutdown().await,
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        log(peer, &error);
    }
}

fn access(policy: &Policy, peer: IpAddr) -> Result<Access, Denied> {
    decide(
        policy,
        &Visit {
            peer,
            host: Some(ANY_HOST),
            forwarded: false,
            presented: None,
            cookie: None,
            foreign_write: false,
        },
    )
}

fn open(
    app: &App,
    given: &Given,
    access: &Access,
    remote: IpAddr,
    link: Arc<Link>,
) -> Result<View, eyeline_hub::ViewError> {
    View::open(Viewing {
        stream: app.hub.watch(&access.view(&given.stream))?,
        container: &ANNEX_B,
        wish: Wish::default(),
        viewer: ViewerInfo {
            remote,
            transport: TRANSPORT,
            agent: None,
        },
        link,
        sent: app.traffic.sent(&given.stream),
        clock: Arc::clone(app.hub.clock()),
    })
}

/// There is no way to say why to the client itself.
fn refused(peer: SocketAddr, given: &Given, why: &dyn Display) {
    let stream = &given.stream;
    tracing::info!(%peer, %stream, reason = %why, "a viewer by TCP was refused");
}

fn log(peer: SocketAddr, error: &io::Error) {
    let cause = error.get_ref();
    if let Some(stalled) = cause.and_then(|cause| cause.downcast_ref::<Stalled>()) {
        tracing::info!(%peer, reason = %stalled, "a viewer was closed");
    } else {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

struct Playing {
    io: StallGuard<TcpStream>,
    view: View,
    /// What the socket has not taken yet of the latest picture.
    piece: Bytes,
    is_flushed: bool,
    /// Whether the client may still say something. Having nothing to say is no reason to leave:
    /// `nc … </dev/null` says so at once.
    is_heard: bool,
}

impl Playing {
    /// Goes on until there is no more. A picture is taken only when the socket took everything before.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_heard(cx)?;
        loop {
            while !self.piece.is_empty() {
                let taken = ready!(Pin::new(&mut self.io).poll_write(cx, &self.piece))?;
                if taken == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.piece.advance(taken);
                self.is_flushed = false;
            }
            if !self.is_flushed {
                ready!(Pin::new(&mut self.io).poll_flush(cx))?;
                self.is_flushed = true;
            }
            match ready!(self.view.poll_chunk(cx)) {
                Some(piece) => self.piece = piece,
                None => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Learns of a connection that breaks, and lets pass what the client says.
    fn poll_heard(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let mut room = [0; UNREAD_BYTES];
        while self.is_heard {
            let mut unread = ReadBuf::new(&mut room);
            match Pin::new(&mut self.io).poll_read(cx, &mut unread) {
                Poll::Ready(Ok(())) => self.is_heard = !unread.filled().is_empty(),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use eyeline_auth::Token;

    use super::*;

    fn check(token: bool, peer: &str, may: bool) {
        let policy = Policy {
            token: token.then(|| Token::new("0123456789abcdef").unwrap()),
            hosts: vec![],
            origins: vec![],
        };
        let let_in = access(&policy, peer.parse().unwrap()).is_ok();
        assert_eq!(let_in, may, "{peer}");
    }

    #[test]
    fn where_a_token_is_needed_only_the_same_machine_is_let_in() {
        check(true, "127.0.0.1", true);
        check(true, "192.0.2.7", false);
        check(false, "192.0.2.7", true);
    }
}
