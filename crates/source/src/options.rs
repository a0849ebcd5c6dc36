//! How a stream's sources are to be run.

use std::time::Duration;

use eyeline_clock::SharedClock;
use eyeline_hub::{JpegQuality, Limits};

use crate::controls::ControlValues;
use crate::reach::Reach;

/// What the operator may say about running a stream's sources.
#[derive(Clone)]
pub struct Options {
    /// The clock that capture times and demand are read from; the hub's.
    pub clock: SharedClock,
    /// JPEG quality of pictures that come raw and are encoded here.
    pub jpeg_quality: JpegQuality,
    /// How long a source may give no picture before it counts as away and is opened anew.
    pub silence_timeout: Duration,
    /// Whether the source is open only while somebody looks; `None` leaves it to the
    /// input: `test:` is, all others are not.
    pub on_demand: Option<bool>,
    /// How long a source that is open on demand goes on after the last viewer left.
    pub grace: Duration,
    /// The stream ends when for so long no picture came and nobody looked; `None`
    /// keeps it until it is stopped.
    pub remove_unused_after: Option<Duration>,
    /// What is set on a camera whenever it is opened.
    pub controls: ControlValues,
    /// Which addresses the sources may connect to.
    pub reach: Reach,
    /// Whether the stream ends when no source can ever give a picture again, such as a
    /// pipe that was closed; else a slate stays.
    pub end_with_source: bool,
}

impl Options {
    /// Default of [`Self::silence_timeout`].
    pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(5);

    /// The defaults, with this clock.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            jpeg_quality: JpegQuality::DEFAULT,
            silence_timeout: Self::SILENCE_TIMEOUT,
            on_demand: None,
            grace: Limits::default().grace,
            remove_unused_after: None,
            controls: ControlValues::new(),
            reach: Reach::Everywhere,
            end_with_source: false,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("jpeg_quality", &self.jpeg_quality)
            .field("silence_timeout", &self.silence_timeout)
            .field("on_demand", &self.on_demand)
            .field("grace", &self.grace)
            .field("remove_unused_after", &self.remove_unused_after)
            .field("controls", &self.controls)
            .field("reach", &self.reach)
            .field("end_with_source", &self.end_with_source)
            .finish_non_exhaustive()
    }
}
