//! What is listed of a rendition, for HLS and for DASH.

use std::time::Duration;

use eyeline_media::Timestamp;
use eyeline_proto::dash::{self, AdaptationSet, Content, Mpd, Period, Reference};
use eyeline_proto::fmp4;
use eyeline_proto::hls::{
    Media, Multivariant, Name, Names, Part, Rendition, Report, Segment, Variant,
};

use super::packager::{Kind, Packager};
use super::segment;
use super::track::{self, Track, edge};

/// How names are put in playlists, and what else a request decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dress<'a> {
    /// What is put behind each name: nothing, or a query with its `?`.
    pub(crate) query: &'a str,
    /// Size of the pictures.
    pub(crate) size: (u32, u32),
    /// The time by the wall clock.
    pub(crate) now: Timestamp,
}

impl Kind {
    /// The name of its folder, and of its playlist.
    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Video => Self::Audio,
            Self::Audio => Self::Video,
        }
    }
}

impl Packager {
    /// HLS's list of playlists; `None` before there is anything.
    pub(crate) fn multivariant(&self, dress: Dress<'_>) -> Option<String> {
        let video = self.track(Kind::Video)?;
        let audio = self.track(Kind::Audio);
        let uri = |kind: Kind| format!("{}.m3u8{}", kind.folder(), dress.query);
        let tracks = || [Some(video), audio].into_iter().flatten();
        let codecs = tracks()
            .filter_map(Track::init)
            .map(|init| &init.codecs[..]);
        let bps = tracks()
            .map(Track::bps)
            .fold((0, 0), |sum, (peak, average)| {
                (sum.0 + peak, sum.1 + average)
            });
        let playlists = Multivariant {
            variants: vec![Variant {
                uri: uri(Kind::Video),
                peak_bps: bps.0,
                average_bps: bps.1,
                codecs: codecs.collect::<Vec<_>>().join(","),
                resolution: dress.size,
                fps: self.fps(),
            }],
            audio: audio.and(self.format()).map(|format| Rendition {
                uri: uri(Kind::Audio),
                channels: format.channels,
            }),
        };
        Some(playlists.text())
    }

    /// HLS's playlist of one track; `None` before there is anything.
    pub(crate) fn media(&self, kind: Kind, skip: bool, dress: Dress<'_>) -> Option<String> {
        let track = self.track(kind)?;
        let server = self.server();
        let target = Duration::from_secs(server.target_duration_s.into());
        let from = track.listed_from(target);
        let with_parts = track.end.saturating_sub(track.ticks(target * 3));
        let time = |ticks| track.time(ticks);
        let kept = track.segments.iter().skip(from);
        let kept = kept.filter(|segment| segment.end.is_some() || !segment.parts.is_empty());
        let parts: Vec<Vec<Part>> = kept
            .clone()
            .map(|segment| {
                let recent = segment.end.is_none_or(|end| end >= with_parts);
                let part = |part: &segment::Part| Part {
                    duration: time(part.duration),
                    independent: part.independent,
                };
                let gap = segment.is_gap() && recent;
                let missing = gap.then(|| missing(time(segment.duration()), server.part_target));
                let there = segment.parts.iter().filter(|_| recent).map(part);
                missing.into_iter().flatten().chain(there).collect()
            })
            .collect();
        let segments: Vec<_> = kept
            .zip(&parts)
            .map(|(segment, parts)| Segment {
                duration: segment.end.map(|end| time(end - segment.time)),
                parts,
                captured: segment.captured,
                init: segment.init,
                discontinuity: segment.discontinuity,
                gap: segment.is_gap(),
            })
            .collect();
        let other = kind.other();
        let report_uri = format!("{}.m3u8{}", other.folder(), dress.query);
        let reports = self
            .track(other)
            .and_then(last_part)
            .map(|(segment, part)| Report {
                uri: &report_uri,
                segment,
                part,
            });
        let gone = track
            .segments
            .iter()
            .take(from)
            .filter(|segment| segment.discontinuity);
        let edge = edge(track);
        let media = Media {
            server,
            media_sequence: track.segments.get(from)?.number,
            discontinuity_sequence: self.discontinuities(track) + gone.count() as u64,
            segments: &segments,
            next: (!self.has_ended()).then_some(Name::Part(edge.open, edge.parts)),
            reports: reports.as_slice(),
            names: Names {
                folder: kind.folder(),
                query: dress.query,
            },
            independent_segments: true,
        };
        Some(media.text(skip))
    }

