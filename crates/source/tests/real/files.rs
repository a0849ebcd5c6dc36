//! Files, folders and standard input, and a list of sources of which one comes and goes.

use std::io::Write as _;
use std::process::{Command, Stdio};

use eyeline_media::Timestamp;
use eyeline_testkit::pictures::Pictures;

use crate::bench::Bench;
use crate::inputs::{check_away, size};

fn recording(pictures: u64) -> Vec<u8> {
    let mut made = Pictures::new(size(64, 48), 80);
    (0..pictures)
        .flat_map(|n| made.at(Timestamp::from_micros(n)))
        .collect()
}

#[tokio::test]
async fn a_file_is_played_at_its_pace_and_looped() {
    let mut file = tempfile::Builder::new()
        .suffix(".mjpeg")
        .tempfile()
        .unwrap();
    file.write_all(&recording(5)).unwrap();
    let bench = Bench::start(&format!("file:{}?fps=100&loop", file.path().display()));
    let taken = bench.look().take(12).await;
    let spread = taken[11].captured.since(taken[1].captured).as_secs_f64();
    assert!(spread > 0.09, "10 pictures at 100 a second took {spread} s");
    bench.end().await;
}

#[tokio::test]
async fn a_file_that_is_not_looped_ends() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&recording(5)).unwrap();
    // What was recorded last may be cut short.
    file.write_all(&recording(1)[..500]).unwrap();
    check_away(
        &format!("file:{}?fps=1000", file.path().display()),
        &["ended"],
    )
    .await;
    check_away("file:/does/not/exist", &["/does/not/exist", "No such file"]).await;
}

#[tokio::test]
async fn a_folder_is_played_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (name, width) in [
        ("b.jpg", 32),
        ("a.JPEG", 16),
        ("c.jpg", 48),
        ("notes.txt", 64),
    ] {
        let picture = Pictures::new(size(width, 16), 80).at(Timestamp::default());
        std::fs::write(folder.path().join(name), picture).unwrap();
    }
    let bench = Bench::start(&format!("file:{}?fps=50&loop", folder.path().display()));
    let taken = bench.look().take(7).await;
    let widths: Vec<_> = taken
        .iter()
        .map(|packet| packet.resolution.width())
        .collect();
    let first = [16, 32, 48]
        .iter()
        .position(|width| *width == widths[0])
        .unwrap();
    let expected: Vec<_> = [16, 32, 48]
        .into_iter()
        .cycle()
        .skip(first)
        .take(7)
        .collect();
    assert_eq!(widths, expected);
    bench.end().await;
    let empty = tempfile::tempdir().unwrap();
    check_away(
        &format!("file:{}", empty.path().display()),
        &["no pictures"],
    )
    .await;
}

#[tokio::test]
async fn fallback_goes_down_the_list_and_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let first = format!("file:{}?fps=20&loop", gate.display());
    let bench = Bench::start(&format!("{first},test:?size=640x360"));
    let mut pictures = bench.look();
    assert_eq!(pictures.picture().await.resolution, size(640, 360));
    std::fs::write(&gate, recording(5)).unwrap();
    while pictures.picture().await.resolution != size(64, 48) {}
    assert_eq!(pictures.take(10).await[9].resolution, size(64, 48));
    std::fs::write(&gate, b"").unwrap();
    while pictures.picture().await.resolution != size(640, 360) {}
    bench.end().await;
}

/// Standard input belongs to the whole process, so this test runs itself as a child.
#[test]
fn a_pipe_is_read_to_its_end_and_then_says_so() {
    let child = |input: Vec<u8>, mode: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "files::child_reads_standard_input",
                "--nocapture",
            ])
            .env("EYELINE_TEST_MODE", mode)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = child(recording(40), "-");
    assert!(
        said.contains("pictures 40, the pipe was closed\n"),
        "{said}"
    );
    let said = child(vec![7; 40 * 64 * 48], "-?format=gray8&size=64x48");
    assert!(said.contains("the pipe was closed\n"), "{said}");
    let said = child(recording(1)[..500].to_vec(), "-");
    assert!(
        said.contains("the pipe was closed: the stream ended at byte 500"),
        "{said}"
    );
}

/// What the test above runs; by itself it has nothing to do.
#[test]
fn child_reads_standard_input() {
    let Ok(source) = std::env::var("EYELINE_TEST_MODE") else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let bench = Bench::start(&source);
        let _pictures = bench.look();
        let reason = bench.reason().await;
        let frames = bench.stream.stats().frames;
        writeln!(std::io::stdout(), "pictures {frames}, {reason}").unwrap();
        bench.end().await;
    });
}
