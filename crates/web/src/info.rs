//! What is told of streams and viewers, in JSON's words.

use eyeline_hub::{Coding, RenditionStats, State, StreamStats, ViewerStats, Wish};
use eyeline_media::{AudioFormat, Codec, Resolution, Timestamp};
use eyeline_source::{Definition, Origin};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::definition::QualityName;
use crate::app::Server;

/// A stream. May grow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Info {
    /// Its name in addresses.
    #[schema(example = "front")]
    stream_id: String,
    /// Its name for people.
    name: Option<String>,
    /// Where the pictures come from, without passwords.
    source: String,
    /// What viewers get who do not ask for a quality.
    quality: QualityName,
    /// Whether pictures come now.
    is_active: bool,
    /// How the source's pictures are coded; `null` until the first came.
    codec: Option<CodecName>,
    /// How the source is doing.
    state: StateName,
    /// Why it is away.
    reason: Option<String>,
    /// Since when it is live or away.
    #[schema(format = DateTime)]
    state_since: Option<String>,
    /// Viewers now.
    viewer_count: usize,
    /// Pictures that came from the source.
    frame_count: u64,
    /// Bytes of those pictures.
    byte_count: u64,
    /// Frames a second that come now.
    fps: f64,
    /// Bits a second that come now.
    bitrate_bps: u64,
    /// How the source's sound is coded, which outputs pass on that can carry it; `null` if it has
    /// none, or none that can be passed on.
    audio: Option<Sound>,
    /// Times of pictures that jumped or stood still, and were put right.
    times_repaired: u64,
    /// Packets of the network that were lost on the way from the source.
    packets_lost: u64,
    /// Re-encoded renditions being made now.
    renditions: usize,
    /// Each of them.
    rendition_details: Vec<Rendition>,
    /// When the stream was made.
    #[schema(format = DateTime)]
    start_time: Option<String>,
    /// Who wanted it.
    origin: Option<OriginName>,
    /// Whether it is made again after a restart as it is now.
    kept: bool,
    /// Whether the source is open only while somebody looks; `null` is the source's own way.
    on_demand: Option<bool>,
    /// How the pictures are.
    settings: Pictures,
    /// How they were asked to be; `null` where that was left open.
    requested: Requested,
}

/// How pictures are coded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CodecName {
    /// JPEGs, one after the other.
    Mjpeg,
    /// H.264; outputs that carry only JPEGs get JPEGs of it.
    H264,
}

/// How sound is coded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sound {
    /// FFmpeg's name of the codec.
    #[schema(example = "aac")]
    codec: &'static str,
    /// Samples a second of each channel.
    sample_rate: u32,
    /// Channels.
    channels: u8,
}

/// A rendition that is being made. May grow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rendition {
    /// How it is coded.
    codec: CodecName,
    /// Most lines; `null` is as many as the source has.
    height: Option<u32>,
    /// Most frames a second; `null` is as many as the source has.
    fps: Option<u8>,
    /// Quality of its JPEGs.
    jpeg_quality: Option<u8>,
    /// Bits a second that were asked for; `null` is as many as suit its size.
    bitrate_bps: Option<u32>,
    /// What encodes its H.264: `openh264`, or `command`, the configured one.
    encoder: Option<&'static str>,
    /// What is made less of, as encoding takes longer than there is time: `complexity`,
    /// `frame_rate` (and complexity), or `height` (and both); `null` if nothing is.
    reduced: Option<&'static str>,
}

/// How a source is doing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StateName {
    /// Not running, because nobody looks.
    Idle,
    /// Being opened.
    Starting,
    /// Pictures come.
    Live,
    /// No pictures come; it goes on by itself.
    Away,
}

/// Who wanted a stream.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OriginName {
    /// The configuration or the command line.
    Configuration,
    /// Somebody who used this API.
    Api,
    /// Somebody who published without asking before.
    Publisher,
}

/// How pictures are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pictures {
    width: Option<u32>,
    height: Option<u32>,
    /// The source's own rate, to a whole number.
    fps: Option<u32>,
    /// Of what is encoded; unknown as long as the source is passed on untouched.
    jpeg_quality: Option<u8>,
}

/// How pictures were asked to be.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Requested {
    quality: Option<QualityName>,
    fps: Option<u8>,
    size: Option<String>,
    jpeg_quality: Option<u8>,
}

impl Info {
    /// All that is known of a stream.
    pub(crate) fn of(server: &Server, stats: StreamStats) -> Self {
        let definition = server.app.streams.definition(&stats.id);
        Self::new(stats, definition.as_ref())
    }

    fn new(stats: StreamStats, definition: Option<&Definition>) -> Self {
        let (reason, since) = match &stats.state {
            State::Idle | State::Starting => (None, None),
            State::Live { since } => (None, Some(*since)),
            State::Away { reason, since } => (Some(reason.clone()), Some(*since)),
        };
        let profile = stats.profile;
        let quality = profile.defaults.quality.unwrap_or_default();
        Self {
            stream_id: stats.id.to_string(),
            name: profile.name,
            source: profile.source,
            quality: QualityName::of(quality),
            is_active: matches!(stats.state, State::Live { .. }),
            codec: stats.codec.map(CodecName::of),
            state: StateName::of(&stats.state),
            reason,
            state_since: since.and_then(rfc3339),
            viewer_count: stats.viewers,
            frame_count: stats.frames,
            byte_count: stats.bytes,
            fps: tenths(stats.fps),
            bitrate_bps: stats.bitrate_bps,
            audio: stats.audio.as_deref().map(Sound::of),
            times_repaired: stats.faults.times_repaired,
            packets_lost: stats.faults.packets_lost,
            renditions: stats.renditions.len(),
            rendition_details: stats.renditions.into_iter().map(Rendition::of).collect(),
            start_time: rfc3339(stats.since),
            origin: definition.map(|definition| OriginName::of(definition.origin)),
            kept: definition.is_some_and(|definition| definition.origin == Origin::Api),
            on_demand: definition.and_then(|definition| definition.options.on_demand),
            settings: Pictures {
                width: stats.resolution.map(Resolution::width),
                height: stats.resolution.map(Resolution::height),
                fps: (stats.fps > 0.0).then(|| stats.fps.round() as u32),
                jpeg_quality: profile.defaults.jpeg_quality.map(|quality| quality.get()),
            },
            requested: definition.map(Requested::of).unwrap_or_default(),
        }
    }
}

