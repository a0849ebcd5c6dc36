//! HTTP Live Streaming, pulled: playlists are followed, segments fetched ahead of time, and their
//! pictures and sound passed on at their pace.
//!
//! Not here: reading playlists and containers (`proto`), and how a source is written.

mod cursor;
mod follow;
mod segment;

use std::convert::Infallible;

use eyeline_media::{MediaTime, Timestamp};
use eyeline_proto::m3u8::{MAX_PLAYLIST_BYTES, Master, Media, Playlist};
use eyeline_proto::mp4::Item;
use tokio::sync::mpsc;

use crate::container::{Pace, give};
use crate::error::InputError;
use crate::http_client::Target;
use crate::inputs::http::Getter;
use crate::sink::Sink;
use crate::tracks::Tracks;
use follow::Follower;

/// Pieces that are fetched before they are due.
const FETCHED_AHEAD: usize = 1;
/// By how much faster than its time a stream is played that is far behind, in parts of a thousand.
const HURRY: u32 = 50;

/// What types of content playlists have.
const TYPES: [&str; 4] = [
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "audio/mpegurl",
    "audio/x-mpegurl",
];

/// Whether an answer of this type, to a request for this, is a playlist.
pub(crate) fn is_playlist(essence: &str, target: &Target) -> bool {
    let named = || target.url().path().ends_with(".m3u8");
    TYPES.contains(&essence) || (named() && !essence.starts_with("multipart/"))
}

/// Pictures and sounds of a segment or part, in the order in which they are decoded.
#[derive(Debug)]
struct Batch {
    items: Vec<Item>,
    /// When its first picture was captured, as the playlist says.
    time: Option<Timestamp>,
    /// Whether its times have nothing to do with those before.
    anew: bool,
    /// Whether much more is listed behind it than need be.
    behind: bool,
}

/// Follows a stream whose playlist this is until it ends.
///
/// # Errors
/// Why it ended.
pub(crate) async fn pull(
    mut getter: Getter,
    text: &[u8],
    again: bool,
    sink: &mut Sink,
) -> Result<Infallible, InputError> {
    let media = match Playlist::parse(text)? {
        Playlist::Media(media) => media,
        Playlist::Master(master) => variant(&mut getter, &master).await?,
    };
    let (batches, arriving) = mpsc::channel(FETCHED_AHEAD);
    let follower = Follower::new(getter, media, again);
    // Both end when one of them does, but what was fetched is played to its end.
    let play = play(arriving, sink);
    let follow = follower.run(batches);
    let (followed, played) = futures_util::join!(follow, play);
    played?;
    let ended = match followed {
        Ok(never) => match never {},
        Err(error) => error,
    };
    Err(match ended {
        InputError::FileEnded => sink.ended(ended),
        other => other,
    })
}

/// The playlist of the best variant.
async fn variant(getter: &mut Getter, master: &Master) -> Result<Media, InputError> {
    let variant = master.best()?;
    if variant.audio_apart {
        tracing::warn!("the sound of the HLS stream is in a playlist of its own, and left out");
    }
    getter.go(&variant.uri)?;
    let text = getter.whole(None, MAX_PLAYLIST_BYTES).await?;
    match Playlist::parse(&text)? {
        Playlist::Media(media) => Ok(media),
        Playlist::Master(_) => Err(InputError::Http(format!(
            "{} is a playlist of variants, where one of segments was named",
            getter.url()
        ))),
    }
}

/// Passes on what comes, at its pace.
async fn play(mut arriving: mpsc::Receiver<Batch>, sink: &mut Sink) -> Result<(), InputError> {
    let mut tracks = Tracks::new();
    let mut pace = Pace::default();
    while let Some(batch) = arriving.recv().await {
        if batch.anew {
            (tracks, pace) = (Tracks::new(), Pace::default());
        }
        if let (Some(time), Some(first)) = (batch.time, first_shown(&batch.items)) {
            tracks.tell(first, time);
        }
        let sound = batch.items.iter().find_map(|item| match item {
            Item::Audio(audio) => Some(&audio.format),
            _ => None,
        });
        if let Some(format) = sound {
            tracks.announce(format, sink).await?;
        }
        let hurry = if batch.behind { HURRY } else { 0 };
        for item in batch.items {
            if let Some(at) = item.decode() {
                pace.due(at, hurry).await;
            }
            give(item, &mut tracks, sink).await?;
        }
    }
    Ok(())
}

/// When the picture that is shown first is shown.
fn first_shown(items: &[Item]) -> Option<MediaTime> {
    let shown = items.iter().filter_map(|item| match item {
        Item::Video(video) => Some(video.present),
        _ => None,
    });
    shown.min()
}
