//! What a stream is by its first bytes, and how it is cut.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use eyeline_media::AudioFormat;
use eyeline_proto::h264::{self, AccessUnit};
use eyeline_proto::mp4;
use eyeline_proto::mpegts;
use eyeline_proto::mpjpeg::{Demux, Picture};

use super::Content;
use crate::error::{InputError, PictureError};

/// What is cut out of a stream.
pub(super) enum Cut {
    Picture(Picture),
    /// An access unit, and at which byte of the stream its first slice began.
    H264(AccessUnit, u64),
    /// With times of its own.
    Timed(mpegts::Unit),
    Mp4(mp4::Item),
    Damaged(PictureError),
}

impl Cut {
    /// What is wrong with one picture does not end the stream.
    fn h264(
        demux: &mut h264::Demux,
        cut: fn(&mut h264::Demux) -> Result<Option<AccessUnit>, h264::Error>,
    ) -> Result<Option<Self>, InputError> {
        match cut(demux) {
            Err(why) if why.is_passing() => Ok(Some(Self::Damaged(PictureError::H264(why)))),
            cut => Ok(cut?.map(|unit| Self::H264(unit, demux.began_at()))),
        }
    }

    fn transport(
        cut: Result<Option<mpegts::Unit>, mpegts::Error>,
    ) -> Result<Option<Self>, InputError> {
        match cut {
            Err(why) if why.is_passing() => Ok(Some(Self::Damaged(PictureError::MpegTs(why)))),
            cut => Ok(cut?.map(Self::Timed)),
        }
    }
}

/// How a stream is cut.
pub(super) enum Cutting {
    /// Its first bytes will tell; this is who takes them if they are pictures.
    Unseen(Option<Box<Demux>>, BytesMut),
    Pictures(Box<Demux>),
    H264(Box<h264::Demux>),
    Transport(Box<mpegts::Demux>),
    Mp4(Box<mp4::Demux>),
}

/// A byte stream of H.264 begins with a start code, 00 00 01, before which any number of zeros may
/// stand (B.1.1); this is how many are waited for.
const MAX_LEADING_ZEROS: usize = 64;
/// An MP4 begins with the length of a box, whose first byte is zero, and what kind of box it is.
const BOX_HEADER: usize = 8;

impl Cutting {
    pub(super) fn new(content: Content) -> Self {
        match content {
            Content::Coded(demux) => Self::Unseen(Some(demux), BytesMut::new()),
            Content::H264 => Self::h264(),
            Content::Transport => Self::transport(),
            Content::Mp4 => Self::mp4(),
            Content::Raw(raw) => Self::Pictures(Box::new(Demux::raw(raw.format, raw.size))),
        }
    }

    fn h264() -> Self {
        Self::H264(Box::new(h264::Demux::new(h264::Limits::default())))
    }

    fn transport() -> Self {
        Self::Transport(Box::new(mpegts::Demux::new(mpegts::Limits::default())))
    }

    fn mp4() -> Self {
        Self::Mp4(Box::new(mp4::Demux::new(mp4::Limits::default())))
    }

    /// How the sound is coded, if that is known before it comes.
    pub(super) fn sound(&self) -> Option<&Arc<AudioFormat>> {
        match self {
            Self::Mp4(demux) => demux.sound(),
            _ => None,
        }
    }

    pub(super) fn push(&mut self, piece: Bytes) {
        match self {
            Self::Unseen(_, first) => {
                first.extend_from_slice(&piece);
                self.look(false);
            }
            Self::Pictures(demux) => demux.push(piece),
            Self::H264(demux) => demux.push(&piece),
            Self::Transport(demux) => demux.push(&piece),
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
        let may_be_h264 = zeros == first.len() && zeros < MAX_LEADING_ZEROS;
        let may_be_mp4 = zeros > 0 && first.len() < BOX_HEADER;
        let transport = mpegts::sniff(first);
        let may_be = may_be_h264 || may_be_mp4 || transport.is_none();
        let found = if is_h264 {
            Some(Self::h264())
        } else if transport == Some(true) {
            Some(Self::transport())
        } else {
            mp4::begins(first).then(Self::mp4)
        };
        if let Some(found) = found {
            let first = first.split().freeze();
            *self = found;
            self.push(first);
        } else if (!may_be || at_end)
            && let Some(mut demux) = demux.take()
        {
            demux.push(first.split().freeze());
            *self = Self::Pictures(demux);
        }
    }

    /// The next that is whole.
    pub(super) fn cut(&mut self) -> Result<Option<Cut>, InputError> {
        Ok(match self {
            Self::Unseen(..) => None,
            Self::Pictures(demux) => demux.next()?.map(Cut::Picture),
            Self::H264(demux) => Cut::h264(demux, h264::Demux::access_unit)?,
            Self::Transport(demux) => Cut::transport(demux.unit())?,
            Self::Mp4(demux) => demux.next_item()?.map(Cut::Mp4),
        })
    }

    /// What is left at the end, one after the other.
    pub(super) fn finish(&mut self) -> Result<Option<Cut>, InputError> {
        self.look(true);
        Ok(match self {
            Self::Unseen(..) => None,
            Self::Pictures(demux) => demux.finish()?.map(Cut::Picture),
            Self::H264(demux) => Cut::h264(demux, h264::Demux::finish)?,
            Self::Transport(demux) => Cut::transport(demux.finish())?,
            Self::Mp4(demux) => demux.next_item()?.map(Cut::Mp4),
        })
    }

    /// Whether it says something that whoever writes the stream pauses.
    pub(super) fn heeds_pause(&self) -> bool {
        matches!(self, Self::H264(demux) if demux.heeds_pause())
    }

    /// What is whole because the writer pauses.
    pub(super) fn pause(&mut self) -> Result<Option<Cut>, InputError> {
        match self {
            Self::H264(demux) => Cut::h264(demux, h264::Demux::pause),
            _ => Ok(None),
        }
    }

    /// The transport stream that it is.
    pub(super) fn as_transport(&self) -> Option<&mpegts::Demux> {
        match self {
            Self::Transport(demux) => Some(demux),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a stream that begins so is cut: nothing is known while more has to come.
    fn check(pieces: &[&[u8]], expected: &str) {
        let mut cutting = Cutting::new(Content::typed(None).unwrap());
        for piece in pieces {
            cutting.push(Bytes::copy_from_slice(piece));
        }
        let found = match cutting {
            Cutting::Unseen(..) => "not known",
            Cutting::Pictures(_) => "pictures",
            Cutting::H264(_) => "H.264",
            Cutting::Transport(_) => "MPEG-TS",
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

    #[test]
    fn packets_at_the_beginning_tell_transport_streams_from_pictures() {
        let mut packets = [0xff; 377];
        (packets[0], packets[188], packets[376]) = (0x47, 0x47, 0x47);
        check(&[&packets], "MPEG-TS");
        check(&[&packets[..100], &packets[100..189]], "MPEG-TS");
        check(&[&packets[..188]], "not known");
        packets[188] = 0;
        check(&[&packets], "pictures");
    }
}
