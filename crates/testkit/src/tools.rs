//! The real programs that tests use, where `scripts/setup` puts them.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::server::Server;

/// The project's folder.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A path below the project's folder that must exist.
///
/// # Panics
/// When it does not, saying what to do.
#[must_use]
pub fn there(path: &str) -> PathBuf {
    let full = root().join(path);
    assert!(full.exists(), "{path} is missing; run scripts/setup test");
    full
}

/// A short clip of real footage.
#[must_use]
pub fn clip() -> PathBuf {
    there("target/clips/bigbuckbunny.mp4")
}

/// Python with OpenCV.
#[must_use]
pub fn python() -> Command {
    Command::new(there("target/test-venv/bin/python"))
}

/// A script of the browser tests, run by Node.
#[must_use]
pub fn node(script: &str) -> Command {
    let _driver = there("tests/browser/node_modules/playwright-core");
    let mut command = Command::new("node");
    command.arg(there("tests/browser").join(script));
    command
}

/// Publishes what a stream of JPEGs shows as H.264, with a tone beside it as AAC, to another stream of
/// the same server, so that the times of capture in its pixels can be read wherever that is played.
#[must_use]
pub fn encode_pattern(server: &Server, from: &str, to: &str) -> Program {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-nostdin", "-loglevel", "fatal", "-fflags", "nobuffer"])
        .args(["-use_wallclock_as_timestamps", "1", "-f", "mpjpeg", "-i"])
        .arg(server.url(&format!("/streams/{from}/mjpeg")))
        .args(["-re", "-f", "lavfi"])
        .args(["-i", "sine=frequency=440:sample_rate=48000"])
        .args([
            "-fps_mode",
            "passthrough",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
        ])
        .args([
            "-tune",
            "zerolatency",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "30",
            "-crf",
            "18",
        ])
        .args(["-c:a", "aac", "-ac", "2", "-f", "mpegts", "-muxdelay", "0"])
        .args([
            "-flush_packets",
            "1",
            "-content_type",
            "video/mp2t",
            "-method",
            "PUT",
        ])
        .arg(server.url(&format!("/streams/{to}/ingest")))
        .stdin(Stdio::null());
    Program::spawn(&mut ffmpeg)
}

/// A child that is killed when the test ends, however it ends.
pub struct Program(pub Child);

impl Program {
    /// Starts a program.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> Self {
        let child = command.spawn();
        Self(child.unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Runs a program to its end and gives what it wrote.
    ///
    /// # Panics
    /// When it cannot be started or fails.
    pub fn output(command: &mut Command) -> Vec<u8> {
        let output = command.stdin(Stdio::null()).stderr(Stdio::piped()).output();
        let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{command:?}: {}\n{said}",
            output.status
        );
        output.stdout
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
