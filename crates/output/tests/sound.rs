//! Sound beside pictures, out of a clip of ffmpeg's with B-frames and AAC: as one file, and as HLS and
//! DASH have it, where each is by itself. What comes out is read by ffprobe.

#![allow(
    clippy::unwrap_used,
    reason = "a test may; clippy sees the helpers as production code"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use eyeline_auth::Access;
use eyeline_clock::{SharedClock, SimClock};
use eyeline_hub::{
    Hub, Limits, Publisher, RenditionKey, Stream, StreamPublisher, Subscriber, Transcode,
};
use eyeline_media::{AudioPacket, Codec, MediaTime, Packet, StreamId, Timestamp};
use eyeline_output::{DASH, HLS, LIVE_MP4, Output, Query, Request, Visitor};
use eyeline_proto::mpegts::{self, Demux, Unit};
use eyeline_testkit::hls::{Playlist, Variants, check, check_variants};
use eyeline_testkit::tools::Program;
use http::HeaderMap;
use http_body_util::BodyExt as _;

const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// Makes no renditions.
struct NoTranscode;

impl Transcode for NoTranscode {
    fn start(&self, _: &StreamId, _: RenditionKey, _: Subscriber<Packet>, into: Publisher<Packet>) {
        drop(into);
    }
}

struct Bench {
    clock: SharedClock,
    stream: Arc<Stream>,
    publisher: StreamPublisher,
    _hub: Hub,
}

fn bench() -> Bench {
    let clock: SharedClock = SimClock::starting_at(START.as_nanos());
    let hub = Hub::new(Arc::clone(&clock), Limits::default(), Box::new(NoTranscode));
    let access = Access::by_configuration();
    let id = "cam".parse().unwrap();
    let publisher = hub
        .publish(&access.publish(&id), "test:".to_owned())
        .unwrap();
    Bench {
        stream: hub.watch(&access.view(&id)).unwrap(),
        clock,
        publisher,
        _hub: hub,
    }
}

/// Four seconds, a key picture each.
fn clip(folder: &Path) -> Vec<Unit> {
    let path = folder.join("clip.ts");
    Program::output(
        Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x240:rate=30",
            ])
            .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"])
            .args([
                "-t", "4", "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "30",
            ])
            .args([
                "-sc_threshold",
                "0",
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac",
                "-ac",
                "2",
            ])
            .arg(&path),
    );
    let mut demux = Demux::new(mpegts::Limits::default());
    let mut units = Vec::new();
    demux.push(&std::fs::read(path).unwrap());
    while let Some(unit) = demux.unit().unwrap() {
        units.push(unit);
    }
    while let Some(unit) = demux.finish().unwrap() {
        units.push(unit);
    }
    units
}

fn at(time: MediaTime) -> Timestamp {
    START.after(Duration::from_nanos(time.as_nanos().unsigned_abs()))
}

impl Bench {
    fn request(&self, file: &str, query: &str) -> Request {
        Request {
            stream: Arc::clone(&self.stream),
            wish: Default::default(),
            file: file.to_owned(),
            query: Query::parse(query),
            headers: HeaderMap::new(),
            head_only: false,
            visitor: Visitor {
                remote: [192, 0, 2, 1].into(),
                agent: None,
            },
            link: Arc::default(),
            sent: Arc::default(),
            clock: Arc::clone(&self.clock),
        }
    }

    async fn get(&self, output: &'static Output, file: &str) -> Vec<u8> {
        get(output, self.request(file, "")).await
    }

    async fn text(&self, file: &str) -> String {
        String::from_utf8(self.get(&HLS, file).await).unwrap()
    }

