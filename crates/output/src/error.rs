//! Why an output cannot answer.

use std::time::Duration;

use eyeline_hub::{InvalidWish, ViewError};
use eyeline_proto::hls::InvalidReload;

/// Why a request to an output fails. The text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// The stream cannot be looked at, or not like this.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A parameter of the wish makes no sense.
    #[error(transparent)]
    Wish(#[from] InvalidWish),
    /// Another parameter makes no sense.
    #[error("{name}={value:?} is not understood; {hint}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// What was asked for, cut short.
        value: String,
        /// What is accepted.
        hint: &'static str,
    },
    /// No playlist and no description lists this, or none does any more.
    #[error(
        "there is no such file; ask for hls/index.m3u8 or dash/manifest.mpd, and for what they list"
    )]
    NotListed,
    /// What a client asks of a playlist makes no sense.
    #[error(transparent)]
    Reload(#[from] InvalidReload),
    /// A client asks for what lies too far ahead.
    #[error(
        "this playlist is asked for further ahead than it goes on in the next seconds; ask for it as it is"
    )]
    TooFarAhead,
    /// No picture came in time.
    #[error("no picture came for {} s; the stream may be starting or away", waited.as_secs())]
    NoPicture {
        /// How long was waited.
        waited: Duration,
    },
}
