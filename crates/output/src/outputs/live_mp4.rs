//! `live.mp4`: H.264 as the source gives it, or made of its JPEGs, and its sound if that is AAC or
//! Opus, as fragmented MP4 without an end: for players and recorders. It begins with a key picture,
//! and there is one at once.
//!
//! The initialisation segment is sent once: of
//! another, players would not know what to do with it. Should the pictures change their size
//! meanwhile, their own parameter sets, which stay in them, say so; who began without sound stays
//! without.

use bytes::{Buf as _, Bytes};
use eyeline_proto::fmp4::{Track, describes_sound, fragment_track, init_bytes};
use http::Response;

use super::{Output, Serving};
use crate::progressive::Progressive;
use crate::{Body, OutputError, Request, fmp4};

/// This output.
pub const OUTPUT: Output = Output {
    name: "mp4",
    path: "live.mp4",
    serve: |request| -> Serving { Box::pin(async { serve(request) }) },
};

static ANSWER: Progressive = Progressive {
    name: OUTPUT.name,
    content_type: "video/mp4",
    container: &fmp4::FILE,
};

fn serve(request: Request) -> Result<Response<Body>, OutputError> {
    let mut file = File::begun_with(&[]);
    ANSWER.serve_as(request, |body| body.map(move |chunk| file.go_on(chunk)))
}

/// A file as one viewer has it so far.
struct File {
    begun: bool,
    /// Whether it began with sound beside the pictures.
    sound: bool,
}

impl File {
    fn begun_with(head: &[u8]) -> Self {
        Self {
            begun: !head.is_empty(),
            sound: describes_sound(head),
        }
    }

    /// The next piece: without another initialisation segment, and without sound if the first
    /// said nothing of it.
    fn go_on(&mut self, mut chunk: Bytes) -> Bytes {
        if !self.begun {
            *self = Self::begun_with(&chunk);
            return chunk;
        }
        chunk.advance(init_bytes(&chunk));
        if !self.sound && fragment_track(&chunk) == Some(Track::Audio) {
            chunk.clear();
        }
        chunk
    }
}
