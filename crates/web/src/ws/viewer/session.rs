//! One viewer's session: pictures of one stream or several on one socket, and the news.
//!
//! A picture is taken from a [`View`] only when the socket took everything before, so
//! that a slow viewer gets the newest there is. Streams take turns.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use eyeline_hub::{Delivery, Event, Profile, State, StreamStats, Subscriber, What};
use eyeline_media::Resolution;
use eyeline_output::View;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Sleep, sleep};

use super::Viewer;
use crate::ws::limits::NEWS_DELAY;
use crate::ws::messages::Refusal;
use crate::ws::replies;
use crate::ws::socket::{Goodbye, Heard, Socket};

pub(super) struct Session<S> {
    pub(super) socket: Socket<S>,
    pub(super) viewer: Viewer,
    pub(super) joined: Vec<Joined>,
    /// Which of the streams is asked first for the next picture.
    turn: usize,
    /// What happens to streams; none when the hub is gone.
    events: Option<Subscriber<Event>>,
    /// Events that were missed so far.
    missed: u64,
    /// When to tell what changed.
    news: Option<Pin<Box<Sleep>>>,
}

/// A stream on this socket.
pub(super) struct Joined {
    pub(super) view: View,
    told: Told,
    /// Whether something may be different from what was told.
    stale: bool,
}

/// What makes a new `stream_info` worth sending.
#[derive(PartialEq)]
struct Told {
    state: State,
    profile: Profile,
    resolution: Option<Resolution>,
    delivery: Delivery,
}

impl Told {
    fn of(stats: &StreamStats, delivery: Delivery) -> Self {
        Self {
            state: stats.state.clone(),
            profile: stats.profile.clone(),
            resolution: stats.resolution,
            delivery,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) fn new(socket: Socket<S>, viewer: Viewer) -> Self {
        Self {
            events: viewer.server.app.hub.events(),
            socket,
            viewer,
            joined: Vec::new(),
            turn: 0,
            missed: 0,
            news: None,
        }
    }

    /// Leaves all streams.
    pub(super) fn into_socket(self) -> Socket<S> {
        self.socket
    }

    /// Goes on until the session is to end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Goodbye>> {
        loop {
            let heard_all = loop {
                if self.socket.is_full() {
                    break false;
                }
                match self.socket.poll_heard(cx)? {
                    Poll::Ready(Heard::Text(text)) => self.hear(&text),
                    Poll::Ready(Heard::Binary(_)) => {
                        let why = "a viewer sends text messages only";
                        self.refuse(Refusal::new("malformed", why));
                    }
                    Poll::Ready(Heard::End(goodbye)) => return Poll::Ready(Ok(goodbye)),
                    Poll::Pending => break true,
                }
            };
            self.poll_news(cx);
            ready!(self.socket.poll_ready(cx))?;
            if heard_all {
                let next = ready!(self.poll_picture(cx));
                self.socket.send(next);
            }
        }
    }

    /// The next picture of the streams in turn, or the word that one has ended.
    fn poll_picture(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        for step in 0..self.joined.len() {
            let index = (self.turn + step) % self.joined.len();
            let joined = &mut self.joined[index];
            match joined.view.poll_chunk(cx) {
                Poll::Pending => {}
                Poll::Ready(Some(picture)) => {
                    self.turn = index + 1;
                    if joined.view.delivery() != joined.told.delivery {
                        joined.stale = true;
                        self.tell_soon();
                    }
                    return Poll::Ready(picture);
                }
                Poll::Ready(None) => {
                    let Joined { view, .. } = self.joined.remove(index);
                    let reason = self.viewer.why_ended(&view);
                    return Poll::Ready(replies::stream_left(view.stream().id(), &reason));
                }
            }
        }
        Poll::Pending
    }

    /// Follows what happens to the streams, and tells of it after a moment.
    fn poll_news(&mut self, cx: &mut Context<'_>) {
        while let Some(events) = &mut self.events
            && let Poll::Ready(event) = events.poll_next(cx)
        {
            let Ok(event) = event else {
                self.events = None;
                break;
            };
            let missed = events.skipped() != self.missed;
            self.missed = events.skipped();
            let changed = matches!(event.value.what, What::Changed);
            let mut any = false;
            for joined in &mut self.joined {
                if missed || changed && *joined.view.stream().id() == event.value.stream {
                    joined.stale = true;
                    any = true;
                }
            }
            if any {
                self.tell_soon();
            }
        }
        if let Some(timer) = &mut self.news
            && timer.as_mut().poll(cx).is_ready()
        {
            self.news = None;
            self.tell_news();
        }
    }

    fn tell_soon(&mut self) {
        self.news.get_or_insert_with(|| Box::pin(sleep(NEWS_DELAY)));
    }

    fn tell_news(&mut self) {
        for joined in &mut self.joined {
            if !std::mem::take(&mut joined.stale) {
                continue;
            }
            let stats = joined.view.stream().stats();
            let told = Told::of(&stats, joined.view.delivery());
            if told != joined.told {
                let info = replies::stream_info(&self.viewer.server, stats, &told.delivery);
                self.socket.reply(info);
                joined.told = told;
            }
        }
    }

    /// Adds a stream, and tells what it is.
    pub(super) fn join(&mut self, view: View) {
        let told = Told::of(&view.stream().stats(), view.delivery());
        self.joined.push(Joined {
            view,
            told,
            stale: false,
        });
        self.tell(self.joined.len() - 1);
    }

    /// Tells of a stream, and remembers what was told.
    pub(super) fn tell(&mut self, index: usize) {
        let joined = &mut self.joined[index];
        let stats = joined.view.stream().stats();
        joined.told = Told::of(&stats, joined.view.delivery());
        let info = replies::stream_info(&self.viewer.server, stats, &joined.told.delivery);
        self.socket.reply(info);
    }

    /// Takes a stream off the socket, and says so.
    pub(super) fn leave(&mut self, index: usize, reason: &str) {
        let Joined { view, .. } = self.joined.remove(index);
        self.socket
            .reply(replies::stream_left(view.stream().id(), reason));
    }
}
