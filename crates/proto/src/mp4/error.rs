//! What is wrong with an MP4.

/// Why an MP4 cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A box that cannot be what it says.
    #[error("the MP4 is damaged: {what} at byte {offset}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
        /// Where the box begins, in bytes from the beginning.
        offset: u64,
    },
    /// More than is read into memory.
    #[error("the MP4's {what} has {bytes} bytes, more than the limit of {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: usize,
    },
    /// Pictures that are coded in a way that cannot be carried.
    #[error("the MP4's video is {name}; only H.264 (avc1) is taken")]
    Codec {
        /// What it is called, with its four characters.
        name: String,
    },
    /// Tracks, but none of pictures.
    #[error("there is no video in the MP4")]
    NoVideo,
    /// Pictures stand before what says how they are coded.
    #[error(
        "the MP4's index stands behind its pictures; send it fragmented (ffmpeg -movflags \
         frag_keyframe+empty_moov+default_base_moof) or with the index first (-movflags +faststart)"
    )]
    IndexLast,
    /// A file without an index.
    #[error("the MP4 has no index (moov): it is cut short, or was not written to its end")]
    NoIndex,
    /// No box that an MP4 begins with.
    #[error("not an MP4: it begins with no box that one begins with")]
    NotMp4,
}
