//! One picture of a source, for `eyeline snapshot`.

use std::time::Duration;

use bytes::Bytes;
use eyeline_auth::Access;
use eyeline_hub::{State, Transcode};
use tokio::time::timeout;

use crate::local::{Local, LocalError};
use crate::options::Options;
use crate::spec::Spec;

/// How long the source may take to give a picture.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The source gave none in time.
    #[error("no picture within {} s: {reason}", TIMEOUT.as_secs())]
    NoPicture {
        /// Why, as far as known.
        reason: String,
    },
    /// A stream of this program's own could not be made, which is a defect.
    #[error(transparent)]
    Local(#[from] LocalError),
}

/// The first picture that one of the sources gives, as a JPEG. They are tried in
/// order for up to 10 s. `access` is the operator's, and `transcode` makes JPEGs of what is none.
///
/// # Errors
/// [`SnapshotError::NoPicture`] when none comes, with the reason.
pub async fn snapshot(
    specs: Vec<Spec>,
    options: Options,
    access: &Access,
    transcode: Box<dyn Transcode>,
) -> Result<Bytes, SnapshotError> {
    let options = Options {
        end_with_source: true,
        ..options
    };
    let (local, _packets) = Local::start(specs, options, access, transcode)?;
    let mut jpegs = local.jpegs().map_err(LocalError::View)?;
    let first = async {
        while let Ok(item) = jpegs.next().await {
            if !item.value.slate {
                return Some(item.value.data.clone());
            }
        }
        None
    };
    let picture = timeout(TIMEOUT, first).await.ok().flatten();
    let state = local.state();
    local.end().await;
    picture.ok_or_else(|| SnapshotError::NoPicture {
        reason: match state {
            State::Away { reason, .. } => reason,
            _ => "the source is open, but gives none".to_owned(),
        },
    })
}
