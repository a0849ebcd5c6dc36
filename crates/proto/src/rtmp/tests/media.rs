//! Pictures and sound in messages.

use std::sync::Arc;

use bytes::Bytes;
use eyeline_media::{AudioCodec, AudioFormat, MediaTime, Resolution};

use super::*;

const MS: i64 = 1_000_000;
/// AAC-LC, 44.1 kHz, stereo.
const ASC: &[u8] = &[0x12, 0x10];

fn avcc(length_bytes: u8) -> Vec<u8> {
    let mut out = vec![
        1,
        0x42,
        0xc0,
        0x1e,
        0xfc | (length_bytes - 1),
        0xe1,
        0,
        SPS.len() as u8,
    ];
    out.extend_from_slice(SPS);
    out.extend_from_slice(&[1, 0, PPS.len() as u8]);
    out.extend_from_slice(PPS);
    out
}

/// Times of decoding and presentation in milliseconds, whether it is a key picture, and its bytes.
type Seen = (i64, i64, bool, Vec<u8>);

fn pictures(messages: &[Message]) -> Vec<Seen> {
    let mut incoming = Incoming::default();
    let mut seen = Vec::new();
    for message in messages {
        if let Some(Unit::Picture {
            unit,
            present,
            decode,
        }) = incoming.read(message).unwrap()
        {
            assert_eq!(unit.resolution, Resolution::new(640, 360).unwrap());
            let millis = |time: MediaTime| time.as_nanos() / MS;
            seen.push((
                millis(decode),
                millis(present),
                unit.key,
                unit.data.to_vec(),
            ));
        }
    }
    seen
}

fn video(timestamp: u32, parts: &[&[u8]]) -> Message {
    media(Kind::VIDEO, timestamp, &parts.concat())
}

#[test]
fn pictures_are_read_as_they_were_played() {
    let mut out = Outgoing::new(None);
    let key = framed(&[SPS, PPS, IDR]);
    let next = framed(&[NEXT]);
    let mut chunks = SET_CHUNK_SIZE.to_vec();
    chunks.extend_from_slice(&metadata(None, None));
    chunks.extend_from_slice(&out.picture(&key, true, u32::MAX - 10, 80));
    chunks.extend_from_slice(&out.picture(&next, false, 29, -40));
    let wrap = i64::from(u32::MAX);
    let expected = [
        (wrap - 10, wrap + 70, true, key),
        (wrap + 30, wrap - 10, false, next),
    ];
    assert_eq!(pictures(&messages(&chunks)), expected);
}

#[test]
fn pictures_of_both_ways_to_say_h264_are_read() {
    let enhanced = |kind: u8, frame: u8| [&[0x80 | frame << 4 | kind][..], b"avc1"].concat();
    let (key, next) = (framed(&[SPS, PPS, IDR]), framed(&[NEXT]));
    let bare = framed(&[IDR]);
    let classic = [
        video(0, &[&[0x17, 0, 0, 0, 0], &avcc(4)]),
        video(0, &[&[0x17, 1, 0, 0, 40], &bare]),
        video(40, &[&[0x27, 1, 0xff, 0xff, 0xd8], &next]),
        video(80, &[&[0x17, 2, 0, 0, 0]]),
    ];
    let by_name = [
        video(0, &[&enhanced(0, 1), &avcc(4)]),
        video(0, &[&enhanced(1, 1), &[0, 0, 40], &bare]),
        // Modifiers in front, a short and a long one.
        video(
            40,
            &[
                &[0xa7, 1, 9, 9, 0x07, 0xff, 0, 1, 9, 9, 0x01],
                b"avc1",
                &[0xff, 0xff, 0xd8],
                &next,
            ],
        ),
        video(80, &[&enhanced(2, 1)]),
    ];
    let expected = [(0, 40, true, key.clone()), (40, 0, false, next.clone())];
    assert_eq!(pictures(&classic), expected);
    assert_eq!(pictures(&by_name), expected);
    let without_offset = [
        video(0, &[&enhanced(0, 1), &avcc(4)]),
        video(0, &[&enhanced(3, 1), &bare]),
        video(40, &[&enhanced(3, 2), &next]),
    ];
    assert_eq!(
        pictures(&without_offset),
        [(0, 0, true, key), (40, 40, false, next)]
    );
}

