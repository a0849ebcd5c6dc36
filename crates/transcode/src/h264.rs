//! Makes the packets of an H.264 rendition: which pictures are encoded, at which size and rate, and
//! which of them are key pictures.
//!
//! Not here: the thread it runs on (`rendition`), and the encoders.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use eyeline_clock::SharedClock;
use eyeline_hub::{Bitrate, Coding, Making, Pace, RenditionKey};
use eyeline_media::{Codec, Packet, Resolution, Timestamp};
use eyeline_sys_codec::{Coded, Error, H264Encoder, H264Settings};

use crate::encoders::{Encode, MakeEncoder, Taken};
use crate::load::{Effort, Load};
use crate::pictures::Pictures;

/// From one key picture to the next when nobody asks for one: seldom, as each takes many times the
/// bits of another.
const KEY_INTERVAL: Duration = Duration::from_secs(10);
/// Frames a second of a source of which nothing is known yet.
const UNKNOWN_FPS: f32 = 30.0;
/// A rate that differs from the encoder's by more than this part is told to it, at most so often.
const OTHER_RATE: f32 = 0.2;
const TELL_EVERY: Duration = Duration::from_secs(2);
/// Lines of the smaller pictures that an encoder makes that cannot keep up.
const STEPS: [u32; 6] = [1080, 720, 480, 360, 240, 180];

/// Makes the packets of one rendition.
pub(crate) struct Maker {
    name: String,
    key: RenditionKey,
    clock: SharedClock,
    encoders: Arc<dyn MakeEncoder>,
    pictures: Pictures,
    running: Option<Running>,
    pace: Option<Pace>,
    /// Whether the latest picture was left out to halve the rate.
    halved: bool,
    rate: Rate,
    load: Load,
    /// The configured encoder has failed.
    plain: bool,
    told: bool,
}

/// An encoder, and what is said of the pictures that are on their way through it.
struct Running {
    encoder: Box<dyn Encode>,
    size: Resolution,
    settings: H264Settings,
    set_at: Timestamp,
    sent: VecDeque<Sent>,
    last_key: Timestamp,
    /// A key picture was asked for and has not come out.
    key_coming: bool,
    slate: bool,
}

#[derive(Clone, Copy)]
struct Sent {
    captured: Timestamp,
    slate: bool,
}

/// How often pictures are encoded, by when they were captured.
#[derive(Default)]
struct Rate {
    last: Option<Timestamp>,
    /// Smoothed, in seconds.
    interval: Option<f32>,
}

impl Maker {
    pub(crate) fn new(
        name: String,
        key: RenditionKey,
        clock: SharedClock,
        encoders: Arc<dyn MakeEncoder>,
    ) -> Self {
        Self {
            name,
            key,
            clock,
            encoders,
            pictures: Pictures::default(),
            running: None,
            pace: key.pace(),
            halved: false,
            rate: Rate::default(),
            load: Load::new(),
            plain: false,
            told: false,
        }
    }

    /// What is said of it.
    pub(crate) fn making(&self) -> Making {
        Making {
            encoder: self.running.as_ref().map(|running| running.encoder.name()),
            reduced: self.load.effort().reduced(),
        }
    }

    /// Takes in a packet of the source. A `stale` one is decoded if others need it, but not encoded.
    /// `key_wanted`: somebody waits for a key picture.
    pub(crate) fn take(
        &mut self,
        packet: &Packet,
        stale: bool,
        key_wanted: bool,
    ) -> Result<(), Error> {
        let began = self.clock.now();
        let taken = self.make(packet, stale, key_wanted);
        let now = self.clock.now();
        let mut took = now.saturating_sub(began);
        if let Ok(Some(Taken::Busy)) = taken {
            // It was busy elsewhere all the time.
            took = took.max(self.rate.interval());
        }
        if self.load.worked(now, took) {
            self.tell();
        }
        taken.map(drop)
    }

    /// The next packet of the rendition.
    pub(crate) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Packet> {
        loop {
            let Some(running) = &mut self.running else {
                return Poll::Pending;
            };
            match ready!(running.encoder.poll_coded(cx)) {
                Ok(coded) => {
                    if let Some(packet) = running.packet(coded) {
                        return Poll::Ready(packet);
                    }
                }
                Err(failed) => self.fail(&failed),
            }
        }
    }

    fn make(
        &mut self,
        packet: &Packet,
        stale: bool,
        key_wanted: bool,
    ) -> Result<Option<Taken>, Error> {
        let came = match packet.codec {
            Codec::Jpeg => Some((packet.resolution, packet.captured)),
            Codec::H264 => self.pictures.decode_h264(packet)?,
        };
        let Some((size, captured)) = came else {
            return Ok(None);
        };
        let packet = &Packet {
            captured,
            ..packet.clone()
        };
        if (stale && packet.codec != Codec::Jpeg) || !self.passes(packet) {
            return Ok(None);
        }
        self.rate.count(packet.captured);
        let target = self.target(size)?;
        self.prepare(packet, target);
        let Some(running) = &mut self.running else {
            return Ok(None);
        };
        let due = packet.captured.since(running.last_key) >= KEY_INTERVAL
            || packet.slate != running.slate;
        let key = (key_wanted || due) && !running.key_coming;
        let picture = self.pictures.at(packet, target)?;
        let at_ms = packet.captured.as_nanos() / 1_000_000;
        let taken = match running.encoder.encode(picture, at_ms, key) {
            Ok(taken) => taken,
            Err(failed) => {
                self.fail(&failed);
                return Ok(None);
            }
        };
        if taken == Taken::Anew {
            running.sent.clear();
        }
        if taken != Taken::Busy {
            running.sent.push_back(Sent {
                captured: packet.captured,
                slate: packet.slate,
            });
            running.slate = packet.slate;
            if key {
                running.key_coming = true;
                running.last_key = packet.captured;
            }
        }
        Ok(Some(taken))
    }

