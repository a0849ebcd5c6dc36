//! The notice that is shown while a source is away: why, since when, and what is done
//! about it. Painted and encoded off the runtime's threads.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use eyeline_hub::JpegQuality;
use eyeline_media::{Packet, PixelFormat, Resolution, Timestamp};
use eyeline_sys_codec::Encoder;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use crate::paint::{SlateText, paint_slate};
use crate::sink::jpeg_packet;

/// How often the notice is renewed.
pub(super) const EVERY: Duration = Duration::from_secs(1);
/// Size of the notice when no picture came yet.
const DEFAULT_SIZE: (u32, u32) = (1280, 720);
/// Largest height of a notice; a larger picture's is scaled down, its aspect kept.
const MAX_HEIGHT: u32 = 1080;

/// When the notice is due, and the one being painted.
#[derive(Debug, Default)]
pub(super) struct Slate {
    due: Option<Instant>,
    painting: Option<Painting>,
}

/// What a notice says.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) size: Option<Resolution>,
    pub(super) title: String,
    pub(super) reason: String,
    pub(super) since: Option<Timestamp>,
    pub(super) note: String,
    /// Now, by the wall clock.
    pub(super) now: Timestamp,
}

/// Notices are painted one at a time, whatever the number of streams that are away, ...
static PAINTERS: Semaphore = Semaphore::const_new(1);
/// ... and in the same memory: it is megabytes, and the allocator would keep as many for each
/// thread that ever painted.
static DESK: Mutex<Option<Desk>> = Mutex::new(None);

/// What painting needs.
struct Desk {
    encoder: Encoder,
    canvas: Vec<u8>,
}

/// A notice that is being painted, or waits for its turn; given up when dropped.
#[derive(Debug)]
struct Painting(JoinHandle<Option<Packet>>);

impl Drop for Painting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Slate {
    /// Shows notices from then on.
    pub(super) fn show_at(&mut self, at: Instant) {
        self.due = Some(at);
    }

    /// Shows no more notices, not even the one being painted.
    pub(super) fn hide(&mut self) {
        self.due = None;
        self.painting = None;
    }

    /// When the next notice is to be painted.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.painting.is_some() {
            None
        } else {
            self.due
        }
    }

    /// Paints a notice; the next one is due a while later.
    pub(super) fn paint(&mut self, notice: Notice, now: Instant) {
        self.due = Some(now + EVERY);
        self.painting = Some(Painting(tokio::spawn(async move {
            let turn = PAINTERS.acquire().await.ok()?;
            let painting = spawn_blocking(move || {
                // Painting that has begun goes on even if nobody waits for it any more.
                let _turn = turn;
                painted(&notice)
            });
            painting.await.ok().flatten()
        })));
    }

    /// Waits for the notice that is being painted.
    pub(super) async fn painted(&mut self) -> Option<Packet> {
        match &mut self.painting {
            Some(painting) => {
                let painted = (&mut painting.0).await;
                self.painting = None;
                painted.ok().flatten()
            }
            None => std::future::pending().await,
        }
    }
}

fn painted(notice: &Notice) -> Option<Packet> {
    let default = || Resolution::new(DEFAULT_SIZE.0, DEFAULT_SIZE.1).ok();
    let size = notice.size.or_else(default)?.at_height(MAX_HEIGHT);
    let text = SlateText {
        title: &notice.title,
        reason: &notice.reason,
        since: notice.since,
        note: &notice.note,
    };
    let mut desk = DESK.lock().unwrap_or_else(PoisonError::into_inner);
    let Desk { encoder, canvas } = match &mut *desk {
        Some(desk) => desk,
        none => none.insert(Desk {
            encoder: Encoder::new().ok()?,
            canvas: Vec::new(),
        }),
    };
    *canvas = paint_slate(std::mem::take(canvas), size, notice.now, &text);
    let quality = JpegQuality::DEFAULT.get();
    match encoder.encode_raw(PixelFormat::Yuv420p, size, canvas, quality) {
        Ok(jpeg) => Some(Packet {
            slate: true,
            ..jpeg_packet(jpeg, size, notice.now)
        }),
        Err(error) => {
            tracing::error!(%error, "cannot encode the notice that the source is away");
            None
        }
    }
}
