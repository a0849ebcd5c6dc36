//! WebM, MP4 and MPEG-TS as recorders make them, taken apart by the real ffmpeg.

use std::process::Stdio;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use eyeline_source::{Content, IngestError, Producer};
use eyeline_testkit::wait::PATIENCE;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::bench::{House, access, front};

/// What a recorder writes: the type, and how ffmpeg makes it.
const KINDS: [(&str, &str); 3] = [
    (
        "video/webm;codecs=vp8",
        "-c:v libvpx -deadline realtime -cpu-used 8 -lag-in-frames 0 -f webm -cluster_time_limit 100",
    ),
    (
        "video/mp4",
        "-c:v libx264 -preset ultrafast -tune zerolatency \
         -f mp4 -movflags frag_every_frame+empty_moov+default_base_moof",
    ),
    (
        "video/mp2t",
        "-c:v libx264 -preset ultrafast -tune zerolatency -f mpegts",
    ),
];

/// A recorder that records for so many seconds.
fn recorder(how: &str, seconds: u32) -> Child {
    let input = "-v error -re -f lavfi -i testsrc2=size=320x240:rate=30";
    let mut command = Command::new("ffmpeg");
    command
        .args(input.split_ascii_whitespace())
        .args(["-t", &seconds.to_string()])
        .args(how.split_ascii_whitespace())
        .args(["-flush_packets", "1", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command.spawn().unwrap()
}

async fn piece(recorder: &mut Child) -> Option<Bytes> {
    let mut piece = BytesMut::with_capacity(4096);
    let read = recorder.stdout.as_mut().unwrap().read_buf(&mut piece);
    (read.await.unwrap() > 0).then(|| piece.freeze())
}

async fn publish(house: &House, content_type: &str) -> Producer {
    let content = Content::stream(Some(content_type), None).unwrap();
    let grant = access().publish(&front());
    house.streams.publish(&grant, content, None).await.unwrap()
}

/// Processes whose parent is this one.
fn children() -> usize {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let stats = processes.filter_map(|p| std::fs::read_to_string(p.path().join("stat")).ok());
    stats
        .filter(|stat| {
            // After the name, which may hold anything: state and parent.
            let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            rest.split_ascii_whitespace().nth(1) == Some(&own)
        })
        .count()
}

async fn no_children() {
    let gone = async {
        while children() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("ffmpeg ends");
}

#[tokio::test]
async fn what_a_recorder_writes_is_shown_while_it_records() {
    // H.264 in MP4 and MPEG-TS is passed on as it is.
    for (kind, how) in KINDS.into_iter().filter(|(kind, _)| *kind == "video/webm") {
        let house = House::new();
        let mut producer = publish(&house, kind).await;
        let mut seen = house.look("front");
        // Far longer than it takes.
        let mut recorder = recorder(how, 600);
        let feeding = async {
            while let Some(piece) = piece(&mut recorder).await {
                producer.chunk(piece).await.unwrap();
            }
        };
        let pictures = tokio::select! {
            () = feeding => panic!("{kind}: the recorder ended"),
            pictures = seen.take(20) => pictures,
        };
        for picture in pictures {
            assert_eq!(picture.resolution.to_string(), "320x240", "{kind}");
        }
        assert!(producer.frames() >= 20, "{kind}");
        let accepted = timeout(PATIENCE, producer.finish()).await.unwrap();
        assert!(accepted.unwrap().frames >= 20, "{kind}");
        drop(recorder);
        house.end().await;
        no_children().await;
    }
}

#[tokio::test]
async fn every_picture_of_an_upload_is_taken() {
    for (kind, how) in KINDS {
        let house = House::new();
        let mut recorder = recorder(how, 1);
        let (pen, paper) = tokio::sync::mpsc::unbounded_channel();
        let writing = async {
            while let Some(piece) = piece(&mut recorder).await {
                pen.send(piece).unwrap();
            }
            drop(pen);
        };
        let grant = access().publish(&front());
        let body = crate::pushing::Body(paper);
        let posting = house.streams.ingest(&grant, Some(kind), None, body);
        let ((), accepted) = tokio::join!(writing, timeout(PATIENCE, posting));
        assert_eq!(accepted.unwrap().unwrap().frames, 30, "{kind}");
    }
}

#[tokio::test]
async fn what_is_said_of_garbage_is_handed_on_and_ffmpeg_ends() {
    let cases = KINDS.iter().flat_map(|(kind, _)| [(kind, 0), (kind, 0x55)]);
    for (kind, byte) in cases {
        let house = House::new();
        let mut producer = publish(&house, kind).await;
        let error = async {
            loop {
                let garbage = Bytes::from(vec![byte; 65_536]);
                if let Err(error) = producer.chunk(garbage).await {
                    return error;
                }
            }
        };
        let error = timeout(PATIENCE, error).await.unwrap();
        assert!(
            matches!(error, IngestError::Malformed(_)),
            "{kind}: {error}"
        );
        // MP4 and MPEG-TS are read here first.
        let who = match *kind {
            "video/mp4" => "not an MP4",
            "video/mp2t" => "no MPEG-TS packets",
            _ => "ffmpeg",
        };
        assert!(error.to_string().contains(who), "{kind}: {error}");
        drop(producer);
        no_children().await;
    }
}

#[tokio::test]
async fn ffmpeg_ends_with_its_producer_and_with_the_stream() {
    let house = House::new();
    let producer = publish(&house, "video/webm").await;
    assert!(children() > 0);
    drop(producer);
    no_children().await;

    let mut producer = publish(&house, "video/webm").await;
    assert!(children() > 0);
    house.streams.stop(&access().publish(&front())).await;
    let lost = timeout(PATIENCE, producer.lost()).await.unwrap();
    assert!(matches!(lost, IngestError::Ended(_)), "{lost}");
    drop(producer);
    no_children().await;
}

#[tokio::test]
async fn pictures_of_mp4_that_are_shown_in_another_order_keep_their_times() {
    let house = House::new();
    let mut producer = publish(&house, "video/mp4").await;
    let mut seen = house.look("front");
    let how = "-c:v libx264 -preset veryfast -bf 2 -g 30 -f mp4 \
               -movflags frag_keyframe+empty_moov+default_base_moof";
    let mut recorder = recorder(how, 600);
    let feeding = async {
        while let Some(piece) = piece(&mut recorder).await {
            producer.chunk(piece).await.unwrap();
        }
    };
    let pictures = tokio::select! {
        () = feeding => panic!("the recorder ended"),
        pictures = seen.coded(40) => pictures,
    };
    let decoded = |picture: &eyeline_media::Packet| picture.captured.before(picture.composition);
    assert!(pictures.is_sorted_by(|one, next| decoded(one) < decoded(next)));
    let back = pictures
        .windows(2)
        .filter(|two| two[1].captured < two[0].captured);
    assert!(back.count() >= 5, "{pictures:?}");
    drop((producer, recorder));
    house.end().await;
    no_children().await;
}
