//! A fragment: samples of one track or both, with their times.

use eyeline_media::Timestamp;

use super::Track;
use super::boxes::{put, put_full, u32s, u64s};
use super::init::init_bytes;

/// A coded picture or a piece of sound.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// How long it lasts, in ticks of its track: the next is decoded so much later.
    pub duration: u32,
    /// How long after its decode time it is shown, in ticks; less than nothing is allowed.
    pub composition: i32,
    /// Whether decoding can start with it.
    pub key: bool,
    /// A picture's NAL units behind their lengths in four bytes, or one piece of coded sound.
    pub data: &'a [u8],
}

/// Samples of one track, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The track.
    pub track: Track,
    /// When the first is decoded, in ticks of the track.
    pub decode_time: u64,
    /// The samples.
    pub samples: &'a [Sample<'a>],
}

/// A movie fragment, behind the time of its capture by the wall clock (`prft`).
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// Counts the fragments.
    pub sequence: u64,
    /// What the wall clock said of a time in it.
    pub captured: Captured,
    /// At most one run of each track.
    pub runs: &'a [Run<'a>],
}

/// That what is shown at a time was captured then.
#[derive(Clone, Copy, Debug)]
pub struct Captured {
    /// The track whose time it is.
    pub track: Track,
    /// In ticks of the track.
    pub time: u64,
    /// By the wall clock.
    pub at: Timestamp,
}

const PRFT_BYTES: usize = 32;
/// Of `moof` and `mfhd`.
const MOOF_BYTES: usize = 8 + 16;
/// Of `traf`, `tfhd`, `tfdt`, and the head of `trun`.
const TRAF_BYTES: usize = 8 + 16 + 20 + 20;
const MDAT_BYTES: usize = 8;

/// The time in `prft` is that of capture (ISO/IEC 14496-12, 8.16.5).
const OF_CAPTURE: u32 = 24;
/// Offsets count from the fragment's own beginning (8.8.7).
const BASE_IS_MOOF: u32 = 0x02_0000;
/// A run says where its data begins, and of each sample how long and how large it is (8.8.8) …
const OFFSET_DURATION_SIZE: u32 = 0x301;
/// … and of a picture also what it is, and how long after being decoded it is shown.
const FLAGS_AND_COMPOSITION: u32 = 0xc00;
/// Depends on no other sample (8.8.3.1).
const KEY: u32 = 0x0200_0000;
/// Depends on others, and decoding cannot start with it.
const NO_KEY: u32 = 0x0101_0000;

impl Run<'_> {
    const fn sample_bytes(&self) -> usize {
        match self.track {
            Track::Video => 16,
            Track::Audio => 8,
        }
    }

    fn header_bytes(&self) -> usize {
        TRAF_BYTES + self.samples.len() * self.sample_bytes()
    }

    fn data_bytes(&self) -> usize {
        self.samples.iter().map(|sample| sample.data.len()).sum()
    }

    fn put(&self, out: &mut Vec<u8>, data_offset: usize) {
        put(out, b"traf", |out| {
            put_full(out, b"tfhd", 0, BASE_IS_MOOF, |out| {
                u32s(out, &[self.track.id()]);
            });
            put_full(out, b"tfdt", 1, 0, |out| u64s(out, &[self.decode_time]));
            let flags = match self.track {
                Track::Video => OFFSET_DURATION_SIZE | FLAGS_AND_COMPOSITION,
                Track::Audio => OFFSET_DURATION_SIZE,
            };
            put_full(out, b"trun", 1, flags, |out| {
                u32s(out, &[self.samples.len() as u32, data_offset as u32]);
                for sample in self.samples {
                    u32s(out, &[sample.duration, sample.data.len() as u32]);
                    if self.track == Track::Video {
                        let flags = if sample.key { KEY } else { NO_KEY };
                        u32s(out, &[flags, sample.composition.cast_unsigned()]);
                    }
                }
            });
        });
    }
}

