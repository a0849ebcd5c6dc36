//! Playlists of segments.

use std::sync::Arc;
use std::time::Duration;

use eyeline_media::Timestamp;

use super::attributes::{Attributes, seconds};
use super::error::Error;
use super::limits::{MAX_PARTS, MAX_SEGMENTS};
use super::{date, tag};

/// A playlist of segments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Media {
    /// The longest that a segment is.
    pub target: Duration,
    /// The longest that a part is, if there are parts.
    pub part_target: Option<Duration>,
    /// What is there, in order. Of the last only parts may be there.
    pub segments: Vec<Segment>,
    /// Whether nothing will be added.
    pub ended: bool,
    /// Where to start, in seconds: from the beginning, or if negative from the end.
    pub start_secs: Option<f64>,
    /// How far from the end to stay, if the playlist says so.
    pub hold_back: Option<Duration>,
    /// As `hold_back`, for those who play parts.
    pub part_hold_back: Option<Duration>,
    /// Whether the server answers a request for what comes next when it is there.
    pub can_block: bool,
}

/// A segment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// Its number.
    pub sequence: u64,
    /// It as a whole; `None` as long as only parts of it are there.
    pub whole: Option<Piece>,
    /// Its parts, as far as they are still listed.
    pub parts: Vec<Part>,
    /// How long it is, so far.
    pub duration: Duration,
    /// How many breaks of the time line there were up to here.
    pub discontinuity: u64,
    /// What its samples are initialised with.
    pub map: Option<Arc<Piece>>,
    /// When it begins, by the wall clock.
    pub time: Option<Timestamp>,
    /// How it is encrypted.
    pub encryption: Option<Arc<str>>,
    /// Whether it is missing.
    pub gap: bool,
}

/// Part of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Where it lies.
    pub piece: Piece,
    /// How long it is.
    pub duration: Duration,
    /// Whether decoding can start with it.
    pub independent: bool,
    /// Whether it is missing.
    pub gap: bool,
}

/// Something to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Relative to the playlist.
    pub uri: String,
    /// Which bytes, if not all.
    pub range: Option<Range>,
}

/// Bytes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub offset: u64,
    /// How many.
    pub len: u64,
}

impl Media {
    pub(super) fn read<'a>(
        mut lines: impl Iterator<Item = (usize, &'a str)>,
    ) -> Result<Self, Error> {
        let mut reader = Reader::default();
        lines.try_for_each(|(line, text)| {
            let read = reader.line(text);
            read.map_err(|what| Error::Malformed { line, what })?;
            if reader.media.segments.len() > MAX_SEGMENTS {
                let limit = MAX_SEGMENTS;
                return Err(Error::TooMany { limit });
            }
            Ok(())
        })?;
        Ok(reader.end())
    }
}

