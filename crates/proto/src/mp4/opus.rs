//! Opus in MP4 (Encapsulation of Opus in ISO Base Media File Format, 4.3.2).

use bytes::{BufMut as _, BytesMut};
use eyeline_media::{AudioCodec, AudioFormat};

use super::boxes::Reader;

/// Opus counts 48,000 samples a second, whatever it was made of (RFC 7845, 5.1).
pub(super) const SAMPLE_RATE: u32 = 48_000;

/// The format that the body of a `dOps` box describes, with the identification header that says the same
/// in the form of Ogg (RFC 7845, 5.1): little-endian.
pub(super) fn format(dops: &[u8]) -> Option<AudioFormat> {
    let mut reader = Reader(dops);
    let version = reader.u8()?;
    let channels = reader.u8()?;
    let (pre_skip, rate, gain) = (reader.u16()?, reader.u32()?, reader.u16()?);
    let family = reader.u8()?;
    let mapping = if family == 0 {
        &[][..]
    } else {
        reader.bytes(2 + usize::from(channels))?
    };
    if version != 0 || channels == 0 {
        return None;
    }
    let mut head = BytesMut::with_capacity(19 + mapping.len());
    head.extend_from_slice(b"OpusHead\x01");
    head.put_u8(channels);
    head.put_u16_le(pre_skip);
    head.put_u32_le(rate);
    head.put_u16_le(gain);
    head.put_u8(family);
    head.extend_from_slice(mapping);
    Some(AudioFormat {
        codec: AudioCodec::Opus,
        sample_rate: SAMPLE_RATE,
        channels,
        config: head.freeze(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_that_of_ogg() {
        let dops = [0, 2, 0x01, 0x38, 0, 0, 0xBB, 0x80, 0, 0, 0];
        let format = format(&dops).unwrap();
        assert_eq!((format.sample_rate, format.channels), (48_000, 2));
        let expected = b"OpusHead\x01\x02\x38\x01\x80\xBB\0\0\0\0\0";
        assert_eq!(&format.config[..], expected);
        assert_eq!(super::format(&dops[..10]), None);
    }
}
