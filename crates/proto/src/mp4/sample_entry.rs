//! How the samples of a track are coded: its first sample entry (ISO/IEC 14496-12, 8.5.2).

use bytes::Bytes;
use eyeline_media::AudioFormat;

use super::boxes::{Reader, child, children};
use super::{aac, opus};

/// Bytes of a sample entry of pictures before its boxes.
const VISUAL_BYTES: usize = 78;

/// How H.264 lies in samples (ISO/IEC 14496-15, 5.3.3.1).
#[derive(Debug)]
pub(super) struct Avc {
    /// Bytes of the length before each NAL unit: 1, 2 or 4.
    pub(super) length_bytes: usize,
    /// Sequence parameter sets, then picture parameter sets.
    pub(super) sets: Vec<Bytes>,
}

/// The sample entry of a track of pictures, by the body of its `stsd`.
///
/// # Errors
/// What the coding is called, if it is not H.264.
pub(super) fn video(stsd: &[u8]) -> Result<Avc, String> {
    let (kind, entry) = first(stsd).ok_or("of an unknown kind")?;
    if !matches!(&kind, b"avc1" | b"avc3") {
        return Err(name(kind));
    }
    let boxes = entry.get(VISUAL_BYTES..).unwrap_or_default();
    let config = child(boxes, b"avcC").and_then(avc);
    config.ok_or_else(|| "H.264 (avc1) whose avcC cannot be read".to_owned())
}

/// As [`video`], of sound; `None` if it cannot be carried.
pub(super) fn audio(stsd: &[u8]) -> Option<AudioFormat> {
    let (kind, entry) = first(stsd)?;
    let mut reader = Reader(entry);
    reader.bytes(8)?;
    // QuickTime's versions of this have more fields.
    let version = reader.u16()?;
    reader.bytes(6)?;
    let channels = reader.u16()?;
    reader.bytes(6)?;
    let rate = reader.u32()? >> 16;
    reader.bytes(match version {
        0 => 0,
        1 => 16,
        _ => 36,
    })?;
    let boxes = reader.0;
    match &kind {
        b"mp4a" => {
            let esds = child(boxes, b"esds");
            let esds = esds.or_else(|| child(child(boxes, b"wave")?, b"esds"))?;
            aac::format(esds, rate, u8::try_from(channels).unwrap_or(2))
        }
        b"Opus" => opus::format(child(boxes, b"dOps")?),
        _ => None,
    }
}

/// The first entry of an `stsd`.
fn first(stsd: &[u8]) -> Option<([u8; 4], &[u8])> {
    children(stsd.get(8..)?).next()
}

/// Reads an `AVCDecoderConfigurationRecord`.
fn avc(record: &[u8]) -> Option<Avc> {
    let mut reader = Reader(record);
    if reader.u8()? != 1 {
        return None;
    }
    reader.bytes(3)?;
    let length_bytes = usize::from(reader.u8()? & 3) + 1;
    let mut sets = Vec::new();
    for mask in [0x1F, 0xFF] {
        let count = reader.u8()? & mask;
        for _ in 0..count {
            let len = reader.u16()?;
            sets.push(Bytes::copy_from_slice(reader.bytes(len.into())?));
        }
    }
    (length_bytes != 3).then_some(Avc { length_bytes, sets })
}

/// What a coding is called, with its four characters.
fn name(kind: [u8; 4]) -> String {
    let what = match &kind {
        b"hvc1" | b"hev1" => "H.265",
        b"av01" => "AV1",
        b"vp08" => "VP8",
        b"vp09" => "VP9",
        b"mp4v" => "MPEG-4 Part 2",
        b"jpeg" | b"mjpa" | b"mjpb" => "MJPEG",
        b"dvh1" | b"dvhe" | b"dva1" | b"dvav" => "Dolby Vision",
        b"vvc1" | b"vvi1" => "H.266",
        b"encv" => "encrypted",
        _ => "of a kind that is not known",
    };
    format!("{what} ({})", kind.escape_ascii())
}