    /// DASH's description; `None` before there is anything.
    pub(crate) fn mpd(&self, time_url: &str, dress: Dress<'_>) -> Option<String> {
        self.track(Kind::Video)?;
        let server = self.server();
        let target = Duration::from_secs(server.target_duration_s.into());
        let ends = self.epochs.iter().skip(1).map(|next| next.number);
        let ends = ends.chain([u64::MAX]);
        let periods = self.epochs.iter().zip(ends).filter_map(|(epoch, end)| {
            let numbers = epoch.number..end;
            let sets: Vec<_> = [Kind::Video, Kind::Audio]
                .into_iter()
                .filter_map(|kind| self.adaptation_set(kind, epoch.time, &numbers, dress))
                .collect();
            (!sets.is_empty()).then_some(Period {
                id: epoch.number,
                start: epoch.time,
                sets,
            })
        });
        let mpd = Mpd {
            availability_start: self.began(),
            published: dress.now,
            update_every: server.part_target * 2,
            target_latency: (server.part_hold_back() + server.part_target)
                .max(Duration::from_secs(1)),
            depth: track::depth(target),
            longest_segment: target,
            time_url,
            periods: periods.collect(),
        };
        Some(mpd.text())
    }

    fn adaptation_set<'a>(
        &'a self,
        kind: Kind,
        begun: Duration,
        numbers: &std::ops::Range<u64>,
        dress: Dress<'a>,
    ) -> Option<AdaptationSet<'a>> {
        let track = self.track(kind)?;
        let server = self.server();
        let from = track.listed_from(Duration::from_secs(server.target_duration_s.into()));
        let listed = || {
            let kept = track.segments.iter().skip(from);
            kept.filter(|segment| numbers.contains(&segment.number) && !segment.parts.is_empty())
        };
        let (first, last) = (listed().next()?, listed().next_back()?);
        let before = listed().rev().nth(1).map(|before| before.duration());
        let init = track.inits.iter().find(|init| init.number == first.init)?;
        let content = match (kind, self.format()) {
            (Kind::Audio, Some(format)) => Content::Audio {
                sample_rate: track.timescale,
                channels: format.channels,
            },
            _ => Content::Video {
                width: dress.size.0,
                height: dress.size.1,
            },
        };
        let segments = listed().map(|segment| dash::Segment {
            time: segment.time,
            duration: match segment.end {
                Some(_) => segment.duration(),
                // Expected to be as long as the one before.
                None => before.unwrap_or_default().max(segment.duration()),
            },
        });
        let open = before.unwrap_or_default().max(last.duration());
        Some(AdaptationSet {
            content,
            codecs: &init.codecs,
            bandwidth_bps: track.bps().0,
            timescale: track.timescale,
            offset: fmp4::ticks(begun, track.timescale),
            first: first.number,
            init: first.init,
            names: Names {
                folder: kind.folder(),
                query: dress.query,
            },
            segments: segments.collect(),
            early: track.time(open).saturating_sub(server.part_target),
            reference: Reference {
                captured: last.captured,
                time: last.time,
            },
        })
    }
}

/// The parts that a gap is listed as: players of parts follow them from segment to segment, and
/// hls.js takes no parts at all of the only segment that has some.
fn missing(duration: Duration, target: Duration) -> impl Iterator<Item = Part> {
    let count = duration
        .as_nanos()
        .div_ceil(target.as_nanos().max(1))
        .max(1);
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    (0..count).map(move |_| Part {
        duration: duration / count,
        independent: true,
    })
}

/// The last segment of a track, whole or being made, and the last part of it.
fn last_part(track: &Track) -> Option<(u64, u64)> {
    let last = track
        .segments
        .iter()
        .rev()
        .find(|segment| !segment.parts.is_empty())?;
    Some((last.number, last.parts.len() as u64 - 1))
}
