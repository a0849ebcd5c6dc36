//! Every input, against the real programs that it is for.

use std::process::Command;
use std::time::Duration;

use crate::bench::{self, Bench};
use eyeline_hub::State;
use eyeline_media::{Resolution, Timestamp};
use eyeline_source::{Spec, snapshot};
use eyeline_testkit::pictures::{Pictures, read_time};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

const FFMPEG: &str = "ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=size=320x240:rate=20";

pub(crate) fn size(width: u32, height: u32) -> Resolution {
    Resolution::new(width, height).unwrap()
}

async fn check_live(source: &str, expected: Resolution) {
    let bench = Bench::start(source);
    let mut pictures = bench.look();
    for packet in pictures.take(10).await {
        assert_eq!(packet.resolution, expected, "{source}");
    }
    bench.end().await;
}

pub(crate) async fn check_away(source: &str, says: &[&str]) {
    let bench = Bench::start(source);
    let reason = bench.reason().await;
    for part in says {
        assert!(
            reason.contains(part),
            "{source}: {reason:?} does not say {part:?}"
        );
    }
    bench.end().await;
}

#[tokio::test]
async fn the_test_pattern_tells_its_capture_time_in_every_picture() {
    let bench = Bench::start("test:?size=640x360&fps=60");
    let mut pictures = bench.look();
    let taken = pictures.take(30).await;
    for packet in &taken {
        assert_eq!(packet.resolution, size(640, 360));
        let told = read_time(&packet.data).expect("a readable time");
        assert_eq!(told.as_micros(), packet.captured.as_micros());
    }
    let spread = taken[29].captured.since(taken[0].captured).as_secs_f64();
    assert!(spread > 0.4, "paced, not as fast as it can: {spread} s");
    bench.end().await;
}

#[tokio::test]
async fn the_test_pattern_is_idle_until_somebody_looks() {
    let bench = Bench::start("test:");
    while bench.stream.stats().state != State::Idle {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut pictures = bench.look();
    assert!(
        !pictures.item().await.slate,
        "a picture is the first thing a viewer sees"
    );
    bench.end().await;
}

#[tokio::test]
async fn ffmpeg_is_read_in_every_form_it_writes() {
    check_live(&format!("exec:{FFMPEG} -f mpjpeg -"), size(320, 240)).await;
    check_live(
        &format!("exec:{FFMPEG} -f image2pipe -c:v mjpeg -"),
        size(320, 240),
    )
    .await;
}

#[tokio::test]
async fn raw_pictures_of_every_format_are_encoded() {
    for format in ["bgr24", "rgb24", "gray8", "yuyv422", "nv12", "yuv420p"] {
        let ffmpeg = format.replace("gray8", "gray");
        let source =
            format!("exec:?format={format}&size=320x240:{FFMPEG} -f rawvideo -pix_fmt {ffmpeg} -");
        check_live(&source, size(320, 240)).await;
    }
}

#[tokio::test]
async fn every_raw_picture_of_a_paced_program_arrives_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let once = folder.path().join("once").display().to_string();
    let python = "import sys,time
for n in range(60):
    sys.stdout.buffer.write(bytes([4*n])*(64*48))
    sys.stdout.flush()
    time.sleep(0.02 if n < 57 else 0)";
    let bench = Bench::start(&format!(
        "exec:?format=gray8&size=64x48:test -e {once} && exit 1; touch {once}; python3 -c '{python}'"
    ));
    let mut pictures = bench.look();
    let taken = pictures.take(60).await;
    assert_eq!((taken.len(), pictures.0.skipped()), (60, 0));
    bench.end().await;
}

#[tokio::test]
async fn a_command_that_fails_is_quoted_on_the_slate() {
    check_away(
        "exec:echo 'no such camera' >&2; exit 3",
        &["exit status: 3", "no such camera"],
    )
    .await;
    check_away("exec:/does/not/exist", &["127", "not found"]).await;
    check_away("exec:head -c 5000 /dev/zero", &["byte 0", "FF D8"]).await;
}

#[tokio::test]
async fn a_command_is_ended_with_its_children_when_the_stream_ends() {
    let marker = format!("{}.{}", 300, std::process::id());
    let bench = Bench::start(&format!(
        "exec:{FFMPEG} -f mpjpeg - & sleep {marker} & wait"
    ));
    bench.look().take(3).await;
    assert!(is_running(&marker));
    bench.end().await;
    assert!(!is_running(&marker));
}