impl Rendition {
    fn of(stats: RenditionStats) -> Self {
        let RenditionStats { key, making } = stats;
        let (jpeg_quality, bitrate) = match key.coding {
            Coding::Jpeg(quality) => (Some(quality.get()), None),
            Coding::H264(bitrate) => (None, bitrate),
        };
        Self {
            codec: CodecName::of(key.codec()),
            height: key.height,
            fps: key.fps.map(|fps| fps.get()),
            jpeg_quality,
            bitrate_bps: bitrate.map(|bitrate| bitrate.get()),
            encoder: making.encoder,
            reduced: making.reduced,
        }
    }
}

impl Requested {
    fn of(definition: &Definition) -> Self {
        let wish = &definition.defaults;
        Self {
            quality: wish.quality.map(QualityName::of),
            fps: wish.fps.map(|fps| fps.get()),
            size: definition.size.map(|size| size.to_string()),
            jpeg_quality: wish.jpeg_quality.map(|quality| quality.get()),
        }
    }
}

impl Sound {
    fn of(format: &AudioFormat) -> Self {
        Self {
            codec: format.codec.name(),
            sample_rate: format.sample_rate,
            channels: format.channels,
        }
    }
}

impl CodecName {
    fn of(codec: Codec) -> Self {
        match codec {
            Codec::Jpeg => Self::Mjpeg,
            Codec::H264 => Self::H264,
        }
    }
}

impl StateName {
    fn of(state: &State) -> Self {
        match state {
            State::Idle => Self::Idle,
            State::Starting => Self::Starting,
            State::Live { .. } => Self::Live,
            State::Away { .. } => Self::Away,
        }
    }
}

impl OriginName {
    fn of(origin: Origin) -> Self {
        match origin {
            Origin::Configuration => Self::Configuration,
            Origin::Api => Self::Api,
            Origin::Publisher => Self::Publisher,
        }
    }
}

/// A viewer's account. May grow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Viewer {
    /// Number within the stream.
    id: u64,
    /// Address of the other end.
    remote: String,
    /// By which way it looks.
    #[schema(example = "websocket")]
    transport: &'static str,
    /// What its program says it is.
    agent: Option<String>,
    /// Since when it looks.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Pictures handed to its connection.
    frames: u64,
    /// Bytes handed to its connection.
    bytes: u64,
    /// Pictures left out because it was too slow.
    skipped: u64,
    /// Pictures a second, now.
    fps: f64,
    /// Bits a second, now.
    rate_bps: u64,
    /// What the link can carry, in bits a second, where that is known.
    bandwidth_bps: Option<u64>,
    /// What it asked for.
    wish: Wished,
    /// The quality that is sent.
    quality: QualityName,
    /// Why that is less than the wish: `slow_link`, or `null` if it is not.
    reason: Option<&'static str>,
    /// Age of the picture on display as its program reports it, in milliseconds.
    age_ms: Option<f64>,
    /// Pictures displayed a second, as its program reports.
    displayed_fps: Option<f64>,
    /// Pictures its program got and did not display.
    dropped: u64,
}

/// What was asked for; `null` was left to the stream.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Wished {
    quality: Option<QualityName>,
    fps: Option<u8>,
    jpeg_quality: Option<u8>,
    codec: Option<CodecName>,
    bitrate_bps: Option<u32>,
}

impl From<Wish> for Wished {
    fn from(wish: Wish) -> Self {
        Self {
            quality: wish.quality.map(QualityName::of),
            fps: wish.fps.map(|fps| fps.get()),
            jpeg_quality: wish.jpeg_quality.map(|quality| quality.get()),
            codec: wish.codec.map(CodecName::of),
            bitrate_bps: wish.bitrate.map(|bitrate| bitrate.get()),
        }
    }
}

impl From<ViewerStats> for Viewer {
    fn from(stats: ViewerStats) -> Self {
        let sent = stats.delivery.sent.quality.unwrap_or_default();
        Self {
            id: stats.id,
            remote: stats.info.remote.to_string(),
            transport: stats.info.transport,
            agent: stats.info.agent,
            since: rfc3339(stats.since),
            frames: stats.frames,
            bytes: stats.bytes,
            skipped: stats.skipped,
            fps: tenths(stats.fps),
            rate_bps: stats.rate_bps,
            bandwidth_bps: stats.bandwidth_bps,
            wish: stats.delivery.wish.into(),
            quality: QualityName::of(sent),
            reason: stats.delivery.reason,
            age_ms: stats.feedback.age_ms.map(tenths),
            displayed_fps: stats.feedback.fps.map(tenths),
            dropped: stats.feedback.dropped,
        }
    }
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// A time as RFC 3339 writes it, in UTC, to the millisecond.
pub(crate) fn rfc3339(time: Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).ok()?;
    Some(format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_to_the_millisecond() {
        let time = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(rfc3339(time).as_deref(), Some("2023-11-14T22:13:20.123Z"));
    }
}
