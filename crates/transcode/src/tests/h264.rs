//! H.264 made by real encoders, in this program and in another.

use std::sync::Arc;

use eyeline_hub::{Coding, Feed, RenditionKey, RingLimits};
use eyeline_media::Codec;
use eyeline_sys_codec::{H264Decoder, Planes};

use super::*;
use crate::{Command, RawLayout};

fn as_h264(height: Option<u32>) -> RenditionKey {
    RenditionKey {
        height,
        fps: None,
        coding: Coding::H264(None),
        always: false,
    }
}

fn decode(decoder: &mut H264Decoder, packet: &Packet) -> Planes {
    let mut planes = Planes::default();
    assert_eq!(packet.codec, Codec::H264);
    assert!(decoder.decode(&packet.data, &mut planes).unwrap());
    planes
}

/// The time in the pixels of what a viewer gets, which must begin with a key picture.
fn check_times(bench: &mut Bench, viewer: &mut Subscriber<Packet>, size: &str) {
    let mut decoder = H264Decoder::new().unwrap();
    for n in 0..5 {
        bench.clock.advance(Duration::from_millis(40));
        let sent = bench.publish(640, 360);
        let got = next(viewer).unwrap();
        assert_eq!(got.captured, sent.captured);
        assert_eq!(got.key, n == 0);
        let planes = decode(&mut decoder, &got);
        assert_eq!(planes.size().to_string(), size);
        assert_eq!(got.resolution.to_string(), size);
        let luma = planes.luma();
        let read = eyeline_media::timecode::decode(luma.data, luma.stride, planes.size());
        assert_eq!(read, Some(sent.captured));
    }
}

#[test]
fn jpegs_become_h264_with_their_time_in_the_pixels() {
    let (mut bench, mut viewer) = Bench::start(as_h264(None));
    check_times(&mut bench, &mut viewer, "640x360");
    let (mut bench, mut viewer) = Bench::start(as_h264(Some(240)));
    check_times(&mut bench, &mut viewer, "426x240");
}

#[test]
fn h264_becomes_smaller_h264_and_jpegs() {
    let (mut bench, mut viewer) = Bench::start(as_h264(None));
    let clock = bench.clock.clone();
    let second = |key| {
        let (source, feed) = Feed::new(clock.clone(), RingLimits::LIVE);
        let (into, rendition) = Feed::new(clock.clone(), RingLimits::LIVE);
        let cursor = rendition.subscribe().unwrap();
        let from = feed.subscribe().unwrap();
        Transcoder::new(clock.clone(), GRACE).start(&"b".parse().unwrap(), key, from, into);
        (source, cursor)
    };
    let (mut to_smaller, mut smaller) = second(as_h264(Some(180)));
    let (mut to_jpeg, mut jpegs) = second(RenditionKey::BRIDGE);
    let mut decoder = H264Decoder::new().unwrap();
    for _ in 0..5 {
        bench.clock.advance(Duration::from_millis(40));
        let sent = bench.publish(640, 360);
        let coded = next(&mut viewer).unwrap();
        to_smaller.publish(coded.clone());
        to_jpeg.publish(coded);
        let got = next(&mut smaller).unwrap();
        assert_eq!(decode(&mut decoder, &got).size().to_string(), "320x180");
        assert_eq!(got.captured, sent.captured);
        let jpeg = next(&mut jpegs).unwrap();
        assert_eq!(pictures::read_time(&jpeg.data), Some(sent.captured));
    }
}

#[test]
fn who_comes_later_gets_a_key_picture_at_once_and_many_get_the_same() {
    let clock = SimClock::starting_at(1_700_000_000_000_000_000);
    let (source, feed) = Feed::new(clock.clone(), RingLimits::LIVE);
    let (into, rendition) = Feed::new(clock.clone(), RingLimits::LIVE);
    into.set_prompt();
    let mut first = rendition.subscribe().unwrap();
    let from = feed.subscribe().unwrap();
    Transcoder::new(clock.clone(), GRACE).start(
        &"front".parse().unwrap(),
        as_h264(None),
        from,
        into,
    );
    let mut bench = Bench { clock, source };
    let show = |bench: &mut Bench, first: &mut Subscriber<Packet>| {
        bench.clock.advance(Duration::from_millis(40));
        bench.publish(320, 240);
        next(first).unwrap()
    };
    assert!(show(&mut bench, &mut first).key);
    for _ in 0..30 {
        assert!(!show(&mut bench, &mut first).key);
    }
    let mut late: Vec<_> = (0..5).map(|_| rendition.subscribe().unwrap()).collect();
    let packet = show(&mut bench, &mut first);
    assert!(packet.key, "it was asked for");
    for viewer in &mut late {
        assert_eq!(next(viewer).unwrap(), packet);
    }
    for _ in 0..5 {
        assert!(!show(&mut bench, &mut first).key, "one for all");
    }
}

