//! The media presentation description (5.3 and annex K for low latency).

use std::fmt::{self, Write as _};
use std::time::Duration;

use eyeline_media::Timestamp;

use crate::date::iso8601;
use crate::hls::Names;

/// A live presentation.
#[derive(Clone, Debug)]
pub struct Mpd<'a> {
    /// What a presentation time of zero is on players' clocks: a piece is there at the latest
    /// when so much time has gone by as it says at its end.
    pub availability_start: Timestamp,
    /// When this was written.
    pub published: Timestamp,
    /// After how long players ask for it again.
    pub update_every: Duration,
    /// How far from live players should be.
    pub target_latency: Duration,
    /// How much is listed.
    pub depth: Duration,
    /// The longest segment.
    pub longest_segment: Duration,
    /// Where players ask what time it is; answers as `urn:mpeg:dash:utc:http-iso:2014` says.
    pub time_url: &'a str,
    /// One after the other; a new one begins where pictures or sound come to be coded otherwise.
    pub periods: Vec<Period<'a>>,
}

/// A time in which nothing changes but pictures and sound (5.3.2).
#[derive(Clone, Debug)]
pub struct Period<'a> {
    /// Its name, which it keeps.
    pub id: u64,
    /// When it begins, after the presentation did.
    pub start: Duration,
    /// Its pictures, its sound.
    pub sets: Vec<AdaptationSet<'a>>,
}

/// A track (5.3.3), of one representation.
#[derive(Clone, Debug)]
pub struct AdaptationSet<'a> {
    /// What it is of.
    pub content: Content,
    /// Such as `avc1.64001f`.
    pub codecs: &'a str,
    /// Bits a second.
    pub bandwidth_bps: u64,
    /// Ticks a second.
    pub timescale: u32,
    /// The time of its media where the period begins, in ticks.
    pub offset: u64,
    /// Number of the first segment listed.
    pub first: u64,
    /// The segment from which on its initialisation segment is in force.
    pub init: u64,
    /// Names of the files.
    pub names: Names<'a>,
    /// The segments in order. The last may be one that is being made, with the length that is
    /// expected of it.
    pub segments: Vec<Segment>,
    /// How long before its end a segment can be asked for.
    pub early: Duration,
    /// What the wall clock said at a time in it.
    pub reference: Reference,
}

/// What a track is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content {
    /// Pictures.
    Video {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Sound.
    Audio {
        /// Samples a second.
        sample_rate: u32,
        /// Channels.
        channels: u8,
    },
}

/// A segment (5.3.9.6), in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// When it begins.
    pub time: u64,
    /// How long it is.
    pub duration: u64,
}

/// That what is shown at a time was captured then (5.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// By the wall clock.
    pub captured: Timestamp,
    /// In ticks.
    pub time: u64,
}

impl Mpd<'_> {
    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(4096);
        // A String takes all that is written.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let target_ms = self.target_latency.as_millis();
        writeln!(
            out,
            r#"<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011,http://www.dashif.org/guidelines/low-latency-live-v5" type="dynamic" availabilityStartTime="{}" publishTime="{}" minimumUpdatePeriod="{}" timeShiftBufferDepth="{}" maxSegmentDuration="{}" minBufferTime="PT0.200S" suggestedPresentationDelay="{}">"#,
            iso8601(self.availability_start),
            iso8601(self.published),
            duration(self.update_every),
            duration(self.depth),
            duration(self.longest_segment),
            duration(self.target_latency),
        )?;
        writeln!(
            out,
            r#"  <ServiceDescription id="0">
    <Latency referenceId="0" target="{target_ms}" min="{}" max="{}"/>
    <PlaybackRate min="0.95" max="1.05"/>
  </ServiceDescription>"#,
            target_ms / 2,
            target_ms * 4,
        )?;
        for period in &self.periods {
            self.write_period(out, period)?;
        }
        writeln!(
            out,
            r#"  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="{}"/>
</MPD>"#,
            escaped(self.time_url)
        )
    }

    fn write_period(&self, out: &mut String, period: &Period<'_>) -> fmt::Result {
        let start = duration(period.start);
        writeln!(out, r#"  <Period id="{}" start="{start}">"#, period.id)?;
        for set in &period.sets {
            self.write_set(out, set)?;
        }
        writeln!(out, "  </Period>")
    }

    fn write_set(&self, out: &mut String, set: &AdaptationSet<'_>) -> fmt::Result {
        let (id, kind) = match set.content {
            Content::Video { .. } => (0, "video"),
            Content::Audio { .. } => (1, "audio"),
        };
        let (folder, query) = (escaped(set.names.folder), escaped(set.names.query));
        writeln!(
            out,
            r#"    <AdaptationSet id="{id}" contentType="{kind}" mimeType="{kind}/mp4" segmentAlignment="true" startWithSAP="1">"#,
        )?;
        if let Content::Audio { channels, .. } = set.content {
            writeln!(
                out,
                r#"      <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="{channels}"/>"#
            )?;
        }
        writeln!(
            out,
            r#"      <ProducerReferenceTime id="{id}" inband="true" type="captured" wallClockTime="{}" presentationTime="{}">
        <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="{}"/>
      </ProducerReferenceTime>
      <SegmentTemplate timescale="{}" presentationTimeOffset="{}" startNumber="{}" initialization="{folder}/init-{}.mp4{query}" media="{folder}/$Number$.m4s{query}" availabilityTimeOffset="{:.3}" availabilityTimeComplete="false">
        <SegmentTimeline>"#,
            iso8601(set.reference.captured),
            set.reference.time,
            escaped(self.time_url),
            set.timescale,
            set.offset,
            set.first,
            set.init,
            set.early.as_secs_f64(),
        )?;
        for Segment { time, duration } in &set.segments {
            writeln!(out, r#"          <S t="{time}" d="{duration}"/>"#)?;
        }
        writeln!(out, "        </SegmentTimeline>\n      </SegmentTemplate>")?;
        let (codecs, bps) = (escaped(set.codecs), set.bandwidth_bps);
        write!(
            out,
            r#"      <Representation id="{kind}" bandwidth="{bps}" codecs="{codecs}""#
        )?;
        match set.content {
            Content::Video { width, height } => {
                writeln!(out, r#" width="{width}" height="{height}"/>"#)?;
            }
            Content::Audio { sample_rate, .. } => {
                writeln!(out, r#" audioSamplingRate="{sample_rate}"/>"#)?;
            }
        }
        writeln!(out, "    </AdaptationSet>")
    }
}

/// As XML Schema writes durations.
fn duration(duration: Duration) -> String {
    format!("PT{:.3}S", duration.as_secs_f64())
}

/// For an attribute of XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
