//! `GET /api/events`: what happens to streams and viewers, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use eyeline_hub::{End, Item, Subscriber, What};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::TAG_EVENTS;
use crate::access::Admitted;
use crate::app::Server;
use crate::errors::Error;
use crate::info::{Info, Viewer, rfc3339};
use eyeline_tcp::stopped;

/// Follow what happens to streams and viewers.
///
/// Server-sent events (`text/event-stream`). First `hello`; then `stream_added`,
/// `stream_changed` (state or settings), `stream_removed` with `stream_id` and `info`;
/// `viewer_joined`, `viewer_left` with `stream_id` and `viewer`. `missed` with `count` says
/// that the client was too slow and should ask for the list again.
#[utoipa::path(get, path = "/api/events", tag = TAG_EVENTS, operation_id = "follow_events",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(crate) async fn follow(
    State(server): State<Arc<Server>>,
    _admitted: Admitted,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let cursor = server.app.hub.events().ok_or(Error::NotAsked)?;
    let stopping = server.stopping.clone();
    let follower = Follower {
        server,
        cursor,
        stopping,
        greeted: false,
        missed: 0,
        next: None,
    };
    let events = unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

struct Follower {
    server: Arc<Server>,
    cursor: Subscriber<eyeline_hub::Event>,
    stopping: watch::Receiver<bool>,
    greeted: bool,
    missed: u64,
    /// What is told next, when something else had to be said before.
    next: Option<Arc<Item<eyeline_hub::Event>>>,
}

impl Follower {
    /// The next event to send; `None` when the server stops.
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            return Some(event("hello", &json!({})));
        }
        let item = match self.next.take() {
            Some(item) => item,
            None => tokio::select! {
                item = self.cursor.next() => item.map_err(|End| ()).ok()?,
                () = stopped(&mut self.stopping) => return None,
            },
        };
        let missed = self.cursor.skipped() - self.missed;
        if missed > 0 {
            self.missed += missed;
            self.next = Some(item);
            return Some(event("missed", &json!({ "count": missed })));
        }
        Some(self.tell(&item))
    }

    fn tell(&self, item: &Item<eyeline_hub::Event>) -> Event {
        let happened = &item.value;
        let (name, mut data) = match &happened.what {
            What::Added => ("stream_added", json!({ "info": self.info(happened) })),
            What::Changed => ("stream_changed", json!({ "info": self.info(happened) })),
            What::Removed => ("stream_removed", json!({ "info": null })),
            What::ViewerJoined(viewer) => (
                "viewer_joined",
                json!({ "viewer": Viewer::from(viewer.clone()) }),
            ),
            What::ViewerLeft(viewer) => (
                "viewer_left",
                json!({ "viewer": Viewer::from(viewer.clone()) }),
            ),
        };
        data["stream_id"] = happened.stream.as_str().into();
        data["at"] = rfc3339(happened.at).into();
        event(name, &data).id(item.seq.to_string())
    }

    /// The stream as it is now, which may be later than the event.
    fn info(&self, happened: &eyeline_hub::Event) -> Option<Info> {
        let stats = self.server.app.hub.stats_of(&happened.stream)?;
        Some(Info::of(&self.server, stats))
    }
}

fn event(name: &'static str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
