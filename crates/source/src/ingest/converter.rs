//! Containers that are not taken apart here: `ffmpeg`, if it is installed, gets the pieces
//! and gives JPEGs. It runs as a child and is never linked.
//!
//! What waits between the publisher and the program is what the pipe holds, 64 KiB; beyond
//! that the publisher waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use eyeline_media::StreamId;
use eyeline_sys_process::{Child, Input, SpawnError, Spec, Stdin, Stdout};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::IngestError;
use super::port::{Lease, Place};
use crate::byte_stream::{Content, Intake};
use crate::last_words::follow;
use crate::sink::Sink;

/// How long the program may take to give the rest once its input has ended.
const FINISH_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to wait for the last of what the ended program said.
const LOG_GRACE: Duration = Duration::from_millis(200);
/// Most bytes that may give no picture: the program would go on looking for one.
const MAX_BYTES_WITHOUT_PICTURE: usize = 32 * 1024 * 1024;
/// Room for one read.
const READ_BYTES: usize = 256 * 1024;

/// A type of content that `ffmpeg` takes apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// WebM, or Matroska.
    WebM,
    /// Fragmented MP4.
    Mp4,
    /// MPEG transport stream, of other than H.264.
    MpegTs,
}

impl Container {
    /// The container of a type without its parameters.
    pub(super) fn of_type(essence: &str) -> Option<Self> {
        match essence {
            "video/webm" | "video/x-matroska" => Some(Self::WebM),
            "video/mp4" => Some(Self::Mp4),
            _ => None,
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::WebM => "video/webm",
            Self::Mp4 => "video/mp4",
            Self::MpegTs => "video/mp2t",
        }
    }

    /// As `ffmpeg` calls it.
    fn demuxer(self) -> &'static str {
        match self {
            Self::WebM => "matroska",
            Self::Mp4 => "mp4",
            Self::MpegTs => "mpegts",
        }
    }

    /// What the program is told: to read this container and nothing but its input (no
    /// playlists, no other files), to decode without waiting for later pictures, to leave
    /// out and double nothing, and to write each picture at once. Not `nobuffer`, which
    /// throws the first key frame away.
    fn arguments(self) -> impl Iterator<Item = &'static str> {
        let read = "-nostdin -hide_banner -loglevel error -protocol_whitelist pipe \
                    -probesize 32 -analyzeduration 0 -flags low_delay -threads 1 \
                    -max_pixels 67108864 -f";
        let write = "-i pipe:0 -map 0:v:0 -fps_mode passthrough -c:v mjpeg -q:v 3 -threads 1 \
                     -f mpjpeg -flush_packets 1 pipe:1";
        let read = read.split_ascii_whitespace();
        read.chain([self.demuxer()])
            .chain(write.split_ascii_whitespace())
    }
}

/// The program at work. Dropping it ends the program.
pub(super) struct Converter {
    /// `None` once it is closed.
    stdin: Option<Stdin>,
    pump: Pump,
    frames: Arc<AtomicU64>,
    /// Bytes handed over since a picture came, and how many had come by then.
    barren: (usize, u64),
}

/// The task that reads what the program gives, and what became of it.
struct Pump {
    task: JoinHandle<String>,
    ended: Option<String>,
}

impl Converter {
    /// Starts `program`, whose pictures go where the lease says.
    pub(super) async fn start(
        program: &str,
        container: Container,
        id: &StreamId,
        lease: &mut Lease,
    ) -> Result<Self, IngestError> {
        let missing = |error: SpawnError| IngestError::ConverterMissing {
            content_type: container.content_type(),
            why: error.to_string(),
        };
        let spec = Spec::new(program).args(container.arguments());
        let mut child = spec.stdin(Input::Piped).spawn().await.map_err(missing)?;
        tracing::info!(stream = %id, pid = child.pid(), "started {program} for {}", container.content_type());
        let frames = Arc::new(AtomicU64::new(0));
        let stdin = child.stdin.take();
        let reader = Reader {
            sink: lease.sink().clone(),
            place: lease.place(),
            frames: Arc::clone(&frames),
        };
        let task = tokio::spawn(convert(child, reader, id.clone()));
        Ok(Self {
            stdin,
            pump: Pump { task, ended: None },
            frames,
            barren: (0, 0),
        })
    }

