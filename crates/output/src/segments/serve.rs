//! Answers to whoever asks for playlists and for what they list.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::Wish;
use eyeline_proto::hls::{Name, Reload, Standing};
use eyeline_proto::{dash, fmp4, hls};
use http::Response;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, VARY,
};

use super::live::{Live, Lives};
use super::packager::{Kind, Packager};
use super::playlists::Dress;
use super::segment::Part;
use super::track::edge;
use crate::limits::{LONGEST_WAIT, PLAYLIST_WAIT, SOUND_WAIT};
use crate::{Body, OutputError, Query, Request};

/// Where players ask for the time, seen from where the description is.
const TIME_URL: &str = "../../../time";
/// Of what never changes.
const DAY_S: u64 = 86_400;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// HLS's list of playlists.
    Multivariant,
    /// HLS's playlist of a track.
    Media(Kind),
    /// DASH's description.
    Mpd,
    /// Something that is listed.
    File(Kind, Name),
}

impl Asked {
    /// Something that is listed, by its path beside the playlist.
    pub(crate) fn file(path: &str) -> Option<Self> {
        let (folder, name) = path.split_once('/')?;
        let kinds = [Kind::Video, Kind::Audio];
        let kind = kinds.into_iter().find(|kind| kind.folder() == folder)?;
        Some(Self::File(kind, Name::parse(name)?))
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Multivariant | Self::Media(_) => hls::CONTENT_TYPE,
            Self::Mpd => dash::CONTENT_TYPE,
            Self::File(Kind::Video, _) => "video/mp4",
            Self::File(Kind::Audio, _) => "audio/mp4",
        }
    }
}

/// Answers.
///
/// # Errors
/// [`OutputError`] says why not.
pub(crate) async fn serve(
    request: Request,
    transport: &'static str,
    asked: Option<Asked>,
) -> Result<Response<Body>, OutputError> {
    let asked = asked.ok_or(OutputError::NotListed)?;
    if request.head_only {
        return Ok(answer(&request.headers, asked, 1, Body::unsaid()));
    }
    let session = Session::of(request, transport, asked)?;
    match asked {
        Asked::File(kind, name) => session.file(kind, name).await,
        _ => session.playlist().await,
    }
}

/// A request for something of a rendition that is being cut.
struct Session {
    request: Request,
    transport: &'static str,
    asked: Asked,
    live: Arc<Live>,
}

impl Session {
    fn of(request: Request, transport: &'static str, asked: Asked) -> Result<Self, OutputError> {
        let lives = request.stream.beside::<Lives>();
        let wish = Wish {
            // It is H.264 whatever is said of JPEGs.
            jpeg_quality: None,
            codec: None,
            ..request.stream.granted(&request.wish)
        };
        let (stream, clock) = (&request.stream, &request.clock);
        let live = match asked {
            Asked::File(..) => lives.running(&wish, clock.now()),
            _ => Some(lives.get(stream, &wish, clock)?),
        };
        let live = live.ok_or(OutputError::NotListed)?;
        live.audience
            .ask(stream, &request.visitor, transport, clock.now())?;
        Ok(Self {
            request,
            transport,
            asked,
            live,
        })
    }

    async fn playlist(self) -> Result<Response<Body>, OutputError> {
        let reload = match self.asked {
            Asked::Media(_) => Reload::parse(self.request.query.pairs())?,
            _ => Reload::default(),
        };
        let kind = match self.asked {
            Asked::Media(kind) => kind,
            _ => Kind::Video,
        };
        self.begun(kind).await?;
        let mut kept_s = 1;
        if reload.until.is_some() {
            self.reached(kind, reload).await?;
            kept_s = self
                .live
                .look(|packager| packager.server().target_duration_s.into());
        } else if matches!(self.asked, Asked::Media(_)) {
            self.playable(kind).await;
        }
        let (asked, query) = (self.asked, carried(&self.request.query));
        let key = format!("{asked:?} {} {query}", reload.skip);
        let text = self.live.text(&key, |packager, size, now| {
            let dress = Dress {
                query: &query,
                size,
                now,
            };
            match asked {
                Asked::Media(kind) => packager.media(kind, reload.skip, dress),
                Asked::Mpd => packager.mpd(TIME_URL, dress),
                _ => packager.multivariant(dress),
            }
        });
        let text = text.ok_or(OutputError::NotListed)?;
        self.book(0, text.len());
        Ok(answer(
            &self.request.headers,
            asked,
            kept_s,
            Body::whole(text),
        ))
    }

