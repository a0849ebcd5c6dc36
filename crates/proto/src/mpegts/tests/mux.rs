//! What is written is read back, by our own reader.

use std::sync::Arc;
use std::time::Duration;

use eyeline_media::{AudioFormat, MediaTime};
use proptest::prelude::*;

use super::*;

fn after(start: MediaTime, time: MediaTime) -> Duration {
    Duration::from_nanos((time.as_nanos() - start.as_nanos()) as u64)
}

/// Writes all of it, one after the other.
fn write(pictures: &[Video], sounds: &[Sound]) -> Vec<u8> {
    let mut mux = Mux::new(sounds.first().map(|sound| sound.format.clone()));
    let start = pictures[0].decode;
    let mut stream = Vec::new();
    let mut sounds = sounds.iter().peekable();
    for video in pictures {
        let (present, decode) = (after(start, video.present), after(start, video.decode));
        mux.video(
            &video.unit.data,
            video.unit.key,
            present,
            decode,
            &mut stream,
        );
        while let Some(sound) = sounds.next_if(|sound| sound.at <= video.decode) {
            mux.sound(
                &sound.format,
                &sound.data,
                after(start, sound.at),
                &mut stream,
            );
        }
    }
    for sound in sounds {
        mux.sound(
            &sound.format,
            &sound.data,
            after(start, sound.at),
            &mut stream,
        );
    }
    stream
}

#[test]
fn pictures_and_sound_come_back_as_they_were_and_as_far_apart() {
    for stream in [AAC, OPUS, GSTREAMER] {
        let (pictures, sounds) = read(stream, 188);
        let written = write(&pictures, &sounds);
        assert_eq!(written.len() % PACKET_BYTES, 0);
        let (pictures_again, sounds_again) = read(&written, 188);
        let units = |pictures: &[Video]| -> Vec<_> {
            pictures.iter().map(|video| video.unit.clone()).collect()
        };
        assert_eq!(units(&pictures_again), units(&pictures));
        let data = |sounds: &[Sound]| -> Vec<_> {
            let one = |sound: &Sound| (sound.data.clone(), sound.format.clone());
            sounds.iter().map(one).collect()
        };
        assert_eq!(data(&sounds_again), data(&sounds));
        let shift = ticks(pictures_again[0].decode) - ticks(pictures[0].decode);
        let near = |one, other| (ticks(one) - ticks(other) - shift).abs() <= 1;
        for (again, video) in pictures_again.iter().zip(&pictures) {
            assert!(near(again.present, video.present) && near(again.decode, video.decode));
        }
        for (again, sound) in sounds_again.iter().zip(&sounds) {
            assert!(near(again.at, sound.at), "{again:?} {sound:?}");
        }
    }
}

#[test]
fn reading_can_begin_with_any_key_picture() {
    let (pictures, sounds) = read(AAC, 188);
    let written = write(&pictures, &sounds);
    let (all, _) = read(&written, 188);
    let tables: Vec<_> = written
        .chunks(PACKET_BYTES)
        .enumerate()
        .filter(|(_, packet)| packet[1..3] == [0x40, 0])
        .map(|(at, _)| at * PACKET_BYTES)
        .collect();
    assert_eq!(tables.len(), 3, "one before each key picture");
    let (rest, _) = read(&written[tables[1]..], 188);
    assert!(rest[0].unit.key);
    assert_eq!(rest.last().unwrap().unit, all.last().unwrap().unit);
}

#[test]
fn sound_that_comes_later_is_told_in_new_tables() {
    let (pictures, sounds) = read(AAC, 188);
    let mut mux = Mux::new(None);
    let mut stream = Vec::new();
    let key = &pictures[0].unit;
    mux.video(&key.data, true, Duration::ZERO, Duration::ZERO, &mut stream);
    let at = Duration::from_millis(20);
    mux.sound(&sounds[0].format, &sounds[0].data, at, &mut stream);
    let mono = AudioFormat {
        config: vec![0x11, 0x90].into(),
        ..(*sounds[0].format).clone()
    };
    mux.sound(&Arc::new(mono), &sounds[1].data, at * 2, &mut stream);
    let (_, heard) = read(&stream, 188);
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].format.config[..], [0x11, 0x90]);
    let unknown = AudioFormat {
        codec: AudioCodec::Pcmu,
        ..(*sounds[0].format).clone()
    };
    let len = stream.len();
    mux.sound(&Arc::new(unknown), &[0; 160], at, &mut stream);
    assert_eq!(stream.len(), len, "what cannot be carried is left out");
}

