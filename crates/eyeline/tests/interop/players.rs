//! Programs that show a stream.

use crate::cell::{Cell, Player, Protocol};
use crate::run::Form;
use crate::stage::Stage;

pub(crate) const PYTHON: &str = "target/test-venv/bin/python crates/eyeline/tests/programs";

/// What ffmpeg says of a stream with sound.
const FFMPEG_HEARS: &str = "Audio: aac";
const GSTREAMER_HEARS: &str = "caps = audio/mpeg";
const CHROMIUM_HEARS: &str = "sound";

pub(crate) fn all(stage: &Stage) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut add = |program, protocol, form, line: String, hears: Option<&'static str>| {
        let hears = hears.filter(|_| carries_sound(protocol));
        cells.push(Cell::Player(Player {
            program,
            protocol,
            line,
            form,
            hears,
        }));
    };
    for (protocol, url) in addresses(stage) {
        use Form::{Gray, Y4m};
        add(
            "FFmpeg",
            protocol,
            Gray,
            ffmpeg(protocol, &url),
            Some(FFMPEG_HEARS),
        );
        add(
            "GStreamer",
            protocol,
            Gray,
            gstreamer(protocol, &url),
            Some(GSTREAMER_HEARS),
        );
        // Debian's cannot play RTSP; it is built without the library for it.
        if !matches!(protocol, Protocol::RtspTcp | Protocol::RtspUdp) {
            add("VLC", protocol, Y4m, vlc(protocol, &url), None);
        }
        // Its wheels are built without DASH.
        if protocol != Protocol::Dash {
            add("OpenCV", protocol, Gray, opencv(protocol, &url), None);
        }
        if matches!(
            protocol,
            Protocol::Mp4 | Protocol::TsHttp | Protocol::AnnexB | Protocol::AnnexBHttp
        ) {
            add("MPlayer", protocol, Y4m, mplayer(protocol, &url), None);
        }
    }
    for (protocol, scheme) in [(Protocol::RtspTcp, "rtspt"), (Protocol::RtspUdp, "rtsp")] {
        let url = format!("{scheme}://{}/cam", stage.rtsp);
        add("aiortsp", protocol, Form::Gray, aiortsp(&url), None);
    }
    for (program, protocol, kind) in [
        ("Chromium, hls.js", Protocol::Hls, "hls-plain"),
        ("Chromium, hls.js", Protocol::LlHls, "hls"),
        ("Chromium, Shaka Player", Protocol::Dash, "dash"),
        ("Chromium, the player", Protocol::Mse, "player"),
        ("Chromium, `<video>`", Protocol::Mp4, "video"),
        ("Chromium, `<img>`", Protocol::Mjpeg, "image"),
    ] {
        let line = format!(
            "exec node tests/browser/interop.mjs {kind} {}",
            stage.base()
        );
        add(program, protocol, Form::Lines, line, Some(CHROMIUM_HEARS));
    }
    cells
}

/// What plays the stream `cam` without a browser.
fn addresses(stage: &Stage) -> Vec<(Protocol, String)> {
    let rtsp = format!("rtsp://{}/cam", stage.rtsp);
    vec![
        (Protocol::RtspTcp, rtsp.clone()),
        (Protocol::RtspUdp, rtsp),
        (
            Protocol::Rtmp,
            format!("rtmp://127.0.0.1:{}/live/cam", stage.rtmp_port),
        ),
        (Protocol::Hls, stage.http("cam/hls/index.m3u8")),
        (Protocol::Dash, stage.http("cam/dash/manifest.mpd")),
        (Protocol::TsHttp, stage.http("cam/live.ts")),
        (Protocol::Mp4, stage.http("cam/live.mp4")),
        (Protocol::AnnexB, format!("tcp://{}", stage.tcp)),
        (Protocol::AnnexBHttp, stage.http("cam/live.h264")),
        (Protocol::Mjpeg, stage.http("cam/mjpeg")),
    ]
}

fn carries_sound(protocol: Protocol) -> bool {
    !matches!(
        protocol,
        Protocol::Mjpeg | Protocol::AnnexB | Protocol::AnnexBHttp
    )
}

/// Shows each picture as soon as it can. `nobuffer` would throw away what the stream was recognised by, and with it
/// the key frame.
fn ffmpeg(protocol: Protocol, url: &str) -> String {
    let how = match protocol {
        Protocol::RtspTcp => "-rtsp_transport tcp",
        Protocol::RtspUdp => "-rtsp_transport udp",
        Protocol::Mjpeg => "-f mpjpeg",
        Protocol::AnnexB | Protocol::AnnexBHttp => "-f h264",
        _ => "",
    };
    format!(
        "exec ffmpeg -nostdin -hide_banner -nostats -flags low_delay -probesize 100000 -analyzeduration 0 {how} \
         -i '{url}' -map 0:v -fps_mode passthrough -f rawvideo -pix_fmt gray -"
    )
}