    /// Waits until there is something to list.
    async fn begun(&self, kind: Kind) -> Result<(), OutputError> {
        let stream = &self.request.stream;
        let found = self.live.find(PLAYLIST_WAIT, |packager| {
            packager.track(Kind::Video).map(drop)
        });
        found.await.ok_or(OutputError::NoPicture {
            waited: PLAYLIST_WAIT,
        })?;
        // Who begins without sound stays without.
        let sound = stream
            .audio()
            .is_some_and(|format| fmp4::Audio::of(&format).is_some());
        let heard = |packager: &Packager| packager.track(Kind::Audio).map(drop);
        if sound && matches!(self.asked, Asked::Media(_)) == (kind == Kind::Audio) {
            let _ = self.live.find(SOUND_WAIT, heard).await;
        }
        Ok(())
    }

    /// Waits until who begins now can do so well.
    async fn playable(&self, kind: Kind) {
        let parts = knows_parts(self.request.visitor.agent.as_deref());
        let playable = |packager: &Packager| packager.is_playable(kind, parts).then_some(());
        let _ = self.live.find(LONGEST_WAIT, playable).await;
        if parts && kind == Kind::Video {
            // Players take the end of their first playlist for what is live: the older it is, the later
            // they are for good.
            let parts = |packager: &Packager| packager.track(kind).map(|track| track.made);
            let (made, part_target) = self
                .live
                .look(|packager| (parts(packager), packager.server().part_target));
            let more = |packager: &Packager| (parts(packager) > made).then_some(());
            let _ = self.live.find(part_target * 3 / 2, more).await;
        }
    }

    /// Waits until the playlist has come as far as was asked for.
    async fn reached(&self, kind: Kind, reload: Reload) -> Result<(), OutputError> {
        let server = self.live.look(Packager::server);
        let wait = server.hold_back().min(LONGEST_WAIT);
        let standing = self.live.find(wait, |packager| {
            let edge = edge(packager.track(kind)?);
            match reload.standing(edge, server.part_target) {
                Standing::Wait if !packager.has_ended() => None,
                standing => Some(standing),
            }
        });
        match standing.await {
            Some(Standing::TooFar) => Err(OutputError::TooFarAhead),
            Some(_) => Ok(()),
            None => Err(OutputError::NoPicture { waited: wait }),
        }
    }

    async fn file(self, kind: Kind, name: Name) -> Result<Response<Body>, OutputError> {
        let found = match name {
            Name::Init(number) => self.live.look(|packager| {
                let inits = &packager.track(kind)?.inits;
                let init = inits.iter().find(|init| init.number == number)?;
                Some(Body::whole(init.data.clone()))
            }),
            Name::Part(number, index) => self.part(kind, number, index).await,
            Name::Segment(number) => self.segment(kind, number),
        };
        let body = found.ok_or(OutputError::NotListed)?;
        Ok(answer(&self.request.headers, self.asked, DAY_S, body))
    }

    /// A part, which is waited for if it is the next to come.
    async fn part(&self, kind: Kind, number: u64, index: u64) -> Option<Body> {
        let found = self.live.find(PLAYLIST_WAIT, |packager| {
            let track = packager.track(kind)?;
            let at = usize::try_from(index).ok();
            let part = at.and_then(|at| track.segment(number)?.parts.get(at));
            if let Some(part) = part {
                return Some(Some(part.clone()));
            }
            let edge = edge(track);
            let next = (edge.open, edge.parts) == (number, index) && !packager.has_ended();
            (!next).then_some(None)
        });
        let Part { samples, data, .. } = found.await??;
        self.book(self.pictures(kind, samples), data.len());
        Some(Body::whole(data))
    }

    /// A segment: whole, or as it is being made.
    fn segment(&self, kind: Kind, number: u64) -> Option<Body> {
        let (parts, whole) = self.live.look(|packager| {
            let segment = packager.track(kind)?.segment(number)?;
            let whole = segment.end.is_some();
            (!segment.parts.is_empty()).then(|| (segment.parts.clone(), whole))
        })?;
        let samples = parts.iter().map(|part| part.samples).sum();
        let pieces: VecDeque<Bytes> = parts.into_iter().map(|part| part.data).collect();
        let bytes = pieces.iter().map(Bytes::len).sum();
        self.book(self.pictures(kind, samples), bytes);
        if whole {
            return Some(Body::pieces(pieces));
        }
        let live = Arc::clone(&self.live);
        Some(Body::growing(pieces, move |index| {
            let live = Arc::clone(&live);
            Box::pin(async move { next_piece(&live, kind, number, index).await })
        }))
    }

