//! A program that encodes H.264 in place of openh264, for hardware that does it: raw pictures on its
//! standard input, H.264 as a byte stream (Annex B) on its standard output.
//!
//! A thread of its own moves the bytes. Nothing queues: a picture is taken only when the one before
//! has been written. A key picture on demand costs a new start of the program, as no program can be
//! asked for one by its pipes.

use std::sync::Arc;
use std::sync::mpsc as sync_mpsc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use eyeline_media::Resolution;
use eyeline_proto::h264::{Demux, Limits};
use eyeline_sys_codec::{Coded, Component, H264Settings, Planes};
use eyeline_sys_process::{Child, Grace, Input, Stderr, Stdout, shell};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

use crate::encoders::{Encode, Failed, Taken};

/// Most pictures on their way through the program: it keeps up, or pictures are left out.
const MOST_INSIDE: usize = 8;
/// Frames a second of the source between two key pictures that the program makes of its own accord,
/// in seconds.
const KEY_SECONDS: f32 = 10.0;
/// How long nothing may come out before the program counts as stuck.
const SILENCE: Duration = Duration::from_secs(10);
/// It is not started anew for a key picture more often than this.
const ANEW_EVERY: Duration = Duration::from_secs(1);
/// Bytes of its last words that are told when it fails.
const LAST_WORDS: usize = 300;
/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;
/// Coded pictures that wait to be taken.
const CODED: usize = 16;

/// How raw pictures are laid out that a configured encoder reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RawLayout {
    /// Three planes (I420).
    #[default]
    Yuv420p,
    /// Luma, then both chroma by turns.
    Nv12,
}

/// A configured encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// A command line for `sh -c`, in which `{width}`, `{height}`, `{fps}` (a whole number),
    /// `{bitrate}` (bits a second) and `{gop}` (pictures from one key picture to the next) stand for
    /// what is to be encoded.
    pub line: String,
    /// What it reads.
    pub layout: RawLayout,
}

impl Command {
    fn filled(&self, size: Resolution, settings: H264Settings) -> String {
        let fps = settings.fps.round().max(1.0);
        self.line
            .replace("{width}", &size.width().to_string())
            .replace("{height}", &size.height().to_string())
            .replace("{fps}", &fps.to_string())
            .replace("{bitrate}", &settings.bitrate_bps.to_string())
            .replace("{gop}", &(fps * KEY_SECONDS).to_string())
    }
}

/// The program while it runs.
pub(crate) struct CommandEncoder {
    command: Arc<Command>,
    size: Resolution,
    settings: H264Settings,
    program: Program,
}

/// One run of it.
struct Program {
    frames: mpsc::Sender<Vec<u8>>,
    /// Buffers that have been written.
    spare: sync_mpsc::Receiver<Vec<u8>>,
    coded: mpsc::Receiver<Result<Coded, Failed>>,
    inside: usize,
    started: Instant,
    /// When something came out last, or began to be waited for.
    heard: Instant,
}

impl CommandEncoder {
    /// Starts the program.
    pub(crate) fn start(
        command: Arc<Command>,
        size: Resolution,
        settings: H264Settings,
    ) -> Result<Self, Failed> {
        let program = Program::start(command.filled(size, settings))?;
        Ok(Self {
            command,
            size,
            settings,
            program,
        })
    }

    fn lay_out(&self, picture: &Planes, into: &mut Vec<u8>) {
        into.clear();
        let (width, height) = (self.size.width() as usize, self.size.height() as usize);
        let lines = |component, width: usize, height: usize| {
            let plane = picture.plane(component);
            plane.into_iter().flat_map(move |plane| {
                let lines = plane.data.chunks(plane.stride.max(1)).take(height);
                lines.map(move |line| &line[..width.min(line.len())])
            })
        };
        for line in lines(Component::Y, width, height) {
            into.extend_from_slice(line);
        }
        let chroma = |component| lines(component, width / 2, height / 2);
        match self.command.layout {
            RawLayout::Yuv420p => {
                for line in chroma(Component::U).chain(chroma(Component::V)) {
                    into.extend_from_slice(line);
                }
            }
            RawLayout::Nv12 => {
                for (u, v) in chroma(Component::U).zip(chroma(Component::V)) {
                    into.extend(u.iter().zip(v).flat_map(|(u, v)| [*u, *v]));
                }
            }
        }
    }
}

