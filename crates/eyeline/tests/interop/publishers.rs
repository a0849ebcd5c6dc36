//! Programs that publish: they come to the server, or the server fetches from them.

use crate::cell::{Cell, Protocol, Publisher};
use crate::players::as_somebody;
use crate::stage::Stage;

/// What the server fetches from a publisher, or listens for: a stream of the server's own each.
pub(crate) enum Pulled {
    /// MPEG-TS in datagrams to this machine.
    Udp,
    /// Annex B from a TCP server.
    Tcp,
    /// MPEG-TS from an HTTP server.
    Http,
    /// From an RTSP server that sends datagrams.
    Rtsp,
}

/// The streams that publishers wait for at a port of theirs, by their names.
pub(crate) const PULLED: [(&str, Pulled); 7] = [
    ("udp-ffmpeg", Pulled::Udp),
    ("udp-gstreamer", Pulled::Udp),
    ("udp-vlc", Pulled::Udp),
    ("tcp-ffmpeg", Pulled::Tcp),
    ("tcp-gstreamer", Pulled::Tcp),
    ("http-vlc", Pulled::Http),
    ("rtsp-vlc", Pulled::Rtsp),
];

impl Pulled {
    /// Whether the server connects to the publisher.
    pub(crate) const fn is_connected_to(&self) -> bool {
        !matches!(self, Self::Udp)
    }

    /// The source of such a stream.
    pub(crate) fn source(&self, port: u16) -> String {
        match self {
            Self::Udp => format!("udp://127.0.0.1:{port}"),
            Self::Tcp => format!("tcp://127.0.0.1:{port}"),
            Self::Http => format!("http://127.0.0.1:{port}/live"),
            Self::Rtsp => format!("rtsp://127.0.0.1:{port}/live#transport=udp"),
        }
    }
}

pub(crate) fn all(stage: &Stage) -> Vec<Cell> {
    let mut cells = Vec::new();
    ffmpeg(stage, &mut cells);
    gstreamer(stage, &mut cells);
    vlc(stage, &mut cells);
    cells
}

fn publisher(program: &'static str, protocol: Protocol, stream: &str, line: String) -> Cell {
    Cell::Publisher(Publisher {
        program,
        protocol,
        line,
        stream: stream.to_owned(),
    })
}

/// Where publishers go that come to the server.
fn addresses(stage: &Stage, stream: &str) -> [String; 3] {
    [
        stage.http(&format!("{stream}/ingest")),
        format!("rtsp://{}/{stream}", stage.rtsp),
        format!("rtmp://127.0.0.1:{}/live/{stream}", stage.rtmp_port),
    ]
}

fn ffmpeg(stage: &Stage, cells: &mut Vec<Cell>) {
    let mut add = |protocol, stream: &str, output: &str| {
        let sound = !matches!(protocol, Protocol::AnnexB | Protocol::AnnexBHttp);
        let line = format!("exec {} {output}", stage.encoder(sound));
        cells.push(publisher("FFmpeg", protocol, stream, line));
    };
    let [_, rtsp, _] = addresses(stage, "ffmpeg-rtsp");
    add(
        Protocol::RtspTcp,
        "ffmpeg-rtsp",
        &format!("-f rtsp -rtsp_transport tcp {rtsp}"),
    );
    let [_, rtsp, _] = addresses(stage, "ffmpeg-rtsp-udp");
    add(
        Protocol::RtspUdp,
        "ffmpeg-rtsp-udp",
        &format!("-f rtsp -rtsp_transport udp {rtsp}"),
    );
    let [_, _, rtmp] = addresses(stage, "ffmpeg-rtmp");
    add(Protocol::Rtmp, "ffmpeg-rtmp", &format!("-f flv {rtmp}"));
    let [http, ..] = addresses(stage, "ffmpeg-ts");
    add(
        Protocol::TsHttp,
        "ffmpeg-ts",
        &format!("-f mpegts -content_type video/mp2t -method POST {http}"),
    );
    let port = stage.port("udp-ffmpeg");
    add(
        Protocol::TsUdp,
        "udp-ffmpeg",
        &format!("-f mpegts 'udp://127.0.0.1:{port}?pkt_size=1316'"),
    );
    let [http, ..] = addresses(stage, "ffmpeg-mp4");
    let fragmented =
        "-f mp4 -movflags empty_moov+default_base_moof+frag_every_frame -content_type video/mp4";
    add(
        Protocol::Mp4,
        "ffmpeg-mp4",
        &format!("{fragmented} -method POST {http}"),
    );
    let port = stage.port("tcp-ffmpeg");
    add(
        Protocol::AnnexB,
        "tcp-ffmpeg",
        &format!("-f h264 'tcp://127.0.0.1:{port}?listen=1'"),
    );
    let [http, ..] = addresses(stage, "ffmpeg-h264");
    add(
        Protocol::AnnexBHttp,
        "ffmpeg-h264",
        &format!("-f h264 -method POST {http}"),
    );
}

