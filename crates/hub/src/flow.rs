//! What may flow through a feed.

use std::time::Duration;

use bytes::Bytes;
use eyeline_clock::MonoTime;
use eyeline_media::{AudioPacket, Packet, Timestamp};

/// A value that a feed can carry.
pub trait Flow: Send + Sync + 'static {
    /// Bytes held by the value, for the ring's limit and the viewers' accounts.
    fn len_bytes(&self) -> usize;

    /// Whether decoding can start with this value.
    fn is_key(&self) -> bool;

    /// When the picture in it was captured.
    fn captured(&self) -> Timestamp;

    /// Whether there is a picture in it, and not something that goes beside pictures.
    fn is_picture(&self) -> bool {
        true
    }
}

impl Flow for Packet {
    fn len_bytes(&self) -> usize {
        self.data.len()
    }

    fn is_key(&self) -> bool {
        self.key
    }

    fn captured(&self) -> Timestamp {
        self.captured
    }
}

impl Flow for AudioPacket {
    fn len_bytes(&self) -> usize {
        self.data.len()
    }

    fn is_key(&self) -> bool {
        true
    }

    fn captured(&self) -> Timestamp {
        self.captured
    }

    fn is_picture(&self) -> bool {
        false
    }
}

/// A piece of a container, made once for all who look at it: a multipart part, a
/// fragment. Every viewer hands the same memory to the kernel.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// When the picture in it was captured.
    pub captured: Timestamp,
    /// When what is in it is decoded, on the container's time line.
    pub decoded: Duration,
    /// When it is shown or heard, on the same.
    pub shown: Duration,
    /// Whether decoding can start here.
    pub key: bool,
    /// Whether there is a picture in it, or sound alone.
    pub picture: bool,
    /// The bytes as they go out.
    pub data: Bytes,
}

impl Flow for Chunk {
    fn len_bytes(&self) -> usize {
        self.data.len()
    }

    fn is_key(&self) -> bool {
        self.key
    }

    fn captured(&self) -> Timestamp {
        self.captured
    }

    fn is_picture(&self) -> bool {
        self.picture
    }
}

/// A value with its place in the feed.
#[derive(Debug)]
pub struct Item<T> {
    /// Running number within the feed, from 0, without gaps.
    pub seq: u64,
    /// When it was published, by the feed's clock.
    pub published: MonoTime,
    /// The value.
    pub value: T,
}
