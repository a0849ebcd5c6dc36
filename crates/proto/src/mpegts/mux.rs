//! A stream out of pictures and sound.

use std::sync::Arc;
use std::time::Duration;

use eyeline_media::{AudioCodec, AudioFormat};

use super::adts;
use super::opus;
use super::packet::{PACKET_BYTES, SYNC};
use super::section::crc32;
use super::tables::{
    EXTENSION, OPUS_EXTENSION, PAT_ID, PAT_PID, PMT_ID, REGISTRATION, STREAM_TYPE_AAC,
    STREAM_TYPE_H264, STREAM_TYPE_PRIVATE,
};
use super::{HZ, TIME_BITS};
use crate::h264::nal_units;

/// Where things are, as most programs have it.
const PMT_PID: u16 = 0x1000;
const VIDEO_PID: u16 = 0x100;
const SOUND_PID: u16 = 0x101;
const PROGRAM: u16 = 1;
const STREAM: u16 = 1;
/// Kinds of elementary streams in the heads of their packets (2.4.3.7).
const VIDEO_ID: u8 = 0xe0;
const AAC_ID: u8 = 0xc0;
const PRIVATE_ID: u8 = 0xbd;
/// How long before a picture is decoded its bytes come, by the clock of the stream, in ticks.
const DELAY: u64 = 9_000;
/// Says that any kind of slice may follow (ITU-T H.264, 7.4.2.4).
const DELIMITER: [u8; 6] = [0, 0, 0, 1, 0x09, 0xf0];
/// Bytes of a packet's header, and behind it those of an adaptation field with a clock reference.
const HEADER: usize = 4;
const PES_HEAD: usize = 6;

/// Writes a stream of one programme: H.264 and perhaps sound. Tables stand before each key picture, so that
/// reading can begin with any.
#[derive(Debug)]
pub struct Mux {
    pat: Counter,
    pmt: Counter,
    video: Counter,
    sound: Counter,
    format: Option<Arc<AudioFormat>>,
    /// Counts the changes of the tables.
    version: u8,
    /// The bytes of a picture or frame behind their header.
    pes: Vec<u8>,
}

/// The continuity counter of one packet identifier.
#[derive(Debug, Default)]
struct Counter(u8);

impl Counter {
    const fn next(&mut self) -> u8 {
        let now = self.0;
        self.0 = (now + 1) & 0x0f;
        now
    }
}

impl Mux {
    /// A stream that begins with sound of this format beside its pictures, or without any.
    #[must_use]
    pub fn new(format: Option<Arc<AudioFormat>>) -> Self {
        Self {
            pat: Counter::default(),
            pmt: Counter::default(),
            video: Counter::default(),
            sound: Counter::default(),
            format: format.filter(|format| can_carry(format)),
            version: 0,
            pes: Vec::new(),
        }
    }

    /// Appends a picture: an access unit as packets carry it, which is shown and decoded at these times.
    pub fn video(
        &mut self,
        access_unit: &[u8],
        key: bool,
        present: Duration,
        decode: Duration,
        out: &mut Vec<u8>,
    ) {
        if key {
            self.tables(out);
        }
        let (present, decode) = (ticks(present), ticks(decode));
        self.pes.clear();
        head(
            &mut self.pes,
            VIDEO_ID,
            present + DELAY,
            Some(decode + DELAY),
        );
        self.pes.extend_from_slice(&DELIMITER);
        for nal in nal_units(access_unit) {
            self.pes.extend_from_slice(&[0, 0, 0, 1]);
            self.pes.extend_from_slice(nal);
        }
        set_length(&mut self.pes);
        let adaptation = Adaptation {
            reference: Some(decode),
            key,
        };
        packetize(VIDEO_PID, &mut self.video, adaptation, &self.pes, out);
    }

    /// Appends a frame of sound, as packets carry it, and tables before it if they did not speak of it; nothing if this sound
    /// cannot be carried.
    pub fn sound(
        &mut self,
        format: &Arc<AudioFormat>,
        data: &[u8],
        at: Duration,
        out: &mut Vec<u8>,
    ) {
        if !can_carry(format) {
            return;
        }
        let known = self.format.as_ref();
        if known.is_none_or(|known| !Arc::ptr_eq(known, format) && known != format) {
            self.format = Some(Arc::clone(format));
            self.version = (self.version + 1) & 0x1f;
            self.tables(out);
        }
        self.pes.clear();
        let at = ticks(at) + DELAY;
        if format.codec == AudioCodec::Opus {
            head(&mut self.pes, PRIVATE_ID, at, None);
            opus::put_header(&mut self.pes, data.len());
        } else {
            head(&mut self.pes, AAC_ID, at, None);
            let header = adts::header_of(&format.config).and_then(|header| header(data.len()));
            let Some(header) = header else { return };
            self.pes.extend_from_slice(&header);
        }
        self.pes.extend_from_slice(data);
        set_length(&mut self.pes);
        packetize(
            SOUND_PID,
            &mut self.sound,
            Adaptation::default(),
            &self.pes,
            out,
        );
    }

