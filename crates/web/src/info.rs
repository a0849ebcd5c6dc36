//! What is told of streams and viewers, in JSON's words.

use eyeline_hub::{State, StreamStats, ViewerStats};
use eyeline_media::Timestamp;
use serde::Serialize;

/// A stream, as the API tells it. May grow.
#[derive(Debug, Serialize)]
pub(crate) struct Info {
    stream_id: String,
    source: String,
    quality: &'static str,
    is_active: bool,
    /// `idle`, `starting`, `live` or `away`.
    state: &'static str,
    /// Why it is away.
    reason: Option<String>,
    /// Since when it is live or away.
    state_since: Option<String>,
    viewer_count: usize,
    frame_count: u64,
    byte_count: u64,
    /// Frames a second that come now.
    fps: f64,
    /// Re-encoded renditions being made now.
    renditions: usize,
    start_time: Option<String>,
    settings: Settings,
}

#[derive(Debug, Serialize)]
struct Settings {
    width: Option<u32>,
    height: Option<u32>,
    /// The source's own rate, to a whole number.
    fps: Option<u32>,
    /// Unknown as long as the source is passed on untouched.
    jpeg_quality: Option<u8>,
}

impl From<StreamStats> for Info {
    fn from(stats: StreamStats) -> Self {
        let (reason, since) = match &stats.state {
            State::Idle | State::Starting => (None, None),
            State::Live { since } => (None, Some(*since)),
            State::Away { reason, since } => (Some(reason.clone()), Some(*since)),
        };
        Self {
            stream_id: stats.id.to_string(),
            source: stats.profile.source.clone(),
            quality: "source",
            is_active: matches!(stats.state, State::Live { .. }),
            state: stats.state.name(),
            reason,
            state_since: since.and_then(rfc3339),
            viewer_count: stats.viewers,
            frame_count: stats.frames,
            byte_count: stats.bytes,
            fps: (stats.fps * 10.0).round() / 10.0,
            renditions: stats.renditions,
            start_time: rfc3339(stats.since),
            settings: Settings {
                width: stats.resolution.map(eyeline_media::Resolution::width),
                height: stats.resolution.map(eyeline_media::Resolution::height),
                fps: (stats.fps > 0.0).then(|| stats.fps.round() as u32),
                jpeg_quality: None,
            },
        }
    }
}

/// A viewer's account, as the API tells it. May grow.
#[derive(Debug, Serialize)]
pub(crate) struct Viewer {
    id: u64,
    remote: String,
    transport: &'static str,
    agent: Option<String>,
    since: Option<String>,
    frames: u64,
    bytes: u64,
    skipped: u64,
}

impl From<ViewerStats> for Viewer {
    fn from(stats: ViewerStats) -> Self {
        Self {
            id: stats.id,
            remote: stats.info.remote.to_string(),
            transport: stats.info.transport,
            agent: stats.info.agent,
            since: rfc3339(stats.since),
            frames: stats.frames,
            bytes: stats.bytes,
            skipped: stats.skipped,
        }
    }
}

/// A time as RFC 3339 writes it, in UTC, to the millisecond.
fn rfc3339(time: Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).ok()?;
    Some(format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_to_the_millisecond() {
        let time = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(rfc3339(time).as_deref(), Some("2023-11-14T22:13:20.123Z"));
    }
}
