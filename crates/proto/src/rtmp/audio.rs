//! Messages of audio: AAC, Opus and G.711 in them.

use std::sync::Arc;

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat};

use super::flv::{TagError, audio_codec, enhanced, four_characters};
use super::limits::MAX_AUDIO_CONFIG_BYTES;

/// The numbers among the kinds of sound.
pub(super) const ALAW: u8 = 7;
pub(super) const ULAW: u8 = 8;
pub(super) const ENHANCED: u8 = 9;
pub(super) const AAC: u8 = 10;
/// The only rate that G.711 has here.
pub(super) const G711_HZ: u32 = 8_000;

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// How what follows is coded.
    Format(Arc<AudioFormat>),
    /// How it is coded, samples of each channel, and the bytes.
    Piece(Arc<AudioFormat>, u32, Bytes),
}

/// Reads sound from messages.
#[derive(Debug, Default)]
pub(super) struct Sound {
    format: Option<Arc<AudioFormat>>,
    /// Samples of an access unit of AAC.
    frame: u32,
}

impl Sound {
    /// The sound in a message, or how it will be coded.
    ///
    /// # Errors
    /// [`TagError`]; of these only [`TagError::Audio`] holds for all that follow.
    pub(super) fn read(&mut self, payload: &Bytes) -> Result<Option<Heard>, TagError> {
        let Some((&first, rest)) = payload.split_first() else {
            return Ok(None);
        };
        match first >> 4 {
            AAC => match rest.split_first() {
                Some((0, config)) => self.configure_aac(config),
                Some((1, data)) => Ok(self.aac(payload.slice_ref(data))),
                _ => Ok(None),
            },
            law @ (ALAW | ULAW) => {
                let codec = if law == ALAW {
                    AudioCodec::Pcma
                } else {
                    AudioCodec::Pcmu
                };
                let channels = 1 + (first & 1);
                self.take(codec, G711_HZ, channels, &[]);
                Ok(self.piece(
                    rest.len() as u32 / u32::from(channels),
                    payload.slice_ref(rest),
                ))
            }
            ENHANCED => self.read_enhanced(first, payload),
            other => Err(TagError::Audio(audio_codec(other))),
        }
    }

    fn read_enhanced(&mut self, first: u8, payload: &Bytes) -> Result<Option<Heard>, TagError> {
        let (kind, code, data) = enhanced(first, &payload[1..]).ok_or(TagError::Malformed(
            "its header is cut short, or it has several tracks",
        ))?;
        match (kind, &code) {
            (0, b"mp4a") => self.configure_aac(data),
            (1, b"mp4a") => Ok(self.aac(payload.slice_ref(data))),
            (0, b"Opus") => {
                check_length(data)?;
                // RFC 7845, 5.1.
                let channels = data.get(9).copied().unwrap_or(2);
                self.take(AudioCodec::Opus, 48_000, channels, data);
                Ok(self.format.clone().map(Heard::Format))
            }
            (1, b"Opus") => {
                if !self.is(AudioCodec::Opus) {
                    self.take(AudioCodec::Opus, 48_000, 2, &[]);
                }
                Ok(self.piece(opus_samples(data), payload.slice_ref(data)))
            }
            (_, b"mp4a" | b"Opus") => Ok(None),
            _ => Err(TagError::Audio(four_characters(code))),
        }
    }

    fn configure_aac(&mut self, config: &[u8]) -> Result<Option<Heard>, TagError> {
        check_length(config)?;
        let Aac {
            sample_rate,
            channels,
            samples,
        } = Aac::read(config).ok_or(TagError::Malformed("the configuration of AAC is wrong"))?;
        self.frame = samples;
        self.take(AudioCodec::Aac, sample_rate, channels, config);
        Ok(self.format.clone().map(Heard::Format))
    }

    fn aac(&self, data: Bytes) -> Option<Heard> {
        self.is(AudioCodec::Aac)
            .then(|| self.piece(self.frame, data))?
    }

    fn is(&self, codec: AudioCodec) -> bool {
        self.format
            .as_ref()
            .is_some_and(|format| format.codec == codec)
    }

    fn take(&mut self, codec: AudioCodec, sample_rate: u32, channels: u8, config: &[u8]) {
        let same = self.format.as_ref().is_some_and(|format| {
            let known = (format.codec, format.sample_rate, format.channels);
            known == (codec, sample_rate, channels) && format.config == config
        });
        if !same {
            let config = Bytes::copy_from_slice(config);
            self.format = Some(Arc::new(AudioFormat {
                codec,
                sample_rate,
                channels,
                config,
            }));
        }
    }

    fn piece(&self, samples: u32, data: Bytes) -> Option<Heard> {
        let format = self.format.clone()?;
        (samples > 0 && !data.is_empty()).then_some(Heard::Piece(format, samples, data))
    }
}

fn check_length(config: &[u8]) -> Result<(), TagError> {
    if config.len() > MAX_AUDIO_CONFIG_BYTES {
        return Err(TagError::Malformed(
            "the configuration of its sound is too long",
        ));
    }
    Ok(())
}

/// What an `AudioSpecificConfig` begins with (ISO/IEC 14496-3, 1.6.2.1).
struct Aac {
    sample_rate: u32,
    channels: u8,
    samples: u32,
}

impl Aac {
    fn read(config: &[u8]) -> Option<Self> {
        const RATES: [u32; 13] = [
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
            8_000, 7_350,
        ];
        let mut bits = Bits {
            bytes: config,
            at: 0,
        };
        if bits.take(5)? == 31 {
            bits.take(6)?;
        }
        let sample_rate = match bits.take(4)? {
            15 => bits.take(24)?,
            index => *RATES.get(index as usize)?,
        };
        let channels = match bits.take(4)? {
            // They are described elsewhere.
            0 => 2,
            7 => 8,
            channels => channels as u8,
        };
        // The flag says that frames are of 960.
        let samples = if bits.take(1).unwrap_or_default() == 1 {
            960
        } else {
            1_024
        };
        (sample_rate > 0).then_some(Self {
            sample_rate,
            channels,
            samples,
        })
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for at in self.at..self.at + count {
            let byte = self.bytes.get(at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - at % 8) & 1);
        }
        self.at += count;
        Some(value)
    }
}

/// Samples of each channel in a packet, at 48 kHz (RFC 6716, 3.1).
fn opus_samples(packet: &[u8]) -> u32 {
    let Some(&toc) = packet.first() else { return 0 };
    let frame = match toc >> 3 {
        silk @ 0..12 => [480, 960, 1_920, 2_880][usize::from(silk % 4)],
        hybrid @ 12..16 => [480, 960][usize::from(hybrid % 2)],
        celt => [120, 240, 480, 960][usize::from(celt % 4)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1).copied().unwrap_or_default() & 0x3f),
    };
    // No packet is longer than 120 ms.
    (frame * frames).min(5_760)
}
