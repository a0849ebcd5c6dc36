//! µStreamer's `/stream`, `/snapshot` and `/state`.
//!
//! A viewer of `/stream` finds itself in `/state` by the key it brought, or by the cookie
//! `stream_client`, which holds the key and the viewer's number.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use eyeline_hub::{State as SourceState, StreamStats, ViewerStats};
use eyeline_media::{Resolution, StreamId};
use eyeline_output::{MJPEG, Query, SNAPSHOT, ViewerId};
use http::header::{HeaderValue, SET_COOKIE};
use http::{HeaderMap, HeaderName};
use http_body_util::BodyExt as _;
use serde::Serialize;

use crate::app::Server;
use crate::errors::Error;
use crate::limits::CLIENT_KEY_CHARS;
use crate::streams::{Asked, watch};

const X_USTREAMER_ONLINE: HeaderName = HeaderName::from_static("x-ustreamer-online");
const X_USTREAMER_WIDTH: HeaderName = HeaderName::from_static("x-ustreamer-width");
const X_USTREAMER_HEIGHT: HeaderName = HeaderName::from_static("x-ustreamer-height");
const X_EYELINE_SLATE: &str = "x-eyeline-slate";
/// How long the cookie is kept, in seconds.
const COOKIE_MAX_AGE: u32 = 30;

/// `GET /stream`
pub(crate) async fn stream(
    State(server): State<Arc<Server>>,
    mut asked: Asked,
) -> Result<Response, Error> {
    let id = super::some(&server, asked.query.get(super::STREAM))?;
    let wants = Wants::of(&asked.query);
    if wants.advance_headers {
        asked.query = asked.query.with("framing", "ahead");
    }
    let mut response = watch(&MJPEG, &server, &id, asked).await?;
    let Some(&ViewerId(viewer)) = response.extensions().get() else {
        return Ok(response);
    };
    let key = &wants.key;
    let cookie = format!("stream_client={key}/{viewer:x}; Path=/; Max-Age={COOKIE_MAX_AGE}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    let held = server.ustreamer.enter((id, viewer), wants);
    // The body ends with the viewer, and forgets it.
    Ok(response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &held;
            frame
        }))
    }))
}

/// `GET /snapshot`
pub(crate) async fn snapshot(
    State(server): State<Arc<Server>>,
    asked: Asked,
) -> Result<Response, Error> {
    let id = super::some(&server, asked.query.get(super::STREAM))?;
    let mut response = watch(&SNAPSHOT, &server, &id, asked).await?;
    let resolution = server.app.hub.stats_of(&id);
    let resolution = resolution.and_then(|stats| stats.resolution);
    describe(response.headers_mut(), resolution);
    Ok(response)
}

/// Says of a picture what µStreamer says.
fn describe(headers: &mut HeaderMap, resolution: Option<Resolution>) {
    let online = !headers.contains_key(X_EYELINE_SLATE);
    let online = HeaderValue::from_static(if online { "true" } else { "false" });
    headers.insert(X_USTREAMER_ONLINE, online);
    if let Some(resolution) = resolution {
        headers.insert(X_USTREAMER_WIDTH, resolution.width().into());
        headers.insert(X_USTREAMER_HEIGHT, resolution.height().into());
    }
}

/// `GET /state`
pub(crate) async fn state(
    State(server): State<Arc<Server>>,
    asked: Asked,
) -> Result<Json<Answer>, Error> {
    let id = super::some(&server, asked.query.get(super::STREAM))?;
    let stream = server.app.hub.watch(&asked.access.view(&id))?;
    let definition = server.app.streams.definition(&id);
    let (quality, desired_fps) = definition.map_or((0, 0), |definition| {
        let quality = definition.defaults.jpeg_quality;
        let quality = quality.unwrap_or(definition.options.jpeg_quality);
        (
            quality.get(),
            definition.defaults.fps.map_or(0, |fps| fps.get()),
        )
    });
    Ok(Json(Answer {
        ok: true,
        result: Told {
            instance_id: "",
            encoder: Encoder {
                kind: "CPU",
                quality,
            },
            source: Source::of(&stream.stats(), desired_fps),
            stream: Streaming::of(stream.viewers(), &server.ustreamer.of(&id)),
        },
    }))
}

/// What a viewer of `/stream` asked for.
#[derive(Clone, Debug, Serialize)]
struct Wants {
    extra_headers: bool,
    advance_headers: bool,
    dual_final_frames: bool,
    zero_data: bool,
    key: String,
}

impl Wants {
    fn of(query: &Query) -> Self {
        let is = |name| matches!(query.get(name), Some("1" | "true" | "yes"));
        Self {
            extra_headers: is("extra_headers"),
            advance_headers: is("advance_headers"),
            dual_final_frames: is("dual_final_frames"),
            zero_data: is("zero_data"),
            key: key(query.get("key").unwrap_or_default()),
        }
    }
}

