//! Media playlists (4.4.3, 4.4.4, 4.4.5).

use std::fmt::{self, Write as _};
use std::time::Duration;

use eyeline_media::Timestamp;

use super::{Name, Names};
use crate::date::iso8601;

/// What a playlist promises for good (4.4.3.1, 4.4.3.7, 4.4.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// The longest segment, in whole seconds.
    pub target_duration_s: u32,
    /// The longest part.
    pub part_target: Duration,
}

impl Server {
    /// How far from the end what is older may be left out: six target durations.
    #[must_use]
    pub fn can_skip_until(&self) -> Duration {
        Duration::from_secs(u64::from(self.target_duration_s) * 6)
    }

    /// How far from the end players without low latency are to stay: three target durations.
    #[must_use]
    pub fn hold_back(&self) -> Duration {
        Duration::from_secs(u64::from(self.target_duration_s) * 3)
    }

    /// How far from the end players with low latency are to stay: two parts and a half. Two is the
    /// least that is allowed, three what is recommended (4.4.3.8): what a player needs to get going
    /// (0.2 s to 0.4 s) comes on top, and hls.js never makes up for it.
    #[must_use]
    pub fn part_hold_back(&self) -> Duration {
        self.part_target * 5 / 2
    }
}

/// A part of a segment (4.4.4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// How long it is.
    pub duration: Duration,
    /// Whether decoding can start with it.
    pub independent: bool,
}

/// A segment, whole or being made.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// How long it is; nothing while it is being made.
    pub duration: Option<Duration>,
    /// Its parts so far; none where they are no longer listed.
    pub parts: &'a [Part],
    /// When its first sample was captured.
    pub captured: Timestamp,
    /// The segment from which on its initialisation segment is in force.
    pub init: u64,
    /// Whether it does not go on where the one before ends (4.4.4.3).
    pub discontinuity: bool,
    /// Whether there is nothing in it that could be played (4.4.4.7), nor in its parts.
    pub gap: bool,
}

/// How far another playlist of the same stream has come (4.4.5.4).
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Where it is, relative to this one.
    pub uri: &'a str,
    /// Its last segment, whole or being made.
    pub segment: u64,
    /// The last part of that.
    pub part: u64,
}

/// A media playlist.
#[derive(Clone, Copy, Debug)]
pub struct Media<'a> {
    /// What it promises.
    pub server: Server,
    /// Number of the first segment.
    pub media_sequence: u64,
    /// Discontinuities before the first segment.
    pub discontinuity_sequence: u64,
    /// The segments; the last may be one that is being made.
    pub segments: &'a [Segment<'a>],
    /// The part that will come next, while more will.
    pub next: Option<Name>,
    /// How far others have come.
    pub reports: &'a [Report<'a>],
    /// Names of the files.
    pub names: Names<'a>,
    /// Whether decoding can start with every segment.
    pub independent_segments: bool,
}

impl Media<'_> {
    /// As text; without what is old if `skip` (6.2.5.1).
    #[must_use]
    pub fn text(&self, skip: bool) -> String {
        let mut text = String::with_capacity(4096);
        // A String takes all that is written.
        let _ = self.write(&mut text, skip);
        text
    }

    fn write(&self, out: &mut String, skip: bool) -> fmt::Result {
        let Server {
            target_duration_s,
            part_target,
        } = self.server;
        writeln!(out, "#EXTM3U\n#EXT-X-VERSION:9")?;
        if self.independent_segments {
            writeln!(out, "#EXT-X-INDEPENDENT-SEGMENTS")?;
        }
        writeln!(out, "#EXT-X-TARGETDURATION:{target_duration_s}")?;
        writeln!(
            out,
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={},HOLD-BACK={},PART-HOLD-BACK={}",
            seconds(self.server.can_skip_until()),
            seconds(self.server.hold_back()),
            seconds(self.server.part_hold_back()),
        )?;
        writeln!(out, "#EXT-X-PART-INF:PART-TARGET={}", seconds(part_target))?;
        writeln!(out, "#EXT-X-MEDIA-SEQUENCE:{}", self.media_sequence)?;
        if self.discontinuity_sequence > 0 {
            let sequence = self.discontinuity_sequence;
            writeln!(out, "#EXT-X-DISCONTINUITY-SEQUENCE:{sequence}")?;
        }
        let skipped = if skip { self.skippable() } else { 0 };
        if skipped > 0 {
            writeln!(out, "#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")?;
        }
        self.write_segments(out, skipped)?;
        match self.next {
            Some(name) => writeln!(
                out,
                "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}\"",
                self.names.uri(name)
            )?,
            None => writeln!(out, "#EXT-X-ENDLIST")?,
        }
        for Report { uri, segment, part } in self.reports {
            writeln!(
                out,
                "#EXT-X-RENDITION-REPORT:URI=\"{uri}\",LAST-MSN={segment},LAST-PART={part}"
            )?;
        }
        Ok(())
    }

    fn write_segments(&self, out: &mut String, skipped: usize) -> fmt::Result {
        // What was said before the first segment here holds on.
        let known = skipped
            .checked_sub(1)
            .and_then(|last| self.segments.get(last));
        let mut init = known.map(|segment| segment.init);
        let numbered = (self.media_sequence..).zip(self.segments).skip(skipped);
        for (number, segment) in numbered {
            if segment.discontinuity {
                writeln!(out, "#EXT-X-DISCONTINUITY")?;
            }
            if init.replace(segment.init) != Some(segment.init) {
                let uri = self.names.uri(Name::Init(segment.init));
                writeln!(out, "#EXT-X-MAP:URI=\"{uri}\"")?;
            }
            let captured = iso8601(segment.captured);
            writeln!(out, "#EXT-X-PROGRAM-DATE-TIME:{captured}")?;
            for (index, part) in (0..).zip(segment.parts) {
                let (uri, independent) = (
                    self.names.uri(Name::Part(number, index)),
                    if part.independent {
                        ",INDEPENDENT=YES"
                    } else {
                        ""
                    },
                );
                let duration = seconds(part.duration);
                let gap = if segment.gap { ",GAP=YES" } else { "" };
                writeln!(
                    out,
                    "#EXT-X-PART:DURATION={duration},URI=\"{uri}\"{independent}{gap}"
                )?;
            }
            if let Some(duration) = segment.duration {
                let uri = self.names.uri(Name::Segment(number));
                if segment.gap {
                    writeln!(out, "#EXT-X-GAP")?;
                }
                writeln!(out, "#EXTINF:{},\n{uri}", seconds(duration))?;
            }
        }
        Ok(())
    }

    /// How many segments lie further from the end than the skip boundary.
    fn skippable(&self) -> usize {
        let length = |segment: &Segment<'_>| {
            let parts = || segment.parts.iter().map(|part| part.duration).sum();
            segment.duration.unwrap_or_else(parts)
        };
        let mut from_end = self
            .segments
            .iter()
            .rev()
            .scan(Duration::ZERO, |at, segment| {
                *at += length(segment);
                Some(*at)
            });
        let boundary = self.server.can_skip_until();
        // The segment across the boundary is younger than it.
        let kept = from_end.position(|start| start >= boundary);
        kept.map_or(0, |kept| self.segments.len() - kept - 1)
    }
}

/// Seconds with five digits of a fraction: a tick of the finest clock is longer.
fn seconds(duration: Duration) -> String {
    format!("{:.5}", duration.as_secs_f64())
}
