//! What is packed comes out again, whatever is lost, late, or counted past its end.

mod jpegs;
mod sounds;

use std::time::Duration;

use bytes::Bytes;
use eyeline_media::{MediaTime, Timestamp};
use proptest::prelude::*;

use super::sender::frames;
use super::*;

/// 640x360, Constrained Baseline, as x264 writes it.
const SPS: &[u8] = &[
    0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x61, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
    0x00, 0x03, 0x00, 0x32, 0x0f, 0x16, 0x2e, 0x48,
];
const PPS: &[u8] = &[0x68, 0xcb, 0x83, 0xcb, 0x20];

/// A slice that is the first of its picture, of so many bytes.
fn slice(header: u8, length: usize) -> Vec<u8> {
    let mut nal = vec![header, 0x88];
    nal.extend((2..length).map(|n| n as u8 | 1));
    nal
}

fn unit(nals: &[&[u8]]) -> Vec<u8> {
    let one = |nal: &&[u8]| [&u32::try_from(nal.len()).unwrap().to_be_bytes(), *nal].concat();
    nals.iter().flat_map(one).collect()
}

/// Pictures, every fourth of them a key picture, of these lengths.
fn pictures(lengths: &[usize]) -> Vec<Vec<u8>> {
    let one = |(at, length): (usize, &usize)| match at % 4 {
        0 => unit(&[SPS, PPS, &slice(0x65, *length)]),
        _ => unit(&[&slice(0x41, *length)]),
    };
    lengths.iter().enumerate().map(one).collect()
}

fn sent(pictures: &[Vec<u8>], first: u16, timestamp: u32) -> Vec<Bytes> {
    let mut sender = Sender::new(0, 96, 7, first);
    let mut all = Vec::new();
    for (at, picture) in (0_u32..).zip(pictures) {
        let at = timestamp.wrapping_add(at * 3_000);
        h264::pack(picture, at, &mut sender, &mut all);
    }
    let packets = frames(&all).map(|(_, packet)| Bytes::copy_from_slice(packet));
    packets.collect()
}

/// What comes of packets that come 1 ms apart: the pictures and their ticks.
fn received(packets: impl IntoIterator<Item = Bytes>) -> (Vec<(Vec<u8>, i64)>, Counts) {
    let depacketizer = Depacketizer::h264([]);
    let mut receiver = Receiver::new(96, depacketizer, false);
    let mut got = Vec::new();
    let mut now = Duration::ZERO;
    let mut take = |receiver: &mut Receiver, now| {
        while let Some(output) = receiver.poll(now).unwrap() {
            let Media::Picture(unit) = output.media else {
                panic!("no picture")
            };
            got.push((unit.data.to_vec(), output.ticks));
        }
    };
    for packet in packets {
        now += Duration::from_millis(1);
        receiver.push(now, packet);
        take(&mut receiver, now);
    }
    take(&mut receiver, now + limits::MAX_WAIT);
    take(&mut receiver, now + 2 * limits::MAX_WAIT);
    let counts = receiver.counts();
    (got, counts)
}

#[test]
fn a_picture_has_one_timestamp_and_a_marker_on_its_last_packet_only() {
    let packets = sent(&pictures(&[5_000, 20]), 65_533, u32::MAX - 1);
    let read: Vec<_> = packets.iter().map(|p| Packet::parse(p).unwrap()).collect();
    let markers: Vec<_> = read.iter().map(|p| p.marker).collect();
    // The parameter sets, four pieces, and the next picture.
    assert_eq!(markers, [false, false, false, false, true, true]);
    let numbers: Vec<_> = read.iter().map(|p| p.sequence).collect();
    assert_eq!(numbers, [65_533, 65_534, 65_535, 0, 1, 2]);
    let times: Vec<_> = read.iter().map(|p| p.timestamp).collect();
    assert_eq!(times[..5], [u32::MAX - 1; 5]);
    assert_eq!(times[5], 2_998);
    for packet in &packets {
        assert!(packet.len() <= limits::MAX_SENT_BYTES);
    }
    assert_eq!(read[0].payload[0], 0x78, "STAP-A of the highest importance");
    let edges: Vec<_> = read[1..5]
        .iter()
        .map(|p| (p.payload[0], p.payload[1]))
        .collect();
    assert_eq!(
        edges,
        [(0x7c, 0x85), (0x7c, 0x05), (0x7c, 0x05), (0x7c, 0x45)]
    );
}

#[test]
fn parameter_sets_are_found_in_what_was_packed() {
    let mut all = Vec::new();
    let mut sender = Sender::new(0, 96, 7, 0);
    sender.report(&mut all, 5, Timestamp::from_micros(1));
    h264::pack(&pictures(&[100])[0], 0, &mut sender, &mut all);
    assert_eq!(h264::parameter_sets(&all), [SPS.to_vec(), PPS.to_vec()]);
}