    /// Moves the picture in these packets, which are what [`Self::video`] has appended, to other times.
    pub fn move_picture(packets: &mut [u8], present: Duration, decode: Duration) {
        let (present, decode) = (ticks(present), ticks(decode));
        for packet in packets.chunks_exact_mut(PACKET_BYTES) {
            let begins = packet[1] & 0x40 != 0;
            if pid_of(packet) != VIDEO_PID || !begins || packet[4] < 7 {
                continue;
            }
            packet[6..12].copy_from_slice(&reference(decode));
            let pes = HEADER + 1 + usize::from(packet[4]);
            let Some([_, _, _, _, _, _, _, flags, _, times @ ..]) = packet.get_mut(pes..) else {
                continue;
            };
            match (*flags & 0xc0, times) {
                (0xc0, [p0, p1, p2, p3, p4, d0, d1, d2, d3, d4, ..]) => {
                    [*p0, *p1, *p2, *p3, *p4] = timestamp(3, present + DELAY);
                    [*d0, *d1, *d2, *d3, *d4] = timestamp(1, decode + DELAY);
                }
                (0x80, [p0, p1, p2, p3, p4, ..]) => {
                    [*p0, *p1, *p2, *p3, *p4] = timestamp(2, present + DELAY);
                }
                _ => {}
            }
        }
    }

    /// The packets among these that hold the tables.
    #[must_use]
    pub fn tables_of(packets: &[u8]) -> Vec<u8> {
        let packets = packets.chunks_exact(PACKET_BYTES);
        let tables = packets.filter(|packet| [PAT_PID, PMT_PID].contains(&pid_of(packet)));
        tables.flatten().copied().collect()
    }

    fn tables(&mut self, out: &mut Vec<u8>) {
        let pat = [PROGRAM.to_be_bytes(), pid(PMT_PID)].concat();
        section(PAT_PID, &mut self.pat, PAT_ID, STREAM, 0, &pat, out);
        let mut pmt = [pid(VIDEO_PID), length(0)].concat();
        pmt.push(STREAM_TYPE_H264);
        pmt.extend_from_slice(&[pid(VIDEO_PID), length(0)].concat());
        if let Some(format) = &self.format {
            let opus = [
                &[REGISTRATION, 4][..],
                b"Opus",
                &[EXTENSION, 2, OPUS_EXTENSION, format.channels],
            ]
            .concat();
            let (kind, info) = match format.codec {
                AudioCodec::Opus => (STREAM_TYPE_PRIVATE, &opus[..]),
                _ => (STREAM_TYPE_AAC, &[][..]),
            };
            pmt.push(kind);
            pmt.extend_from_slice(&[pid(SOUND_PID), length(info.len())].concat());
            pmt.extend_from_slice(info);
        }
        section(
            PMT_PID,
            &mut self.pmt,
            PMT_ID,
            PROGRAM,
            self.version,
            &pmt,
            out,
        );
    }
}

fn can_carry(format: &AudioFormat) -> bool {
    match format.codec {
        AudioCodec::Aac => adts::header_of(&format.config).is_some(),
        AudioCodec::Opus => (1..=8).contains(&format.channels),
        AudioCodec::Pcmu | AudioCodec::Pcma => false,
    }
}

fn ticks(time: Duration) -> u64 {
    let ticks = time.as_nanos() * u128::from(HZ.get()) / 1_000_000_000;
    u64::try_from(ticks).unwrap_or(u64::MAX) & ((1 << TIME_BITS) - 1)
}

/// A packet identifier among reserved bits.
fn pid(pid: u16) -> [u8; 2] {
    (0xe000 | pid).to_be_bytes()
}

/// The length of descriptors among reserved bits.
fn length(bytes: usize) -> [u8; 2] {
    (0xf000 | bytes as u16).to_be_bytes()
}

