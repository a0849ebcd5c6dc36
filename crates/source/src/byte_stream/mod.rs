//! Pictures out of a stream of bytes: what standard input, commands, connections and
//! uploads have in common.

mod arrivals;
mod cutting;
mod intake;
mod pace;

use std::time::Duration;

use bytes::{BufMut as _, BytesMut};
use eyeline_media::{PixelFormat, Resolution, Timestamp};
use eyeline_proto::mpjpeg::{self, Demux, Kind, Limits, Picture};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use crate::error::InputError;
use crate::params::Params;
use crate::sink::Sink;
use crate::spec::SpecError;

pub(crate) use intake::Intake;
pub(crate) use pace::{Pace, schedule};

/// Frames a second that may be asked for.
pub(crate) const FPS_RANGE: std::ops::RangeInclusive<f64> = 0.1..=1000.0;
/// Room for one read. A pipe gives at most its own size, 64 KiB to 1 MiB.
const READ_BYTES: usize = 256 * 1024;
/// With less room than this a new buffer is taken, for many small reads are dear.
const MIN_READ_BYTES: usize = 32 * 1024;
/// A writer on this machine from which nothing more comes for so long pauses.
const PAUSE: Duration = Duration::from_millis(4);
/// Types of H.264 in a byte stream: the registered one, which is meant for RTP, and what programs say.
pub(crate) const H264_TYPES: [&str; 3] = ["video/h264", "video/avc", "video/x-h264"];
/// Types of MPEG transport streams: the registered one (RFC 3555), and what programs say.
pub(crate) const TRANSPORT_TYPES: [&str; 2] = ["video/mp2t", "video/mpegts"];

/// The format and size of raw pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFormat {
    /// How the pixels lie.
    pub format: PixelFormat,
    /// Width and height.
    pub size: Resolution,
}

impl RawFormat {
    /// The format of an upload, by the values of its parameters `format` and `size`;
    /// `None` if there is neither.
    ///
    /// # Errors
    /// [`SpecError`] that says which is missing or wrong.
    pub fn from_query(format: Option<&str>, size: Option<&str>) -> Result<Option<Self>, SpecError> {
        let bad = |name: &str, value: &str, why: String| SpecError::BadValue {
            param: format!("{name}={}", value.chars().take(40).collect::<String>()),
            why,
        };
        let format = format.map(|text| {
            text.parse()
                .map_err(|error| bad("format", text, format!("{error}")))
        });
        let size = size.map(|text| {
            text.parse()
                .map_err(|error| bad("size", text, format!("{error}")))
        });
        Self::of(format.transpose()?, size.transpose()?)
    }

    pub(crate) fn read(params: &Params<'_>) -> Result<Option<Self>, SpecError> {
        params.number("fps", FPS_RANGE)?;
        Self::of(params.get("format")?, params.get("size")?)
    }

    fn of(
        format: Option<PixelFormat>,
        size: Option<Resolution>,
    ) -> Result<Option<Self>, SpecError> {
        match (format, size) {
            (None, None) => Ok(None),
            (Some(format), Some(size)) => Ok(Some(Self { format, size })),
            (Some(format), None) => Err(SpecError::Malformed(format!(
                "raw pictures need their size too: format={format}&size=640x480"
            ))),
            (None, Some(size)) => Err(SpecError::Malformed(format!(
                "size={size} is only for raw pictures; say their format too: format=bgr24&size={size}"
            ))),
        }
    }

    /// Bytes of one picture.
    pub(crate) fn frame_len(self) -> usize {
        self.format.frame_len(self.size)
    }

    fn kind(self) -> Kind {
        Kind::Raw {
            format: self.format,
            resolution: self.size,
        }
    }
}

/// What the bytes are expected to be.
#[derive(Debug)]
pub(crate) enum Content {
    /// JPEGs one after the other or multipart, H.264, MPEG-TS or MP4, as the headers or first bytes say.
    Coded(Box<Demux>),
    /// A byte stream of H.264.
    H264,
    /// An MPEG transport stream.
    Transport,
    /// MP4, fragmented or with its index first.
    Mp4,
    /// Raw pictures.
    Raw(RawFormat),
}