/// The pattern, encoded as cameras do.
fn gstreamer_video(stage: &Stage) -> String {
    format!(
        "souphttpsrc location={} is-live=true do-timestamp=true ! multipartdemux ! jpegdec ! videoconvert ! \
         video/x-raw,format=I420 ! x264enc tune=zerolatency speed-preset=veryfast key-int-max=200 ! \
         h264parse config-interval=-1 ! queue",
        stage.pattern()
    )
}

fn gstreamer(stage: &Stage, cells: &mut Vec<Cell>) {
    let video = gstreamer_video(stage);
    let raw = format!("{video} ! video/x-h264,stream-format=byte-stream");
    let both = |mux: &str, to: &str| {
        let audio = "audiotestsrc is-live=true ! audioconvert ! avenc_aac ! aacparse ! queue";
        format!("{mux} name=m {to} {video} ! m. {audio} ! m.")
    };
    let rtsp = |stream: &str, protocols: &str| {
        let [_, to, _] = addresses(stage, stream);
        let sink = format!("rtspclientsink location={to} protocols={protocols} latency=0");
        both(&sink, "")
    };
    // Its own client of HTTP makes a request of each buffer.
    let post = |line: String, stream: &str, kind: &str| {
        let [to, ..] = addresses(stage, stream);
        let curl = format!("curl -sS -X POST -H 'Content-Type: {kind}' -T - {to}");
        format!("{line} 3>&1 1>&2 | {curl}")
    };
    let file = "! fdsink fd=3 sync=false";
    let udp = format!(
        "! udpsink host=127.0.0.1 port={} sync=false",
        stage.port("udp-gstreamer")
    );
    let tcp = format!(
        "! tcpserversink host=127.0.0.1 port={} sync=false sync-method=latest-keyframe",
        stage.port("tcp-gstreamer")
    );
    let [_, _, rtmp] = addresses(stage, "gstreamer-rtmp");
    let rtmp = format!("! rtmp2sink location={rtmp}");
    let ts = post(both("mpegtsmux", file), "gstreamer-ts", "video/mp2t");
    let mp4 = both("mp4mux fragment-duration=50 streamable=true", file);
    let mp4 = post(mp4, "gstreamer-mp4", "video/mp4");
    let h264 = post(format!("{raw} {file}"), "gstreamer-h264", "video/h264");
    for (protocol, stream, line) in [
        (
            Protocol::RtspTcp,
            "gstreamer-rtsp",
            rtsp("gstreamer-rtsp", "tcp"),
        ),
        (
            Protocol::RtspUdp,
            "gstreamer-rtsp-udp",
            rtsp("gstreamer-rtsp-udp", "udp"),
        ),
        (
            Protocol::Rtmp,
            "gstreamer-rtmp",
            both("flvmux streamable=true", &rtmp),
        ),
        (Protocol::TsHttp, "gstreamer-ts", ts),
        (
            Protocol::TsUdp,
            "udp-gstreamer",
            both("mpegtsmux alignment=7", &udp),
        ),
        (Protocol::Mp4, "gstreamer-mp4", mp4),
        (Protocol::AnnexB, "tcp-gstreamer", format!("{raw} {tcp}")),
        (Protocol::AnnexBHttp, "gstreamer-h264", h264),
    ] {
        let line = format!("gst-launch-1.0 -q {line}");
        cells.push(publisher("GStreamer", protocol, stream, line));
    }
}

/// It only ever sends datagrams or is a server itself. As a server it begins anywhere between key frames, so they
/// are a second apart.
fn vlc(stage: &Stage, cells: &mut Vec<Cell>) {
    let encode =
        "transcode{vcodec=h264,venc=x264{preset=veryfast,tune=zerolatency,keyint=20},acodec=none}";
    for (protocol, stream, out) in [
        (
            Protocol::TsUdp,
            "udp-vlc",
            "std{access=udp,mux=ts,dst=127.0.0.1:PORT}",
        ),
        (
            Protocol::TsHttp,
            "http-vlc",
            "std{access=http,mux=ts,dst=127.0.0.1:PORT/live}",
        ),
        (
            Protocol::RtspUdp,
            "rtsp-vlc",
            "rtp{sdp=rtsp://127.0.0.1:PORT/live}",
        ),
    ] {
        let out = out.replace("PORT", &stage.port(stream).to_string());
        let line = as_somebody(&format!(
            "exec cvlc -q --network-caching=100 --sout-mux-caching=50 {} --sout \"#{encode}:{out}\"",
            stage.pattern()
        ));
        cells.push(Cell::Publisher(Publisher {
            program: "VLC",
            protocol,
            line,
            stream: stream.to_owned(),
        }));
    }
}
