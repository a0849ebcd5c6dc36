//! What a stream is to one client: how it is carried, and how that is said.

use std::sync::Arc;

use eyeline_auth::Access;
use eyeline_hub::{Chunk, JpegQuality, Stream, Subscriber, ViewError, Wish};
use eyeline_media::{AudioFormat, Codec, Resolution, StreamId};
use eyeline_output::{Container, Query, chunks};
use eyeline_proto::rtp::limits::MAX_JPEG_SIDE;
use eyeline_proto::rtp::{h264, jpeg};
use eyeline_proto::rtsp::Target;
use eyeline_proto::sdp::{self, Video};
use tokio::time::timeout;

use crate::app::App;
use crate::containers;
use crate::limits::FIRST_PICTURE;
use crate::refusal::Refusal;

/// A stream as it was described.
pub(crate) struct Described {
    /// What was asked for.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) stream: Arc<Stream>,
    pub(crate) container: &'static Container,
    pub(crate) wish: Wish,
    pub(crate) sound: Option<Arc<AudioFormat>>,
    video: Video,
    /// Keeps what is made going until it is played, so that the first packet is there then.
    pub(crate) warm: Option<Subscriber<Chunk>>,
}

impl Described {
    /// Looks at the stream that is asked for, and waits for its first picture.
    pub(crate) async fn of(app: &App, access: &Access, target: &Target) -> Result<Self, Refusal> {
        let id: StreamId = target.path.parse()?;
        let query = Query::parse(&target.query);
        let stream = app.hub.watch(&access.view(&id))?;
        let wish = query.wish()?;
        let wanted = match query.get("codec") {
            None => None,
            Some("h264") => Some(Codec::H264),
            Some("mjpeg" | "jpeg") => Some(Codec::Jpeg),
            Some(other) => return Err(Refusal::Codec(other.chars().take(20).collect())),
        };
        let looking = async {
            let codec = match wanted {
                Some(codec) => codec,
                None => codec(&stream).await?,
            };
            match codec {
                Codec::H264 => h264(&stream, wish).await,
                Codec::Jpeg => jpeg(&stream, wish).await,
            }
        };
        let found = timeout(FIRST_PICTURE, looking).await;
        let (wish, video, warm) = found.map_err(|_| Refusal::NoPicture)??;
        let container = containers::of(match video {
            Video::H264(_) => Codec::H264,
            Video::Jpeg => Codec::Jpeg,
        });
        let sound = stream.audio();
        let sound = sound.filter(|format| container.audio.contains(&format.codec));
        Ok(Self {
            path: target.path.clone(),
            query: target.query.clone(),
            stream,
            container,
            wish,
            sound,
            video,
            warm: Some(warm),
        })
    }

    /// Whether it is what this is about.
    pub(crate) fn is_of(&self, target: &Target) -> bool {
        (&self.path, &self.query) == (&target.path, &target.query)
    }

    /// How many tracks it has.
    pub(crate) const fn tracks(&self) -> usize {
        if self.sound.is_some() { 2 } else { 1 }
    }

    /// The description, for who asked with this URL.
    pub(crate) fn text(&self, url: &str) -> String {
        let name = self.stream.profile().name;
        let name = name.unwrap_or_else(|| self.stream.id().to_string());
        let control = |track| Target::control(url, track);
        sdp::write(&name, &self.video, self.sound.as_deref(), control)
    }
}

type Found = (Wish, Video, Subscriber<Chunk>);

/// How the source's pictures are coded, or those in its place while it is away.
async fn codec(stream: &Arc<Stream>) -> Result<Codec, Refusal> {
    if let Some(codec) = stream.codec() {
        return Ok(codec);
    }
    let mut packets = stream.packets(&Wish::default())?;
    loop {
        let Ok(item) = packets.next().await else {
            return Err(ViewError::Ended(stream.id().clone()).into());
        };
        // A slate says what is wrong, unless nothing has begun yet.
        if !item.value.slate || stream.stats().state.name() == "away" {
            return Ok(item.value.codec);
        }
    }
}

async fn h264(stream: &Arc<Stream>, wish: Wish) -> Result<Found, Refusal> {
    let mut warm = chunks(stream, &containers::H264, &stream.granted(&wish))?;
    loop {
        let Ok(chunk) = warm.next().await else {
            return Err(ViewError::Ended(stream.id().clone()).into());
        };
        let sets = h264::parameter_sets(&chunk.value.data);
        if !sets.is_empty() {
            return Ok((wish, Video::H264(sets), warm));
        }
    }
}

/// JPEGs as they come if RTP can carry them, and else such as are made of them.
async fn jpeg(stream: &Arc<Stream>, wish: Wish) -> Result<Found, Refusal> {
    let granted = stream.granted(&wish);
    let wish = match unsuited(stream, &granted).await? {
        None => wish,
        Some((size, _)) => {
            let other = suitable(wish, size);
            match unsuited(stream, &stream.granted(&other)).await? {
                None => other,
                Some((_, why)) => return Err(Refusal::Unsuited(why)),
            }
        }
    };
    let mut warm = chunks(stream, &containers::JPEG, &stream.granted(&wish))?;
    match warm.next().await {
        Ok(_) => Ok((wish, Video::Jpeg, warm)),
        Err(_) => Err(ViewError::Ended(stream.id().clone()).into()),
    }
}

/// Why RTP cannot carry the JPEGs of this wish, and their size.
async fn unsuited(
    stream: &Arc<Stream>,
    wish: &Wish,
) -> Result<Option<(Resolution, String)>, Refusal> {
    let mut packets = stream.packets(wish)?;
    loop {
        let Ok(item) = packets.next().await else {
            return Err(ViewError::Ended(stream.id().clone()).into());
        };
        match item.value.codec {
            Codec::Jpeg => {
                let scan = jpeg::Scan::of(&item.value.data);
                return Ok(scan
                    .err()
                    .map(|why| (item.value.resolution, why.to_string())));
            }
            // The source has just come to be coded otherwise.
            Codec::H264 => packets = stream.packets(wish)?,
        }
    }
}

/// The wish with pictures that are made here, and small enough.
fn suitable(wish: Wish, size: Resolution) -> Wish {
    let (width, height) = (u64::from(size.width()), u64::from(size.height()));
    let most = u64::from(MAX_JPEG_SIDE).min(height);
    let by_width = height * u64::from(MAX_JPEG_SIDE) / width.max(1);
    let most = u32::try_from(most.min(by_width)).unwrap_or(MAX_JPEG_SIDE);
    Wish {
        jpeg_quality: wish.jpeg_quality.or(Some(JpegQuality::DEFAULT)),
        height: Some(wish.height.map_or(most, |height| height.min(most))),
        ..wish
    }
}
