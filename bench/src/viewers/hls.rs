//! One player of low-latency HLS: it asks for the playlist that lists the next part, and then for
//! that part, over one connection.
//!
//! Not here: sound, and what a player does when it was too slow.

use std::rc::Rc;

use anyhow::{Context as _, bail, ensure};
use eyeline_proto::m3u8::{Media, Playlist};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Target;
use super::parser::value_of;
use super::shared::Shared;
use crate::coded::Marks;

/// Longest head of an answer.
const MAX_HEAD: usize = 8 * 1024;

/// Number of a segment, and of a part in it.
type Place = (u64, usize);

/// Plays until something ends it, and says what.
pub(super) async fn play(
    stream: TcpStream,
    target: &Target,
    viewer: usize,
    shared: &Rc<Shared>,
) -> anyhow::Error {
    let mut player = Player {
        stream,
        target: target.clone(),
        body: Vec::new(),
        marks: Marks::default(),
    };
    match player.follow(viewer, shared).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

struct Player {
    stream: TcpStream,
    target: Target,
    body: Vec<u8>,
    marks: Marks,
}

impl Player {
    async fn follow(
        &mut self,
        viewer: usize,
        shared: &Rc<Shared>,
    ) -> anyhow::Result<std::convert::Infallible> {
        let mut next = None;
        loop {
            let query = next.map_or_else(String::new, |(segment, part): Place| {
                format!("?_HLS_msn={segment}&_HLS_part={part}")
            });
            self.get(&format!("video.m3u8{query}"), shared).await?;
            let Playlist::Media(media) = Playlist::parse(&self.body)? else {
                bail!("the server lists playlists, and not parts");
            };
            // Who has just come takes what is made from now on.
            for uri in parts_from(&media, next.unwrap_or((u64::MAX, 0))) {
                self.get(uri, shared).await?;
                let arrived = shared.now();
                let found = |time| shared.add_frame(viewer, time, arrived);
                self.marks.feed(&self.body, found);
            }
            next = Some(end(&media).context("a playlist without segments")?);
        }
    }

    /// Asks for a file and reads it into `body`.
    async fn get(&mut self, file: &str, shared: &Rc<Shared>) -> anyhow::Result<()> {
        let Target { addr, path, .. } = &self.target;
        let request = format!("GET /{path}/{file} HTTP/1.1\r\nHost: {addr}\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        self.body.clear();
        let head = loop {
            ensure!(
                self.stream.read_buf(&mut self.body).await? > 0,
                "the server hung up"
            );
            let end = self.body.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            ensure!(
                self.body.len() <= MAX_HEAD,
                "an answer without an end of its head"
            );
        };
        let text = String::from_utf8_lossy(&self.body[..head]).into_owned();
        ensure!(
            text.starts_with("HTTP/1.1 200"),
            "{file} is answered with {text}"
        );
        let length = text
            .lines()
            .find_map(|line| value_of(line, "content-length"));
        let length: usize = length.context("an answer of unknown length")?.parse()?;
        self.body.drain(..head);
        let come = self.body.len();
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body[come..]).await?;
        shared.add_bytes(head + length);
        Ok(())
    }
}

/// The parts from this place on.
fn parts_from(media: &Media, from: Place) -> impl Iterator<Item = &str> {
    media.segments.iter().flat_map(move |segment| {
        let parts = segment.parts.iter().enumerate();
        parts.filter_map(move |(index, part)| {
            ((segment.sequence, index) >= from).then_some(&part.piece.uri[..])
        })
    })
}

/// The place behind the last part.
fn end(media: &Media) -> Option<Place> {
    let last = media.segments.last()?;
    Some(match last.whole {
        Some(_) => (last.sequence + 1, 0),
        None => (last.sequence, last.parts.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_that_are_new_are_those_behind_the_last() {
        let text = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n\
            #EXT-X-PART:DURATION=0.2,URI=\"7.0\"\n#EXT-X-PART:DURATION=0.2,URI=\"7.1\"\n\
            #EXTINF:0.4\n7\n#EXT-X-PART:DURATION=0.2,URI=\"8.0\"\n";
        let Ok(Playlist::Media(media)) = Playlist::parse(text.as_bytes()) else {
            panic!("it is a playlist of segments");
        };
        let new = |from| parts_from(&media, from).collect::<Vec<_>>();
        assert_eq!(new((7, 1)), ["7.1", "8.0"]);
        assert_eq!(new((8, 0)), ["8.0"]);
        assert_eq!(new((8, 1)), [""; 0]);
        assert_eq!(end(&media), Some((8, 1)));
    }
}
