//! Every limit of the outputs, named, in one place.

use std::time::Duration;

/// How old a held picture may be to serve as a snapshot, unless the request says so.
pub(crate) const SNAPSHOT_MAX_AGE: Duration = Duration::from_secs(1);

/// How long a snapshot waits for a picture that is young enough: a camera that
/// starts on demand needs a few seconds.
pub(crate) const SNAPSHOT_WAIT: Duration = Duration::from_secs(5);

/// How long an answer waits for a stream that is being started, to be refused if it turns out
/// not to be coded as it should be.
pub(crate) const CODEC_WAIT: Duration = Duration::from_secs(5);
