//! `test:`: a moving picture with the time on it, painted on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;

use eyeline_clock::{MonoTime, SharedClock};
use eyeline_media::{PixelFormat, Resolution, Timestamp};
use eyeline_sys_codec::Encoder;
use tokio::sync::oneshot;

use super::{Input, Risk, Run, Running};
use crate::error::InputError;
use crate::paint::TestPattern;
use crate::params::{Param, Params};
use crate::session::Session;
use crate::sink::{Event, Sink, jpeg_packet};
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["test"],
    example: "test:?size=1280x720&fps=30",
    help: "A moving test pattern that shows the time, the frame number and the rate, and carries \
           its capture time in a patch of pixels, so that latency can be measured in any viewer. \
           Painted only while somebody looks, unless on_demand is switched off.",
    params: PARAMS,
    wish: true,
    risk: Risk::None,
    parse,
};

const PARAMS: &[Param] = &[
    Param {
        name: "size",
        value: "1280x720",
        help: "Width and height, 1280x720 if not given.",
    },
    Param {
        name: "fps",
        value: "30",
        help: "Frames a second, 30 if not given; 0.1 to 240.",
    },
];

const DEFAULT_SIZE: (u32, u32) = (1280, 720);
const DEFAULT_FPS: f64 = 30.0;
/// Pictures over which the rate that is shown is averaged.
const RATE_OVER: f64 = 16.0;

struct Test {
    size: Resolution,
    interval: Duration,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let query = match written.rest {
        "" => "",
        rest => rest.strip_prefix('?').ok_or_else(|| {
            SpecError::Malformed(format!(
                "test: takes parameters after a question mark, such as {}",
                INPUT.example
            ))
        })?,
    };
    let params = Params::read(query, PARAMS)?;
    let default = Resolution::new(DEFAULT_SIZE.0, DEFAULT_SIZE.1);
    let default = default.map_err(|error| SpecError::Malformed(error.to_string()))?;
    let fps = params.number("fps", 0.1..=240.0)?.unwrap_or(DEFAULT_FPS);
    Ok(Arc::new(Test {
        size: params.get("size")?.unwrap_or(default),
        interval: Duration::from_secs_f64(1.0 / fps),
    }))
}

impl Run for Test {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let (done, ended) = oneshot::channel();
            let stop = Arc::new(AtomicBool::new(false));
            let painter = Painter {
                size: self.size,
                interval: self.interval,
                sink: session.sink.clone(),
                stop: Arc::clone(&stop),
            };
            let thread = std::thread::Builder::new().name("test pattern".to_owned());
            let thread = thread.spawn(move || done.send(painter.paint()))?;
            let _stops = StopOnDrop(stop, thread.thread().clone());
            Err(ended.await.unwrap_or(InputError::Broken(
                "the painter of the test pattern has died",
            )))
        })
    }

    fn on_demand(&self, asked: Option<bool>) -> bool {
        asked.unwrap_or(true)
    }
}

/// Ends the painter's thread.
struct StopOnDrop(Arc<AtomicBool>, Thread);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
        self.1.unpark();
    }
}

struct Painter {
    size: Resolution,
    interval: Duration,
    sink: Sink,
    stop: Arc<AtomicBool>,
}

impl Painter {
    /// The thread: paints on schedule until it is told to stop; why it ended.
    fn paint(self) -> InputError {
        let mut encoder = match Encoder::new() {
            Ok(encoder) => encoder,
            Err(error) => return InputError::Test(error.to_string()),
        };
        let mut pattern = TestPattern::new(self.size);
        let clock = &self.sink.clock;
        let (mut due, mut last, mut rate) = (clock.now(), None, f64::NAN);
        for number in 0.. {
            if !self.wait_until(due) {
                break;
            }
            let now = clock.now();
            due = next_due(due, self.interval, now);
            if !self.sink.encoder.wanted() {
                self.sink.outlet.hint(Event::Unseen);
                last = None;
                continue;
            }
            rate = averaged(rate, last.replace(now), now);
            let captured = wall(clock);
            let raw = pattern.paint(captured, number, rate);
            let quality = self.sink.encoder.quality().get();
            let encoded = encoder.encode_raw(PixelFormat::Yuv420p, self.size, raw, quality);
            let event = match encoded {
                Ok(jpeg) => Event::Picture(jpeg_packet(jpeg, self.size, captured)),
                Err(error) => return InputError::Test(error.to_string()),
            };
            if self.sink.outlet.send_blocking(event).is_err() {
                break;
            }
        }
        InputError::Gone
    }

    /// Waits for the time; `false` if the thread is to end.
    fn wait_until(&self, due: MonoTime) -> bool {
        loop {
            if self.stop.load(Ordering::Acquire) || self.sink.outlet.is_closed() {
                return false;
            }
            let missing = due.saturating_sub(self.sink.clock.now());
            if missing.is_zero() {
                return true;
            }
            std::thread::park_timeout(missing);
        }
    }
}

/// The next time on the schedule that is not over yet.
fn next_due(due: MonoTime, interval: Duration, now: MonoTime) -> MonoTime {
    let next = due + interval;
    if next + interval < now { now } else { next }
}

/// Frames a second, smoothed.
fn averaged(rate: f64, last: Option<MonoTime>, now: MonoTime) -> f64 {
    let Some(last) = last else { return f64::NAN };
    let latest = 1.0 / now.saturating_sub(last).as_secs_f64().max(1e-6);
    if rate.is_nan() {
        latest
    } else {
        rate + (latest - rate) / RATE_OVER
    }
}

fn wall(clock: &SharedClock) -> Timestamp {
    Timestamp::from_nanos(clock.wall_nanos())
}
