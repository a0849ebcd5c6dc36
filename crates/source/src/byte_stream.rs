//! Pictures out of a stream of bytes: what standard input, commands, connections and
//! uploads have in common.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use eyeline_media::{AudioFormat, PixelFormat, Resolution, Timestamp};
use eyeline_proto::h264::{self, AccessUnit};
use eyeline_proto::mp4;
use eyeline_proto::mpjpeg::{self, Demux, Kind, Limits, Picture};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::container::{self, Pace};
use crate::error::{InputError, PictureError};
use crate::params::Params;
use crate::sink::Sink;
use crate::spec::SpecError;
use crate::tracks::Tracks;

/// Frames a second that may be asked for.
pub(crate) const FPS_RANGE: std::ops::RangeInclusive<f64> = 0.1..=1000.0;
/// Room for one read. A pipe gives at most its own size, 64 KiB to 1 MiB.
const READ_BYTES: usize = 256 * 1024;
/// With less room than this a new buffer is taken, for many small reads are dear.
const MIN_READ_BYTES: usize = 32 * 1024;

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
    /// JPEGs one after the other or multipart, H.264 or MP4, as the headers or first bytes say.
    Coded(Box<Demux>),
    /// A byte stream of H.264.
    H264,
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
        let demux = Demux::sniff(content_type, Limits::default())?;
        Ok(Self::Coded(Box::new(demux)))
    }
}

/// A schedule of `fps` frames a second that is kept absolutely.
pub(crate) fn schedule(fps: f64) -> Interval {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / fps));
    // After a pause the pictures go on, they do not rush.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks
}

/// Cuts pieces of a stream into pictures and gives them to a sink.
pub(crate) struct Intake<'a> {
    content: Cutting,
    pace: Option<&'a mut Interval>,
    /// Of what carries times: what they are passed on by, and the pace that they are to have.
    tracks: Tracks,
    own_pace: Option<Pace>,
    pictures: u64,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(content: Content) -> Self {
        let content = match content {
            Content::Coded(demux) => Cutting::Unseen(Some(demux), BytesMut::new()),
            Content::H264 => Cutting::h264(),
            Content::Mp4 => Cutting::mp4(),
            Content::Raw(raw) => Cutting::Pictures(Box::new(Demux::raw(raw.format, raw.size))),
        };
        Self {
            content,
            pace: None,
            tracks: Tracks::new(),
            own_pace: None,
            pictures: 0,
        }
    }

    /// Lets what carries times pass no faster than they say.
    pub(crate) fn keep_pace(&mut self) {
        self.own_pace = Some(Pace::default());
    }

    /// Takes in a piece, and gives on every picture that it completes.
    pub(crate) async fn push(&mut self, piece: Bytes, sink: &mut Sink) -> Result<(), InputError> {
        self.content.push(piece);
        while let Some(cut) = self.content.cut()? {
            self.give(cut, sink).await?;
        }
        Ok(())
    }

    /// Gives on what is left at the end of the stream.
    pub(crate) async fn finish(&mut self, sink: &mut Sink) -> Result<(), InputError> {
        while let Some(cut) = self.content.finish()? {
            self.give(cut, sink).await?;
        }
        Ok(())
    }

    /// Pictures found so far, good or bad.
    pub(crate) fn pictures(&self) -> u64 {
        self.pictures
    }

    async fn give(&mut self, cut: Cut, sink: &mut Sink) -> Result<(), InputError> {
        self.pictures += u64::from(!matches!(cut, Cut::Mp4(mp4::Item::Audio(_))));
        if let Some(pace) = &mut self.pace {
            pace.tick().await;
        }
        let arrived = sink.now();
        match cut {
            Cut::Picture(picture) => sink.picture(picture, arrived).await,
            Cut::H264(unit) => sink.access_unit(unit, arrived).await,
            Cut::Mp4(item) => {
                if let Some(format) = self.content.sound() {
                    self.tracks.announce(format, sink).await?;
                }
                if let (Some(pace), Some(at)) = (&mut self.own_pace, item.decode()) {
                    pace.due(at, 0).await;
                }
                container::give(item, &mut self.tracks, sink).await
            }
            Cut::Damaged(why) => sink.damaged(why).await,
        }
    }
}

/// What is cut out of a stream.
enum Cut {
    Picture(Picture),
    H264(AccessUnit),
    Mp4(mp4::Item),
    Damaged(PictureError),
}

impl Cut {
    /// What is wrong with one picture does not end the stream.
    fn h264(cut: Result<Option<AccessUnit>, h264::Error>) -> Result<Option<Self>, InputError> {
        match cut {
            Err(why) if why.is_passing() => Ok(Some(Self::Damaged(PictureError::H264(why)))),
            cut => Ok(cut?.map(Self::H264)),
        }
    }
}

/// How a stream is cut.
enum Cutting {
    /// Its first bytes will tell; this is who takes them if they are pictures.
    Unseen(Option<Box<Demux>>, BytesMut),
    Pictures(Box<Demux>),
    H264(Box<h264::Demux>),
    Mp4(Box<mp4::Demux>),
}

/// A byte stream of H.264 begins with a start code, 00 00 01, before which any number of zeros may
/// stand (B.1.1); this is how many are waited for.
const MAX_LEADING_ZEROS: usize = 64;
/// An MP4 begins with the length of a box, whose first byte is zero, and what kind of box it is.
const BOX_HEADER: usize = 8;

impl Cutting {
    fn h264() -> Self {
        Self::H264(Box::new(h264::Demux::new(h264::Limits::default())))
    }