    /// Publishes the clip once somebody looks.
    async fn publish(&mut self, units: &[Unit]) {
        while self.publisher.demand().viewers == 0 {
            tokio::task::yield_now().await;
        }
        let first = units.iter().find_map(|unit| match unit {
            Unit::Sound(sound) => Some(Arc::clone(&sound.format)),
            Unit::Video(_) => None,
        });
        self.publisher.set_audio(first.as_ref());
        for unit in units {
            match unit.clone() {
                Unit::Video(video) => self.publisher.publish(Packet {
                    captured: at(video.present),
                    composition: at(video.present).since(at(video.decode)),
                    codec: Codec::H264,
                    resolution: video.unit.resolution,
                    key: video.unit.key,
                    slate: false,
                    data: video.unit.data,
                }),
                Unit::Sound(sound) => self.publisher.publish_audio(AudioPacket {
                    captured: at(sound.at),
                    format: sound.format,
                    samples: sound.samples,
                    data: sound.data,
                }),
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn get(output: &'static Output, request: Request) -> Vec<u8> {
    let what = request.file.clone();
    let answer = (output.serve)(request).await;
    let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
    answer
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .to_vec()
}

/// What ffprobe finds in a file: of each packet the kind and the time it is shown.
fn packets(folder: &Path, file: &[u8]) -> Vec<(String, f64)> {
    let path = folder.join("probed.mp4");
    std::fs::write(&path, file).unwrap();
    let told = Program::output(
        Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-of",
                "csv=p=0",
                "-show_entries",
                "packet=codec_type,pts_time",
            ])
            .arg(&path),
    );
    // Every one of them is decoded without a complaint.
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-i"])
        .arg(&path)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    assert!(
        decoded.status.success(),
        "{}",
        String::from_utf8_lossy(&decoded.stderr)
    );
    let told = String::from_utf8(told).unwrap();
    let packet = |line: &str| {
        let (kind, time) = line.trim_end_matches(',').split_once(',').unwrap();
        (kind.to_owned(), time.parse().unwrap())
    };
    told.lines().map(packet).collect()
}

fn last(packets: &[(String, f64)], kind: &str) -> f64 {
    let times = packets
        .iter()
        .filter(|(is, _)| is == kind)
        .map(|(_, time)| *time);
    times.fold(f64::MIN, f64::max)
}

fn count(packets: &[(String, f64)], kind: &str) -> usize {
    packets.iter().filter(|(is, _)| is == kind).count()
}

/// How much later than the last sound the last picture is, in the source.
fn apart(units: &[Unit]) -> f64 {
    let picture = units.iter().filter_map(|unit| match unit {
        Unit::Video(video) => Some(video.present.as_nanos()),
        Unit::Sound(_) => None,
    });
    let sound = units.iter().filter_map(|unit| match unit {
        Unit::Sound(sound) => Some(sound.at.as_nanos()),
        Unit::Video(_) => None,
    });
    (picture.max().unwrap() - sound.max().unwrap()) as f64 / 1e9
}

#[tokio::test]
async fn a_file_has_both_tracks_and_pictures_in_the_order_they_are_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let units = clip(folder.path());
    let mut bench = bench();
    let file = tokio::spawn(get(&LIVE_MP4, bench.request("", "")));
    bench.publish(&units).await;
    drop(bench);
    let packets = packets(folder.path(), &file.await.unwrap());
    assert_eq!(count(&packets, "video"), 120);
    // What was before the first picture is left out.
    assert!(count(&packets, "audio") > 170, "{packets:?}");
    let kept = last(&packets, "video") - last(&packets, "audio");
    assert!(
        (kept - apart(&units)).abs() < 0.04,
        "{kept} {}",
        apart(&units)
    );
}

#[tokio::test]
async fn playlists_list_pictures_and_sound_that_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    let units = clip(folder.path());
    let mut bench = bench();
    let index = tokio::spawn(get(&HLS, bench.request("index.m3u8", "")));
    bench.publish(&units).await;
    let variants = Variants::parse(&String::from_utf8(index.await.unwrap()).unwrap()).unwrap();
    assert_eq!(check_variants(&variants), []);
    let (variant, uri) = &variants.variants[0];
    assert_eq!(
        (&variant["CODECS"][..11], &uri[..]),
        ("avc1.64000d", "video.m3u8")
    );
    assert!(variant["CODECS"].ends_with(",mp4a.40.2"), "{variant:?}");
    assert_eq!(variants.media[0]["URI"], "audio.m3u8");
    let mut ends = Vec::new();
    for (name, kind) in [("video.m3u8", "video"), ("audio.m3u8", "audio")] {
        let playlist = Playlist::parse(&bench.text(name).await).unwrap();
        assert_eq!(check(&playlist), [], "{playlist:?}");
        let init = &playlist.segments[0].map.as_ref().unwrap().uri;
        let mut file = bench.get(&HLS, init).await;
        // A gap lists parts, too, which are not there.
        let there = playlist.segments.iter().filter(|segment| !segment.gap);
        for part in there.flat_map(|segment| &segment.parts) {
            file.extend_from_slice(&bench.get(&HLS, &part.uri).await);
        }
        let packets = packets(folder.path(), &file);
        assert!(count(&packets, kind) > 100, "{packets:?}");
        assert_eq!(packets.len(), count(&packets, kind), "only {kind}");
        ends.push(last(&packets, kind));
        let numbers: Vec<_> = playlist
            .segments
            .iter()
            .map(|segment| segment.number)
            .collect();
        assert!(numbers.len() >= 3, "{playlist:?}");
    }
    // Each ends within a part of where the source did.
    assert!(
        (ends[0] - ends[1] - apart(&units)).abs() < 0.25,
        "{ends:?} {}",
        apart(&units)
    );
    let mpd = String::from_utf8(bench.get(&DASH, "manifest.mpd").await).unwrap();
    assert!(
        mpd.contains("contentType=\"audio\"") && mpd.contains("codecs=\"mp4a.40.2\""),
        "{mpd}"
    );
}
