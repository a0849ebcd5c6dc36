//! `dash/manifest.mpd`: DASH with low latency, of the same segments as HLS. The one that is being
//! made is answered piece by piece.

use super::{Output, Serving};
use crate::segments::{Asked, serve};

/// This output.
pub const OUTPUT: Output = Output {
    name: "dash",
    path: "dash/{*file}",
    serve: |request| -> Serving {
        let asked = match &request.file[..] {
            "manifest.mpd" => Some(Asked::Mpd),
            file => Asked::file(file),
        };
        Box::pin(serve(request, OUTPUT.name, asked))
    },
};
