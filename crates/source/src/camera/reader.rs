//! Reads a camera: the thread that has it open, from opening to letting go.

use std::io::PipeReader;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use eyeline_media::{Packet, PixelFormat, Resolution, SampleRange, Timestamp};
use eyeline_sys_v4l2::{Capture, Frame, Ready};

use super::choose::{Choice, Wish, choose};
use super::controls::restore;
use super::format::Format;
use super::picture::{Converter, MOST_PLANES};
use super::trouble::explain;
use super::which::{Which, offers};
use crate::controls::ControlValues;
use crate::error::{InputError, PictureError};
use crate::sink::{Event, Sink};

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
    /// What is set when the camera is opened.
    pub(crate) controls: ControlValues,
    /// Ends the run when the other end is closed.
    pub(crate) wake: PipeReader,
}

impl Reader {
    /// The thread: reads until it is told to stop; why it ended. The camera is closed then.
    pub(crate) fn read(mut self) -> InputError {
        match self.open() {
            Ok((path, converter, capture)) => self.pump(&path, converter, capture),
            Err(error) => error,
        }
    }

    fn open(&self) -> Result<(PathBuf, Converter, Capture), InputError> {
        let (path, device) = self.which.open()?;
        restore(&device, &path.display().to_string(), &self.controls);
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
        // Cameras that give luma only are for measuring, and use all of it.
        let range = if set.limited && format != Format::Raw(PixelFormat::Gray8) {
            SampleRange::Limited
        } else {
            SampleRange::Full
        };
        let converter = Converter::new(format, size, strides.collect(), range)
            .map_err(|error| InputError::Camera(format!("{}: {error}", path.display())))?;
        let (name, rate) = (device.info().card.clone(), choice.interval.fps());
        tracing::info!(device = %path.display(), name, format = %set.fourcc, %size, rate, "camera opened");
        let capture = Capture::start(device, BUFFERS).map_err(fail)?;
        Ok((path, converter, capture))
    }

    fn pump(&mut self, path: &Path, mut converter: Converter, mut capture: Capture) -> InputError {
        loop {
            match capture.wait(self.wake.as_fd(), LOOK_AROUND) {
                Ok(Ready::Woken) => return InputError::Gone,
                Ok(Ready::Late) if self.sink.outlet.is_closed() => return InputError::Gone,
                Ok(Ready::Late) => continue,
                Ok(Ready::Picture) => {}
                Err(error) => return explain(path, &error),
            }
            let picture = match capture.frame() {
                Ok(Some(frame)) => self.picture(&frame, &mut converter),
                Ok(None) => continue,
                Err(error) => return explain(path, &error),
            };
            let Some(picture) = picture else { continue };
            let said = self.sink.judge(picture);
            if let Err(error) = said.and_then(|event| self.sink.outlet.send_blocking(event)) {
                return error;
            }
        }
    }

    /// What comes of a frame; nothing if nobody wants it, or a newer one is there already.
    fn picture(
        &self,
        frame: &Frame<'_>,
        converter: &mut Converter,
    ) -> Option<Result<Packet, PictureError>> {
        if frame.is_damaged() {
            return Some(Err(PictureError::Damaged));
        }
        if converter.encodes() {
            if !self.sink.encoder.wanted() {
                self.sink.outlet.hint(Event::Unseen);
                return None;
            }
            if frame.is_followed() {
                return None;
            }
        }
        let age = frame.age().unwrap_or_default();
        let age_ns = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        let captured = self.sink.clock.wall_nanos().saturating_sub(age_ns);
        let captured = Timestamp::from_nanos(captured);
        let buffers: [&[u8]; MOST_PLANES] = std::array::from_fn(|index| frame.plane(index));
        let buffers = &buffers[..frame.planes().min(MOST_PLANES)];
        Some(converter.convert(buffers, captured, self.sink.encoder.quality()))
    }
}
