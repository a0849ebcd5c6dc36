//! Every limit of the outputs, named, in one place.

use std::time::Duration;

/// How old a held picture may be to serve as a snapshot, unless the request says so.
pub(crate) const SNAPSHOT_MAX_AGE: Duration = Duration::from_secs(1);

/// How long a snapshot waits for a picture that is young enough: a camera that
/// starts on demand needs a few seconds.
pub(crate) const SNAPSHOT_WAIT: Duration = Duration::from_secs(5);

/// How far a viewer of inter-coded video may fall behind before it waits for the next key frame:
/// more than for pictures of their own, as more is lost then. With what waits in the kernel it is less
/// than half a second.
pub(crate) const INTER_CODED_MAX_LAG: Duration = Duration::from_millis(340);

/// So much of a backlog keeps its times and its sound: programs that look for sound before they begin find it
/// at once, and do not wait for what is to come.
pub(crate) const BACKLOG_KEPT: Duration = Duration::from_millis(150);

/// How long the parts of segments are about.
pub(crate) const PART_TARGET: Duration = Duration::from_millis(200);

/// A segment is at least so long, and as long as it takes until the next key picture.
pub(crate) const SHORTEST_SEGMENT: Duration = Duration::from_secs(1);

/// How long the gap is that is listed before the first segment.
pub(crate) const LEAD_IN: Duration = Duration::from_secs(1);

/// When a segment is this long, a source that can is asked for a key picture.
pub(crate) const LONG_SEGMENT: Duration = Duration::from_secs(2);

/// The least that playlists list, and the most.
pub(crate) const SEGMENTS_DEPTH: Duration = Duration::from_secs(30);
pub(crate) const SEGMENTS_LONGEST_DEPTH: Duration = Duration::from_secs(120);

/// Most bytes of the segments of one track that are kept. The newest two stay whatever they have.
pub(crate) const SEGMENTS_BYTES: usize = 64 * 1024 * 1024;

/// Most pieces of sound that wait for the pictures that belong to them.
pub(crate) const SOUND_HELD: usize = 256;

/// Sound that is so far behind its pictures is given up for the segments that have ended.
pub(crate) const SOUND_LATE: Duration = Duration::from_secs(3);

/// Nobody has asked for a segment or a playlist for so long: no more are made.
pub(crate) const SEGMENTS_GRACE: Duration = Duration::from_secs(30);

/// How long the first playlist of a stream waits for what it lists.
pub(crate) const PLAYLIST_WAIT: Duration = Duration::from_secs(5);

/// How long a playlist waits for sound that the stream is said to have.
pub(crate) const SOUND_WAIT: Duration = Duration::from_secs(1);

/// The longest that a request waits for what it names; playlists of long segments are told to
/// ask again.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// A viewer who has asked for nothing for so long has left.
pub(crate) const AUDIENCE_LEFT: Duration = Duration::from_secs(10);

/// Most texts of playlists that are kept at a time: one for each query that came with a request.
pub(crate) const PLAYLIST_TEXTS: usize = 32;

/// Most renditions of one stream that are cut into segments at a time.
pub(crate) const MOST_CUT: usize = 8;
