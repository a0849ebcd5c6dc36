//! What a player must know of a track of sound.

use eyeline_media::{AudioCodec, AudioFormat};

use super::boxes::{put, put_full, u16s, u32s};

/// Longer configurations of AAC are none that a player would take; and the lengths of what is
/// around it then fit into one byte each.
const MOST_CONFIG_BYTES: usize = 64;
/// Of Opus every time counts in samples of this rate (Opus in ISOBMFF, 4.3.2).
const OPUS_HZ: u32 = 48_000;

/// A format that MP4 carries and players take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    kind: Kind,
    channels: u8,
    timescale: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Aac {
        object_type: u8,
        config: Vec<u8>,
    },
    /// What its specific box holds.
    Opus(Vec<u8>),
}

impl Audio {
    /// Of a format; `None` if it cannot be carried (G.711), or its configuration says nothing.
    #[must_use]
    pub fn of(format: &AudioFormat) -> Option<Self> {
        let kind = match format.codec {
            AudioCodec::Aac => Kind::Aac {
                object_type: object_type(&format.config)?,
                config: format.config.to_vec(),
            },
            AudioCodec::Opus => Kind::Opus(opus_specific(format)?),
            AudioCodec::Pcmu | AudioCodec::Pcma => return None,
        };
        let timescale = match kind {
            Kind::Aac { .. } => format.sample_rate,
            Kind::Opus(_) => OPUS_HZ,
        };
        (timescale > 0 && format.channels > 0).then_some(Self {
            kind,
            channels: format.channels,
            timescale,
        })
    }

    /// The codec as RFC 6381, 3.3 names it, such as `mp4a.40.2`.
    #[must_use]
    pub fn codec(&self) -> String {
        match &self.kind {
            Kind::Aac { object_type, .. } => format!("mp4a.40.{object_type}"),
            Kind::Opus(_) => "opus".to_owned(),
        }
    }

    /// Ticks a second of the times of its track: one a sample.
    #[must_use]
    pub const fn timescale(&self) -> u32 {
        self.timescale
    }

    /// Channels.
    #[must_use]
    pub const fn channels(&self) -> u8 {
        self.channels
    }

    /// ISO/IEC 14496-12, 12.2.3.
    pub(super) fn put_sample_entry(&self, out: &mut Vec<u8>) {
        let name = match self.kind {
            Kind::Aac { .. } => b"mp4a",
            Kind::Opus(_) => b"Opus",
        };
        put(out, name, |out| {
            u16s(out, &[0, 0, 0, 1]);
            u32s(out, &[0; 2]);
            u16s(out, &[u16::from(self.channels), 16, 0, 0]);
            // In 16 bits and 16 of a fraction; what does not fit is in the configuration.
            let rate = u16::try_from(self.timescale).unwrap_or_default();
            u32s(out, &[u32::from(rate) << 16]);
            match &self.kind {
                Kind::Aac { config, .. } => put_full(out, b"esds", 0, 0, |out| {
                    put_descriptors(out, config);
                }),
                Kind::Opus(specific) => {
                    put(out, b"dOps", |out| out.extend_from_slice(specific));
                }
            }
        });
    }
}

/// The audio object type that an `AudioSpecificConfig` begins with (ISO/IEC 14496-3, 1.6.2.1).
fn object_type(config: &[u8]) -> Option<u8> {
    let [first, second, ..] = *config else {
        return None;
    };
    let object_type = match first >> 3 {
        31 => 32 + ((first & 7) << 3 | second >> 5),
        short => short,
    };
    (config.len() <= MOST_CONFIG_BYTES && object_type > 0).then_some(object_type)
}

/// ISO/IEC 14496-1, 7.2.6: the elementary stream, how it is decoded, and that it is in MP4.
fn put_descriptors(out: &mut Vec<u8>, config: &[u8]) {
    const MPEG4_AUDIO: u8 = 0x40;
    /// An audio stream; the last bit is reserved.
    const AUDIO_STREAM: u8 = 5 << 2 | 1;
    let config_bytes = config.len() as u8;
    let decoder_bytes = 13 + 2 + config_bytes;
    out.extend_from_slice(&[3, 3 + 2 + decoder_bytes + 3, 0, 0, 0]);
    // Neither buffer nor bit rates are known.
    out.extend_from_slice(&[4, decoder_bytes, MPEG4_AUDIO, AUDIO_STREAM]);
    out.extend_from_slice(&[0; 11]);
    out.extend_from_slice(&[5, config_bytes]);
    out.extend_from_slice(config);
    out.extend_from_slice(&[6, 1, 2]);
}

/// What `dOps` says (Opus in ISOBMFF, 4.3.2): as in the identification header, but big-endian.
fn opus_specific(format: &AudioFormat) -> Option<Vec<u8>> {
    let mut specific = vec![0];
    let Some(head) = format.config.strip_prefix(b"OpusHead") else {
        // One stream, of one or two channels: RTP does without a header (RFC 7587, 7).
        specific.extend_from_slice(&[format.channels, 0, 0]);
        u32s(&mut specific, &[OPUS_HZ]);
        specific.extend_from_slice(&[0, 0, 0]);
        return (format.config.is_empty() && format.channels <= 2).then_some(specific);
    };
    let (fixed, mapping) = head.split_first_chunk::<11>()?;
    let [_version, channels, skip0, skip1, rate @ .., _, _, _] = *fixed;
    let [gain0, gain1, family] = [fixed[8], fixed[9], fixed[10]];
    specific.extend_from_slice(&[channels, skip1, skip0]);
    u32s(&mut specific, &[u32::from_le_bytes(rate)]);
    specific.extend_from_slice(&[gain1, gain0, family]);
    if family != 0 {
        specific.extend_from_slice(mapping.get(..2 + usize::from(channels))?);
    }
    Some(specific)
}
