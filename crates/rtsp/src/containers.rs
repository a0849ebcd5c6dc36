//! Pictures and sound as interleaved packets: made once for everybody who looks, however their
//! packets are carried.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use eyeline_hub::{Chunk, Item};
use eyeline_media::{AudioCodec, AudioFormat, AudioPacket, Codec, Packet, Timestamp};
use eyeline_output::{Backlog, Container, Labels, Mux, Press, Timing};
use eyeline_proto::rtp::sender::{self, MAX_PAYLOAD_BYTES};
use eyeline_proto::rtp::{Sender, h264, jpeg, pack_sound};
use eyeline_proto::sdp::{self, Video};

/// The channel of pictures; that of sound is two further.
pub(crate) const VIDEO_CHANNEL: u8 = 0;
/// The channel of sound.
pub(crate) const SOUND_CHANNEL: u8 = 2;
/// How often it is said when what was captured, at least.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Ticks of the pictures' clock in a second.
pub(crate) const VIDEO_HZ: u32 = 90_000;
/// Bytes of the heads of one packet.
const HEADS: usize = 20;

const SOUND: &[AudioCodec] = &[
    AudioCodec::Aac,
    AudioCodec::Opus,
    AudioCodec::Pcmu,
    AudioCodec::Pcma,
];

/// H.264 as it comes.
pub(crate) static H264: Container = Container {
    name: "rtp h264",
    codec: Codec::H264,
    audio: SOUND,
    backlog: Some(Backlog {
        ratio: 400,
        retime: retimed,
    }),
    start: |labels| Box::new(Packets::new(labels, &Video::H264(Vec::new()))),
};

/// JPEGs (RFC 2435).
pub(crate) static JPEG: Container = Container {
    name: "rtp jpeg",
    codec: Codec::Jpeg,
    audio: SOUND,
    backlog: None,
    start: |labels| Box::new(Packets::new(labels, &Video::Jpeg)),
};

/// The container of a codec.
pub(crate) const fn of(codec: Codec) -> &'static Container {
    match codec {
        Codec::H264 => &H264,
        Codec::Jpeg => &JPEG,
    }
}

/// A picture of a backlog. What a report says of the time of its capture goes for those that are live.
fn retimed(chunk: &Chunk, press: Press) -> Option<Bytes> {
    if !chunk.picture {
        return None;
    }
    let mut bytes = chunk.data.to_vec();
    // The difference of two, so that the times in between are rounded alike.
    let at = |time: Duration| time.as_nanos() * u128::from(VIDEO_HZ) / 1_000_000_000;
    let later = at(press.place(chunk.shown)) - at(chunk.shown);
    sender::delay(&mut bytes, later as u32);
    Some(bytes.into())
}

struct Packets {
    ssrc: u32,
    video: Sender,
    sound: Option<(Arc<AudioFormat>, Sender)>,
    /// What the wall clock said where the time line begins.
    origin: Option<u64>,
    /// When it was last said when pictures were captured.
    reported: Option<Duration>,
    sound_reported: bool,
}

impl Packets {
    fn new(labels: &Labels, video: &Video) -> Self {
        // The same whenever a stream is muxed, so that a viewer who moves from one rendition to
        // another stays with the sender it knows.
        static RANDOM: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let hash = RANDOM.hash_one(labels.id());
        let ssrc = hash as u32;
        let first = RandomState::new().hash_one(ssrc) as u16;
        Self {
            ssrc,
            video: Sender::new(VIDEO_CHANNEL, video.payload_type(), ssrc, first),
            sound: None,
            origin: None,
            reported: None,
            sound_reported: false,
        }
    }

    /// The place on the time line, by the wall clock where it began: so timestamps are the same
    /// for every rendition of a stream.
    fn ticks(&mut self, time: Duration, captured: Timestamp, hz: u32) -> u32 {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let origin = captured.as_nanos().saturating_sub(nanos);
        let at = *self.origin.get_or_insert(origin) + nanos;
        ticks(Timestamp::from_nanos(at), hz)
    }
}

/// A time by the wall clock in ticks, as much of it as a timestamp holds.
pub(crate) fn ticks(at: Timestamp, hz: u32) -> u32 {
    const NANOS_PER_SEC: u128 = 1_000_000_000;
    (u128::from(at.as_nanos()) * u128::from(hz) / NANOS_PER_SEC) as u32
}

impl Mux for Packets {
    fn video(&mut self, item: &Item<Packet>, timing: Timing) -> Option<Bytes> {
        let packet = &item.value;
        let scan = match packet.codec {
            Codec::Jpeg => Some(jpeg::Scan::of(&packet.data).ok()?),
            Codec::H264 => None,
        };
        let at = self.ticks(timing.time, packet.captured, VIDEO_HZ);
        let bytes = packet.data.len();
        let mut chunk = Vec::with_capacity(bytes + (bytes / MAX_PAYLOAD_BYTES + 8) * HEADS);
        let begins = packet.key && packet.codec == Codec::H264;
        let due = |said| timing.time.saturating_sub(said) >= REPORT_EVERY;
        if begins || self.reported.is_none_or(due) {
            self.reported = Some(timing.time);
            self.sound_reported = false;
            self.video.report(&mut chunk, at, packet.captured);
        }
        match scan {
            Some(scan) => scan.pack(at, &mut self.video, &mut chunk),
            None => h264::pack(&packet.data, at, &mut self.video, &mut chunk),
        }
        Some(chunk.into())
    }

    fn audio(&mut self, packet: &AudioPacket, time: Duration) -> Option<Bytes> {
        let format = &packet.format;
        let at = self.ticks(time, packet.captured, sdp::sound_rate(format));
        if self.sound.as_ref().is_none_or(|(known, _)| known != format) {
            // Another sender: its timestamps count otherwise.
            let ssrc = self.ssrc.wrapping_add(1 + format.sample_rate);
            let first = self.ssrc as u16;
            let sender = Sender::new(SOUND_CHANNEL, sdp::sound_type(format), ssrc, first);
            self.sound = Some((Arc::clone(format), sender));
        }
        let (_, sender) = self.sound.as_mut()?;
        let mut chunk = Vec::with_capacity(packet.data.len() + 4 * HEADS);
        if !std::mem::replace(&mut self.sound_reported, true) {
            sender.report(&mut chunk, at, packet.captured);
        }
        pack_sound(
            format.codec,
            format.channels,
            &packet.data,
            at,
            sender,
            &mut chunk,
        );
        Some(chunk.into())
    }
}
