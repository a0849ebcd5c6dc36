//! Keywords that have no equivalent here: why not, and what to do.

use super::parse::Directive;
use super::remarks::Remarks;
use crate::config::nearest;

struct LeftOut {
    keywords: &'static [&'static str],
    why: &'static str,
    /// Whether something is lost.
    loud: bool,
}

/// Keywords that need no word at all.
const NEEDLESS: &[&str] = &[
    "NoDaemon",
    "NoDefaults",
    "UseDefaults",
    "NoAudio",
    "NoLoop",
    "Truncate",
    "BitExact",
    "DctFastint",
    "IdctSimple",
    "Debug",
    "Strict",
];

const LEFT_OUT: &[LeftOut] = &[
    LeftOut {
        keywords: &[
            "StartSendOnKey",
            "Preroll",
            "VideoBitRate",
            "VideoBitRateRange",
            "VideoBitRateTolerance",
            "VideoBufferSize",
            "VideoCodec",
            "VideoGopSize",
            "VideoHighQuality",
            "VideoIntraOnly",
            "VideoQDiff",
            "VideoQMax",
            "VideoTag",
            "Video4MotionVector",
            "AVOptionVideo",
            "AVPresetVideo",
            "PixelFormat",
            "LumiMask",
            "DarkMask",
        ],
        why: "not needed: every picture is a whole JPEG, and each viewer begins with the newest",
        loud: false,
    },
    LeftOut {
        keywords: &[
            "AudioBitRate",
            "AudioChannels",
            "AudioCodec",
            "AudioSampleRate",
            "AVOptionAudio",
            "AVPresetAudio",
        ],
        why: "this version carries no sound",
        loud: false,
    },
    LeftOut {
        keywords: &["MaxBandwidth"],
        why: "there is no limit on the bandwidth of all viewers together yet; limit it in a proxy \
              in front, or give the streams a smaller size or rate",
        loud: true,
    },
    LeftOut {
        keywords: &["MaxTime"],
        why: "there is no limit on how long somebody may look yet",
        loud: true,
    },
    LeftOut {
        keywords: &["CustomLog"],
        why: "the log goes to standard error; see log.level and log.format",
        loud: false,
    },
    LeftOut {
        keywords: &["RTSPPort", "RTSPBindAddress", "RTSPOption"],
        why: "this version has no RTSP; players open the http:// address of the stream",
        loud: true,
    },
    LeftOut {
        keywords: &["MulticastAddress", "MulticastPort", "MulticastTTL"],
        why: "this version has no multicast; every viewer connects by itself",
        loud: true,
    },
    LeftOut {
        keywords: &["ACL", "DynamicACL"],
        why: "there are no lists of addresses yet; visitors from other machines need the token, \
              and a firewall can keep out addresses",
        loud: true,
    },
    LeftOut {
        keywords: &["FileMaxSize"],
        why: "nothing is stored: this version does not record and has no time shift",
        loud: false,
    },
    LeftOut {
        keywords: &["LoadModule"],
        why: "there are no modules",
        loud: true,
    },
    LeftOut {
        keywords: &["FaviconURL", "Author", "Comment", "Copyright", "Metadata"],
        why: "streams carry a name only",
        loud: false,
    },
];

/// Keywords that have an equivalent, for suggestions.
const KNOWN: &[&str] = &[
    "HTTPPort",
    "HTTPBindAddress",
    "MaxHTTPConnections",
    "MaxClients",
    "Feed",
    "File",
    "ReadOnlyFile",
    "Launch",
    "Format",
    "InputFormat",
    "VideoSize",
    "VideoFrameRate",
    "VideoQMin",
    "Qscale",
    "NoVideo",
    "Title",
    "URL",
];

/// Says why a line is left out.
pub(super) fn leave_out(directive: &Directive, remarks: &mut Remarks) {
    let line = directive.line;
    if NEEDLESS.iter().any(|keyword| directive.is(keyword)) {
        return;
    }
    let known = LEFT_OUT
        .iter()
        .find(|out| out.keywords.iter().any(|keyword| directive.is(keyword)));
    if let Some(LeftOut { why, loud, .. }) = known {
        remarks.say(line, format!("{directive}: {why}"), *loud);
        return;
    }
    let all = LEFT_OUT.iter().flat_map(|out| out.keywords);
    let all = all.chain(KNOWN).chain(NEEDLESS).copied();
    let meant = nearest(&directive.keyword, all);
    let meant = meant.map(|meant| format!("; did you mean {meant}?"));
    let meant = meant.unwrap_or_default();
    remarks.warn(
        line,
        format!("{directive}: not known in this place, so it was left out{meant}"),
    );
}