    /// Pictures so far.
    pub(super) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Hands a piece to the program. Waits while it is behind.
    pub(super) async fn write(&mut self, piece: &Bytes) -> Result<(), IngestError> {
        let frames = self.frames();
        if frames > self.barren.1 {
            self.barren = (0, frames);
        }
        self.barren.0 += piece.len();
        if self.barren.0 > MAX_BYTES_WITHOUT_PICTURE {
            return Err(IngestError::Malformed(format!(
                "ffmpeg found no picture in {MAX_BYTES_WITHOUT_PICTURE} bytes; \
                 an MP4 that is sent must be fragmented"
            )));
        }
        let Some(stdin) = &mut self.stdin else {
            return Err(self.ended().await);
        };
        tokio::select! {
            biased;
            why = self.pump.ended() => Err(IngestError::Malformed(why)),
            written = stdin.write_all(piece) => match written {
                Ok(()) => Ok(()),
                // The program is gone or about to be.
                Err(_) => {
                    self.stdin = None;
                    Err(self.ended().await)
                }
            },
        }
    }

    /// Waits until the program has ended by itself, and says why. Cancel-safe.
    pub(super) async fn ended(&mut self) -> IngestError {
        IngestError::Malformed(self.pump.ended().await)
    }

    /// Ends the input and waits for the rest; how many pictures there were.
    pub(super) async fn finish(mut self) -> Result<u64, IngestError> {
        self.stdin = None;
        let ended = timeout(FINISH_TIMEOUT, self.pump.ended()).await;
        match (self.frames(), ended) {
            (0, Ok(why)) => Err(IngestError::Malformed(why)),
            (0, Err(_)) => Err(IngestError::Malformed("no picture came of it".to_owned())),
            // A recorder that is stopped leaves the last fragment cut short.
            (frames, _) => Ok(frames),
        }
    }
}

impl Pump {
    async fn ended(&mut self) -> String {
        if let Some(why) = &self.ended {
            return why.clone();
        }
        let why = match (&mut self.task).await {
            Ok(why) => why,
            Err(_) => "a defect of this program; see the log".to_owned(),
        };
        self.ended.insert(why).clone()
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where the pictures go.
struct Reader {
    sink: Sink,
    place: Place,
    frames: Arc<AtomicU64>,
}

/// The task: reads what the program gives until it ends; why it did. The program is ended
/// with the task.
async fn convert(mut child: Child, mut reader: Reader, id: StreamId) -> String {
    let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
        return "a program without pipes".to_owned();
    };
    let log = tokio::spawn(follow(errors, id));
    let read = reader.read(output).await;
    let last_words = match timeout(LOG_GRACE, log).await {
        Ok(Ok(last_words)) => last_words,
        _ => String::new(),
    };
    drop(child);
    match read {
        Err(why) => why,
        Ok(()) if last_words.is_empty() => "ffmpeg found no picture in it".to_owned(),
        Ok(()) => format!("ffmpeg cannot take it apart: {last_words}"),
    }
}

impl Reader {
    async fn read(&mut self, mut output: Stdout) -> Result<(), String> {
        let said = |error: &dyn std::fmt::Display| format!("ffmpeg's output: {error}");
        let mut intake = Intake::new(Content::typed(None).map_err(|error| said(&error))?);
        loop {
            let mut piece = BytesMut::with_capacity(READ_BYTES);
            match output.read_buf(&mut piece).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(said(&error)),
            }
            if !self.place.is_held() {
                return Err("the place was lost".to_owned());
            }
            let taken = intake.push(piece.freeze(), &mut self.sink).await;
            taken.map_err(|error| said(&error))?;
            if self.frames.swap(intake.pictures(), Ordering::Relaxed) < intake.pictures() {
                self.place.touch();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use eyeline_auth::Access;
    use eyeline_clock::RealClock;
    use eyeline_hub::{Hub, Limits};
    use tokio::sync::watch;

    use super::*;
    use crate::definition::{Definition, Origin};
    use crate::local::NoTranscode;
    use crate::streams::Streams;

    #[tokio::test]
    async fn a_program_that_is_not_installed_is_named() {
        let hub = Hub::new(
            RealClock::shared(),
            Limits::default(),
            Box::new(NoTranscode),
        );
        let (_stop, stopped) = watch::channel(false);
        let streams = Streams::new(hub, stopped);
        let id: StreamId = "front".parse().unwrap();
        let push = vec![crate::Spec::parse("push:").unwrap()];
        let definition = Definition::new(push, streams.options(), Origin::Api);
        let grant = Access::by_configuration().publish(&id);
        let running = streams.launch(&grant, definition).unwrap();
        let mut lease = running.port.lease().await.ok().unwrap();
        let started = Converter::start("no-such-ffmpeg", Container::WebM, &id, &mut lease).await;
        let Err(error) = started else {
            panic!("it was started")
        };
        assert!(matches!(error, IngestError::ConverterMissing { .. }));
        let text = error.to_string();
        for part in ["video/webm", "ffmpeg", "cannot start no-such-ffmpeg"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
