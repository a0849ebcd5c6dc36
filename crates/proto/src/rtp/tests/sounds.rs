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

/// 44.1 kHz, stereo, AAC-LC.
const STREAM_MUX: &[u8] = &[0x40, 0x00, 0x24, 0x20, 0x3f, 0xc0];

/// The access units in packets with these payloads, of which the second value says whether they end an element.
fn check_latm(config: &[u8], packets: &[(&[u8], bool)], expected: &[(i64, &[u8])]) {
    let config = latm::MuxConfig::parse(config).unwrap();
    let mut receiver = Receiver::new(97, Depacketizer::latm(&config), true);
    let mut sender = Sender::new(2, 97, 7, 0);
    let mut all = Vec::new();
    for (payload, marker) in packets {
        sender.put(&mut all, 100, *marker, &[payload]);
    }
    for (_, packet) in frames(&all) {
        receiver.push(Duration::ZERO, Bytes::copy_from_slice(packet));
    }
    let mut got = Vec::new();
    while let Some(output) = receiver.poll(Duration::ZERO).transpose() {
        if let Ok(Output {
            ticks,
            media: Media::Sound { data, .. },
        }) = output
        {
            got.push((ticks, data.to_vec()));
        }
    }
    let expected: Vec<_> = expected
        .iter()
        .map(|(at, data)| (*at, data.to_vec()))
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn multiplexed_sound_is_taken_apart() {
    check_latm(STREAM_MUX, &[(b"\x03abc", true)], &[(100, b"abc")]);
    let long = [&[255, 45][..], &[7; 300]].concat();
    check_latm(
        STREAM_MUX,
        &[(&long[..200], false), (&long[200..], true)],
        &[(100, &[7; 300])],
    );
    let two_units = &[0x41, 0x00, 0x24, 0x20, 0x3f, 0xc0];
    check_latm(
        two_units,
        &[(b"\x01a\x02bc", true)],
        &[(100, b"a"), (1_124, b"bc")],
    );
    // What is cut short is left out, and the next is taken.
    check_latm(
        STREAM_MUX,
        &[(b"\x09abc", true), (b"", true), (b"\x01d", true)],
        &[(100, b"d")],
    );
}

#[test]
fn the_configuration_of_a_multiplex_is_read_also_as_gstreamer_cuts_it_short() {
    let parsed = latm::MuxConfig::parse(STREAM_MUX).unwrap();
    assert_eq!(
        (&parsed.audio[..], parsed.channels, parsed.units),
        (&[0x12, 0x10][..], 2, 1)
    );
    let parsed = latm::MuxConfig::parse(&[0x40, 0x00, 0x24, 0x10, 0xad, 0xca, 0x00]).unwrap();
    assert_eq!(
        (&parsed.audio[..], parsed.channels),
        (&[0x12, 0x08, 0x56, 0xe5, 0x00][..], 1)
    );
    let refused = |bytes: &[u8]| assert_eq!(latm::MuxConfig::parse(bytes), None, "{bytes:?}");
    (0..4).for_each(|end| refused(&STREAM_MUX[..end]));
    // Another version, several programmes, no number of channels.
    refused(&[0xc0, 0x00, 0x24, 0x20, 0x3f, 0xc0]);
    refused(&[0x40, 0x80, 0x24, 0x20, 0x3f, 0xc0]);
    refused(&[0x40, 0x00, 0x24, 0x00, 0x3f, 0xc0]);
}