/// Appends a table of one section, in a packet of its own.
fn section(
    pid: u16,
    counter: &mut Counter,
    table: u8,
    of: u16,
    version: u8,
    body: &[u8],
    out: &mut Vec<u8>,
) {
    // Behind the length: five bytes of head, and the checksum.
    let length = (0xb000 | (5 + body.len() + 4) as u16).to_be_bytes();
    let mut section = vec![table];
    section.extend_from_slice(&length);
    section.extend_from_slice(&of.to_be_bytes());
    section.extend_from_slice(&[0xc1 | version << 1, 0, 0]);
    section.extend_from_slice(body);
    section.extend_from_slice(&crc32(&section).to_be_bytes());
    let end = out.len() + PACKET_BYTES;
    put_header(pid, true, 0x10, counter, out);
    out.push(0);
    out.extend_from_slice(&section);
    out.resize(end, 0xff);
}

/// Appends the head of a packet of an elementary stream, with its times and a length to be set.
fn head(out: &mut Vec<u8>, id: u8, present: u64, decode: Option<u64>) {
    let decode = decode.filter(|decode| *decode != present);
    let (flags, bytes) = if decode.is_some() {
        (0xc0, 10)
    } else {
        (0x80, 5)
    };
    out.extend_from_slice(&[0, 0, 1, id, 0, 0, 0x84, flags, bytes]);
    let prefix = if decode.is_some() { 3 } else { 2 };
    out.extend_from_slice(&timestamp(prefix, present));
    if let Some(decode) = decode {
        out.extend_from_slice(&timestamp(1, decode));
    }
}

/// Says the length where two bytes can say it; that of pictures may stay open.
fn set_length(pes: &mut [u8]) {
    let length = u16::try_from(pes.len() - PES_HEAD).unwrap_or(0);
    pes[PES_HEAD - 2..PES_HEAD].copy_from_slice(&length.to_be_bytes());
}

/// 33 bits among markers (2.4.3.7).
fn timestamp(prefix: u8, ticks: u64) -> [u8; 5] {
    [
        prefix << 4 | (ticks >> 29) as u8 & 0x0e | 1,
        (ticks >> 22) as u8,
        (ticks >> 14) as u8 | 1,
        (ticks >> 7) as u8,
        (ticks << 1) as u8 | 1,
    ]
}

/// What the first packet says beside what it carries.
#[derive(Clone, Copy, Default)]
struct Adaptation {
    /// The clock of the stream, in ticks.
    reference: Option<u64>,
    /// Whether reading can begin here.
    key: bool,
}

impl Adaptation {
    /// Its bytes behind its length, in an array that is long enough; how many there are.
    fn bytes(self) -> ([u8; 7], usize) {
        let mut bytes = [0; 7];
        let Some(reference) = self.reference else {
            return (bytes, 0);
        };
        bytes[0] = 0x10 | if self.key { 0x40 } else { 0 };
        bytes[1..].copy_from_slice(&self::reference(reference));
        (bytes, 7)
    }
}

/// 33 bits of the clock, six reserved ones, and an extension of zero (2.4.3.5).
fn reference(ticks: u64) -> [u8; 6] {
    let [_, _, bytes @ ..] = ((ticks & ((1 << TIME_BITS) - 1)) << 15 | 0x7e00).to_be_bytes();
    bytes
}

fn pid_of(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[1], packet[2]]) & 0x1fff
}

/// Appends the packets of this.
fn packetize(
    pid: u16,
    counter: &mut Counter,
    first: Adaptation,
    mut rest: &[u8],
    out: &mut Vec<u8>,
) {
    out.reserve(rest.len().div_ceil(PACKET_BYTES - HEADER - 8) * PACKET_BYTES);
    let mut starts = true;
    while !rest.is_empty() {
        let (said, len) = if starts { first.bytes() } else { ([0; 7], 0) };
        let said = &said[..len];
        let room = PACKET_BYTES - HEADER - if said.is_empty() { 0 } else { 1 + said.len() };
        let (now, after) = rest.split_at(rest.len().min(room));
        let fill = room - now.len();
        let has_field = !said.is_empty() || fill > 0;
        put_header(
            pid,
            starts,
            if has_field { 0x30 } else { 0x10 },
            counter,
            out,
        );
        match (said.is_empty(), fill) {
            (true, 0) => {}
            (true, 1) => out.push(0),
            (true, fill) => {
                out.extend_from_slice(&[(fill - 1) as u8, 0]);
                out.resize(out.len() + fill - 2, 0xff);
            }
            (false, fill) => {
                out.push((said.len() + fill) as u8);
                out.extend_from_slice(said);
                out.resize(out.len() + fill, 0xff);
            }
        }
        out.extend_from_slice(now);
        (rest, starts) = (after, false);
    }
}

fn put_header(pid: u16, starts: bool, control: u8, counter: &mut Counter, out: &mut Vec<u8>) {
    let [high, low] = pid.to_be_bytes();
    let starts = if starts { 0x40 } else { 0 };
    out.extend_from_slice(&[SYNC, starts | high, low, control | counter.next()]);
}