    const fn pictures(&self, kind: Kind, samples: usize) -> usize {
        match kind {
            Kind::Video => samples,
            Kind::Audio => 0,
        }
    }

    fn book(&self, pictures: usize, bytes: usize) {
        let (visitor, now) = (&self.request.visitor, self.request.clock.now());
        self.live
            .audience
            .book(visitor, self.transport, pictures, bytes, now);
        self.request.sent.count_many(pictures, bytes);
    }
}

/// The next part of a segment; `None` when it is whole.
async fn next_piece(live: &Live, kind: Kind, number: u64, index: usize) -> Option<Bytes> {
    let found = live.find(Duration::MAX, |packager| {
        let Some(segment) = packager.track(kind).and_then(|track| track.segment(number)) else {
            return Some(None);
        };
        match segment.parts.get(index) {
            Some(part) => Some(Some(part.data.clone())),
            None => segment.end.map(|_| None),
        }
    });
    found.await.flatten()
}

/// Whether a program knows low latency, as far as it can be told: browsers' scripts and Apple's
/// players do.
fn knows_parts(agent: Option<&str>) -> bool {
    agent.is_none_or(|agent| {
        ["Mozilla/", "AppleCoreMedia"]
            .iter()
            .any(|name| agent.contains(name))
    })
}

/// The parameters that what a playlist lists needs as well, as a query with its `?`: those that say
/// which rendition, and the token of who brings it so.
fn carried(query: &Query) -> String {
    let pairs = query
        .pairs()
        .filter(|(name, _)| *name == "token" || Wish::NAMES.contains(name));
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    match &text.extend_pairs(pairs).finish()[..] {
        "" => String::new(),
        text => format!("?{text}"),
    }
}

/// Caches may keep an answer for whoever asks the same: unless something in the header, which
/// is no part of the question, let the visitor in.
fn answer(request: &HeaderMap, asked: Asked, kept_s: u64, body: Body) -> Response<Body> {
    let personal = request.contains_key(AUTHORIZATION) || request.contains_key(COOKIE);
    let shared = if personal { "private" } else { "public" };
    let immutable = if matches!(asked, Asked::File(..)) {
        ", immutable"
    } else {
        ""
    };
    let cache = format!("{shared}, max-age={kept_s}{immutable}");
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asked.content_type()));
    if let Ok(cache) = HeaderValue::from_str(&cache) {
        headers.insert(CACHE_CONTROL, cache);
    }
    // Scripts of other origins get a header more.
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_listed_files_need_is_carried_on() {
        let check = |query, expected| assert_eq!(carried(&Query::parse(query)), expected);
        check("", "");
        check("_HLS_msn=7&_HLS_part=1", "");
        check(
            "_HLS_skip=YES&token=a%26b&quality=low",
            "?token=a%26b&quality=low",
        );
    }

    #[test]
    fn programs_that_know_no_parts_are_told_by_their_names() {
        let check = |agent, expected| assert_eq!(knows_parts(agent), expected, "{agent:?}");
        check(Some("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0"), true);
        check(
            Some("AppleCoreMedia/1.0.0.21G93 (iPhone; U; CPU OS 17_6_1)"),
            true,
        );
        check(Some("Lavf/59.27.100"), false);
        check(Some("GStreamer souphttpsrc 1.22.0 libsoup/3.2.3"), false);
        check(None, true);
    }

    #[test]
    fn files_are_told_by_their_paths() {
        let check = |path, expected| assert_eq!(Asked::file(path), expected, "{path}");
        check(
            "video/7.m4s",
            Some(Asked::File(Kind::Video, Name::Segment(7))),
        );
        check(
            "audio/7.1.m4s",
            Some(Asked::File(Kind::Audio, Name::Part(7, 1))),
        );
        check(
            "video/init-7.mp4",
            Some(Asked::File(Kind::Video, Name::Init(7))),
        );
        check("video", None);
        check("sound/7.m4s", None);
        check("video/../7.m4s", None);
    }
}