impl Fragment<'_> {
    /// Bytes of it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let data: usize = self.runs.iter().map(Run::data_bytes).sum();
        PRFT_BYTES + self.moof_bytes() + MDAT_BYTES + data
    }

    fn moof_bytes(&self) -> usize {
        MOOF_BYTES + self.runs.iter().map(Run::header_bytes).sum::<usize>()
    }

    /// Appends it.
    pub fn put(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let Captured { track, time, at } = self.captured;
        put_full(out, b"prft", 1, OF_CAPTURE, |out| {
            u32s(out, &[track.id()]);
            u64s(out, &[ntp(at), time]);
        });
        let mut data_offset = self.moof_bytes() + MDAT_BYTES;
        put(out, b"moof", |out| {
            put_full(out, b"mfhd", 0, 0, |out| u32s(out, &[self.sequence as u32]));
            for run in self.runs {
                run.put(out, data_offset);
                data_offset += run.data_bytes();
            }
        });
        put(out, b"mdat", |out| {
            for sample in self.runs.iter().flat_map(|run| run.samples) {
                out.extend_from_slice(sample.data);
            }
        });
        debug_assert_eq!(out.len() - start, self.bytes(), "no byte was not foreseen");
    }
}

/// The track that a fragment tells the capture time of, which is its own if it has one alone.
#[must_use]
pub fn fragment_track(bytes: &[u8]) -> Option<Track> {
    let id = bytes
        .get(12..16)
        .filter(|_| bytes[4..].starts_with(b"prft"))?;
    let is = |track: &Track| track.id().to_be_bytes() == *id;
    [Track::Video, Track::Audio].into_iter().find(is)
}

/// Moves the picture of a fragment that holds it alone, which may stand behind an initialisation segment:
/// each of its times in ticks, and where it ends, is replaced by what `to` says of it. Other bytes stay as
/// they are.
pub fn move_picture(bytes: &mut [u8], to: impl Fn(u64) -> u64) {
    const MOOF: usize = PRFT_BYTES;
    const TFDT: usize = MOOF + MOOF_BYTES + 8 + 16;
    const TRUN: usize = TFDT + 20;
    let start = init_bytes(bytes);
    let fragment = &mut bytes[start..];
    let is_box = |at: usize, name| fragment.get(at + 4..at + 8) == Some(name);
    let is_whole = fragment.len() >= TRUN + 20 + 16;
    let is_video = fragment_track(fragment) == Some(Track::Video);
    if !(is_whole && is_video && is_box(TFDT, b"tfdt") && is_box(TRUN, b"trun")) {
        return;
    }
    let u32_at = |at: usize| u32::from_be_bytes(std::array::from_fn(|n| fragment[at + n]));
    let u64_at = |at: usize| u64::from(u32_at(at)) << 32 | u64::from(u32_at(at + 4));
    let (in_prft, in_tfdt, in_trun) = (MOOF - 8, TFDT + 12, TRUN + 20);
    let decode = u64_at(in_tfdt);
    let shown = to(decode.wrapping_add_signed(u32_at(in_trun + 12).cast_signed().into()));
    let end = to(decode + u64::from(u32_at(in_trun)));
    let captured = to(u64_at(in_prft));
    let decode = to(decode);
    let duration = u32::try_from(end.saturating_sub(decode)).unwrap_or(u32::MAX);
    let composition = shown.wrapping_sub(decode) as u32;
    let mut put =
        |at: usize, number: &[u8]| fragment[at..at + number.len()].copy_from_slice(number);
    put(in_prft, &captured.to_be_bytes());
    put(in_tfdt, &decode.to_be_bytes());
    put(in_trun, &duration.to_be_bytes());
    put(in_trun + 12, &composition.to_be_bytes());
}

/// Appends what a media segment begins with that is a file of its own (8.16.2).
pub fn put_segment_type(out: &mut Vec<u8>) {
    put(out, b"styp", |out| {
        out.extend_from_slice(b"msdh\0\0\0\0msdhcmfs")
    });
}

/// As NTP writes it (RFC 5905, 6): seconds since 1900 and their fraction, 32 bits each.
fn ntp(time: Timestamp) -> u64 {
    const SECONDS_TO_1970: u64 = 2_208_988_800;
    let (seconds, nanos) = (
        time.as_nanos() / 1_000_000_000,
        time.as_nanos() % 1_000_000_000,
    );
    ((seconds + SECONDS_TO_1970) << 32) | ((nanos << 32) / 1_000_000_000)
}
