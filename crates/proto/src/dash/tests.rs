//! A description as it goes out. That it holds what it promises is shown with the real program.

use std::time::Duration;

use eyeline_media::Timestamp;

use super::*;
use crate::hls::Names;

#[test]
fn a_presentation_is_described_with_its_times() {
    const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
    let set = |content, codecs, folder| AdaptationSet {
        content,
        codecs,
        bandwidth_bps: 4_000_000,
        timescale: 90_000,
        offset: 180_000,
        first: 12,
        init: 10,
        names: Names {
            folder,
            query: "?quality=low&token=x",
        },
        segments: vec![Segment {
            time: 360_000,
            duration: 180_000,
        }],
        early: Duration::from_millis(1_800),
        reference: Reference {
            captured: START,
            time: 360_000,
        },
    };
    let (video, audio) = (
        Content::Video {
            width: 640,
            height: 360,
        },
        Content::Audio {
            sample_rate: 48_000,
            channels: 2,
        },
    );
    let mpd = Mpd {
        availability_start: START,
        published: START,
        update_every: Duration::from_millis(500),
        target_latency: Duration::from_secs(1),
        depth: Duration::from_secs(30),
        longest_segment: Duration::from_secs(2),
        time_url: "../../../time",
        periods: vec![Period {
            id: 10,
            start: Duration::from_secs(2),
            sets: vec![
                set(video, "avc1.64001f", "video"),
                set(audio, "mp4a.40.2", "audio"),
            ],
        }],
    };
    let text = mpd.text();
    for expected in [
        r#"availabilityStartTime="2023-11-14T22:13:20.000Z""#,
        r#"timeShiftBufferDepth="PT30.000S""#,
        r#"<Latency referenceId="0" target="1000""#,
        r#"<Period id="10" start="PT2.000S">"#,
        r#"media="video/$Number$.m4s?quality=low&amp;token=x""#,
        r#"availabilityTimeOffset="1.800" availabilityTimeComplete="false""#,
        r#"<S t="360000" d="180000"/>"#,
        r#"<Representation id="video" bandwidth="4000000" codecs="avc1.64001f" width="640" height="360"/>"#,
        r#"<Representation id="audio" bandwidth="4000000" codecs="mp4a.40.2" audioSamplingRate="48000"/>"#,
        r#"<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="../../../time"/>"#,
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}