    /// Whether a picture is encoded, as to the rate.
    fn passes(&mut self, packet: &Packet) -> bool {
        let paced = |pace: &mut Pace| pace.passes(packet.captured);
        if !self.pace.as_mut().is_none_or(paced) {
            return false;
        }
        self.halved = self.load.effort() >= Effort::HalfRate && !self.halved && !packet.slate;
        !self.halved
    }

    /// The size at which a picture is encoded.
    fn target(&self, of: Resolution) -> Result<Resolution, Error> {
        let mut size = self.key.height.map_or(of, |height| of.at_height(height));
        if self.load.effort() >= Effort::Smaller {
            let below = STEPS.into_iter().find(|lines| *lines < size.height());
            size = below.map_or(size, |lines| size.at_height(lines));
        }
        H264Encoder::size_of(size).ok_or(Error::Unsupported("H.264 of so small a picture"))
    }

    fn settings(&self, size: Resolution) -> H264Settings {
        let fps = self
            .rate
            .fps()
            .or(self.key.fps.map(|fps| f32::from(fps.get())));
        let fps = fps.unwrap_or(UNKNOWN_FPS);
        let bitrate = match self.key.coding {
            Coding::H264(Some(bitrate)) => bitrate,
            Coding::H264(None) | Coding::Jpeg(_) => Bitrate::that_suits(size, fps),
        };
        H264Settings {
            bitrate_bps: bitrate.get(),
            fps,
            hasty: self.load.effort() >= Effort::Hasty,
        }
    }

    /// Sees to it that there is an encoder of this size, set as it should be.
    fn prepare(&mut self, packet: &Packet, size: Resolution) {
        let wanted = self.settings(size);
        if let Some(running) = self.running.as_mut().filter(|running| running.size == size) {
            let off = (wanted.fps / running.settings.fps - 1.0).abs() > OTHER_RATE;
            let told_lately = packet.captured.since(running.set_at) < TELL_EVERY;
            if wanted.hasty != running.settings.hasty || (off && !told_lately) {
                running.encoder.set(wanted);
                (running.settings, running.set_at) = (wanted, packet.captured);
            }
            return;
        }
        // The one before ends first: there may be only one in the hardware.
        self.running = None;
        let made = self.encoders.make(size, wanted, self.plain);
        let made = made.or_else(|failed| {
            self.say_failed(&failed);
            self.plain = true;
            self.encoders.make(size, wanted, true)
        });
        match made {
            Ok(encoder) => {
                self.running = Some(Running {
                    encoder,
                    size,
                    settings: wanted,
                    set_at: packet.captured,
                    sent: VecDeque::new(),
                    last_key: packet.captured,
                    // The first is one.
                    key_coming: true,
                    slate: packet.slate,
                });
            }
            Err(failed) => tracing::error!(rendition = self.name, "no encoder: {failed}"),
        }
    }

    /// Does without an encoder that has failed; the next picture gets another.
    fn fail(&mut self, failed: &str) {
        self.say_failed(failed);
        self.running = None;
        self.plain = true;
    }

    fn say_failed(&self, failed: &str) {
        tracing::warn!(
            rendition = self.name,
            "the encoder failed, openh264 goes on in its place: {failed}"
        );
    }

    fn tell(&mut self) {
        let (name, effort) = (&self.name, self.load.effort());
        match effort.reduced() {
            Some(reduced) if !std::mem::replace(&mut self.told, true) => tracing::warn!(
                rendition = name,
                "encoding H.264 takes longer than there is time, so less is made: {reduced}"
            ),
            _ => tracing::debug!(rendition = name, ?effort, "another effort"),
        }
    }
}

impl Running {
    /// The packet that a coded picture becomes.
    fn packet(&mut self, coded: Coded) -> Option<Packet> {
        let sent = self.sent.pop_front()?;
        if coded.key {
            self.key_coming = false;
            self.last_key = self.last_key.max(sent.captured);
        }
        Some(Packet {
            captured: sent.captured,
            composition: Duration::ZERO,
            codec: Codec::H264,
            resolution: self.size,
            key: coded.key,
            slate: sent.slate,
            data: coded.data,
        })
    }
}

impl Rate {
    /// Weight of the newest interval; a longer one than this is a pause.
    const NEWEST: f32 = 1.0 / 16.0;
    const PAUSE_S: f32 = 2.0;

    fn count(&mut self, captured: Timestamp) {
        let Some(last) = self.last.replace(captured) else {
            return;
        };
        let gap = captured.since(last).as_secs_f32();
        if gap > 0.0 && gap < Self::PAUSE_S {
            let mean = self.interval.get_or_insert(gap);
            *mean += (gap - *mean) * Self::NEWEST;
        }
    }

    fn fps(&self) -> Option<f32> {
        self.interval.map(|interval| 1.0 / interval.max(0.001))
    }

    fn interval(&self) -> Duration {
        Duration::from_secs_f32(self.interval.unwrap_or_default().max(0.0))
    }
}

#[cfg(test)]
mod tests;