#[test]
fn sequence_numbers_and_timestamps_go_on_past_their_end() {
    let pictures = pictures(&[3_000; 12]);
    let (got, counts) = received(sent(&pictures, 65_530, u32::MAX - 7_000));
    let data: Vec<_> = got.iter().map(|(data, _)| data.clone()).collect();
    assert_eq!(data, pictures);
    assert!(got.windows(2).all(|two| two[1].1 - two[0].1 == 3_000));
    assert_eq!(counts.lost, 0);
}

#[test]
fn packets_that_come_in_another_order_lose_nothing() {
    let pictures = pictures(&[4_000; 8]);
    let mut packets = sent(&pictures, 65_000, 0);
    let last = packets.len() - 1;
    for at in (1..last).step_by(3) {
        packets.swap(at, at + 1);
    }
    let (got, counts) = received(packets);
    assert_eq!(got.len(), pictures.len());
    assert_eq!(counts.lost, 0);
}

#[test]
fn what_builds_on_a_lost_packet_is_left_out_until_the_next_key_picture() {
    let pictures = pictures(&[3_000; 12]);
    let mut packets = sent(&pictures, 0, 0);
    // The sets and three pieces; then three pieces each: this is the middle of the third picture.
    packets.remove(4 + 3 + 1);
    let (got, counts) = received(packets);
    let kept: Vec<_> = got.iter().map(|(_, ticks)| ticks / 3_000).collect();
    assert_eq!(kept, [0, 1, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert_eq!((counts.lost, counts.damaged), (1, 2));
}

#[test]
fn decoding_begins_with_a_key_picture_that_is_whole() {
    let pictures = pictures(&[3_000; 6]);
    let packets = sent(&pictures, 0, 0);
    // From the middle of the first key picture.
    let (got, _) = received(packets.into_iter().skip(2));
    assert_eq!(got.first().map(|(_, ticks)| ticks / 3_000), Some(4));
}

#[test]
fn a_packet_that_comes_twice_counts_once() {
    let pictures = pictures(&[3_000; 4]);
    let packets = sent(&pictures, 0, 0);
    let twice = packets
        .into_iter()
        .flat_map(|packet| [packet.clone(), packet]);
    let (got, counts) = received(twice);
    assert_eq!(got.len(), 4);
    assert_eq!(counts.lost, 0);
}

#[test]
fn a_sender_that_begins_anew_is_followed() {
    let one = pictures(&[500; 4]);
    let packets = sent(&one, 100, 0)
        .into_iter()
        .chain(sent(&one, 40_000, 12_000));
    let (got, _) = received(packets);
    assert_eq!(got.len(), 8);
}

proptest! {
    #[test]
    fn pictures_of_any_size_come_out_as_they_were(
        lengths in prop::collection::vec(2_usize..6_000, 1..9),
        first in any::<u16>(),
        timestamp in any::<u32>(),
    ) {
        let pictures = pictures(&lengths);
        let (got, counts) = received(sent(&pictures, first, timestamp));
        let got: Vec<_> = got.into_iter().map(|(data, _)| data).collect();
        prop_assert_eq!(got, pictures);
        prop_assert_eq!(counts.lost, 0);
    }

    #[test]
    fn whatever_is_lost_or_late_only_whole_pictures_come_out(
        lengths in prop::collection::vec(2_usize..4_000, 1..16),
        lost in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        late in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let pictures = pictures(&lengths);
        let mut packets = sent(&pictures, 65_500, 0);
        for at in late {
            let at = at.index(packets.len());
            let to = (at + 3).min(packets.len() - 1);
            packets.swap(at, to);
        }
        for at in lost {
            if packets.len() > 1 {
                packets.remove(at.index(packets.len()));
            }
        }
        let (got, _) = received(packets);
        let mut before = None;
        for (data, ticks) in got {
            let number = usize::try_from(ticks.rem_euclid(1 << 32) / 3_000).unwrap();
            prop_assert_eq!(&data, &pictures[number], "it is that picture");
            let decodable = number % 4 == 0 || before == Some(number - 1);
            prop_assert!(decodable, "{} after {:?}", number, before);
            before = Some(number);
        }
    }

    #[test]
    fn any_payload_is_read_without_panic(
        packets in prop::collection::vec(
            (any::<u16>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..60)), 0..30),
    ) {
        for depacketizer in [
            Depacketizer::h264([SPS, PPS]),
            Depacketizer::aac(aac::Layout::default(), &[0x12, 0x10]),
            Depacketizer::opus(),
            Depacketizer::g711(0),
        ] {
            let mut receiver = Receiver::new(96, depacketizer, false);
            for (number, flags, payload) in &packets {
                let mut bytes = vec![0x80 | flags & 0x3f, 96 | flags & 0x80];
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.extend_from_slice(&[0, 0, *flags, 0, 0, 0, 0, 1]);
                bytes.extend_from_slice(payload);
                receiver.push(Duration::ZERO, bytes.into());
                while let Ok(Some(_)) = receiver.poll(Duration::ZERO) {}
            }
        }
    }
}

#[test]
fn reports_say_when_what_was_captured() {
    let captured = Timestamp::from_nanos(1_700_000_000_500_000_000);
    let sender = Sender::new(0, 96, 0xdead_beef, 3);
    let mut all = Vec::new();
    sender.report(&mut all, 90_000, captured);
    let (channel, packet) = frames(&all).next().unwrap();
    assert_eq!((channel, packet.len() % 4), (1, 0));
    let reports: Vec<_> = rtcp::reports(packet).collect();
    let [rtcp::Report::Sender(report)] = reports[..] else {
        panic!("{reports:?}")
    };
    assert_eq!((report.ssrc, report.timestamp), (0xdead_beef, 90_000));
    let off = report
        .time()
        .unwrap()
        .since(captured)
        .max(captured.since(report.time().unwrap()));
    assert!(off < Duration::from_micros(1), "{off:?}");
}

#[test]
fn receivers_say_what_was_lost() {
    let report = rtcp::ReceiverReport {
        ssrc: 9,
        fraction_lost: 12,
        lost: 345,
        highest: 70_000,
    };
    let read: Vec<_> = rtcp::reports(&report.to_bytes(1)).collect();
    assert_eq!(read, [rtcp::Report::Receiver(report)]);
}

/// Times of pictures in decoding order, in frames, and when each is decoded.
fn check_decoded(depth: usize, shown: &[i64], expected: &[i64]) {
    const FRAME: i64 = 40_000_000;
    let mut times = DecodeTimes::new(depth);
    let decoded: Vec<_> = shown
        .iter()
        .map(|at| times.next(MediaTime::from_nanos(at * FRAME)).as_nanos())
        .collect();
    let rounded: Vec<_> = decoded
        .iter()
        .map(|at| (at + FRAME / 2).div_euclid(FRAME))
        .collect();
    assert_eq!(rounded, expected, "{shown:?}");
    for (at, (decoded, shown)) in decoded.iter().zip(shown).enumerate() {
        assert!(
            *decoded <= shown * FRAME,
            "picture {at} is decoded before it is shown"
        );
    }
    if depth > 0 {
        assert!(decoded.is_sorted_by(|one, next| one < next), "{decoded:?}");
    }
}

#[test]
fn pictures_in_order_are_decoded_when_they_are_shown() {
    check_decoded(0, &[0, 1, 2, 3, 5], &[0, 1, 2, 3, 5]);
}

#[test]
fn pictures_that_are_shown_in_another_order_are_decoded_in_time() {
    // I P B B P B B: one picture comes before those that are shown earlier.
    check_decoded(1, &[0, 3, 1, 2, 6, 4, 5], &[0, 0, 1, 2, 3, 4, 5]);
}

#[test]
fn tracks_are_brought_in_step_by_reports() {
    let hz = |hz| std::num::NonZeroU32::new(hz).unwrap();
    let mut sync = Sync::new([hz(90_000), hz(48_000)]);
    let ms = Duration::from_millis;
    let report = |timestamp, at_ms: u64| rtcp::SenderReport {
        ssrc: 0,
        ntp: rtcp::ntp(Timestamp::from_micros(1_700_000_000_000_000 + at_ms * 1000)),
        timestamp,
        packets: 0,
        octets: 0,
    };
    assert_eq!(sync.time(0, 0, ms(1_000)).as_nanos(), 1_000_000_000);
    // The sound came 100 ms late.
    assert_eq!(sync.time(1, 48_000, ms(1_100)).as_nanos(), 1_100_000_000);
    sync.report(0, 0, &report(0, 500));
    sync.report(1, 48_000, &report(48_000, 500));
    assert_eq!(sync.time(0, 90_000, ms(2_000)).as_nanos(), 2_000_000_000);
    let sound = sync.time(1, 96_000, ms(2_100)).as_nanos();
    assert!((sound - 2_000_000_000).abs() < 1_000, "{sound}");
}

#[test]
fn packets_are_delayed_and_reports_are_not() {
    let mut sender = Sender::new(0, 96, 7, 3);
    let mut bytes = Vec::new();
    sender.report(&mut bytes, 100, Timestamp::default());
    sender.put(&mut bytes, u32::MAX, false, &[b"one"]);
    sender.put(&mut bytes, 100, true, &[b"two"]);
    let before = bytes.clone();
    sender::delay(&mut bytes, 11);
    let at: Vec<_> = sender::frames(&bytes)
        .filter(|(channel, _)| channel % 2 == 0)
        .map(|(_, packet)| u32::from_be_bytes(packet[4..8].try_into().unwrap()))
        .collect();
    assert_eq!(at, [10, 111]);
    let report = |bytes: &[u8]| sender::frames(bytes).next().unwrap().1.to_vec();
    assert_eq!(report(&bytes), report(&before));
    assert_eq!(bytes.len(), before.len());
    let mut short = before[..40].to_vec();
    sender::delay(&mut short, 11);
}
