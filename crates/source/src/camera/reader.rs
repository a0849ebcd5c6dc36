//! Reads a camera: the thread that has it open, from opening to letting go.

use std::io::PipeReader;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use eyeline_media::{Resolution, Timestamp, jpeg};
use eyeline_sys_codec::Encoder;
use eyeline_sys_v4l2::{Capture, Device, Frame, Ready};

use super::choose::{Choice, Wish, choose};
use super::format::{Format, packed};
use super::trouble::explain;
use super::which::{Which, devices, offers};
use crate::error::{InputError, PictureError};
use crate::sink::{Event, MAX_BAD_IN_A_ROW, Sink, jpeg_packet};

/// Buffers that the driver fills in turn: enough for a hiccup of this machine.
const BUFFERS: u32 = 4;
/// A camera that gives nothing is looked at again so often, to end when nobody wants it; how
/// long it may be silent is the supervisor's affair.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// One run of a camera.
pub(crate) struct Reader {
    pub(crate) which: Which,
    pub(crate) wish: Wish,
    pub(crate) sink: Sink,
    /// Ends the run when the other end is closed.
    pub(crate) wake: PipeReader,
}

/// What a camera was found to give.
struct Setup {
    path: PathBuf,
    format: Format,
    size: Resolution,
    strides: Vec<usize>,
}

impl Reader {
    /// The thread: reads until it is told to stop; why it ended. The camera is closed then.
    pub(crate) fn read(mut self) -> InputError {
        match self.open() {
            Ok((setup, capture)) => self.pump(&setup, capture),
            Err(error) => error,
        }
    }

    fn open(&self) -> Result<(Setup, Capture), InputError> {
        let (path, device) = match &self.which {
            Which::Device(path) => {
                let device = Device::open(path).map_err(|error| explain(path, &error))?;
                (path.clone(), device)
            }
            Which::First => first()?,
        };
        let fail = |error| explain(&path, &error);
        let offers = offers(&device).map_err(fail)?;
        let intervals =
            |fourcc, width, height| device.intervals(fourcc, width, height).unwrap_or_default();
        let choice = choose(&self.wish, &offers, intervals).ok_or_else(|| {
            let given: Vec<_> = offers
                .iter()
                .map(|offer| offer.fourcc.to_string())
                .collect();
            InputError::Camera(format!(
                "{} gives no format that is asked for and can be shown, only {}",
                path.display(),
                given.join(", ")
            ))
        })?;
        let Choice {
            fourcc,
            width,
            height,
            ..
        } = choice;
        let set = device.set_format(fourcc, width, height).map_err(fail)?;
        device.set_interval(choice.interval).map_err(fail)?;
        let (_, format) = Format::of(set.fourcc).ok_or_else(|| {
            InputError::Camera(format!("{} insists on {}", path.display(), set.fourcc))
        })?;
        let size = Resolution::new(set.width, set.height)
            .map_err(|error| InputError::Camera(format!("{}: {error}", path.display())))?;
        let strides = set.planes.iter().map(|plane| plane.bytes_per_line as usize);
        let setup = Setup {
            format,
            size,
            strides: strides.collect(),
            path: path.clone(),
        };
        let (name, rate) = (device.info().card.clone(), choice.interval.fps());
        tracing::info!(device = %path.display(), name, format = %set.fourcc, %size, rate, "camera opened");
        let capture = Capture::start(device, BUFFERS).map_err(fail)?;
        Ok((setup, capture))
    }

