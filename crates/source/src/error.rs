//! Why an input stopped, in words that stand on a slate and in a log.

use std::io;
use std::time::Duration;

use eyeline_media::jpeg::HeaderError;
use eyeline_proto::{h264, m3u8, mp4, mpegts, mpjpeg};

/// Why an input stopped.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Standard input ended; it cannot be opened again.
    #[error("the pipe was closed{}", said(.last_words))]
    PipeClosed {
        /// What was wrong with the end of it; empty if nothing was.
        last_words: String,
    },
    /// Standard input is not something to read pictures from.
    #[error("{0}")]
    Stdin(&'static str),
    /// A file was played to its end and is not to be looped.
    #[error("the file has ended")]
    FileEnded,
    /// A file or folder without pictures.
    #[error("{path} holds no pictures")]
    FileEmpty {
        /// The file or folder.
        path: String,
    },
    /// A file or folder that cannot be read.
    #[error("cannot read {path}: {error}")]
    File {
        /// The file or folder.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The command cannot be run.
    #[error("cannot run the command: {0}")]
    Spawn(String),
    /// The command ended.
    #[error("the command ended ({status}){}", said(.last_words))]
    Exited {
        /// How it ended.
        status: String,
        /// The last lines it wrote to standard error.
        last_words: String,
    },
    /// The program that reads a camera ended.
    #[error("{name} ended ({status}){}", said(.last_words))]
    Tool {
        /// The program.
        name: &'static str,
        /// How it ended.
        status: String,
        /// The last lines it wrote to standard error, or what is known to help.
        last_words: String,
    },
    /// No connection.
    #[error("cannot connect to {to}: {why}")]
    Connect {
        /// Host and port.
        to: String,
        /// What the system says.
        why: String,
    },
    /// The other end closed the connection.
    #[error("{0} closed the connection")]
    Closed(String),
    /// Reading failed.
    #[error("cannot read on: {0}")]
    Read(#[from] io::Error),
    /// The bytes are not what they should be.
    #[error(transparent)]
    Stream(#[from] mpjpeg::Error),
    /// The bytes are not the H.264 that they began as.
    #[error(transparent)]
    H264(#[from] h264::Error),
    /// The MP4 cannot be read, or what is in it cannot be carried.
    #[error(transparent)]
    Mp4(#[from] mp4::Error),
    /// A playlist of HLS that cannot be followed.
    #[error(transparent)]
    Playlist(#[from] m3u8::Error),
    /// The bytes are not an MPEG-TS that can be read, or nothing in it can be shown.
    #[error(transparent)]
    MpegTs(#[from] mpegts::Error),
    /// Too many pictures in a row that cannot be shown.
    #[error("{} cannot be shown: {last}", how_many(*.count))]
    BadPictures {
        /// How many.
        count: u32,
        /// What is wrong with the last one.
        last: PictureError,
    },
    /// A camera of this machine cannot be used.
    #[error("{0}")]
    Camera(String),
    /// The test pattern cannot be encoded.
    #[error("the test pattern cannot be encoded: {0}")]
    Test(String),
    /// The other end answers, but not with pictures.
    #[error("{0}")]
    Http(String),
    /// The other end speaks RTSP, but gives no pictures that can be shown.
    #[error("{0}")]
    Rtsp(String),
    /// The other end speaks RTMP or nearly so, but gives no pictures that can be shown.
    #[error("{0}")]
    Rtmp(String),
    /// A thread of the input ended, which is a defect of this program.
    #[error("the input broke down: {0}")]
    Broken(&'static str),
    /// Nobody takes the pictures any more: the stream is being closed.
    #[error("the stream is being closed")]
    Gone,
}

/// Why one picture cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Not a JPEG that can be carried.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A picture of H.264 that cannot be read.
    #[error(transparent)]
    H264(h264::Error),
    /// A picture of an MPEG-TS that cannot be read.
    #[error(transparent)]
    MpegTs(mpegts::Error),
    /// Larger than any picture may be.
    #[error("the picture has {len} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The driver says that it may be damaged.
    #[error("the camera's driver says that the picture is damaged")]
    Damaged,
    /// Nothing can be decoded yet.
    #[error("the camera has not sent the parameter sets of its H.264 yet")]
    NoParameterSets,
    /// The driver gave less than a picture.
    #[error("the camera gave less than a whole picture")]
    Short,
    /// A raw picture that cannot be encoded.
    #[error("the picture cannot be encoded: {0}")]
    Encode(String),
}

impl InputError {
    /// Whether opening the input again cannot help.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::PipeClosed { .. } | Self::Stdin(_) | Self::FileEnded
        )
    }

    /// A connection that did not come about in time.
    pub(crate) fn connect_timeout(to: &str, within: Duration) -> Self {
        Self::Connect {
            to: to.to_owned(),
            why: format!("no answer within {} s", within.as_secs()),
        }
    }
}

fn said(last_words: &str) -> String {
    if last_words.is_empty() {
        String::new()
    } else {
        format!(": {last_words}")
    }
}

fn how_many(count: u32) -> String {
    if count == 1 {
        "the picture".to_owned()
    } else {
        format!("{count} pictures in a row")
    }
}
