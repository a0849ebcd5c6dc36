//! Playlists of HLS.

use eyeline_proto::m3u8::Playlist;

/// A playlist: numbers go up, and ranges have an end.
pub fn m3u8(data: &[u8]) {
    match Playlist::parse(data) {
        Ok(Playlist::Media(media)) => {
            for two in media.segments.windows(2) {
                assert!(two[0].sequence < two[1].sequence || two[1].sequence == u64::MAX);
                assert!(two[0].whole.is_some(), "only the last may be begun");
            }
            let pieces = media.segments.iter().flat_map(|segment| &segment.whole);
            for range in pieces.filter_map(|piece| piece.range) {
                assert!(range.offset.checked_add(range.len).is_some());
            }
        }
        Ok(Playlist::Master(master)) => {
            if let Err(error) = master.best() {
                assert!(!error.to_string().is_empty());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