#[test]
fn lengths_may_be_short_and_what_cannot_be_decoded_is_left_out() {
    let head = [0x17, 1, 0, 0, 0];
    let short = [&[IDR.len() as u8], IDR].concat();
    let messages = [
        // Before there are parameter sets, and before a key picture.
        video(0, &[&head, &short]),
        video(0, &[&[0x17, 0, 0, 0, 0], &avcc(1)]),
        video(0, &[&[0x27, 1, 0, 0, 0], &[NEXT.len() as u8], NEXT]),
        video(0, &[&[0x57, 0]]),
        video(40, &[&head, &short, &[200, 1]]),
    ];
    assert_eq!(
        pictures(&messages),
        [(40, 40, true, framed(&[SPS, PPS, IDR]))]
    );
}

#[test]
fn what_is_not_taken_is_named() {
    let check = |kind: Kind, payload: &[u8], expected: &str| {
        let read = Incoming::default().read(&media(kind, 0, payload));
        let error = read.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(Kind::VIDEO, &[0x12], "Sorenson");
    check(Kind::VIDEO, &[0x1c, 0], "HEVC");
    check(Kind::VIDEO, b"\x90hvc1", "H.265 (HEVC), hvc1");
    check(Kind::VIDEO, b"\x90vp09", "VP9");
    check(Kind::VIDEO, b"\x90av01", "AV1");
    check(Kind::VIDEO, b"\x90xy\xff1", "xy\\xff1");
    check(Kind::VIDEO, b"\x96\x00avc1", "tracks");
    check(Kind::VIDEO, b"\x90av", "cut short");
    check(Kind::VIDEO, &[0x17, 0, 0, 0, 0, 1, 2], "configuration");
    check(Kind::VIDEO, &[0x17, 1, 0], "ends before");
    check(Kind::AUDIO, &[0x2f], "MP3");
    check(Kind::AUDIO, b"\x90fLaC", "FLAC");
    check(Kind::AUDIO, &[0xaf, 0, 0xff], "AAC");
}

fn format(
    codec: AudioCodec,
    sample_rate: u32,
    channels: u8,
    config: &'static [u8],
) -> Arc<AudioFormat> {
    let config = Bytes::from_static(config);
    Arc::new(AudioFormat {
        codec,
        sample_rate,
        channels,
        config,
    })
}

#[test]
fn sound_is_read_as_it_was_played() {
    let head: &[u8] = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0";
    let head: &'static [u8] = head;
    let check = |format: Arc<AudioFormat>, data: &[u8], samples: u32| {
        let mut out = Outgoing::new(None);
        let chunks = [
            out.sound(&format, data, 100).unwrap(),
            out.sound(&format, data, 120).unwrap(),
        ];
        let mut incoming = Incoming::default();
        let units = messages(&chunks.concat());
        let units = units.iter().filter_map(|m| incoming.read(m).unwrap());
        let units = units.filter(|unit| *unit != Unit::Format(Arc::clone(&format)));
        let expected = [100, 120].map(|millis| Unit::Sound {
            format: Arc::clone(&format),
            at: MediaTime::from_nanos(millis * MS),
            samples,
            data: data.to_vec().into(),
        });
        assert_eq!(units.collect::<Vec<_>>(), expected);
    };
    check(format(AudioCodec::Aac, 44_100, 2, ASC), &[1, 2, 3], 1_024);
    check(format(AudioCodec::Pcma, 8_000, 1, &[]), &[7; 20], 20);
    check(format(AudioCodec::Pcmu, 8_000, 2, &[]), &[7; 20], 10);
    // 20 ms of CELT, two frames.
    check(format(AudioCodec::Opus, 48_000, 1, head), &[0xfd, 1], 1_920);
    let wide = format(AudioCodec::Pcmu, 16_000, 1, &[]);
    assert_eq!(Outgoing::new(None).sound(&wide, &[0], 0), None);
}

#[test]
fn who_begins_with_a_key_picture_gets_the_configuration_of_the_sound() {
    let mut out = Outgoing::new(None);
    out.sound(&format(AudioCodec::Aac, 44_100, 2, ASC), &[1], 0);
    let chunks = out.picture(&framed(&[SPS, PPS, IDR]), true, 40, 0);
    let kinds: Vec<_> = messages(&chunks)
        .iter()
        .map(|m| (m.kind, m.payload[1]))
        .collect();
    assert_eq!(
        kinds,
        [(Kind::VIDEO, 0), (Kind::AUDIO, 0), (Kind::VIDEO, 1)]
    );
}

#[test]
fn messages_in_one_are_taken_apart() {
    let part = |kind: Kind, time: u32, payload: &[u8]| {
        let mut out = vec![kind.0];
        out.extend_from_slice(&(payload.len() as u32).to_be_bytes()[1..]);
        out.extend_from_slice(&time.to_be_bytes()[1..]);
        out.push((time >> 24) as u8);
        out.extend_from_slice(&[0, 0, 0]);
        out.extend_from_slice(payload);
        out.extend_from_slice(&(payload.len() as u32 + 11).to_be_bytes());
        out
    };
    let all = [
        part(Kind::VIDEO, 0x0100_0000, &[1]),
        part(Kind::AUDIO, 0x0100_0017, &[2, 3]),
        vec![8, 0],
    ];
    let whole = media(Kind::AGGREGATE, 500, &all.concat());
    let expected = [
        media(Kind::VIDEO, 500, &[1]),
        media(Kind::AUDIO, 523, &[2, 3]),
    ];
    assert_eq!(super::super::aggregate::split(&whole), expected);
}

#[test]
fn what_was_written_of_a_picture_is_moved_to_other_times() {
    let mut out = Outgoing::new(Some(aac()));
    let key = framed(&[SPS, PPS, IDR]);
    // Longer than a chunk, and to where times take four more bytes.
    let long = framed(&[&[NEXT, &vec![7; 100_000]].concat()]);
    let mut chunks = SET_CHUNK_SIZE.to_vec();
    for (picture, is_key, at) in [(&key, true, 1_000), (&long, false, 1_040)] {
        let written = out.picture(picture, is_key, at, 80);
        chunks.extend_from_slice(&moved(&written, at + 0x00ff_fffe - 1_000, 8).unwrap());
    }
    let messages = messages(&chunks);
    let kinds: Vec<_> = messages.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [Kind::VIDEO, Kind::AUDIO, Kind::VIDEO, Kind::VIDEO]);
    let at = 0x00ff_fffe;
    let expected = [(at, at + 8, true, key), (at + 40, at + 48, false, long)];
    assert_eq!(pictures(&messages), expected);
}

#[test]
fn of_sound_only_what_sets_up_its_decoder_is_moved() {
    let mut out = Outgoing::new(None);
    let first = out.sound(&aac(), &[1, 2, 3], 40).unwrap();
    let chunks = [&SET_CHUNK_SIZE[..], &moved(&first, 50, 0).unwrap()].concat();
    let messages = messages(&chunks);
    let told: Vec<_> = messages
        .iter()
        .map(|message| (message.timestamp, message.payload.to_vec()))
        .collect();
    assert_eq!(told, [(50, [&[0xaf, 0][..], ASC].concat())]);
    let next = out.sound(&aac(), &[1, 2, 3], 60).unwrap();
    assert_eq!(moved(&next, 70, 0), None);
}

fn aac() -> Arc<AudioFormat> {
    Arc::new(AudioFormat {
        codec: AudioCodec::Aac,
        sample_rate: 44_100,
        channels: 2,
        config: Bytes::from_static(ASC),
    })
}

const SET_CHUNK_SIZE: [u8; 16] = [2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 1, 0, 0];
