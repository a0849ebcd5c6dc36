//! What a publisher sends: told by its headers or first bytes, and read to its end.

use std::pin::{Pin, pin};

use bytes::Bytes;
use eyeline_media::StreamId;
use futures_core::Stream;

use super::port::Lease;
use super::{Accepted, IngestError};
use crate::byte_stream::{Content, Intake, RawFormat};

/// Types that say nothing more than that there are bytes or JPEGs; the first bytes
/// tell the rest. The form type is what `curl --data-binary` says of anything.
const SNIFFED: [&str; 8] = [
    "",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "image/jpeg",
    "image/jpg",
    "video/x-motion-jpeg",
    "video/x-mjpeg",
    "video/mjpeg",
];
/// Most bytes of a raw picture that is taken from elsewhere: 8K in yuv420p.
const MAX_RAW_BYTES: usize = 64 * 1024 * 1024;
/// Types of raw pictures; which ones, only the query can say.
const RAW: [&str; 2] = ["video/x-raw", "video/raw"];

/// What the body is, by its headers.
pub(super) fn content(
    content_type: Option<&str>,
    format: Option<RawFormat>,
) -> Result<Content, IngestError> {
    if let Some(raw) = format {
        let len = raw.frame_len();
        if len > MAX_RAW_BYTES {
            return Err(IngestError::TooLarge(format!(
                "a {} picture of {} has {len} bytes, more than the limit of {MAX_RAW_BYTES}",
                raw.format, raw.size
            )));
        }
        return Ok(Content::Raw(raw));
    }
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if SNIFFED.contains(&essence.as_str()) || essence.starts_with("multipart/") {
        Content::typed(content_type).map_err(|error| IngestError::Malformed(error.to_string()))
    } else if RAW.contains(&essence.as_str()) {
        Err(IngestError::FormatMissing)
    } else {
        Err(IngestError::UnsupportedType(
            essence.chars().take(80).collect(),
        ))
    }
}

/// Publishes the pictures in the body as they come.
pub(super) async fn receive<E: std::fmt::Display>(
    id: &StreamId,
    mut lease: Lease,
    content: Content,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Accepted, IngestError> {
    let mut intake = Intake::new(content);
    let mut body = pin!(body);
    loop {
        let piece = tokio::select! {
            piece = next(body.as_mut()) => piece,
            () = lease.lost() => return Err(lost(id, &mut lease)),
        };
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|error| IngestError::Body(error.to_string()))?;
        let before = intake.pictures();
        let taken = intake.push(piece, lease.sink()).await;
        taken.map_err(|error| IngestError::of(error, id))?;
        if intake.pictures() > before {
            lease.touch();
        }
    }
    let finished = intake.finish(lease.sink()).await;
    finished.map_err(|error| IngestError::of(error, id))?;
    let frames = intake.pictures();
    match (frames, lease.sink().last_bad()) {
        (0, _) => Err(IngestError::Malformed(
            "there is no picture in the body".to_owned(),
        )),
        (1, Some(bad)) => Err(IngestError::Malformed(bad.to_string())),
        (1, None) => {
            lease.leave_quietly();
            Ok(Accepted { frames })
        }
        _ => Ok(Accepted { frames }),
    }
}

fn lost(id: &StreamId, lease: &mut Lease) -> IngestError {
    if lease.sink().outlet.is_closed() {
        IngestError::Ended(id.clone())
    } else {
        IngestError::Replaced(id.clone())
    }
}

async fn next<S: Stream>(mut body: Pin<&mut S>) -> Option<S::Item> {
    std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await
}