#[test]
fn each_picture_says_where_the_clock_stands_and_begins_with_a_delimiter() {
    let (pictures, _) = read(GSTREAMER, 188);
    let written = write(&pictures, &[]);
    let starts = written
        .chunks(PACKET_BYTES)
        .filter(|packet| packet[1..3] == [0x41, 0]);
    let mut clock = Vec::new();
    for packet in starts {
        assert_eq!(packet[5] & 0x10, 0x10, "a clock reference");
        let reference = u64::from_be_bytes(packet[4..12].try_into().unwrap()) & 0xffff_ffff_ffff;
        clock.push(reference >> 15);
        let delimiter = packet
            .windows(6)
            .any(|bytes| bytes == [0, 0, 0, 1, 9, 0xf0]);
        assert!(delimiter, "{packet:?}");
    }
    assert_eq!(clock.len(), pictures.len());
    assert_eq!(clock[0], 0);
    assert!(clock.is_sorted_by(|one, next| one + 3_599 <= *next && *next <= one + 3_601));
}

proptest! {
    #[test]
    fn a_picture_of_any_length_comes_back(len in 0_usize..70_000) {
        let (pictures, _) = read(GSTREAMER, 188);
        let key = &pictures[0].unit;
        let mut data = key.data.to_vec();
        let slice = vec![0x80_u8; len];
        data.extend_from_slice(&(len as u32 + 2).to_be_bytes());
        data.extend_from_slice(&[0x65, 0x42]);
        data.extend_from_slice(&slice);
        let mut stream = Vec::new();
        Mux::new(None).video(&data, true, Duration::ZERO, Duration::ZERO, &mut stream);
        prop_assert_eq!(stream.len() % PACKET_BYTES, 0);
        let (again, _) = read(&stream, 188);
        prop_assert_eq!(&again[0].unit.data[..], &data[..]);
    }
}

#[test]
fn pictures_are_moved_to_other_times_and_nothing_else_changes() {
    let (mut pictures, _) = read(AAC, 188);
    let ms = Duration::from_millis;
    let mut written = Vec::new();
    let mut mux = Mux::new(None);
    for (at, video) in (0_u64..).zip(&pictures) {
        let mut packets = Vec::new();
        let (present, decode) = (ms(at * 40 + 80), ms(at * 40));
        mux.video(
            &video.unit.data,
            video.unit.key,
            present,
            decode,
            &mut packets,
        );
        Mux::move_picture(&mut packets, ms(at * 10 + 20), ms(at * 10));
        written.extend_from_slice(&packets);
    }
    let (mut again, _) = read(&written, 188);
    let start = again[0].decode;
    for (at, (again, video)) in (0_u64..).zip(again.iter_mut().zip(&mut pictures)) {
        assert_eq!(again.unit, video.unit);
        let times = (after(start, again.present), after(start, again.decode));
        assert_eq!(times, (ms(at * 10 + 20), ms(at * 10)));
    }
    assert_eq!(again.len(), pictures.len());
    let references = written.chunks_exact(PACKET_BYTES).filter_map(|packet| {
        let has_reference = packet[3] & 0x20 != 0 && packet[4] >= 7 && packet[5] & 0x10 != 0;
        has_reference.then(|| u32::from_be_bytes(packet[6..10].try_into().unwrap()))
    });
    // Half as many ticks of 90 kHz as in ten milliseconds.
    let expected: Vec<_> = (0..pictures.len() as u32).map(|at| at * 450).collect();
    assert_eq!(references.collect::<Vec<_>>(), expected);
}
