//! The initialisation segment: what a player must know before the first fragment.

use super::boxes::{put, put_full, u16s, u32s};
use super::{TIMESCALE, TRACK};
use crate::h264::{Sps, nal_units};

/// What stands before the fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// The initialisation segment.
    pub bytes: Vec<u8>,
    /// The codec as RFC 6381, 3.3 names it, such as `avc1.64001f`.
    pub codec: String,
}

/// The unit matrix (ISO/IEC 14496-12, 8.2.2).
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
/// The track is enabled and part of the presentation (8.3.2).
const SHOWN: u32 = 3;
/// What the track refers to is in this file (8.7.2).
const IN_HERE: u32 = 1;
/// Profiles whose configuration tells how colours are sampled (ISO/IEC 14496-15, 5.3.3.1.2).
const WITH_CHROMA: [u8; 4] = [100, 110, 122, 144];

struct ParameterSets<'a> {
    sps: Vec<&'a [u8]>,
    pps: Vec<&'a [u8]>,
    read: Sps,
}

impl Init {
    /// Of a key picture, which begins with its parameter sets; `None` if it does not.
    #[must_use]
    pub fn of(access_unit: &[u8]) -> Option<Self> {
        let sets = ParameterSets::of(access_unit)?;
        let [profile, constraints, level] = sets.read.profile;
        let mut bytes = Vec::with_capacity(768);
        put(&mut bytes, b"ftyp", |out| {
            out.extend_from_slice(b"iso6\0\0\0\0iso6mp41")
        });
        put(&mut bytes, b"moov", |out| put_movie(out, &sets));
        Some(Self {
            bytes,
            codec: format!("avc1.{profile:02x}{constraints:02x}{level:02x}"),
        })
    }
}

/// Bytes of the initialisation segment that `bytes` begin with; none if they do not.
#[must_use]
pub fn init_bytes(bytes: &[u8]) -> usize {
    let length_of = |bytes: &[u8], name: &[u8; 4]| {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        rest.starts_with(name)
            .then(|| u32::from_be_bytes(*length) as usize)
    };
    let both = || {
        let ftyp = length_of(bytes, b"ftyp")?;
        let end = ftyp.checked_add(length_of(bytes.get(ftyp..)?, b"moov")?)?;
        (end <= bytes.len()).then_some(end)
    };
    both().unwrap_or_default()
}

impl<'a> ParameterSets<'a> {
    fn of(access_unit: &'a [u8]) -> Option<Self> {
        let of_type = |number: u8, most: usize| {
            nal_units(access_unit)
                .filter(|nal| nal.first().is_some_and(|header| header & 0x1f == number))
                .filter(|nal| u16::try_from(nal.len()).is_ok())
                .take(most)
                .collect::<Vec<_>>()
        };
        let (sps, pps) = (of_type(7, 31), of_type(8, 255));
        let read = Sps::parse(sps.first()?).ok()?;
        (!pps.is_empty()).then_some(Self { sps, pps, read })
    }
}

fn put_movie(out: &mut Vec<u8>, sets: &ParameterSets<'_>) {
    // A duration of 0 says that it is not known: players take it for live.
    put_full(out, b"mvhd", 0, 0, |out| {
        // Then rate, volume (none, there is no sound) and what is reserved.
        u32s(out, &[0, 0, TIMESCALE, 0, 0x1_0000, 0, 0, 0]);
        u32s(out, &MATRIX);
        u32s(out, &[0; 6]);
        u32s(out, &[TRACK + 1]);
    });
    put(out, b"trak", |out| put_track(out, sets));
    put(out, b"mvex", |out| {
        put_full(out, b"trex", 0, 0, |out| u32s(out, &[TRACK, 1, 0, 0, 0]));
    });
}

fn put_track(out: &mut Vec<u8>, sets: &ParameterSets<'_>) {
    let size = sets.read.resolution;
    put_full(out, b"tkhd", 0, SHOWN, |out| {
        u32s(out, &[0, 0, TRACK, 0, 0, 0, 0, 0, 0]);
        u32s(out, &MATRIX);
        u32s(out, &[size.width() << 16, size.height() << 16]);
    });
    put(out, b"mdia", |out| {
        // The language is not known: `und`.
        put_full(out, b"mdhd", 0, 0, |out| {
            u32s(out, &[0, 0, TIMESCALE, 0, 0x55c4_0000])
        });
        put_full(out, b"hdlr", 0, 0, |out| {
            out.extend_from_slice(b"\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0camera\0");
        });
        put(out, b"minf", |out| {
            put_full(out, b"vmhd", 0, 1, |out| u32s(out, &[0, 0]));
            put(out, b"dinf", |out| {
                put_full(out, b"dref", 0, 0, |out| {
                    u32s(out, &[1]);
                    put_full(out, b"url ", 0, IN_HERE, |_| {});
                });
            });
            put(out, b"stbl", |out| {
                put_full(out, b"stsd", 0, 0, |out| {
                    u32s(out, &[1]);
                    put(out, b"avc1", |out| put_sample_entry(out, sets));
                });
                // The samples are in the fragments.
                put_full(out, b"stts", 0, 0, |out| u32s(out, &[0]));
                put_full(out, b"stsc", 0, 0, |out| u32s(out, &[0]));
                put_full(out, b"stsz", 0, 0, |out| u32s(out, &[0, 0]));
                put_full(out, b"stco", 0, 0, |out| u32s(out, &[0]));
            });
        });
    });
}

/// ISO/IEC 14496-12, 12.1.3 and 14496-15, 5.4.2.
fn put_sample_entry(out: &mut Vec<u8>, sets: &ParameterSets<'_>) {
    const DPI_72: u32 = 72 << 16;
    let size = sets.read.resolution;
    u16s(out, &[0, 0, 0, 1]);
    u32s(out, &[0; 4]);
    u16s(out, &[size.width() as u16, size.height() as u16]);
    u32s(out, &[DPI_72, DPI_72, 0]);
    u16s(out, &[1]);
    // No name of the compressor.
    out.extend_from_slice(&[0; 32]);
    u16s(out, &[0x18, 0xffff]);
    put(out, b"avcC", |out| put_configuration(out, sets));
}

/// ISO/IEC 14496-15, 5.3.3.1; lengths are of four bytes.
fn put_configuration(out: &mut Vec<u8>, sets: &ParameterSets<'_>) {
    let put_sets = |out: &mut Vec<u8>, sets: &[&[u8]]| {
        for set in sets {
            u16s(out, &[set.len() as u16]);
            out.extend_from_slice(set);
        }
    };
    out.push(1);
    out.extend_from_slice(&sets.read.profile);
    out.extend_from_slice(&[0xff, 0xe0 | sets.sps.len() as u8]);
    put_sets(out, &sets.sps);
    out.push(sets.pps.len() as u8);
    put_sets(out, &sets.pps);
    if WITH_CHROMA.contains(&sets.read.profile[0]) {
        let [format, luma, chroma] = sets.read.chroma;
        out.extend_from_slice(&[0xfc | format, 0xf8 | luma, 0xf8 | chroma, 0]);
    }
}
