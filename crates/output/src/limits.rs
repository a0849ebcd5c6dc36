//! Every limit of the outputs, named, in one place.

use std::time::Duration;

/// How old a held picture may be to serve as a snapshot, unless the request says so.
pub(crate) const SNAPSHOT_MAX_AGE: Duration = Duration::from_secs(1);

/// How long a snapshot waits for a picture that is young enough: a camera that
/// starts on demand needs a few seconds.
pub(crate) const SNAPSHOT_WAIT: Duration = Duration::from_secs(5);

/// How far a viewer of inter-coded video may fall behind before it waits for the next key frame:
/// more than for pictures of their own, as more is lost then.
pub(crate) const INTER_CODED_MAX_LAG: Duration = Duration::from_millis(400);