impl Content {
    /// Raw pictures, or else what the first bytes say.
    pub(crate) fn of(raw: Option<RawFormat>) -> Result<Self, InputError> {
        raw.map_or_else(|| Self::typed(None), |raw| Ok(Self::Raw(raw)))
    }

    /// What the `Content-Type` says, or else the first bytes.
    pub(crate) fn typed(content_type: Option<&str>) -> Result<Self, InputError> {
        let essence = essence(content_type);
        if H264_TYPES.contains(&essence.as_str()) {
            return Ok(Self::H264);
        }
        if TRANSPORT_TYPES.contains(&essence.as_str()) {
            return Ok(Self::Transport);
        }
        let demux = Demux::sniff(content_type, Limits::default())?;
        Ok(Self::Coded(Box::new(demux)))
    }
}

/// A `Content-Type` without its parameters; nothing if there is none.
pub(crate) fn essence(content_type: Option<&str>) -> String {
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Where bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Straight from a program on this machine: what it has written is there at once, so that it says
    /// something when nothing more comes.
    Pipe,
    /// Over a network, or from a file.
    Other,
}

/// Reads pictures as they come until the stream ends.
pub(crate) async fn pump(
    from: impl AsyncRead + Unpin,
    way: Way,
    content: Content,
    sink: &mut Sink,
) -> Result<(), InputError> {
    match content {
        Content::Raw(raw) => pump_raw(from, raw, sink).await,
        content => pump_pieces(from, way, &mut Intake::new(content), sink).await,
    }
}

/// Reads pictures at a pace, or at the times that they have, until the file ends; how many there were. The last one may
/// be cut short, as whoever recorded the file may have been stopped.
pub(crate) async fn play(
    from: impl AsyncRead + Unpin,
    content: Content,
    pace: &mut Pace,
    sink: &mut Sink,
) -> Result<u64, InputError> {
    let mut intake = Intake::paced(content, pace);
    match pump_pieces(from, Way::Other, &mut intake, sink).await {
        Err(InputError::Stream(mpjpeg::Error::Truncated { .. })) if intake.pictures() > 0 => {}
        ended => ended?,
    }
    Ok(intake.pictures())
}

async fn pump_pieces(
    mut from: impl AsyncRead + Unpin,
    way: Way,
    intake: &mut Intake<'_>,
    sink: &mut Sink,
) -> Result<(), InputError> {
    let mut buffer = BytesMut::with_capacity(READ_BYTES);
    loop {
        if buffer.capacity() < MIN_READ_BYTES {
            buffer = BytesMut::with_capacity(READ_BYTES);
        }
        let reading = from.read_buf(&mut buffer);
        let read = if way == Way::Pipe && intake.heeds_pause() {
            timeout(PAUSE, reading).await.ok()
        } else {
            Some(reading.await)
        };
        match read.transpose()? {
            Some(0) => return intake.finish(sink).await,
            Some(_) => {}
            None => {
                intake.pause(sink).await?;
                continue;
            }
        }
        intake.push(buffer.split().freeze(), sink).await?;
    }
}

/// Reads raw pictures straight into the memory that they are encoded from.
async fn pump_raw(
    mut from: impl AsyncRead + Unpin,
    raw: RawFormat,
    sink: &mut Sink,
) -> Result<(), InputError> {
    let (frame_len, mut offset) = (raw.frame_len(), 0);
    loop {
        let mut frame = BytesMut::with_capacity(frame_len);
        // A picture is as old as its first byte: the rest waits for the reader.
        let mut first_byte = Timestamp::default();
        while frame.len() < frame_len {
            let missing = frame_len - frame.len();
            let read = from.read_buf(&mut (&mut frame).limit(missing)).await?;
            match read {
                0 if frame.is_empty() => return Ok(()),
                0 => {
                    let end = offset + frame.len() as u64;
                    return Err(mpjpeg::Error::Truncated { offset, end }.into());
                }
                _ if frame.len() == read => first_byte = sink.now(),
                _ => {}
            }
        }
        offset += frame_len as u64;
        let picture = Picture {
            data: frame.freeze(),
            captured: None,
            kind: raw.kind(),
        };
        sink.picture(picture, first_byte).await?;
    }
}
