//! `file:PATH`: recorded pictures, played at a pace.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eyeline_proto::mpjpeg::{Kind, Limits, Picture};
use tokio::fs;

use super::{Input, Risk, Run, Running};
use crate::byte_stream::{Content, FPS_RANGE, Pace, play};
use crate::error::{InputError, PictureError};
use crate::params::{Param, Params};
use crate::recording;
use crate::session::Session;
use crate::sink::Sink;
use crate::spec::{SpecError, Written};

/// This input.
pub const INPUT: Input = Input {
    schemes: &["file"],
    example: "file:clip.mjpeg?loop",
    help: "Plays a file: MP4 or MPEG-TS with H.264, and its sound, by its own times; JPEGs one after the \
           other, multipart MJPEG or H.264 (Annex B) at a rate; or a folder of .jpg files in the order of \
           their names.",
    params: PARAMS,
    wish: false,
    risk: Risk::File,
    parse,
};

const PARAMS: &[Param] = &[
    Param {
        name: "fps",
        value: "30",
        help: "Frames a second of what has no times of its own, 30 if not given; 0.1 to 1000.",
    },
    Param {
        name: "loop",
        value: "",
        help: "Begin again at the end.",
    },
];

const DEFAULT_FPS: f64 = 30.0;
/// Most pictures of one folder.
const MAX_FILES: usize = 1_000_000;

#[derive(Debug)]
struct Recording {
    path: PathBuf,
    fps: f64,
    again: bool,
}

fn parse(written: &Written<'_>) -> Result<Arc<dyn Run>, SpecError> {
    let (path, query) = written.rest.rsplit_once('?').unwrap_or((written.rest, ""));
    // As a URL, a path on this machine has an empty host.
    let path = if path.starts_with("///") {
        &path[2..]
    } else {
        path
    };
    if path.is_empty() {
        return Err(SpecError::Malformed(format!(
            "file: needs a path, such as {}",
            INPUT.example
        )));
    }
    let params = Params::read(query, PARAMS)?;
    Ok(Arc::new(Recording {
        path: path.into(),
        fps: params.number("fps", FPS_RANGE)?.unwrap_or(DEFAULT_FPS),
        again: params.switch("loop")?,
    }))
}

impl Run for Recording {
    fn run<'a>(&'a self, session: &'a mut Session) -> Running<'a> {
        Box::pin(async move {
            let sink = &mut session.sink;
            let mut pace = Pace::new(self.fps);
            loop {
                let metadata = fs::metadata(&self.path).await;
                let is_folder = metadata
                    .map_err(|error| unreadable(&self.path, error))?
                    .is_dir();
                let pictures = if is_folder {
                    self.play_folder(&mut pace, sink).await?
                } else {
                    self.play_file(&mut pace, sink).await?
                };
                if pictures == 0 {
                    return Err(InputError::FileEmpty {
                        path: self.path.display().to_string(),
                    });
                }
                if !self.again {
                    return Err(sink.ended(InputError::FileEnded));
                }
            }
        })
    }
}

impl Recording {
    async fn play_file(&self, pace: &mut Pace, sink: &mut Sink) -> Result<u64, InputError> {
        let file = fs::File::open(&self.path).await;
        let mut file = file.map_err(|error| unreadable(&self.path, error))?;
        let is_mp4 = recording::is_mp4(&mut file).await;
        if is_mp4.map_err(|error| unreadable(&self.path, error))? {
            return recording::play(&mut file, self.again, sink).await;
        }
        play(file, Content::of(None)?, pace, sink).await
    }

    /// Plays the pictures that are in the folder now.
    async fn play_folder(&self, pace: &mut Pace, sink: &mut Sink) -> Result<u64, InputError> {
        let names = self
            .pictures()
            .await
            .map_err(|error| unreadable(&self.path, error))?;
        let mut shown = 0;
        for name in &names {
            let data = match read(name).await {
                Ok(data) => data,
                // It may have been removed since.
                Err(InputError::File { .. }) => continue,
                Err(error) => return Err(error),
            };
            pace.tick().await;
            let now = sink.now();
            let picture = Picture {
                data: data.into(),
                captured: None,
                kind: Kind::Jpeg,
            };
            sink.picture(picture, now).await?;
            shown += 1;
        }
        Ok(shown)
    }

    /// The JPEG files in the folder, by name.
    async fn pictures(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut entries = fs::read_dir(&self.path).await?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            let path = entry.path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            let is_jpeg = extension
                .is_some_and(|e| e.eq_ignore_ascii_case("jpg") || e.eq_ignore_ascii_case("jpeg"));
            if is_jpeg && found.len() < MAX_FILES {
                found.push(path);
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// A file's bytes, unless there are more than any picture has.
async fn read(path: &Path) -> Result<Vec<u8>, InputError> {
    let failed = |error| unreadable(path, error);
    let len = fs::metadata(path).await.map_err(failed)?.len();
    let (len, limit) = (
        usize::try_from(len).unwrap_or(usize::MAX),
        Limits::MAX_PART_BYTES,
    );
    if len > limit {
        let last = PictureError::TooLarge { len, limit };
        return Err(InputError::BadPictures { count: 1, last });
    }
    fs::read(path).await.map_err(failed)
}

fn unreadable(path: &Path, error: std::io::Error) -> InputError {
    InputError::File {
        path: path.display().to_string(),
        error,
    }
}
