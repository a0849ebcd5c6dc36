//! One elementary stream of sound.

use std::sync::Arc;

use bytes::{Buf as _, Bytes, BytesMut};
use eyeline_media::{AudioCodec, AudioFormat, MediaTime};

use super::continuity::{Continuity, Place};
use super::demux::{Clock, Sound};
use super::limits::MAX_SOUND_BYTES;
use super::packet::Packet;
use super::pes::{Pes, Whole};
use super::tables::{Elementary, Kind};
use super::{HZ, adts, opus};

/// What is read of it so far.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) elementary: Elementary,
    continuity: Continuity,
    pes: Pes,
    /// From the start of a frame on, or of what is hoped to be one.
    buffer: BytesMut,
    /// When the first frame of the buffer is heard: ticks, and samples since.
    time: Option<(i64, u64)>,
    format: Option<Arc<AudioFormat>>,
}

impl Track {
    pub(super) fn new(elementary: Elementary) -> Self {
        Self {
            elementary,
            continuity: Continuity::new(),
            pes: Pes::default(),
            buffer: BytesMut::new(),
            time: None,
            format: None,
        }
    }

    /// Takes a packet, and gives the frames that it completes; how many packets are missing before it.
    pub(super) fn packet(
        &mut self,
        packet: &Packet<'_>,
        payload: &[u8],
        clock: &mut Clock,
        mut give: impl FnMut(Sound),
    ) -> u8 {
        let missing = match self.continuity.place(packet, payload) {
            Place::Next => 0,
            Place::Again => return 0,
            Place::Behind(missing) => {
                self.pes.give_up();
                self.buffer.clear();
                missing.max(1)
            }
        };
        if packet.starts {
            // One without a length ends here.
            if let Some(whole) = self.pes.take() {
                self.read(whole, clock, &mut give);
            }
            self.pes.begin(payload);
        } else {
            self.pes.push(payload);
        }
        if self.pes.is_complete() {
            if let Some(whole) = self.pes.take() {
                self.read(whole, clock, &mut give);
            }
        } else if self.pes.len() > MAX_SOUND_BYTES {
            self.pes.give_up();
        }
        missing
    }

    fn read(&mut self, whole: Whole, clock: &mut Clock, give: &mut impl FnMut(Sound)) {
        let left = self.buffer.len();
        let begins = whole.present.map(|present| clock.ticks(present));
        if left == 0
            && let Some(ticks) = begins
        {
            self.time = Some((ticks, 0));
        }
        self.buffer.extend_from_slice(&whole.payload);
        let len = self.buffer.len();
        let mut begins = begins.filter(|_| left > 0);
        while let Some(frame) = self.next() {
            // The time is that of the first frame that begins in what came.
            if len - self.buffer.len() - frame.bytes >= left
                && let Some(ticks) = begins.take()
            {
                self.time = Some((ticks, 0));
            }
            if let Some(sound) = self.timed(frame) {
                give(sound);
            }
        }
        if self.buffer.len() > MAX_SOUND_BYTES {
            self.buffer.clear();
        }
    }

    fn timed(&mut self, frame: Frame) -> Option<Sound> {
        let (ticks, since) = self.time.as_mut()?;
        let rate = frame.format.sample_rate;
        let later = MediaTime::of_ticks(*since as i64, rate.try_into().ok()?);
        let nanos = MediaTime::of_ticks(*ticks, HZ).as_nanos();
        *since += u64::from(frame.samples);
        Some(Sound {
            format: frame.format,
            at: MediaTime::from_nanos(nanos.saturating_add(later.as_nanos())),
            samples: frame.samples,
            data: frame.data,
        })
    }

    /// The next frame of the buffer, if it is whole.
    fn next(&mut self) -> Option<Frame> {
        match self.elementary.kind {
            Kind::Opus(channels) => self.next_opus(channels),
            _ => self.next_aac(),
        }
    }

    fn next_aac(&mut self) -> Option<Frame> {
        loop {
            let head = self.buffer.first_chunk()?;
            let Some(header) = adts::Header::parse(head) else {
                self.buffer.advance(1);
                continue;
            };
            if self.buffer.len() < header.frame_bytes {
                return None;
            }
            let mut data = self.buffer.split_to(header.frame_bytes);
            data.advance(header.header_bytes);
            let is_same = |format: &&Arc<AudioFormat>| format.config[..] == header.config;
            let same = self.format.as_ref().filter(is_same).cloned();
            let format = same.unwrap_or_else(|| {
                self.keep(AudioFormat {
                    codec: AudioCodec::Aac,
                    sample_rate: header.sample_rate,
                    channels: header.channels,
                    config: Bytes::copy_from_slice(&header.config),
                })
            });
            return Some(Frame {
                bytes: header.frame_bytes,
                samples: adts::SAMPLES,
                format,
                data: data.freeze(),
            });
        }
    }

    fn next_opus(&mut self, channels: u8) -> Option<Frame> {
        let Some((from, to)) = opus::packet(&self.buffer) else {
            // Packets are aligned to those of the elementary stream: what cannot be read is left out.
            self.buffer.clear();
            return None;
        };
        let data = self.buffer.split_to(to).freeze().slice(from..);
        let samples = opus::samples(&data)?;
        let format = self.format.clone().unwrap_or_else(|| {
            self.keep(AudioFormat {
                codec: AudioCodec::Opus,
                sample_rate: opus::RATE,
                channels,
                config: opus::head(channels).unwrap_or_default().into(),
            })
        });
        Some(Frame {
            bytes: to,
            samples,
            format,
            data,
        })
    }

    fn keep(&mut self, format: AudioFormat) -> Arc<AudioFormat> {
        Arc::clone(self.format.insert(Arc::new(format)))
    }
}

/// A frame without its time.
struct Frame {
    /// Bytes that it took.
    bytes: usize,
    samples: u32,
    format: Arc<AudioFormat>,
    data: Bytes,
}