    fn pump(&mut self, setup: &Setup, mut capture: Capture) -> InputError {
        let mut encoding = match Encoder::new() {
            Ok(encoder) => Encoding {
                encoder,
                copy: Vec::new(),
            },
            Err(error) => return InputError::Camera(error.to_string()),
        };
        let mut bad = 0;
        loop {
            match capture.wait(self.wake.as_fd(), LOOK_AROUND) {
                Ok(Ready::Woken) => return InputError::Gone,
                Ok(Ready::Late) if self.sink.outlet.is_closed() => return InputError::Gone,
                Ok(Ready::Late) => continue,
                Ok(Ready::Picture) => {}
                Err(error) => return explain(&setup.path, &error),
            }
            let event = match capture.frame() {
                Ok(Some(frame)) => self.event(setup, &frame, &mut encoding),
                Ok(None) => continue,
                Err(error) => return explain(&setup.path, &error),
            };
            let Some(event) = event else { continue };
            bad = match &event {
                Event::Skipped(error) if bad + 1 >= MAX_BAD_IN_A_ROW => {
                    let (count, last) = (bad + 1, error.clone());
                    return InputError::BadPictures { count, last };
                }
                Event::Skipped(_) => bad + 1,
                _ => 0,
            };
            if self.sink.outlet.send_blocking(event).is_err() {
                return InputError::Gone;
            }
        }
    }

    /// What comes of a frame; nothing if nobody wants it, or a newer one is there already.
    fn event(&self, setup: &Setup, frame: &Frame<'_>, encoding: &mut Encoding) -> Option<Event> {
        if frame.is_damaged() {
            return Some(Event::Skipped(PictureError::Damaged));
        }
        let age = frame.age().unwrap_or_default();
        let age_ns = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        let captured = self.sink.clock.wall_nanos().saturating_sub(age_ns);
        let captured = Timestamp::from_nanos(captured);
        let pictured = match setup.format {
            Format::Jpeg => untouched(frame),
            Format::Raw(_) if !self.sink.encoder.wanted() => {
                self.sink.outlet.hint(Event::Unseen);
                return None;
            }
            Format::Raw(_) if frame.is_followed() => return None,
            Format::Raw(format) => {
                let quality = self.sink.encoder.quality().get();
                encoding.encode(format, setup, frame, quality)
            }
        };
        Some(match pictured {
            Ok((data, size)) => Event::Picture(jpeg_packet(data, size, captured)),
            Err(error) => Event::Skipped(error),
        })
    }
}

/// The first camera that there is.
fn first() -> Result<(PathBuf, Device), InputError> {
    let mut trouble = None;
    for path in devices() {
        match Device::open(&path) {
            Ok(device) => return Ok((path, device)),
            Err(error) if error.is_gone() => {}
            Err(error) => trouble = trouble.or(Some(explain(&path, &error))),
        }
    }
    Err(trouble.unwrap_or_else(|| {
        InputError::Camera("this machine has no camera; is it plugged in?".to_owned())
    }))
}

/// A JPEG as the camera made it, with the Huffman tables that webcams leave out.
fn untouched(frame: &Frame<'_>) -> Result<(Bytes, Resolution), PictureError> {
    let bytes = Bytes::copy_from_slice(frame.plane(0));
    let whole = jpeg::insert_standard_huffman_tables(&bytes)?;
    let size = jpeg::parse_header(&whole)?.resolution;
    Ok((whole, size))
}

/// What it takes to encode.
struct Encoding {
    encoder: Encoder,
    /// For pictures with gaps.
    copy: Vec<u8>,
}

impl Encoding {
    fn encode(
        &mut self,
        format: eyeline_media::PixelFormat,
        setup: &Setup,
        frame: &Frame<'_>,
        quality: u8,
    ) -> Result<(Bytes, Resolution), PictureError> {
        let size = setup.size;
        let mut planes = [(&[][..], 0); MOST_PLANES];
        let count = setup.strides.len().min(MOST_PLANES);
        for (index, (plane, stride)) in planes.iter_mut().zip(&setup.strides).enumerate() {
            *plane = (frame.plane(index), *stride);
        }
        let sides = (size.width() as usize, size.height() as usize);
        let raw = packed(format, sides, &planes[..count], &mut self.copy);
        let raw = raw.ok_or(PictureError::Short)?;
        let encoded = self.encoder.encode_raw(format, size, raw, quality);
        let jpeg = encoded.map_err(|error| PictureError::Encode(error.to_string()))?;
        Ok((jpeg, size))
    }
}

/// No format that can be shown has more.
const MOST_PLANES: usize = 3;