impl Encode for CommandEncoder {
    fn name(&self) -> &'static str {
        "command"
    }

    fn encode(&mut self, picture: &Planes, _: u64, key: bool) -> Result<Taken, Failed> {
        let now = now();
        let mut taken = Taken::Yes;
        if self.program.inside > 0 && now.duration_since(self.program.heard) > SILENCE {
            return Err(format!("nothing came of it for {} s", SILENCE.as_secs()));
        }
        if key && now.duration_since(self.program.started) > ANEW_EVERY {
            self.program = Program::start(self.command.filled(self.size, self.settings))?;
            taken = Taken::Anew;
        }
        if self.program.inside >= MOST_INSIDE {
            return Ok(Taken::Busy);
        }
        let Ok(place) = self.program.frames.try_reserve() else {
            return Ok(Taken::Busy);
        };
        let mut frame = self.program.spare.try_recv().unwrap_or_default();
        self.lay_out(picture, &mut frame);
        place.send(frame);
        if self.program.inside == 0 {
            self.program.heard = now;
        }
        self.program.inside += 1;
        Ok(taken)
    }

    fn set(&mut self, settings: H264Settings) {
        // It counts from the next start on.
        self.settings = settings;
    }

    fn poll_coded(&mut self, cx: &mut Context<'_>) -> Poll<Result<Coded, Failed>> {
        self.program.coded.poll_recv(cx).map(|coded| match coded {
            Some(Ok(coded)) => {
                self.program.inside = self.program.inside.saturating_sub(1);
                self.program.heard = now();
                Ok(coded)
            }
            Some(Err(failed)) => Err(failed),
            None => Err("it has ended".to_owned()),
        })
    }
}

impl Program {
    fn start(line: String) -> Result<Self, Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        // One is written while the next is laid out.
        let (frames, to_write) = mpsc::channel(1);
        let (written, spare) = sync_mpsc::channel();
        let (came, coded) = mpsc::channel(CODED);
        let run = move || runtime.block_on(run(&line, to_write, written, came));
        std::thread::Builder::new()
            .name("encoder".to_owned())
            .spawn(run)
            .map_err(|error| error.to_string())?;
        let now = now();
        Ok(Self {
            frames,
            spare,
            coded,
            inside: 0,
            started: now,
            heard: now,
        })
    }
}

/// The clock of the machine, also where that of the streams is simulated: the program is real.
#[allow(
    clippy::disallowed_methods,
    reason = "it times a program, which knows no other clock"
)]
fn now() -> Instant {
    Instant::now()
}

/// Runs the program until there are no more pictures, or it ends.
async fn run(
    line: &str,
    mut frames: mpsc::Receiver<Vec<u8>>,
    written: sync_mpsc::Sender<Vec<u8>>,
    coded: mpsc::Sender<Result<Coded, Failed>>,
) {
    let mut child = match shell(line).stdin(Input::Piped).spawn().await {
        Ok(child) => child,
        Err(error) => return drop(coded.send(Err(error.to_string())).await),
    };
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
        return;
    };
    let write = async {
        while let Some(frame) = frames.recv().await {
            if stdin.write_all(&frame).await.is_err() {
                // It has ended; what it said says why.
                return std::future::pending().await;
            }
            let _ = written.send(frame);
        }
    };
    let mut words = Vec::new();
    let ended = tokio::select! {
        () = write => None,
        ended = read(stdout, &coded) => Some(ended),
        never = listen(stderr, &mut words) => match never {},
    };
    if let Some(ended) = ended {
        let told = failure(&mut child, ended, &words).await;
        let _ = coded.send(Err(told)).await;
    }
    drop(stdin);
    if let Err(error) = child.stop(Grace::default()).await {
        tracing::warn!("an encoder did not end: {error}");
    }
}

/// Reads what it makes, up to its end or to what is no H.264.
async fn read(mut stdout: Stdout, coded: &mpsc::Sender<Result<Coded, Failed>>) -> Option<Failed> {
    let mut demux = Demux::new(Limits::default());
    let mut piece = vec![0; PIECE];
    loop {
        match stdout.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(len) => demux.push(&piece[..len]),
        }
        loop {
            match demux.access_unit() {
                Ok(Some(unit)) => {
                    let (data, key) = (unit.data, unit.key);
                    if coded.send(Ok(Coded { data, key })).await.is_err() {
                        return std::future::pending().await;
                    }
                }
                Ok(None) => break,
                Err(error) => return Some(error.to_string()),
            }
        }
    }
}

/// Keeps the last of what it says on its standard error. Never ends.
async fn listen(mut stderr: Stderr, words: &mut Vec<u8>) -> std::convert::Infallible {
    let mut piece = [0; 1024];
    while let Ok(len @ 1..) = stderr.read(&mut piece).await {
        words.extend_from_slice(&piece[..len]);
        let over = words.len().saturating_sub(LAST_WORDS);
        words.drain(..over);
    }
    std::future::pending().await
}

async fn failure(child: &mut Child, ended: Option<Failed>, words: &[u8]) -> Failed {
    let what = match ended {
        Some(error) => error,
        None => match tokio::time::timeout(Duration::from_secs(1), child.wait()).await {
            Ok(Ok(status)) => format!("it has ended: {status}"),
            _ => "it has closed its output".to_owned(),
        },
    };
    let words = String::from_utf8_lossy(words);
    match words.trim() {
        "" => what,
        words => format!("{what}; it said: {words}"),
    }
}
