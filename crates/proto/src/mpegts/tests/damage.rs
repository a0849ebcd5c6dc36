//! Packets that are missing, doubled or of no use.

use super::*;

fn units(stream: &[u8]) -> (Demux, Vec<Video>) {
    let mut demux = Demux::new(Limits::default());
    demux.push(stream);
    let mut pictures = Vec::new();
    while let Some(unit) = demux.unit().unwrap() {
        if let Unit::Video(video) = unit {
            pictures.push(video);
        }
    }
    while let Some(unit) = demux.finish().unwrap() {
        if let Unit::Video(video) = unit {
            pictures.push(video);
        }
    }
    (demux, pictures)
}

fn packets(stream: &[u8]) -> Vec<&[u8]> {
    stream.chunks(PACKET_BYTES).collect()
}

/// Numbers of the packets with pictures.
fn of_video(stream: &[u8]) -> Vec<usize> {
    let is_video = |packet: &&[u8]| packet[1] & 0x1f == 1 && packet[2] == 0;
    let all = packets(stream).into_iter().enumerate();
    all.filter(|(_, packet)| is_video(packet))
        .map(|(at, _)| at)
        .collect()
}

#[test]
fn no_picture_is_given_on_that_a_missing_packet_was_part_of_or_that_builds_on_it() {
    let (_, whole) = units(AAC);
    let mut of_video = of_video(AAC);
    // Behind the last nothing tells that it is missing.
    of_video.pop();
    for lost in of_video.into_iter().skip(1) {
        let mut rest = packets(AAC);
        rest.remove(lost);
        let (demux, pictures) = units(&rest.concat());
        assert_eq!(demux.missing_packets(), 1, "{lost}");
        assert!(pictures.len() < whole.len(), "{lost}");
        let mut next = 0;
        for video in &pictures {
            let place = whole.iter().position(|other| other == video);
            let place = place.expect("each is as it was, and at its time");
            // A decoder has all before it, or can begin with it.
            assert!(
                place == next || video.unit.key,
                "{lost}: {place} behind {next}"
            );
            next = place + 1;
        }
    }
}

#[test]
fn a_gap_ends_with_the_next_key_picture() {
    let (_, whole) = units(AAC);
    let all = packets(AAC);
    let keys: Vec<_> = (0..whole.len()).filter(|at| whole[*at].unit.key).collect();
    // Within the first group of pictures.
    let lost = of_video(AAC)[12];
    let mut rest = all.clone();
    rest.remove(lost);
    let (demux, pictures) = units(&rest.concat());
    let from_key = &whole[keys[1]..];
    assert_eq!(pictures[pictures.len() - from_key.len()..], *from_key);
    assert!(demux.held_back() > 0);
}

#[test]
fn without_key_pictures_pictures_go_on_after_a_second() {
    // 12 pictures of 25 a second, over and over at later times, without the key picture.
    let (_, whole) = units(GSTREAMER);
    let mut mux = Mux::new(None);
    let mut stream = Vec::new();
    let mut number = 0;
    let mut picture = |unit: &crate::h264::AccessUnit, stream: &mut Vec<u8>| {
        let time = Duration::from_millis(40) * number;
        mux.video(&unit.data, unit.key, time, time, stream);
        number += 1;
    };
    picture(&whole[0].unit, &mut stream);
    let gap = stream.len();
    (0..100).for_each(|_| picture(&whole[1].unit, &mut stream));
    stream.drain(gap..gap + PACKET_BYTES);
    let (demux, pictures) = units(&stream);
    assert!(
        (24..=27).contains(&demux.held_back()),
        "{}",
        demux.held_back()
    );
    assert!((73..=76).contains(&pictures.len()), "{}", pictures.len());
}

#[test]
fn a_packet_that_comes_twice_counts_once() {
    let (_, whole) = units(AAC);
    let doubled: Vec<u8> = packets(AAC)
        .into_iter()
        .flat_map(|packet| [packet, packet].concat())
        .collect();
    let (demux, pictures) = units(&doubled);
    assert!(pictures == whole, "{} of {}", pictures.len(), whole.len());
    assert_eq!(demux.missing_packets(), 0);
}

#[test]
fn junk_between_packets_is_skipped() {
    let (_, whole) = units(AAC);
    let junk = [&[1, 2, 3][..], &[0x47; 10]].concat();
    let all = packets(AAC);
    let stream: Vec<u8> = all
        .chunks(10)
        .flat_map(|some| [&junk[..], &some.concat()].concat())
        .collect();
    let (demux, pictures) = units(&stream);
    assert!(pictures == whole, "{} of {}", pictures.len(), whole.len());
    assert_eq!(demux.missing_packets(), 0);
}

#[test]
fn a_change_of_the_tables_is_followed() {
    let (_, first) = units(AAC);
    let (_, second) = units(GSTREAMER);
    let (_, pictures) = units(&[AAC, GSTREAMER, AAC].concat());
    let data = |pictures: &[Video]| -> Vec<_> {
        pictures
            .iter()
            .map(|video| video.unit.data.clone())
            .collect()
    };
    let [first, second] = [data(&first), data(&second)];
    let pictures = data(&pictures);
    // The last picture before a change may wait for a packet that never comes.
    let expected = first.len() * 2 + second.len();
    assert!(
        pictures.len() + 2 >= expected,
        "{} of {expected}",
        pictures.len()
    );
    assert!(second.iter().all(|unit| pictures.contains(unit)));
}

#[test]
fn a_scrambled_stream_is_refused() {
    let mut stream = AAC.to_vec();
    let at = of_video(AAC)[3] * PACKET_BYTES;
    stream[at + 3] |= 0x80;
    let mut demux = Demux::new(Limits::default());
    demux.push(&stream);
    let refused = std::iter::from_fn(|| Some(demux.unit())).find_map(Result::err);
    assert_eq!(refused, Some(Error::Scrambled));
}
