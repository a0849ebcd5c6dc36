//! `hls/index.m3u8`: HTTP Live Streaming with low latency, for Safari, hls.js, televisions and
//! players of all kinds, and for audiences behind caches. Those that know nothing of low latency
//! use the same playlists.
//!
//! `hls/video.m3u8` and `hls/audio.m3u8` list segments and parts of 0.2 s; clients may ask to be
//! answered when there is more (`_HLS_msn`, `_HLS_part`) and for what is new only (`_HLS_skip`).
//! A token that is given in the address is carried on to all that is listed.

use super::{Output, Serving};
use crate::segments::{Asked, Kind, serve};

/// This output.
pub const OUTPUT: Output = Output {
    name: "hls",
    path: "hls/{*file}",
    serve: |request| -> Serving {
        let asked = asked(&request.file);
        Box::pin(serve(request, OUTPUT.name, asked))
    },
};

fn asked(file: &str) -> Option<Asked> {
    match file {
        "index.m3u8" => Some(Asked::Multivariant),
        "video.m3u8" => Some(Asked::Media(Kind::Video)),
        "audio.m3u8" => Some(Asked::Media(Kind::Audio)),
        file => Asked::file(file),
    }
}
