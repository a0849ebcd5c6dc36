//! What a medium of a description means to us.

use std::num::NonZeroU32;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat};

use super::read::Media;
use crate::rtp::Depacketizer;
use crate::rtp::aac::Layout;
use crate::rtp::latm::MuxConfig;

/// Most bits of a number in the headers of AAC that is believed.
const MAX_BITS: u32 = 32;

/// A medium that can be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// The type of its packets.
    pub payload_type: u8,
    /// Ticks of its clock in a second.
    pub hz: NonZeroU32,
    /// How it is coded.
    pub coded: Coded,
    layout: Layout,
    /// How its access units are multiplexed, if they are.
    mux: Option<MuxConfig>,
}

/// How a track is coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coded {
    /// H.264, with the parameter sets that the description brings.
    H264(Vec<Bytes>),
    /// Sound.
    Sound(Arc<AudioFormat>),
}

/// Why a medium is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Not a codec that is taken.
    #[error("{kind} in {codec} is not taken; send H.264, and sound in AAC, Opus or G.711")]
    Codec {
        /// `video`, `audio` or another.
        kind: String,
        /// The name of the codec.
        codec: String,
    },
    /// A way to lay it out that is not taken.
    #[error("{0}")]
    Layout(&'static str),
}

impl Track {
    /// What this medium is.
    ///
    /// # Errors
    /// [`Unsupported`] says why it is not taken.
    pub fn of(media: &Media) -> Result<Self, Unsupported> {
        let unsupported = || {
            let cut = |text: &str| text.chars().take(20).collect::<String>();
            Unsupported::Codec {
                kind: cut(&media.kind),
                codec: if media.encoding.is_empty() {
                    format!("payload type {}", media.payload_type)
                } else {
                    cut(&media.encoding)
                },
            }
        };
        let (mut layout, mut mux) = (Layout::default(), None);
        let coded = match (media.kind.as_str(), media.encoding.as_str()) {
            ("video", "H264") => Coded::H264(sets(media)?),
            ("audio", "MPEG4-GENERIC") => {
                layout = aac_layout(media)?;
                Coded::Sound(aac(media)?)
            }
            ("audio", "MP4A-LATM") => {
                let config = latm(media)?;
                let format = aac_of(media, config.channels, config.audio.clone());
                mux = Some(config);
                Coded::Sound(format)
            }
            ("audio", "OPUS") => sound(AudioCodec::Opus, media, Bytes::new()),
            ("audio", "PCMU") => sound(AudioCodec::Pcmu, media, Bytes::new()),
            ("audio", "PCMA") => sound(AudioCodec::Pcma, media, Bytes::new()),
            _ => return Err(unsupported()),
        };
        let usual = if media.kind == "video" { 90_000 } else { 8_000 };
        let rate = match &coded {
            Coded::Sound(format) if format.codec == AudioCodec::Opus => 48_000,
            _ if media.clock_rate == 0 => usual,
            _ => media.clock_rate,
        };
        Ok(Self {
            payload_type: media.payload_type,
            hz: NonZeroU32::new(rate).ok_or_else(unsupported)?,
            coded,
            layout,
            mux,
        })
    }

    /// What takes its packets apart.
    #[must_use]
    pub fn depacketizer(&self) -> Depacketizer {
        match &self.coded {
            Coded::H264(sets) => Depacketizer::h264(sets.iter().map(|set| &set[..])),
            Coded::Sound(format) => match format.codec {
                AudioCodec::Aac => match &self.mux {
                    Some(mux) => Depacketizer::latm(mux),
                    None => Depacketizer::aac(self.layout, &format.config),
                },
                AudioCodec::Opus => Depacketizer::opus(),
                AudioCodec::Pcmu | AudioCodec::Pcma => Depacketizer::g711(format.channels),
            },
        }
    }
}

fn sets(media: &Media) -> Result<Vec<Bytes>, Unsupported> {
    if media.parameter("packetization-mode") == Some("2") {
        return Err(Unsupported::Layout(
            "H.264 in packetization-mode 2 is not taken; use 0 or 1 (RFC 6184, 5.4)",
        ));
    }
    let sets = media.parameter("sprop-parameter-sets").unwrap_or_default();
    let sets = sets
        .split(',')
        .filter_map(|set| BASE64.decode(set.trim()).ok());
    Ok(sets
        .map(Bytes::from)
        .filter(|set| !set.is_empty())
        .collect())
}

fn sound(codec: AudioCodec, media: &Media, config: Bytes) -> Coded {
    let sample_rate = match codec {
        AudioCodec::Opus => 48_000,
        _ => media.clock_rate.max(1),
    };
    // What Opus says there is always 2 (RFC 7587, 7); how many it has, it may say beside it.
    let mono = codec == AudioCodec::Opus && media.parameter("sprop-stereo") != Some("1");
    Coded::Sound(Arc::new(AudioFormat {
        codec,
        sample_rate,
        channels: if mono { 1 } else { media.channels.max(1) },
        config,
    }))
}

fn aac_layout(media: &Media) -> Result<Layout, Unsupported> {
    let mode = media.parameter("mode").unwrap_or("AAC-hbr");
    if !mode.eq_ignore_ascii_case("AAC-hbr") && !mode.eq_ignore_ascii_case("AAC-lbr") {
        return Err(Unsupported::Layout(
            "of MPEG-4 sound only AAC is taken, in the mode AAC-hbr or AAC-lbr (RFC 3640)",
        ));
    }
    let bits = |name: &str| {
        let value = media.parameter(name).and_then(|text| text.parse().ok());
        value.unwrap_or(0).min(MAX_BITS)
    };
    Ok(Layout {
        size_length: bits("sizelength"),
        index_length: bits("indexlength"),
        index_delta_length: bits("indexdeltalength"),
    })
}

fn aac(media: &Media) -> Result<Arc<AudioFormat>, Unsupported> {
    let config = media.parameter("config").and_then(from_hex);
    let config = config.filter(|config| config.len() >= 2);
    let config = config.ok_or(Unsupported::Layout(
        "AAC without its configuration is not taken; say config=… in the description (RFC 3640, 4.1)",
    ))?;
    Ok(aac_of(media, media.channels, config))
}

fn aac_of(media: &Media, channels: u8, config: Bytes) -> Arc<AudioFormat> {
    Arc::new(AudioFormat {
        codec: AudioCodec::Aac,
        sample_rate: media.clock_rate.max(1),
        channels: channels.max(1),
        config,
    })
}

/// How AAC is multiplexed (RFC 6416, 7.3): unless it is said that it is not, the configuration comes among the
/// packets.
fn latm(media: &Media) -> Result<MuxConfig, Unsupported> {
    if media.parameter("cpresent") != Some("0") {
        return Err(Unsupported::Layout(
            "MP4A-LATM is taken with its configuration in the description only; say cpresent=0; config=… \
             (RFC 6416, 7.3), or use MPEG4-GENERIC (RFC 3640)",
        ));
    }
    let config = media.parameter("config").and_then(from_hex);
    let config = config.and_then(|config| MuxConfig::parse(&config));
    config.ok_or(Unsupported::Layout(
        "the configuration of MP4A-LATM is not that of one programme of AAC; use MPEG4-GENERIC (RFC 3640)",
    ))
}

fn from_hex(text: &str) -> Option<Bytes> {
    let digits: Option<Vec<u8>> = text
        .trim_matches('"')
        .chars()
        .map(|c| u8::try_from(c.to_digit(16)?).ok())
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}
