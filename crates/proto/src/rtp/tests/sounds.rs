//! Sound goes through packets as it is.

use std::time::Duration;

use bytes::Bytes;
use eyeline_media::AudioCodec;

use super::super::sender::frames;
use super::super::*;

/// Packs a piece of sound; what comes out, and in how many packets.
fn sound_through(
    codec: AudioCodec,
    depacketizer: Depacketizer,
    data: &[u8],
) -> (Vec<u8>, u32, usize) {
    let mut sender = Sender::new(2, 97, 7, 0);
    let mut all = Vec::new();
    pack_sound(codec, 2, data, 9, &mut sender, &mut all);
    let mut receiver = Receiver::new(97, depacketizer, true);
    let (mut got, mut samples, mut packets) = (Vec::new(), 0, 0);
    for (channel, packet) in frames(&all) {
        assert_eq!(channel, 2);
        assert!(packet.len() <= limits::MAX_SENT_BYTES);
        packets += 1;
        receiver.push(Duration::ZERO, Bytes::copy_from_slice(packet));
        while let Some(output) = receiver.poll(Duration::ZERO).unwrap() {
            let Media::Sound {
                samples: count,
                data,
            } = output.media
            else {
                panic!("no sound")
            };
            samples += count;
            got.extend_from_slice(&data);
        }
    }
    (got, samples, packets)
}

#[test]
fn sound_comes_out_as_it_was() {
    let check = |codec, depacketizer, data: &[u8], samples, packets| {
        let through = sound_through(codec, depacketizer, data);
        assert_eq!(through, (data.to_vec(), samples, packets), "{codec:?}");
    };
    let aac = |config: &[u8]| Depacketizer::aac(aac::Layout::default(), config);
    check(AudioCodec::Aac, aac(&[0x12, 0x10]), &[7; 300], 1_024, 1);
    check(AudioCodec::Aac, aac(&[0x12, 0x14]), &[7; 300], 960, 1);
    check(AudioCodec::Aac, aac(&[0x12, 0x10]), &[7; 3_000], 1_024, 3);
    // 20 ms, and two frames of 20 ms, of CELT.
    check(
        AudioCodec::Opus,
        Depacketizer::opus(),
        &[0xfc, 1, 2],
        960,
        1,
    );
    check(
        AudioCodec::Opus,
        Depacketizer::opus(),
        &[0xfd, 1, 2],
        1_920,
        1,
    );
    check(AudioCodec::Pcmu, Depacketizer::g711(2), &[7; 320], 160, 1);
    check(
        AudioCodec::Pcma,
        Depacketizer::g711(2),
        &[7; 4_000],
        2_000,
        3,
    );
}

#[test]
fn several_access_units_of_sound_in_one_packet_are_told_apart() {
    let mut sender = Sender::new(2, 97, 7, 0);
    let mut all = Vec::new();
    let (first, second) = ((2_u16 << 3).to_be_bytes(), (3_u16 << 3).to_be_bytes());
    let parts: [&[u8]; 4] = [&[0, 32], &first, &second, b"aabbb"];
    sender.put(&mut all, 100, true, &parts);
    let mut receiver = Receiver::new(
        97,
        Depacketizer::aac(aac::Layout::default(), &[0x12, 0x10]),
        true,
    );
    for (_, packet) in frames(&all) {
        receiver.push(Duration::ZERO, Bytes::copy_from_slice(packet));
    }
    let mut got = Vec::new();
    while let Some(output) = receiver.poll(Duration::ZERO).unwrap() {
        if let Media::Sound { data, .. } = output.media {
            got.push((output.ticks, data));
        }
    }
    assert_eq!(
        got,
        [
            (100, Bytes::from_static(b"aa")),
            (1_124, Bytes::from_static(b"bbb"))
        ]
    );
}
