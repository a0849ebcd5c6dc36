//! AAC in MP4: the elementary stream descriptor (ISO/IEC 14496-1, 7.2.6) and the configuration in it
//! (ISO/IEC 14496-3, 1.6.2.1).

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat};

use super::boxes::Reader;
use super::limits::MAX_CONFIG_BYTES;

const ES_DESCRIPTOR: u8 = 3;
const DECODER_CONFIG: u8 = 4;
const DECODER_SPECIFIC_INFO: u8 = 5;
/// Kinds of objects: MPEG-4 audio, and AAC of MPEG-2.
const AAC: [u8; 4] = [0x40, 0x66, 0x67, 0x68];
/// Samples a second by index.
const SAMPLE_RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];
/// Channels by configuration.
const CHANNELS: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 8];

/// The format that the body of an `esds` box describes, if it is AAC. `sample_rate` and `channels`
/// are what the box around it says, for what the configuration leaves open.
pub(super) fn format(esds: &[u8], sample_rate: u32, channels: u8) -> Option<AudioFormat> {
    let (_, _, body) = Reader::full(esds)?;
    let mut stream = descriptor(body.0, ES_DESCRIPTOR)?;
    stream.u16()?;
    let flags = stream.u8()?;
    if flags & 0x80 != 0 {
        stream.u16()?;
    }
    if flags & 0x40 != 0 {
        let len = stream.u8()?;
        stream.bytes(len.into())?;
    }
    if flags & 0x20 != 0 {
        stream.u16()?;
    }
    let mut decoder = descriptor(stream.0, DECODER_CONFIG)?;
    if !AAC.contains(&decoder.u8()?) {
        return None;
    }
    decoder.bytes(12)?;
    let config = descriptor(decoder.0, DECODER_SPECIFIC_INFO)?.0;
    let said = parse(config)?;
    (config.len() <= MAX_CONFIG_BYTES).then(|| AudioFormat {
        codec: AudioCodec::Aac,
        sample_rate: said.0.unwrap_or(sample_rate).max(1),
        channels: said.1.unwrap_or(channels),
        config: Bytes::copy_from_slice(config),
    })
}

/// The body of the first descriptor of this kind.
fn descriptor(bytes: &[u8], kind: u8) -> Option<Reader<'_>> {
    let mut reader = Reader(bytes);
    loop {
        let found = reader.u8()?;
        let mut len = 0_usize;
        // Seven bits a byte, in at most four bytes.
        for _ in 0..4 {
            let byte = reader.u8()?;
            len = len << 7 | usize::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                break;
            }
        }
        // Some writers count more than there is.
        let body = reader.bytes(len.min(reader.0.len()))?;
        if found == kind {
            return Some(Reader(body));
        }
    }
}

/// Sample rate and channels of an `AudioSpecificConfig`, where it says them by number.
fn parse(config: &[u8]) -> Option<(Option<u32>, Option<u8>)> {
    let word = |at: usize| u64::from(config.get(at).copied().unwrap_or(0));
    let bits = (0..8).fold(0, |bits, at| bits << 8 | word(at));
    let take = |from: u32, count: u32| (bits << from) >> (64 - count);
    config.get(1)?;
    let mut at = if take(0, 5) == 31 { 11 } else { 5 };
    let index = take(at, 4) as usize;
    at += 4;
    let rate = if index == 15 {
        let rate = take(at, 24) as u32;
        at += 24;
        Some(rate)
    } else {
        SAMPLE_RATES.get(index).copied()
    };
    let channels = CHANNELS.get(take(at, 4) as usize).copied();
    Some((
        rate.filter(|rate| *rate > 0),
        channels.filter(|count| *count > 0),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_says_rate_and_channels() {
        let check = |config: &[u8], expected| assert_eq!(parse(config), expected, "{config:?}");
        check(&[0x12, 0x10], Some((Some(44_100), Some(2))));
        check(&[0x11, 0x88], Some((Some(48_000), Some(1))));
        // The rate in 24 bits.
        check(
            &[0x17, 0x80, 0x5D, 0xC0, 0x08],
            Some((Some(48_000), Some(1))),
        );
        // Channels are said by an element of the stream.
        check(&[0x11, 0x80], Some((Some(48_000), None)));
        check(&[0x12], None);
        check(&[], None);
    }
}
