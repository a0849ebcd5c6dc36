//! Why a client does not get what it asked for, and how that is said in RTSP.

use eyeline_auth::Denied;
use eyeline_hub::{InvalidWish, ViewError};
use eyeline_media::InvalidStreamId;
use eyeline_proto::rtsp::{Response, challenges};
use eyeline_source::IngestError;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    View(#[from] ViewError),
    #[error(transparent)]
    Name(#[from] InvalidStreamId),
    #[error(transparent)]
    Wish(#[from] InvalidWish),
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error("codec={0:?} is unknown; use h264 or mjpeg")]
    Codec(String),
    #[error("nothing comes from this stream at the moment; try again")]
    NoPicture,
    #[error("{0}; ask for ?codec=h264, or watch it over HTTP")]
    Unsuited(String),
    #[error("{0}")]
    Announced(String),
    #[error("this stream has no such track")]
    NoTrack,
    #[error("datagrams are not served here; ask for RTP/AVP/TCP")]
    NoDatagrams,
    #[error("this is no URL of a stream; use rtsp://host:port/NAME")]
    Url,
}

impl Refusal {
    /// The answer; `nonce` is for those who may come again with a password.
    pub(crate) fn response(&self, nonce: &str) -> Response {
        let mut response = Response::new(self.status());
        if self.status() == 401 {
            for challenge in challenges(nonce) {
                response = response.with("WWW-Authenticate", challenge);
            }
        }
        if matches!(self, Self::NoPicture) {
            response = response.with("Retry-After", "2");
        }
        response.because(self)
    }

    const fn status(&self) -> u16 {
        match self {
            Self::Denied(Denied::TokenNeeded | Denied::WrongToken) => 401,
            Self::Denied(_) => 403,
            Self::View(ViewError::Unknown(_) | ViewError::Ended(_)) | Self::NoTrack | Self::Url => {
                404
            }
            Self::View(_) => 453,
            Self::Name(_) | Self::Wish(_) | Self::Codec(_) => 400,
            Self::Ingest(IngestError::NotPush(_)) => 403,
            Self::Ingest(IngestError::Busy(_)) => 409,
            Self::Ingest(_) | Self::NoPicture => 503,
            Self::Unsuited(_) | Self::Announced(_) => 415,
            Self::NoDatagrams => 461,
        }
    }
}
