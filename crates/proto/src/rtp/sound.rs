//! Sound that goes into RTP as it is: Opus (RFC 7587) and G.711 (RFC 3551, 4.5.14).

use eyeline_media::AudioCodec;

use super::aac;
use super::sender::{MAX_PAYLOAD_BYTES, Sender};

/// Most samples of an Opus packet, at 48 kHz: 120 ms.
const MAX_OPUS_SAMPLES: u32 = 5_760;

/// Appends a piece of sound. The timestamp counts samples, of Opus always at 48 kHz.
pub fn pack(
    codec: AudioCodec,
    channels: u8,
    data: &[u8],
    timestamp: u32,
    sender: &mut Sender,
    into: &mut Vec<u8>,
) {
    match codec {
        AudioCodec::Aac => aac::pack(data, timestamp, sender, into),
        // One packet a packet: a longer one than fits is of a rate nobody uses.
        AudioCodec::Opus if data.len() > MAX_PAYLOAD_BYTES => {}
        AudioCodec::Opus => sender.put(into, timestamp, false, &[data]),
        AudioCodec::Pcmu | AudioCodec::Pcma => {
            let channels = usize::from(channels.max(1));
            let most = MAX_PAYLOAD_BYTES / channels * channels;
            let mut at = timestamp;
            for piece in data.chunks(most) {
                sender.put(into, at, false, &[piece]);
                at = at.wrapping_add((piece.len() / channels) as u32);
            }
        }
    }
}

/// Samples of an Opus packet at 48 kHz (RFC 6716, 3.1); `None` of one that is none.
#[must_use]
pub fn opus_samples(packet: &[u8]) -> Option<u32> {
    let &toc = packet.first()?;
    let config = toc >> 3;
    let frame = match config {
        0..12 => [480, 960, 1_920, 2_880][usize::from(config & 3)],
        12..16 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    Some(frame * frames).filter(|samples| (1..=MAX_OPUS_SAMPLES).contains(samples))
}
