//! Reads the time from the pixels of one viewer's pictures, on a thread of its own so
//! that it delays no viewer.

use std::borrow::Cow;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eyeline_media::{Resolution, Timestamp};
use eyeline_sys_codec::Decoder;

use super::parser::Frame;
use crate::report::Spread;

/// What every JPEG begins with.
const START_OF_IMAGE: [u8; 2] = [0xFF, 0xD8];

/// A picture, and when its last byte had come.
pub(super) struct Sight {
    pub(super) frame: Frame,
    pub(super) arrived: Timestamp,
}

pub(super) type Sender = mpsc::Sender<Sight>;

/// The thread that looks.
pub(super) struct Eye {
    sights: Sender,
    thread: JoinHandle<(Vec<Duration>, u64)>,
}

impl Eye {
    pub(super) fn start() -> Self {
        let (sights, seen) = mpsc::channel();
        let thread = thread::spawn(move || look(&seen));
        Self { sights, thread }
    }

    pub(super) fn sender(&self) -> Sender {
        self.sights.clone()
    }

    /// Ages by pixels, and how many pictures do not carry the time of their headers.
    /// Every [sender](Self::sender) must be gone, or nothing more be sent on it.
    pub(super) fn finish(self) -> (Spread, u64) {
        let last = Sight {
            frame: Frame {
                time: Timestamp::default(),
                jpeg: Vec::new(),
            },
            arrived: Timestamp::default(),
        };
        // Fails only when the thread has ended, which the next line sees.
        let _ = self.sights.send(last);
        let (ages, wrong) = self.thread.join().unwrap_or_default();
        (Spread::of(ages), wrong)
    }
}

/// Looks until there is a picture without bytes.
fn look(sights: &mpsc::Receiver<Sight>) -> (Vec<Duration>, u64) {
    let (mut ages, mut wrong) = (Vec::new(), 0);
    let mut decoder = Decoder::new();
    for Sight { frame, arrived } in sights {
        if frame.jpeg.is_empty() {
            break;
        }
        // Scaled as far down as the time stays readable: it is cheaper.
        let enough = Resolution::new(320, 180).ok();
        let jpeg = plain(&frame.jpeg);
        let luma = decoder.luma(&jpeg, enough);
        let time = luma.ok().and_then(|luma| luma.time());
        match time {
            Some(time) if time.as_micros() == frame.time.as_micros() => {
                ages.push(arrived.since(time));
            }
            _ => wrong += 1,
        }
    }
    (ages, wrong)
}

/// A picture that came in base64, as it was; what is not base64 either is no picture.
fn plain(picture: &[u8]) -> Cow<'_, [u8]> {
    if picture.starts_with(&START_OF_IMAGE) {
        return picture.into();
    }
    BASE64.decode(picture).unwrap_or_default().into()
}