    fn mp4() -> Self {
        Self::Mp4(Box::new(mp4::Demux::new(mp4::Limits::default())))
    }

    /// How the sound is coded, if that is known.
    fn sound(&self) -> Option<&Arc<AudioFormat>> {
        match self {
            Self::Mp4(demux) => demux.sound(),
            _ => None,
        }
    }

    fn push(&mut self, piece: Bytes) {
        match self {
            Self::Unseen(_, first) => {
                first.extend_from_slice(&piece);
                self.look(false);
            }
            Self::Pictures(demux) => demux.push(piece),
            Self::H264(demux) => demux.push(&piece),
            Self::Mp4(demux) => demux.push(&piece),
        }
    }

    /// Decides by the first bytes, once there are enough or no more will come.
    fn look(&mut self, at_end: bool) {
        let Self::Unseen(demux, first) = self else {
            return;
        };
        let zeros = first.iter().take_while(|byte| **byte == 0).count();
        let is_h264 = zeros >= 2 && first.get(zeros) == Some(&1);
        let may_be_mp4 = zeros > 0 && first.len() < BOX_HEADER;
        let may_be = may_be_mp4 || (zeros == first.len() && zeros < MAX_LEADING_ZEROS);
        if is_h264 || mp4::begins(first) {
            let new = if is_h264 { Self::h264() } else { Self::mp4() };
            let first = first.split().freeze();
            *self = new;
            self.push(first);
        } else if (!may_be || at_end)
            && let Some(mut demux) = demux.take()
        {
            demux.push(first.split().freeze());
            *self = Self::Pictures(demux);
        }
    }

    fn cut(&mut self) -> Result<Option<Cut>, InputError> {
        Ok(match self {
            Self::Unseen(..) => None,
            Self::Pictures(demux) => demux.next()?.map(Cut::Picture),
            Self::H264(demux) => Cut::h264(demux.access_unit())?,
            Self::Mp4(demux) => demux.next_item()?.map(Cut::Mp4),
        })
    }

    fn finish(&mut self) -> Result<Option<Cut>, InputError> {
        self.look(true);
        Ok(match self {
            Self::Unseen(..) => None,
            Self::Pictures(demux) => demux.finish()?.map(Cut::Picture),
            Self::H264(demux) => Cut::h264(demux.finish())?,
            Self::Mp4(demux) => demux.next_item()?.map(Cut::Mp4),
        })
    }
}

/// Reads pictures as they come until the stream ends.
pub(crate) async fn pump(
    from: impl AsyncRead + Unpin,
    content: Content,
    sink: &mut Sink,
) -> Result<(), InputError> {
    match content {
        Content::Raw(raw) => pump_raw(from, raw, sink).await,
        content => pump_pieces(from, &mut Intake::new(content), sink).await,
    }
}

/// Reads pictures at a pace until the file ends; how many there were. The last one may
/// be cut short, as whoever recorded the file may have been stopped.
pub(crate) async fn play(
    from: impl AsyncRead + Unpin,
    content: Content,
    pace: &mut Interval,
    sink: &mut Sink,
) -> Result<u64, InputError> {
    let mut intake = Intake::new(content);
    intake.pace = Some(pace);
    match pump_pieces(from, &mut intake, sink).await {
        Err(InputError::Stream(mpjpeg::Error::Truncated { .. })) if intake.pictures() > 0 => {}
        ended => ended?,
    }
    Ok(intake.pictures())
}

async fn pump_pieces(
    mut from: impl AsyncRead + Unpin,
    intake: &mut Intake<'_>,
    sink: &mut Sink,
) -> Result<(), InputError> {
    let mut buffer = BytesMut::with_capacity(READ_BYTES);
    loop {
        if buffer.capacity() < MIN_READ_BYTES {
            buffer = BytesMut::with_capacity(READ_BYTES);
        }
        if from.read_buf(&mut buffer).await? == 0 {
            return intake.finish(sink).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// How a stream that begins so is cut: nothing is known while more has to come.
    fn check(pieces: &[&'static [u8]], expected: &str) {
        let Ok(Content::Coded(demux)) = Content::typed(None) else {
            panic!("it is known by its first bytes");
        };
        let mut cutting = Cutting::Unseen(Some(demux), BytesMut::new());
        for piece in pieces {
            cutting.push(Bytes::from_static(piece));
        }
        let found = match cutting {
            Cutting::Unseen(..) => "not known",
            Cutting::Pictures(_) => "pictures",
            Cutting::H264(_) => "H.264",
            Cutting::Mp4(_) => "MP4",
        };
        assert_eq!(found, expected, "{pieces:?}");
    }

    #[test]
    fn the_first_bytes_tell_h264_and_mp4_from_pictures() {
        check(&[&[0, 0, 1, 0x67]], "H.264");
        check(&[&[0], &[0, 0], &[1]], "H.264");
        check(&[&[0; 7], &[1]], "H.264");
        check(&[&[0, 0, 0]], "not known");
        check(&[&[0, 1]], "not known");
        check(&[&[0, 0, 2]], "not known");
        check(&[&[0, 0, 2, 0, 0, 0, 0, 0]], "pictures");
        check(&[&[0, 0, 0, 24], b"ftypisom"], "MP4");
        check(&[&[0, 0, 0, 24, b's'], b"typ"], "MP4");
        check(&[&[0; 64]], "pictures");
        check(&[&[0xFF, 0xD8]], "pictures");
        check(&[b"--b\r\n"], "pictures");
    }
}
