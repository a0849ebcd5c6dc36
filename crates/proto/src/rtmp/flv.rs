//! The names of codecs in messages (*Adobe Flash Video File Format* 10.1, E.4; *Enhanced RTMP v2*), and
//! what is wrong with a message of video or audio.

use crate::h264;

/// Why a message of video or audio is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Pictures that are coded otherwise.
    #[error("the pictures are coded as {0}; only H.264 is taken over RTMP")]
    Video(String),
    /// Sound that is coded otherwise; the pictures may go on.
    #[error("the sound is coded as {0}; only AAC, Opus and G.711 are taken over RTMP")]
    Audio(String),
    /// A message that is not what it should be; others may be.
    #[error("a message of video or audio cannot be read: {0}")]
    Malformed(&'static str),
    /// H.264 that cannot be read.
    #[error(transparent)]
    H264(#[from] h264::Error),
}

impl TagError {
    /// Whether what follows may be read; what is coded otherwise stays so.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::H264(_))
    }
}

/// The name of a kind of video by its number.
pub(super) fn video_codec(number: u8) -> String {
    let name = match number {
        2 => "Sorenson H.263",
        3 | 6 => "Screen Video",
        4 | 5 => "VP6",
        8 => "H.263",
        9 => "MPEG-4 part 2",
        12 => "H.265 (HEVC)",
        13 => "AV1",
        _ => return format!("number {number}"),
    };
    name.to_owned()
}

/// The name of a kind of sound by its number.
pub(super) fn audio_codec(number: u8) -> String {
    let name = match number {
        0 | 3 => "PCM",
        1 => "ADPCM",
        2 | 14 => "MP3",
        4..=6 => "Nellymoser",
        11 => "Speex",
        _ => return format!("number {number}"),
    };
    name.to_owned()
}

/// The name of a codec by its four characters.
pub(super) fn four_characters(code: [u8; 4]) -> String {
    let name = match &code {
        b"hvc1" | b"hev1" => "H.265 (HEVC)",
        b"vvc1" => "H.266 (VVC)",
        b"vp08" => "VP8",
        b"vp09" => "VP9",
        b"av01" => "AV1",
        b"fLaC" => "FLAC",
        b".mp3" => "MP3",
        b"ac-3" => "AC-3",
        b"ec-3" => "E-AC-3",
        _ => return code.escape_ascii().to_string(),
    };
    format!("{name}, {}", code.escape_ascii())
}

/// The frames of Enhanced RTMP: their type and the codec, and what is left. Modifiers that stand before
/// are passed over.
pub(super) fn enhanced(first: u8, rest: &[u8]) -> Option<(u8, [u8; 4], &[u8])> {
    const MODIFIER: u8 = 7;
    const MULTITRACK: (u8, u8) = (5, 6);
    let (mut kind, mut rest) = (first & 0x0f, rest);
    while kind == MODIFIER {
        let (&short, after) = rest.split_first()?;
        let (length, after) = match short {
            // A length of 256 says that a longer one follows.
            0xff => {
                let (long, after) = after.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*long)) + 1, after)
            }
            short => (usize::from(short) + 1, after),
        };
        let (&next, after) = after.get(length..)?.split_first()?;
        (kind, rest) = (next & 0x0f, after);
    }
    if [MULTITRACK.0, MULTITRACK.1].contains(&kind) {
        return None;
    }
    let (code, rest) = rest.split_first_chunk::<4>()?;
    Some((kind, *code, rest))
}
