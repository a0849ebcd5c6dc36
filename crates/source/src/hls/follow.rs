//! Following a playlist: what is new in it is fetched, and it is asked for again in time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use eyeline_proto::m3u8::{MAX_PLAYLIST_BYTES, Media, Piece, Playlist, Segment};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Batch;
use super::cursor::{Cursor, Next, plays_parts};
use super::segment::Opener;
use crate::error::InputError;
use crate::inputs::http::Getter;

/// Most bytes of a segment: ten seconds at 50 Mbit/s.
const MAX_SEGMENT_BYTES: usize = 64 * 1024 * 1024;
/// Segments in a row that may be missing, or empty.
const MAX_MISSING: u32 = 10;
/// The least time between two requests for a playlist.
const MIN_RELOAD: Duration = Duration::from_millis(100);
/// How many times in a row a playlist may be out of reach.
const MAX_FAILED_RELOADS: u32 = 3;
/// With this many longest segments more than it begins with behind it, a stream is played faster.
const BEHIND: u32 = 5;

pub(super) struct Follower {
    getter: Getter,
    media: Media,
    cursor: Cursor,
    opener: Opener,
    again: bool,
    /// What the segments are initialised with now, and of which time line they are.
    map: Option<Arc<Piece>>,
    discontinuity: Option<u64>,
    /// Whether what comes next is of a time line of its own.
    anew: bool,
    missing: u32,
}

impl Follower {
    /// `getter` stands at the playlist.
    pub(super) fn new(getter: Getter, media: Media, again: bool) -> Self {
        Self {
            cursor: Cursor::start(&media),
            getter,
            media,
            opener: Opener::default(),
            again,
            map: None,
            discontinuity: None,
            anew: false,
            missing: 0,
        }
    }

    /// Fetches what is listed until nothing more will be.
    pub(super) async fn run(mut self, to: mpsc::Sender<Batch>) -> Result<Infallible, InputError> {
        let mut failed = 0;
        loop {
            let asked = Instant::now();
            self.fetch_all(&to).await?;
            if self.media.ended {
                if !self.again || self.missing > 0 || self.media.segments.is_empty() {
                    return Err(InputError::FileEnded);
                }
                self.cursor = Cursor::start(&self.media);
                self.begin_anew();
                continue;
            }
            match self.reload(asked).await {
                Ok(()) => failed = 0,
                Err(error) => {
                    failed += 1;
                    if failed >= MAX_FAILED_RELOADS {
                        return Err(error);
                    }
                    tracing::debug!(%error, "the playlist cannot be had at the moment");
                    let pause = self.media.target.max(MIN_RELOAD) / 2;
                    sleep_until(Instant::now() + pause).await;
                }
            }
        }
    }

    fn begin_anew(&mut self) {
        self.opener.begin_anew();
        (self.map, self.anew) = (None, true);
    }

    /// Fetches what is listed and new.
    async fn fetch_all(&mut self, to: &mpsc::Sender<Batch>) -> Result<(), InputError> {
        loop {
            // Segments are handled while the playlist is replaced by nobody.
            let media = std::mem::take(&mut self.media);
            let next = self.cursor.peek(&media);
            let passed = match next.fetch() {
                Some((segment, piece)) => {
                    let batch = self.take(segment, piece, &media).await;
                    self.cursor.pass(&next);
                    batch.map(Some)
                }
                None => Ok(None),
            };
            let gone = matches!(next, Next::Gone);
            self.media = media;
            match passed? {
                Some(Some(batch)) => to.send(batch).await.map_err(|_| InputError::Gone)?,
                Some(None) => {}
                None if gone => {
                    tracing::debug!("what came next in the playlist is gone");
                    self.cursor = Cursor::start(&self.media);
                    self.begin_anew();
                }
                None => return Ok(()),
            }
        }
    }

    /// Fetches a segment or part of it; `None` if it is missing.
    async fn take(
        &mut self,
        segment: &Segment,
        piece: Option<&Piece>,
        media: &Media,
    ) -> Result<Option<Batch>, InputError> {
        if let Some(method) = &segment.encryption {
            return Err(InputError::Http(format!(
                "the HLS stream is encrypted ({method}), which is not supported"
            )));
        }
        if self
            .discontinuity
            .replace(segment.discontinuity)
            .is_some_and(|d| d != segment.discontinuity)
        {
            self.begin_anew();
        }
        let fetched = match piece {
            Some(piece) => self.fetch(segment, piece).await?,
            None => None,
        };
        let Some(bytes) = fetched else {
            self.missing += 1;
            if self.missing >= MAX_MISSING {
                return Err(InputError::Http(format!(
                    "{MAX_MISSING} segments in a row of {} are missing",
                    self.getter.url()
                )));
            }
            return Ok(None);
        };
        self.missing = 0;
        let items = self.opener.open(&bytes)?;
        let left = self.cursor.left(media);
        Ok(Some(Batch {
            items,
            time: self.cursor.time(segment).filter(|_| !media.ended),
            anew: std::mem::take(&mut self.anew),
            behind: !media.ended && left > media.target * BEHIND,
        }))
    }

    async fn fetch(
        &mut self,
        segment: &Segment,
        piece: &Piece,
    ) -> Result<Option<bytes::Bytes>, InputError> {
        if self.map != segment.map {
            if let Some(map) = &segment.map {
                let Some(bytes) = self
                    .getter
                    .fetch(&map.uri, map.range, MAX_SEGMENT_BYTES)
                    .await?
                else {
                    return Ok(None);
                };
                self.opener.initialise(&bytes)?;
            }
            self.map.clone_from(&segment.map);
        }
        self.getter
            .fetch(&piece.uri, piece.range, MAX_SEGMENT_BYTES)
            .await
    }

    /// Asks for the playlist anew, when there may be more in it.
    async fn reload(&mut self, asked: Instant) -> Result<(), InputError> {
        let blocking = plays_parts(&self.media);
        let query = blocking.then(|| {
            format!(
                "_HLS_msn={}&_HLS_part={}",
                self.cursor.sequence, self.cursor.part
            )
        });
        let pause = if blocking {
            MIN_RELOAD / 10
        } else {
            self.media.target / 2
        };
        sleep_until(asked + pause.max(if blocking { Duration::ZERO } else { MIN_RELOAD })).await;
        let text = self
            .getter
            .whole(query.as_deref(), MAX_PLAYLIST_BYTES)
            .await?;
        match Playlist::parse(&text)? {
            Playlist::Media(media) => {
                self.media = media;
                Ok(())
            }
            Playlist::Master(_) => Err(InputError::Http(format!(
                "{} has become a playlist of variants",
                self.getter.url()
            ))),
        }
    }
}