/// Stands for hardware.
const FFMPEG: &str = "ffmpeg -loglevel error -probesize 32 -f rawvideo -pix_fmt {layout} \
    -s {width}x{height} -r {fps} -i - -c:v libx264 -preset ultrafast -tune zerolatency -bf 0 \
    -b:v {bitrate} -g {gop} -f h264 -flush_packets 1 -";

fn by_command(line: &str, layout: RawLayout) -> (Bench, Subscriber<Packet>) {
    let clock = SimClock::starting_at(1_700_000_000_000_000_000);
    let (source, feed) = Feed::new(clock.clone(), RingLimits::LIVE);
    let (into, rendition) = Feed::new(clock.clone(), RingLimits::LIVE);
    let viewer = rendition.subscribe().unwrap();
    let transcoder = Transcoder::new(clock.clone(), GRACE).with_encoder(Command {
        line: line.to_owned(),
        layout,
    });
    let from = feed.subscribe().unwrap();
    transcoder.start(&"front".parse().unwrap(), as_h264(None), from, into);
    (Bench { clock, source }, viewer)
}

/// Publishes until a packet comes.
fn show_until(bench: &mut Bench, viewer: &mut Subscriber<Packet>) -> Packet {
    let cx = &mut Context::from_waker(Waker::noop());
    wait::until("a picture of the command", || {
        bench.clock.advance(Duration::from_millis(40));
        bench.publish(320, 240);
        match viewer.poll_next(cx) {
            Poll::Ready(next) => Some(next.unwrap().value.clone()),
            Poll::Pending => None,
        }
    })
}

#[test]
fn a_configured_program_encodes_in_place_of_this_one() {
    for (layout, name) in [(RawLayout::Yuv420p, "yuv420p"), (RawLayout::Nv12, "nv12")] {
        let (mut bench, mut viewer) = by_command(&FFMPEG.replace("{layout}", name), layout);
        let mut decoder = H264Decoder::new().unwrap();
        for n in 0..10 {
            let packet = show_until(&mut bench, &mut viewer);
            assert_eq!(packet.key, n == 0, "picture {n}");
            let planes = decode(&mut decoder, &packet);
            let luma = planes.luma();
            let read = eyeline_media::timecode::decode(luma.data, luma.stride, planes.size());
            assert_eq!(read, Some(packet.captured), "the right time goes along");
        }
    }
}

#[test]
fn a_configured_program_that_fails_is_replaced_by_this_one() {
    for line in [
        "no-such-encoder",
        "echo sorry >&2; exit 3",
        "cat /dev/urandom",
        "head -c 200000 >/dev/null",
    ] {
        let (mut bench, mut viewer) = by_command(line, RawLayout::Yuv420p);
        let packet = show_until(&mut bench, &mut viewer);
        assert!(packet.key, "{line}");
        decode(&mut H264Decoder::new().unwrap(), &packet);
    }
}

#[test]
fn the_rendition_says_how_it_is_made() {
    let clock = SimClock::starting_at(1_700_000_000_000_000_000);
    let (source, feed) = Feed::new(clock.clone(), RingLimits::LIVE);
    let (into, rendition) = Feed::new(clock.clone(), RingLimits::LIVE);
    let mut viewer = rendition.subscribe().unwrap();
    let from = feed.subscribe().unwrap();
    Transcoder::new(Arc::<SimClock>::clone(&clock), GRACE).start(
        &"front".parse().unwrap(),
        as_h264(None),
        from,
        into,
    );
    let mut bench = Bench { clock, source };
    bench.publish(320, 240);
    next(&mut viewer).unwrap();
    let making = rendition.making();
    assert_eq!((making.encoder, making.reduced), (Some("openh264"), None));
}
