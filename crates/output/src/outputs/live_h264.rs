//! `live.h264`: H.264 as the source gives it, as a byte stream (ITU-T H.264, annex B) without times: for
//! programs that want nothing else, such as `ffplay -f h264`. It begins with the newest key
//! picture; the stream's TCP port gives the same.

use eyeline_media::Codec;
use eyeline_proto::h264::to_annexb;

use super::{Output, Serving};
use crate::Container;
use crate::mux::each;
use crate::progressive::Progressive;

/// This output.
pub const OUTPUT: Output = Output {
    name: "h264",
    path: "live.h264",
    serve: |request| -> Serving { Box::pin(async { ANSWER.serve(request) }) },
};

static ANSWER: Progressive = Progressive {
    name: OUTPUT.name,
    content_type: "video/h264",
    container: &CONTAINER,
};

/// Pictures as pieces of a byte stream.
pub static CONTAINER: Container = Container {
    name: "annexb",
    codec: Codec::H264,
    audio: &[],
    backlog: None,
    start: |labels| {
        each(labels, |_, item, _| {
            let mut piece = Vec::with_capacity(item.value.data.len() + DELIMITER.len());
            to_annexb(&item.value.data, &mut piece);
            piece.extend_from_slice(&DELIMITER);
            piece.into()
        })
    },
};

/// The delimiter of the next access unit, which says that any kind of slice may follow. It comes with
/// the one before, so that readers know at once that this is whole.
const DELIMITER: [u8; 6] = [0, 0, 0, 1, 0x09, 0xf0];