/// Reads line by line.
#[derive(Default)]
struct Reader {
    media: Media,
    /// The segment whose tags are being read.
    next: Segment,
    /// The end of the latest range, and of what.
    range_end: (String, u64),
    /// Of the range that the next segment has.
    range: Option<(u64, Option<u64>)>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| "not a number");
        if !line.starts_with('#') {
            return self.segment(line);
        }
        if let Some(said) = tag(line, "#EXTINF") {
            let duration = said.split(',').next().and_then(seconds);
            self.next.duration = duration.ok_or("no duration")?;
        } else if let Some(said) = tag(line, "#EXT-X-PART") {
            self.part(Attributes(said))?;
        } else if let Some(said) = tag(line, "#EXT-X-BYTERANGE") {
            self.range = Some(range(said)?);
        } else if let Some(said) = tag(line, "#EXT-X-MAP") {
            self.next.map = Some(Arc::new(self.piece(Attributes(said))?));
        } else if let Some(said) = tag(line, "#EXT-X-KEY").map(Attributes) {
            let method = said.get("METHOD").filter(|method| *method != "NONE");
            self.next.encryption = method.map(Into::into);
        } else if let Some(said) = tag(line, "#EXT-X-PROGRAM-DATE-TIME") {
            self.next.time = date::parse(said);
        } else if tag(line, "#EXT-X-DISCONTINUITY").is_some() {
            self.next.discontinuity = self.next.discontinuity.saturating_add(1);
            self.next.time = None;
        } else if tag(line, "#EXT-X-GAP").is_some() {
            self.next.gap = true;
        } else if let Some(said) = tag(line, "#EXT-X-MEDIA-SEQUENCE") {
            self.next.sequence = self.first(number(said)?)?;
        } else if let Some(said) = tag(line, "#EXT-X-DISCONTINUITY-SEQUENCE") {
            self.next.discontinuity = self.first(number(said)?)?;
        } else {
            return self.of_playlist(line);
        }
        Ok(())
    }

    /// Takes a tag that counts for the playlist.
    fn of_playlist(&mut self, line: &str) -> Result<(), &'static str> {
        let media = &mut self.media;
        if let Some(said) = tag(line, "#EXT-X-TARGETDURATION") {
            media.target = seconds(said).ok_or("no duration")?;
        } else if let Some(said) = tag(line, "#EXT-X-PART-INF").map(Attributes) {
            media.part_target = said.seconds("PART-TARGET");
        } else if let Some(said) = tag(line, "#EXT-X-SERVER-CONTROL").map(Attributes) {
            media.can_block = said.is_yes("CAN-BLOCK-RELOAD");
            media.hold_back = said.seconds("HOLD-BACK");
            media.part_hold_back = said.seconds("PART-HOLD-BACK");
        } else if let Some(said) = tag(line, "#EXT-X-START").map(Attributes) {
            let offset = said.get("TIME-OFFSET").and_then(|text| text.parse().ok());
            media.start_secs = offset.filter(|secs: &f64| secs.is_finite());
        } else if tag(line, "#EXT-X-ENDLIST").is_some() {
            media.ended = true;
        }
        Ok(())
    }

    /// A number from which is counted: it has to stand before the first segment (RFC 8216, 4.3.3.2 and
    /// 4.3.3.3).
    fn first(&self, number: u64) -> Result<u64, &'static str> {
        let is_first = self.media.segments.is_empty();
        is_first
            .then_some(number)
            .ok_or("a number of the first segment behind it")
    }

    fn segment(&mut self, uri: &str) -> Result<(), &'static str> {
        let range = self.range.take();
        let piece = self.located(uri, range)?;
        self.next.whole = Some(piece);
        self.close();
        Ok(())
    }

    /// Takes the segment as it is, and begins the one after it.
    fn close(&mut self) {
        let next = Segment {
            sequence: self.next.sequence.saturating_add(1),
            discontinuity: self.next.discontinuity,
            map: self.next.map.clone(),
            encryption: self.next.encryption.clone(),
            time: self.next.time.map(|time| time.after(self.next.duration)),
            ..Segment::default()
        };
        let whole = std::mem::replace(&mut self.next, next);
        self.media.segments.push(whole);
    }

    fn part(&mut self, said: Attributes<'_>) -> Result<(), &'static str> {
        let part = Part {
            piece: self.piece(said)?,
            duration: said.seconds("DURATION").ok_or("no DURATION")?,
            independent: said.is_yes("INDEPENDENT"),
            gap: said.is_yes("GAP"),
        };
        if self.next.parts.len() >= MAX_PARTS {
            return Err("too many parts");
        }
        self.next.parts.push(part);
        Ok(())
    }

    fn piece(&mut self, said: Attributes<'_>) -> Result<Piece, &'static str> {
        let uri = said.get("URI").ok_or("no URI")?;
        let range = said.get("BYTERANGE").map(range).transpose()?;
        self.located(uri, range)
    }

    /// A range that does not say where it begins does so at the end of the one before.
    fn located(
        &mut self,
        uri: &str,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Piece, &'static str> {
        let uri = uri.to_owned();
        let Some((len, offset)) = range else {
            return Ok(Piece { uri, range: None });
        };
        let before = if self.range_end.0 == uri {
            self.range_end.1
        } else {
            0
        };
        let offset = offset.unwrap_or(before);
        let end = offset.checked_add(len).ok_or("a range that is too long")?;
        self.range_end = (uri.clone(), end);
        let range = Some(Range { offset, len });
        Ok(Piece { uri, range })
    }

    fn end(mut self) -> Media {
        if !self.next.parts.is_empty() {
            self.next.duration = self.next.parts.iter().map(|part| part.duration).sum();
            self.close();
        }
        self.media
    }
}

/// `length[@offset]`.
fn range(text: &str) -> Result<(u64, Option<u64>), &'static str> {
    let number = |text: &str| text.trim().parse().map_err(|_| "not a range of bytes");
    Ok(match text.split_once('@') {
        Some((len, offset)) => (number(len)?, Some(number(offset)?)),
        None => (number(text)?, None),
    })
}
