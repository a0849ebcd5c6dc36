//! The initialisation segment: what a player must know before the first fragment.

use super::boxes::{put, put_full, u16s, u32s};
use super::{Audio, TIMESCALE, Track, Video};

/// What stands before the fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// The initialisation segment.
    pub bytes: Vec<u8>,
    /// The codecs as RFC 6381, 3.3 names them, such as `avc1.64001f,mp4a.40.2`.
    pub codecs: String,
}

/// The unit matrix (ISO/IEC 14496-12, 8.2.2).
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
/// The track is enabled and part of the presentation (8.3.2).
const SHOWN: u32 = 3;
/// What the track refers to is in this file (8.7.2).
const IN_HERE: u32 = 1;
/// Depends on no other sample (8.8.3.1): said once of sound.
const KEY: u32 = 0x0200_0000;

impl Init {
    /// Of these tracks.
    #[must_use]
    pub fn of(video: Option<&Video<'_>>, audio: Option<&Audio>) -> Self {
        let mut bytes = Vec::with_capacity(1536);
        put(&mut bytes, b"ftyp", |out| {
            out.extend_from_slice(b"iso6\0\0\0\0iso6cmfcmp41");
        });
        put(&mut bytes, b"moov", |out| put_movie(out, video, audio));
        let codecs = [video.map(Video::codec), audio.map(Audio::codec)];
        Self {
            bytes,
            codecs: codecs.into_iter().flatten().collect::<Vec<_>>().join(","),
        }
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

/// Whether `bytes` begin with an initialisation segment that describes a track of sound.
#[must_use]
pub fn describes_sound(bytes: &[u8]) -> bool {
    // Nothing else in it is long enough to hold this by chance but parameter sets, and in those
    // three zeros never stand together.
    let init = &bytes[..init_bytes(bytes)];
    init.windows(8).any(|eight| eight == b"\0\0\0\0soun")
}

fn put_movie(out: &mut Vec<u8>, video: Option<&Video<'_>>, audio: Option<&Audio>) {
    // A duration of 0 says that it is not known: players take it for live.
    put_full(out, b"mvhd", 0, 0, |out| {
        // Then rate, volume and what is reserved.
        u32s(out, &[0, 0, TIMESCALE, 0, 0x1_0000, 0x100_0000, 0, 0]);
        u32s(out, &MATRIX);
        u32s(out, &[0; 6]);
        u32s(out, &[Track::Audio.id() + 1]);
    });
    if let Some(video) = video {
        put(out, b"trak", |out| put_video(out, video));
    }
    if let Some(audio) = audio {
        put(out, b"trak", |out| put_audio(out, audio));
    }
    put(out, b"mvex", |out| {
        let mut put_defaults = |track: Track, flags| {
            put_full(out, b"trex", 0, 0, |out| {
                u32s(out, &[track.id(), 1, 0, 0, flags]);
            });
        };
        if video.is_some() {
            put_defaults(Track::Video, 0);
        }
        if audio.is_some() {
            put_defaults(Track::Audio, KEY);
        }
    });
}

fn put_video(out: &mut Vec<u8>, video: &Video<'_>) {
    let (width, height) = video.size();
    put_track_header(out, Track::Video, 0, [width << 16, height << 16]);
    let media = Media {
        timescale: TIMESCALE,
        handler: b"\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0camera\0",
        put_header: |out| put_full(out, b"vmhd", 0, 1, |out| u32s(out, &[0, 0])),
    };
    put_media(out, &media, |out| video.put_sample_entry(out));
}

fn put_audio(out: &mut Vec<u8>, audio: &Audio) {
    const FULL: u16 = 0x100;
    put_track_header(out, Track::Audio, FULL, [0, 0]);
    let media = Media {
        timescale: audio.timescale(),
        handler: b"\0\0\0\0soun\0\0\0\0\0\0\0\0\0\0\0\0microphone\0",
        put_header: |out| put_full(out, b"smhd", 0, 0, |out| u32s(out, &[0])),
    };
    put_media(out, &media, |out| audio.put_sample_entry(out));
}

fn put_track_header(out: &mut Vec<u8>, track: Track, volume: u16, size: [u32; 2]) {
    put_full(out, b"tkhd", 0, SHOWN, |out| {
        u32s(out, &[0, 0, track.id(), 0, 0, 0, 0]);
        u16s(out, &[0, 0, volume, 0]);
        u32s(out, &MATRIX);
        u32s(out, &size);
    });
}

/// What tells the media of one track from another's.
struct Media {
    timescale: u32,
    handler: &'static [u8],
    put_header: fn(&mut Vec<u8>),
}

fn put_media(out: &mut Vec<u8>, media: &Media, put_sample_entry: impl FnOnce(&mut Vec<u8>)) {
    put(out, b"mdia", |out| {
        // The language is not known: `und`.
        put_full(out, b"mdhd", 0, 0, |out| {
            u32s(out, &[0, 0, media.timescale, 0, 0x55c4_0000]);
        });
        put_full(out, b"hdlr", 0, 0, |out| {
            out.extend_from_slice(media.handler)
        });
        put(out, b"minf", |out| {
            (media.put_header)(out);
            put(out, b"dinf", |out| {
                put_full(out, b"dref", 0, 0, |out| {
                    u32s(out, &[1]);
                    put_full(out, b"url ", 0, IN_HERE, |_| {});
                });
            });
            put(out, b"stbl", |out| {
                put_full(out, b"stsd", 0, 0, |out| {
                    u32s(out, &[1]);
                    put_sample_entry(out);
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
