//! How often memory is asked for while a camera runs steadily: never, from the frame that the
//! driver lends to the picture that a viewer gets.
//!
//! Whatever else runs in this process is counted, too: this program holds nothing else.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::alloc::System;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_clock::RealClock;
use eyeline_hub::{
    Hub, JpegQuality, Limits, Publisher, RenditionKey, RingLimits, Subscriber, Transcode, Wish,
};
use eyeline_media::{Packet, PixelFormat, Resolution, SampleRange, StreamId, Timestamp};
use eyeline_source::camera::{Converter, Format};
use eyeline_source::{Content, Producer, Streams};
use eyeline_testkit::pictures;
use eyeline_testkit::wait::PATIENCE;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::sync::watch;
use tokio::time::timeout;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SIZE: &str = "320x240";
/// What the ring holds; then each picture that comes lets one go.
const HELD: usize = 8;
/// Pictures until everything is as it stays.
const WARM_UP: u64 = 200;
const COUNTED: u64 = 200;
/// What is done once meanwhile, such as painting the slate of before the first picture, may spoil
/// as many as it takes a slow machine.
const TRIES: usize = 400;

struct NoTranscode;

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, _: Publisher<Packet>) {}
}

/// A stream that somebody looks at, into which pictures are put one by one.
struct Path {
    producer: Producer,
    viewer: Subscriber<Packet>,
    _streams: Streams,
    _stop: watch::Sender<bool>,
}

impl Path {
    async fn open() -> Self {
        let limits = Limits {
            ring: RingLimits {
                items: HELD,
                span: Duration::from_secs(3600),
                ..RingLimits::LIVE
            },
            ..Limits::default()
        };
        let hub = Hub::new(RealClock::shared(), limits, Box::new(NoTranscode));
        let (stop, stopped) = watch::channel(false);
        let streams = Streams::new(hub.clone(), stopped);
        let (access, id) = (Access::by_configuration(), "front".parse().unwrap());
        let grant = access.publish(&id);
        let publishing = streams.publish(&grant, Content::pictures(), None);
        let producer = timeout(PATIENCE, publishing).await.unwrap().unwrap();
        let stream = hub.watch(&access.view(&id)).unwrap();
        Self {
            producer,
            viewer: stream.packets(&Wish::default()).unwrap(),
            _streams: streams,
            _stop: stop,
        }
    }

    /// One frame all the way to the viewer.
    async fn pass(&mut self, converter: &mut Converter, buffers: &[&[u8]]) -> Packet {
        let quality = JpegQuality::DEFAULT;
        let made = converter.convert(buffers, Timestamp::from_nanos(0), quality);
        let data = made.unwrap().data;
        self.producer.picture(data, None).await.unwrap();
        let seen = timeout(PATIENCE, self.viewer.next()).await;
        seen.expect("the picture comes").unwrap().value.clone()
    }
}

/// How often memory was asked for, at the least, while frames that lie in these buffers came to the viewer.
async fn allocations(path: &mut Path, format: Format, buffers: &[(&[u8], usize)]) -> usize {
    let strides = buffers.iter().map(|(_, stride)| *stride).collect();
    let mut converter = Converter::new(format, size(), strides, SampleRange::Limited).unwrap();
    let buffers: Vec<&[u8]> = buffers.iter().map(|(bytes, _)| *bytes).collect();
    for _ in 0..WARM_UP {
        let packet = path.pass(&mut converter, &buffers).await;
        assert_eq!(packet.resolution, size());
    }
    let mut least = usize::MAX;
    for _ in 0..TRIES {
        let region = Region::new(ALLOCATOR);
        for _ in 0..COUNTED {
            path.pass(&mut converter, &buffers).await;
        }
        let change = region.change();
        least = least.min(change.allocations + change.reallocations);
        if least == 0 {
            break;
        }
    }
    least
}

fn size() -> Resolution {
    SIZE.parse().unwrap()
}

/// A JPEG without Huffman tables, as webcams send it.
fn without_tables(jpeg: &Bytes) -> Vec<u8> {
    let mut rest = &jpeg[2..];
    let mut kept = jpeg[..2].to_vec();
    while rest[1] != 0xDA {
        let (segment, after) =
            rest.split_at(2 + usize::from(u16::from_be_bytes([rest[2], rest[3]])));
        if segment[1] != 0xC4 {
            kept.extend_from_slice(segment);
        }
        rest = after;
    }
    [&kept, rest].concat()
}

#[tokio::test]
async fn a_camera_that_runs_steadily_allocates_nothing_on_the_way_to_a_viewer() {
    let mut path = Path::open().await;
    let jpeg = pictures::jpeg(size(), Timestamp::default(), 80);
    let bare = without_tables(&jpeg);
    assert!(bare.len() + 400 < jpeg.len(), "the tables are gone");
    let samples = vec![90; size().pixels() * 3];
    let raw = |format: PixelFormat| &samples[..format.frame_len(size())];
    let (luma, chroma) = raw(PixelFormat::Nv12).split_at(size().pixels());
    let gaps = [(&samples[..384 * 360], 384)];
    let check = [
        ("JPEG", Format::Jpeg, vec![(&jpeg[..], 0)]),
        ("JPEG without tables", Format::Jpeg, vec![(&bare[..], 0)]),
        (
            "YUYV",
            Format::Raw(PixelFormat::Yuyv422),
            vec![(raw(PixelFormat::Yuyv422), 0)],
        ),
        (
            "YU12",
            Format::Raw(PixelFormat::Yuv420p),
            vec![(raw(PixelFormat::Yuv420p), 0)],
        ),
        (
            "YU12 with gaps",
            Format::Raw(PixelFormat::Yuv420p),
            gaps.to_vec(),
        ),
        (
            "NV12",
            Format::Raw(PixelFormat::Nv12),
            vec![(raw(PixelFormat::Nv12), 0)],
        ),
        (
            "NM12",
            Format::Raw(PixelFormat::Nv12),
            vec![(luma, 320), (chroma, 320)],
        ),
        (
            "BGR3",
            Format::Raw(PixelFormat::Bgr24),
            vec![(raw(PixelFormat::Bgr24), 0)],
        ),
    ];
    for (name, format, buffers) in check {
        let count = allocations(&mut path, format, &buffers).await;
        assert_eq!(count, 0, "{name}: in {COUNTED} pictures");
    }
}

#[test]
fn allocations_are_counted() {
    let region = Region::new(ALLOCATOR);
    let one = Arc::new(1);
    assert!(region.change().allocations > 0);
    drop(one);
}