impl Default for Wants {
    fn default() -> Self {
        Self::of(&Query::default())
    }
}

/// A key that may stand in a cookie, or `0` for none.
fn key(text: &str) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let key: String = text.chars().filter(safe).take(CLIENT_KEY_CHARS).collect();
    if key.is_empty() { "0".to_owned() } else { key }
}

/// Those who look by `/stream`, and what they asked for.
#[derive(Default)]
pub(crate) struct Clients(Arc<Mutex<Entries>>);

type Place = (StreamId, u64);
type Entries = HashMap<Place, Wants>;

impl Clients {
    fn enter(&self, place: Place, wants: Wants) -> Entered {
        lock(&self.0).insert(place.clone(), wants);
        Entered(Arc::clone(&self.0), place)
    }

    fn of(&self, stream: &StreamId) -> HashMap<u64, Wants> {
        let all = lock(&self.0);
        let these = all.iter().filter(|((id, _), _)| id == stream);
        these
            .map(|((_, viewer), wants)| (*viewer, wants.clone()))
            .collect()
    }
}

/// A viewer's entry; dropping it removes the entry.
struct Entered(Arc<Mutex<Entries>>, Place);

impl Drop for Entered {
    fn drop(&mut self) {
        lock(&self.0).remove(&self.1);
    }
}

fn lock(entries: &Mutex<Entries>) -> MutexGuard<'_, Entries> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Serialize)]
pub(crate) struct Answer {
    ok: bool,
    result: Told,
}

#[derive(Serialize)]
struct Told {
    instance_id: &'static str,
    encoder: Encoder,
    source: Source,
    stream: Streaming,
}

#[derive(Serialize)]
struct Encoder {
    #[serde(rename = "type")]
    kind: &'static str,
    quality: u8,
}

#[derive(Serialize)]
struct Source {
    resolution: Size,
    online: bool,
    /// 0 is as many as there are.
    desired_fps: u8,
    captured_fps: u32,
}

#[derive(Serialize)]
struct Size {
    width: u32,
    height: u32,
}

impl Source {
    fn of(stats: &StreamStats, desired_fps: u8) -> Self {
        Self {
            resolution: Size {
                width: stats.resolution.map_or(0, Resolution::width),
                height: stats.resolution.map_or(0, Resolution::height),
            },
            online: matches!(stats.state, SourceState::Live { .. }),
            desired_fps,
            captured_fps: whole(stats.fps),
        }
    }
}

#[derive(Serialize)]
struct Streaming {
    queued_fps: u32,
    clients: usize,
    clients_stat: BTreeMap<String, Client>,
}

#[derive(Serialize)]
struct Client {
    fps: u32,
    #[serde(flatten)]
    wants: Wants,
}

impl Streaming {
    fn of(viewers: Vec<ViewerStats>, wants: &HashMap<u64, Wants>) -> Self {
        let fastest = viewers.iter().map(|viewer| whole(viewer.fps)).max();
        let client = |viewer: ViewerStats| {
            let wants = wants.get(&viewer.id).cloned().unwrap_or_default();
            let fps = whole(viewer.fps);
            (format!("{:x}", viewer.id), Client { fps, wants })
        };
        Self {
            queued_fps: fastest.unwrap_or_default(),
            clients: viewers.len(),
            clients_stat: viewers.into_iter().map(client).collect(),
        }
    }
}

fn whole(fps: f64) -> u32 {
    fps.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_holds_nothing_that_a_cookie_could_not() {
        let check = |text: &str, expected: &str| assert_eq!(key(text), expected, "{text}");
        check("a1b2", "a1b2");
        check("", "0");
        check("; Path=/\r\nX: y", "PathXy");
        check(&"k".repeat(500), &"k".repeat(CLIENT_KEY_CHARS));
    }

    #[test]
    fn parameters_are_on_as_the_original_takes_them() {
        let check = |query: &str, expected: bool| {
            assert_eq!(
                Wants::of(&Query::parse(query)).advance_headers,
                expected,
                "{query}"
            );
        };
        check("advance_headers=1", true);
        check("advance_headers=true", true);
        check("advance_headers=0", false);
        check("", false);
    }

    #[test]
    fn an_entry_goes_with_its_viewer() {
        let clients = Clients::default();
        let id: StreamId = "front".parse().unwrap();
        let held = clients.enter((id.clone(), 7), Wants::default());
        assert_eq!(clients.of(&id).len(), 1);
        drop(held);
        assert!(clients.of(&id).is_empty());
    }
}