/// The pictures to file 3, and what it finds to standard error.
fn gstreamer(protocol: Protocol, url: &str) -> String {
    let gray = "videoconvert ! video/x-raw,format=GRAY8 ! fdsink fd=3 sync=false";
    let h264 = format!("queue ! h264parse ! avdec_h264 ! {gray}");
    let aac = "queue ! aacparse ! fakesink sync=false async=false";
    let rtsp = |protocols: &str| {
        format!(
            "rtspsrc location={url} protocols={protocols} latency=0 name=s \
             s. ! application/x-rtp,media=video ! rtph264depay ! {h264} \
             s. ! application/x-rtp,media=audio ! rtpmp4gdepay ! {aac}"
        )
    };
    let http = format!("souphttpsrc location={url} is-live=true");
    let from = match protocol {
        Protocol::RtspTcp => rtsp("tcp"),
        Protocol::RtspUdp => rtsp("udp"),
        Protocol::Rtmp => {
            format!("rtmp2src location={url} ! flvdemux name=d d.video ! {h264} d.audio ! {aac}")
        }
        Protocol::TsHttp => format!("{http} ! tsdemux name=d d. ! {h264} d. ! {aac}"),
        Protocol::Mp4 => {
            format!("{http} ! qtdemux name=d d.video_0 ! {h264} d.audio_0 ! {aac}")
        }
        Protocol::AnnexBHttp => format!("{http} ! {h264}"),
        Protocol::Mjpeg => format!("{http} ! multipartdemux ! jpegdec ! {gray}"),
        Protocol::AnnexB => {
            let address = url.trim_start_matches("tcp://");
            let (host, port) = address.split_once(':').unwrap();
            format!("tcpclientsrc host={host} port={port} ! {h264}")
        }
        _ => format!("playbin3 uri={url} video-sink='{gray}' audio-sink='fakesink'"),
    };
    format!("exec gst-launch-1.0 -v {from} 3>&1 1>&2")
}

/// It plays at the pace of its own clock, beginning with the key frame, and does not run as root.
fn vlc(protocol: Protocol, url: &str) -> String {
    let how = match protocol {
        Protocol::AnnexB | Protocol::AnnexBHttp => "--demux=h264",
        _ => "",
    };
    // With less it may run dry at the beginning, and starts over without the key frame.
    let buffer_ms = if protocol == Protocol::Rtmp {
        1_000
    } else {
        300
    };
    let line = format!(
        "cvlc -q --no-audio --no-spu --no-video-title-show --network-caching={buffer_ms} --live-caching={buffer_ms} \
         --vout=yuv --yuv-file=/dev/stdout --yuv-yuv4mpeg2 {how} {url} | cat"
    );
    as_somebody(&line)
}

/// A line of shell that root runs as nobody in particular, since VLC refuses to be root.
pub(crate) fn as_somebody(line: &str) -> String {
    format!(
        "if [ $(id -u) = 0 ]; then as='setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent'; fi; \
         exec $as sh -c '{line}'"
    )
}

fn opencv(protocol: Protocol, url: &str) -> String {
    let options = match protocol {
        Protocol::RtspTcp => "rtsp_transport;tcp",
        Protocol::RtspUdp => "rtsp_transport;udp",
        _ => "analyzeduration;0",
    };
    format!("OPENCV_FFMPEG_CAPTURE_OPTIONS='{options}' exec {PYTHON}/opencv_gray.py '{url}'")
}

fn mplayer(protocol: Protocol, url: &str) -> String {
    let how = match protocol {
        Protocol::TsHttp => "-demuxer lavf",
        Protocol::AnnexB | Protocol::AnnexBHttp => "-demuxer h264es",
        _ => "",
    };
    // It knows no sockets.
    let (from, url) = match url.strip_prefix("tcp://") {
        Some(address) => (format!("nc {} | ", address.replace(':', " ")), "-"),
        None => ("exec ".to_owned(), url),
    };
    format!(
        "{from}mplayer -really-quiet -nosound -nolirc -noconsolecontrols -cache 64 -benchmark \
         -vo yuv4mpeg:file=/dev/stdout {how} {url}"
    )
}

/// A client in pure Python; what it gets is decoded by ffmpeg.
fn aiortsp(url: &str) -> String {
    format!(
        "{PYTHON}/aiortsp_h264.py {url} | {}",
        ffmpeg(Protocol::AnnexB, "-").replace("exec ", "")
    )
}
