//! What every cell has to reach, and which do not and why: a list that the document shows.

use std::time::Duration;

use crate::cell::{Outcome, Place, Protocol, Role};

/// From joining to the first picture, at most.
const FIRST: Duration = Duration::from_secs(1);
/// How far behind the camera two seconds later, at most.
const BEHIND: Duration = Duration::from_millis(500);
/// So much more is let pass: three programs run at once, on machines that do other things beside it, and each
/// is loaded from disk first.
const FIRST_TOLERANCE: Duration = Duration::from_secs(1);
const BEHIND_TOLERANCE: Duration = Duration::from_millis(250);

/// Cells that do not keep within the bounds.
pub(crate) struct Exception {
    role: Role,
    programs: &'static [&'static str],
    protocols: &'static [Protocol],
    /// Why, in a sentence.
    pub(crate) why: &'static str,
}

/// In the order in which the document numbers them.
pub(crate) const EXCEPTIONS: [Exception; 8] = [
    Exception {
        role: Role::Player,
        programs: &["FFmpeg", "GStreamer", "OpenCV", "VLC", "Chromium, hls.js"],
        protocols: &[Protocol::Hls],
        why: "Players of plain HLS begin segments before the end (RFC 8216, 6.3.3), and a segment is as long as \
              the time between key frames",
    },
    Exception {
        role: Role::Player,
        programs: &["Chromium, hls.js"],
        protocols: &[Protocol::LlHls],
        why: "The playlist tells low-latency players to hold back two and a half parts of 0.2 s",
    },
    Exception {
        role: Role::Player,
        programs: &["FFmpeg", "GStreamer", "VLC", "Chromium, Shaka Player"],
        protocols: &[Protocol::Dash],
        why: "Players of DASH take whole segments, or stay behind by a presentation delay of their own; why Shaka Player \
              and GStreamer wait so long before the first is not known yet",
    },
    Exception {
        role: Role::Player,
        programs: &["VLC"],
        protocols: &[Protocol::Rtmp, Protocol::TsHttp, Protocol::Mp4],
        why: "VLC fills a buffer before it plays, of 0.3 s as it is asked here, by RTMP of 1 s as it does by itself, and \
              enlarges it when something is late",
    },
    Exception {
        role: Role::Player,
        programs: &["VLC"],
        protocols: &[Protocol::AnnexB, Protocol::AnnexBHttp],
        why: "Annex B has no times; VLC plays it at 25 pictures a second from the key frame on",
    },
    Exception {
        role: Role::Player,
        programs: &["Chromium, `<video>`"],
        protocols: &[Protocol::Mp4],
        why: "Chromium reads what it takes for a file in blocks of 32 KiB, of which each is half a second of this \
              stream; of one with more bits a second it is less",
    },
    Exception {
        role: Role::Publisher,
        programs: &["VLC"],
        protocols: &[Protocol::RtspUdp, Protocol::TsHttp, Protocol::TsUdp],
        why: "VLC encodes behind buffers of its own, and its servers begin between key frames",
    },
    Exception {
        role: Role::Player,
        programs: &["MPlayer"],
        protocols: &[Protocol::TsHttp, Protocol::Mp4],
        why: "MPlayer looks at the beginning of a stream until it has found its sound",
    },
];

/// The number of the exception that a cell is, counted from 1.
pub(crate) fn exception(place: &Place) -> Option<usize> {
    let is = |exception: &Exception| {
        exception.role == place.role
            && exception.programs.contains(&place.program)
            && exception.protocols.contains(&place.protocol)
    };
    EXCEPTIONS.iter().position(is).map(|at| at + 1)
}

/// Which bound a cell breaks that is no exception.
pub(crate) fn broken(place: &Place, outcome: &Outcome) -> Option<String> {
    if exception(place).is_some() {
        None
    } else if outcome.first > FIRST + FIRST_TOLERANCE {
        Some(format!("{outcome}: the first picture is late"))
    } else {
        match outcome.behind {
            None => Some(format!("{outcome}: no times can be read in its pictures")),
            Some(behind) if behind > BEHIND + BEHIND_TOLERANCE => {
                Some(format!("{outcome}: it is too far behind"))
            }
            Some(_) => None,
        }
    }
}