/// Whether a program with this argument runs.
fn is_running(argument: &str) -> bool {
    let all = Command::new("ps")
        .args(["-eo", "args"])
        .output()
        .unwrap()
        .stdout;
    let all = String::from_utf8_lossy(&all).into_owned();
    all.lines()
        .any(|line| line.trim() == format!("sleep {argument}"))
}

#[tokio::test]
async fn a_command_that_is_killed_is_replaced_by_a_slate_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let command = format!("echo $$ > {}; exec {FFMPEG} -f mpjpeg -", pid.display());
    let bench = Bench::start(&format!("exec:{command}"));
    let mut pictures = bench.look();
    for _ in 0..5 {
        pictures.take(2).await;
        let pid = std::fs::read_to_string(&pid).unwrap();
        assert!(
            Command::new("kill")
                .args(["-9", pid.trim()])
                .status()
                .unwrap()
                .success()
        );
        let slate = pictures.slate().await;
        assert_eq!(slate.resolution, size(320, 240), "as large as the pictures");
    }
    pictures.take(2).await;
    bench.end().await;
}

#[tokio::test]
async fn a_port_is_read_and_connected_to_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let bench = Bench::start(&format!("tcp://127.0.0.1:{port}"));
    let mut seen = bench.look();
    let mut made = Pictures::new(size(64, 48), 80);
    for _ in 0..3 {
        let (mut peer, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            peer.write_all(&made.at(Timestamp::default()))
                .await
                .unwrap();
            assert_eq!(seen.picture().await.resolution, size(64, 48));
        }
        drop(peer);
        seen.slate().await;
        assert!(bench.reason().await.contains("closed the connection"));
    }
    bench.end().await;
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    check_away(
        &format!("tcp://{address}"),
        &[&address.to_string(), "refused"],
    )
    .await;
}

#[tokio::test]
async fn hostile_bytes_are_named_and_bounded() {
    // A JPEG header of 60000x60000 pixels.
    let mut huge = Pictures::new(size(64, 48), 80)
        .at(Timestamp::default())
        .to_vec();
    let sof = huge
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    huge[sof + 5..sof + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    check_bytes(&huge, &["60000x60000", "limits"]).await;
    // Cut in the middle.
    let whole = Pictures::new(size(64, 48), 80).at(Timestamp::default());
    check_bytes(&whole[..whole.len() / 2], &["ended at byte"]).await;
    check_bytes(b"GET / HTTP/1.0\r\n\r\n", &["byte 0"]).await;
    check_bytes(
        b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: 1000000000\r\n\r\n",
        &["1000000000", "limit"],
    )
    .await;
    let mut endless = b"--x\r\n\r\n".to_vec();
    endless.resize(40_000_000, b'a');
    check_bytes(&endless, &["longer than 33554432"]).await;
}

/// Serves these bytes to a `tcp:` source and reads the reason on the slate.
async fn check_bytes(bytes: &[u8], says: &[&str]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = format!("tcp://{}", listener.local_addr().unwrap());
    let bytes = bytes.to_vec();
    let serving = tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            // The other end may have heard enough.
            let _ = peer.write_all(&bytes).await;
        }
    });
    check_away(&source, says).await;
    serving.abort();
}

#[tokio::test]
async fn nothing_is_encoded_while_nobody_looks() {
    let source = format!("exec:?format=gray8&size=320x240:{FFMPEG} -f rawvideo -pix_fmt gray -");
    let bench = Bench::start(&source);
    bench.wait_live().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(bench.stream.stats().frames, 0);
    bench.look().take(3).await;
    bench.end().await;
}

fn specs(text: &str) -> Vec<Spec> {
    Spec::parse_list(text).unwrap()
}

#[tokio::test]
async fn a_snapshot_is_the_first_picture_of_a_source() {
    let taken = snapshot(
        specs("test:?size=320x240"),
        bench::options(),
        &bench::access(),
        bench::no_transcode(),
    )
    .await;
    assert!(read_time(&taken.unwrap()).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_what_gives_no_picture_says_why() {
    let taken = snapshot(
        specs("file:/does/not/exist"),
        bench::options(),
        &bench::access(),
        bench::no_transcode(),
    )
    .await;
    let said = taken.unwrap_err().to_string();
    assert!(
        said.contains("10 s") && said.contains("No such file"),
        "{said}"
    );
}
